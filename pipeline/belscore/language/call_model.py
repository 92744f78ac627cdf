"""Judge a stretch of a call by a linear model over the words that each speaker uses in it, and their letters.

How the agent answers tells as much of a situation as the caller's telling turn does. Features are the distinct words
of each speaker, pairs of words that follow each other in a turn, and runs of four letters within words, hashed as in
`turn_model`. Their sum stands alone, or it is one of three measures that a second logistic regression weighs (stacking,
Wolpert 1992). `bench/train_turns.py` makes both from labelled calls.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 1 << 17
LETTER_RUN = 4
SPEAKERS = ("agent", "caller")

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Stack:
    """What the measures of a stretch weigh together, each a logit.

    alone  : of the caller's turn most like one of the situation
    paired : of the two turns in a row most like one
    call   : of the words of both speakers
    """

    bias: float
    alone: float
    paired: float
    call: float


# Where no labelled turns were there to learn from the words of the call decide.
WORDS_ALONE = Stack(0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class CallModel:
    """Weights of a logistic regression over a stretch of a call, and how it counts beside its turns.

    weights : DIMENSIONS signed bytes, to be multiplied by `scale`
    """

    weights: NDArray[np.int8]
    scale: float
    bias: float
    stack: Stack = WORDS_ALONE

    def logit(self, said: Sequence[Places]) -> float:
        """How likely a stretch with these features (`call_features`) is one of the situation."""
        return float(CallModels({"": self}).logits(said)[0])

    def probability(self, logit: float, alone: float = 0.0, paired: float = 0.0) -> float:
        """The measures together, 0..1: `logit` of the words of the stretch, `alone` and `paired` of its turns."""
        stack = self.stack
        return 1.0 / (1.0 + math.exp(-(stack.bias + stack.alone * alone + stack.paired * paired + stack.call * logit)))


class CallModels:
    """Models side by side: the features of a stretch are looked up once for all of them."""

    def __init__(self, models: Mapping[str, CallModel]) -> None:
        self.columns = {name: column for column, name in enumerate(models)}
        each = models.values()
        self._weights = np.stack([model.weights for model in each], axis=1) if models else np.zeros((DIMENSIONS, 0))
        self._scales = np.array([model.scale for model in each])
        self._biases = np.array([model.bias for model in each])

    def logits(self, said: Sequence[Places]) -> NDArray[np.float64]:
        """For each model, in the order of `columns`, how likely a stretch with these features is."""
        total = np.zeros(len(self.columns))
        for places in said:
            if len(places):
                total += self._weights.take(places, axis=0).sum(axis=0, dtype=np.int64) / math.sqrt(len(places))
        return self._biases + self._scales * total


def call_features(turns: Iterable[tuple[str, Sequence[str]]]) -> tuple[Places, ...]:
    """Places of the words and of the letter runs, by speaker; each group counts by the root of its size.

    turns : speaker and tokens of each
    """
    return joined(turn_places(speaker, norms) for speaker, norms in turns)


TurnPlaces = tuple[str, Set[int], Set[int]]


def turn_places(speaker: str, norms: Sequence[str]) -> TurnPlaces:
    """The speaker of a turn, and the places of its words and pairs of words, and of its letter runs."""
    read = [_word(speaker, norm) for norm in norms]
    words = {word.place for word in read}
    words.update([zlib.crc32(other.behind, one.checksum) % DIMENSIONS for one, other in pairwise(read)])
    return speaker, words, set().union(*[word.letters for word in read])


def joined(turns: Iterable[TurnPlaces]) -> tuple[Places, ...]:
    """The features of turns together."""
    by_speaker: dict[str, list[TurnPlaces]] = {speaker: [] for speaker in SPEAKERS}
    for turn in turns:
        if turn[0] in by_speaker:
            by_speaker[turn[0]].append(turn)
    groups = [set[int]().union(*[turn[kind] for turn in own]) for own in by_speaker.values() for kind in (1, 2)]
    return tuple([np.fromiter(places, np.intp, len(places)) for places in groups])


def as_weights(weights: array[int] | bytes) -> NDArray[np.int8]:
    """Signed bytes of a rule file."""
    return np.frombuffer(weights, np.int8)


class HashedWord(NamedTuple):
    """What a word gives to the features of a turn, in the models of turns and of calls.

    place    : of the word itself
    checksum : from which that of the word with what follows goes on
    behind   : the word as it stands behind another
    letters  : places of its letter runs
    """

    place: int
    checksum: int
    behind: bytes
    letters: tuple[int, ...]


def hashed(word: str, feature: str, runs: Iterable[str]) -> HashedWord:
    """A word by the features that stand for it and for its letter runs."""
    checksum = zlib.crc32(feature.encode())
    return HashedWord(checksum % DIMENSIONS, checksum, tail(word), tuple(map(_place, runs)))


@lru_cache(maxsize=40_000)
def _word(speaker: str, word: str) -> HashedWord:
    ended = f"_{word}_"
    runs = (ended[at : at + LETTER_RUN] for at in range(max(1, len(ended) - LETTER_RUN + 1)))
    return hashed(word, f"{speaker} {word}", (f"{speaker}~{run}" for run in runs))


@lru_cache(maxsize=40_000)
def tail(word: str) -> bytes:
    """A word as it stands behind another."""
    return f" {word}".encode()


def _place(text: str) -> int:
    return zlib.crc32(text.encode()) % DIMENSIONS
