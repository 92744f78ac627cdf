"""How common words are in calls, to look first for what is rarest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

# By Zipf's law (1949, with Mandelbrot's shift): of 21,000 labelled turns the first word of the list is in one of three,
# the sixteenth in one of ten, the hundredth in one of sixty (bench/common_words.py).
_SHARE, _SHIFT = 1.7, 5.0
# A word that is not in the list; and `{naam}`, which stands for a name that is heard again and again.
_RARE = 0.0003
_BLANK = 0.3
# Any word at all.
_ANY = 9.0


class Commonness:
    """Shares of the turns that words are in, by their place in a list."""

    def __init__(self, words: Sequence[str]) -> None:
        """words : the commonest, the most common first"""
        self._shares = {word: _SHARE / (place + _SHIFT) for place, word in enumerate(words)}
        self._of = lru_cache(maxsize=50_000)(self._sum)

    def of(self, choices: tuple[str, ...] | frozenset[str]) -> float:
        """About the share of turns in which one of these words of a phrase is heard; over 1 for what always is."""
        return self._of(choices)

    def _sum(self, choices: Iterable[str]) -> float:
        return sum(map(self._share, choices))

    def _share(self, choice: str) -> float:
        if choice == "*":
            return _ANY
        if choice.startswith("{"):
            return _BLANK
        if choice.endswith("*"):
            return _RARE + sum(share for word, share in self._shares.items() if word.startswith(choice[:-1]))
        if choice.startswith("*"):
            return _RARE + sum(share for word, share in self._shares.items() if word.endswith(choice[1:]))
        return self._shares.get(choice, _RARE)
