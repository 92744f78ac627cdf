"""Words that sound like a word, and how often they occur: what a recogniser may take for each other."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from belscore.second_look_sounds import apart, sound


class Vocabulary:
    """Words with how often they occur, and for a word the ones that sound like it."""

    # Nearest words that are weighed, and how quickly the chance of one falls with its distance.
    CANDIDATES = 40
    STEEPNESS = 9.0

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._words = sorted(counts)
        self._keys = [sound(word) for word in self._words]
        self._near: dict[str, tuple[list[str], list[float]]] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def alike(self, word: str, chance: random.Random) -> str | None:
        """A word heard in place of this one, both lower case: near by sound, rather a frequent one; None: none near."""
        if word not in self._near:
            self._near[word] = self._look_up(word)
        words, weights = self._near[word]
        return chance.choices(words, weights)[0] if words else None

    def _look_up(self, word: str) -> tuple[list[str], list[float]]:
        key = sound(word)
        found = process.extract(key, self._keys, scorer=Levenshtein.normalized_distance, limit=self.CANDIDATES)
        words = [self._words[at] for _, _, at in found if self._words[at] != word]
        weights = [math.exp(-self.STEEPNESS * apart(key, sound(w))) * math.sqrt(self._counts[w]) for w in words]
        return words, weights


def vocabulary(texts: Iterable[Sequence[str]]) -> Vocabulary:
    """The vocabulary of some texts, each a sequence of words in lower case."""
    return Vocabulary(Counter(word for text in texts for word in text if any(ch.isalpha() for ch in word)))
