"""Find the cues of a situation in turns, less those that another phrase makes something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import CallView


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
