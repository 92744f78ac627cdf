"""Words among sounds that are nobody's: a few that came through the gates where all around them did not.

Over music, wind or breath the recogniser writes text that fails the gates, dozens of times, and now and then one that
passes. One piece alone does not tell the two apart; its company does. `make bench-no-speech` counts what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.call import Span

# Of the sound around a stray more than this share was no speech: over music, wind and breath 0.86 and more. Beside what
# people say in the talks and samples it is 0.08 at most, with noise at -40 dBov 0.62, beside hold music
# (`make bench-no-speech ARGS="--speech samples/calls --noise -40"`).
_COMPANY_MAX = 0.8
_AROUND_S = 30.0
# A stray is short or unlikely; whoever says a sentence among music is believed.
_STRAY_S = 1.0
_STRAY_LOG_PROBABILITY = -0.7


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a chunk.

    span            : from its first to its last piece, in seconds of the recording
    speech_s        : what was taken for speech in it
    log_probability : mean per token of the text
    words           : how many were believed
    worthless       : whether it failed a gate in a way that says that nobody spoke
    """

    span: Span
    speech_s: float
    log_probability: float
    words: int
    worthless: bool


def strays(heard: Sequence[Heard]) -> list[int]:
    """Places of the chunks of one channel whose words are not to be believed for the company they keep."""
    return [
        place
        for place, each in enumerate(heard)
        if each.words
        and (each.speech_s < _STRAY_S or each.log_probability < _STRAY_LOG_PROBABILITY)
        and nobody_share(heard, each.span) > _COMPANY_MAX
    ]


def nobody_share(heard: Sequence[Heard], span: Span) -> float:
    """Share 0..1 of what was taken for speech around a span in which nobody spoke."""
    around = Span(span.start_s - _AROUND_S, span.end_s + _AROUND_S)
    near = [each for each in heard if each.span.overlap_s(around) > 0]
    total_s = sum(each.speech_s for each in near)
    return sum(each.speech_s for each in near if each.worthless) / total_s if total_s else 0.0
