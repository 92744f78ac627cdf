"""Two voices on one channel told apart by their sound, within one recording: nothing of a voice is kept.

Each stretch of speech is summed up by its mean cepstrum (timbre and the colour of its line), and the stretches are
parted into two groups by a mixture of two Gaussians with one shared variance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from belscore.audio import Samples
from belscore.call import Span
from belscore.spectrum import BANDS, HOP_S, spectrum

# Stretches shorter than this take part in the result but do not shape the groups.
SHAPING_S = 0.6
# Frames this far under the loudest of a stretch are pauses.
RANGE_DB = 25.0
# A stretch this long says all it can about its voice; a shorter one counts in proportion.
FULL_WEIGHT_S = 2.0
LEANING_MAX = 6.0
_ROUNDS = 30
_CEPSTRA = 13
_FLOOR = 1e-12

Vectors = npt.NDArray[np.float64]


def voice_leanings(samples: Samples, stretches: Sequence[Span]) -> tuple[float, ...]:
    """For each stretch how much it sounds like the one voice (above zero) rather than the other (below zero).

    samples   : (n,) the channel at 16 kHz
    stretches : parts of the recording in which one party speaks

    Which voice is the one above zero has no meaning. All zeros when there is too little speech to tell two apart.
    """
    bands = np.log(spectrum(samples).bands + _FLOOR)
    vectors = np.array([_mean_cepstrum(bands, span) for span in stretches])
    lengths_s = np.array([span.duration_s for span in stretches])
    shaping = lengths_s >= SHAPING_S
    if shaping.sum() < 4:
        return (0.0,) * len(stretches)
    scale = vectors[shaping].std(axis=0) + 1e-6
    scores = _two_groups(vectors / scale, shaping, lengths_s)
    sure = np.minimum(1.0, lengths_s / FULL_WEIGHT_S)
    return tuple(float(score) for score in np.clip(scores * sure, -LEANING_MAX, LEANING_MAX))


def _mean_cepstrum(bands: npt.NDArray[np.float32], span: Span) -> Vectors:
    """(_CEPSTRA,) mean cepstrum of the sounding frames, without the first coefficient, which is loudness."""
    frames = bands[round(span.start_s / HOP_S) : max(round(span.end_s / HOP_S), round(span.start_s / HOP_S) + 1)]
    if not len(frames):
        return np.zeros(_CEPSTRA)
    level = frames.max(axis=1)
    heard = frames[level >= level.max() - RANGE_DB * np.log(10) / 10]
    mean: Vectors = _cosines() @ heard.mean(axis=0).astype(np.float64)
    return mean


def _cosines() -> Vectors:
    """(_CEPSTRA, BANDS) the discrete cosine transform without its constant row."""
    order = np.arange(1, _CEPSTRA + 1)[:, None]
    table: Vectors = np.cos(np.pi * order * (np.arange(BANDS) + 0.5) / BANDS)
    return table


def _two_groups(vectors: Vectors, shaping: npt.NDArray[np.bool_], lengths_s: Vectors) -> Vectors:
    """(n,) log odds of the first group over the second, by expectation maximisation from the main axis."""
    chosen, weights = vectors[shaping], lengths_s[shaping]
    centred = chosen - np.average(chosen, axis=0, weights=weights)
    axis = np.linalg.svd(centred * np.sqrt(weights)[:, None], full_matrices=False)[2][0]
    share = (centred @ axis > 0).astype(np.float64)
    odds = np.zeros(len(vectors))
    for _ in range(_ROUNDS):
        first, second = share * weights, (1 - share) * weights
        if min(first.sum(), second.sum()) < 1e-3:
            return np.zeros(len(vectors))
        one, two = np.average(chosen, axis=0, weights=first), np.average(chosen, axis=0, weights=second)
        variance = (
            np.average((chosen - one) ** 2, axis=0, weights=first) * first.sum()
            + np.average((chosen - two) ** 2, axis=0, weights=second) * second.sum()
        ) / weights.sum() + 1e-3
        odds = (((vectors - two) ** 2 - (vectors - one) ** 2) / (2 * variance)).sum(axis=1)
        # Coefficients of one stretch are not independent; halving their number keeps the odds from saturating.
        share = 1 / (1 + np.exp(-np.clip(odds[shaping] / 2, -30, 30)))
    return odds / 2
