"""What is agreed in a call: the appointment, the numbers noted, the tasks taken on; and whether it is repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz.distance import Levenshtein

from belscore.language.moments import Moment, clash, own_contradiction
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.language.values import Value
from belscore.view import CallView

CLAUSE_REACH = 7
MIN_PHONE_DIGITS = 6
# Two digit strings of one length that share this much are one number said wrong, not two numbers.
SAME_NUMBER = 0.5
ANSWER_TURNS = 2


@dataclass(frozen=True, slots=True)
class Appointment:
    """The moment that was agreed, and the utterance in which that became so."""

    moment: Moment
    agreed_at: int
    offered: tuple[Moment, ...]
    by_caller: bool


@dataclass(frozen=True, slots=True)
class Repeated:
    """A value the agent says again. `wrong` names the part that differs, None when it is right."""

    said: Moment | tuple[Utterance, Value]
    agreed: Moment | tuple[Utterance, Value]
    wrong: str | None
    complete: bool


def find_bookings(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """The agent's words that book or offer the agreed moment; empty when no appointment is made."""
    appointment = find_appointment(view, data)
    if appointment is None:
        return []
    words = view.lexicon.list("afspraken", "booking_context")
    later = [u for u in view.of("agent") if u.index >= min(appointment.agreed_at, appointment.moment.utterance.index)]
    found = view.find(words, later)
    if found:
        return found[:1]
    moment = appointment.moment
    phrase = view.finder.compile((" ".join(moment.utterance.norms[moment.start : moment.end]),))[0]
    return [Match(phrase, moment.utterance, moment.start, moment.end, 0.0, moment.probability, False)]


def find_appointment(view: CallView, data: Mapping[str, Any]) -> Appointment | None:
    """The last moment both parties settle on; None when none is."""
    settled: Appointment | None = None
    offers: list[Moment] = []
    offered_at = -1
    wish: Moment | None = None
    for utterance in view.utterances:
        if utterance.role == "agent":
            said = [moment for moment in appointment_moments(view, utterance) if moment.has_clock or moment.has_day]
            booked = _books(view, utterance, said, data)
            if settled is None and wish is not None and _accepts_wish(view, utterance, wish, said):
                settled = Appointment(wish, utterance.index, (), True)
            elif settled is None and booked and not offers:
                settled = Appointment(_fullest(said), utterance.index, (), False)
            elif said and (settled is None or _reopens(view, utterance, said)):
                if settled is not None:
                    settled = None
                offers = _grown(offers, said) if utterance.index - offered_at <= 2 else said
                offered_at = utterance.index
        elif utterance.role == "caller":
            if offers and settled is None:
                chosen = _chosen(view, utterance, offers)
                if chosen is not None:
                    settled = Appointment(chosen, utterance.index, tuple(offers), False)
                    continue
            wish = _wish(view, utterance, data) or wish
    if settled is None and offers and any(moment.has_clock for moment in offers):
        return None
    return settled if settled is not None and (settled.moment.has_clock or settled.moment.has_day) else None


def appointment_moments(view: CallView, utterance: Utterance) -> list[Moment]:
    """Moments of an utterance that can be an appointment: their clause is about no call, opening hour or the like."""
    other = view.lexicon.words("afspraken", "other_business")
    return [
        moment
        for moment in view.moments(utterance)
        if not any(norm in other for norm in _clause(utterance, moment.start, moment.end))
    ]


def _clause(utterance: Utterance, start: int, end: int) -> Sequence[str]:
    low, _ = utterance.sentence_of(start)
    _, high = utterance.sentence_of(end - 1)
    return utterance.norms[max(low, start - CLAUSE_REACH) : min(high, end + CLAUSE_REACH - 2)]


def _fullest(said: Sequence[Moment]) -> Moment:
    return max(said, key=lambda moment: (moment.has_clock, moment.has_day))


def _grown(offers: Sequence[Moment], said: Sequence[Moment]) -> list[Moment]:
    return [*offers, *said]


