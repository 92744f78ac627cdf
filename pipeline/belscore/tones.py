"""Tones on the line: sound that is nobody's speech. Those of the network are told by pitch and rhythm (ITU-T E.180)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from belscore.call import Span
from belscore.lines import HOP_S, Lines
from belscore.noise import Mask

# Dutch call progress tones are 425 Hz, some exchanges 450 Hz (ITU-T E.180 suppl. 2; SPEECH.md 3).
PROGRESS_HZ = (400.0, 470.0)
# Ring: 1 s on, 4 s off.
RING_BURST_S = (0.8, 1.2)
RING_PERIOD_S = (4.6, 5.4)
RING_QUIET_S = 2.5
# Busy: 0.5 s on, 0.5 s off. Congestion: 0.25 s on, 0.25 s off. Three in a row are needed to tell a rhythm.
BUSY_S = (0.4, 0.6)
CONGESTION_S = (0.19, 0.31)
_MIN_BURSTS = 3
# Special information tone: three tones of 0.33 s that follow at once ("this number is not in use").
INFORMATION_HZ = (950.0, 1400.0, 1800.0)
INFORMATION_S = (0.25, 0.42)
_INFORMATION_DRIFT_HZ = 50.0
_INFORMATION_GAP_S = 0.1
# Of a tone 96 % and more of the power lies in its line, of a vowel at most 56 % (measured on A-law, SPEECH.md 3).
_TONE_SHARE = 0.85
# Humming ("hm") is one strong line too, at the pitch of the voice; network tones lie higher and do not move.
_LOWEST_TONE_HZ = 350.0
_TONE_DRIFT_HZ = 35.0
# What is shorter is masked as a tone only where its rhythm tells that it is one.
_MIN_TONE_S = 0.3
_MIN_BURST_S = 0.15
_TONE_GAP_S = 0.06
# Weaker is no tone but what is left of one.
MIN_POWER = 10 ** (-60 / 10)


def bursts(lines: Lines) -> tuple[Span, ...]:
    """Spans of one steady tone from 350 Hz and 0.15 s; `long_tones` says which are tones by themselves."""
    tonal = (lines.share >= _TONE_SHARE) & (lines.power >= MIN_POWER) & (lines.peak_hz >= _LOWEST_TONE_HZ)
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
    return tuple(frame_span(first, last) for first, last in found if (last - first) * HOP_S >= _MIN_BURST_S)


def long_tones(tones: Sequence[Span]) -> tuple[Span, ...]:
    """Tones that are none of anybody's speech, whatever their rhythm."""
    return tuple(tone for tone in tones if tone.duration_s >= _MIN_TONE_S)


def ring_spans(lines: Lines, tones: tuple[Span, ...]) -> tuple[Span, ...]:
    """Ring tones among the tones of a channel: bursts of 1 s every 5 s.

    A single burst counts when it is the first sound tone of the recording and stands by itself; one that the recording
    starts in the middle of does not.
    """
    rung = [tone for tone in tones if _lasts(tone, RING_BURST_S) and _is_progress(tone, lines)]
    lonely = [
        burst
        for burst in rung
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


def busy_spans(lines: Lines, tones: Sequence[Span]) -> tuple[Span, ...]:
    """The bursts of busy tones: 0.5 s every second, three or more."""
    return _rhythm(tones, BUSY_S, lambda tone: _is_progress(tone, lines))


def congestion_spans(lines: Lines, tones: Sequence[Span]) -> tuple[Span, ...]:
    """The bursts of congestion tones: 0.25 s every half second, three or more."""
    return _rhythm(tones, CONGESTION_S, lambda tone: _is_progress(tone, lines))


def information_spans(lines: Lines, tones: Sequence[Span]) -> tuple[Span, ...]:
    """Special information tones, each with its three parts as one span."""
    found = []
    for low, middle, high in zip(tones, tones[1:], tones[2:], strict=False):
        parts = (low, middle, high)
        right = all(
            _lasts(tone, INFORMATION_S) and abs(_pitch_hz(tone, lines) - hz) <= _INFORMATION_DRIFT_HZ
            for tone, hz in zip(parts, INFORMATION_HZ, strict=True)
        )
        if right and all(later.start_s - tone.end_s <= _INFORMATION_GAP_S for tone, later in pairwise(parts)):
            found.append(Span(low.start_s, high.end_s))
    return tuple(found)


def _rhythm(tones: Sequence[Span], bounds_s: tuple[float, float], fits: Callable[[Span], bool]) -> tuple[Span, ...]:
    """Runs of tones in which each lasts as long as the gap to the next, within the bounds."""
    runs: list[list[Span]] = []
    for tone in tones:
        if not (_lasts(tone, bounds_s) and fits(tone)):
            continue
        if runs and bounds_s[0] <= tone.start_s - runs[-1][-1].end_s <= bounds_s[1]:
            runs[-1].append(tone)
        else:
            runs.append([tone])
    return tuple(tone for run in runs if len(run) >= _MIN_BURSTS for tone in run)


def _lasts(tone: Span, bounds_s: tuple[float, float]) -> bool:
    return bounds_s[0] <= tone.duration_s <= bounds_s[1]


def _is_progress(tone: Span, lines: Lines) -> bool:
    return PROGRESS_HZ[0] <= _pitch_hz(tone, lines) <= PROGRESS_HZ[1]


def _pitch_hz(tone: Span, lines: Lines) -> float:
    middle = round((tone.start_s + tone.end_s) / 2 / HOP_S)
    return float(lines.peak_hz[min(middle, len(lines.peak_hz) - 1)])


def edges(mask: Mask) -> list[tuple[int, int]]:
    """First and one past the last index of each run of True."""
    steps = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in zip(steps[::2], steps[1::2], strict=True)]


def frame_span(first: int, last: int) -> Span:
    """The span of frames of `lines.HOP_S` from `first` up to `last`."""
    return Span(round(first * HOP_S, 2), round(last * HOP_S, 2))
