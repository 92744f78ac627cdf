"""What the agent says twice, or after the caller, at the end of the call: moments, amounts and telephone numbers."""

from __future__ import annotations

from itertools import combinations

from belscore.agreements import MIN_PHONE_DIGITS, Thing
from belscore.diary import said_as_booked
from belscore.language.moments import Moment, agrees, clash
from belscore.language.tokens import Utterance
from belscore.language.values import Value
from belscore.scorecard import Evidence
from belscore.upcoming import answers_hours
from belscore.view import CallView

CLOSING_TURNS = 4


def said_twice(view: CallView) -> Evidence | None:
    """The agent gives one moment in two turns, such as when the caller is to ring again, or has forgotten the time.

    Or at the end of the call a day, an amount or a number that was told before; opening hours are settled by nobody.
    """
    closing = closing_turns(view)
    called_on = view.called_on
    told = [m for u in view.of("agent") for m in view.moments(u) if m.has_clock or m.weekday is not None or m.day]
    for earlier, later in combinations(told, 2):
        clocks = earlier.has_clock and later.has_clock
        whole = clocks and ((earlier.has_day and later.has_day) or said_as_booked(view, later))
        at_end = later.utterance in closing and not answers_hours(view, earlier.utterance)
        whole = whole or (at_end and earlier.has_clock == later.has_clock)
        apart = later.utterance.index > earlier.utterance.index
        same = agrees(later, earlier, called_on)
        if whole and apart and same:
            return quote(later)
    return _as_caller_said(view, told) or _counted_again(view, closing) or _number_again(view, closing)


def _as_caller_said(view: CallView, told: list[Moment]) -> Evidence | None:
    """`ik moet morgen om zeven uur nuchter zijn - dus morgen om zeven uur, bij de balie`: theirs, said again."""
    last = view.spoken("agent")[-CLOSING_TURNS:]
    whole = [m for m in told if m.has_clock and m.has_day and m.utterance in last and not _about_hours(view, m)]
    given = [
        m for u in view.of("caller") if whole for m in view.moments(u) if m.has_clock and m.has_day and not m.bound
    ]
    for later in whole:
        before = [m for m in given if m.utterance.index < later.utterance.index]
        if any(m.clock_min == later.clock_min and clash(later, m, view.called_on) is None for m in before):
            return quote(later)
    return None


def _counted_again(view: CallView, closing: list[Utterance]) -> Evidence | None:
    counted = [(u, value) for u in view.of("agent") for value in view.values(u) if _is_amount(view, value)]
    for (first, amount), (second, again) in combinations(counted, 2):
        if second in closing and first is not second and (amount.value, amount.unit) == (again.value, again.unit):
            return quote((second, again))
    return None


def _number_again(view: CallView, closing: list[Utterance]) -> Evidence | None:
    """`u belt ze op nul vijf drie ... - dus op nul vijf drie ...`: whose number it is, the caller has it right."""
    said = [(u, v) for u in closing for v in view.values(u) if v.kind == "number" and len(v.digits) >= MIN_PHONE_DIGITS]
    for utterance, again in said:
        before = [v for u in view.utterances if u.index < utterance.index for v in view.values(u) if v.kind == "number"]
        if any(len(v.digits) >= MIN_PHONE_DIGITS and again.digits.startswith(v.digits) for v in before):
            return quote((utterance, again))
    return None


def closing_turns(view: CallView) -> list[Utterance]:
    """The agent's last turns, without those about opening hours."""
    hours = view.lexicon.words("termijnen", "not_ahead")
    return [u for u in view.spoken("agent")[-CLOSING_TURNS:] if hours.isdisjoint(u.norms)]


def _about_hours(view: CallView, moment: Moment) -> bool:
    """Its clause tells of opening hours, or of every day."""
    utterance = moment.utterance
    low, high = utterance.sentence_of(moment.start)
    marks = [at + 1 for at in range(low, high) if utterance.tokens[at].after]
    start = max((at for at in marks if at <= moment.start), default=low)
    end = min((at for at in marks if at >= moment.end), default=high)
    return not view.lexicon.words("termijnen", "not_ahead").isdisjoint(utterance.norms[start:end])


def _is_amount(view: CallView, value: Value) -> bool:
    """A number of something: `vijfentachtig euro`, not `twee uur`."""
    units = view.lexicon.table("waarden", "clock")["units_of_amount"]
    times = view.lexicon.words("afspraken", "time_units")
    return value.kind == "number" and value.unit in units and value.unit not in times


def quote(value: Thing) -> Evidence:
    """Where a moment, or a number with its turn, was said."""
    if isinstance(value, Moment):
        return Evidence(value.utterance.role, value.start_s, value.end_s, value.quote)
    utterance, number = value
    tokens = utterance.tokens[number.start : number.end]
    return Evidence(utterance.role, tokens[0].start_s, tokens[-1].end_s, utterance.quote(number.start, number.end))
