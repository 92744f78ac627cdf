"""Check kinds `repeats_value` and `repeats_appointment`: what was agreed comes back, with the agreed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.addresses import address_slips
from belscore.agreements import (
    Repeated,
    Thing,
    committing_turns,
    misdialled,
    noted_numbers,
    number_slips,
    repeated_numbers,
)
from belscore.appointment import Appointment
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.checks.questions import ENDINGS
from belscore.checks.said_twice import CLOSING_TURNS, closing_turns, quote, said_twice
from belscore.checks.slips import (
    last_wrong,
    mail_said_again,
    of_another,
    other_slips,
    put_right,
    repeated_of,
    said_bare,
    same_moment,
    surely_settled,
)
from belscore.checks.surely_heard import sure
from belscore.content import content_words, shared
from belscore.errands import is_handed_over
from belscore.granted import granted_bare
from belscore.language.echoes import echoes_words
from belscore.language.moments import Moment, clash
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.language.values import Value
from belscore.restated import call_time_slips, dropped_moments, stated_again
from belscore.rule_complaint import RepeatsAppointment
from belscore.rule_schema import RepeatsValue
from belscore.scorecard import Evidence
from belscore.upcoming import pending_tasks, summed_up, told_again
from belscore.view import CallView, evidence, turn_evidence

MIN_SHARED_TASK_WORDS = 2
# The answer to a question of the caller comes within so many turns.
ANSWER_TURNS = 2


@dataclass(frozen=True, slots=True)
class _Agreed:
    """All that was agreed in the call."""

    appointment: Appointment | None
    numbers: Sequence[tuple[Utterance, Value]]
    tasks: Sequence[Match]

    @property
    def nothing(self) -> bool:
        return self.appointment is None and not self.numbers and not self.tasks


def repeats_value(params: RepeatsValue, view: CallView) -> Outcome:
    """A wrong last repetition fails and shows both values; so does none at all, where it is sure what was made."""
    outcome = _repeats_agreed(params, view)
    if outcome.verdict == "fail" and view.situations.appointment and "afspraak" in view.situations.doubtful:
        return unsure("agreement_doubtful", *outcome.evidence)
    if outcome.reason == "nothing_agreed" and view.likeness.may_agree(view.situations.ids):
        return unsure("agreement_likely")
    return outcome


def _repeats_agreed(params: RepeatsValue, view: CallView) -> Outcome:
    agreed = _Agreed(view.situations.appointment, noted_numbers(view), pending_tasks(view))
    numbers = [*number_slips(view), *address_slips(view)]
    righted = [quote(slip.agreed) for slip in numbers if put_right(view, slip)]
    slips = [*(slip for slip in numbers if not put_right(view, slip)), *call_time_slips(view)]
    dropped = dropped_moments(view) if agreed.appointment is None else []
    slips += [] if agreed.appointment is not None else [*other_slips(view), *dropped]
    given_up = next((quote(each.said) for each in dropped if each.wrong is None), None)
    if agreed.nothing and misdialled(view):
        return not_applicable("nothing_agreed")
    if agreed.nothing and not slips:
        closing = _told_in_words(params, view, agreed) or next(iter(righted), given_up)
        return passed(closing) if closing is not None else _granted(view)
    moments = repeated_of(view, agreed.appointment) if agreed.appointment else []
    again = repeated_numbers(view, agreed.numbers)
    wrong = (
        last_wrong(moments) or last_wrong([each for each in again if not put_right(view, each)]) or last_wrong(slips)
    )
    if wrong is not None:
        return _wrong(view, wrong)
    right = [repeated for repeated in (*moments, *again) if repeated.wrong is None]
    if agreed.appointment is not None:
        return _appointment_repeated(view, agreed.appointment, moments)
    if right:
        return passed(quote(right[-1].agreed), quote(right[-1].said), values={"said": _text(right[-1].said)})
    closing = _told_in_words(params, view, agreed) or given_up
    if closing is not None:
        return passed(closing)
    return _nothing_repeated(view, agreed)


def _told_in_words(params: RepeatsValue, view: CallView, agreed: _Agreed) -> Evidence | None:
    told = _closing_statement(params, view, agreed) or said_twice(view) or _mail(view)
    return told or told_again(view, closing_turns(view))


def _granted(view: CallView) -> Outcome:
    """Nothing was agreed, or the agent took on what was asked and nobody heard what."""
    taken = granted_bare(view)
    if taken is None or any(holds(view) for _, holds in ENDINGS):
        return not_applicable("nothing_agreed")
    last = view.spoken("agent")[-CLOSING_TURNS:]
    return _missing(evidence(taken), taken.quote) if view.crisp(last) else unsure("words_uncertain", evidence(taken))


def repeats_appointment(_params: RepeatsAppointment, view: CallView) -> Outcome:
    """Of all that `repeats_value` looks at, the booked moment alone."""
    appointment = view.situations.appointment
    if appointment is None:
        return not_applicable("situation_afspraak")
    moments = repeated_of(view, appointment)
    wrong = last_wrong(moments)
    return _wrong(view, wrong) if wrong is not None else _appointment_repeated(view, appointment, moments)


def _wrong(view: CallView, repeated: Repeated) -> Outcome:
    said, agreed = quote(repeated.said), quote(repeated.agreed)
    if not (sure(view, repeated.said) and sure(view, repeated.agreed)) or not surely_settled(view, repeated):
        return unsure("value_uncertain", agreed, said)
    if of_another(view, repeated):
        return unsure("moment_unclear", agreed, said)
    values = {"said": _text(repeated.said), "agreed": _text(repeated.agreed)}
    return failed(agreed, said, variant="wrong", values=values)


def _appointment_repeated(view: CallView, appointment: Appointment, moments: Sequence[Repeated]) -> Outcome:
    complete = [each for each in moments if each.complete and each.wrong is None]
    agreed = quote(appointment.moment)
    if complete:
        return passed(agreed, quote(complete[-1].said), values={"said": _text(complete[-1].said)})
    days = [each.said for each in moments if isinstance(each.said, Moment) and each.said.in_days is None]
    if days:  # the named day alone came back: some would call that repeating
        return passed(agreed, quote(days[-1]), values={"said": _text(days[-1])})
    later = [u for u in view.of("agent") if u.index >= appointment.agreed_at]
    if not view.crisp(later) or _may_hide_moment(view, appointment.moment, later):
        return unsure("words_uncertain", agreed)
    if appointment.by == "agent":  # its booking was the statement; nothing else was said of it
        booked = view.utterances[appointment.agreed_at]
        last = view.spoken("agent")[-CLOSING_TURNS:]
        if booked in last:
            return passed(agreed)
        if _said_by_caller(view, appointment):  # "dus één september, zeven uur? - ja, helemaal goed"
            return _missing(agreed, appointment.moment.quote)
        return unsure("moment_unclear", agreed)
    again = stated_again(view, appointment) or said_bare(view, appointment)
    if again is not None:
        return passed(agreed, quote(again), values={"said": _text(again)})
    return _missing(agreed, appointment.moment.quote)


def _said_by_caller(view: CallView, appointment: Appointment) -> bool:
    """In a later turn than the answer to the booking the caller says the moment once more; the agent only agrees."""
    since = [u for u in view.of("caller") if u.index > appointment.agreed_at and u.tokens][1:]
    said = [m for u in since for m in view.moments(u) if m.has_clock]
    return any(clash(m, appointment.moment, view.called_on) is None for m in said)


def _may_hide_moment(view: CallView, moment: Moment, later: Sequence[Utterance]) -> bool:
    """The moment may have been said there and misheard; or the agent's last words about it were the repetition.

    Misheard: words much like it, another time of day, or what is left of one. Where a misheard yes puts the agreement
    at the end of the call, or the agent said the moment in two turns, it was settled earlier than was understood.
    """
    if not view.recognised:
        return False
    words = moment.utterance.norms[moment.start : moment.end]
    if not later or any(echoes_words(words, u) or _speaks_of_time(view, u) for u in later):
        return True
    return sum(any(same_moment(m, moment) for m in view.moments(u)) for u in view.of("agent")) > 1


def _speaks_of_time(view: CallView, utterance: Utterance) -> bool:
    clock = view.lexicon.table("waarden", "clock")
    clock_words = {clock["quarter"], clock["half"], *clock["hour_words"]}
    return any(m.has_clock for m in view.moments(utterance)) or not clock_words.isdisjoint(utterance.norms)


def _missing(agreed: Evidence, text: str) -> Outcome:
    return failed(agreed, values={"agreed": text})


def _mail(view: CallView) -> Evidence | None:
    again = mail_said_again(view)
    return turn_evidence(again) if again is not None else None


def _closing_statement(params: RepeatsValue, view: CallView, agreed: _Agreed) -> Evidence | None:
    """A statement of what will be done, in the last turns of substance and after the last number was noted."""
    noted_at = max((utterance.index for utterance, _ in agreed.numbers), default=-1)
    spoken = [u for u in view.spoken("agent") if not _is_courtesy(view, u)]
    last = [u for u in spoken[-params.closing_turns :] if u.index > noted_at]
    stated = {match.utterance.index: match for match in agreed.tasks}
    fresh = [utterance for utterance in last if not _overtaken(view, utterance)]
    for utterance in reversed(fresh):
        match = stated.get(utterance.index)
        if match is not None and _says_what(view, match):
            return evidence(match)
    promised = {utterance.index for utterance in committing_turns(view)}
    for utterance in reversed(fresh):
        bare = agreed.numbers and len(content_words(view, [utterance])) < MIN_SHARED_TASK_WORDS
        if utterance.index in promised and not bare:
            return turn_evidence(utterance)
    ready = next((m for u in reversed(fresh) for m in view.moments(u) if is_handed_over(view, m)), None)
    if ready is not None:
        return turn_evidence(ready.utterance)
    told = {
        u.index for u in view.of("agent") if u.index in stated or any(m.has_clock or m.has_day for m in view.moments(u))
    }
    for utterance in reversed(last):
        earlier = [other for other in view.of("agent") if other.index < utterance.index and other.index in told]
        if shared(content_words(view, [utterance]), content_words(view, earlier)) >= MIN_SHARED_TASK_WORDS:
            return turn_evidence(utterance)
    summing = summed_up(view, reversed(last))
    return turn_evidence(summing) if summing is not None else None


def _overtaken(view: CallView, stated: Utterance) -> bool:
    """The caller asked about something else behind it, and the agent's answer takes nothing of it up again."""
    if view.finder.any(view.lexicon.list("afspraken", "tasks", "sums_up"), stated):
        return False
    reader = view.asking
    told, about = content_words(view, [stated]), view.lexicon.words("termijnen", "about")
    for asking in view.of("caller"):
        if asking.index < stated.index or not about.isdisjoint(asking.norms):
            continue
        if not (reader.questions(asking) or reader.indirect(asking)) or shared(content_words(view, [asking]), told):
            continue
        behind = view.utterances[asking.index + 1 : asking.index + 1 + ANSWER_TURNS]
        answer = next((u for u in behind if u.role == "agent" and u.index not in view.hums), None)
        if answer is None or any(m.has_clock or m.has_day for m in view.moments(answer)):
            continue
        substance = content_words(view, [answer])
        leaves = view.finder.any(view.lexicon.list("afspraken", "tasks", "asks_else"), asking)
        refers = view.finder.any(view.lexicon.list("afspraken", "tasks", "refers"), asking)
        if (leaves or (substance and not refers)) and not shared(substance, told):
            return True
    return False


