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
    """Phrase words of one length in the order in which they came, each with its number in that order.

    Slips leave one part more than there are slips as it is: words that share none with what was heard need no
    comparing. For one slip words are kept by their halves, for two by their thirds.
    """

    __slots__ = ("_cuts", "_ends", "_length", "_middles", "_numbers", "_starts", "_words")

    def __init__(self, length: int) -> None:
        self._length = length
        self._numbers: list[int] = []
        self._words: list[str] = []
        # Where the first part ends and the last begins, for one slip and for two.
        self._cuts = (length // 2, length // 2), (length // 3, length - length // 3)
        # For one slip and for two: part -> words with it.
        self._starts: tuple[dict[str, list[str]], ...] = ({}, {})
        self._middles: dict[str, list[str]] = {}
        self._ends: tuple[dict[str, list[str]], ...] = ({}, {})

    def add(self, number: int, word: str) -> None:
        self._numbers.append(number)
        self._words.append(word)
        for (first, last), starts, ends in zip(self._cuts, self._starts, self._ends, strict=True):
            starts.setdefault(word[:first], []).append(word)
            ends.setdefault(word[last:], []).append(word)
        first, last = self._cuts[1]
        self._middles.setdefault(word[first:last], []).append(word)

    def has_since(self, number: int) -> bool:
        """Whether a word came with this number or later."""
        return self._numbers[-1] >= number

    def like(self, norm: str, slips: int, since: int) -> Sequence[str]:
        """Words from a number on, among them all that differ from `norm` in at most so many letters."""
        if since:
            return self._words[bisect_left(self._numbers, since) :]
        if slips > len(self._cuts):
            return self._words
        first, last = self._cuts[slips - 1]
        rows = [self._starts[slips - 1].get(norm[:first]), self._ends[slips - 1].get(norm[last - self._length :])]
        if slips > 1:  # one slip in front of the middle moves it by one letter at most
            rows += [self._middles.get(norm[at : at + last - first]) for at in (first - 1, first, first + 1)]
        return [word for row in rows if row for word in row]


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
                if row is not None and row.has_since(since):
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
