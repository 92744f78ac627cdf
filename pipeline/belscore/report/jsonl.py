"""Scorecards for programs: JSON of schema `belscore.scorecard/1`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from belscore.scorecard import Scorecard


def format_line(card: Scorecard) -> str:
    """One scorecard on one line, without the line end."""
    return json.dumps(card.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def format_json(card: Scorecard) -> str:
    """One scorecard as an indented object."""
    return json.dumps(card.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def format_json_array(cards: Sequence[Scorecard]) -> str:
    """Scorecards as one array, in the order given."""
    values = [card.to_dict() for card in cards]
    return json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
