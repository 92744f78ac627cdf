"""What a channel carries that is nobody's speech: tones of the network, key presses and music."""

from __future__ import annotations

from dataclasses import dataclass

from belscore.call import Span, merge_spans
from belscore.dtmf import press_spans
from belscore.lines import HOP_S, Lines
from belscore.music import music_spans
from belscore.tones import (
    MIN_POWER,
    bursts,
    busy_spans,
    congestion_spans,
    information_spans,
    long_tones,
    ring_spans,
)


@dataclass(frozen=True, slots=True)
class Signals:
    """Spans of one channel.

    rings, busy, congestion : single bursts, to be counted
    information             : special information tones
    presses                 : key presses
    other                   : tones of 0.3 s and more that are none of these
    """

    rings: tuple[Span, ...]
    busy: tuple[Span, ...]
    congestion: tuple[Span, ...]
    information: tuple[Span, ...]
    presses: tuple[Span, ...]
    other: tuple[Span, ...]
    music: tuple[Span, ...]

    @property
    def tones(self) -> tuple[Span, ...]:
        """All but the music, in order."""
        return merge_spans([*self.rings, *self.busy, *self.congestion, *self.information, *self.presses, *self.other])


def find_signals(lines: Lines) -> Signals:
    """What the spectral lines of a channel show."""
    tones = bursts(lines)
    long = long_tones(tones)
    rings = ring_spans(lines, long)
    busy = busy_spans(lines, tones)
    congestion = congestion_spans(lines, tones)
    information = information_spans(lines, tones)
    named = (*rings, *busy, *congestion, *information)
    return Signals(
        rings=rings,
        busy=busy,
        congestion=congestion,
        information=information,
        presses=press_spans(lines.pressed, lines.power >= MIN_POWER, HOP_S),
        other=tuple(tone for tone in long if not any(tone.overlap_s(span) > 0 for span in named)),
        music=music_spans(lines),
    )