def _says_what(view: CallView, match: Match) -> bool:
    """The sentence of a task has words of substance beside it, or two inside it: not `dat regel ik` alone."""
    sentence = part(match.utterance, *match.utterance.sentence_of(match.start))
    inside = frozenset(match.utterance.norms[match.start : match.end])
    names = {word for name in view.caller_names for word in name.words}
    told = content_words(view, [sentence]) - match.phrase.words - names
    notes = view.lexicon.list("afspraken", "tasks", "only_notes")
    if view.finder.any(notes, part(match.utterance, match.start, match.end)):
        earlier = content_words(view, [u for u in view.utterances if u.index < match.utterance.index])
        return bool(shared(told, earlier) or view.values(match.utterance))
    return bool(told - inside) or len(told) >= MIN_SHARED_TASK_WORDS or _said_before(view, match)


def _said_before(view: CallView, match: Match) -> bool:
    """`ik vraag de dokter om zes pillen. Ik geef het vandaag door`: the sentence in front holds the number of it."""
    low, _ = match.utterance.sentence_of(match.start)
    start, end = match.utterance.sentence_of(low - 1) if low else (0, 0)
    numbers = [value for value in view.values(match.utterance) if value.kind == "number" and value.unit]
    return any(start <= value.start < end for value in numbers) and match.utterance.tokens[end - 1].after != "?"


def _is_courtesy(view: CallView, utterance: Utterance) -> bool:
    """Only thanks, wishes and farewell: nothing of substance."""
    return not content_words(view, [utterance])


def _nothing_repeated(view: CallView, agreed: _Agreed) -> Outcome:
    place = [evidence(match) for match in agreed.tasks[-1:]]
    place += [quote(number) for number in agreed.numbers[-1:]]
    for reason, holds in ENDINGS:
        if holds(view):
            return not_applicable(reason)
    last = view.spoken("agent")[-CLOSING_TURNS:]
    if not view.crisp(last):
        return unsure("words_uncertain", *place)
    return failed(*place, values={"agreed": place[-1].quote})


def _text(value: Thing) -> str:
    return quote(value).quote.rstrip(".,?!")
