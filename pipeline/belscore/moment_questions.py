"""Questions for a moment that are told by having no other words: `wanneer mogen we u verwachten?`.

Words: `bare` in `rules/lexicon/sturing.toml`.
"""

from __future__ import annotations

from belscore.cues_in_turns import exactly
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.statements import Said
from belscore.view import CallView

LEXICON = "sturing"
# A verb that asks for a wish stands so close behind the question word: `wanneer zou dat u kunnen lukken`.
ASK_REACH = 2


def bare_question(view: CallView, utterance: Utterance) -> Said | None:
    """The first question for a moment in nothing but words of coming and suiting; None when there is none."""
    data = view.lexicon.table(LEXICON, "bare")
    if set(data["heads"]).isdisjoint(utterance.norms):
        return None
    for match in exactly(view, (*data["asks"], *data["asks_whether"]), utterance):
        end = _end(view, utterance, match.end)
        behind = _without_moments(view, utterance, match.end, end)
        if not set(behind) <= set(data["words"]) or set(behind).isdisjoint(data["can"]):
            continue
        whole = not set(data["whether"]).isdisjoint(utterance.norms[match.start : match.end])
        if whole or _asks(view, utterance, match.start, behind):
            return Said(utterance, match.start, end)
    return None


def not_asking(view: CallView, utterance: Utterance) -> list[Match]:
    """What only looks like such a question: `ik kijk wanneer u kunt`, `wanneer zou u komen?`."""
    found = exactly(view, view.lexicon.list(LEXICON, "not_open"), utterance)
    tail = set(view.lexicon.list(LEXICON, "not_open", "tail"))
    for match in exactly(view, view.lexicon.list(LEXICON, "not_open", "at_end"), utterance):
        _, high = utterance.sentence_of(match.end - 1)
        if tail.issuperset(_without_moments(view, utterance, match.end, high)):
            found.append(match)
    return found


def _asks(view: CallView, utterance: Utterance, start: int, behind: tuple[str, ...]) -> bool:
    """The verb stands in front of its subject, or what is in front begs for an answer: `laat horen wanneer u kunt`."""
    data = view.lexicon.table(LEXICON, "bare")
    before = utterance.norms[max(0, start - 1) : start]
    if before and before[0] in view.lexicon.table("waarden", "clock")["bounds"]:
        return False
    if behind[:1] and behind[0] in data["verbs"]:
        return True
    leads = exactly(view, data["leads"], part(utterance, 0, start))
    return any(match.end == start for match in leads)


def _end(view: CallView, utterance: Utterance, start: int) -> int:
    """Where the question ends: with its sentence, or where the agent goes on: `dan kijk ik even`, `mevrouw Jansen`."""
    data = view.lexicon.table(LEXICON, "bare")
    _, high = utterance.sentence_of(start - 1)
    stops = {*data["stops"], *view.knowledge.names.words.titles}
    return next((at for at in range(start, high) if utterance.norms[at] in stops), high)


def _without_moments(view: CallView, utterance: Utterance, start: int, end: int) -> tuple[str, ...]:
    """The words, without the day that is asked about: `hoe laat zou u vandaag kunnen`."""
    inside = {at for moment in view.moments(utterance) for at in range(moment.start, moment.end)}
    return tuple(utterance.norms[at] for at in range(start, end) if at not in inside)
