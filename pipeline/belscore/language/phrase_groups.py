"""Phrases that are looked for together, and a cheap way to see which of them an utterance can hold at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from belscore.language.commonness import Commonness
    from belscore.language.phrases import Phrase


# Every utterance has this word: it stands for any word at all.
_ANY = frozenset(("*",))


class Sieve:
    """Phrases by words without which they cannot be heard.

    phrases : each with what a match of it may deviate, in hundredths of a word
    anchors : words of which one is heard where any of the phrases is
    """

    __slots__ = ("_by_anchor", "anchors", "phrases")

    def __init__(self, phrases: Sequence[Phrase], common: Commonness, *, doubtful: bool) -> None:
        self.phrases = [(phrase, phrase.limit(doubtful=doubtful)) for phrase in phrases]
        # The number of each phrase that a word anchors, and what must be heard beside it.
        self._by_anchor: dict[str, list[tuple[int, frozenset[str]]]] = {}
        for number, (phrase, limit) in enumerate(self.phrases):
            for word in phrase.anchors(common, doubtful=doubtful) or _ANY:
                self._by_anchor.setdefault(word, []).append((number, phrase.beside(word, limit, common) or _ANY))
        self.anchors = frozenset(self._by_anchor)

    def candidates(self, reach: frozenset[str]) -> list[tuple[Phrase, int]]:
        """The phrases that may be heard, in their order."""
        numbers: list[int] = []
        for word in self.anchors & reach:
            for number, beside in self._by_anchor[word]:
                if not beside.isdisjoint(reach):
                    numbers.append(number)
        if len(numbers) > 1:
            numbers = sorted(set(numbers))
        return [self.phrases[number] for number in numbers]


class Group:
    """Phrases that are looked for together.

    common : how common words are
    sieve  : for matches within their budgets
    size   : of the word index when the group had been added
    """

    def __init__(self, texts: tuple[str, ...], phrases: Sequence[Phrase], common: Commonness) -> None:
        self.texts = texts
        self.sieve = Sieve(phrases, common, doubtful=False)
        self.size = 0
        self.common = common

    @cached_property
    def wide(self) -> Sieve:
        """For doubtful matches too, which of most phrases nobody asks for."""
        return Sieve([phrase for phrase, _ in self.sieve.phrases], self.common, doubtful=True)


class Inventory:
    """Lists of phrases by name; made by `PhraseFinder.inventory`.

    by_anchor : word -> lists with a phrase that cannot be heard without it, or one of a few others
    shares    : about the share of turns that may have a phrase of each list
    size      : of the word index when the last list had been added
    """

    __slots__ = ("anchors", "by_anchor", "lists", "shares", "size")

    def __init__(self, lists: Mapping[str, tuple[str, ...]], groups: Mapping[str, Group]) -> None:
        self.lists = lists
        by_anchor: dict[str, set[str]] = {}
        for name, group in groups.items():
            for word in group.sieve.anchors:
                by_anchor.setdefault(word, set()).add(name)
        self.by_anchor = {word: frozenset(names) for word, names in by_anchor.items()}
        self.anchors = frozenset(by_anchor)
        self.shares = {name: group.common.of(group.sieve.anchors) for name, group in groups.items()}
        self.size = max((group.size for group in groups.values()), default=0)
