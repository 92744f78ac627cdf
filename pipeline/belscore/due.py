"""By when something said in a call is due: its term, held against the start of the call.

A wrong moment is worse than none: what leaves two readings gives None. Words: `lexicon/belnotitie.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from belscore.diary import joined
from belscore.due_time import FRIDAY, Diary, later, restored
from belscore.hours import Hours
from belscore.language.moments import Moment
from belscore.language.tokens import Utterance, part
from belscore.view import CallView
from belscore.wall_clock import wall_clock

LEXICON = "belnotitie"
# Words between the one that opens a length of time and its unit: "binnen nu en een half uur".
MAX_LENGTH_TOKENS = 8
# A term this close to its promise belongs to it, whatever else the sentence names.
BESIDE_TOKENS = 2
# Words in front of a term that take its end away: "begin volgende week", "na het weekend".
UNBOUNDED_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Due:
    """A term in tokens start..end (exclusive) of an utterance, and the moment at which it is over.

    at    : on the practice's clock, without a zone; None when it cannot be told
    timed : it names a clock time alone, and so the day may have been said elsewhere
    clock : it names a clock time
    """

    start: int
    end: int
    at: datetime | None
    timed: Moment | None = None
    clock: bool = False


class DueReader:
    """Reads the terms of one call.

    hours : the practice's opening hours; None when not known
    """

    def __init__(self, view: CallView, hours: Hours | None = None) -> None:
        self._view = view
        self._hours = hours
        lexicon = view.lexicon
        lengths = lexicon.table(LEXICON, "durations")
        self._opens, self._around = frozenset(lengths["opens"]), frozenset(lengths["around"])
        self._half, self._one_and_half = frozenset(lengths["half"]), frozenset(lengths["one_and_half"])
        self._to, self._vague_behind = frozenset(lengths["to"]), frozenset(lengths["vague_behind"])
        self._minutes: Mapping[str, int] = lexicon.table(LEXICON, "units_min")
        self._days: Mapping[str, int] = lexicon.table(LEXICON, "units_day")
        self._workdays: Mapping[str, int] = lexicon.table(LEXICON, "units_workday")
        self._months: Mapping[str, int] = lexicon.table(LEXICON, "units_month")
        self._unbounded = lexicon.list(LEXICON, "unbounded")
        self._next = lexicon.words(LEXICON, "unbounded", "next")
        self._before = str(lexicon.table(LEXICON, "unbounded")["before"])
        self._after = lexicon.words(LEXICON, "unbounded", "after")
        self._either = lexicon.words(LEXICON, "unbounded", "either")
        self._between = str(lexicon.table("waarden", "clock")["between"])
        self._month_names = lexicon.table("waarden", "months")
        self._month_ends = lexicon.words(LEXICON, "periods", "month_ends")

    def diary(self, at_s: float) -> Diary | None:
        """The practice's days as seen from a moment in the call; None when its start is not known."""
        started_at = self._view.call.started_at
        if started_at is None:
            return None
        return Diary(wall_clock(started_at) + timedelta(seconds=at_s), self._hours)

    def due_at(self, due: Due | None) -> datetime | None:
        """The moment in the manner of the call's start: with a zone where that has one; to the second."""
        started_at = self._view.call.started_at
        if due is None or due.at is None or started_at is None:
            return None
        return restored(due.at.replace(microsecond=0), started_at)

    def read(self, utterance: Utterance, low: int, high: int, beside: tuple[int, int]) -> Due | None:
        """The term in tokens low..high that belongs to the tokens `beside`; None when there is none.

        Of two between which it says `of` the later one binds, of others the one beside the promise; of a day and a
        clock time on it the clock time. Otherwise none can be told.
        """
        diary = self.diary(utterance.tokens[low].start_s)
        found = self._terms(utterance, low, high, diary)
        if len(found) > 1:
            found = self._alternatives(utterance, found) or _closest(found, beside) or self._refined(found) or found
        if not found:
            return None
        if len(found) > 1:
            return Due(found[0].start, found[-1].end, None)
        return found[0]

    def _terms(self, utterance: Utterance, low: int, high: int, diary: Diary | None) -> list[Due]:
        """All terms in order; where two share words the longer one."""
        found = [*self._lengths(utterance, low, high, diary), *self._periods(utterance, low, high, diary)]
        found += self._moments(utterance, low, high, diary)
        kept: list[Due] = []
        for due in sorted(found, key=lambda each: (each.start - each.end, each.start)):
            if all(due.end <= other.start or other.end <= due.start for other in kept):
                kept.append(due)
        return [self._bounded(utterance, low, due) for due in sorted(kept, key=lambda each: each.start)]

    def _bounded(self, utterance: Utterance, low: int, due: Due) -> Due:
        """The same without its moment where words around it leave it open."""
        near = part(utterance, max(low, due.start - UNBOUNDED_TOKENS), min(due.end + 1, len(utterance.tokens)))
        open_end = [match for match in self._view.finder.find(self._unbounded, near) if match.cost == 0]
        return replace(due, at=None, timed=None) if open_end else due

    # Lengths of time

    def _lengths(self, utterance: Utterance, low: int, high: int, diary: Diary | None) -> Iterator[Due]:
        """`binnen een uur`, `over anderhalve week`, `binnen nu en drie kwartier`."""
        norms = utterance.norms
        for at in range(low, high):
            if norms[at] not in self._opens:
                continue
            amount: float | None = None
            for place in range(at + 1, min(at + 1 + MAX_LENGTH_TOKENS, high)):
                norm = norms[place]
                if norm in {*self._minutes, *self._days, *self._workdays, *self._months}:
                    vague = norms[place + 1 : place + 2] and norms[place + 1] in self._vague_behind
                    moment = None if vague or diary is None else self._on(diary, norm, 1 if amount is None else amount)
                    yield Due(at, place + 1, moment)
                    break
                number = self._view.knowledge.values.numbers.cardinal(norm)
                if number is not None:
                    amount = number
                elif norm in self._half:
                    amount = 0.5
                elif norm in self._one_and_half:
                    amount = 1.5
                elif norm not in self._around and not (norm in self._to and amount is not None):
                    break

    def _on(self, diary: Diary, unit: str, amount: float) -> datetime | None:
        if unit in self._minutes:
            return later(diary.said_at, self._minutes[unit] * amount) if diary.has_clock else None
        if amount != int(amount):
            return None
        count = int(amount)
        if unit in self._workdays:
            return diary.workdays_on(count)
        if unit in self._months:
            return diary.months_on(count)
        return diary.closing(diary.today + timedelta(days=self._days[unit] * count))

    # Periods

    def _periods(self, utterance: Utterance, low: int, high: int, diary: Diary | None) -> Iterator[Due]:
        """`eind van de week`, `volgende maand`, `de eerstvolgende werkdag`, `eind november`."""
        piece = part(utterance, low, high)
        for key in ("day", "workday", "week", "next_week", "month", "next_month"):
            for match in self._view.finder.find(self._view.lexicon.list(LEXICON, "periods", key), piece):
                if match.cost == 0:
                    over = _period_end(diary, key) if diary is not None else None
                    yield Due(low + match.start, low + match.end, over)
        norms = utterance.norms
        for at in range(low, high - 1):
            if norms[at] in self._month_ends and norms[at + 1] in self._month_names:
                month = int(self._month_names[norms[at + 1]])
                end = None
                if diary is not None:
                    end = diary.month_end(diary.today.year + (month < diary.today.month), month)
                yield Due(at, at + 2, end)

    # Days and clock times

    def _moments(self, utterance: Utterance, low: int, high: int, diary: Diary | None) -> Iterator[Due]:
        for moment in self._in_one_week(utterance):
            if moment.start < low or moment.end > high:
                continue
            if moment.week is not None and moment.weekday is None and not moment.has_clock:
                continue  # a week alone is a period or a length of time
            timed = moment if moment.has_clock and not moment.has_day else None
            yield Due(moment.start, moment.end, self.end_of(moment, diary) if diary else None, timed, moment.has_clock)

    def _in_one_week(self, utterance: Utterance) -> list[Moment]:
        """The moments of an utterance; of `volgende week maandag of dinsdag` both in that week."""
        found = joined(self._view, utterance)
        for at, (one, other) in enumerate(pairwise(found), start=1):
            between = utterance.norms[one.end : other.start]
            alone = other.weekday is not None and other.week is None and other.day is None and other.in_days is None
            if one.week is not None and alone and len(between) == 1 and not self._either.isdisjoint(between):
                found[at] = replace(other, week=one.week)
        return found

    def end_of(self, moment: Moment, diary: Diary) -> datetime | None:
        """When a moment is over: its clock time, or the end of its daypart or day."""
        before = moment.utterance.norms[moment.start - 1] if moment.start else ""
        if before in self._next and moment.weekday is not None and self._in_this_week(moment, diary):
            return None
        counted = not self._opens.isdisjoint(moment.utterance.norms[moment.start : moment.end])
        if counted and moment.weekday is not None and moment.weekday <= diary.today.weekday():
            return None  # "vrijdag over een week" on a Saturday: from which Friday on?
        on = diary.day_of(moment)
        if on is None:
            return None
        if moment.has_clock and moment.bound == self._between and moment.until_min is None:
            return None
        if moment.has_clock and moment.bound not in self._after:
            last = moment.until_min if moment.until_min is not None else moment.clock_min
            assert last is not None
            return diary.clock_on(on, moment, last)
        if moment.has_clock and not moment.has_day and moment.daypart is None:
            return None
        if before == self._before and not moment.has_clock:
            return diary.workdays_on(-1, on) if moment.daypart is None and moment.in_days is None else None
        if before in self._after and not moment.has_clock and moment.daypart is None:
            return None
        return diary.end_of(on, moment.daypart)

    def _in_this_week(self, moment: Moment, diary: Diary) -> bool:
        return moment.weekday is not None and moment.weekday > diary.today.weekday() and moment.week is None

    # More than one term

    def _alternatives(self, utterance: Utterance, found: Sequence[Due]) -> list[Due]:
        """`morgen of overmorgen`: the later one binds; [] where it says no `of`."""
        for one, other in pairwise(found):
            between = utterance.norms[one.end : other.start]
            if not self._either.isdisjoint(between) and len(found) == 2:
                both = None if one.at is None or other.at is None else max(one.at, other.at)
                return [Due(one.start, other.end, both)]
        return []

    def _refined(self, found: Sequence[Due]) -> list[Due]:
        """`vandaag nog, voor vijf uur`: one clock time, and days or dayparts that end on the same day."""
        ends = [due.at for due in found if due.at is not None]
        if len(ends) < len(found) or len({end.date() for end in ends}) > 1 or sum(due.clock for due in found) > 1:
            return []
        return [Due(found[0].start, found[-1].end, min(ends))]


def _closest(found: Sequence[Due], beside: tuple[int, int]) -> list[Due]:
    """The one term that stands in the words of the promise or right beside them."""
    first, last = beside
    near = [due for due in found if due.end > first - BESIDE_TOKENS and due.start < last + BESIDE_TOKENS]
    return near if len(near) == 1 else []


def _period_end(diary: Diary, key: str) -> datetime | None:
    today = diary.today
    if key == "day":
        return diary.end_of(today)
    if key == "workday":
        return diary.workdays_on(1)
    if key == "week":
        return diary.week_end(0) if today.weekday() <= FRIDAY else None
    if key == "next_week":
        return diary.week_end(1)
    ahead = today.month - 1 + (key == "next_month")
    return diary.month_end(today.year + ahead // 12, ahead % 12 + 1)
