"""What the agent says again of agreed moments: the appointment's, those of calls, and those the caller confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from belscore.accepting import accepts, asks_another, reopened
from belscore.agreements import Repeated, Thing
from belscore.appointment import Appointment
from belscore.choosing import stated_instead
from belscore.diary import about_other_business, alternatives, appointment_moments, is_refused, joined, said_as_booked
from belscore.given_up import gives_up, takes_out
from belscore.language.moments import Moment, agrees, apart, clash, own_contradiction, shares
from belscore.language.tokens import part
from belscore.view import CallView

# A word of calling stands so close to the time of a call.
CALL_REACH = 8
# What else a time is for stands so close to it.
BESIDE_REACH = 6
# The caller says after the agent within so many turns.
ECHO_TURNS = 2


def repeated_moments(view: CallView, appointment: Appointment) -> list[Repeated]:
    """What the agent says of the agreed moment after it was agreed, in order.

    A different moment counts only where it is said as the booked one.
    """
    called_on = view.called_on
    agreed = appointment.moment
    found: list[Repeated] = []
    for utterance in view.of("agent"):
        after = utterance.index > appointment.agreed_at
        granting = utterance.index == appointment.agreed_at and appointment.by == "caller"
        if not (after or granting):
            continue
        for moment in joined(view, utterance) if agreed.until_min is not None else view.moments(utterance):
            if not (moment.has_clock or (moment.has_day and after)):
                continue
            wrong = clash(moment.own(), agreed, called_on)
            if wrong is None and own_contradiction(moment, called_on):
                wrong = "weekday"
            if wrong is None and not shares(moment, agreed, called_on):
                continue
            if wrong is not None and _settled_later(view, appointment, moment):
                found.append(Repeated(moment, moment, None, moment.has_clock))
                continue
            if wrong is not None and (
                _beside_right_day(view, agreed, moment) or not _is_slip(view, appointment, moment, wrong)
            ):
                continue
            found.append(Repeated(moment, agreed, wrong, moment.has_clock or not agreed.has_clock))
    right = any(each.wrong is None and each.complete for each in found)
    whole = [each.said for each in found if each.wrong is None and each.complete]
    found = [each for each in found if each.wrong is None or not _of_several(view, each, whole)]
    return [each for each in found if each.wrong is None or not _other_matter(view, appointment, each, right=right)]


def _of_several(view: CallView, again: Repeated, whole: Sequence[Thing]) -> bool:
    """`vrijdag de dertiende komt Tijs om vier uur, en uzelf maandag om tien - tot de dertiende`: two appointments.

    A bare day that the agent stated with a time of its own in a turn with the agreed moment.
    """
    said, called_on = again.said, view.called_on
    if not isinstance(said, Moment) or said.has_clock:
        return False
    turns = [one.utterance for one in whole if isinstance(one, Moment) and one.utterance is not said.utterance]
    beside = [m for u in turns for m in view.moments(u) if m.has_clock and m.has_day]
    beside = [m for m in beside if not gives_up(view, m) and not about_other_business(view, m)]
    return any(agrees(m, said, called_on) for m in beside)


def _beside_right_day(view: CallView, agreed: Moment, moment: Moment) -> bool:
    """`tot maandag, en sterkte donderdag`: a bare day in a turn that has the agreed day is of something else."""
    if moment.has_clock:
        return False
    others = [other for other in view.moments(moment.utterance) if other is not moment and other.has_day]
    return any(agrees(o, agreed, view.called_on) for o in others)


def _is_slip(view: CallView, appointment: Appointment, moment: Moment, wrong: str) -> bool:
    """A moment that differs from the agreed one in its part `wrong` is meant to be that one."""
    booked = said_as_booked(view, moment) or _slip_of_date(moment, appointment.moment, view.called_on)
    booked = booked or _half_right(view, appointment, moment, wrong)
    booked = booked or stated_instead(view, moment, appointment.moment, appointment.agreed_at, appointment.offered)
    return booked and not _settled_too(view, appointment, moment)


def _half_right(view: CallView, appointment: Appointment, moment: Moment, wrong: str) -> bool:
    """The agreed day with a time that nobody spoke of, or the agreed date and time on a weekday nobody spoke of."""
    agreed, utterance, called_on = appointment.moment, moment.utterance, view.called_on
    _, high = utterance.sentence_of(moment.end - 1)
    if moment.bound or utterance.tokens[high - 1].after == "?" or not (moment.has_clock and moment.has_day):
        return False
    if about_other_business(view, moment) or not _is_new(view, moment, wrong) or _for_something_else(view, moment):
        return False
    if any(m.has_clock and clash(m, agreed, called_on) is None for m in view.moments(utterance)):
        return False
    if wrong == "clock":
        return (moment.weekday is not None and moment.weekday == agreed.weekday) or (
            moment.day is not None and moment.day == agreed.day
        )
    return moment.clock_min == agreed.clock_min and moment.day is not None and moment.day == agreed.day


def _for_something_else(view: CallView, moment: Moment) -> bool:
    """What else than the appointment the time is for stands beside it: `om kwart over twee is de foto`."""
    around = moment.utterance.norms[max(0, moment.start - BESIDE_REACH) : moment.end + BESIDE_REACH]
    return not view.lexicon.words("afspraken", "beside").isdisjoint(around)


def _other_matter(view: CallView, appointment: Appointment, again: Repeated, *, right: bool) -> bool:
    """The agreed moment came back rightly; this one was spoken of before, but not offered: of something else."""
    said, called_on = again.said, view.called_on
    if not right or again.wrong != "clock" or not isinstance(said, Moment):
        return False
    if any(clash(said, offer, called_on) is None for offer in appointment.offered):
        return False
    before = [m for u in view.utterances if u.index <= appointment.agreed_at for m in view.moments(u)]
    return any(m.clock_min == said.clock_min and clash(m, said, called_on) is None for m in before)


def _settled_later(view: CallView, appointment: Appointment, moment: Moment) -> bool:
    """The caller named this moment after the agreed one, or took it from the agent: it came in the place of that."""
    called_on, since = view.called_on, appointment.agreed_at
    if moment.bound and moment.until_min is None:
        return False  # "na twaalf uur ligt het klaar"

    def same(other: Moment) -> bool:
        known = other.clock_min == moment.clock_min if moment.has_clock else shares(other, moment, called_on)
        another = clash(other, appointment.moment, called_on) is not None
        return known and another and clash(other, moment, called_on) is None

    between = [u for u in view.utterances if since < u.index < moment.utterance.index and u.tokens]
    put = [u for u in between if u.role == "agent" and any(same(m) for m in view.moments(u))]
    for utterance in between:
        if utterance.role != "caller":
            continue
        named = [m for m in appointment_moments(view, utterance) if same(m)]
        if any(not is_refused(view, utterance, m) for m in named):
            return True
    proposes = view.knowledge.situations["afspraak"]["proposes"]
    asked = [u for u in put if u.tokens[-1].after == "?" or alternatives(view, u) or view.finder.any(proposes, u)]
    answers = [u for u in between if u.role == "caller" and any(u.index - a.index == 1 for a in asked)]
    return any(accepts(view, answer) for answer in answers)


def stated_again(view: CallView, appointment: Appointment) -> Moment | None:
    """The agreed moment as the agent states it after the caller named it, or answered to it; however it was agreed.

    For where it may have been agreed earlier than was understood: `kan ik donderdag om acht uur? - ja - ... -
    donderdag acht uur staan jullie erin`.
    """
    agreed, called_on = appointment.moment, view.called_on
    named, answered = False, False
    for utterance in view.utterances:
        said = [m for m in view.moments(utterance) if m.has_clock and not m.bound]
        same = [m for m in said if m.clock_min == agreed.clock_min and clash(m, agreed, called_on) is None]
        if utterance.role == "caller":
            answered = named
            named = named or any(not is_refused(view, utterance, moment) for moment in same)
            answered = answered or named
        elif utterance.role == "agent" and same:
            if answered and not alternatives(view, utterance) and _is_statement(view, same[-1]):
                return same[-1]
            named = True
    return None


def _is_statement(view: CallView, moment: Moment) -> bool:
    """No question, and no offer."""
    utterance = moment.utterance
    low, high = utterance.sentence_of(moment.start)
    sentence = part(utterance, low, max(high, moment.end))
    data = view.knowledge.situations["afspraak"]
    put = view.finder.any(data["proposes"], sentence) and not view.finder.any(data["book"], sentence)
    return sentence.tokens[-1].after != "?" and not put and not about_other_business(view, moment)


def _slip_of_date(moment: Moment, agreed: Moment, called_on: date | None) -> bool:
    """`woensdag de vierentwintigste om half vijf` for Wednesday the 25th: time and weekday agreed, and no such day."""
    if moment.bound or moment.clock_min is None or moment.clock_min != agreed.clock_min:
        return False
    known = moment.weekday is not None and moment.day is not None and agreed.day is not None
    return known and moment.weekday == agreed.weekday and own_contradiction(moment, called_on)


def _settled_too(view: CallView, appointment: Appointment, moment: Moment) -> bool:
    """`om zeven uur heen en om half een terug`: said beside the agreed moment, and spoken of before."""
    called_on = view.called_on
    beside = [m for m in view.moments(moment.utterance) if m is not moment and m.has_clock]
    if not any(clash(m, appointment.moment, called_on) is None for m in beside):
        return False
    before = [u for u in view.utterances if u.index < moment.utterance.index]
    return any(m.clock_min == moment.clock_min for u in before for m in view.moments(u))


# Calls, and what else has a time


def call_time_slips(view: CallView) -> list[Repeated]:
    """The time of a promised call, said once more and differently."""
    called_on = view.called_on
    if not view.situations.promises:
        return []
    first = view.situations.promises[0].utterance.index
    past = view.lexicon.words("termijnen", "past")  # "hoe laat heeft u gebeld, voor negenen?"
    since = [u for u in view.of("agent") if u.index >= first or past.isdisjoint(u.norms)]
    timed = [told for u in since if (told := [m for m in view.moments(u) if _of_call(view, m)])]
    found: list[Repeated] = []
    for (agreed, *_), again in pairwise(timed):
        said = next((each for each in again if each.bound == agreed.bound), again[0])
        if any(clash(each.own(), agreed.own(), called_on) is None for each in again):
            continue  # "voor half vijf een potje brengen, en voor zes uur hoort u van mij"
        if said.bound == agreed.bound and not (_of_another(view, agreed) or _of_another(view, said)):
            wrong = None if apart(said, agreed, called_on) else clash(said, agreed, called_on)
            if wrong is not None and not reopened(view, agreed.utterance, said.utterance):
                found.append(Repeated(said, agreed, wrong, True))
    return found or _summed_slips(view)


def _summed_slips(view: CallView) -> list[Repeated]:
    """`vrijdag voor twaalf belt de arts u ... donderdag voor twaalven dus`: half of it right, the other half new."""
    called_on = view.called_on
    promised = [m for p in view.situations.promises for m in view.moments(p.utterance) if m.has_clock and m.has_day]
    sums_up = view.lexicon.list("afspraken", "tasks", "sums_up")
    found: list[Repeated] = []
    for agreed in promised[-1:]:
        for utterance in view.of("agent"):
            if utterance.index <= agreed.utterance.index or not view.finder.any(sums_up, utterance):
                continue
            said = [m for m in view.moments(utterance) if m.has_clock and m.own().has_day and m.bound == agreed.bound]
            for moment in said:
                wrong = clash(moment, agreed, called_on)
                if wrong and shares(moment, agreed, called_on) and _is_new(view, moment, wrong):
                    found.append(Repeated(moment, agreed, wrong, True))
    return found


def _is_new(view: CallView, moment: Moment, part_of: str) -> bool:
    """Nobody spoke of the day, or of the time, before."""
    before = [m for u in view.utterances if u.index < moment.utterance.index for m in view.moments(u)]
    if moment.until_min is not None:
        stretches = [m for u in view.utterances if u.index < moment.utterance.index for m in joined(view, u)]
        return all((m.clock_min, m.until_min) != (moment.clock_min, moment.until_min) for m in stretches)
    if part_of == "clock":
        return all(m.clock_min != moment.clock_min for m in before)
    return all((m.weekday, m.day, m.in_days) != (moment.weekday, moment.day, moment.in_days) for m in before)


def _of_call(view: CallView, moment: Moment) -> bool:
    """The moment stands beside a word of calling."""
    norms = moment.utterance.norms
    near = norms[max(0, moment.start - CALL_REACH) : moment.end + CALL_REACH]
    return moment.has_clock and not view.lexicon.words("afspraken", "calling").isdisjoint(near)


def _of_another(view: CallView, moment: Moment) -> bool:
    """`tussen tien en twaalf komt hij, en maandag bel ik u`: a day stands between the time and the word of calling."""
    utterance = moment.utterance
    words = view.lexicon.words("afspraken", "calling")
    calls = [at for at, norm in enumerate(utterance.norms) if norm in words]
    days = [each for each in view.moments(utterance) if each.has_day and not each.has_clock]
    nearest = min(calls, key=lambda call: abs(call - moment.start))
    return any(moment.end <= day.start < nearest or nearest < day.end <= moment.start for day in days)


def confirmed_slips(view: CallView) -> list[Repeated]:
    """`voor tien uur brengen? - voor tien uur, ja - dan voor elf uur aan de balie`: confirmed, and then said new.

    The agent later says the day, or the kind of bound, of such a time with one that nobody spoke of before.
    """
    found: list[Repeated] = []
    timed = [(u, [m for m in joined(view, u) if m.has_clock]) for u in view.utterances if u.role in ("agent", "caller")]
    confirmed: list[Moment] = []
    for at, (utterance, said) in enumerate(timed):
        if utterance.role != "agent":
            continue
        for agreed in confirmed:
            if not any(clash(m, agreed, view.called_on) is None for m in said):
                found += [Repeated(m, agreed, "clock", True) for m in said if _is_said_anew(view, m, agreed)]
        answer = [m for u, told in timed[at + 1 : at + 1 + ECHO_TURNS] if u.role == "caller" for m in told]
        confirmed += [m for m in said if any(_says_after(each, m) for each in answer)]
    return found


def _is_said_anew(view: CallView, moment: Moment, agreed: Moment) -> bool:
    """The day, or the kind of bound, of a confirmed time, with a time that nobody spoke of."""
    utterance, called_on = moment.utterance, view.called_on
    asked = utterance.tokens[utterance.sentence_of(moment.end - 1)[1] - 1].after == "?"
    asked = asked or (_of_call(view, moment) and not _of_call(view, agreed))  # "bij koorts belt u om zeven uur"
    alike = (agreed.until_min is None) == (moment.until_min is None) and agreed.bound == moment.bound
    if asked or not alike or clash(moment, agreed, called_on) != "clock" or not _is_new(view, moment, "clock"):
        return False
    low, high = utterance.sentence_of(moment.start)
    low = max([low, *(m.end for m in view.moments(utterance) if m.end <= moment.start)])
    if view.finder.any(view.knowledge.situations["afspraak"]["proposes"], part(utterance, low, max(high, moment.end))):
        return False  # "vrijdag na twaalf uur mag ook hoor"
    day = replace(agreed, clock_min=None, until_min=None, afternoon=None, daypart=None)
    about = shares(moment, day, called_on) if moment.has_day and agreed.has_day else bool(agreed.bound)
    return about and not _moved(view, agreed, utterance.index)


def dropped_moments(view: CallView) -> list[Repeated]:
    """`donderdag om drie uur kan ik niet - dan is donderdag drie uur afgezegd`: what the agent says is given up."""
    called_on, found = view.called_on, list[Repeated]()
    given: list[Moment] = []
    for utterance in view.utterances:
        said = [m for m in view.moments(utterance) if m.has_clock or m.has_day]
        if utterance.role == "caller":
            given += said
        elif given and utterance.role == "agent" and takes_out(view, utterance):
            told = [m for m in said if utterance.tokens[utterance.sentence_of(m.end - 1)[1] - 1].after != "?"]
            right = [(m, g) for m in told for g in given if agrees(m, g, called_on)]
            if right:
                found.append(Repeated(*right[-1], None, True))
            elif told and (whole := [g for g in given if g.has_clock and g.has_day]):
                slip = _half_dropped(view, told[-1], whole[-1])
                found += [Repeated(told[-1], whole[-1], slip, True)] if slip else []
    return found


def _half_dropped(view: CallView, said: Moment, given: Moment) -> str | None:
    """The part of a moment given up that is new in what the agent says, where the other part is right."""
    if said.bound or not (said.has_clock and said.has_day) or about_other_business(view, said):
        return None
    wrong = clash(said, given, view.called_on)
    since = [m for u in view.of("caller") if u.index > said.utterance.index for m in view.moments(u)]
    if any(agrees(m, said, view.called_on) for m in since):
        return None  # "o ja, half vier": the caller had it wrong
    return wrong if wrong and shares(said, given, view.called_on) and _is_new(view, said, wrong) else None


def _says_after(echo: Moment, said: Moment) -> bool:
    """The same time of day; of a stretch the first."""
    return echo.clock_min == said.clock_min and echo.until_min in (None, said.until_min)


def _moved(view: CallView, agreed: Moment, until: int) -> bool:
    """Before turn `until` the caller asks for another time, or names one."""
    kept = {agreed.clock_min, agreed.until_min, None}
    between = [u for u in view.of("caller") if agreed.utterance.index < u.index < until and u.tokens]
    return any(asks_another(view, u) or any(m.clock_min not in kept for m in view.moments(u)) for u in between)
