"""Judge a turn by a linear model over its words and their letters: how much it is like those it was trained on.

Features are words, pairs and triples of words, and runs of three to five letters within a word, hashed to a fixed
number of weights (the hashing trick of Weinberger and others, 2009). Letters make it hold on misheard and regional
forms. The weights are rule data (`rules/models/`); `bench/train_turns.py` makes them from labelled turns.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from belscore.language.call_model import DIMENSIONS as DIMENSIONS

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
        return self.probability_of(self.read(norms))

    def probability_of(self, turn: Turn) -> float:
        """The same of tokens that were read."""
        total = 0.0
        for weight, size in ((turn.word_weight, len(turn.words)), (turn.letter_weight, len(turn.letters))):
            if size:
                total += weight / math.sqrt(size)
        return 1.0 / (1.0 + math.exp(-(self.bias + total * self.scale)))

    def read(self, norms: Sequence[str]) -> Turn:
        """The features of these tokens and what they weigh."""
        words, letters = features(norms)
        return Turn(tuple(norms), words, letters, self._weight(words), self._weight(letters))

    def joined(self, one: Turn, other: Turn) -> Turn:
        """What `read` gives for the tokens of two turns as one."""
        words = one.words | other.words | _across(one.norms, other.norms)
        letters = one.letters | other.letters
        twice = self._weight(one.letters & other.letters)
        weight = one.letter_weight + other.letter_weight - twice
        return Turn((*one.norms, *other.norms), words, letters, self._weight(words), weight)

    def _weight(self, places: Set[int]) -> int:
        return sum(map(self.weights.__getitem__, places))


@dataclass(frozen=True, slots=True)
class Turn:
    """Tokens with the places of their features and the sum of the weights there."""

    norms: tuple[str, ...]
    words: Set[int]
    letters: Set[int]
    word_weight: int
    letter_weight: int


def features(norms: Sequence[str]) -> tuple[set[int], set[int]]:
    """Places of the word runs and of the letter runs; each of the two groups counts by the root of its size."""
    words = {_place(" ".join(norms[at : at + run])) for run in WORD_RUNS for at in range(len(norms) - run + 1)}
    return words, set().union(*map(_letter_places, norms))


def _across(one: Sequence[str], other: Sequence[str]) -> set[int]:
    """Places of the word runs that begin in the first of two turns and end in the second."""
    reach = max(WORD_RUNS) - 1
    last, first = one[-reach:], other[:reach]
    norms, border = (*last, *first), len(last)
    return {
        _place(" ".join(norms[at : at + run]))
        for run in WORD_RUNS
        for at in range(len(norms) - run + 1)
        if at < border < at + run
    }


def _place(text: str) -> int:
    return zlib.crc32(text.encode()) % DIMENSIONS


@lru_cache(maxsize=20_000)
def _letter_places(norm: str) -> tuple[int, ...]:
    return tuple(_place(f"~{run}") for run in _letter_runs(f"_{norm}_"))


def _letter_runs(word: str) -> Iterator[str]:
    for run in LETTER_RUNS:
        for at in range(len(word) - run + 1):
            yield word[at : at + run]
