"""A practice's opening hours, and what in a call falls outside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from belscore.diary import about_other_business
from belscore.language.moments import MORNING, Moment, resolve_date
from belscore.scorecard import clock
from belscore.view import MIN_PROBABILITY, CallView

HALF_DAY_MIN = 720
DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Hours:
    """When the practice is open.

    week   : for each day from Monday on the stretches (since, until)
    closed : days on which it is not
    """

    week: tuple[tuple[tuple[time, time], ...], ...]
    closed: frozenset[date] = field(default_factory=frozenset)

    def is_open(self, at: datetime) -> bool:
        return at.date() not in self.closed and self._in_week(at.weekday(), at.hour * 60 + at.minute)

    def _in_week(self, weekday: int, minute: int) -> bool:
        return any(_minute(since) <= minute < _minute(until) for since, until in self.week[weekday])

    def is_closed_at(self, moment: Moment, called_on: date | None) -> bool:
        """Whether the practice is surely closed at a moment; a part that was not said may be any."""
        on = resolve_date(moment, called_on)
        if on is not None and on in self.closed:
            return True
        weekday = on.weekday() if on is not None else moment.weekday
        days = range(7) if weekday is None else (weekday,)
        if moment.clock_min is None:
            return weekday is not None and not self.week[weekday]
        return not any(self._in_week(day, minute) for day in days for minute in _minutes(moment))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _minutes(moment: Moment) -> tuple[int, ...]:
    """The minutes of the day a clock time can mean: `half drie` is one of two."""
    assert moment.clock_min is not None
    both = (moment.clock_min, moment.clock_min + HALF_DAY_MIN)
    if moment.afternoon is not None:
        return both[1:] if moment.afternoon else both[:1]
    if moment.daypart is not None and moment.daypart == MORNING:
        return both[:1]
    return both


def remarks(view: CallView, hours: Hours, texts: Mapping[str, str]) -> tuple[str, ...]:
    """What a coach should know: the call came outside opening hours, or the agent named a time outside them.

    texts : `call_closed` with {time}, `moment_closed` with {at} and {quote}
    """
    found = []
    started_at = view.call.started_at
    if started_at is not None and started_at.time() != time() and not hours.is_open(started_at):
        found.append(texts["call_closed"].format(time=f"{started_at:%H:%M}"))
    called_on = started_at.date() if started_at is not None else None
    for moment in _offered(view):
        if hours.is_closed_at(moment, called_on) and moment.probability >= MIN_PROBABILITY:
            quote = moment.quote.rstrip(".,?!")
            found.append(texts["moment_closed"].format(at=clock(moment.start_s), quote=quote))
    return tuple(found)


def _offered(view: CallView) -> Iterator[Moment]:
    """Moments the agent offers, books or promises, in order, each once."""
    appointment = view.situations.appointment
    booked = (*appointment.offered, appointment.moment) if appointment is not None else ()
    told = {(m.utterance.index, m.start): m for m in booked if m.utterance.role == "agent"}
    for promise in view.situations.promises:
        for moment in view.moments(promise.utterance):
            behind = promise.utterance.sentence_of(promise.start)[0] <= moment.start
            if behind and not moment.bound and (moment.has_day or moment.has_clock):
                told[(moment.utterance.index, moment.start)] = moment
    if appointment is not None:
        for utterance in view.of("agent"):
            for moment in view.moments(utterance):
                repeats = utterance.index >= appointment.agreed_at and moment.has_clock and moment.has_day
                if repeats and not moment.bound and not about_other_business(view, moment):
                    told[(utterance.index, moment.start)] = moment
    said: set[str] = set()
    for _, moment in sorted(told.items()):
        if moment.quote.lower().rstrip(".,?!") not in said:
            said.add(moment.quote.lower().rstrip(".,?!"))
            yield moment
