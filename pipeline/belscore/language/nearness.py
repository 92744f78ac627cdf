"""Which words of phrases a word heard can stand for, and at what cost."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

# Two words count as one when they differ in one letter of so many. Short words differ by meaning, not by noise: "zei"
# and "zie".
MIN_FUZZY_LETTERS = 5
LETTERS_A_SLIP = 5
# What it costs to take a similar word for the one of the phrase, in hundredths of a word; see `alignment`.
FUZZY_WORD = 30
# How many words heard are kept with what they can stand for: the vocabulary of many thousands of calls.
MAX_KEPT = 100_000

# A phrase word and the cost of taking the word heard for it.
Near = tuple[tuple[str, int], ...]


class _Row:
    """Phrase words in the order in which they came, each with its number in that order."""

    __slots__ = ("numbers", "words")

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.words: list[str] = []

    def add(self, number: int, word: str) -> None:
        self.numbers.append(number)
        self.words.append(word)

    def since(self, number: int) -> list[str]:
        return self.words[bisect_left(self.numbers, number) :] if number else self.words


class WordIndex:
    """All words that phrases are made of; it grows as phrases are added.

    size : number of words so far; what was looked up at another size may lack some
    """

    def __init__(self, negating_prefixes: Sequence[str] = ()) -> None:
        """negating_prefixes : what turns a word into its opposite; with and without it are two words"""
        self.size = 0
        self._negating = negating_prefixes
        self._known: set[str] = set()
        self._prefixes = _Row()
        self._endings = _Row()
        self._by_length: dict[int, _Row] = {}
        self._near: dict[str, tuple[int, Near]] = {}

    def add(self, words: Iterable[str]) -> None:
        """Take in words of phrases; `word*` stands for all words that start so, `*word` for all that end so."""
        for word in words:
            if word in self._known:
                continue
            self._known.add(word)
            if word.endswith("*"):
                self._prefixes.add(self.size, word)
            elif word.startswith("*"):
                self._endings.add(self.size, word)
            else:
                self._by_length.setdefault(len(word), _Row()).add(self.size, word)
            self.size += 1

    def near(self, norm: str) -> Near:
        """The phrase words that `norm` can stand for, each once, with the cost in hundredths of a word."""
        size, near = self._near.get(norm, (0, ()))
        if size != self.size:
            near = (*near, *self._look_up(norm, size))
            if len(self._near) >= MAX_KEPT:
                self._near.clear()
            self._near[norm] = (self.size, near)
        return near

    def _look_up(self, norm: str, since: int) -> list[tuple[str, int]]:
        found = [(prefix, 0) for prefix in self._prefixes.since(since) if norm.startswith(prefix[:-1])]
        found += [(ending, 0) for ending in self._endings.since(since) if norm.endswith(ending[1:])]
        length = len(norm)
        same = self._by_length.get(length)
        if norm in self._known and same is not None and norm in same.since(since):
            found.append((norm, 0))
        if length >= MIN_FUZZY_LETTERS:
            for size, most in _lengths(length):
                row = self._by_length.get(size)
                if row is not None and row.numbers[-1] >= since:
                    similar = _similar(norm, row.since(since), most)
                    found += [(word, FUZZY_WORD) for word in similar if word != norm and not self._denies(word, norm)]
        return found

    def _denies(self, one: str, other: str) -> bool:
        """Whether a prefix makes one the opposite of the other: `tevreden` and `ontevreden`, `iemand` and `niemand`."""
        for prefix in self._negating:
            if one.startswith(prefix) != other.startswith(prefix):
                longer, shorter = (one, other) if one.startswith(prefix) else (other, one)
                rest = Levenshtein.distance(longer.removeprefix(prefix), shorter)
                if rest < Levenshtein.distance(longer, shorter):
                    return True
        return False


@lru_cache(maxsize=64)
def _lengths(length: int) -> tuple[tuple[int, int], ...]:
    """Lengths of words that may be similar to one of so many letters, and how many letters may differ."""
    slips = ((size, max(size, length) // LETTERS_A_SLIP) for size in range(MIN_FUZZY_LETTERS, 2 * length))
    return tuple((size, most) for size, most in slips if abs(size - length) <= most)


def _similar(norm: str, words: Sequence[str], most: int) -> list[str]:
    """The words that differ from `norm` in at most so many letters."""
    scored = process.extract(norm, words, scorer=Levenshtein.distance, score_cutoff=most, limit=None)
    return [word for word, _, _ in scored]


def cost_of(choice: str, norm: str) -> int | None:
    """What it costs to read `norm` as the word `choice`; None when they are different words."""
    if choice == norm:
        return 0
    longest = max(len(choice), len(norm))
    long_enough = min(len(choice), len(norm)) >= MIN_FUZZY_LETTERS
    return FUZZY_WORD if long_enough and _similar(norm, [choice], longest // LETTERS_A_SLIP) else None
