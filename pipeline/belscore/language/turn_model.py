"""Judge a turn by a linear model over its words and their letters: how much it is like those it was trained on.

Features are words, pairs and triples of words, and runs of three to five letters within a word, hashed to a fixed
number of weights (the hashing trick of Weinberger and others, 2009). Letters make it hold on misheard and regional
forms. The weights are rule data (`rules/models/`); `bench/train_turns.py` makes them from labelled turns.
"""

from __future__ import annotations

import base64
import math
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from belscore.errors import RuleError

DIMENSIONS = 1 << 17
WORD_RUNS = (1, 2, 3)
LETTER_RUNS = (3, 4, 5)


@dataclass(frozen=True, slots=True)
class TurnModel:
    """Weights of a logistic regression.

    weights : DIMENSIONS signed bytes, to be multiplied by `scale`
    """

    weights: array[int]
    scale: float
    bias: float

    def probability(self, norms: Sequence[str]) -> float:
        """How likely a turn with these tokens is one of those the model looks for, 0..1."""
        return 1.0 / (1.0 + math.exp(-(self.bias + self._sum(norms))))

    def _sum(self, norms: Sequence[str]) -> float:
        total = 0.0
        for places in features(norms):
            if places:
                total += sum(map(self.weights.__getitem__, places)) / math.sqrt(len(places))
        return total * self.scale


def features(norms: Sequence[str]) -> tuple[set[int], set[int]]:
    """Places of the word runs and of the letter runs; each of the two groups counts by the root of its size."""
    words = {_place(" ".join(norms[at : at + run])) for run in WORD_RUNS for at in range(len(norms) - run + 1)}
    return words, {place for norm in norms for place in _letter_places(norm)}


def _place(text: str) -> int:
    return zlib.crc32(text.encode()) % DIMENSIONS


@lru_cache(maxsize=20_000)
def _letter_places(norm: str) -> tuple[int, ...]:
    return tuple(_place(f"~{run}") for run in _letter_runs(f"_{norm}_"))


def _letter_runs(word: str) -> Iterator[str]:
    for run in LETTER_RUNS:
        for at in range(len(word) - run + 1):
            yield word[at : at + run]


def read_turn_model(data: Mapping[str, Any], path: Path) -> TurnModel:
    """The model of a file in `rules/models/`. Raises RuleError when the weights are not whole."""
    try:
        weights = array("b", zlib.decompress(base64.b64decode(data["weights"])))
        scale, bias = float(data["scale"]), float(data["bias"])
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        do = "train it again: make turn-models"
        raise RuleError(f"no whole model ({error})", where=str(path), do=do) from None
    if len(weights) != DIMENSIONS:
        raise RuleError(f"has {len(weights)} weights, not {DIMENSIONS}", where=str(path), do="make turn-models")
    return TurnModel(weights, scale, bias)


def pack(weights: bytes) -> str:
    """Weights as text for a rule file."""
    return base64.b64encode(zlib.compress(weights, 9)).decode()
