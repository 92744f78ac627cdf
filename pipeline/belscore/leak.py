"""Leak of one party's voice into the other party's channel, as a noise floor that moves with it.

Judged by level and simultaneity alone, never by text: a repeated appointment sounds like an echo but comes later.
"""

from __future__ import annotations

import numpy as np

from belscore.noise import NoiseFloor
from belscore.spectrum import HOP_S, Frames

# Hybrid and acoustic echo on the phone network arrive within 10 to 60 ms (SPEECH.md 5, bleed).
_LAG_S = 0.08
# The other party must stand this far over its own noise before its leak can be measured.
_STRONG_DB = 20.0
_MIN_FRAMES = 100
# Measured on its loudest third: there the leak rises over noise, and over the threshold of a line that gates.
_LOUDEST = 70
# While one party talks the other mostly listens: half of those frames hold nothing but leak and noise.
_PERCENTILE = 50
# Leak fluctuates as the two spectra beat; what is 3 dB over its latest peak is the other party no more. Measured:
# speech frames do not suffer from 1.5 to 4 times, overlaps get too short with 4.
_MARGIN = 2.0


def leak_floor(bands: Frames, noise: NoiseFloor, other: Frames, other_noise: NoiseFloor) -> Frames:
    """Power (n, BANDS) up to which sound in a channel is the other channel leaking in; zeros where none leaks.

    bands, other : band powers of the channel and of the other one
    """
    zeros = np.zeros_like(bands)
    level = other.sum(axis=1)
    strong = level > other_noise.power.sum(axis=1) * 10 ** (_STRONG_DB / 10)
    if np.count_nonzero(strong) < _MIN_FRAMES:
        return zeros
    strong &= level >= np.percentile(level[strong], _LOUDEST)
    source = _latest_peak(other, round(_LAG_S / HOP_S))
    ratio = (bands[strong] - noise.power[strong]) / np.maximum(source[strong], 1e-20)
    gain = np.clip(np.percentile(ratio, _PERCENTILE, axis=0), 0.0, 1.0).astype(np.float32)
    return np.asarray(_MARGIN * gain * source, np.float32)


def _latest_peak(bands: Frames, frames: int) -> Frames:
    """The highest power of each band in the last `frames` frames and the present one."""
    peak = bands.copy()
    for lag in range(1, frames + 1):
        peak[lag:] = np.maximum(peak[lag:], bands[:-lag])
    return peak
