"""A child to whom the caller hands the telephone for a while: `ik geef u haar even` - `dag Sem, doet je tand pijn?`

Words: the table `handed` of `lexicon/aanspreekvorm.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from belscore.cues_in_turns import exactly
from belscore.language.address_form import AddressForm
from belscore.language.tokens import Utterance
from belscore.view import CallView

LEXICON = "aanspreekvorm"
# So near to the head of a sentence stands the greeting of somebody new: `goed zo, dag Sem`.
GREETING_REACH = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tokens start..end of an agent's turn that are said to the one who was handed the telephone."""

    utterance: Utterance
    start: int
    end: int

    def holds(self, use: AddressForm) -> bool:
        return use.utterance.index == self.utterance.index and self.start <= use.at < self.end


def to_caller(view: CallView, uses: Sequence[AddressForm]) -> list[AddressForm]:
    """The uses less those to a child beside the caller; weak where it cannot be told that it is a child."""
    if not any(use.strength == "strong" for use in uses):
        return list(uses)
    stretches = list(_stretches(view))
    if not any(stretch.holds(use) for stretch in stretches for use in uses):
        return list(uses)
    child = _is_child(view)
    found: list[AddressForm] = []
    for use in uses:
        if not any(stretch.holds(use) for stretch in stretches):
            found.append(use)
        elif not child:
            found.append(replace(use, strength="weak"))
    return found


def _stretches(view: CallView) -> Iterator[Stretch]:
    handed = wanted = on_line = leaving = False
    for utterance in view.utterances:
        if not utterance.tokens or utterance.index in view.child_turns:
            continue
        if utterance.role == "caller":
            if on_line and (leaving or _says(view, "back", utterance)):
                on_line = leaving = False
            grown = _says(view, "grown", utterance)
            handed = not grown and _says(view, "gives", utterance)
        elif utterance.role == "agent":
            greeted = _greeted_other(view, utterance)
            greets = utterance.norms[0] in view.lexicon.words(LEXICON, "handed", "greetings")
            on_line = on_line or (handed and (wanted or greets or greeted is not None))
            start = 0 if on_line else greeted
            if start is not None:
                end = _formal_from(view, utterance, start)
                yield Stretch(utterance, start, end)
                leaving = _says(view, "leaves", utterance)
                on_line = on_line and end == len(utterance.tokens)
            wanted = _says(view, "wants", utterance)


def _says(view: CallView, words: str, utterance: Utterance) -> bool:
    return bool(exactly(view, view.lexicon.list(LEXICON, "handed", words), utterance))


def _greeted_other(view: CallView, utterance: Utterance) -> int | None:
    """Where `dag Jip` stands, of a name that the caller said and that is not their own."""
    greetings = view.lexicon.words(LEXICON, "handed", "greetings")
    if greetings.isdisjoint(utterance.norms):
        return None
    own = {word for name in view.caller_names if name.utterance.index not in view.child_turns for word in name.words}
    known = own | view.lexicon.idle | view.lexicon.words("namen", "not_names") | view.lexicon.words("namen", "titles")
    said = {norm for u in view.of("caller") if u.index < utterance.index for norm in u.norms} - known
    for at in range(len(utterance.norms) - 1):
        low, _ = utterance.sentence_of(at)
        opens = utterance.norms[at] in greetings and at - low < GREETING_REACH
        name = utterance.tokens[at + 1]
        if opens and name.norm in said and (name.capital or not view.cased):
            return at
    return None


def _formal_from(view: CallView, utterance: Utterance, start: int) -> int:
    """From which token on the turn is to the caller again: u, or a title; `dank u` says nothing."""
    formal = view.lexicon.words(LEXICON, "formal") | view.lexicon.words("namen", "titles")
    thanks = view.lexicon.words(LEXICON, "child", "thanks")
    norms = utterance.norms
    said = (at for at in range(start, len(norms)) if norms[at] in formal and norms[at - 1] not in thanks)
    return next(said, len(norms))


def _is_child(view: CallView) -> bool:
    """A child was on the line before, or somebody on it speaks of one."""
    spoken = (u for u in view.utterances if u.role in ("agent", "caller") and u.tokens)
    return bool(view.child_turns) or any(_says(view, "child", u) for u in spoken)
