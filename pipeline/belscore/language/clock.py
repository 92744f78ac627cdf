"""Clock times in the words of an utterance: `kwart voor elf`, `dertien uur vijfenveertig`, `om tien`, `15u30`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from belscore.language.lexicon import Lexicon
from belscore.language.numbers import NumberReader
from belscore.language.tokens import Utterance

_DIGITAL_CLOCK = re.compile(r"^([01]?\d|2[0-3])[.:u]([0-5]\d)u?$")
_DIGITAL_HOUR = re.compile(r"^([01]?\d|2[0-3])u$")
LAST_HOUR = 24
# Words from the one that opens a stretch to its second time: "tussen kwart over negen en tien".
RANGE_REACH = 6
# `het gaat dan om twee paar`: the verb and its subject stand in so many words in front of `om`.
CONCERN_REACH = 3
# `duurt bij elkaar twee uur`: the verb stands so many words in front of the length of time.
DURATION_REACH = 4
# `tien voor elf`: minutes, side and hour.
SHORTEST_RELATIVE = 3

# The token behind the time, the minutes after midnight or noon, and which half of the day when that was said.
_Said = tuple[int, int, bool | None]


class Words(tuple[str, ...]):
    """The norms of an utterance that know where a sentence ends: indices of the last words, in `last`."""

    last: frozenset[int] = frozenset()

    @classmethod
    def of(cls, utterance: Utterance) -> Words:
        words = cls(utterance.norms)
        words.last = frozenset(utterance.ends)
        return words


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time that ends before token `end`.

    minutes   : after midnight, or after noon where the half of the day is unsaid
    afternoon : None when unsaid
    bound     : the word that makes it no moment: "voor", "tussen", "van"; "" for a moment
    other     : minutes of the other reading, where the words have two: `om tien voor twee vullingen`; None for one
    """

    end: int
    minutes: int
    afternoon: bool | None
    bound: str
    other: int | None = None


