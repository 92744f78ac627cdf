"""Check kind `rate`: the agent's articulation rate lies in a calm band."""

from __future__ import annotations

from belscore.call import Span
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.rule_schema import Rate
from belscore.scorecard import Measured
from belscore.tempo import speech_time_s
from belscore.view import CallView


def rate(params: Rate, view: CallView) -> Outcome:
    """Too fast or too slow fails; after aggression slow is no fault.

    Unsure is an estimate near a bound, and one that the syllable nuclei in the sound contradict.
    """
    if not view.of("agent"):
        return not_applicable("no_agent")
    tempo = view.tempo("agent")
    limit = f"{_text(params.slowest_sps)} tot {_text(params.fastest_sps)}"
    measured = None if tempo.rate_sps is None else Measured(round(tempo.rate_sps, 2), "lettergrepen/s", limit)
    if view.call.times != "sound":
        return unsure("times_unmeasured", measured=measured)
    if speech_time_s(view.call, "agent") < params.min_speech_s or tempo.rate_sps is None:
        return unsure("too_little_speech", measured=measured)
    if view.recognised and tempo.speech_s < params.min_speech_s / 2:
        return unsure("words_uncertain", measured=measured)
    if tempo.disputed:
        return unsure("rate_disagrees", measured=measured)
    values = {"rate": _text(tempo.rate_sps), "slowest": _text(params.slowest_sps), "fastest": _text(params.fastest_sps)}
    low, high = params.slowest_sps, params.fastest_sps
    if low <= tempo.rate_sps <= high:
        return passed(values=values, measured=measured)
    slow = tempo.rate_sps < low
    if slow and _slow_only_after_aggression(params, view):
        return passed(values=values, measured=measured)
    margin = params.margin if view.recognised else 0.0
    if low * (1 - margin) <= tempo.rate_sps <= high * (1 + margin):
        return unsure("rate_near_bound", measured=measured)
    return failed(variant="slow" if slow else "", values=values, measured=measured)


def _slow_only_after_aggression(params: Rate, view: CallView) -> bool:
    cues = view.situations.aggression
    if not cues:
        return False
    before = Span(0.0, cues[0].start_s)
    tempo = view.tempo("agent", before)
    return tempo.rate_sps is None or tempo.speech_s < params.min_speech_s or tempo.rate_sps >= params.slowest_sps


def _text(value: float) -> str:
    """One decimal, with a comma: more would pretend (SPEECH.md 1.1)."""
    return f"{value:.1f}".replace(".", ",")
