"""What else is agreed in a call (numbers, tasks), and what the agent repeats of it; of moments: `restated.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rapidfuzz.distance import Levenshtein

from belscore.language.moments import Moment
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
# What a number is of is named so many words in front of it.
NAMED_REACH = 4

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


# Numbers


def misdialled(view: CallView) -> bool:
    """The caller wanted somebody else, and has nothing to ask now that they are on the line: `nu ik u toch heb`."""
    theirs, goes_on = (view.lexicon.list("afspraken", "notes", key) for key in ("misdialled", "goes_on"))
    at = next((match.utterance.index for match in view.find(theirs, view.utterances) if match.cost == 0), None)
    return at is not None and not any(view.finder.any(goes_on, u) for u in view.of("caller") if u.index >= at)


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
    given = [(utterance, value) for utterance, value in given if not _is_dialled(view, utterance, value)]
    return [(utterance, value) for utterance, value in given if not _said_after(view, utterance, value)]


def _is_dialled(view: CallView, utterance: Utterance, value: Value) -> bool:
    """`is dit dan niet nul dertien ...?`: which number the caller meant to ring."""
    front = view.finder.find(view.lexicon.list("afspraken", "notes", "dialled"), utterance)
    return any(match.cost == 0 and match.end == value.start for match in front)


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
                    # "lijsterstraat 107 9403 ab": the postcode behind it
                    yield utterance, said, said.digits.startswith(value.digits)
            elif _contains(said.digits, value.digits):
                yield utterance, said, True
            elif len(said.digits) >= MIN_PHONE_DIGITS and _same_number(said.digits, value.digits):
                yield utterance, said, _mended_by_caller(view, given, utterance, said.digits)


def _mended_by_caller(view: CallView, given: tuple[Utterance, Value], since: Utterance, said: str) -> bool:
    """`... tweeëntachtig, o nee, eenentachtig op het eind`: what the caller said behind it makes the number said.

    Another whole number, or digits in the place of as many others or between two.
    """
    source, value = given
    turns = [u for u in view.of("caller") if source.index <= u.index < since.index]
    later = [v for u in turns for v in view.values(u) if u is not source or v.start >= value.end]
    for new in (each.digits for each in later if each.kind == "number"):
        places = [at for at in range(len(said)) if new and said.startswith(new, at)]
        around = [(said[:at], said[at + len(new) :]) for at in places]
        kept = {
            front + value.digits[len(front) : len(front) + over] + behind
            for front, behind in around
            for over in (0, len(new))
        }
        if new == said or value.digits in kept:
            return True
    return False


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
        notes = bool(amounts) and utterance.role == "agent" and view.finder.any(noting, utterance)
        if notes or (utterance.role == "agent" and _takes_up(amounts, heard)):
            said = {value.value for _, value in amounts}
            known = {value.value for _, value in heard}
            for amount in amounts:
                agreed = _slipped(view, amount[1], [h for h in heard if h[1].value not in said], notes=notes)
                if amount[1].value in known or agreed is None or _of_ours(view, *amount) or _limits(view, *amount):
                    continue
                if notes or not said_once_more(view, utterance, agreed[1]):
                    found.append(Repeated(amount, agreed, "number", True))
        heard += amounts
    return found


def said_once_more(view: CallView, since: Utterance, value: Value) -> bool:
    """The caller says the number again: `nee, dertien!`"""
    later = [other for u in view.of("caller") if u.index > since.index for other in view.values(u)]
    return any(other.kind == "number" and other.value == value.value for other in later)


def _takes_up(amounts: Sequence[tuple[Utterance, Value]], heard: Sequence[tuple[Utterance, Value]]) -> bool:
    """Another number that the caller gave comes back: the agent says over what was told, in whatever words."""
    told = {value.value for utterance, value in heard if utterance.role == "caller" and value.value >= MIN_SLIP}
    return any(value.value in told for _, value in amounts)


def _of_ours(view: CallView, utterance: Utterance, said: Value) -> bool:
    """`en wij op eenentwintig`, `ons nummer is ...`: a number of the practice's own beside the caller's."""
    low, _ = utterance.sentence_of(said.start)
    ours = view.lexicon.words("afspraken", "notes", "ours")
    counted = said.unit and said.unit not in view.lexicon.idle
    return not counted and not ours.isdisjoint(utterance.norms[low : said.start])


def _limits(view: CallView, utterance: Utterance, said: Value) -> bool:
    """`gaat de koorts boven de negenendertig`: a limit, not what the caller told."""
    at = said.start - 1
    if at >= 0 and utterance.norms[at] in view.lexicon.words("waarden", "clock", "limit_articles"):
        at -= 1
    return at >= 0 and utterance.norms[at] in view.lexicon.words("waarden", "clock", "limits")


def _slipped(
    view: CallView, said: Value, heard: Sequence[tuple[Utterance, Value]], *, notes: bool
) -> tuple[Utterance, Value] | None:
    """What the caller said that `said` is in the place of: without `notes` nearly the same word of the same thing."""
    numbers = view.knowledge.values.numbers
    word = numbers.spell_out(said.digits)
    for utterance, value in reversed(heard):
        if utterance.role != "caller":
            continue
        alike = Levenshtein.normalized_similarity(word, numbers.spell_out(value.digits)) >= LIKE_NUMBER
        large = min(said.value, value.value) >= MIN_SLIP
        total = any(h.value * value.value == said.value for _, h in heard if h.value > 1)  # "twee van vijfhonderd"
        dose = _of_same_thing(view, said, utterance, value) and not total
        same = _counts_same(view, said, value, heard) and not _is_dose(view, utterance, value)
        if (notes and (same or (large and (alike or dose)))) or (same and large and alike):
            return utterance, value
    return None


def _of_same_thing(view: CallView, said: Value, source: Utterance, given: Value) -> bool:
    """`losartan, die van vijftig - losartan honderd milligram`: an amount, right behind what the caller named it of."""
    named, before = said.context, source.norms[max(0, given.start - NAMED_REACH) : given.start]
    units = view.lexicon.table("waarden", "clock")["units_of_amount"]
    measured = said.unit in units and said.unit not in view.lexicon.words("afspraken", "time_units")
    return measured and len(named) >= MIN_UNIT_LETTERS and named not in view.lexicon.idle and named in before


def _counts_same(view: CallView, said: Value, given: Value, heard: Sequence[tuple[Utterance, Value]]) -> bool:
    """Both count one and the same thing (`pakken`), only one number of it heard; lengths of time do not count."""
    unit = given.unit
    if (
        len(unit) < MIN_UNIT_LETTERS
        or unit in view.lexicon.idle
        or unit in view.lexicon.words("afspraken", "time_units")
    ):
        return False
    if len({value.value for _, value in heard if value.unit == unit}) > 1 or not said.unit:
        return False
    return said.unit == unit or said.unit.startswith(unit[:MIN_UNIT_LETTERS])


def _is_dose(view: CallView, utterance: Utterance, value: Value) -> bool:
    """`ik slik er twee per dag`: no count of what is ordered."""
    doses = view.lexicon.words("afspraken", "notes", "doses")
    return not doses.isdisjoint(utterance.norms[value.end : value.end + NAMED_REACH])


# Tasks and promises


def handed_on(view: CallView) -> list[Match]:
    """Where the agent hands something on, sends it or has it made.

    Not where the caller is handed on to a colleague, nor an offer, nor how it goes in general.
    """
    transferring = {match.utterance.index for match in view.situations.transfers}
    told = [u for u in view.of("agent") if u.index not in transferring]
    general = view.lexicon.words("afspraken", "tasks", "in_general")
    found: list[Match] = []
    for match in view.find(view.lexicon.list("afspraken", "tasks", "hands_on"), told):
        low, high = match.utterance.sentence_of(match.start)
        if match.utterance.tokens[high - 1].after != "?" and general.isdisjoint(match.utterance.norms[low:high]):
            found.append(match)
    return found


def _asks(view: CallView, task: Match) -> bool:
    """`schrijf ik dat met een f?`: asked how to write it down, nothing is taken on."""
    low, high = task.utterance.sentence_of(task.start)
    opens = task.start == low or task.utterance.norms[low] in view.lexicon.words("vragen", "open")
    notes = view.lexicon.list("afspraken", "tasks", "only_notes")
    asked = opens and task.utterance.tokens[high - 1].after == "?"
    return asked and view.finder.any(notes, part(task.utterance, task.start, task.end))


def task_statements(view: CallView) -> list[Match]:
    """Where the agent says what will be done: tasks and promises to call back, in order."""
    tasks = [m for m in view.find(view.lexicon.list("afspraken", "tasks"), view.of("agent")) if not _asks(view, m)]
    comes = [m for m in view.find(view.lexicon.list("afspraken", "tasks", "comes"), view.of("agent")) if m.cost == 0]
    return sorted([*tasks, *comes, *handed_on(view), *view.situations.promises], key=lambda match: match.start_s)


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
