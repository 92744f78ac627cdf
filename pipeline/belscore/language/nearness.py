"""Which words of phrases lie within reach of the words of a turn: the sieve before phrases are matched word by word."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

# Two words count as one from this similarity on. Short words differ by meaning, not by noise: "zei" and "zie".
MIN_FUZZY_LETTERS = 5
MIN_SIMILARITY = 0.8
# What it costs, in words, to take a similar word for the one of the phrase; see `phrases`.
FUZZY_WORD = 0.3


@lru_cache(maxsize=200_000)
def word_cost(choice: str, norm: str, fuzzy: bool) -> float | None:
    """What it costs to read `norm` as the phrase word `choice`; None when they are different words."""
    if choice == norm:
        return 0.0
    if choice.endswith("*"):
        return 0.0 if norm.startswith(choice[:-1]) else None
    if not fuzzy or min(len(choice), len(norm)) < MIN_FUZZY_LETTERS:
        return None
    return FUZZY_WORD if Levenshtein.normalized_similarity(choice, norm) >= MIN_SIMILARITY else None


class WordIndex:
    """The words a group of phrases is made of, and for each word heard which of them it can stand for."""

    def __init__(self, words: Iterable[str]) -> None:
        known = frozenset(words)
        self._known = known
        self._prefixes = tuple(word for word in known if word.endswith("*"))
        self._by_length: dict[int, list[str]] = {}
        for word in known:
            if len(word) >= MIN_FUZZY_LETTERS and not word.endswith("*"):
                self._by_length.setdefault(len(word), []).append(word)
        self._near: dict[str, frozenset[str]] = {}

    def reach(self, norms: Iterable[str]) -> frozenset[str]:
        """All phrase words that some word of `norms` can stand for."""
        reached: set[str] = set()
        for norm in norms:
            near = self._near.get(norm)
            reached |= self._look_up(norm) if near is None else near
        return frozenset(reached)

    def _look_up(self, norm: str) -> frozenset[str]:
        found = {prefix for prefix in self._prefixes if norm.startswith(prefix[:-1])}
        if norm in self._known:
            found.add(norm)
        size = len(norm)
        if size >= MIN_FUZZY_LETTERS:
            for length in range(int(size * MIN_SIMILARITY), int(size / MIN_SIMILARITY) + 1):
                similar = self._by_length.get(length, ())
                found.update(w for w in similar if Levenshtein.normalized_similarity(w, norm) >= MIN_SIMILARITY)
        self._near[norm] = frozenset(found)
        return self._near[norm]
