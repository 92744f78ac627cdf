"""The measures on the scorecard, put together from turn-taking and tempo."""

from __future__ import annotations

from belscore.call import Role, Span
from belscore.opening import opening_turns
from belscore.scorecard import Measures
from belscore.view import CallView

# Under this much speech a rate says more of the words than of the speaker.
MIN_RATE_SPEECH_S = 5.0
# SPEECH.md 1.6.
MIN_GREETING_S = 2.0
MIN_GREETING_SYLLABLES = 10


def measure(view: CallView) -> Measures:
    """All measures of a call; those that need separate channels are None on a mixed one."""
    taking = view.taking
    known = taking.overlap_known
    return Measures(
        agent_rate_sps=_rate(view, "agent"),
        caller_rate_sps=_rate(view, "caller"),
        greeting_rate_sps=_greeting_rate(view),
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
    )


def _rate(view: CallView, role: Role) -> float | None:
    tempo = view.tempo(role)
    return round(tempo.rate_sps, 2) if tempo.rate_sps is not None and tempo.speech_s >= MIN_RATE_SPEECH_S else None


def _greeting_rate(view: CallView) -> float | None:
    opening = opening_turns(view)
    if not opening:
        return None
    span = Span(opening[0].turn.start_s, opening[-1].turn.end_s)
    tempo = view.tempo("agent", span)
    enough = tempo.speech_s >= MIN_GREETING_S and tempo.syllables >= MIN_GREETING_SYLLABLES
    return round(tempo.rate_sps, 2) if tempo.rate_sps is not None and enough else None
