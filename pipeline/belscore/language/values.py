"""Clock times, days, dates and numbers in an utterance, as values that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from belscore.language.clock import ClockReader, Words, is_digital
from belscore.language.lexicon import Lexicon
from belscore.language.numbers import NumberReader
from belscore.language.tokens import Utterance

HALF_DAY_MIN = 12 * 60
ONE_OCLOCK_MIN = 60
DAYS_A_WEEK = 7
_DIGITAL_DATE = re.compile(r"^(\d{1,2})[-/](\d{1,2})(?:[-/](\d{2,4}))?$")
_DIGIT_GROUPS = re.compile(r"^\d[\d\-.]*\d$|^\d$")
MIN_NUMBER_DIGITS = 4
# One digit said again is as often the next one.
MIN_RESTATED_DIGITS = 2
# From here on an ordinal is a day of the month rather than the place in a row.
HIGH_DATE = 10

Kind = Literal["clock", "weekday", "date", "relative_day", "week", "daypart", "number", "later", "same_clock"]


@dataclass(frozen=True, slots=True)
class Value:
    """One value and the tokens start..end (exclusive) that say it.

    clock         : minutes after midnight or noon, 0..719; `afternoon` says which half of the day, None when unsaid;
                    `other` is what else the words may mean: `om tien voor twee vullingen`
    weekday       : 0 Monday .. 6 Sunday
    date          : day of the month; `month` 1..12 or None
    relative_day  : days after the day of the call
    week          : weeks after the one of the call
    daypart       : index in the lexicon's table of dayparts
    later         : days after the moment said before it: `de dag erna`, `een week later`
    same_clock    : at the time of day said before it: `zelfde tijd`
    number        : `digits` is the string of digits, `context` the word before it ("kamer", "kerkstraat", ""), `unit`
                    the word behind it ("tabletten"), "" at the end
    """

    kind: Kind
    value: int
    start: int
    end: int
    afternoon: bool | None = None
    month: int | None = None
    digits: str = ""
    context: str = ""
    unit: str = ""
    bound: str = field(default="", compare=False)
    other: int | None = field(default=None, compare=False)


class ValueReader:
    """Reads values by the inventory in `rules/lexicon/waarden.toml`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.numbers = NumberReader(lexicon)
        self._weekdays = {str(word): int(day) for word, day in lexicon.table("waarden", "weekdays").items()}
        self._months = {str(word): int(month) for word, month in lexicon.table("waarden", "months").items()}
        relative = lexicon.table("waarden", "relative_days")
        self._relative = {str(word): int(days) for word, days in relative.items()}
        dayparts = lexicon.table("waarden", "dayparts")
        self.dayparts = tuple(dayparts)
        self._dayparts = {str(word): at for at, words in enumerate(dayparts.values()) for word in words}
        clock = lexicon.table("waarden", "clock")
        self._half, self._quarter, self._after = str(clock["half"]), str(clock["quarter"]), str(clock["after"])
        self._before_clock = frozenset(clock["before_clock"])
        self._plural_hours = frozenset(clock["plural_hours"])
        self._one, self._hour_words = str(clock["article"]), frozenset(clock["hour_words"])
        self._front_of_one, self._behind_one = (frozenset(clock["lone_one"][side]) for side in ("front", "behind"))
        days = lexicon.table("waarden", "days")
        self._greeting_morning = str(days["greeting"])
        self._wishes = frozenset(days["wishes"])
        self._not_tomorrow_after = frozenset(days["not_tomorrow_after"])
        self._not_tomorrow_before = frozenset(days["not_tomorrow_before"])
        self._tomorrow_behind = frozenset(days["tomorrow_behind"])
        self._counted = frozenset(days["counted"])
        self._after_bare_date = frozenset(days["after_bare_date"])
        self._the = str(days["the"])
        self._week_words = frozenset(days["week_words"])
        self._which_week = {str(word): int(weeks) for word, weeks in lexicon.table("waarden", "which_week").items()}
        anew = lexicon.table("waarden", "anew")
        self._spans = {str(word): int(days) for word, days in anew["spans"].items()}
        self._afterwards = frozenset(anew["afterwards"])
        self._same, self._same_times = frozenset(anew["same"]), frozenset(anew["times"])
        numbers = lexicon.table("waarden", "number_strings")
        self._double = frozenset(numbers["double"])
        self._digit_joiners = frozenset(numbers["joiners"])
        self._restating = frozenset(numbers["restating"])
        self._fillers = lexicon.fillers
        self._clocks = ClockReader(lexicon, self.numbers)

    def read(self, utterance: Utterance) -> tuple[Value, ...]:
        """All values of an utterance in the order said; a stretch of words gives at most one reading."""
        begins = [at for at, norm in enumerate(utterance.norms) if self._may_begin(norm)]
        if not begins:
            return ()
        norms = Words.of(utterance)
        values: list[Value] = []
        end = 0
        for at in begins:
            if at >= end and (found := self._read_at(norms, at)):
                values.extend(found)
                end = max([value.end for value in found])
        return tuple(values)

    def with_lone_hour(self, utterance: Utterance, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The values and every `een uur` that alone may be a length of time, for where one o'clock is spoken of."""
        norms = Words.of(utterance)
        lone = [
            Value("clock", ONE_OCLOCK_MIN, at, at + 2)
            for at, (norm, unit) in enumerate(pairwise(norms))
            if norm == self._one and unit in self._hour_words and self._stands_alone(norms, at)
        ]
        free = [each for each in lone if not any(v.start < each.end and each.start < v.end for v in values)]
        return tuple(sorted((*values, *free), key=lambda value: value.start)) if free else values

    def _stands_alone(self, norms: Words, at: int) -> bool:
        starts = at == 0 or at - 1 in norms.last or norms[at - 1] in self._front_of_one
        behind = norms[at + 2] if at + 2 < len(norms) and at + 1 not in norms.last else ""
        return starts and (not behind or behind in self._behind_one or behind.startswith(tuple(self._weekdays)))

    @lru_cache(maxsize=8192)  # noqa: B019 one reader lives as long as its rule set
    def _may_begin(self, norm: str) -> bool:
        """Cheap sieve: whether any value can begin with this word."""
        inventories = (self._which_week, self._relative, self._dayparts, self._spans, self._same)
        if norm in (self._half, self._quarter, self._after) or any(norm in words for words in inventories):
            return True
        return self._is_numeral(norm) or norm.startswith((*self._weekdays, self._half))

    @lru_cache(maxsize=8192)  # noqa: B019 as above
    def _is_numeral(self, norm: str) -> bool:
        """Whether a number can begin with this word."""
        if norm in self._double or norm[:1].isdigit():
            return True
        return self.numbers.cardinal(norm) is not None or self.numbers.ordinal(norm) is not None

    def _read_at(self, norms: Words, at: int) -> list[Value]:
        readers = [self._clock, self._anew, self._day]
        if self._is_numeral(norms[at]):
            readers = [self._date, self._number_string, *readers, self._small_number]
        for reader in readers:
            found = list(reader(norms, at))
            if found:
                return found
        return []

    def _clock(self, norms: Words, at: int) -> Iterator[Value]:
        read = self._clocks.read(norms, at)
        if read is not None:
            minutes = read.minutes % HALF_DAY_MIN
            other = None if read.other is None else read.other % HALF_DAY_MIN
            yield Value("clock", minutes, at, read.end, afternoon=read.afternoon, bound=read.bound, other=other)

    # Days

    def _anew(self, norms: Words, at: int) -> Iterator[Value]:
        """`de dag erna`, `twee weken later`, `diezelfde dag`, `zelfde tijd`: reckoned from what was said before."""
        following = norms[at + 1] if at + 1 < len(norms) else ""
        if norms[at] in self._same:
            if following in self._same_times:
                yield Value("same_clock", 0, at, at + 2)
            elif self._spans.get(following) == 1:
                yield Value("later", 0, at, at + 2)
            return
        count = None if norms[at] in self._spans else self.numbers.cardinal(norms[at])
        place = at + (count is not None)
        days = self._spans.get(norms[place]) if place < len(norms) else None
        if days is not None and place + 1 < len(norms) and norms[place + 1] in self._afterwards:
            yield Value("later", days * (count or 1), at, place + 2)

    def _ahead(self, norms: Words, at: int) -> tuple[int, int]:
        """`over veertien dagen` from token `at` on: days, and the token behind it; (0, at) where it says no such."""
        if norms[at : at + 1] != (self._after,) or at + 2 >= len(norms):
            return 0, at
        count, days = self.numbers.cardinal(norms[at + 1]), self._spans.get(norms[at + 2])
        return (count * days, at + 3) if count is not None and days is not None else (0, at)

    def _day(self, norms: Words, at: int) -> Iterator[Value]:
        """A day, week or part of the day that is named, not wished: `een fijne avond`."""
        if not at or norms[at - 1] not in self._wishes:
            yield from self._named_day(norms, at)

    def _named_day(self, norms: Words, at: int) -> Iterator[Value]:
        norm = norms[at]
        following = norms[at + 1] if at + 1 < len(norms) else ""
        if following in self._week_words and norm in self._which_week:
            yield Value("week", self._which_week[norm], at, at + 2)
            return
        days, end = self._ahead(norms, at)
        if days:
            whole = days % DAYS_A_WEEK == 0
            yield Value("week" if whole else "relative_day", days // DAYS_A_WEEK if whole else days, at, end)
            return
        if norm in self._relative and not self._is_noun_morning(norms, at):
            days, end = self._ahead(norms, at + 1)  # "vandaag over veertien dagen"
            yield Value("relative_day", self._relative[norm] + days, at, end)
            if norm in self._dayparts:
                yield Value("daypart", self._dayparts[norm], at, at + 1)
            return
        if norm in self._dayparts:
            yield Value("daypart", self._dayparts[norm], at, at + 1)
            return
        for name, day in self._weekdays.items():
            rest = norm.removeprefix(name)
            if rest == norm:
                continue
            if not rest or rest == "s":
                yield Value("weekday", day, at, at + 1)
            elif rest in self._dayparts or rest == self._greeting_morning:
                yield Value("weekday", day, at, at + 1)
                yield Value("daypart", self._dayparts.get(rest, 0), at, at + 1)
            return

    def _is_noun_morning(self, norms: Words, at: int) -> bool:
        if norms[at] != self._greeting_morning:
            return False
        before = norms[at - 1] if at else ""
        after = norms[at + 1] if at + 1 < len(norms) else ""
        greets = after in self._not_tomorrow_before and before not in self._tomorrow_behind
        return greets or before in self._not_tomorrow_after

    def _date(self, norms: Words, at: int) -> Iterator[Value]:
        match = _DIGITAL_DATE.match(norms[at])
        if match and 1 <= int(match[1]) <= 31 and 1 <= int(match[2]) <= 12:
            yield Value("date", int(match[1]), at, at + 1, month=int(match[2]))
            return
        ordinal = self.numbers.ordinal(norms[at])
        day = ordinal if ordinal is not None else self.numbers.cardinal(norms[at])
        if day is None or not 1 <= day <= 31:
            return
        month = self._months.get(norms[at + 1]) if at + 1 < len(norms) else None
        if month is not None:
            yield Value("date", day, at, self._past_year(norms, at + 2), month=month)
        elif ordinal is not None and at and norms[at - 1] == self._the and self._day_context(norms, at):
            yield Value("date", day, at, at + 1)

    def _day_context(self, norms: Words, at: int) -> bool:
        """`de dertiende` is a day only beside a weekday, a clock time or at the end: not in `de tweede keer`.

        No call has so many of a thing that a high one needs more, unless it says of what: `de twaalfde week`.
        """
        if at >= 2 and norms[at - 2] in self._weekdays:
            return True
        if (self.numbers.ordinal(norms[at]) or 0) >= HIGH_DATE:
            return at in norms.last or self._counted.isdisjoint(norms[at + 1 : at + 2])
        return at + 1 >= len(norms) or norms[at + 1] in self._before_clock | self._after_bare_date

    def _past_year(self, norms: Words, at: int) -> int:
        year = self.numbers.cardinal(norms[at]) if at < len(norms) else None
        if year is None or not 1900 <= year <= 2100:
            return at
        rest = self.numbers.cardinal(norms[at + 1]) if year % 100 == 0 and at + 1 < len(norms) else None
        in_two_words = rest is not None and 0 < rest < 100 and not self._clocks.is_hour_word(norms, at + 2)
        return at + 1 + in_two_words

    # Numbers

    def _number_string(self, norms: Words, at: int) -> Iterator[Value]:
        """A telephone number, account or file number: digits said one by one or in groups."""
        digits, end, parts = "", at, 0
        probe = at
        while probe < len(norms):
            if norms[probe + 1 : probe + 2] and norms[probe + 1] in self._months:
                break  # "van negentien vierenvijftig, twaalf maart"
            piece, step = self._digit_piece(norms, probe)
            if piece:
                digits, parts, probe = digits + piece, parts + 1, probe + step
                end = probe
            elif digits and norms[probe] in self._fillers | self._digit_joiners and probe - end < 2:
                if self._is_restated(norms, probe, digits):
                    break
                probe += 1
            else:
                break
        groups_enough = parts >= 3 or (parts >= 1 and len(digits) >= 6)
        if len(digits) >= MIN_NUMBER_DIGITS and groups_enough and not self._looks_like_time(norms, at, end):
            yield Value("number", 0, at, end, digits=digits, context=norms[at - 1] if at else "")

    def _is_restated(self, norms: Words, at: int, digits: str) -> bool:
        """`eindigt op vijfentwintig, dus drieënveertig twintig vijfentwintig`: what follows holds the digits again."""
        if norms[at] not in self._restating or len(digits) < MIN_RESTATED_DIGITS:
            return False
        return any(digits in again.digits for again in self._number_string(norms, at + 1))

    def _digit_piece(self, norms: Words, at: int) -> tuple[str, int]:
        norm = norms[at]
        if norm in self._double and at + 1 < len(norms):
            value = self.numbers.cardinal(norms[at + 1])
            return (str(value) * 2, 2) if value is not None and value < 10 else ("", 0)
        split = self._split_pair(norms, at)
        if split is not None:
            return str(split), 3
        if _DIGIT_GROUPS.match(norm) and not is_digital(norm):
            return re.sub(r"\D", "", norm), 1
        value = self.numbers.cardinal(norm)
        if value is None or norm in self._plural_hours:
            return "", 0
        return str(value), 1

    def _split_pair(self, norms: Words, at: int) -> int | None:
        """`zeven en zestig`, as recognisers write zevenenzestig: 67."""
        if at + 2 >= len(norms) or norms[at + 1] not in self._digit_joiners:
            return None
        unit, ten = self.numbers.units.get(norms[at]), self.numbers.tens.get(norms[at + 2])
        return unit + ten if unit is not None and ten is not None and 0 < unit < 10 else None

    def _looks_like_time(self, norms: Words, at: int, end: int) -> bool:
        window = norms[max(0, at - 1) : end + 1]
        return any(self._clocks.is_hour(norm) or norm == self._half for norm in window)

    def _small_number(self, norms: Words, at: int) -> Iterator[Value]:
        """A house number, a dose, a room: a number behind a word that says of what."""
        value = self.numbers.cardinal(norms[at])
        if value is None or value == 1 or self._clock_like(norms, at):
            return
        unit = norms[at + 1] if at + 1 < len(norms) else ""
        context = norms[at - 1] if at else ""
        yield Value("number", value, at, at + 1, digits=str(value), context=context, unit=unit)

    def _clock_like(self, norms: Words, at: int) -> bool:
        after = norms[at + 1] if at + 1 < len(norms) else ""
        before = norms[at - 1] if at else ""
        return self._clocks.is_hour(after) or before in self._before_clock or before == self._half
