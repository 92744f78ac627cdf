"""The ledger: what is promised and booked in a call, by whom, about what and by when. Words: `belnotitie.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from belscore.appointment import Appointment
from belscore.due import LEXICON, Due, DueReader
from belscore.hours import Hours
from belscore.language.moments import Moment, clash
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.roles import MIN_ROLE_CONFIDENCE
from belscore.scorecard import LedgerEntry, Means
from belscore.terms import REACH_BEFORE, REACH_BEHIND, Term
from belscore.view import MIN_PROBABILITY, CallView

# Fewer digits are no telephone number.
MIN_PHONE_DIGITS = 8
# A moment so many words in front of a promise is still quoted as its term.
QUOTE_REACH = 8
ABOUT_TOKENS = 8
# Words in front of a promise of the caller that can make it none: "waarom zou ik terugbellen".
CLAUSE_BEFORE = 2
# Somebody else who is called stands so close to the verb: "dan bel ik even uw dochter".
THIRD_REACH = 4


def ledger_of(view: CallView, hours: Hours | None = None, question: str | None = None) -> tuple[LedgerEntry, ...]:
    """Each appointment, each promise of the practice to call back or answer, and each of the caller's, in order.

    hours    : the practice's opening hours; None when not known
    question : what the caller called about, for entries that do not say it themselves
    """
    reader = DueReader(view, hours)
    promises = [*_promises(view, reader, question), *_callers(view, reader, question)]
    found = [*_appointments(view, reader, question), *_once(promises)]
    return tuple(sorted(found, key=lambda entry: entry.start_s))


def number_given(view: CallView) -> bool:
    """A telephone number is said in the call."""
    said = (value for utterance in view.utterances for value in view.values(utterance))
    return any(value.kind == "number" and len(value.digits) >= MIN_PHONE_DIGITS for value in said)


# Promises


def _promises(view: CallView, reader: DueReader, question: str | None) -> Iterator[LedgerEntry]:
    """Those of the practice, one for an utterance."""
    terms, number, seen = view.terms, number_given(view), set[int]()
    for promise in view.situations.promises:
        utterance = promise.utterance
        if utterance.index in seen:
            continue
        seen.add(utterance.index)
        term = terms.term_of(promise)
        due = _due(view, reader, promise, term)
        told = [moment.quote for moment in view.moments(utterance) if moment.start >= promise.start - QUOTE_REACH]
        said = told[0] if told else term.quote if term.kind == "hard" else None
        if due is not None and term.utterance is not None:
            said = term.utterance.quote(due.start, due.end).rstrip(".,?!")
        yield LedgerEntry(
            "promise", "agent", utterance.quote(*utterance.sentence_of(promise.start)), said, promise.start_s, number,
            whom=_whom(view, promise), means=_means(view, promise), about=_about(view, promise) or question or "",
            due_at=reader.due_at(due), doubtful=_doubtful(view, promise, term),
        )  # fmt: skip


def _once(promises: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """A promise said again is one entry: the first with its moment, and what only the repetition has."""
    kept: list[LedgerEntry] = []
    for entry in promises:
        at = next((at for at, other in enumerate(kept) if _again(entry, other)), None)
        if at is None:
            kept.append(entry)
            continue
        first = kept[at]
        closer = entry.due_at is not None and (first.due_at is None or entry.due_at < first.due_at)
        best = entry if closer else first
        kept[at] = replace(best, means=first.means or entry.means, start_s=min(first.start_s, entry.start_s))
    return kept


def _again(entry: LedgerEntry, other: LedgerEntry) -> bool:
    """The same party, means and moment, each as far as it was said."""
    same_means = entry.means == other.means or None in (entry.means, other.means)
    both = entry.due is not None and other.due is not None
    same_moment = not both or (entry.due_at == other.due_at if entry.due_at else entry.due == other.due)
    if other.what.endswith("?") and entry.due_at and other.due_at:  # asked first, then promised more closely
        same_moment = entry.due_at.date() == other.due_at.date()
    return same_means and same_moment and (entry.who, entry.whom) == (other.who, other.whom)


def _due(view: CallView, reader: DueReader, promise: Match, term: Term) -> Due | None:
    """The term of a promise as a moment; a clock time takes the day that was asked for just before."""
    if term.kind != "hard" or term.utterance is None:
        return None
    utterance = term.utterance
    low, high = utterance.sentence_of(term.start)
    beside = term.start, term.end
    if utterance.index == promise.utterance.index:
        low, high = max(low, promise.start - REACH_BEFORE), min(max(high, term.end), promise.end + REACH_BEHIND)
        low, high = min(low, term.start), max(high, term.end)
        beside = promise.start, promise.end
    due = reader.read(utterance, low, high, beside)
    if due is None or due.timed is None:
        return due
    return _on_asked_day(view, reader, utterance, due)


def _on_asked_day(view: CallView, reader: DueReader, utterance: Utterance, due: Due) -> Due:
    """`kunt u mij morgen bellen?` - `ja, uiterlijk vijf uur`."""
    diary = reader.diary(utterance.turn.start_s)
    before = view.utterances[max(0, utterance.index - 1) : utterance.index]
    days = [moment for each in before for moment in view.moments(each) if moment.has_day]
    if due.timed is None or diary is None or not days:
        return due
    return Due(due.start, due.end, reader.end_of(due.timed.inherit(days[-1]), diary) if len(days) == 1 else None)


def _callers(view: CallView, reader: DueReader, question: str | None) -> Iterator[LedgerEntry]:
    """What the caller promises: `dan bel ik morgen terug`."""
    words, seen = view.lexicon.list(LEXICON, "caller_promises"), set[int]()
    unless = view.lexicon.list(LEXICON, "caller_promises", "unless")
    conditions = view.lexicon.list(LEXICON, "caller_promises", "conditions")
    reasons = view.lexicon.list(LEXICON, "caller_promises", "reasons")
    for promise in view.find(words, view.of("caller")):
        utterance = promise.utterance
        low, high = utterance.sentence_of(promise.start)
        none = view.finder.any(conditions, part(utterance, low, high))
        start = promise.start
        while start > max(low, promise.start - CLAUSE_BEFORE) and not utterance.tokens[start - 1].after:
            start -= 1
        none = none or view.finder.any(unless, part(utterance, start, high))
        asks = utterance.tokens[high - 1].after == "?"
        if promise.cost or asks or utterance.index in seen or none:
            continue
        seen.add(utterance.index)
        due = reader.read(utterance, low, high, (promise.start, promise.end))
        if due is None and view.finder.any(reasons, part(utterance, promise.start, high)):
            continue
        yield LedgerEntry(
            "promise", "caller", utterance.quote(low, high),
            utterance.quote(due.start, due.end) if due else None, promise.start_s,
            whom="agent", means=_means(view, promise), about=_about(view, promise) or question or "",
            due_at=reader.due_at(due), doubtful=_unsure(view, utterance, promise.start, promise.end),
        )  # fmt: skip


def _means(view: CallView, promise: Match) -> Means | None:
    """How they are reached, by the word for it nearest to the start of the promise, in its sentence."""
    low, high = promise.utterance.sentence_of(promise.start)
    means = {word: each for each, words in view.lexicon.table(LEXICON, "means").items() for word in words}
    places = [at for at in range(low, high) if promise.utterance.norms[at] in means]
    if not places:
        return None
    nearest = min(places, key=lambda at: abs(at - promise.start))
    return cast(Means, means[promise.utterance.norms[nearest]])


def _whom(view: CallView, promise: Match) -> str:
    """The third party that is called, as named; the caller otherwise."""
    third = view.lexicon.table(LEXICON, "third")
    relations = view.lexicon.words("namen", "relation")
    utterance, norms = promise.utterance, promise.utterance.norms
    for at in range(promise.start, min(promise.end + THIRD_REACH, len(norms) - 1)):
        behind_verb = any(norm in third["verbs"] for norm in norms[promise.start : at])
        if behind_verb and norms[at] in third["owners"] and norms[at + 1] in relations:
            return utterance.quote(at, at + 2).rstrip(".,?!")
    return "caller"


def _about(view: CallView, promise: Match) -> str:
    """`... over de uitslag`: what the promise says it is about; "" when it does not."""
    utterance = promise.utterance
    low, high = utterance.sentence_of(promise.start)
    opens, stops = view.lexicon.list(LEXICON, "about", "opens"), view.lexicon.list(LEXICON, "about", "stops")
    clauses, verbs = view.lexicon.list(LEXICON, "about", "clauses"), view.lexicon.words("vragen", "verbs")
    dated = {at for value in view.values(utterance) for at in range(value.start - 1, value.end)}
    for at in range(low, high - 1):
        if utterance.norms[at] not in opens or at in dated:
            continue
        end = at + 1
        ends = frozenset(stops) if utterance.norms[end] in clauses else verbs.union(stops)
        while end < min(high, at + 1 + ABOUT_TOKENS) and utterance.norms[end] not in ends and end not in dated:
            end += 1
            if utterance.tokens[end - 1].after:
                break
        content = [norm for norm in utterance.norms[at + 1 : end] if norm not in view.lexicon.idle]
        units = {unit for key in ("units_min", "units_day", "units_workday", "units_month")
                 for unit in view.lexicon.table(LEXICON, key)}  # fmt: skip
        if content and units.isdisjoint(content):
            return utterance.quote(at + 1, end).rstrip(".,?!")
    return ""


def _doubtful(view: CallView, promise: Match, term: Term) -> bool:
    if _unsure(view, promise.utterance, promise.start, promise.end):
        return True
    return term.utterance is not None and _unsure(view, term.utterance, term.start, term.end)


def _unsure(view: CallView, utterance: Utterance, start: int, end: int) -> bool:
    low = any(token.probability < MIN_PROBABILITY for token in utterance.tokens[start:end])
    return low or view.call.role_confidence < MIN_ROLE_CONFIDENCE


# Appointments


def _appointments(view: CallView, reader: DueReader, question: str | None) -> Iterator[LedgerEntry]:
    appointment = view.situations.appointment
    if appointment is None:
        return
    moment = appointment.moment
    yield LedgerEntry(
        "appointment", "agent", moment.quote, moment.quote.rstrip(".,?!"), moment.start_s, whom="caller",
        about=question or "", due_at=reader.due_at(Due(0, 0, _booked(view, reader, appointment))),
        doubtful=_unsure(view, moment.utterance, moment.start, moment.end),
    )  # fmt: skip


def _booked(view: CallView, reader: DueReader, appointment: Appointment) -> datetime | None:
    """The booked moment in the calendar; None when its day or its half of the day was not said clearly."""
    moment, diary = appointment.moment, reader.diary(appointment.moment.start_s)
    if diary is None or moment.clock_min is None:
        return None
    same = [each for each in _others(view) if _is_same(each, moment, diary.today)]
    dated = [each for each in same if each.in_days is not None or each.day is not None or each.weekday is not None]
    fixed = [each for each in dated if each.in_days is not None or each.day is not None or each.week is not None]
    named = fixed or [each for each in (moment, *dated) if each.has_day]
    if not named and any(each.has_day or each.week is not None for each in _others(view)):
        return None  # of days that were named none is surely this one's
    if named and not fixed and any(each.week for each in _others(view)):
        return None
    days = {diary.day_of(each) for each in named} if named else {diary.today}
    if len(days) != 1 or None in days:
        return None
    on = next(iter(days))
    halves = {diary.clock_on(on, each, moment.clock_min) for each in (moment, *same) if on is not None}
    halves.discard(None)
    return next(iter(halves)) if len(halves) == 1 else None


def _others(view: CallView) -> list[Moment]:
    """Every moment either party names."""
    return [moment for utterance in view.utterances for moment in view.moments(utterance)]


def _is_same(said: Moment, booked: Moment, called_on: date) -> bool:
    """The booked clock time, or its weekday, and nothing that contradicts it."""
    if clash(said, booked, called_on) is not None:
        return False
    if said.clock_min is not None:
        return said.clock_min == booked.clock_min
    return said.weekday is not None and said.weekday == booked.weekday
