"""Short-time band powers of a channel: what the speech detector, the tone detectors and the level meter look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Samples

Frames = npt.NDArray[np.float32]

HOP_S = 0.01
# 20 ms sees two pitch periods of a low voice (100 Hz) and still follows syllable edges.
WINDOW_S = 0.02
# The telephone band (G.711: 300 to 3400 Hz) with a little room; below it lies mains hum.
BAND_LOW_HZ = 200.0
BAND_HIGH_HZ = 3800.0
BANDS = 16
_FFT = 512
# So many frames are worked on at once: what they make fits a processor's cache.
_BLOCK_FRAMES = 100


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Powers per frame of HOP_S; frame i is centred on (i + 0.5) * HOP_S.

    bands : (n, BANDS) power per mel-spaced band, full-scale sine = 0.5 in all
    """

    bands: Frames

    @property
    def power(self) -> Frames:
        """(n,) power in the telephone band."""
        total: Frames = self.bands.sum(axis=1, dtype=np.float32)
        return total


def spectrum(samples: Samples) -> Spectrum:
    """Band powers of a channel (n,) at SAMPLE_RATE_HZ, computed in blocks: memory stays small for hours of sound."""
    from scipy.fft import rfft  # type: ignore[import-untyped]  # transforms rows side by side, in single precision

    hop, window = round(HOP_S * SAMPLE_RATE_HZ), round(WINDOW_S * SAMPLE_RATE_HZ)
    count = len(samples) // hop
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    weights = _mel_weights()
    scale = 2.0 / (_FFT * float((shape**2).sum()))
    bands = np.empty((count, BANDS), np.float32)
    before = (window - hop) // 2
    for first in range(0, count, _BLOCK_FRAMES):
        last = min(count, first + _BLOCK_FRAMES)
        start, stop = first * hop - before, (last - 1) * hop - before + window
        chunk = samples[max(0, start) : stop]
        chunk = np.pad(chunk, (max(0, -start), stop - max(0, start) - len(chunk)))
        frames = np.lib.stride_tricks.sliding_window_view(chunk, window)[::hop]
        bands[first:last] = (squared(rfft(frames * shape, _FFT)) * np.float32(scale)) @ weights.T
    return Spectrum(bands)


def squared(values: npt.NDArray[np.complex64]) -> Frames:
    """Squared magnitude, without the root that `abs` takes first."""
    real, imaginary = values.real, values.imag
    return np.asarray(real * real + imaginary * imaginary, np.float32)


def _mel_weights() -> Frames:
    """(BANDS, bins) with each bin of the telephone band shared between neighbouring triangles."""
    edges_mel = np.linspace(_mel(BAND_LOW_HZ), _mel(BAND_HIGH_HZ), BANDS + 2)
    centres_hz = 700 * (10 ** (edges_mel / 2595) - 1)
    bins_hz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE_HZ)
    rising = (bins_hz[None, :] - centres_hz[:-2, None]) / (centres_hz[1:-1] - centres_hz[:-2])[:, None]
    falling = (centres_hz[2:, None] - bins_hz[None, :]) / (centres_hz[2:] - centres_hz[1:-1])[:, None]
    return np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))
