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
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

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
        total = sum(
            int(self.weights[places].sum(dtype=np.int64)) / math.sqrt(len(places)) for places in said if len(places)
        )
        return self.bias + total * self.scale

    def probability(self, said: Sequence[Places], alone: float = 0.0, paired: float = 0.0) -> float:
        """The measures together, 0..1; `alone` and `paired` are logits of turns."""
        stack = self.stack
        logit = stack.bias + stack.alone * alone + stack.paired * paired + stack.call * self.logit(said)
        return 1.0 / (1.0 + math.exp(-logit))


def call_features(turns: Iterable[tuple[str, Sequence[str]]]) -> tuple[Places, ...]:
    """Places of the words and of the letter runs, by speaker; each group counts by the root of its size.

    turns : speaker and tokens of each
    """
    return joined(turn_places(speaker, norms) for speaker, norms in turns)


TurnPlaces = tuple[str, Set[int], Set[int]]


def turn_places(speaker: str, norms: Sequence[str]) -> TurnPlaces:
    """The speaker of a turn, and the places of its words and pairs of words, and of its letter runs."""
    words = {_place(f"{speaker} {one} {other}") for one, other in pairwise(norms)}
    words.update(_word_place(speaker, norm) for norm in norms)
    return speaker, words, set().union(*(_letter_places(speaker, norm) for norm in norms))


def joined(turns: Iterable[TurnPlaces]) -> tuple[Places, ...]:
    """The features of turns together."""
    groups: dict[tuple[str, int], set[int]] = {(speaker, kind): set() for speaker in SPEAKERS for kind in (0, 1)}
    for speaker, *kinds in turns:
        for kind, places in enumerate(kinds):
            if (speaker, kind) in groups:
                groups[speaker, kind] |= places
    return tuple(np.fromiter(sorted(places), np.intp, len(places)) for places in groups.values())


def as_weights(weights: array[int] | bytes) -> NDArray[np.int8]:
    """Signed bytes of a rule file."""
    return np.frombuffer(weights, np.int8)


@lru_cache(maxsize=40_000)
def _word_place(speaker: str, word: str) -> int:
    return _place(f"{speaker} {word}")


@lru_cache(maxsize=40_000)
def _letter_places(speaker: str, word: str) -> tuple[int, ...]:
    ended = f"_{word}_"
    return tuple(
        _place(f"{speaker}~{ended[at : at + LETTER_RUN]}") for at in range(max(1, len(ended) - LETTER_RUN + 1))
    )


def _place(text: str) -> int:
    return zlib.crc32(text.encode()) % DIMENSIONS
