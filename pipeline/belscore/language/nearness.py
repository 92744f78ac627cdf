"""Which words of phrases a word heard can stand for, and at what cost."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

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


class Reading(NamedTuple):
    """What a word heard can stand for.

    size  : of the index when it was looked up
    near  : the phrase words, each once, with the cost in hundredths of a word
    words : the phrase words alone
    """

    size: int
    near: Near
    words: frozenset[str]


_UNREAD = Reading(0, (), frozenset())


class _Row:
    """Phrase words of one length in the order in which they came, each with its number in that order."""

    __slots__ = ("_behind", "_first", "_half", "_second", "numbers", "words")

    def __init__(self, length: int) -> None:
        self.numbers: list[int] = []
        self.words: list[str] = []
        self._half, self._behind = length // 2, length - length // 2
        self._first: dict[str, list[str]] = {}
        self._second: dict[str, list[str]] = {}

    def add(self, number: int, word: str) -> None:
        self.numbers.append(number)
        self.words.append(word)
        self._first.setdefault(word[: self._half], []).append(word)
        self._second.setdefault(word[self._half :], []).append(word)

    def like(self, norm: str, most: int, since: int) -> Sequence[str]:
        """Words from a number on, among them all that differ from `norm` in at most so many letters.

        One slip leaves one of the two halves of a word as it is: the others need no comparing.
        """
        if since:
            return self.words[bisect_left(self.numbers, since) :]
        if most > 1:
            return self.words
        return [*self._first.get(norm[: self._half], ()), *self._second.get(norm[-self._behind :], ())]


class WordIndex:
    """All words that phrases are made of; it grows as phrases are added.

    size : number of words so far; what was looked up at another size may lack some
    """

    def __init__(self, negating_prefixes: Sequence[str] = ()) -> None:
        """negating_prefixes : what turns a word into its opposite; with and without it are two words"""
        self.size = 0
        self._last_open = -1  # the number of the last `word*` or `*word`
        self._negating = negating_prefixes
        self._numbers: dict[str, int] = {}
        self._by_length: dict[int, _Row] = {}
        self._readings: dict[str, Reading] = {}

    def add(self, words: Iterable[str]) -> None:
        """Take in words of phrases; `word*` stands for all words that start so, `*word` for all that end so."""
        for word in words:
            if word in self._numbers:
                continue
            self._numbers[word] = self.size
            if word.endswith("*") or word.startswith("*"):
                self._last_open = self.size
            else:
                length = len(word)
                if length not in self._by_length:
                    self._by_length[length] = _Row(length)
                self._by_length[length].add(self.size, word)
            self.size += 1

    def read(self, norm: str) -> Reading:
        """What `norm` can stand for."""
        reading = self._readings.get(norm, _UNREAD)
        if reading.size != self.size:
            near = (*reading.near, *self._look_up(norm, reading.size))
            if len(self._readings) >= MAX_KEPT:
                self._readings.clear()
            reading = self._readings[norm] = Reading(self.size, near, frozenset([word for word, _ in near]))
        return reading

    def read_all(self, norms: Sequence[str]) -> list[Reading]:
        """The same of each of these words; most were read before."""
        known, size = self._readings, self.size
        return [reading if (reading := known.get(norm, _UNREAD)).size == size else self.read(norm) for norm in norms]

    def _look_up(self, norm: str, since: int) -> list[tuple[str, int]]:
        length, numbers = len(norm), self._numbers
        written = [norm]
        if self._last_open >= since:
            written += [f"{norm[:cut]}*" for cut in range(length + 1)]
            written += [f"*{norm[cut:]}" for cut in range(length)]
        found = [(word, 0) for word in written if numbers.get(word, -1) >= since]
        if length >= MIN_FUZZY_LETTERS:
            for size, most in _lengths(length):
                row = self._by_length.get(size)
                if row is not None and row.numbers[-1] >= since:
                    similar = {*_similar(norm, row.like(norm, most, since), most)} - {norm}
                    found += [(word, FUZZY_WORD) for word in similar if not self._denies(word, norm)]
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
    if min(len(choice), len(norm)) < MIN_FUZZY_LETTERS:
        return None
    most = max(len(choice), len(norm)) // LETTERS_A_SLIP
    return FUZZY_WORD if Levenshtein.distance(choice, norm, score_cutoff=most) <= most else None
