"""Judge a stretch of a call by a linear model over the words that each speaker uses in it, and their letters.

How the agent answers tells as much of a situation as the caller's telling turn does. Features are the distinct words
of each speaker and runs of four letters within them, hashed as in `turn_model`; their sum is one of three measures that
a second logistic regression weighs (stacking, Wolpert 1992). `bench/train_turns.py` makes both from labelled calls.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

DIMENSIONS = 1 << 17
LETTER_RUN = 4
SPEAKERS = ("agent", "caller")


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


@dataclass(frozen=True, slots=True)
class CallModel:
    """Weights of a logistic regression over a stretch of a call, and how it counts beside its turns.

    weights : DIMENSIONS signed bytes, to be multiplied by `scale`
    """

    weights: array[int]
    scale: float
    bias: float
    stack: Stack

    def logit(self, said: Mapping[str, Set[str]]) -> float:
        """How likely a stretch with these words, by speaker, is one of the situation."""
        total = 0.0
        for places in call_features(said):
            if places:
                total += sum(map(self.weights.__getitem__, places)) / math.sqrt(len(places))
        return self.bias + total * self.scale

    def probability(self, alone: float, paired: float, said: Mapping[str, Set[str]]) -> float:
        """The measures together, 0..1; `alone` and `paired` are logits of turns."""
        stack = self.stack
        logit = stack.bias + stack.alone * alone + stack.paired * paired + stack.call * self.logit(said)
        return 1.0 / (1.0 + math.exp(-logit))


def call_features(said: Mapping[str, Set[str]]) -> list[set[int]]:
    """Places of the words and of the letter runs, by speaker; each group counts by the root of its size."""
    groups: list[set[int]] = []
    for speaker in SPEAKERS:
        words = said.get(speaker, frozenset())
        groups.append({_word_place(speaker, word) for word in words})
        groups.append(set().union(*(_letter_places(speaker, word) for word in words)))
    return groups


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
