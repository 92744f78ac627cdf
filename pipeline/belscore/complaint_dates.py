"""Which calendar day is meant by a day that somebody names in a call: `gisteren`, `vorige week dinsdag`, `3 november`.

A day that words leave open (`laatst`, `dinsdag`, `vorige maand`) gets none.
Inventory: `rules/lexicon/klachtdossier.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from belscore.complaint_texts import say, written_day
from belscore.language.moments import resolve_date
from belscore.language.tokens import Utterance
from belscore.language.values import Value
from belscore.view import CallView

LEXICON = "klachtdossier"
# A date without its year is the nearest one when it lies this near: that of another year is then over 8 months off.
NEAREST_DAYS = 120
# Words between `vorige week` and its weekday: `vorige week, op dinsdag`.
BETWEEN_TOKENS = 1
# `3 november`; a date of more words names its year, and needs nothing.
DATE_TOKENS = 2

Precision = Literal["day", "week", "around"]


@dataclass(frozen=True, slots=True)
class NamedDay:
    """Tokens start..end (exclusive) of an utterance that name a day.

    day       : the day; of a week its Monday
    precision : "day" that very day, "week" the week that begins with it, "around" about that day
    ahead     : told from the day of the call, today or later: in reported words it may be another day
    """

    start: int
    end: int
    day: date
    precision: Precision = "day"
    ahead: bool = False

    @property
    def text(self) -> str:
        if self.precision == "week":
            return say("from_until").format(written_day(self.day), written_day(self.day + timedelta(days=6)))
        return say("around").format(written_day(self.day)) if self.precision == "around" else written_day(self.day)


def named_days(view: CallView, utterance: Utterance, start: int, end: int, *, past: bool) -> list[NamedDay]:
    """The days named in tokens start..end, in order; none when it is not known when the call was.

    past : the words tell what has happened. What others said then (`ze zei: morgen`) may stand in them, so that days
           after the one of the call are left out, and with a day before it named the day of the call too.
    """
    started = view.call.started_at
    if started is None:
        return []
    found: list[NamedDay] = []
    for each in sorted(_all(view, utterance, started.date()), key=lambda day: (day.start, day.start - day.end)):
        if start <= each.start and each.end <= end and not (found and each.start < found[-1].end):
            found.append(each)
    if past:
        before = any(not each.ahead for each in found)
        found = [each for each in found if not each.ahead or (each.day == started.date() and not before)]
    return found


def _all(view: CallView, utterance: Utterance, called_on: date) -> Iterator[NamedDay]:
    values = view.values(utterance)
    tied = view.lexicon.words("termijnen", "not_own")
    yield from _relative(view, utterance, called_on)
    yield from _weeks(view, utterance, values, called_on)
    yield from _weekdays(view, utterance, values, called_on)
    yield from _ago(view, utterance, called_on)
    for value in values:
        if value.kind == "relative_day":
            if not value.start or utterance.norms[value.start - 1] not in tied:  # "tot op de dag van vandaag"
                yield NamedDay(value.start, value.end, called_on + timedelta(days=value.value), ahead=True)
        elif value.kind == "date" and value.end - value.start == DATE_TOKENS:
            yield from _date(value, values, called_on)
    for moment in view.moments(utterance):
        day = resolve_date(moment, called_on) if moment.day is None and moment.in_days is None else None
        if day is not None:  # "volgende week dinsdag"
            yield NamedDay(moment.start, moment.end, day, ahead=True)


def _relative(view: CallView, utterance: Utterance, called_on: date) -> Iterator[NamedDay]:
    """`gisteren`, `eergisteren`."""
    days = view.lexicon.table(LEXICON, "past_days")
    for at, norm in enumerate(utterance.norms):
        if norm in days:
            yield NamedDay(at, at + 1, called_on + timedelta(days=int(days[norm])))


def _weeks(view: CallView, utterance: Utterance, values: tuple[Value, ...], called_on: date) -> Iterator[NamedDay]:
    """`vorige week`, with its weekday behind or right in front of it."""
    before, week = view.lexicon.words(LEXICON, "past_weeks"), view.lexicon.list(LEXICON, "past_weeks", "week")
    between = view.lexicon.list(LEXICON, "past_weeks", "between")
    monday = called_on - timedelta(days=called_on.weekday() + 7)
    norms = utterance.norms
    for at in range(len(norms) - 1):
        if norms[at] not in before or norms[at + 1] not in week:
            continue
        named = [value for value in values if value.kind == "weekday"]
        behind = [
            value
            for value in named
            if 0 <= value.start - at - 2 <= BETWEEN_TOKENS and set(norms[at + 2 : value.start]) <= set(between)
        ]
        front = [value for value in named if value.end == at]
        if len(behind) + len(front) == 1:
            day = (behind or front)[0]
            yield NamedDay(min(at, day.start), max(at + 2, day.end), monday + timedelta(days=day.value))
        elif not behind and not front:
            yield NamedDay(at, at + 2, monday, "week")


def _weekdays(view: CallView, utterance: Utterance, values: tuple[Value, ...], called_on: date) -> Iterator[NamedDay]:
    """`afgelopen dinsdag`: the last one before the day of the call."""
    before = view.lexicon.words(LEXICON, "past_weekdays")
    for value in values:
        if value.kind == "weekday" and value.start and utterance.norms[value.start - 1] in before:
            back = (called_on.weekday() - value.value) % 7 or 7
            yield NamedDay(value.start - 1, value.end, called_on - timedelta(days=back))


def _ago(view: CallView, utterance: Utterance, called_on: date) -> Iterator[NamedDay]:
    """`twee weken geleden`: about that day."""
    units, ago = view.lexicon.table(LEXICON, "ago")["units"], view.lexicon.words(LEXICON, "ago")
    cardinal = view.knowledge.values.numbers.cardinal
    norms = utterance.norms
    for at in range(1, len(norms) - 1):
        count = cardinal(norms[at - 1])
        if count is not None and norms[at] in units and norms[at + 1] in ago:
            day = called_on - timedelta(days=count * int(units[norms[at]]))
            yield NamedDay(at - 1, at + 2, day, "around")


def _date(value: Value, values: tuple[Value, ...], called_on: date) -> Iterator[NamedDay]:
    """`3 november`, with its weekday when it stands right in front; none where the two contradict each other."""
    near = [day for year in (-1, 0, 1) if (day := _in_year(called_on.year + year, value)) is not None]
    near = [day for day in near if abs((day - called_on).days) <= NEAREST_DAYS]
    weekday = next((each for each in values if each.kind == "weekday" and each.end == value.start), None)
    for day in near:
        if weekday is None or weekday.value == day.weekday():
            yield NamedDay(value.start if weekday is None else weekday.start, value.end, day)


def _in_year(year: int, value: Value) -> date | None:
    try:
        return date(year, value.month or 1, value.value)
    except ValueError:
        return None
