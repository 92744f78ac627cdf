"""Music on the line: sound whose spectral lines stay put and that leaves no gaps, as speech does between syllables."""

from __future__ import annotations

import numpy as np

from belscore.call import Span, merge_spans
from belscore.lines import HOP_S, Lines
from belscore.noise import Mask, moving_mean
from belscore.spectrum import Frames
from belscore.tones import MIN_POWER, edges, frame_span

# Over 4 s, steadiness less 0.8 x the share of dips: recorded and synthetic Dutch speech, two voices at once too, stays
# under 0.23, noise of any slope under 0.20; of recorded hold music 93 % of the time lies over this (bench/tones.py).
_WINDOW_S = 4.0
_DIPS_WEIGHT = 0.8
_MUSIC = 0.29
# Where music plays already it goes on to the speech's highest.
_STILL_MUSIC = 0.23
_MIN_MUSIC_S = 5.0
# A moment this far under the mean of the second around it is a dip: the gap between two syllables.
_DIP_DB = 8.0
_DIP_AROUND_S = 1.0
# Music sounds nearly all the time; between two words of slow speech the window would see little but its noise.
_MIN_SOUNDING = 0.6
# Sound stands this far over the quietest tenth of the recording, which hum that never stops is part of.
_FLOOR_PERCENTILE = 10
_SOUNDING_DB = 10.0
# Stretches this close are one piece of music; whoever comes back to the line says more.
_JOIN_S = 2.0
# An edge, found by the centre of a window, moves over sounding frames that stay steady for half a second.
_EDGE_STEADINESS = 0.45
_EDGE_FRAMES = 25
_EDGE_GAP_FRAMES = 5


def music_spans(lines: Lines) -> tuple[Span, ...]:
    """Spans of music of 5 s or more.

    Song is not told from speech; music under speech goes by whichever is louder. A recording of nothing but music
    has no floor to tell it from hum.
    """
    if not len(lines.power):
        return ()
    floor = max(float(np.percentile(lines.power, _FLOOR_PERCENTILE)) * 10 ** (_SOUNDING_DB / 10), MIN_POWER)
    sounding = lines.power > floor
    likeness = _likeness(lines, sounding)
    playing = _grown(likeness >= _STILL_MUSIC, likeness >= _MUSIC)
    half = round(_WINDOW_S / HOP_S) // 2
    spans = []
    for first, last in edges(playing):
        inside = np.flatnonzero(sounding[max(0, first - half) : last + half]) + max(0, first - half)
        spans.append(frame_span(*_reach(lines.steadiness, inside, first, last)))
    return tuple(span for span in merge_spans(spans, gap_s=_JOIN_S) if span.duration_s >= _MIN_MUSIC_S)


def _likeness(lines: Lines, sounding: Mask) -> Frames:
    """(n,) how much the 4 s around each frame are like music; -1 where too little sounds."""
    window = round(_WINDOW_S / HOP_S) | 1
    share = moving_mean(sounding.astype(np.float32), window)
    steadiness = moving_mean(np.where(sounding, lines.steadiness, np.float32(0)), window) / np.maximum(share, 1e-6)
    around = moving_mean(lines.power, round(_DIP_AROUND_S / HOP_S) | 1)
    dips = moving_mean((lines.power < around * 10 ** (-_DIP_DB / 10)).astype(np.float32), window)
    return np.where(share >= _MIN_SOUNDING, steadiness - np.float32(_DIPS_WEIGHT) * dips, np.float32(-1))


def _grown(goes_on: Mask, starts: Mask) -> Mask:
    """Runs of frames that go on, and start somewhere."""
    result = np.zeros(len(goes_on), np.bool_)
    for first, last in edges(goes_on):
        result[first:last] = starts[first:last].any()
    return result


def _reach(
    steadiness: Frames, inside: np.ndarray[tuple[int, ...], np.dtype[np.intp]], first: int, last: int
) -> tuple[int, int]:
    """Grow a stretch, found by the centre of its window, over sounding frames that stay steady."""
    before, after = inside[inside < first][::-1], inside[inside >= last]
    begin, end = first, last
    for frame in before:
        if begin - frame > _EDGE_GAP_FRAMES or steadiness[frame : frame + _EDGE_FRAMES].mean() < _EDGE_STEADINESS:
            break
        begin = int(frame)
    for frame in after:
        if (
            frame - end > _EDGE_GAP_FRAMES
            or steadiness[max(0, frame - _EDGE_FRAMES) : frame + 1].mean() < _EDGE_STEADINESS
        ):
            break
        end = int(frame) + 1
    return begin, end