class ClockReader:
    """Reads clock times by the table `clock` of `rules/lexicon/waarden.toml`."""

    def __init__(self, lexicon: Lexicon, numbers: NumberReader) -> None:
        self.numbers = numbers
        clock = lexicon.table("waarden", "clock")
        self._hour_words = frozenset(clock["hour_words"])
        self._minute_words = frozenset(clock["minutes"])
        self._quarter, self._half = str(clock["quarter"]), str(clock["half"])
        self._before, self._after = str(clock["before"]), str(clock["after"])
        self._amount = frozenset(clock["units_of_amount"])
        self._single_amount = frozenset(clock["units_of_one"])
        self._short_hour = str(clock["short_hour"])
        self._zero, self._and, self._or = str(clock["zero"]), str(clock["and"]), str(clock["or"])
        self._after_quarter = frozenset(clock["after_quarter"])
        self._article = str(clock["article"])
        self._the = str(lexicon.table("waarden", "days")["the"])
        self._after_bare_one = frozenset(clock["after_bare_one"])
        self._after_duration = frozenset(clock["after_duration"])
        self._right_behind_duration = frozenset(clock["right_behind_duration"])
        self._before_clock = frozenset(clock["before_clock"])
        self._bounds = frozenset(clock["bounds"])
        self._concerns, self._concerned = frozenset(clock["concerns"]), frozenset(clock["concerned"])
        self._before_duration = frozenset(clock["before_duration"])
        self._duration_verbs = frozenset(clock["duration_verbs"])
        self._plural_hours = frozenset(clock["plural_hours"])
        self._between = str(clock["between"])
        self._from_to = (str(clock["from"]), str(clock["to"]))
        self._weekdays = frozenset(lexicon.table("waarden", "weekdays"))
        self._days = (*self._weekdays, *lexicon.table("waarden", "months"))
        self._idle = lexicon.idle
        self._digit_joiners = frozenset(lexicon.table("waarden", "number_strings")["joiners"])

    def read(self, norms: Words, at: int) -> Clock | None:
        """The clock time that begins at token `at`; None when none does."""
        relative = self._relative_to_hour(norms, at)
        said, other = self._digital(norms, at) or relative or self._full_hour(norms, at), None
        if relative is not None and self._is_for_something(norms, at, relative[0]):
            other = self._plain_hour(norms, at)
            if norms[relative[0] - 1] == self._article and self._is_article(norms, relative[0] - 1):
                said, other = other, relative  # "om negen voor een reiniging"
        elif said is not None and said[1] % 60 and self._relative_to_hour(norms, said[0] - 1):
            other = (said[0], said[1] - said[1] % 60, said[2])  # "om tien uur twintig voor twee vullingen"
        if said is None:
            return None
        end, minutes, afternoon = said
        stretch = self._range_bound(norms, at, end)
        bound = norms[at - 1] if not stretch and at and norms[at - 1] in self._bounds else stretch
        return Clock(end, minutes, afternoon, bound, other[1] if other is not None else None)

    def is_hour(self, norm: str) -> bool:
        """`uur`."""
        return norm in self._hour_words

    def _range_bound(self, norms: Words, at: int, end: int) -> str:
        """`tussen twee en drie` and `van negen tot één` give a stretch, no moment: the word that opens it."""
        opener, joiner = self._from_to
        before = norms[at - 1] if at else ""
        if before == self._between:
            return before
        if before == opener and joiner in norms[end : end + 1]:
            return before
        back = norms[max(0, at - RANGE_REACH) : at]
        if before == joiner and opener in back:
            return opener
        return self._between if before in self._digit_joiners and self._between in back else ""

    def _is_for_something(self, norms: Words, at: int, end: int) -> bool:
        """`om tien voor twee vullingen`: the word behind may name what the hour is for."""
        if end != at + SHORTEST_RELATIVE or norms[at] == self._quarter or end - 1 in norms.last or end >= len(norms):
            return False
        return norms[end] not in self._idle and norms[end] not in self._weekdays

    def _plain_hour(self, norms: Words, at: int) -> _Said | None:
        """The full hour, behind a weekday without a word in front: `dinsdag tien voor een controle`."""
        hour = self._hour(norms, at) if at and norms[at - 1] in self._weekdays else None
        return self._full_hour(norms, at) or ((at + 1, hour * 60, None) if hour is not None else None)

    def _digital(self, norms: Words, at: int) -> _Said | None:
        whole = _DIGITAL_HOUR.match(norms[at])
        if whole:
            return at + 1, int(whole[1]) * 60, _half_of_day(int(whole[1]))
        match = _DIGITAL_CLOCK.match(norms[at])
        if not match:
            return None
        end = self._past_hour_word(norms, at + 1)
        before = norms[at - 1] if at else ""
        fronts = self._before_clock | self._bounds | self._weekdays
        if not {":", "u"} & set(norms[at]) and end == at + 1 and before not in fronts:
            return None
        hour = int(match[1])
        return end, hour * 60 + int(match[2]), _half_of_day(hour)

    def _relative_to_hour(self, norms: Words, at: int) -> _Said | None:
        """`half drie`, `kwart voor elf`, `vijf over half vier`, `tien voor negen`."""
        if norms[at].startswith(self._half):  # "half drie", also written as one word
            joined = self.numbers.cardinal(norms[at].removeprefix(self._half))
            hour = self._hour(norms, at + 1) if norms[at] == self._half else joined
            if hour is None or not 1 <= hour <= 12:
                return None
            return self._past_hour_word(norms, at + 1 + (joined is None)), hour * 60 - 30, None
        minutes = 15 if norms[at] == self._quarter else self.numbers.cardinal(norms[at])
        if minutes is None or not 0 < minutes < 30:
            return None
        side = at + 1
        has_unit = side < len(norms) and norms[side] in self._minute_words
        side += has_unit
        is_half = side + 1 < len(norms) and norms[side + 1] == self._half
        later = self._after_quarter if is_half or norms[at] == self._quarter else {self._after}
        if side >= len(norms) or (norms[side] != self._before and norms[side] not in later):
            return None
        sign = -1 if norms[side] == self._before else 1
        hour = self._hour(norms, side + 1 + is_half)
        if hour is None or (minutes < 5 and not has_unit and not is_half):
            return None
        end = side + 2 + is_half
        if end < len(norms) and norms[end] in self._amount:
            return None
        return self._past_hour_word(norms, end), hour * 60 - 30 * is_half + sign * minutes, None

    def _full_hour(self, norms: Words, at: int) -> _Said | None:
        """`elf uur`, `elf uur vijftien`, `om tien`, `na vieren`."""
        hour = self.numbers.cardinal(norms[at])
        if hour is None or not 0 <= hour <= 24:
            return None
        before = norms[at - 1] if at else ""
        after = at + 1
        if self.is_hour_word(norms, after):
            return self._with_minutes(norms, at, hour, before)
        if hour > 12 and before == self._between and self._shares_hour_word(norms, after):
            return after, hour * 60, True
        if not 1 <= hour <= 12 or self._amount_at(norms, after):
            return None
        plural = norms[at] in self._plural_hours
        lone = after >= len(norms) or self.numbers.cardinal(norms[after]) is None
        if (hour == 1 and self._is_article(norms, at)) or self._is_concerned(norms, at):
            return None
        in_range = self._range_bound(norms, at, after) in (self._between, *self._from_to)
        if (
            (in_range and lone)
            or (plural and before in self._bounds | self._before_clock)
            or (before in self._before_clock and lone)
        ):
            return after, hour * 60, None
        return None

    def _is_concerned(self, norms: Words, at: int) -> bool:
        """`gaat het om twee paar`: not when, but what it is about, which is named behind."""
        after, front = at + 1, norms[max(0, at - 1 - CONCERN_REACH) : max(0, at - 1)]
        if after >= len(norms) or at in norms.last or norms[after] in self._idle | self._weekdays:
            return False
        return not self._concerns.isdisjoint(front) and not self._concerned.isdisjoint(front)

    def _shares_hour_word(self, norms: Words, after: int) -> bool:
        """`tussen zestien en zeventien uur`: the word for both stands behind the second."""
        joined = norms[after : after + 1] == (self._and,) and after + 2 < len(norms)
        return joined and self.numbers.cardinal(norms[after + 1]) is not None and self.is_hour_word(norms, after + 2)

    def _is_article(self, norms: Words, at: int) -> bool:
        """`om een sterker middel`, not `om een kan ik wel`: behind the hour no thing is named."""
        after = at + 1
        return (
            norms[at] == self._article and after < len(norms) and at not in norms.last
            and norms[after] not in self._after_bare_one | self._weekdays
        )  # fmt: skip

    def _with_minutes(self, norms: Words, at: int, hour: int, before: str) -> _Said | None:
        """`elf uur`, `elf uur vijftien`, `acht uur nul vijf`; no length of time: `twee uur lang`, `een uur`."""
        after = at + 2
        if before not in self._before_clock | self._bounds:
            lone_hour = hour in (1, LAST_HOUR) and not self._behind_day(norms, at)
            lasts = not self._after_duration.isdisjoint(norms[after : after + 2]) or self._lasts(norms, at)
            if lone_hour or lasts or not self._right_behind_duration.isdisjoint(norms[after : after + 1]):
                return None
        elif (
            hour == 1
            and norms[after : after + 1] == (self._or,)
            and (about := self._hour(norms, after + 1)) is not None
            and not self.is_hour_word(norms, after + 2)
        ):
            return after + 2, about * 60, None  # "om een uur of drie"; "om een uur of drie uur" is a choice
        if before == self._the and not self._before_clock.isdisjoint(norms[max(0, at - 2) : at - 1]):
            return None  # "om de vier uur"
        if before in self._before_duration and self._weekdays.isdisjoint(norms[max(0, at - 3) : at]):
            return None  # "de eerste twee uur", but "maandag de eerste twee uur"
        end, minutes = (after, 0) if at + 1 in norms.last else self._minutes(norms, after)
        return self._past_hour_word(norms, end), hour * 60 + minutes, _half_of_day(hour)

    def _lasts(self, norms: Words, at: int) -> bool:
        """`het onderzoek duurt bij elkaar twee uur`, not `het duurt niet lang. Twee uur, kan dat?`."""
        verbs = [place for place in range(max(0, at - DURATION_REACH), at) if norms[place] in self._duration_verbs]
        if not verbs:
            return False
        between = norms[verbs[-1] : at]
        parted = not norms.last.isdisjoint(range(verbs[-1], at)) or any(word.startswith(self._days) for word in between)
        return not parted and self._before_clock.isdisjoint(between)

    def _behind_day(self, norms: Words, at: int) -> bool:
        """`dinsdag een uur`, not `dinsdag een uur voor de operatie`."""
        following = norms[at + 2 : at + 3]
        return at > 0 and norms[at - 1].startswith(self._days) and self._bounds.isdisjoint(following)

    def _minutes(self, norms: Words, at: int) -> tuple[int, int]:
        """The minutes said behind `uur`, from token `at` on, and where they end; 0 for none."""
        if norms[at : at + 1] == (self._zero,):
            single = self.numbers.cardinal(norms[at + 1]) if at + 1 < len(norms) else None
            return (at + 2, single) if single is not None and 0 < single < 10 else (at, 0)
        joined = norms[at : at + 1] == (self._and,)
        place = at + joined
        minutes = self.numbers.cardinal(norms[place]) if place < len(norms) else None
        if minutes is None or not 1 < minutes < 60:
            return at, 0
        relative = self._relative_to_hour(norms, place)
        if relative is not None and not self._is_for_something(norms, place, relative[0]):
            return at, 0
        has_unit = place + 1 < len(norms) and norms[place + 1] in self._minute_words
        if joined or has_unit:
            return (place + 2, minutes) if joined and has_unit else (at, 0)
        return (at, 0) if self._amount_at(norms, place + 1) else (place + 1, minutes)

    def _hour(self, norms: Words, at: int) -> int | None:
        value = self.numbers.cardinal(norms[at]) if at < len(norms) else None
        return value if value is not None and 1 <= value <= 12 else None

    def _past_hour_word(self, norms: Words, at: int) -> int:
        return at + 1 if self.is_hour_word(norms, at) else at

    def is_hour_word(self, norms: Words, at: int) -> bool:
        """`uur`; the bare `u` behind digits only, elsewhere it is the pronoun."""
        if at >= len(norms) or at - 1 in norms.last:
            return False
        return norms[at] in self._hour_words or (norms[at] == self._short_hour and norms[at - 1][-1:].isdigit())

    def _amount_at(self, norms: Words, at: int) -> bool:
        """A unit of length or amount; `dag` and `week` behind one only, elsewhere they greet: `kwart voor elf, dag`."""
        if at >= len(norms) or at - 1 in norms.last:
            return False
        return norms[at] in self._amount or (
            norms[at] in self._single_amount and self.numbers.cardinal(norms[at - 1]) == 1
        )


def is_digital(norm: str) -> bool:
    """`14.30` and `9:05`, which are no groups of digits."""
    return bool(_DIGITAL_CLOCK.match(norm))


def _half_of_day(hour: int) -> bool | None:
    return True if hour > 12 else None
