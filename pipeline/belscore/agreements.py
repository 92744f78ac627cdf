"""What else is agreed in a call (numbers, tasks, promised times), and what the agent repeats of all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, takewhile

from rapidfuzz.distance import Levenshtein

from belscore.appointment import Appointment
from belscore.choosing import reopened
from belscore.diary import joined, said_as_booked
from belscore.language.moments import Moment, clash, own_contradiction, shares
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.language.values import Value
from belscore.view import CallView

MIN_PHONE_DIGITS = 6
MIN_REPEATED_DIGITS = 4
# Of two digits the wrong way round is another number as often as a slip.
MIN_END_DIGITS = 3
# Two digit strings of about one length that share this much are one number said wrong, not two numbers.
SAME_NUMBER = 0.5
# Number words that differ by so little are mistaken for each other: dertien and dertig, 24 and 21.
LIKE_NUMBER = 0.6
# Smaller numbers are said of too many things.
MIN_SLIP = 10
SAME_WORD = 0.8
MIN_UNIT_LETTERS = 4
CALL_REACH = 8

Thing = Moment | tuple[Utterance, Value]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A value the agent says again.

    wrong    : the part that differs ("clock", "weekday", "date", "number"); None when it is right
    complete : all of the agreed value came back, not the day alone
    """

    said: Thing
    agreed: Thing
    wrong: str | None
    complete: bool


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
            wrong = clash(moment, agreed, called_on)
            if wrong is None and own_contradiction(moment, called_on):
                wrong = "weekday"
            if wrong is None and not shares(moment, agreed, called_on):
                continue
            booked = said_as_booked(view, moment) or _slip_of_date(moment, agreed, called_on)
            if wrong is not None and (not booked or _settled_too(view, appointment, moment)):
                continue
            found.append(Repeated(moment, agreed, wrong, moment.has_clock or not agreed.has_clock))
    return found


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


# Numbers


def misdialled(view: CallView) -> bool:
    """The caller wanted somebody else."""
    theirs = view.lexicon.list("afspraken", "notes", "misdialled")
    return any(match.cost == 0 for match in view.find(theirs, view.utterances))


def noted_numbers(view: CallView) -> list[tuple[Utterance, Value]]:
    """Numbers the caller gives to be noted: telephone and file numbers, and house numbers behind their street.

    Not the number of somebody else that the agent gives and the caller says after, nor that of a caller who dialled
    another by mistake.
    """
    if misdialled(view):
        return []
    given = [
        (utterance, value)
        for utterance in view.of("caller")
        for value in view.values(utterance)
        if value.kind == "number" and (len(value.digits) >= MIN_PHONE_DIGITS or _is_address(view, value))
    ]
    return [(utterance, value) for utterance, value in given if not _said_after(view, utterance, value)]


def _said_after(view: CallView, utterance: Utterance, value: Value) -> bool:
    """The agent was the first to say the number."""
    first = next(u for u in view.utterances if any(value.digits == each.digits for each in view.values(u)))
    return first.role == "agent" and first.index < utterance.index


def _is_address(view: CallView, value: Value) -> bool:
    endings = view.lexicon.list("afspraken", "streets", "endings")
    return value.value > 0 and value.context.endswith(endings)


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
        for said in _ends(view, utterance, value):
            yield utterance, said, value.digits.endswith(said.digits)
        for said in view.values(utterance):
            if said.kind != "number":
                continue
            if _is_address(view, value):
                if said.context and Levenshtein.normalized_similarity(said.context, value.context) >= SAME_WORD:
                    yield utterance, said, said.value == value.value
            elif _contains(said.digits, value.digits):
                yield utterance, said, True
            elif len(said.digits) >= MIN_PHONE_DIGITS and _same_number(said.digits, value.digits):
                yield utterance, said, False


def _contains(said: str, given: str) -> bool:
    return len(said) >= MIN_REPEATED_DIGITS and (said in given or given in said)


def _ends(view: CallView, utterance: Utterance, given: Value) -> Iterator[Value]:
    """`die eindigt op nul negen drie`: the last digits of the number given, in order or not, as one value."""
    cardinal = view.knowledge.values.numbers.cardinal
    for match in view.finder.find(view.lexicon.list("afspraken", "number_end"), utterance):
        read = [cardinal(norm) for norm in utterance.norms[match.end :]]
        digits = "".join(str(number) for number in takewhile(lambda number: number is not None, read))
        end = match.end + sum(1 for _ in takewhile(lambda number: number is not None, read))
        same = sorted(digits) == sorted(given.digits[-len(digits) :])
        if same and MIN_END_DIGITS <= len(digits) < MIN_PHONE_DIGITS:
            yield Value("number", int(digits), match.end, end, digits=digits)


def _same_number(said: str, given: str) -> bool:
    return abs(len(said) - len(given)) <= 2 and Levenshtein.normalized_similarity(said, given) >= SAME_NUMBER


def number_slips(view: CallView) -> list[Repeated]:
    """An amount of the caller's (a dose, a count, a price) that the agent's summing up turns into a new one.

    New means that nobody said it before, and that it counts the same things or sounds nearly the same.
    """
    noting = view.lexicon.list("afspraken", "notes")
    found: list[Repeated] = []
    heard: list[tuple[Utterance, Value]] = []
    for utterance in view.utterances:
        amounts = [(utterance, value) for value in view.values(utterance) if value.kind == "number"]
        if utterance.role == "agent" and view.finder.any(noting, utterance):
            said = {value.value for _, value in amounts}
            known = {value.value for _, value in heard}
            for amount in amounts:
                agreed = _slipped(view, amount[1], [h for h in heard if h[1].value not in said])
                if amount[1].value not in known and agreed is not None and not _of_ours(view, *amount):
                    found.append(Repeated(amount, agreed, "number", True))
        heard += amounts
    return found


