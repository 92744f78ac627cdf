"""Which values that the agent says differently are wrong: not one put right, nor one that belongs to it as well."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.agreements import MIN_PHONE_DIGITS, Repeated, Thing
from belscore.appointment import Appointment
from belscore.language.moments import Moment, agrees, shares
from belscore.language.tokens import Utterance
from belscore.restated import repeated_moments
from belscore.view import CallView

# What a time is for stands so close to it: "komt u om kwart over twee, dan kunt u eerst bloed laten prikken".
BESIDE_REACH = 6
# Fewer digits may be of anything.
MIN_PART_DIGITS = 2


def repeated_of(view: CallView, appointment: Appointment) -> list[Repeated]:
    """What the agent repeats of the moment, without another time that belongs to it as well."""
    said = repeated_moments(view, appointment)
    right = [each.said for each in said if each.wrong is None and each.complete]
    return [each for each in said if each.wrong != "clock" or not any(_beside(view, each.said, one) for one in right)]


def _beside(view: CallView, said: Thing, right: Thing) -> bool:
    """`vrijdag om kwart voor drie bij de dokter en om half drie bij de foto`: joined to the right time, no day."""
    if not (isinstance(said, Moment) and isinstance(right, Moment)) or said.utterance is not right.utterance:
        return False
    kinds = {value.kind for value in view.values(said.utterance) if said.start <= value.start < said.end}
    if kinds != {"clock"}:
        return False
    if said.start >= right.end:  # "om tien voor tien. Duurt een half uur, dus om tien over tien staat u buiten"
        return True
    first, second = sorted((said, right), key=lambda moment: moment.start)
    if view.lexicon.table("waarden", "clock")["and"] in said.utterance.norms[first.end : second.start]:
        return True
    around = said.utterance.norms[max(0, said.start - BESIDE_REACH) : said.end + BESIDE_REACH]
    return not view.lexicon.words("afspraken", "beside").isdisjoint(around)


def put_right(view: CallView, slip: Repeated) -> bool:
    """The last time that the agent says one of both numbers, it is the agreed one, or the part that was wrong."""
    if isinstance(slip.said, Moment) or isinstance(slip.agreed, Moment):
        return False
    source, said = slip.said
    agreed = slip.agreed[1]
    later = [value for u in view.of("agent") if u.index > source.index for value in view.values(u)]
    numbers = [value for value in later if value.kind == "number"]
    if len(agreed.digits) >= MIN_PHONE_DIGITS:
        parts = [value.digits for value in numbers if len(value.digits) >= MIN_PART_DIGITS]
        return any(digits in agreed.digits and digits not in said.digits for digits in parts)
    either = [value for value in numbers if value.value in (said.value, agreed.value)]
    about = [value for value in either if value.unit in (said.unit, agreed.unit)]
    return bool(about) and about[-1].value == agreed.value


def last_wrong(repeated: Sequence[Repeated]) -> Repeated | None:
    """The last repetition that differs, unless the same part was said right afterwards."""
    wrong: Repeated | None = None
    for each in repeated:
        if each.wrong is not None:
            wrong = each
        elif wrong is not None and _covers(each, wrong):
            wrong = None
    return wrong


def _covers(right: Repeated, wrong: Repeated) -> bool:
    if isinstance(right.said, Moment) and isinstance(wrong.said, Moment):
        return (right.said.has_clock or not wrong.said.has_clock) and (wrong.wrong == "clock" or right.said.has_day)
    return right.agreed == wrong.agreed


def of_another(view: CallView, slip: Repeated) -> bool:
    """Day and time both differ, some turns later: it may be about another appointment.

    Who slips has one of them right, or says what was offered or what the caller named.
    """
    if not (isinstance(slip.said, Moment) and isinstance(slip.agreed, Moment)):
        return False
    said, appointment = slip.said, view.situations.appointment
    whole = all(each.has_day and each.has_clock for each in (said, slip.agreed))
    if not whole or appointment is None or shares(said, slip.agreed, view.called_on):
        return False
    answer = next((u for u in view.spoken("agent") if u.index > appointment.agreed_at), None)
    if said.utterance is answer:
        return False
    callers = [u for u in view.of("caller") if u.index <= appointment.agreed_at]
    spoken_of = [*appointment.offered, *(moment for u in callers for moment in view.moments(u))]
    called_on = view.called_on
    return not any(agrees(said, each, called_on) for each in spoken_of)


def surely_settled(view: CallView, repeated: Repeated) -> bool:
    """The caller names the moment, or offer and choice were well heard: a misheard choice makes right wrong."""
    appointment = view.situations.appointment
    if appointment is None or not isinstance(repeated.agreed, Moment) or appointment.by != "offer":
        return True
    choice = view.utterances[appointment.agreed_at]
    if repeated.wrong == "clock" and isinstance(repeated.said, Moment) and _spoken_of(view, choice, repeated.said):
        return False
    if any(same_moment(moment, repeated.agreed) for moment in view.moments(choice)):
        return True
    return view.crisp([choice, *(moment.utterance for moment in appointment.offered)])


def _spoken_of(view: CallView, choice: Utterance, said: Moment) -> bool:
    """`tien over drie graag, moet ik hem meenemen`: the one time that the caller names in the choice."""
    named = [moment for moment in view.moments(choice) if moment.has_clock]
    chooses = view.lexicon.table("afspraken", "chooses")
    taken = view.finder.any((*chooses["accepts"], *chooses["takes"]), choice)
    return taken and bool(named) and all(same_moment(each, said) for each in named)


def same_moment(one: Moment, other: Moment) -> bool:
    if other.clock_min is not None:
        return one.clock_min == other.clock_min
    return (one.weekday, one.day, one.in_days) == (other.weekday, other.day, other.in_days)
