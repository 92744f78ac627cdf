"""Tones and music on the line: sound that is nobody's speech. Ring tones and hold music are reported as such."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from belscore.call import Span, merge_spans
from belscore.lines import HOP_S, Lines
from belscore.noise import Mask, moving_mean
from belscore.spectrum import Frames

# Dutch call progress tones are 425 Hz, some exchanges 450 Hz; ring = 1 s on, 4 s off (ITU; SPEECH.md 3).
RING_HZ = (400.0, 470.0)
RING_BURST_S = (0.8, 1.2)
RING_PERIOD_S = (4.6, 5.4)
RING_QUIET_S = 2.5
# Of a tone 96 % and more of the power lies in its line, of a vowel at most 56 % (measured on A-law, SPEECH.md 3).
_TONE_SHARE = 0.85
# Humming ("hm") is one strong line too, at the pitch of the voice; network tones lie higher and do not move.
_LOWEST_TONE_HZ = 350.0
_TONE_DRIFT_HZ = 35.0
_MIN_TONE_S = 0.3
_TONE_GAP_S = 0.06
# Weaker is no tone but what is left of one.
_MIN_POWER = 10 ** (-60 / 10)
# Steadiness over 4 s: recorded Dutch speech up to 0.68, synthetic music from plucked to bowed 0.72 to 0.99 (measured).
_MUSIC_STEADINESS = 0.72
_MUSIC_WINDOW_S = 4.0
_MIN_MUSIC_S = 5.0
# Music sounds nearly all the time; between two words of slow speech the window would see little but its noise.
_MIN_SOUNDING = 0.6
# Fast music is less steady (down to 0.65) but leaves no gaps; speech at its steadiest does.
_DENSE_STEADINESS = 0.62
_DENSE = 0.97
# Sound stands this far over the quietest tenth of the recording, which hum that never stops is part of.
_FLOOR_PERCENTILE = 10
_SOUNDING_DB = 10.0


def tone_spans(lines: Lines) -> tuple[Span, ...]:
    """Spans of one steady tone, of whatever pitch from 350 Hz."""
    tonal = (lines.share >= _TONE_SHARE) & (lines.power >= _MIN_POWER) & (lines.peak_hz >= _LOWEST_TONE_HZ)
    found: list[tuple[int, int]] = []
    for first, last in edges(tonal):
        steps = np.flatnonzero(np.abs(np.diff(lines.peak_hz[first:last])) > _TONE_DRIFT_HZ) + first + 1
        bounds = [first, *(int(step) for step in steps), last]
        for begin, end in pairwise(bounds):
            near = found and (begin - found[-1][1]) * HOP_S <= _TONE_GAP_S
            if near and abs(lines.peak_hz[begin] - lines.peak_hz[found[-1][0]]) <= _TONE_DRIFT_HZ:
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
    return tuple(_span(first, last) for first, last in found if (last - first) * HOP_S >= _MIN_TONE_S)


def ring_spans(lines: Lines, tones: tuple[Span, ...]) -> tuple[Span, ...]:
    """Ring tones among the tones of a channel: bursts of 1 s every 5 s.

    A single burst counts when it is the first sound tone of the recording and stands by itself; one that the recording
    starts in the middle of does not.
    """
    bursts = [tone for tone in tones if _is_ring(tone, lines)]
    lonely = [
        burst
        for burst in bursts
        if all(
            other is burst or min(abs(other.start_s - burst.end_s), abs(burst.start_s - other.end_s)) >= RING_QUIET_S
            for other in tones
        )
    ]
    return tuple(
        burst
        for burst in lonely
        if (len(lonely) == 1 and burst is tones[0])
        or any(RING_PERIOD_S[0] <= abs(burst.start_s - other.start_s) <= RING_PERIOD_S[1] for other in lonely)
    )


def _is_ring(tone: Span, lines: Lines) -> bool:
    middle = round((tone.start_s + tone.end_s) / 2 / HOP_S)
    return RING_BURST_S[0] <= tone.duration_s <= RING_BURST_S[1] and bool(
        RING_HZ[0] <= lines.peak_hz[min(middle, len(lines.peak_hz) - 1)] <= RING_HZ[1]
    )


def music_spans(lines: Lines) -> tuple[Span, ...]:
    """Spans of music of 5 s or more.

    Song is not told from speech; music under speech goes by whichever is louder. A recording of nothing but music
    has no floor to tell it from hum.
    """
    if not len(lines.power):
        return ()
    floor = max(float(np.percentile(lines.power, _FLOOR_PERCENTILE)) * 10 ** (_SOUNDING_DB / 10), _MIN_POWER)
    sounding = lines.power > floor
    window = round(_MUSIC_WINDOW_S / HOP_S) | 1
    share = moving_mean(sounding.astype(np.float32), window)
    steadiness = moving_mean(np.where(sounding, lines.steadiness, np.float32(0)), window) / np.maximum(share, 1e-6)
    playing = (steadiness >= _MUSIC_STEADINESS) & (share >= _MIN_SOUNDING)
    playing |= (steadiness >= _DENSE_STEADINESS) & (share >= _DENSE)
    half = window // 2
    spans = []
    for first, last in edges(playing):
        inside = np.flatnonzero(sounding[max(0, first - half) : last + half]) + max(0, first - half)
        begin, end = _reach(lines.steadiness, inside, first, last)
        spans.append(_span(begin, end))
    return tuple(span for span in merge_spans(spans, gap_s=1.0) if span.duration_s >= _MIN_MUSIC_S)


def _reach(
    steadiness: Frames, inside: np.ndarray[tuple[int, ...], np.dtype[np.intp]], first: int, last: int
) -> tuple[int, int]:
    """Grow a stretch, found by the centre of its window, over sounding frames that stay steady."""
    before, after = inside[inside < first][::-1], inside[inside >= last]
    begin, end = first, last
    for frame in before:
        if begin - frame > 5 or steadiness[frame : frame + 25].mean() < _MUSIC_STEADINESS:
            break
        begin = int(frame)
    for frame in after:
        if frame - end > 5 or steadiness[max(0, frame - 25) : frame + 1].mean() < _MUSIC_STEADINESS:
            break
        end = int(frame) + 1
    return begin, end


def edges(mask: Mask) -> list[tuple[int, int]]:
    """First and one past the last index of each run of True."""
    steps = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in zip(steps[::2], steps[1::2], strict=True)]


def _span(first: int, last: int) -> Span:
    return Span(round(first * HOP_S, 2), round(last * HOP_S, 2))
