"""The measures on the scorecard, put together from turn-taking and tempo."""

from __future__ import annotations

from belscore.call import Role, Span
from belscore.opening import opening_turns
from belscore.scorecard import Measures, TurnRate
from belscore.tempo import Tempo
from belscore.view import CallView

# Under this much speech a rate says more of the words than of the speaker.
MIN_RATE_SPEECH_S = 5.0
# SPEECH.md 1.6.
MIN_GREETING_S = 2.0
MIN_GREETING_SYLLABLES = 10
# Short phrases are said slower (Quené 2008): a turn has a rate of its own from so many syllables on (SPEECH.md 1.1).
MIN_TURN_SYLLABLES = 8
TALKERS: tuple[Role, Role] = ("agent", "caller")


def measure(view: CallView) -> Measures:
    """All measures of a call; those that need separate channels are None on a mixed one."""
    taking = view.taking
    known = taking.overlap_known
    return Measures(
        agent_rate_sps=_rate(view, "agent"),
        caller_rate_sps=_rate(view, "caller"),
        greeting_rate_sps=_greeting_rate(view),
        agent_speaking_rate_sps=_enough(view.articulation("agent").speaking()),
        caller_speaking_rate_sps=_enough(view.articulation("caller").speaking()),
        agent_heard_rate_sps=_heard_rate(view, "agent"),
        caller_heard_rate_sps=_heard_rate(view, "caller"),
        before_outburst_rate_sps=_rate_around_outburst(view, before=True),
        after_outburst_rate_sps=_rate_around_outburst(view, before=False),
        talk_share_agent=taking.talk_share_agent,
        interruptions_agent=len(taking.interruptions_by("agent")) if known else None,
        interruptions_caller=len(taking.interruptions_by("caller")) if known else None,
        overlap_s=taking.overlap_s if known else None,
        silence_s=taking.silence_s,
        longest_silence_s=taking.longest_silence_s,
        longest_monologue_s=taking.longest_monologue_s,
        hold_s=round(sum(hold.span.duration_s for hold in view.situations.holds), 3),
        reply_gap_median_s=taking.reply_gap_median_s,
        backchannels_agent=taking.backchannels_agent if known else None,
        interruptions=taking.interruptions,
        overlaps=tuple((span.start_s, span.end_s) for span in taking.overlaps),
        silences=tuple((span.start_s, span.end_s) for span in taking.silences),
        rates=_rates(view),
    )


def _rate(view: CallView, role: Role) -> float | None:
    return _enough(view.tempo(role))


def _enough(tempo: Tempo) -> float | None:
    return _rounded(tempo.rate_sps) if tempo.speech_s >= MIN_RATE_SPEECH_S else None


def _heard_rate(view: CallView, role: Role) -> float | None:
    tempo = view.tempo(role)
    return _rounded(tempo.heard_sps) if tempo.speech_s >= MIN_RATE_SPEECH_S else None


def _rate_around_outburst(view: CallView, *, before: bool) -> float | None:
    if not view.situations.aggression:
        return None
    at_s = min(cue.utterance.turn.start_s for cue in view.situations.aggression)
    span = Span(0.0, at_s) if before else Span(at_s, view.call.duration_s)
    return _enough(view.tempo("agent", span))


def _rounded(rate_sps: float | None) -> float | None:
    return None if rate_sps is None else round(rate_sps, 2)


def _rates(view: CallView) -> tuple[TurnRate, ...]:
    """The turns of both parties that are long enough for a rate of their own, in order."""
    rates = [
        TurnRate(role, turn.start_s, turn.end_s, round(tempo.rate_sps, 2), _rounded(tempo.heard_sps))
        for role in TALKERS
        for turn, tempo in view.articulation(role).by_turn()
        if tempo.rate_sps is not None and tempo.syllables >= MIN_TURN_SYLLABLES
    ]
    return tuple(sorted(rates, key=lambda rate: rate.start_s))


def _greeting_rate(view: CallView) -> float | None:
    opening = opening_turns(view)
    if not opening:
        return None
    span = Span(opening[0].turn.start_s, opening[-1].turn.end_s)
    tempo = view.tempo("agent", span)
    enough = tempo.speech_s >= MIN_GREETING_S and tempo.syllables >= MIN_GREETING_SYLLABLES
    return _rounded(tempo.rate_sps) if enough else None
