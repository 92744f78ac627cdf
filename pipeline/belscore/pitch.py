"""Pitch of speech, as one of the things by which voices in one recording are told apart; nothing else is read from it.

The autocorrelation of short frames over that of their window (Boersma 1993), which also finds a fundamental that the
telephone band leaves out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Samples

HOP_S = 0.02
LOWEST_HZ = 70.0
HIGHEST_HZ = 350.0
# A frame is voiced from this share of its energy at the best lag on.
VOICED = 0.6
# The shortest lag this close to the best one is taken: multiples of a period fit nearly as well as the period.
_NEARLY = 0.92
_STEP = 2
_RATE_HZ = SAMPLE_RATE_HZ // _STEP
_FRAME = round(0.04 * _RATE_HZ)
_FIRST_LAG = int(_RATE_HZ / HIGHEST_HZ)
_END_LAG = int(_RATE_HZ / LOWEST_HZ) + 1
# Long enough for a frame and the longest lag: what is folded over falls on lags that are not looked at.
_FFT = 512
_BLOCK_FRAMES = 3000


def log_pitch(samples: Samples) -> npt.NDArray[np.float64]:
    """(n,) base-2 logarithm of the pitch in Hz, per frame of HOP_S; not a number where no pitch is heard.

    samples : (n,) the channel at 16 kHz
    """
    hop = round(HOP_S * _RATE_HZ)
    half = len(samples) // _STEP
    slow = samples[: half * _STEP].reshape(half, _STEP).mean(axis=1)
    count = half // hop
    padded = np.pad(slow, ((_FRAME - hop) // 2, _FRAME))
    window = np.hanning(_FRAME).astype(np.float32)
    of_window = _autocorrelation(window[None])
    pitch = np.full(count, np.nan)
    for first in range(0, count, _BLOCK_FRAMES):
        last = min(count, first + _BLOCK_FRAMES)
        block = padded[first * hop : (last - 1) * hop + _FRAME]
        frames = np.lib.stride_tricks.sliding_window_view(block, _FRAME)[::hop] * window
        likeness = _autocorrelation(frames) / of_window
        voiced = likeness.max(axis=1) >= VOICED
        pitch[first:last][voiced] = np.log2(_RATE_HZ / (_FIRST_LAG + _first_peak(likeness[voiced])))
    return pitch


def _autocorrelation(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """(n, lags) of each frame from _FIRST_LAG to _END_LAG, in shares of that at lag zero."""
    raw = np.fft.irfft(np.abs(np.fft.rfft(frames, _FFT, axis=1)) ** 2, axis=1)
    result: npt.NDArray[np.float64] = raw[:, _FIRST_LAG:_END_LAG] / np.maximum(raw[:, :1], 1e-9)
    return result


def _first_peak(likeness: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """(n,) index of the top of the first peak that nearly reaches the highest one."""
    rows = np.arange(len(likeness))
    at: npt.NDArray[np.intp] = (likeness >= _NEARLY * likeness.max(axis=1, keepdims=True)).argmax(axis=1)
    while True:
        following = np.minimum(at + 1, likeness.shape[1] - 1)
        climbs = likeness[rows, following] > likeness[rows, at]
        if not climbs.any():
            return at
        at = np.where(climbs, following, at)
