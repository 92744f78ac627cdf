"""Check kind `greeting_rate`: the greeting is said as calmly as the rest."""

from __future__ import annotations

from belscore.call import Span
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.opening import opening_turns
from belscore.rule_service import GreetingRate
from belscore.scorecard import Measured
from belscore.tempo import Tempo
from belscore.view import CallView, turn_evidence


def greeting_rate(params: GreetingRate, view: CallView) -> Outcome:
    """Hurried against the agent's own rate, or too fast in itself.

    Unsure is too little of either, and a rate that the syllable nuclei in the sound contradict.
    """
    opening = opening_turns(view)
    if not opening:
        return not_applicable("no_agent")
    if view.call.times != "sound":
        return unsure("times_unmeasured")
    span = Span(opening[0].turn.start_s, opening[-1].turn.end_s)
    said = view.tempo("agent", span)
    rest = view.tempo("agent", Span(span.end_s, view.call.duration_s))
    if said.rate_sps is None or said.speech_s < params.min_greeting_s or said.syllables < params.min_syllables:
        return unsure("greeting_too_short")
    quotes = [turn_evidence(utterance) for utterance in opening]
    own = rest.rate_sps if rest.speech_s >= params.min_rest_s else None
    limit = params.too_fast_sps if own is None else _limit(params, own)
    measured = Measured(round(said.rate_sps, 2), "lettergrepen/s", f"hoogstens {_text(limit)}")
    if said.disputed:
        return unsure("rate_disagrees", *quotes, measured=measured)
    values = {"rate": _text(said.rate_sps), "limit": _text(limit), "own": _text(own) if own is not None else ""}
    margin = params.margin if view.recognised else 0.0
    if said.rate_sps >= limit * (1 + margin) and (margin or said.rate_sps > limit):
        if not _complete(view, said, span):
            return unsure("words_uncertain", *quotes, measured=measured)
        return failed(*quotes, values=values, variant="" if own is not None else "absolute", measured=measured)
    if margin and said.rate_sps > limit * (1 - margin) and said.rate_sps > params.hurried_sps:
        return unsure("rate_near_bound", *quotes, measured=measured)
    if own is None:
        return unsure("too_little_speech", measured=measured)
    return passed(*quotes, values=values, measured=measured)


def _limit(params: GreetingRate, own_sps: float) -> float:
    return min(params.too_fast_sps, max(params.hurried_sps, params.times_own * own_sps))


def _complete(view: CallView, said: Tempo, span: Span) -> bool:
    """Most of the greeting's speaking time was counted."""
    speaking_s = sum(each.overlap_s(span) for each in view.call.speech_of("agent"))
    return not view.recognised or speaking_s == 0 or said.speech_s >= 0.6 * speaking_s


def _text(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
