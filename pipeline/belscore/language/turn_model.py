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

from belscore.language.call_model import DIMENSIONS, HashedWord, hashed, tail

LONGEST_RUN = 3
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
        return self._probability((turn.word_weight, len(turn.words)), (turn.letter_weight, len(turn.letters)))

    def _probability(self, *groups: tuple[int, int]) -> float:
        """By the weight and the size of each group of features."""
        total = 0.0
        for weight, size in groups:
            if size:
                total += weight / math.sqrt(size)
        return 1.0 / (1.0 + math.exp(-(self.bias + total * self.scale)))

    def probability_of_features(self, words: Set[int], letters: Set[int]) -> float:
        """The same of the places of `features`."""
        return self._probability((self._weight(words), len(words)), (self._weight(letters), len(letters)))

    def read(self, norms: Sequence[str]) -> Turn:
        """The features of these tokens and what they weigh."""
        words, letters = features(norms)
        return Turn(tuple(norms), words, letters, self._weight(words), self._weight(letters))

    def probability_of_both(self, one: Turn, other: Turn) -> float:
        """The same of two turns as one: what both have counts once, and the runs across the border count too."""
        across = _across(one.norms, other.norms) - one.words - other.words
        words, letters = one.words & other.words, one.letters & other.letters
        return self._probability(
            (one.word_weight + other.word_weight - self._weight(words) + self._weight(across),
             len(one.words) + len(other.words) - len(words) + len(across)),
            (one.letter_weight + other.letter_weight - self._weight(letters),
             len(one.letters) + len(other.letters) - len(letters)),
        )  # fmt: skip

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
    read = [_word(norm) for norm in norms]
    words = {word.place for word in read}
    runs = [word.checksum for word in read]  # of as many words as begin at each but the last ones
    for length in range(1, LONGEST_RUN):
        runs = [zlib.crc32(word.behind, run) for word, run in zip(read[length:], runs, strict=False)]
        words.update([run % DIMENSIONS for run in runs])
    return words, set().union(*[word.letters for word in read])


def _across(one: Sequence[str], other: Sequence[str]) -> set[int]:
    """Places of the word runs that begin in the first of two turns and end in the second."""
    reach = LONGEST_RUN - 1
    last, first = one[-reach:], other[:reach]
    norms, border = (*last, *first), len(last)
    return {
        place
        for at in range(border)
        for run, place in enumerate(_word_places(norms[at : at + LONGEST_RUN]), 1)
        if at + run > border
    }


def _word_places(norms: Sequence[str]) -> list[int]:
    """Places of the first word, of the first two, and so on: each checksum goes on from the one before it."""
    checksum = zlib.crc32(norms[0].encode())
    checksums = [checksum]
    for norm in norms[1:]:
        checksum = zlib.crc32(tail(norm), checksum)
        checksums.append(checksum)
    return [each % DIMENSIONS for each in checksums]


@lru_cache(maxsize=20_000)
def _word(norm: str) -> HashedWord:
    return hashed(norm, norm, (f"~{run}" for run in _letter_runs(f"_{norm}_")))


def _letter_runs(word: str) -> Iterator[str]:
    for run in LETTER_RUNS:
        for at in range(len(word) - run + 1):
            yield word[at : at + run]
