"""Word probabilities that mean something: of the words given 0.7, seven in ten were said.

The recogniser is too sure of words in the middle of garbled ones. What stands around a word tells as much as its own
probability: both go into a logistic curve, fitted for each model (`make bench-confidence`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from belscore.call import Word

# Words on either side that count as neighbours.
NEIGHBOURS = 3
# Beyond these a probability says no more, and its logit would outweigh everything else.
LOWEST, HIGHEST = 0.01, 0.995


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of a logistic curve over the logit of a word's probability and the mean logit of its neighbours."""

    bias: float
    own: float
    neighbours: float


def calibrated(words: Sequence[Word], calibration: Calibration | None) -> tuple[Word, ...]:
    """The words of one channel in order, with the probability that each was said; unchanged without a calibration."""
    if calibration is None:
        return tuple(words)
    logits = [logit(word.probability) for word in words]
    return tuple(
        replace(word, probability=round(_share(calibration, own, around), 4))
        for word, (own, around) in zip(words, features(logits), strict=True)
    )


def features(logits: Sequence[float]) -> list[tuple[float, float]]:
    """For each word its logit and the mean of its neighbours'; a lone word stands for its own neighbours."""
    found: list[tuple[float, float]] = []
    for at, own in enumerate(logits):
        near = [*logits[max(0, at - NEIGHBOURS) : at], *logits[at + 1 : at + 1 + NEIGHBOURS]] or [own]
        found.append((own, sum(near) / len(near)))
    return found


def logit(probability: float) -> float:
    held = min(HIGHEST, max(LOWEST, probability))
    return math.log(held / (1 - held))


def _share(calibration: Calibration, own: float, around: float) -> float:
    return 1 / (1 + math.exp(-(calibration.bias + calibration.own * own + calibration.neighbours * around)))
