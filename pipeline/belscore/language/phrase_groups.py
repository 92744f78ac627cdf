"""Phrases that are looked for together, and a cheap way to see which of them an utterance can hold at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from belscore.language.phrases import Phrase


# Every utterance has this word: it stands for any word at all.
_ANY = frozenset(("*",))


class Sieve:
    """Phrases by words without which they cannot be heard.

    phrases : each with what a match of it may deviate, in hundredths of a word
    anchors : words of which one is heard where any of the phrases is
    """

    __slots__ = ("_by_anchor", "anchors", "phrases")

    def __init__(self, phrases: Sequence[Phrase], everyday: frozenset[str], *, doubtful: bool) -> None:
        self.phrases = [(phrase, phrase.limit(doubtful=doubtful)) for phrase in phrases]
        # The number of each phrase that a word anchors, and what must be heard beside it.
        self._by_anchor: dict[str, list[tuple[int, frozenset[str]]]] = {}
        for number, (phrase, limit) in enumerate(self.phrases):
            for word in phrase.anchors(everyday, doubtful=doubtful) or _ANY:
                self._by_anchor.setdefault(word, []).append((number, phrase.beside(word, limit) or _ANY))
        self.anchors = frozenset(self._by_anchor)

    def candidates(self, reach: frozenset[str]) -> list[tuple[Phrase, int]]:
        """The phrases that may be heard, in their order."""
        numbers: list[int] = []
        for word in self.anchors & reach:
            numbers += [number for number, beside in self._by_anchor[word] if not beside.isdisjoint(reach)]
        if len(numbers) > 1:
            numbers = sorted(set(numbers))
        return [self.phrases[number] for number in numbers]


class Group:
    """Phrases that are looked for together. `sieve` is for matches within their budgets, `wide` for doubtful ones.

    size : of the word index when the group had been added
    """

    __slots__ = ("sieve", "size", "texts", "wide")

    def __init__(self, texts: tuple[str, ...], phrases: Sequence[Phrase], everyday: frozenset[str]) -> None:
        self.texts = texts
        self.sieve = Sieve(phrases, everyday, doubtful=False)
        self.wide = Sieve(phrases, everyday, doubtful=True)
        self.size = 0


class Inventory:
    """Lists of phrases by name; made by `PhraseFinder.inventory`.

    by_anchor : word -> lists with a phrase that cannot be heard without it, or one of a few others
    size      : of the word index when the last list had been added
    """

    __slots__ = ("anchors", "by_anchor", "lists", "size")

    def __init__(self, lists: Mapping[str, tuple[str, ...]], groups: Mapping[str, Group]) -> None:
        self.lists = lists
        by_anchor: dict[str, set[str]] = {}
        for name, group in groups.items():
            for word in group.sieve.anchors:
                by_anchor.setdefault(word, set()).add(name)
        self.by_anchor = {word: frozenset(names) for word, names in by_anchor.items()}
        self.anchors = frozenset(by_anchor)
        self.size = max((group.size for group in groups.values()), default=0)
