"""Addresses that the agent says back wrong: the number of a street by any name, and the postcode."""

from __future__ import annotations

from collections.abc import Iterator

from belscore.agreements import MIN_UNIT_LETTERS, Repeated, said_once_more
from belscore.language.tokens import Utterance, part
from belscore.language.values import Value
from belscore.view import CallView

POSTCODE_DIGITS = 4
# `mijn postcode is nu achtendertig eenentwintig`: the digits begin within so many words.
POSTCODE_REACH = 3
# `wij wonen nu op Noordeinde achttien`: what makes it an address stands so many words in front of the number.
STREET_REACH = 4


def address_slips(view: CallView) -> list[Repeated]:
    """What the agent says of the caller's address with another number, that nobody spoke of before."""
    return [*_street_slips(view), *_postcode_slips(view)]


def _street_slips(view: CallView) -> list[Repeated]:
    """`Brink veertig, in Norg - de ambulance komt naar Brink veertien`; the caller does not say the number again."""
    found: list[Repeated] = []
    given: list[tuple[Utterance, Value]] = []
    known: set[int] = set()
    for utterance in view.utterances:
        named = [value for value in view.values(utterance) if _is_named(view, value)]
        if utterance.role == "caller":
            given += [(utterance, value) for value in named if _is_of_address(view, utterance, value)]
        elif utterance.role == "agent" and given:
            slips = [(v, own) for v in named for own in given if v.context == own[1].context and v.value not in known]
            slips = [(v, own) for v, own in slips if not v.digits.startswith(own[1].digits)]  # "21, 1234 AB"
            slips = [(v, own) for v, own in slips if not said_once_more(view, utterance, own[1])]
            found += [Repeated((utterance, v), own, "number", True) for v, own in slips]
        known |= {value.value for value in named}
    return found


def _is_named(view: CallView, value: Value) -> bool:
    """A number that counts nothing, behind a word of substance: `Brink veertig`, not `nog veertig pillen`."""
    if value.kind != "number" or len(value.context) < MIN_UNIT_LETTERS:
        return False
    idle, others = view.lexicon.idle, view.lexicon.words("afspraken", "notes", "no_street")
    counts = value.unit and value.unit not in idle
    return not counts and value.context not in idle and value.context not in others


def _is_of_address(view: CallView, utterance: Utterance, value: Value) -> bool:
    """The agent has just asked for an address, or the caller says so right in front of it."""
    words, before = view.lexicon.list("afspraken", "notes", "address"), view.utterances[max(0, utterance.index - 1)]
    if before.role == "agent" and before.tokens and view.finder.any(words, before):
        return True
    low, _ = utterance.sentence_of(value.start)
    front = part(utterance, max(low, value.start - STREET_REACH), value.start)
    return bool(front.tokens) and view.finder.any(words, front)


def _postcode_slips(view: CallView) -> list[Repeated]:
    """The last time the agent says the caller's postcode it is another one, and the caller does not say it again."""
    said = [(utterance, value) for utterance in view.utterances for value in _postcodes(view, utterance)]
    given = [each for each in said if each[0].role == "caller"]
    if not given or said[-1][0].role != "agent" or any(said[-1][1].digits == own.digits for _, own in said[:-1]):
        return []
    return [Repeated(said[-1], given[-1], "number", True)]


def _postcodes(view: CallView, utterance: Utterance) -> Iterator[Value]:
    """The four digits behind the word, in one value or two: `postcode achtendertig eenentwintig`."""
    words = view.lexicon.words("afspraken", "notes", "postcodes")
    if words.isdisjoint(utterance.norms):
        return
    numbers = {value.start: value for value in view.values(utterance) if value.kind == "number"}
    for at, norm in enumerate(utterance.norms):
        start = next((place for place in range(at + 1, at + 1 + POSTCODE_REACH) if place in numbers), None)
        if norm not in words or start is None:
            continue
        digits, end = "", start
        while end in numbers and len(digits) < POSTCODE_DIGITS:
            digits, end = digits + numbers[end].digits, numbers[end].end
        if len(digits) == POSTCODE_DIGITS:
            yield Value("number", int(digits), start, end, digits=digits, context=norm)