def _books(view: CallView, utterance: Utterance, said: Sequence[Moment], data: Mapping[str, Any]) -> bool:
    if not any(moment.has_clock for moment in said) or len([m for m in said if m.has_clock]) > 1:
        return False
    asks = utterance.tokens[-1].after == "?"
    return (
        not asks
        and view.finder.any(data["book"], utterance)
        and view.finder.any(data["subject"] + data["book"], utterance)
    )


def _reopens(view: CallView, utterance: Utterance, said: Sequence[Moment]) -> bool:
    """After something was settled the agent offers a choice again."""
    clocks = [moment for moment in said if moment.has_clock]
    asks = any(token.after == "?" for token in utterance.tokens)
    return len(clocks) >= 2 and (asks or "of" in utterance.norms)


def _wish(view: CallView, utterance: Utterance, data: Mapping[str, Any]) -> Moment | None:
    """A moment with a clock time that the caller asks for."""
    said = [moment for moment in appointment_moments(view, utterance) if moment.has_clock]
    if not said or view.finder.any(data["cancel"], utterance):
        return None
    about = view.finder.any(data["subject"], utterance) or any(
        view.finder.any(data["subject"], u) for u in view.of("caller")[:3]
    )
    return said[-1] if about else None


def _accepts_wish(view: CallView, utterance: Utterance, wish: Moment, said: Sequence[Moment]) -> bool:
    if utterance.index - wish.utterance.index > ANSWER_TURNS:
        return False
    refused = view.finder.any(view.lexicon.list("afspraken", "chooses", "refuses"), utterance)
    if refused:
        return False
    if said:
        return any(clash(moment, wish, None) is None and moment.has_clock for moment in said)
    return view.finder.any(view.lexicon.list("afspraken", "chooses", "agent_accepts"), utterance)


def _chosen(view: CallView, utterance: Utterance, offers: Sequence[Moment]) -> Moment | None:
    """The offer the caller takes, filled up with what the caller adds; None when none is taken."""
    lexicon = view.lexicon
    named = [m for m in view.moments(utterance) if m.has_clock or m.has_day or m.daypart is not None]
    called_on = view.call.started_at.date() if view.call.started_at else None
    for moment in reversed(named):
        if _refused(view, utterance, moment):
            continue
        fitting = [offer for offer in offers if _shares(moment, offer) and clash(moment, offer, called_on) is None]
        if fitting:
            return fitting[-1]
    if named and not all(_refused(view, utterance, moment) for moment in named):
        return None
    if view.finder.any(lexicon.list("afspraken", "chooses", "first"), utterance):
        return offers[0]
    if view.finder.any(lexicon.list("afspraken", "chooses", "last"), utterance):
        return offers[-1]
    refuses = view.finder.any(lexicon.list("afspraken", "chooses", "refuses"), utterance)
    accepts = view.finder.any(lexicon.list("afspraken", "chooses", "accepts"), utterance)
    distinct = {(offer.clock_min, offer.weekday, offer.day, offer.in_days) for offer in offers if offer.has_clock}
    asks = bool(utterance.tokens) and utterance.tokens[-1].after == "?"
    return offers[-1] if accepts and not refuses and not asks and len(distinct) <= 1 else None


def _refused(view: CallView, utterance: Utterance, moment: Moment) -> bool:
    tail = replace_tokens(utterance, moment.end, min(moment.end + 5, utterance.sentence_of(moment.end - 1)[1]))
    head = replace_tokens(utterance, max(utterance.sentence_of(moment.start)[0], moment.start - 3), moment.start)
    refuses = view.lexicon.list("afspraken", "chooses", "refuses")
    return view.finder.any(refuses, tail) or view.finder.any(("niet",), head)


def replace_tokens(utterance: Utterance, start: int, end: int) -> Utterance:
    """The utterance cut down to tokens start..end."""
    return replace(utterance, tokens=utterance.tokens[start:end])


