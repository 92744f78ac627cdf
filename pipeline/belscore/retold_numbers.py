"""Numbers, measures and mail addresses that the agent says once more and differently, in a call without an appointment.

Words: `retold` in `rules/lexicon/afspraken.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from belscore.agreements import MIN_UNIT_LETTERS, Repeated, said_once_more
from belscore.language.tokens import Utterance, part
from belscore.language.values import Value
from belscore.upcoming import pending_tasks
from belscore.view import CallView

LEXICON = "afspraken"
# Two mail addresses that share so much are one of them said wrong.
SAME_MAIL = 0.6


def counted_things(view: CallView, utterance: Utterance) -> list[Value]:
    """Numbers of things: `drie keer`, `twee tabletten`."""
    numbers = [value for value in view.values(utterance) if value.kind == "number"]
    return [value for value in numbers if len(value.unit) >= MIN_UNIT_LETTERS and value.unit not in view.lexicon.idle]


def against_counts(
    view: CallView, utterance: Utterance, told: Sequence[Value], counts: Sequence[tuple[Utterance, Value]]
) -> list[Repeated]:
    """`drie keer per dag twee tabletten - dat u twee keer per dag drie tabletten neemt`: of each thing one number."""
    found: list[Repeated] = []
    known = {value.value for u in view.utterances[: utterance.index] for value in view.values(u)}
    swapped = sorted(v.value for v in told) == sorted(v.value for _, v in counts) and len(told) > 1
    for said in told if swapped or known.isdisjoint(v.value for v in told) else ():
        same = [own for own in counts if own[1].unit == said.unit]
        differs = len({own.value for _, own in same}) == 1 and same[0][1].value != said.value
        if differs and not said_once_more(view, utterance, same[0][1]):
            found.append(Repeated((utterance, said), same[0], "number", True))
    return found


def is_wanted(view: CallView, utterance: Utterance, value: Value) -> bool:
    """`ik wil graag drie dozen`, not `ik gebruik er twee per dag`."""
    sentence = set(utterance.norms[slice(*utterance.sentence_of(value.start))])
    wants, doses = view.lexicon.list(LEXICON, "retold", "wants"), view.lexicon.list(LEXICON, "notes", "doses")
    return not sentence.isdisjoint(wants) and sentence.isdisjoint(doses)


def summed_counts(view: CallView) -> list[Repeated]:
    """`twee keer per dag een - dus drie keer per dag een`: summed up with one number that nobody said before.

    The agent counted that thing once; all other numbers are the same, and the caller names none in between.
    """
    sums_up, amounts = view.lexicon.list(LEXICON, "tasks", "sums_up"), view.lexicon.list(LEXICON, "retold", "amounts")
    orders = view.lexicon.list(LEXICON, "retold", "orders")
    found: list[Repeated] = []
    told: list[tuple[Utterance, Value]] = []
    known: set[int] = set()
    for utterance in view.utterances:
        numbers = [value for value in view.values(utterance) if value.kind == "number"]
        if not numbers:
            continue
        counted = [(utterance, value) for value in numbers if value.unit in amounts]
        if utterance.role == "agent" and told and counted:
            new = [value for value in numbers if value.value not in known]
            same = [own for own in told if len(new) == 1 and own[1].unit == new[0].unit]
            named = _of_same_thing(view, (utterance, new[0]), same) if same else []
            if named and (_sums_up(view, utterance, new[0], (*sums_up, *orders)) or _takes_on(view, utterance, new[0])):
                found += _other_strength(view, (utterance, new[0]), named)
            alone = not named and len(same) == len(told) == len(counted) == 1
            alone = alone and not _is_total(new[0].value, same[0][1].value)
            if alone and _sums_up(view, utterance, new[0], sums_up) and not _caller_counts(view, same[0][0]):
                found.append(Repeated((utterance, new[0]), same[0], "number", True))
        told += counted if utterance.role == "agent" else []
        known |= {value.value for value in numbers}
    return found


def _takes_on(view: CallView, utterance: Utterance, value: Value) -> bool:
    """`ik vraag de metoprolol van honderd milligram voor u aan`: the sentence of the number is what will be done."""
    low, high = utterance.sentence_of(value.start)
    depends = view.lexicon.words(LEXICON, "retold", "depends")
    if utterance.tokens[high - 1].after == "?" or not depends.isdisjoint(utterance.norms[low:high]):
        return False
    return any(task.utterance is utterance and low <= task.start < high for task in pending_tasks(view))


def _thing(view: CallView, utterance: Utterance, value: Value) -> str:
    """What a number tells the strength of: `de furosemide van veertig milligram`; "" for none."""
    front = [norm for norm in utterance.norms[max(0, value.start - 2) : value.start] if norm not in view.lexicon.idle]
    plain = view.lexicon.words(LEXICON, "retold", "kinds")
    return front[-1] if front and len(front[-1]) >= MIN_UNIT_LETTERS and front[-1] not in plain else ""


def _of_same_thing(
    view: CallView, said: tuple[Utterance, Value], told: Sequence[tuple[Utterance, Value]]
) -> list[tuple[Utterance, Value]]:
    """What was told of the thing that a number is said of now; [] where no thing is named."""
    thing = _thing(view, *said)
    return [own for own in told if thing and _thing(view, *own) == thing]


def _other_strength(
    view: CallView, said: tuple[Utterance, Value], told: Sequence[tuple[Utterance, Value]]
) -> list[Repeated]:
    """`de furosemide van veertig - ik bestel die van twintig`: the caller says nothing of it, nobody puts it right."""
    utterance, value = said
    later = [(u.role, v) for u in view.utterances[told[0][0].index + 1 :] for v in view.values(u) if v.kind == "number"]
    again = any(role == "caller" and (v.value == value.value or v.unit == value.unit) for role, v in later)
    behind = [v for u in view.utterances[utterance.index + 1 :] for v in view.values(u) if v.kind == "number"]
    righted = any(v.value == told[-1][1].value and v.unit in (value.unit, "") for v in behind)
    differ = len({own.value for _, own in told}) > 1
    changes = view.lexicon.words(LEXICON, "retold", "changes")
    differ = differ or any(not changes.isdisjoint(u.norms) for u in view.utterances[: utterance.index + 1])
    return [] if again or righted or differ else [Repeated(said, told[-1], "number", True)]


def _is_total(said: int, told: int) -> bool:
    """`twintig euro per week, dus tachtig euro in de maand`."""
    return min(said, told) > 1 and max(said, told) % min(said, told) == 0


def _sums_up(view: CallView, utterance: Utterance, value: Value, sums_up: Sequence[str]) -> bool:
    """The sentence of the number sums up, asks nothing and depends on nothing."""
    low, high = utterance.sentence_of(value.start)
    depends = view.lexicon.words(LEXICON, "retold", "depends")
    asks = utterance.tokens[high - 1].after == "?" or not depends.isdisjoint(utterance.norms[low:high])
    return not asks and view.finder.any(sums_up, part(utterance, low, high))


def _caller_counts(view: CallView, since: Utterance) -> bool:
    """The caller names a number, a day or a time behind it."""
    return any(u.role == "caller" and view.values(u) for u in view.utterances[since.index + 1 :])


def decimal_slips(view: CallView) -> list[Repeated]:
    """`mijn suiker was 7,8 - ik noteer 8,7`: the one measure that the caller gave, written down as a new one."""
    found: list[Repeated] = []
    given: list[tuple[Utterance, Value]] = []
    for utterance in view.utterances:
        at = [place for place, norm in enumerate(utterance.norms) if _is_decimal(norm)]
        said = [Value("number", 0, place, place + 1, digits=utterance.norms[place]) for place in at]
        if utterance.role == "caller":
            given += [(utterance, value) for value in said]
        elif utterance.role == "agent" and len(given) == len(said) == 1:
            differs = given[0][1].digits != said[0].digits
            if differs and view.finder.any(view.lexicon.list(LEXICON, "notes"), utterance):
                found.append(Repeated((utterance, said[0]), given[0], "number", True))
    told = [norm for u in view.utterances for norm in u.norms if found and _is_decimal(norm)]
    return found if len(told) == 2 else []  # nobody said one of them again


def mail_slips(view: CallView) -> list[Repeated]:
    """`p.bos@ziggo.nl - ik stuur het naar p.vos@ziggo.nl`: in front of its sign, or behind it, a word much like it."""
    signs = view.lexicon.list("privacy", "mail", "at")
    said = [(utterance, mail) for utterance in view.utterances for mail in _mails(utterance, signs)]
    given = [each for each in said if each[0].role == "caller"]
    if not given or said[-1][0].role != "agent" or len({mail.digits for _, mail in given}) > 1:
        return []
    one, other = said[-1][1].digits.partition(" ")[::2]
    mine, yours = given[-1][1].digits.partition(" ")[::2]
    near = Levenshtein.normalized_similarity(one + other, mine + yours) >= SAME_MAIL
    # "tandarts de kade, aan elkaar" is "tandartsdekade": a word said apart ends or begins the whole
    front = one.endswith(mine) or mine.endswith(one)
    behind = other.startswith(yours) or yours.startswith(other)
    return [Repeated(said[-1], given[-1], "number", True)] if near and front != behind else []


def _mails(utterance: Utterance, signs: Sequence[str]) -> Iterator[Value]:
    """The mail addresses of a turn by the words on either side of the sign, apart or in one word."""
    marks = [sign for sign in signs if not sign.isalpha() and sign in utterance.turn.text]
    for at, norm in enumerate(utterance.norms) if marks or not set(signs).isdisjoint(utterance.norms) else ():
        if norm in signs and 0 < at < len(utterance.norms) - 1:
            yield Value("number", 0, at - 1, at + 2, digits=f"{utterance.norms[at - 1]} {utterance.norms[at + 1]}")
            continue
        parts = next((norm.split(mark, 1) for mark in marks if mark in norm), [])
        if len(parts) == 2 and all(parts):
            yield Value("number", 0, at, at + 1, digits=" ".join(parts))


def _is_decimal(norm: str) -> bool:
    whole, comma, rest = norm.partition(",")
    return bool(comma) and whole.isdigit() and rest.isdigit()
