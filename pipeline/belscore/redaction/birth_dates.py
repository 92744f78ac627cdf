"""Dates of birth: dates that are asked for or told as one, or stand beside a name. Words: `privacy.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from belscore.language.tokens import Utterance
from belscore.redaction.digits import DigitReader
from belscore.redaction.found import Found
from belscore.redaction.heard import PRIVACY, Heard

_WRITTEN = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]'?(\d{4}|\d{2})")
_SHORT_YEAR = re.compile(r"'?(\d{2})")
_YEAR_AT_END = re.compile(r"(?<!\d)\d{4}$")
# An answer of so few words that has a year in it says when somebody was born.
_SHORT_ANSWER = 6
FIRST_YEAR, LAST_YEAR = 1900, 2100
# A year of two digits above this is one of the last century: nobody who calls was born after today.
_CENTURY_TURN = 26
# A full date before this year is hardly told of anything but a birth.
_LONG_AGO = 2000
# A name stands at most so many tokens in front of its date of birth: "Jansen, en dan 3 mei 1962".
_NAME_REACH = 3
# The date in an answer given in pieces: "drie mei" - "ja" - "tweeënzestig".
_ANSWER_TURNS = 6


class _Date(NamedTuple):
    """Tokens start..end; what is not said is None."""

    start: int
    end: int
    day: int | None
    month: int | None
    year: int | None

    @property
    def is_whole(self) -> bool:
        return None not in (self.day, self.month, self.year)

    def text(self) -> str:
        return "-".join(str(each or 0) for each in (self.day, self.month, self.year))

    def is_part_of(self, other: _Date) -> bool:
        """Whatever this one says the other says too."""
        mine, theirs = (self.day, self.month, self.year), (other.day, other.month, other.year)
        return all(a is None or a == b for a, b in zip(mine, theirs, strict=True))

    def agrees(self, other: _Date) -> bool:
        """Nothing that both say differs, and both say a day and a month."""
        mine, theirs = (self.day, self.month, self.year), (other.day, other.month, other.year)
        both = [(a, b) for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None]
        return len(both) > 1 and all(a == b for a, b in both)


class BirthDateFinder:
    """Finds dates of birth in one call."""

    def __init__(self, heard: Heard, digits: DigitReader, names: frozenset[tuple[int, int]]) -> None:
        """names : (turn, token) of names"""
        self._heard, self._digits, self._names = heard, digits, names
        self._numbers = heard.numbers
        self._months = {str(word): int(month) for word, month in heard.lexicon.table("waarden", "months").items()}
        self._of = str(heard.lexicon.table(PRIVACY, "dates")["of"])
        self._articles = frozenset(heard.lexicon.list(PRIVACY, "dates", "articles"))
        self._not_birth = heard.words("dates", "not_birth")
        self._chain = heard.words("chain")
        self._zero = str(heard.lexicon.table("waarden", "clock")["zero"])

    def find(self) -> list[Found]:
        sure: list[tuple[Utterance, _Date]] = []
        left: list[tuple[Utterance, _Date]] = []
        asked_at = -_ANSWER_TURNS
        for utterance in self._heard.utterances:
            asked = utterance.role == "caller" and utterance.index - asked_at <= 2
            says = self._heard.says("dates", utterance, "born_cues")
            dates = [*self._dates(utterance, loose=asked or says, asked=asked), *self._years_of(utterance)]
            for date in dates:
                is_birth = (asked and not self._told_of_else(utterance, date)) or self._is_birth(utterance, date)
                (sure if is_birth else left).append((utterance, date))
                if is_birth and asked and not date.is_whole:
                    asked_at = utterance.index
            if not dates and self._heard.view.recognised and utterance.role == "caller":
                sure += [(utterance, date) for date in self._misheard(utterance, asked=asked)]
            elif asked and not dates:
                pieces = list(self._pieces(utterance))
                sure += [(utterance, piece) for piece in pieces]
                if pieces or all(norm in self._chain for norm in utterance.norms):
                    asked_at += 1 if not pieces else utterance.index - asked_at
            if utterance.role != "caller" and self._heard.says("dates", utterance, "born_cues"):
                asked_at = utterance.index
        sure += [(u, date) for u, date in left if any(date.agrees(other) for _, other in sure) and self._may(u, date)]
        return [
            Found("birth_date", u.index, date.start, date.end, date.text(), self._whole(date, sure)) for u, date in sure
        ]

    def _may(self, utterance: Utterance, date: _Date) -> bool:
        return not self._told_of_else(utterance, date)

    def _whole(self, date: _Date, known: list[tuple[Utterance, _Date]]) -> str:
        """The fullest date that this one is part of: one that was said whole, or the parts together."""
        parts = [other for _, other in known if not other.is_whole]
        together = _Date(
            0,
            0,
            next((each.day for each in parts if each.day), None),
            next((each.month for each in parts if each.month), None),
            next((each.year for each in parts if each.year), None),
        )
        wholes = [*(other for _, other in known if other.is_whole), together]
        return next((each.text() for each in wholes if date.is_part_of(each)), date.text())

    # Which dates are of birth

    def _is_birth(self, utterance: Utterance, date: _Date) -> bool:
        if self._told_of_else(utterance, date):
            return False
        low, high = utterance.sentence_of(date.start)
        cues = self._heard.cues("dates", utterance, "born_cues")
        if any(low <= cue.start < high or (not utterance.ends and cue.start < date.start) for cue in cues):
            return True
        if any(cue.end in (low, date.start) or date.start - cue.end in (1, 2) for cue in cues):
            return True
        is_of = any(cue.end == date.start for cue in self._heard.cues("dates", utterance, "is_of"))
        if is_of and date.year is not None:
            return True
        if date.day is None or date.month is None:
            return False
        if is_of and self._heard.asked("dates", utterance, "born_cues"):
            return True
        behind_name = any((utterance.index, date.start - step) in self._names for step in range(1, _NAME_REACH + 1))
        return date.year is not None and (date.year < _LONG_AGO or behind_name)

    def _told_of_else(self, utterance: Utterance, date: _Date) -> bool:
        low, high = utterance.sentence_of(date.start)
        return not self._not_birth.isdisjoint(utterance.norms[low:high]) and not any(
            low <= cue.start < high for cue in self._heard.cues("dates", utterance, "born_cues")
        )

    # Reading

    def _dates(self, utterance: Utterance, *, loose: bool, asked: bool) -> Iterator[_Date]:
        """
        loose : dates in numbers alone too (`een drie achtenzestig`), months and years by themselves
        asked : a day and month in numbers too
        """
        at = 0
        while at < len(utterance.norms):
            read = self._written(utterance, at) or self._said(utterance, at)
            if read is None and loose:
                read = self._in_numbers(utterance, at, pair=asked) or self._year_alone(utterance, at)
            if read is None:
                at += 1
                continue
            yield read
            at = read.end

    def _written(self, utterance: Utterance, at: int) -> _Date | None:
        match = _WRITTEN.fullmatch(utterance.norms[at])
        if match is None or not (1 <= int(match[1]) <= 31 and 1 <= int(match[2]) <= 12):
            return None
        return _Date(at, at + 1, int(match[1]), int(match[2]), _full_year(int(match[3])))

    def _said(self, utterance: Utterance, at: int) -> _Date | None:
        """`drie mei (tweeënzestig)`, `de derde van de vijfde (zeventig)`, `mei tweeënzestig`."""
        norms = utterance.norms
        start = at
        if norms[at] in self._articles and at + 1 < len(norms) and self._numbers.ordinal(norms[at + 1]) is not None:
            at += 1
        if norms[at] == self._zero:
            at += 1
        day = self._day(norms[at]) if at < len(norms) else None
        if day is None:
            return None
        month_at = at + 1
        ordinal = self._numbers.ordinal(norms[at]) is not None
        if norms[month_at : month_at + 1] == (self._of,):
            month_at += 1
            month_at += norms[month_at : month_at + 1] != () and norms[month_at] in self._articles
        if month_at >= len(norms):
            return None
        month = self._months.get(norms[month_at])
        if month is None and ordinal and month_at > at + 1:
            month = self._numbers.ordinal(norms[month_at])
        if month is None or month > 12:
            return None
        end, year = self._year(utterance, month_at + 1)
        return _Date(start, end, day, month, year)

    def _day(self, norm: str) -> int | None:
        ordinal = self._numbers.ordinal(norm)
        value = ordinal if ordinal is not None else self._numbers.cardinal(norm)
        return value if value is not None and 1 <= value <= 31 else None

    def _year(self, utterance: Utterance, at: int) -> tuple[int, int | None]:
        """Where the year from token `at` on ends, and which it is; (at, None) where none is said."""
        norms, tokens = utterance.norms, utterance.tokens
        if at >= len(norms) or (at and tokens[at - 1].after in ("?", "!")):
            return at, None
        short = _SHORT_YEAR.fullmatch(norms[at])
        value = int(short[1]) if short else self._numbers.cardinal(norms[at])
        if value is None:
            return at, None
        following = self._numbers.cardinal(norms[at + 1]) if at + 1 < len(norms) else None
        if value in (19, 20, 1900, 2000) and following is not None and 0 < following < 100 and not tokens[at].after:
            return at + 2, (value if value > 99 else value * 100) + following
        if FIRST_YEAR <= value <= LAST_YEAR:
            return at + 1, value
        is_clock = any(
            each.start <= at < each.end for each in self._heard.view.values(utterance) if each.kind == "clock"
        )
        if is_clock or value > 99 or (value < 10 and not short) or (at and tokens[at - 1].after == "."):
            return at, None
        if at + 1 < len(norms) and norms[at + 1] in self._heard.words("units") and not tokens[at].after:
            return at, None
        return at + 1, _full_year(value)

    def _in_numbers(self, utterance: Utterance, at: int, *, pair: bool) -> _Date | None:
        """`zeven elf negentienhonderdvierentachtig`, `nul acht nul zes drieënvijftig`; a pair has no year yet."""
        place, parts = at, list[int]()
        norms = utterance.norms
        for most in (31, 12):
            if place < len(norms) and norms[place] == self._zero:
                place += 1
            value = self._numbers.cardinal(norms[place]) if place < len(norms) else None
            if value is None or not 1 <= value <= most:
                return None
            parts.append(value)
            place += 1
        end, year = self._year(utterance, place)
        if any(run.start <= at and run.end > end for run in self._digits.runs(utterance)):
            return None  # the digits go on: a longer number
        units = self._heard.words("units")
        if year is None and (not pair or (place < len(norms) and norms[place] in units)):
            return None
        return _Date(at, end, parts[0], parts[1], year)

    def _year_alone(self, utterance: Utterance, at: int) -> _Date | None:
        value = self._numbers.cardinal(utterance.norms[at])
        if value is None or not FIRST_YEAR <= value <= LAST_YEAR:
            return None
        end, year = self._year(utterance, at)
        month = self._months.get(utterance.norms[at - 1]) if at else None
        return _Date(at - (month is not None), end, None, month, year)

    def _years_of(self, utterance: Utterance) -> Iterator[_Date]:
        """`hij is van negenenveertig`."""
        for cue in self._heard.cues("dates", utterance, "is_of"):
            if cue.end < len(utterance.norms):
                end, year = self._year(utterance, cue.end)
                if year is not None and year < _LONG_AGO:
                    yield _Date(cue.end, end, None, None, year)

    def _misheard(self, utterance: Utterance, *, asked: bool) -> Iterator[_Date]:
        """What a recogniser makes of a date in an answer of nothing else: `7 markt 1955`, `10-1960`, `4,913,60`."""
        if len(utterance.norms) > _SHORT_ANSWER:
            return
        first = next((at for at, norm in enumerate(utterance.norms) if norm not in self._chain), None)
        for at, norm in enumerate(utterance.norms):
            year = _YEAR_AT_END.search(norm)
            if first is not None and first <= at and year and FIRST_YEAR <= int(year[0]) < _LONG_AGO:
                yield _Date(first, at + 1, None, None, int(year[0]))
                return
            if asked and any(ch.isdigit() for ch in norm):
                yield _Date(at, at + 1, None, None, None)

    def _pieces(self, utterance: Utterance) -> Iterator[_Date]:
        """A day, a month or a year in a turn of nothing else."""
        other = [
            norm
            for norm in utterance.norms
            if norm not in self._chain and norm not in self._months and self._numbers.cardinal(norm) is None
            and self._numbers.ordinal(norm) is None
        ]  # fmt: skip
        if other:
            return
        for at, norm in enumerate(utterance.norms):
            end, year = self._year(utterance, at)
            if norm in self._months:
                yield _Date(at, at + 1, None, self._months[norm], None)
            elif self._day(norm) is not None:
                yield _Date(at, at + 1, self._day(norm), None, None)
            elif year is not None:
                yield _Date(at, end, None, None, year)


def _full_year(value: int) -> int:
    if value > 99:
        return value
    return value + (1900 if value >= _CENTURY_TURN else 2000)
