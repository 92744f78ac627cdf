"""Addresses that the agent says back wrong: the number of a street by any name, and the postcode."""

from __future__ import annotations

from collections.abc import Iterator

from belscore.agreements import MIN_UNIT_LETTERS, Repeated, said_once_more
from belscore.cues_in_turns import exactly
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
    return [*_street_slips(view), *_postcode_slips(view), *_house_slips(view), *_room_slips(view)]


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


def _house_slips(view: CallView) -> list[Repeated]:
    """`welk huisnummer heeft u? - 28 - dan komt het op nummer 82`: asked for on its own, or named so."""
    data = view.lexicon.table("afspraken", "notes")
    (called,) = data["house"]
    found: list[Repeated] = []
    given: tuple[Utterance, Value] | None = None
    known: set[int] = set()
    asked = False
    for utterance in view.utterances:
        numbers = [value for value in view.values(utterance) if value.kind == "number"]
        if utterance.role == "caller":
            named = asked or called in utterance.norms
            given = (utterance, numbers[0]) if named and len(numbers) == 1 and given is None else given
        elif utterance.role == "agent":
            asked = called in utterance.norms and utterance.tokens[-1].after != "."
            if given is not None and numbers:
                at = {match.end for match in exactly(view, data["at_house"], utterance)}
                said = [v for v in numbers if (v.context == called or v.start in at) and v.value not in known]
                slips = [v for v in said if len(v.digits) == len(given[1].digits) and v.digits != given[1].digits]
                slips = [v for v in slips if not said_once_more(view, utterance, given[1])]
                found += [Repeated((utterance, v), given, "number", True) for v in slips]
        known |= {value.value for value in numbers}
    return found


def _room_slips(view: CallView) -> list[Repeated]:
    """`kamer 214 - ik zeg het aan de zuster van kamer 241`: the caller's digits in another order."""
    rooms = view.lexicon.words("afspraken", "notes", "rooms")
    named = [
        (utterance, value)
        for utterance in view.utterances
        if not rooms.isdisjoint(utterance.norms)
        for value in view.values(utterance)
        if value.kind == "number" and value.context in rooms
    ]
    given = [each for each in named if each[0].role == "caller"]
    if not given or named[-1][0].role != "agent":
        return []
    said, own = named[-1][1], given[-1][1]
    swapped = said.digits != own.digits and sorted(said.digits) == sorted(own.digits) and said.context == own.context
    new = all(value.digits != said.digits for _, value in named[:-1])
    return [Repeated(named[-1], given[-1], "number", True)] if swapped and new else []


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
