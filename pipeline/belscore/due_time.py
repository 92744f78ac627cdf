"""From the parts of a term to the moment by which it is over: days, working days, weeks, dayparts, opening hours."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from belscore.hours import Hours
from belscore.language.moments import Moment, own_contradiction, resolve_date
from belscore.wall_clock import home

# Where a practice's hours are not known a working day ends with the afternoon (RULEBOOK.md, rule 2).
DAY_END = time(18)
# The end of each daypart, in the order of the lexicon's table; nobody rings after the evening's.
DAYPART_ENDS = (time(12), DAY_END, time(22), None)
MIDDAY, MORNING, AFTERNOON, EVENING = time(12), 0, 1, 2
# A clock time without its half of the day: from eight it is the morning's, up to six the afternoon's; between, neither.
FIRST_MORNING_MIN = 8 * 60
LAST_AFTERNOON_MIN = 6 * 60
HALF_DAY_MIN, HOUR_MIN = 12 * 60, 60
FRIDAY, SATURDAY = 4, 5
WEEK_DAYS = 7
# With hours that hold no open day the next one is not looked for any further.
MAX_DAYS_AHEAD = 60


def restored(at: datetime, like: datetime) -> datetime:
    """A moment on the practice's clock, in the manner of the call's own start: with a zone where that has one."""
    return at.replace(tzinfo=home()) if like.tzinfo else at


def later(at: datetime, minutes: float) -> datetime:
    """So many minutes of real time after a moment on the practice's clock: across a change of the clock as well."""
    zone = home()
    if zone is None:
        return at + timedelta(minutes=minutes)
    utc = at.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)
    return utc.astimezone(zone).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Diary:
    """The days of a practice as seen from one moment.

    said_at : the moment on the practice's clock, without a zone
    hours   : opening hours; None when not known, then Monday to Friday are working days that end at DAY_END
    """

    said_at: datetime
    hours: Hours | None = None

    @property
    def has_clock(self) -> bool:
        """Whether the time of day is known: a start at midnight is a date alone."""
        return self.said_at.hour > 0 or self.said_at.minute > 0

    @property
    def today(self) -> date:
        return self.said_at.date()

    def works(self, on: date) -> bool:
        if self.hours is None:
            return on.weekday() < SATURDAY
        return on not in self.hours.closed and bool(self.hours.week[on.weekday()])

    def closing(self, on: date) -> datetime:
        """The end of a day's work."""
        if self.hours is None or not self.works(on):
            return datetime.combine(on, DAY_END)
        return datetime.combine(on, self.hours.week[on.weekday()][-1][1])

    def end_of(self, on: date, daypart: int | None = None) -> datetime | None:
        """The end of a day or daypart; None when it has gone by, the evening being left where the work is over."""
        if daypart is None:
            end = self.closing(on)
            return end if end > self.said_at else self._ahead(datetime.combine(on, time(22)))
        last = DAYPART_ENDS[daypart]
        if last is None:
            return None
        end = datetime.combine(on, last)
        if daypart == AFTERNOON and self.closing(on).time() > MIDDAY:
            end = min(end, self.closing(on))
        return self._ahead(end)

    def _ahead(self, at: datetime) -> datetime | None:
        return at if at > self.said_at else None

    def workdays_on(self, count: int, since: date | None = None) -> datetime | None:
        """The end of the working day that is `count` of them after a day; before it where `count` is negative."""
        on, step, left = since or self.today, 1 if count > 0 else -1, abs(count)
        for _ in range(MAX_DAYS_AHEAD):
            on += timedelta(days=step)
            left -= self.works(on)
            if not left:
                return self._ahead(self.closing(on))
        return None

    def week_end(self, weeks: int) -> datetime | None:
        """The end of the last working day of a week; None when it has gone by."""
        monday = self.today - timedelta(days=self.today.weekday()) + timedelta(days=WEEK_DAYS * weeks)
        days = [monday + timedelta(days=ahead) for ahead in range(FRIDAY, -1, -1)]
        last = next((day for day in days if self.works(day)), None)
        return self._ahead(self.closing(last)) if last else None

    def month_end(self, year: int, month: int) -> datetime | None:
        """The end of the last working day of a month; None when it has gone by."""
        end = date(year, month, monthrange(year, month)[1])
        days = [end - timedelta(days=back) for back in range(WEEK_DAYS)]
        return self._ahead(self.closing(next((day for day in days if self.works(day)), end)))

    def months_on(self, count: int) -> datetime:
        year, month = divmod(self.today.year * 12 + self.today.month - 1 + count, 12)
        day = min(self.today.day, monthrange(year, month + 1)[1])
        return self.closing(date(year, month + 1, day))

    def day_of(self, moment: Moment) -> date | None:
        """The day of a moment, none being today; None when it cannot be told."""
        if own_contradiction(moment, self.today):
            return None
        on = resolve_date(moment, self.today)
        if on is not None:
            agrees = moment.weekday is None or moment.in_days is None or on.weekday() == moment.weekday
            return on if agrees else None
        if moment.weekday is None:
            return None if moment.day is not None else self.today
        ahead = (moment.weekday - self.today.weekday()) % WEEK_DAYS
        return self.today + timedelta(days=ahead) if ahead else None

    def clock_on(self, on: date, moment: Moment, minute: int) -> datetime | None:
        """A clock time on a day, its half of the day by what was said, the opening hours, or use; None in doubt."""
        halves = self._halves(moment, minute)
        if len(halves) > 1 and self.hours is not None and self.works(on):
            spans = self.hours.week[on.weekday()]
            inside = [m for m in halves if any(since <= _time(m) <= until for since, until in spans)]
            halves = inside if len(inside) == 1 else halves
        if len(halves) > 1:
            halves = _usual(minute)
        if len(halves) != 1:
            return None
        return self._ahead(datetime.combine(on, _time(halves[0])))

    def _halves(self, moment: Moment, minute: int) -> list[int]:
        both = [minute, minute + HALF_DAY_MIN]
        if moment.afternoon is not None:
            return both[1:] if moment.afternoon else both[:1]
        if minute < HOUR_MIN:
            return both[1:]
        if moment.daypart == MORNING and minute > LAST_AFTERNOON_MIN:
            return both[:1]
        if moment.daypart == MORNING:  # of another moment: "ik zoek het vanochtend uit en bel u voor één uur"
            return both
        if moment.daypart == AFTERNOON:
            return both[1:] if minute <= LAST_AFTERNOON_MIN else []
        if moment.daypart == EVENING:
            return both[1:] if minute >= LAST_AFTERNOON_MIN - HOUR_MIN else []
        return both if moment.daypart is None else []


def _usual(minute: int) -> list[int]:
    if minute >= FIRST_MORNING_MIN:
        return [minute]
    return [minute + HALF_DAY_MIN] if minute <= LAST_AFTERNOON_MIN else []


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
