"""Which values that the agent says differently are wrong: not one put right, nor one that belongs to it as well."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from belscore.agreements import MIN_PHONE_DIGITS, MIN_UNIT_LETTERS, Repeated, Thing
from belscore.appointment import Appointment
from belscore.diary import alternatives, is_refused
from belscore.language.moments import Moment, agrees, clash, shares
from belscore.language.tokens import Utterance, part
from belscore.language.values import Value
from belscore.restated import confirmed_slips, repeated_moments
from belscore.retold import retold_slips
from belscore.upcoming import pending_tasks
from belscore.view import CallView

# What a time is for stands so close to it: "komt u om kwart over twee, dan kunt u eerst bloed laten prikken".
BESIDE_REACH = 6
# Words of a mail address on each side of its sign: `mulder apenstaartje post`.
ADDRESS_REACH = 1
MINUTES = 60
HALF_DAY = 12 * MINUTES
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
    about = [value for value in either if value.unit in (said.unit, agreed.unit) or _same_place(value, said, agreed)]
    return bool(about) and about[-1].value == agreed.value


def _same_place(value: Value, said: Value, agreed: Value) -> bool:
    """`ik zie hier Molenstraat achttien - dus naar Molenstraat acht`: one word of substance in front of all three."""
    named = len(said.context) >= MIN_UNIT_LETTERS and said.context == agreed.context
    return named and value.context == said.context


def other_slips(view: CallView) -> list[Repeated]:
    """Of a call without an appointment: what the caller confirmed, or asked for, and the agent says differently."""
    return [*confirmed_slips(view), *_requested_slips(view), *retold_slips(view)]


def _requested_slips(view: CallView) -> list[Repeated]:
    """`een taxi voor woensdag tien uur - ik vraag dus een taxi aan voor donderdag tien uur`: half right, half new.

    The agent takes on or sums up what the caller asked for; of its day and time one is what nobody spoke of.
    """
    called_on, past = view.called_on, view.lexicon.words("termijnen", "past")
    asked = [
        moment
        for turn in view.of("caller")
        for moment in view.moments(turn)
        if _is_for(view, moment) and past.isdisjoint(_sentence(moment).norms)
    ]
    asked = [moment for moment in asked if not is_refused(view, moment.utterance, moment)]
    sums_up = view.lexicon.list("afspraken", "tasks", "sums_up")
    tasks = {match.utterance.index for match in pending_tasks(view)} if asked else set()
    found: list[Repeated] = []
    for turn in view.of("agent") if len(asked) == 1 else []:
        if turn.index < asked[0].utterance.index or not (turn.index in tasks or view.finder.any(sums_up, turn)):
            continue
        for said in view.moments(turn) if not alternatives(view, turn) else []:
            if not _is_for(view, said) or _sentence(said).tokens[-1].after == "?":
                continue
            wrong = clash(said, asked[0], called_on)
            if wrong is None or (shares(said, asked[0], called_on) and _is_first(view, said, wrong)):
                found.append(Repeated(said, asked[0], wrong, True))
    return found


def _is_for(view: CallView, moment: Moment) -> bool:
    """`voor woensdag om tien uur`: a whole moment, and what is asked for is for then."""
    front = moment.utterance.norms[max(0, moment.start - 1) : moment.start]
    clock = view.lexicon.table("waarden", "clock")
    return moment.has_clock and moment.own().has_day and not moment.bound and clock["before"] in front


def _sentence(moment: Moment) -> Utterance:
    low, high = moment.utterance.sentence_of(moment.end - 1)
    return part(moment.utterance, low, high)


def _is_first(view: CallView, said: Moment, differs: str) -> bool:
    """Nobody spoke of the day, or of the time, before."""
    before = [m for u in view.utterances if u.index < said.utterance.index for m in view.moments(u)]
    if differs == "clock":
        return all(m.clock_min != said.clock_min for m in before)
    return all((m.weekday, m.day, m.in_days) != (said.weekday, said.day, said.in_days) for m in before)


def said_bare(view: CallView, appointment: Appointment) -> Thing | None:
    """`vijftien vijfentwintig, ik heb u erin staan`: hour and minutes of the agreed time without `uur`."""
    agreed = appointment.moment.clock_min
    if agreed is None:
        return None
    later = [u for u in view.of("agent") if u.index > appointment.agreed_at]
    for utterance in later:
        for hour, minutes in pairwise(value for value in view.values(utterance) if value.kind == "number"):
            said = (hour.value * MINUTES + minutes.value) % HALF_DAY if hour.end == minutes.start else None
            if said == agreed % HALF_DAY and minutes.value < MINUTES:
                return utterance, minutes
    return None


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


def mail_said_again(view: CallView) -> Utterance | None:
    """The agent's turn with the mail address that the caller gave, all words of it."""
    signs = frozenset(view.lexicon.list("privacy", "mail", "at"))
    given = [_address_words(turn, signs) for turn in view.of("caller") if not signs.isdisjoint(turn.norms)]
    if not given:
        return None
    later = (turn for turn in view.of("agent") if not signs.isdisjoint(turn.norms))
    return next((turn for turn in later if _address_words(turn, signs) in given), None)


def _address_words(turn: Utterance, signs: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The word in front of the sign and those behind it."""
    at = next(place for place, norm in enumerate(turn.norms) if norm in signs)
    return turn.norms[max(0, at - ADDRESS_REACH) : at], turn.norms[at + 1 : at + 1 + ADDRESS_REACH]
