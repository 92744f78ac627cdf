"""Many calls in one table: one row a call."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath

from rich import box
from rich.table import Table
from rich.text import Text

from belscore.report import wording
from belscore.report.table import MAX_WIDTH, MIN_WIDTH, render
from belscore.scorecard import Scorecard

_SHOWN_FAILS = 3
# Room for the longest rule id with the count before it, so that ids stay on one line.
_ID_COLUMNS = 33
_SITUATION_COLUMNS = 14
_BETWEEN_COLUMNS = 3


def format_summary(cards: Sequence[Scorecard], *, width: int = 100, colour: bool = False) -> str:
    """A row for each call: source, score, coverage, situations and the failed rules; below it the mean score."""
    names = short_names([card.call.source for card in cards])
    name_columns, situation_columns, fail_columns = _share_columns(width, names)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Gesprek", overflow="fold", width=name_columns)
    table.add_column("Score", justify="right", width=5)
    table.add_column("Beoord.", justify="right", width=7)
    table.add_column("Situatie", width=situation_columns)
    table.add_column("Niet goed", width=fail_columns)
    for card, name in zip(cards, names, strict=True):
        table.add_row(
            Text(name),
            Text(wording.score(card.score), style="bold"),
            wording.percent(card.coverage),
            Text(", ".join(card.situations)),
            Text(failed_ids(card)),
        )
    return render(table, width=width, colour=colour) + "\n" + mean_line(cards) + "\n"


def _share_columns(width: int, names: Sequence[str]) -> tuple[int, int, int]:
    """Columns for names, situations and failed rules: what the scores and the space between leave."""
    left = min(MAX_WIDTH, max(MIN_WIDTH, width)) - 5 - 7 - 4 * _BETWEEN_COLUMNS
    name_columns = min(max(map(len, names), default=0), left - _ID_COLUMNS - _SITUATION_COLUMNS, left // 3)
    name_columns = max(name_columns, len("Gesprek"))
    return name_columns, _SITUATION_COLUMNS, left - name_columns - _SITUATION_COLUMNS


def short_names(sources: Sequence[str]) -> list[str]:
    """The sources without the folder that all of them share.

    >>> short_names(["calls/ma/a.wav", "calls/di/a.wav"])
    ['ma/a.wav', 'di/a.wav']
    """
    folders = {str(PurePath(source).parent) for source in sources}
    try:
        shared = os.path.commonpath(folders)
    except ValueError:  # absolute and relative ones, or none at all
        return list(sources)
    return [os.path.relpath(source, shared) if shared else source for source in sources]


def failed_ids(card: Scorecard) -> str:
    """How many rules failed, and the ids of those to practise first."""
    ids = [finding.rule_id for finding in card.practise_first(limit=len(card.findings))]
    more = len(ids) - _SHOWN_FAILS
    shown = ", ".join(ids[:_SHOWN_FAILS]) + (f" en {more} meer" if more > 0 else "")
    return f"{len(ids)}: {shown}" if ids else "geen"


def mean_line(cards: Sequence[Scorecard]) -> str:
    """Number of calls and their mean score, each call counting once."""
    scores = [card.score for card in cards if card.score is not None]
    calls = "1 gesprek" if len(cards) == 1 else f"{len(cards)} gesprekken"
    if not scores:
        return f"{calls}, geen enkele score"
    return f"{calls}, gemiddelde score {wording.number(sum(scores) / len(scores))} van 100"