def _shares(one: Moment, other: Moment) -> bool:
    """Both name the same kind of part, so that agreeing means something."""
    pairs = (
        (one.clock_min, other.clock_min), (one.weekday, other.weekday), (one.day, other.day),
        (one.in_days, other.in_days), (one.daypart, other.daypart),
    )  # fmt: skip
    return any(mine is not None and mine == yours for mine, yours in pairs)


# Repetitions


def repeated_moments(view: CallView, appointment: Appointment) -> list[Repeated]:
    """What the agent says of the agreed moment after it was agreed, in order."""
    called_on = view.call.started_at.date() if view.call.started_at else None
    agreed = appointment.moment
    found: list[Repeated] = []
    for utterance in view.of("agent"):
        after = utterance.index > appointment.agreed_at
        same_turn = utterance.index == appointment.agreed_at and appointment.by_caller
        if not (after or same_turn):
            continue
        for moment in appointment_moments(view, utterance):
            if not (moment.has_clock or moment.has_day):
                continue
            wrong = clash(moment, agreed, called_on)
            if wrong is None and own_contradiction(moment, called_on):
                wrong = "weekday"
            if wrong is not None and not _is_booking(view, utterance, moment):
                continue
            complete = moment.has_clock or not agreed.has_clock
            found.append(Repeated(moment, agreed, wrong, complete))
    return found


def _is_booking(view: CallView, utterance: Utterance, moment: Moment) -> bool:
    """The moment is said as the booked one: with a booking phrase in its sentence, or as good as alone."""
    start, end = utterance.sentence_of(moment.start)
    sentence = replace_tokens(utterance, start, max(end, moment.end))
    rest = (end - start) - (moment.end - moment.start)
    return rest <= 3 or view.finder.any(view.lexicon.list("afspraken", "booking_context"), sentence)


def noted_numbers(view: CallView) -> list[tuple[Utterance, Value]]:
    """Numbers the caller gives to be noted: telephone and file numbers, and house numbers behind their street."""
    return [
        (utterance, value)
        for utterance in view.of("caller")
        for value in view.values(utterance)
        if value.kind == "number" and (len(value.digits) >= MIN_PHONE_DIGITS or _is_address(value))
    ]


def _is_address(value: Value) -> bool:
    return value.value > 0 and value.context.endswith(
        (
            "straat",
            "laan",
            "weg",
            "plein",
            "dijk",
            "kade",
            "gracht",
            "pad",
            "singel",
            "hof",
            "steeg",
            "dreef",
            "markt",
            "plantsoen",
            "ring",
        )
    )


def repeated_numbers(view: CallView, noted: Sequence[tuple[Utterance, Value]]) -> list[Repeated]:
    """Numbers the agent says after the caller gave them, right or wrong."""
    return [
        Repeated((utterance, said), given, None if right else "number", True)
        for given in noted
        for utterance, said, right in _answers(view, given)
    ]


def _answers(view: CallView, given: tuple[Utterance, Value]) -> Iterator[tuple[Utterance, Value, bool]]:
    source, value = given
    for utterance in view.of("agent"):
        if utterance.index <= source.index:
            continue
        for said in view.values(utterance):
            if said.kind != "number":
                continue
            if _is_address(value):
                if said.context and Levenshtein.normalized_similarity(said.context, value.context) >= 0.8:
                    yield utterance, said, said.value == value.value
            elif said.digits and (said.digits in value.digits or value.digits in said.digits) and len(said.digits) >= 4:
                yield utterance, said, True
            elif len(said.digits) >= MIN_PHONE_DIGITS and _same_number(said.digits, value.digits):
                yield utterance, said, False


def _same_number(said: str, given: str) -> bool:
    return abs(len(said) - len(given)) <= 2 and Levenshtein.normalized_similarity(said, given) >= SAME_NUMBER


def task_statements(view: CallView) -> list[Match]:
    """Where the agent says what will be done: tasks and promises to call back, in order."""
    tasks = view.find(view.lexicon.list("afspraken", "tasks"), view.of("agent"))
    return sorted([*tasks, *view.situations.promises], key=lambda match: match.start_s)