def _of_ours(view: CallView, utterance: Utterance, said: Value) -> bool:
    """`en wij op eenentwintig`, `ons nummer is ...`: a number of the practice's own beside the caller's."""
    low, _ = utterance.sentence_of(said.start)
    ours = frozenset(view.lexicon.list("afspraken", "notes", "ours"))
    counted = said.unit and said.unit not in view.lexicon.idle
    return not counted and not ours.isdisjoint(utterance.norms[low : said.start])


def _slipped(view: CallView, said: Value, heard: Sequence[tuple[Utterance, Value]]) -> tuple[Utterance, Value] | None:
    numbers = view.knowledge.values.numbers
    word = numbers.spell_out(said.digits)
    for utterance, value in reversed(heard):
        if utterance.role != "caller":
            continue
        alike = Levenshtein.normalized_similarity(word, numbers.spell_out(value.digits)) >= LIKE_NUMBER
        if _counts_same(view, said, value, heard) or (alike and min(said.value, value.value) >= MIN_SLIP):
            return utterance, value
    return None


def _counts_same(view: CallView, said: Value, given: Value, heard: Sequence[tuple[Utterance, Value]]) -> bool:
    """Both count one and the same thing (`pakken`), only one number of it heard; lengths of time do not count."""
    unit = given.unit
    if (
        len(unit) < MIN_UNIT_LETTERS
        or unit in view.lexicon.idle
        or unit in view.lexicon.words("afspraken", "time_units")
    ):
        return False
    if sum(value.unit == unit for _, value in heard) > 1 or not said.unit:
        return False
    return said.unit == unit or said.unit.startswith(unit[:MIN_UNIT_LETTERS])


# Tasks and promises


def handed_on(view: CallView) -> list[Match]:
    """Where the agent hands something on, sends it or has it made.

    Not where the caller is handed on to a colleague, nor an offer, nor how it goes in general.
    """
    transferring = {match.utterance.index for match in view.situations.transfers}
    told = [u for u in view.of("agent") if u.index not in transferring]
    general = frozenset(view.lexicon.list("afspraken", "tasks", "in_general"))
    found: list[Match] = []
    for match in view.find(view.lexicon.list("afspraken", "tasks", "hands_on"), told):
        low, high = match.utterance.sentence_of(match.start)
        if match.utterance.tokens[high - 1].after != "?" and general.isdisjoint(match.utterance.norms[low:high]):
            found.append(match)
    return found


def task_statements(view: CallView) -> list[Match]:
    """Where the agent says what will be done: tasks and promises to call back, in order."""
    tasks = view.find(view.lexicon.list("afspraken", "tasks"), view.of("agent"))
    return sorted([*tasks, *handed_on(view), *view.situations.promises], key=lambda match: match.start_s)


def committing_turns(view: CallView) -> list[Utterance]:
    """The agent's utterances in which something will be done or happen, said in whatever words; offers left out."""
    speakers = view.lexicon.words("aanspreekvorm", "speakers")
    verbs = view.lexicon.words("afspraken", "non_commitments") | view.lexicon.words("aanspreekvorm", "finite")
    events = view.lexicon.list("afspraken", "non_commitments", "events")
    hangs_up = view.lexicon.list("einde", "agent_hangs_up")
    found: list[Utterance] = []
    for utterance in view.spoken("agent"):
        told = [part(utterance, a, b) for a, b in utterance.sentences() if utterance.tokens[b - 1].after != "?"]
        told = [piece for piece in told if not view.finder.any(hangs_up, piece)]
        acts = any(_takes_on(piece.norms, speakers, verbs, view.lexicon.idle) for piece in told)
        if acts or any(view.finder.any(events, piece) for piece in told):
            found.append(utterance)
    return found


def _takes_on(norms: Sequence[str], speakers: frozenset[str], verbs: frozenset[str], idle: frozenset[str]) -> bool:
    """`ik boek`, `haal ik`: a verb of doing beside the speaker; `dat zien we` and `ik kan` are none."""
    for at, norm in enumerate(norms):
        if norm not in speakers:
            continue
        before = norms[at - 1] if at else ""
        after = norms[at + 1] if at + 1 < len(norms) else ""
        if before in verbs or after in verbs:
            continue
        if any(len(word) > 2 and word not in idle for word in (before, after)):
            return True
    return False


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
        if any(clash(each, agreed, called_on) is None for each in again):
            continue  # "voor half vijf een potje brengen, en voor zes uur hoort u van mij"
        if said.bound == agreed.bound and not (_of_another(view, agreed) or _of_another(view, said)):
            wrong = clash(said, agreed, called_on)
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
            said = [m for m in view.moments(utterance) if m.has_clock and m.has_day and m.bound == agreed.bound]
            for moment in said:
                wrong = clash(moment, agreed, called_on)
                if wrong and shares(moment, agreed, called_on) and _is_new(view, moment, wrong):
                    found.append(Repeated(moment, agreed, wrong, True))
    return found


def _is_new(view: CallView, moment: Moment, part_of: str) -> bool:
    """Nobody spoke of the day, or of the time, before."""
    before = [m for u in view.utterances if u.index < moment.utterance.index for m in view.moments(u)]
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
