"""Syllable nuclei heard in the sound: a count of syllables that knows nothing of words.

After the description of De Jong and Wempe (2009): a vowel is a peak in the intensity with a dip before and after it,
and is voiced. Bounds are fitted to Dutch telephone speech (bench/tempo.py). On the telephone the fundamental is gone,
but the harmonics keep the period of the voice, so autocorrelation still finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from belscore.call import Span
from belscore.timeline import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from belscore.audio import Samples

_Curve = npt.NDArray[np.float64]

_HOP = SAMPLE_RATE_HZ // 100
# Sound around a span, so that the first and the last vowel have a dip beside them.
_EDGE_S = 0.1
# A span is worked on in parts of this length, so that memory stays small for a talk without pauses.
_PART_S = 60.0
# Pitches of speaking voices; a third under and over what adults and children use most.
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 450.0
_VOICE_WINDOW_S = 0.04
_SILENCE = 1e-12


@dataclass(frozen=True, slots=True)
class NucleiOptions:
    """What counts as a syllable nucleus.

    low_hz, high_hz : band in which intensity is measured; vowels carry it, fricatives lie above
    smooth_s        : the intensity is that of a Hann window of this length
    range_db        : a peak this far under the loudest of the channel's speech (99th percentile) is none
    dip_db          : between two nuclei the intensity falls at least this much
    voicing         : 0..1, least autocorrelation of the sound at the peak
    """

    low_hz: float = 300.0
    high_hz: float = 2000.0
    smooth_s: float = 0.05
    range_db: float = 30.0
    dip_db: float = 2.0
    voicing: float = 0.35


DEFAULT_OPTIONS = NucleiOptions()


def syllable_nuclei(
    samples: Samples, spans: Sequence[Span], *, options: NucleiOptions = DEFAULT_OPTIONS
) -> tuple[float, ...]:
    """Times in s of the syllable nuclei in a channel, in order.

    samples : (n,) at SAMPLE_RATE_HZ, -1..1
    spans   : where somebody speaks on the channel; nothing is looked for outside them
    """
    parts = [_intensity(samples, part, options) for span in spans for part in _parts(span)]
    parts = [part for part in parts if len(part.level_db)]
    if not parts:
        return ()
    loud_db = float(np.percentile(np.concatenate([part.level_db for part in parts]), 99))
    found: list[float] = []
    for part in parts:
        for frame in _peaks(part.level_db, loud_db - options.range_db, options.dip_db):
            at = part.start + int(frame) * _HOP
            if part.span.start_s <= at / SAMPLE_RATE_HZ < part.span.end_s and _voicing(samples, at) >= options.voicing:
                found.append(round(at / SAMPLE_RATE_HZ, 2))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Intensity of a piece of speech: frame i of `level_db` is centred on sample `start` + i * _HOP."""

    span: Span
    start: int
    level_db: _Curve


def _parts(span: Span) -> Iterator[Span]:
    start_s = span.start_s
    while start_s < span.end_s:
        yield Span(start_s, min(span.end_s, start_s + _PART_S))
        start_s += _PART_S


def _intensity(samples: Samples, span: Span, options: NucleiOptions) -> _Part:
    from scipy.signal import sosfiltfilt  # type: ignore[import-untyped]

    first = max(0, round((span.start_s - _EDGE_S) * SAMPLE_RATE_HZ))
    sound = samples[first : round((span.end_s + _EDGE_S) * SAMPLE_RATE_HZ)]
    window = np.hanning(round(options.smooth_s * SAMPLE_RATE_HZ))
    if len(sound) <= len(window):
        return _Part(span, first, np.empty(0))
    band = sosfiltfilt(_band(options.low_hz, options.high_hz), sound)
    half = len(window) // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(band * band, (half, len(window) - half - 1)), len(window))
    power = np.einsum("ij,j->i", around[::_HOP], window / window.sum())
    return _Part(span, first, 10 * np.log10(np.maximum(power, _SILENCE)))


@lru_cache(maxsize=4)
def _band(low_hz: float, high_hz: float) -> _Curve:
    from scipy.signal import butter

    sections: _Curve = butter(2, (low_hz, high_hz), "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    return sections


def _peaks(level_db: _Curve, least_db: float, dip_db: float) -> npt.NDArray[np.intp]:
    """Frames of the peaks over `least_db` that a dip parts from the next higher ground on both sides."""
    from scipy.signal import find_peaks

    frames: npt.NDArray[np.intp] = find_peaks(level_db, height=least_db, prominence=dip_db)[0]
    return frames


def _voicing(samples: Samples, at: int) -> float:
    """Highest normalised autocorrelation of the sound around a sample at the lags of a voice's pitch; 0..1."""
    half = round(_VOICE_WINDOW_S * SAMPLE_RATE_HZ / 2)
    longest = round(SAMPLE_RATE_HZ / _LOWEST_HZ)
    shortest = round(SAMPLE_RATE_HZ / _HIGHEST_HZ)
    sound = np.asarray(samples[max(0, at - half - longest // 2) : at + half + longest // 2], np.float64)
    size = len(sound) - longest
    if size < shortest:
        return 0.0
    sound = sound - sound.mean()
    total = np.concatenate([np.zeros(1), np.cumsum(sound * sound)])
    energy = np.sqrt((total[shortest + size :] - total[shortest : longest + 1]) * total[size])
    likeness = np.correlate(sound[shortest:], sound[:size], "valid")
    return float(np.max(likeness / np.maximum(energy, _SILENCE)))
