"""Find cues in turns, less those that another phrase makes something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from belscore.language.phrases import Match
from belscore.language.tokens import Passage, Utterance
from belscore.view import CallView

# A cover of a situation's cue with more deviation than this is too vague to undo it.
MAX_COVER_COST = 0.5
Found = TypeVar("Found", bound=Passage)


def clear_of(found: Iterable[Found], covers: Sequence[Passage], *, beside: int = 0) -> list[Found]:
    """What no cover overlaps, in order; with `beside`, nor comes nearer than so many tokens."""
    return [
        each
        for each in found
        if not any(cover.start < each.end + beside and each.start < cover.end + beside for cover in covers)
    ]


def exactly(view: CallView, phrases: Sequence[str], utterance: Utterance) -> list[Match]:
    """Matches without any deviation: what covers must be where they excuse."""
    return [match for match in view.finder.find(phrases, utterance) if match.cost == 0]


def uncovered_by_group(
    view: CallView, data: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]], utterances: Sequence[Utterance]
) -> Iterator[tuple[str, Match]]:
    """The same for groups of cues, each match with its group: group after group."""
    inventory = view.finder.inventory(groups)
    likely = [view.finder.likely(inventory, utterance) for utterance in utterances]
    for name, cues in groups.items():
        within = [utterance for utterance, names in zip(utterances, likely, strict=True) if name in names]
        for match in uncovered(view, {**data, name: cues}, name, within):
            yield name, match


def uncovered(view: CallView, data: Mapping[str, Any], key: str, utterances: Sequence[Utterance]) -> list[Match]:
    """Matches of `data[key]` that no `not` phrase covers."""
    found: list[Match] = []
    for utterance in utterances:
        matches = view.finder.find(data[key], utterance)
        if not matches:
            continue
        covers = [each for each in view.finder.find(data.get("not", ()), utterance) if each.cost < MAX_COVER_COST]
        if data.get("pairs_stay_together"):
            covers = [each for each in covers if not _is_parted(view, each)]
        found += clear_of(matches, covers, beside=1)
    return found


def _is_parted(view: CallView, cover: Match) -> bool:
    """`doe dat dan, stomme trut` holds no `dat stomme`: of two words one belongs to what stands in front."""
    if len(cover.phrase.elements) != 2:
        return False
    first = cover.utterance.tokens[cover.start]
    return cover.end - cover.start > 2 or (first.after != "" and first.norm in view.lexicon.idle)
