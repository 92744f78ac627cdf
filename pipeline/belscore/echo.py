"""One party's voice taken out of the other party's channel, as far as it leaks in without distortion.

Crosstalk and echo are a filtered copy of the other channel. The filter is found by least squares over the frames in
which only the other party talks (the Wiener filter, Haykin, Adaptive Filter Theory, ch. 2), and what it predicts is
subtracted. `leak` deals with what is left.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Samples
from belscore.noise import Mask, NoiseFloor, moving_mean
from belscore.spectrum import HOP_S, Frames

# Echo on the phone network arrives within 10 to 60 ms (SPEECH.md 6, bleed); the rest is for its own reverberation.
RESPONSE_S = 0.08
# The filter is found at 8 kHz: the telephone band is all that speech detection looks at.
_RATE_HZ = 8000
_TAPS = round(RESPONSE_S * _RATE_HZ)
_FFT = 8192
# The other party must stand this far over its own noise, and this far over the channel that it leaks into.
_STRONG_DB = 15.0
_OVER_DB = 5.0
# 5 s of one party alone give 40,000 samples for 640 taps.
_MIN_FRAMES = round(5.0 / HOP_S)
# Outside the telephone band there is no power to find a filter from; this much of the mean power is added there.
_LOADING = 1e-3
# Less is no leak but chance likeness: the filter then explains under a tenth of what the channel holds.
_MIN_EXPLAINED = 0.02

Taps = npt.NDArray[np.float64]


def without_echo(
    samples: Samples, bands: Frames, other: Samples, other_bands: Frames, other_noise: NoiseFloor
) -> Samples | None:
    """The channel without what leaks into it from the other one; None when nothing does.

    samples, other     : (n,) at SAMPLE_RATE_HZ
    bands, other_bands : their band powers
    """
    alone = _other_alone(bands, other_bands, other_noise)
    if np.count_nonzero(alone) < _MIN_FRAMES:
        return None
    response = _response(samples, other, alone)
    if response is None:
        return None
    from scipy.signal import oaconvolve, resample  # type: ignore[import-untyped]

    ratio = SAMPLE_RATE_HZ // _RATE_HZ
    taps = np.asarray(resample(np.pad(response, _TAPS), 3 * _TAPS * ratio), np.float32) / ratio
    taps = taps[(_TAPS - _SPREAD) * ratio : (2 * _TAPS + _SPREAD) * ratio]
    leaked = oaconvolve(other, taps)[_SPREAD * ratio :][: len(samples)]
    return np.asarray(samples - leaked, np.float32)


# Taps on either side that hold the ringing of the change of rate.
_SPREAD = 16


def _other_alone(bands: Frames, other: Frames, other_noise: NoiseFloor) -> Mask:
    """(n,) frames in which only the other party can be talking, by level."""
    level = moving_mean(other.sum(axis=1), 9)
    strong = level > other_noise.power.sum(axis=1) * 10 ** (_STRONG_DB / 10)
    result: Mask = strong & (level > moving_mean(bands.sum(axis=1), 9) * 10 ** (_OVER_DB / 10))
    return result


def _response(samples: Samples, other: Samples, alone: Mask) -> Taps | None:
    """(_TAPS,) response from the other channel to this one at _RATE_HZ; None when it explains next to nothing."""
    from scipy.linalg import solve_toeplitz  # type: ignore[import-untyped]

    heard, source = _halved(samples), _halved(other)
    chosen = np.repeat(alone, round(HOP_S * _RATE_HZ)).astype(np.float32)
    count = min(len(chosen), len(heard), len(source))
    heard, source, chosen = heard[:count], source[:count], chosen[:count]
    wanted = heard * chosen
    crossed, own = _correlations((wanted, source * chosen), source)
    own[0] *= 1 + _LOADING
    response: Taps = solve_toeplitz(own, crossed)
    power = float(np.square(wanted, dtype=np.float64).sum())
    return response if float(response @ crossed) > _MIN_EXPLAINED * power else None


def _halved(samples: Samples) -> Samples:
    import soxr  # type: ignore[import-untyped]

    halved: Samples = soxr.resample(samples, SAMPLE_RATE_HZ, _RATE_HZ, quality="LQ")
    return halved


def _correlations(wanted: Sequence[Samples], source: Samples) -> Taps:
    """(len(wanted), _TAPS) sum over t of wanted[t] * source[t - k] for each lag k, in blocks."""
    from scipy.fft import irfft, rfft  # type: ignore[import-untyped]

    step = _FFT - _TAPS
    total = np.zeros((len(wanted), _FFT // 2 + 1), np.complex128)
    blocks = np.zeros((1 + len(wanted), _FFT))
    for at in range(0, len(source), step):
        parts = [each[at : at + step] for each in wanted]
        if not any(part.any() for part in parts):
            continue
        before = source[max(0, at - _TAPS) : at + step]
        blocks[:] = 0
        blocks[0, max(0, _TAPS - at) :][: len(before)] = before
        for row, part in zip(blocks[1:], parts, strict=True):
            row[_TAPS : _TAPS + len(part)] = part
        spectra = rfft(blocks)
        total += spectra[1:] * np.conj(spectra[0])
    return np.asarray(irfft(total, _FFT)[:, :_TAPS], np.float64)
