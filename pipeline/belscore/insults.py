"""Name-calling: words that insult whoever listens, said by the caller or back at the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from belscore.complaint_cues import OPENS
from belscore.cues_in_turns import uncovered
from belscore.frames import frames_of
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import CallView

# The adjectives of an insult stand at most so many words in front of it.
ADJECTIVES_REACH = 3


def called_names(view: CallView, data: Mapping[str, Any], utterances: Sequence[Utterance]) -> list[Match]:
    """Insults that end a sentence and stand for nobody named in it (`dat merk je wel, trut`), or begin a summons."""
    names, before, bare = (frozenset(data[key]) for key in ("vocatives", "not_before", "bare_adjectives"))
    found: list[Match] = []
    for utterance in utterances:
        if names.isdisjoint(utterance.norms):
            continue
        for match in view.finder.find(data["vocatives"], utterance):
            low, high = utterance.sentence_of(match.start)
            at = match.start - 1
            while at >= low and at > match.start - ADJECTIVES_REACH and _describes(utterance.norms[at], bare, before):
                at -= 1
            ends = match.end == high and (at < low or utterance.norms[at] not in before)
            if match.cost == 0 and (ends or _calls_on(view, data, match, low)):
                found.append(match)
    return found


def of_kin(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`mijn broer neemt niet op, die lul`: behind a comma, at the end of what is told of nobody of the practice."""
    utterance, at = match.utterance, match.start - 1
    low, high = utterance.sentence_of(match.start)
    bare, shows = frozenset(data["bare_adjectives"]), frozenset(data["shows_kin"])
    while at > low and _describes(utterance.norms[at], bare, shows):
        at -= 1
    shown = at > low and utterance.norms[at] in shows and bool(utterance.tokens[at - 1].after)
    # of "die achterlijke idioot" both words may be cues
    ends = match.end == high or (match.end == high - 1 and _describes(utterance.norms[match.end - 1], bare, shows))
    if not (shown and ends):
        return False
    told, practice = utterance.norms[low:at], view.knowledge.situations["klacht"]["practice_words"]
    theirs = any(one in data["kin_of"] and other in data["kin"] for one, other in pairwise(told))
    return theirs and set(practice).isdisjoint(told)


def insults_back(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> Iterator[Match]:
    """What would be an insult from a caller, said by the agent: no echo of one, and no naming of the behaviour."""
    if any(view.finder.any(each["phrases"], utterance) for each in data["answers"].values()):
        return
    if view.finder.any(data["reported"], utterance):
        return
    yield from frames_of(data, view.finder, view.lexicon).find(utterance).get(OPENS, ())
    heard = {norm for u in view.of("caller") if u.index < utterance.index for norm in u.norms}
    for match in (*uncovered(view, data, "strong", [utterance]), *called_names(view, data, [utterance])):
        if match.cost == 0 and not heard.issuperset(utterance.norms[match.start : match.end]):
            yield match


def _calls_on(view: CallView, data: Mapping[str, Any], match: Match, low: int) -> bool:
    """`tuthola, luister nou eens`: it begins the sentence, and what follows bids or asks whoever listens."""
    if not set(match.utterance.norms[low : match.start]) <= set(data["openers"]):
        return False
    return any(bid.start == match.end and bid.cost == 0 for bid in view.finder.find(data["calls_on"], match.utterance))


def _describes(norm: str, bare: frozenset[str], before: frozenset[str]) -> bool:
    """A Dutch adjective in front of its noun ends in -e, but for a few."""
    return norm in bare or (norm.endswith("e") and norm not in before)
