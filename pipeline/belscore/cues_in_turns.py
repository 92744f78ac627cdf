"""Find the cues of a situation in turns, less those that another phrase makes something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import CallView


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
        covers = view.finder.find(data.get("not", ()), utterance)
        found += [
            match
            for match in matches
            if not any(cover.cost < 0.5 and cover.start <= match.end and match.start <= cover.end for cover in covers)
        ]
    return found
