"""Active speech level by ITU-T P.56 (12/2011), method B: the level while somebody speaks, short pauses included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Samples
from belscore.call import Span, merge_spans

# P.56, table 1: time constant of the envelope, hangover, margin between threshold and active level.
_ENVELOPE_S = 0.03
_HANGOVER_S = 0.2
_MARGIN_DB = 15.9
# Thresholds are powers of two of full scale, 15 of them for 16-bit sound.
_THRESHOLDS = 2.0 ** -np.arange(15, 0, -1)
# The envelope changes by 3 % in 1 ms at most: it is looked at that often.
_STEP = SAMPLE_RATE_HZ // 1000

Values = npt.NDArray[np.float64]


def active_level(samples: Samples, spans: Sequence[Span], without: Sequence[Span] = ()) -> tuple[float, float] | None:
    """Level in dB relative to full scale (dBov, a full-scale square wave = 0) and activity factor 0..1.

    samples : (n,) at SAMPLE_RATE_HZ
    spans   : speech: what lies outside it counts as silence, since noise less than the margin under the speech would
              count as active all the time
    without : spans that are no part of the time: music and tones

    None where nothing is active.
    """
    from scipy.ndimage import maximum_filter1d  # type: ignore[import-untyped]

    length_s = len(samples) / SAMPLE_RATE_HZ - sum(span.duration_s for span in merge_spans(without))
    count = round(length_s * SAMPLE_RATE_HZ)
    parts = [samples[_at(span.start_s) : _at(span.end_s)] for span in merge_spans(spans)]
    heard = sum(len(part) for part in parts)
    if not heard or count <= 0:
        return None
    mean = sum(float(part.sum(dtype=np.float64)) for part in parts) / heard
    power = sum(float(np.var(part, dtype=np.float64)) * len(part) for part in parts) / count
    hangover = round(_HANGOVER_S * SAMPLE_RATE_HZ / _STEP)
    held = maximum_filter1d(_envelope(parts, mean), hangover + 1, origin=hangover // 2)
    active = np.array([np.count_nonzero(held >= threshold) for threshold in _THRESHOLDS])
    return _where_margin_fits(power, np.minimum(1.0, active * _STEP / count))


def _at(at_s: float) -> int:
    return round(at_s * SAMPLE_RATE_HZ)


def _envelope(parts: Sequence[Samples], mean: float) -> Values:
    """The magnitude smoothed twice, every millisecond, with silence between the parts for it to die down."""
    from scipy.signal import lfilter  # type: ignore[import-untyped]

    decay = np.exp(-1 / (_ENVELOPE_S * SAMPLE_RATE_HZ))
    # Two exponential means in a row are one filter of the second order.
    numerator, denominator = [(1 - decay) ** 2], [1.0, -2 * decay, decay**2]
    silence = np.zeros(round(2 * _HANGOVER_S * SAMPLE_RATE_HZ), np.float32)
    smooth = [
        lfilter(numerator, denominator, np.concatenate([np.abs(part - np.float32(mean)), silence]))[::_STEP]
        for part in parts
    ]
    return np.concatenate(smooth)


def _where_margin_fits(power: float, activity: Values) -> tuple[float, float] | None:
    """The level whose threshold lies the margin below it, interpolated between two thresholds."""
    thresholds_db = 20 * np.log10(_THRESHOLDS)
    seen = activity > 0
    if power <= 0 or not seen.any():
        return None
    levels_db = 10 * np.log10(power / activity[seen])
    over_db = levels_db - thresholds_db[seen]
    below = np.flatnonzero(over_db <= _MARGIN_DB)
    if not len(below) or below[0] == 0:
        return None
    upper = int(below[0])
    lower = upper - 1
    share = (over_db[lower] - _MARGIN_DB) / max(over_db[lower] - over_db[upper], 1e-9)
    level_db = float(levels_db[lower] + share * (levels_db[upper] - levels_db[lower]))
    return level_db, min(1.0, power / 10 ** (level_db / 10))
