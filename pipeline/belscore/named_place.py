"""Which offer the caller takes by its place: `de eerste graag`, `die eerste is te vroeg, doe die tweede maar`.

Words: `chooses` in `lexicon/afspraken.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from belscore.diary import REFUSAL_TOKENS, refusals
from belscore.language.moments import Moment
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

# Words that refuse or take an offer begin so soon behind its place: "de eerste kan ik niet".
REFUSED_WITHIN = 1
# `doe die tweede maar`: a word that takes an offer stands so many words in front of its place.
POINTING_REACH = 2
# A choice is of so many at least.
PAIR = 2


def is_place(view: CallView, moment: Moment, offers: Sequence[Moment]) -> bool:
    """`doe maar de tweede`: which of the offers, and no date."""
    if moment.day is None or moment.month or moment.has_clock or moment.weekday is not None:
        return False
    if any(offer.day == moment.day for offer in offers):
        return False
    places = _places(view, moment.utterance)
    return any(match.start < moment.end and moment.start < match.end for match, _ in places)


def offer_by_place(view: CallView, utterance: Utterance, offers: Sequence[Moment]) -> tuple[list[Moment], bool]:
    """The first or the last of the offers, whichever the caller may take; and whether a place was named at all."""
    places = _places(view, utterance)
    if len({at for _, at in places}) < PAIR:
        refused = bool(places) and len(offers) >= PAIR and _is_refused(view, *_stretch(places, 0))
        return [] if refused else [offers[at] for _, at in places[:1]], bool(places)
    stretches = [_stretch(places, at) for at in range(len(places))]
    taken = [at for (_, at), said in zip(places, stretches, strict=True) if _is_taken(view, *said)]
    if not taken:
        taken = [at for (_, at), said in zip(places, stretches, strict=True) if not _is_refused(view, *said)]
    return [offers[at] for at in dict.fromkeys(reversed(taken))], True


def _places(view: CallView, utterance: Utterance) -> list[tuple[Match, int]]:
    """Where the first or the last is named, in order: each with its index among the offers."""
    chooses = view.lexicon.table("afspraken", "chooses")
    found = [(match, 0) for match in view.finder.find(chooses["first"], utterance)]
    found += [(match, -1) for match in view.finder.find(chooses["last"], utterance)]
    return sorted(found, key=lambda place: place[0].start)


def _stretch(places: Sequence[tuple[Match, int]], at: int) -> tuple[Match, Utterance]:
    """A named place and what is said of it: up to a mark, or to where another is named."""
    match, utterance = places[at][0], places[at][0].utterance
    end = min([match.end + REFUSAL_TOKENS, len(utterance.tokens), *(other.start for other, _ in places[at + 1 :])])
    marked = (place + 1 for place in range(match.end - 1, end) if utterance.tokens[place].after)
    return match, part(utterance, match.end, next(marked, end))


def _is_refused(view: CallView, match: Match, behind: Utterance) -> bool:
    """`de eerste kan ik niet`, `niet de eerste`, `de eerste zit ik nog in de trein`."""
    front = match.utterance.norms[max(0, match.start - 1) : match.start]
    if not view.lexicon.negations.isdisjoint(front):
        return True
    if any(found.start <= REFUSED_WITHIN for found in refusals(view, behind)):
        return True
    busy = view.lexicon.table("afspraken", "busy")
    return not set(busy["we"]).isdisjoint(behind.norms[1:2]) and set(busy["free"]).isdisjoint(behind.norms)


def _is_taken(view: CallView, match: Match, behind: Utterance) -> bool:
    """`doe die tweede maar`, `de eerste is goed`."""
    if _is_refused(view, match, behind):
        return False
    chooses, norms = view.lexicon.table("afspraken", "chooses"), match.utterance.norms
    if not set(chooses["points"]).isdisjoint(norms[max(0, match.start - POINTING_REACH) : match.end]):
        return True
    takes = view.finder.find((*chooses["accepts"], *chooses["takes"]), behind)
    return any(found.start <= REFUSED_WITHIN for found in takes)
