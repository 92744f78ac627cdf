"""Take the steady noise of the line out of a channel before its words are recognised.

Only the recogniser listens to the result: speech spans, levels and tempo are measured on the sound as it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from belscore.call import Span
from belscore.chunks import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WINDOW = 512  # 32 ms
_HOP = 256
# No bin is turned down further than this factor: what is left of the noise hides the tones that suppression makes, and
# with more taken out the recogniser loses weak consonants (`make bench-wer`).
FLOOR = 0.5
# Weight of the frame before in the estimate of the signal-to-noise ratio: smooth in noise, quick at an onset.
WEIGHT_BEFORE = 0.9
# Frames this near to speech are not taken for noise.
_GUARD_S = 0.1
# With less than this much noise alone, its spectrum is not known and the channel stays as it is.
_NOISE_MIN_S = 0.5
# Power of noise in a bin is distributed exponentially: its mean is the median over ln 2, and the median is not moved by
# a click or a cough.
_MEAN_OVER_MEDIAN = float(1 / np.log(2))


def reduce_noise(samples: NDArray[np.float32], spans: Sequence[Span]) -> NDArray[np.float32]:
    """A channel with its steady noise turned down, by Wiener's filter in each frame and frequency bin.

    samples : the channel at 16 kHz
    spans   : its speech spans, in seconds; the noise is measured between them

    Method: gain = snr / (snr + 1), not under `FLOOR`, with the decision-directed estimate of the signal-to-noise ratio
    (Ephraim and Malah 1984).
    """
    from scipy.signal import istft, stft  # type: ignore[import-untyped]

    if len(samples) < _WINDOW:
        return samples
    _, times_s, spectrum = stft(samples, RATE_HZ, nperseg=_WINDOW, noverlap=_WINDOW - _HOP)
    power = np.square(np.abs(spectrum)).T
    quiet = np.ones(len(times_s), np.bool_)
    for span in spans:
        quiet &= (times_s < span.start_s - _GUARD_S) | (times_s > span.end_s + _GUARD_S)
    if quiet.sum() * _HOP < _NOISE_MIN_S * RATE_HZ:
        return samples
    noise = np.maximum(np.median(power[quiet], axis=0) * _MEAN_OVER_MEDIAN, 1e-14)
    gains = np.maximum(_gains(power / noise), FLOOR)
    _, cleaned = istft(spectrum * gains.T, RATE_HZ, nperseg=_WINDOW, noverlap=_WINDOW - _HOP)
    whole = np.zeros(len(samples), np.float32)
    length = min(len(samples), len(cleaned))
    whole[:length] = cleaned[:length]
    return whole


def _gains(ratio: NDArray[np.floating]) -> NDArray[np.floating]:
    """Wiener gains (frames, bins) for power over noise power."""
    gains = np.empty_like(ratio)
    before = np.ones_like(ratio[0])
    for frame, above in enumerate(np.maximum(ratio - 1.0, 0.0)):
        snr = WEIGHT_BEFORE * before + (1 - WEIGHT_BEFORE) * above
        gains[frame] = snr / (snr + 1.0)
        before = np.square(gains[frame]) * ratio[frame]
    return gains
