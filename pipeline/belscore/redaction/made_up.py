"""Made-up digits, dates, letters and names, as far from the real ones as chance takes them.

Chosen at random and kept nowhere but in the call, so that nothing leads back. What is the same stays the same within a
call, what is nearly the same stays so: a number that was said back with a mistake has one in what is made up too.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from difflib import SequenceMatcher

from belscore import syllables
from belscore.language.name_words import MAYBE_SAME_NAME, SAME_NAME, NameWords, name_similarity
from belscore.redaction.numbers_said import is_same

# So many tries for digits that take as long to say, and for a name as like and unlike the other words of the call.
_TRIES = 24
# `checks.names` asks whether a word sounds like the name from here on.
_LIKE_NAME = 0.75
_NAME_LETTERS = 4


class MadeUpDigits:
    """Digits for digits, of the same length."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._known: dict[str, str] = {}

    def of(self, said: str, value: str) -> str:
        """What stands in for the digits `said`, which are of the number `value`, whole or in part."""
        whole = self._known.get(value) or self._new(value)
        if said in value:
            at = value.index(said)
            return whole[at : at + len(said)]
        tail = value[-len(said) :]
        if sorted(tail) == sorted(said):  # the last digits in another order
            return "".join(whole[len(value) - len(tail) + tail.index(digit)] for digit in said)
        return self._aligned(said, value, whole)

    def _new(self, value: str) -> str:
        near = next((known for known in self._known if is_same(value, known) or known in value), None)
        made = self._aligned(value, near, self._known[near]) if near else self._drawn(value)
        self._known[value] = made
        return made

    def _drawn(self, value: str) -> str:
        """Other digits that are as long to say; what opens a telephone number stays."""
        lead = next((head for head in ("06", "0") if value.startswith(head)), "")
        rest = value[len(lead) :]
        drawn = ["".join(self._digit(at, rest) for at in range(len(rest))) for _ in range(_TRIES)]
        others = [each for each in drawn if lead + each not in self._known.values() and each != rest] or drawn
        return lead + min(others, key=lambda each: abs(_long(each) - _long(rest)))

    def _digit(self, at: int, rest: str) -> str:
        return str(self._chance.randint(1 if at == 0 else 0, 9)) if rest[at] != "0" or at else "0"

    def _aligned(self, said: str, value: str, made: str) -> str:
        """The digits that both share from `made`, others where they differ."""
        parts: list[str] = []
        for what, low, high, start, end in SequenceMatcher(None, value, said, autojunk=False).get_opcodes():
            if what == "equal":
                parts.append(made[low:high])
                continue
            for at in range(start, end):
                old = made[low + at - start] if low + at - start < high else ""
                parts.append(self._chance.choice([digit for digit in "123456789" if digit not in (old, said[at])]))
        return "".join(parts)


def _long(digits: str) -> int:
    """Syllables of Dutch digits said one by one: seven and nine have two."""
    return sum(2 if digit in "79" else 1 for digit in digits)


class MadeUpNames:
    """Names for names: alike where the real ones are, and as long."""

    def __init__(
        self, chance: random.Random, pool: Sequence[str], words: NameWords, heard: Sequence[str], common: frozenset[str]
    ) -> None:
        """
        heard  : the other words of the call
        common : words that are no names
        """
        taken = frozenset(heard)
        self._chance = chance
        self._pool = [each for each in pool if each not in taken | common and not words.is_organisation(each)]
        self._heard = [each for each in dict.fromkeys(heard) if len(each) >= _NAME_LETTERS]
        self._known: dict[str, str] = {}

    def of(self, word: str) -> str:
        """What stands in for a word of a name, folded as it is."""
        known = self._known.get(word)
        if known is not None:
            return known
        same = next((each for each in self._known if name_similarity(word, each) >= SAME_NAME), None)
        made = self._known[same] if same is not None else self._drawn(word)
        self._known[word] = made
        return made

    def known(self, word: str) -> str:
        """The same for a word that may be of no name: then as it is."""
        return self._known.get(word, word)

    def _drawn(self, word: str) -> str:
        used = set(self._known.values())
        free = [each for each in self._pool if each not in used] or self._pool
        drawn = self._chance.sample(free, min(_TRIES, len(free)))
        alike = [name_similarity(word, each) >= _LIKE_NAME for each in self._heard]
        return min(drawn, key=lambda each: self._difference(word, each, alike))

    def _difference(self, word: str, made: str, alike: Sequence[bool]) -> float:
        other = sum(
            _sameness(word, known) != _sameness(made, fake) for known, fake in self._known.items() if known != word
        )
        sounds = sum(
            same != (name_similarity(made, each) >= _LIKE_NAME) for same, each in zip(alike, self._heard, strict=True)
        )
        return 10 * other + sounds + 0.5 * abs(syllables.count(word) - syllables.count(made))


def _sameness(one: str, other: str) -> int:
    alike = name_similarity(one, other)
    return (alike >= SAME_NAME) + (alike >= MAYBE_SAME_NAME)
