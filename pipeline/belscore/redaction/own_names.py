"""Names that stay: those of the practice and of whoever picks up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from belscore.language.tokens import Utterance, fold
from belscore.opening import OwnName, opening_turns, own_name
from belscore.redaction.heard import Heard

if TYPE_CHECKING:
    from belscore.profile import Profile


class OwnNames(NamedTuple):
    """Folded words of names that stay: of people, and of the practice, which a caller may share."""

    people: frozenset[str]
    practice: frozenset[str]


def own_names(heard: Heard, profile: Profile | None) -> OwnNames:
    """The names of the profile and of the call, and the one that the agent gives."""
    call = heard.view.call
    found = _words([*(profile.agents if profile is not None else ()), call.agent or ""])
    places = [*profile.practice, *profile.departments] if profile is not None else []
    practice = _words([*places, call.practice or "", call.department or ""])
    for utterance in opening_turns(heard.view):
        # before the caller has said anything nobody but the practice's own can be named
        before = heard.utterances[: utterance.index]
        early = all(each.role != "caller" or each.index in heard.view.hums for each in before)
        place = own_name(heard.view, utterance)
        if place is not None and (early or _introduces(heard, utterance, place)):
            found |= set(utterance.norms[place.name_start : place.name_end])
    infixes = heard.view.knowledge.names.words.infixes
    return OwnNames(frozenset(found - infixes), frozenset(practice - infixes))


def _words(texts: Iterable[str]) -> set[str]:
    return {fold(word).strip(".,") for text in texts for word in text.replace("-", " ").split()}


def _introduces(heard: Heard, utterance: Utterance, place: OwnName) -> bool:
    """`u spreekt met Anja`, `goedemorgen, met Anja`; not `wat is er met Younes`."""
    low, _ = utterance.sentence_of(place.start)
    greetings = heard.lexicon.words("namen", "before")
    is_phrase = place.name_start - place.start > 1
    return is_phrase or all(norm in greetings for norm in utterance.norms[low : place.start])
