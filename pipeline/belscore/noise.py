"""The noise floor of a channel, and how far each frame stands out of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from belscore.spectrum import BANDS, HOP_S, Frames

Mask = npt.NDArray[np.bool_]

# Quantising noise of A-law and mu-law near silence lies at about -72 dBov (one step of 8 in 32768); what is weaker is
# no sound, and a floor of exact zero (gated lines, muted microphones) would make anything stand out of it.
SILENCE_DBOV = -72.0
# First guess, minimum statistics (Martin 2001): in each band the quietest tenth of 20 s is noise, since even a party
# that talks all that time leaves gaps between its syllables.
_START_PERCENTILE = 10
_START_S = 20.0
_START_STEP_S = 5.0
_ROUNDS = 3
# A line on hold may give digital silence: it says nothing about the noise of the line.
_OFF_S = 5.0
# The quietest frames that show how far the noise of a channel spreads: one party listens half of the time, and in some
# of that the line is quiet. Where both parties are on one channel they leave an eighth of it, or less.
QUIET_SHARE = 0.3
QUIET_SHARE_OF_TWO = 0.15
# Frames this many standard deviations over the noise are taken for sound while the floor is found, with 0.1 s around.
_ACTIVE_SIGMA = 4.0
_GUARD_FRAMES = 10
# The floor follows noise that comes and goes (a car, a fan) over windows of this length.
_TRACK_S = 30.0
_MIN_NOISE_FRAMES = 100
# Bands count up to 30 dB: one loud band alone (a tone) cannot carry a frame.
_MAX_BAND_DB = 30.0
# White noise in 16 bands over 50 ms spreads by 0.15 dB and more; a gated line spreads less, which would mean nothing.
_MIN_SPREAD_DB = 0.05
# 50 ms: the detector sees the phone, not the pitch period.
SMOOTH_FRAMES = 5
# Quiet speech in noise shows over 150 ms; the median keeps the edges of loud speech where they are.
_MEDIAN_FRAMES = 15


@dataclass(frozen=True, slots=True, eq=False)
class NoiseFloor:
    """Noise power per frame and band (n, BANDS), and the frames in which nothing but noise was seen (n,)."""

    power: Frames
    quiet: Mask


def moving_mean(values: npt.NDArray[np.floating], frames: int) -> Frames:
    """Centred moving mean along axis 0 over `frames` (odd), shorter at the ends."""
    half = frames // 2
    total = np.cumsum(np.concatenate([np.zeros((1, *values.shape[1:])), values]), axis=0)
    index = np.arange(len(values))
    first, last = np.maximum(index - half, 0), np.minimum(index + half + 1, len(values))
    width = (last - first).reshape(-1, *([1] * (values.ndim - 1)))
    return np.asarray((total[last] - total[first]) / width, np.float32)


def prominence_db(bands: Frames, floor: Frames) -> Frames:
    """(n,) mean over the bands of the level over the floor in dB, each band within 0 to 30, smoothed over 50 ms."""
    return _prominence_db(moving_mean(bands, SMOOTH_FRAMES), floor)


def _prominence_db(smooth: Frames, floor: Frames) -> Frames:
    """`prominence_db` of bands that are smoothed already."""
    ratio = smooth / np.maximum(moving_mean(floor, SMOOTH_FRAMES), 1e-20)
    levels = np.clip(10 * np.log10(ratio + 1e-9), 0.0, _MAX_BAND_DB)
    return np.asarray(levels.mean(axis=1), np.float32)


def deviations(bands: Frames, floor: Frames, quiet: Mask) -> tuple[Frames, Frames]:
    """How many standard deviations of the noise's own prominence each frame stands out: over 50 ms, and over 150 ms.

    The second is blind to clicks: the median passes over what lasts less than half of its window.
    """
    from scipy.ndimage import median_filter  # type: ignore[import-untyped]

    quick = prominence_db(bands, floor)
    return _standardised(quick, quiet), _standardised(median_filter(quick, _MEDIAN_FRAMES), quiet)


def _standardised(prominence: Frames, quiet: Mask) -> Frames:
    noise = prominence[quiet] if quiet.any() else np.sort(prominence)[: max(1, len(prominence) // 5)]
    centre, spread = float(noise.mean()), float(noise.std())
    inner = noise[noise < centre + _ACTIVE_SIGMA * spread]
    if len(inner):
        centre, spread = float(inner.mean()), float(inner.std())
    return np.asarray((prominence - centre) / max(spread, _MIN_SPREAD_DB), np.float32)


def noise_floor(bands: Frames, quiet_share: float = QUIET_SHARE) -> NoiseFloor:
    """Estimate the noise of a channel from its band powers (n, BANDS).

    quiet_share : share 0..1 of the frames that is taken for noise at first
    """
    least = np.float32(10 ** (SILENCE_DBOV / 10) / BANDS)
    if not len(bands):
        return NoiseFloor(bands, np.zeros(0, np.bool_))
    floor = _first_guess(bands, least)
    quiet = np.ones(len(bands), np.bool_)
    on_line = ~_switched_off(bands, least)
    smooth = moving_mean(bands, SMOOTH_FRAMES)
    for number in range(_ROUNDS):
        prominence = _prominence_db(smooth, floor)
        sounding = prominence[on_line]
        if not len(sounding):
            break
        seen = prominence[quiet] if number else np.sort(sounding)[: max(1, int(len(sounding) * quiet_share))]
        centre = float(np.median(seen))
        spread = max(1.4826 * float(np.median(np.abs(seen - centre))), _MIN_SPREAD_DB)
        active = prominence > centre + _ACTIVE_SIGMA * spread
        quiet = moving_mean(active.astype(np.float32), 2 * _GUARD_FRAMES + 1) <= 1 / (2 * _GUARD_FRAMES + 1)
        if np.count_nonzero(quiet) < _MIN_NOISE_FRAMES:
            break
        floor = _tracked(bands, quiet, floor, least)
    return NoiseFloor(floor, quiet)


def _switched_off(bands: Frames, least: np.float32) -> Mask:
    """(n,) frames in stretches without any sound, too long for the gaps of a line that gates."""
    silent = bands.sum(axis=1) <= least * BANDS
    window = round(_OFF_S / HOP_S) | 1
    middles = moving_mean(silent.astype(np.float32), window) > 1 - 0.5 / window
    result: Mask = moving_mean(middles.astype(np.float32), window) > 0.5 / window
    return result


def _first_guess(bands: Frames, least: np.float32) -> Frames:
    """The higher of the noise before and after each place: a hold may be much quieter than the line beside it."""
    reach, step = round(_START_S / HOP_S) // 2, round(_START_STEP_S / HOP_S)
    smooth = moving_mean(bands, 3)
    bounds = np.arange(0, max(len(bands) - reach // 2, 1), step)
    lows = np.asarray([np.percentile(smooth[at : at + reach], _START_PERCENTILE, axis=0) for at in bounds], np.float32)
    index = np.arange(len(bands))
    after = np.minimum((index + step // 2) // step, len(bounds) - 1)
    before = np.maximum(after - reach // step, 0)
    return np.asarray(np.maximum(np.maximum(lows[before], lows[after]), least), np.float32)


def _tracked(bands: Frames, quiet: Mask, floor: Frames, least: np.float32) -> Frames:
    """Mean noise before or after each place, whichever is higher; as it was where there is too little of either."""
    reach = round(_TRACK_S / HOP_S) // 2
    total = np.cumsum(np.concatenate([np.zeros((1, BANDS)), np.where(quiet[:, None], bands, np.float32(0))]), axis=0)
    frames = np.cumsum(np.concatenate([[0], quiet]))
    index = np.arange(len(bands))
    result = np.zeros_like(floor)
    for first, last in ((index - reach, index), (index, index + reach)):
        bounds = np.clip(first, 0, len(bands)), np.clip(last, 0, len(bands))
        count = frames[bounds[1]] - frames[bounds[0]]
        mean = (total[bounds[1]] - total[bounds[0]]) / np.maximum(count, 1)[:, None]
        result = np.maximum(result, np.where((count >= _MIN_NOISE_FRAMES)[:, None], mean, 0))
    return np.maximum(np.where(result > 0, result, floor), least).astype(np.float32)
