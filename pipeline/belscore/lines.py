"""Spectral lines of a channel: how much of the sound is one line, where it lies, and how long its lines stay put."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from belscore.audio import SAMPLE_RATE_HZ, Samples
from belscore.dtmf import press_share
from belscore.spectrum import BAND_HIGH_HZ, BAND_LOW_HZ, Frames, squared

# 40 ms windows tell 425 Hz from its neighbours at 50 Hz; 20 ms steps (SPEECH.md 3, detector of ring tones).
HOP_S = 0.02
_WINDOW_S = 0.04
_FFT = 1024
# A line spreads over the main lobe of the Hann window: 2 / 40 ms to either side.
_LOBE_BINS = 3
# Speech changes within a syllable; notes last longer than this.
_LAG_FRAMES = 6
# 640 Hz: a formant is no line.
_AROUND_BINS = 41
# So many frames are worked on at once: what they make fits a processor's cache.
_BLOCK_FRAMES = 500


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Per frame of HOP_S, all (n,).

    peak_hz    : frequency of the strongest line in the telephone band
    share      : 0..1 of the power in the telephone band that lies in that line
    steadiness : -1..1, likeness of the lines in the spectrum to those 0.12 s earlier
    power      : power in the telephone band, full-scale sine = 0.5
    pressed    : 0..1 of the power that lies in the two lines of a key press
    """

    peak_hz: Frames
    share: Frames
    steadiness: Frames
    power: Frames
    pressed: Frames


def spectral_lines(samples: Samples) -> Lines:
    """Lines of a channel (n,) at SAMPLE_RATE_HZ, in blocks."""
    from scipy.fft import rfft  # type: ignore[import-untyped]  # transforms rows side by side, in single precision

    hop, window = round(HOP_S * SAMPLE_RATE_HZ), round(_WINDOW_S * SAMPLE_RATE_HZ)
    count = len(samples) // hop
    bins_hz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE_HZ)
    inside = np.flatnonzero((bins_hz >= BAND_LOW_HZ) & (bins_hz <= BAND_HIGH_HZ))
    band = slice(inside[0], inside[-1] + 1)
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    scale = np.float32(2.0 / (_FFT * float((shape**2).sum())))
    result = Lines(*(np.zeros(count, np.float32) for _ in range(5)))
    before = (window - hop) // 2
    for first in range(0, count, _BLOCK_FRAMES):
        last = min(count, first + _BLOCK_FRAMES)
        lead = min(first, _LAG_FRAMES)
        start, stop = (first - lead) * hop - before, (last - 1) * hop - before + window
        chunk = samples[max(0, start) : stop]
        chunk = np.pad(chunk, (max(0, -start), stop - max(0, start) - len(chunk)))
        frames = np.lib.stride_tricks.sliding_window_view(chunk, window)[::hop]
        power = squared(rfft(frames * shape, _FFT)[:, band]) * scale
        own = power[lead:]
        peak = own.argmax(axis=1)
        result.peak_hz[first:last] = bins_hz[band][peak]
        result.power[first:last] = own.sum(axis=1)
        result.share[first:last] = _around(own, peak) / np.maximum(result.power[first:last], 1e-20)
        result.pressed[first:last] = press_share(own, bins_hz[band])
        result.steadiness[first + _LAG_FRAMES - lead : last] = _likeness(power)
    return result


def _around(power: Frames, peak: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Frames:
    padded = np.pad(power, ((0, 0), (_LOBE_BINS, _LOBE_BINS)))
    lobe = np.take_along_axis(padded, peak[:, None] + np.arange(2 * _LOBE_BINS + 1), axis=1)
    return np.asarray(lobe.sum(axis=1), np.float32)


def _likeness(power: Frames) -> Frames:
    """Correlation of the lines of each spectrum with those _LAG_FRAMES earlier, from the first that has one.

    Lines are what stands out of the spectrum around them: the slope of noise stays put as well, but has none.
    """
    from scipy.ndimage import uniform_filter1d  # type: ignore[import-untyped]

    amplitude = np.sqrt(power)
    amplitude -= uniform_filter1d(amplitude, _AROUND_BINS, axis=1, mode="nearest")
    amplitude /= np.maximum(np.linalg.norm(amplitude, axis=1, keepdims=True), 1e-12)
    return np.asarray(np.einsum("ij,ij->i", amplitude[_LAG_FRAMES:], amplitude[:-_LAG_FRAMES]), np.float32)
