"""Moments: the day and the clock time that belong together, and whether two of them are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from belscore.language.tokens import Passage, Utterance
from belscore.language.values import Value

HALF_DAY_MIN = 12 * 60
MORNING = 0  # index of "ochtend" in the table of dayparts
MAX_GAP_TOKENS = 5
# `overmorgen, dus donderdag` is one day; with more words between, `vandaag ... dinsdag` are two.
MAX_APPOSITION_TOKENS = 1
_MOMENT_KINDS = ("clock", "weekday", "date", "relative_day", "week", "daypart", "later", "same_clock")
# These reckon from a moment said before.
_RECKONED_KINDS = ("later", "same_clock")
_DAY_KINDS = ("weekday", "date", "relative_day")
_SENTENCE_ENDS = (".", "?", "!")
# "Maandag. De zestiende dus, om tien uur": so few words link a day to the time behind it.
MAX_LINK_TOKENS = 2
# The last day that every month has.
SHORT_MONTH = 28
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Moment(Passage):
    """A point in the diary as far as it was said; every part may be missing.

    clock_min : minutes after midnight or noon, 0..719; `afternoon` None when unsaid
    other_min : what `clock_min` may be in the other reading of its words; None where there is one
    until_min : the end of a stretch that begins at `clock_min`; None for a point
    borrowed  : the day is that of the moment said before this one, which need not be meant
    start,end : tokens of `utterance` (end exclusive)
    """

    utterance: Utterance
    start: int
    end: int
    clock_min: int | None = None
    afternoon: bool | None = None
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    in_days: int | None = None
    week: int | None = None
    daypart: int | None = None
    bound: str = ""
    until_min: int | None = None
    other_min: int | None = None
    borrowed: bool = False

    @property
    def has_day(self) -> bool:
        return self.weekday is not None or self.day is not None or self.in_days is not None

    @property
    def has_clock(self) -> bool:
        return self.clock_min is not None

    @property
    def probability(self) -> float:
        return min(token.probability for token in self.utterance.tokens[self.start : self.end])

    def own(self) -> Moment:
        """This moment without a day that it borrows: "dinsdag bel ik nog eens, en voor vieren hoort u mij"."""
        if not self.borrowed:
            return self
        return replace(self, weekday=None, day=None, month=None, in_days=None, week=None, daypart=None)

    def inherit(self, other: Moment) -> Moment:
        """This moment with the day (and part of the day) of another where it names none itself."""
        if self.has_day:
            return self
        return replace(
            self,
            weekday=other.weekday,
            day=other.day,
            month=other.month,
            in_days=other.in_days,
            week=other.week,
            daypart=other.daypart if self.daypart is None else self.daypart,
        )


def moments(
    utterance: Utterance,
    values: Sequence[Value],
    apposed: frozenset[str] = frozenset(),
    before: Sequence[Moment] = (),
) -> tuple[Moment, ...]:
    """Group the values of an utterance into moments.

    apposed : the words that may part a date from its weekday: `de zestiende, dat is een woensdag`
    before  : moments said just before it, from which `een dag later` and `zelfde tijd` reckon

    A second value of the same kind, a conjunction or more than MAX_GAP_TOKENS between two values start a new one;
    so does a day that begins a sentence of its own: "op twintig oktober. Woensdag zien we u".
    A later moment without a day takes the day of the one before it: "maandag om tien uur of om half twaalf".
    """
    found: list[Moment] = []
    current: Moment | None = None
    kinds: set[str] = set()
    dated = [value for value in values if value.kind in _MOMENT_KINDS]
    for at, value in enumerate(dated):
        if value.kind in _RECKONED_KINDS:
            begun = [*found, current] if current is not None else found
            if value.kind == "same_clock":
                current = _at_same_time(current, [*before, *begun], value)
                continue
            later = _reckoned(utterance, [*before, *begun], value)
            found, current, kinds = (begun, later, {"later"}) if later is not None else (found, current, kinds)
            continue
        joins = current is not None and _is_apposed(utterance, current, value, kinds, apposed)
        behind = dated[at + 1].start if at + 1 < len(dated) else len(utterance.tokens)
        anew = current is not None and _begins_sentence(utterance, current, value, behind)
        if current is None or anew or (not joins and _starts_new(utterance, current, value, kinds, apposed)):
            if current is not None:
                found.append(current)
            current, kinds = Moment(utterance, value.start, value.end), set()
        kinds.add(value.kind)
        current = _with_value(current, value)
    if current is not None:
        found.append(current)
    for at in range(1, len(found)):
        same_stretch = found[at].bound and found[at].bound == found[at - 1].bound
        if found[at].has_clock and not found[at].has_day and not same_stretch:
            found[at] = replace(found[at].inherit(found[at - 1]), borrowed=True)
    return tuple(found)


def _reckoned(utterance: Utterance, said: Sequence[Moment], value: Value) -> Moment | None:
    """The last day said, moved on by `value`; None without one."""
    base = next((moment for moment in reversed(said) if moment.has_day), None)
    if base is None:
        return None
    days = value.value
    weekday = None if base.weekday is None else base.weekday + days
    day = None if base.day is None or base.day + days > SHORT_MONTH else base.day + days
    return Moment(
        utterance,
        value.start,
        value.end,
        weekday=None if weekday is None else weekday % DAYS_A_WEEK,
        day=day,
        month=None if day is None else base.month,
        in_days=None if base.in_days is None else base.in_days + days,
        week=None if base.week is None or weekday is None else base.week + weekday // DAYS_A_WEEK,
    )


def _at_same_time(current: Moment | None, said: Sequence[Moment], value: Value) -> Moment | None:
    """The moment being read, with the last clock time said where it has none itself."""
    timed = next((moment for moment in reversed(said) if moment.has_clock), None)
    if current is None or current.has_clock or timed is None:
        return current
    return replace(current, end=value.end, clock_min=timed.clock_min, afternoon=timed.afternoon)


def _is_apposed(utterance: Utterance, current: Moment, value: Value, kinds: set[str], apposed: frozenset[str]) -> bool:
    between = utterance.norms[current.end : value.start]
    return {value.kind, *kinds} == {"date", "weekday"} and len(kinds) == 1 and apposed.issuperset(between)


def _begins_sentence(utterance: Utterance, current: Moment, value: Value, behind: int) -> bool:
    """A day behind a full stop with more to its sentence than a time: "twintig oktober. Woensdag zien we u".

    behind : where the next value begins, or the utterance ends
    """
    if value.kind not in _DAY_KINDS or value.start == 0 or behind - value.end <= MAX_LINK_TOKENS:
        return False
    if not any(token.after in _SENTENCE_ENDS for token in utterance.tokens[current.end - 1 : value.start]):
        return False
    return not any(token.after for token in utterance.tokens[value.end - 1 : value.end + 1])


def _starts_new(utterance: Utterance, current: Moment, value: Value, kinds: set[str], apposed: frozenset[str]) -> bool:
    if value.kind in kinds or value.start - current.end > MAX_GAP_TOKENS:
        return True
    if {value.kind, *kinds} >= {"relative_day", "weekday"} and value.start - current.end > MAX_APPOSITION_TOKENS:
        return True
    between = utterance.norms[current.end : value.start]
    parted = any(token.after for token in utterance.tokens[current.end - 1 : value.start])
    if value.kind == "relative_day" and kinds == {"weekday"} and (parted or not apposed.issuperset(between)):
        return True  # "donderdag, morgen sta ik in Sittard"; who says both of one day begins with the nearness
    sentence_ends = any(token.after in _SENTENCE_ENDS for token in utterance.tokens[current.end - 1 : value.start])
    if sentence_ends and between and value.kind == "weekday" and kinds == {"relative_day"}:
        return True  # "die is er vandaag niet. Vrijdag om half tien"
    if any(norm in ("of", "en", "want", "maar", "omdat", "als") for norm in between):
        return True
    if value.kind in _DAY_KINDS and "tot" in between:
        return True  # "die van twintig oktober. Tot woensdag"
    if parted and value.start - current.end > 1 and value.kind != "clock":
        return True
    return sentence_ends and value.start - current.end > 1


def _with_value(moment: Moment, value: Value) -> Moment:
    end = max(moment.end, value.end)
    if value.kind == "clock":
        clock_min, afternoon, bound, other_min = value.value, value.afternoon, value.bound, value.other
        return replace(moment, end=end, clock_min=clock_min, afternoon=afternoon, bound=bound, other_min=other_min)
    if value.kind == "weekday":
        if moment.weekday not in (None, value.value):  # "de week erna dinsdag"
            return replace(moment, end=end, day=None, month=None, in_days=None, weekday=value.value)
        return replace(moment, end=end, weekday=value.value)
    if value.kind == "date":
        return replace(moment, end=end, day=value.value, month=value.month)
    if value.kind == "relative_day":
        return replace(moment, end=end, in_days=value.value)
    if value.kind == "week":
        return replace(moment, end=end, week=value.value)
    return replace(moment, end=end, daypart=value.value)


def resolve_date(moment: Moment, called_on: date | None) -> date | None:
    """The calendar day of a moment, when its parts and the day of the call give one."""
    if called_on is None:
        return None
    if moment.in_days is not None:
        return called_on + timedelta(days=moment.in_days)
    if moment.day is None and moment.week is not None and moment.weekday is not None:
        monday = called_on - timedelta(days=called_on.weekday())
        return monday + timedelta(days=7 * moment.week + moment.weekday)
    if moment.day is None:
        return None
    for ahead in range(14):
        month_index = called_on.month - 1 + ahead
        year, month = called_on.year + month_index // 12, month_index % 12 + 1
        if moment.month not in (None, month):
            continue
        try:
            candidate = date(year, month, moment.day)
        except ValueError:
            continue
        if candidate >= called_on:
            return candidate
    return None


def clash(said: Moment, agreed: Moment, called_on: date | None) -> str | None:
    """Which part of `said` contradicts `agreed`: "clock", "weekday" or "date"; None when they can be the same.

    Only parts that both have are compared; clock times modulo twelve hours unless both say which half of the day.
    """
    if said.clock_min is not None and agreed.clock_min is not None:
        if not _same_time(said, agreed):
            return "clock"
        halves = {_half(said), _half(agreed)}
        if halves == {True, False}:
            return "clock"
    day = _day_clash(said, agreed, called_on)
    return day


def _same_time(said: Moment, agreed: Moment) -> bool:
    """The same clock time, the same stretch, or a time inside the stretch of the other."""
    if said.until_min is None and agreed.until_min is None:
        return _same_clock(said, agreed)
    if (said.until_min is None) == (agreed.until_min is None):
        return (said.clock_min, said.until_min) == (agreed.clock_min, agreed.until_min)
    point, stretch = (said, agreed) if said.until_min is None else (agreed, said)
    if point.clock_min is None or stretch.clock_min is None or stretch.until_min is None:
        return False
    length = (stretch.until_min - stretch.clock_min) % HALF_DAY_MIN
    return (point.clock_min - stretch.clock_min) % HALF_DAY_MIN <= length


def _same_clock(one: Moment, other: Moment) -> bool:
    """The same clock time by one of the readings that the words of each have."""
    if one.clock_min is None or other.clock_min is None:
        return False
    mine, yours = {one.clock_min, one.other_min} - {None}, {other.clock_min, other.other_min} - {None}
    return not mine.isdisjoint(yours)


def _half(moment: Moment) -> bool | None:
    if moment.afternoon is not None:
        return moment.afternoon
    return None if moment.daypart is None else moment.daypart != MORNING


def shares(one: Moment, other: Moment, called_on: date | None) -> bool:
    """Both name the same clock time or the same day, so that their agreeing means something."""
    if _same_clock(one, other):
        return True
    pairs = (
        (one.weekday, other.weekday), (one.day, other.day),
        (one.in_days, other.in_days), (one.daypart, other.daypart),
    )  # fmt: skip
    if any(mine is not None and mine == yours for mine, yours in pairs):
        return True
    mine, yours = resolve_date(one, called_on), resolve_date(other, called_on)
    return mine is not None and (mine == yours or mine.weekday() == other.weekday)


def agrees(one: Moment, other: Moment, called_on: date | None) -> bool:
    """Both can be one moment, and name a part in common."""
    return shares(one, other, called_on) and clash(one, other, called_on) is None


def apart(one: Moment, other: Moment, called_on: date | None) -> bool:
    """Each names a day and a time of its own, and they have neither in common: two moments rather than a slip."""
    whole = all(each.own().has_day and each.has_clock for each in (one, other))
    return whole and not shares(one, other, called_on)


def _day_clash(said: Moment, agreed: Moment, called_on: date | None) -> str | None:
    if said.weekday is not None and agreed.weekday is not None and said.weekday != agreed.weekday:
        return "weekday"
    if said.day is not None and agreed.day is not None:
        same_month = said.month is None or agreed.month is None or said.month == agreed.month
        return None if said.day == agreed.day and same_month else "date"
    if said.in_days is not None and agreed.in_days is not None and said.in_days != agreed.in_days:
        return "date"
    said_on, agreed_on = resolve_date(said, called_on), resolve_date(agreed, called_on)
    if said_on and agreed_on and said_on != agreed_on:
        return "date"
    if said_on and agreed.weekday is not None and said_on.weekday() != agreed.weekday:
        return "weekday"
    if agreed_on and said.weekday is not None and agreed_on.weekday() != said.weekday:
        return "weekday"
    return None


def own_contradiction(moment: Moment, called_on: date | None) -> bool:
    """The moment names a weekday that does not fall on the date it names, the day of the call being known."""
    if called_on is None or moment.weekday is None or moment.day is None:
        return False
    on = resolve_date(moment, called_on)
    return on is not None and on.weekday() != moment.weekday


def said_misdated(moment: Moment, again: Moment, called_on: date | None) -> bool:
    """`donderdag de vijftiende - donderdag de zestiende, elf uur tien`: no such Thursday, so the first said wrong."""
    alike = (moment.clock_min, moment.weekday) == (again.clock_min, again.weekday)
    return alike and own_contradiction(again, called_on) and not own_contradiction(moment, called_on)
