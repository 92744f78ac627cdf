"""Many calls in one table: one row a call."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath

from rich import box
from rich.table import Table
from rich.text import Text

from belscore.report.questions import count_by_department, question_table
from belscore.report.table import MAX_WIDTH, MIN_WIDTH, render
from belscore.report.wording import Wording, wording
from belscore.scorecard import Scorecard

_SHOWN_FAILS = 3
# Room for the longest rule id with the count before it, so that ids stay on one line.
_ID_COLUMNS = 33
_SITUATION_COLUMNS = 14
_BETWEEN_COLUMNS = 3


def format_summary(cards: Sequence[Scorecard], *, width: int = 100, colour: bool = False) -> str:
    """A row for each call: source, score, coverage, situations and the failed rules; below it the mean score."""
    say = wording(cards[0].language if cards else "nl")
    heads = say.table("index")
    names = short_names([card.call.source for card in cards])
    name_columns, situation_columns, fail_columns = _share_columns(width, names, heads["call"])
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(heads["call"], overflow="fold", width=name_columns)
    table.add_column(heads["score"], justify="right", width=5)
    table.add_column(heads["judged_"], justify="right", width=7)
    table.add_column(heads["situation"], width=situation_columns)
    table.add_column(heads["failed"], width=fail_columns)
    for card, name in zip(cards, names, strict=True):
        table.add_row(
            Text(name),
            Text(say.score(card.score), style="bold"),
            say.percent(card.coverage),
            Text(", ".join(say.situation(each) for each in card.situations)),
            Text(failed_ids(card)),
        )
    text = render(table, width=width, colour=colour) + "\n" + mean_line(cards) + "\n"
    counts = count_by_department(cards)
    return text + ("\n" + render(question_table(say, counts), width=width, colour=colour) if counts else "")


def _share_columns(width: int, names: Sequence[str], head: str) -> tuple[int, int, int]:
    """Columns for names, situations and failed rules: what the scores and the space between leave."""
    left = min(MAX_WIDTH, max(MIN_WIDTH, width)) - 5 - 7 - 4 * _BETWEEN_COLUMNS
    name_columns = min(max(map(len, names), default=0), left - _ID_COLUMNS - _SITUATION_COLUMNS, left // 3)
    name_columns = max(name_columns, len(head))
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
    say = wording(card.language)
    more = len(ids) - _SHOWN_FAILS
    shown = ", ".join(ids[:_SHOWN_FAILS])
    shown = say["and_more"].format(shown, more) if more > 0 else shown
    return f"{len(ids)}: {shown}" if ids else say["none"]


def mean_line(cards: Sequence[Scorecard]) -> str:
    """Number of calls and their mean score, each call counting once."""
    say: Wording = wording(cards[0].language if cards else "nl")
    scores = [card.score for card in cards if card.score is not None]
    calls = say["one_call"] if len(cards) == 1 else say["calls"].format(len(cards))
    if not scores:
        return f"{calls}, {say['no_scores']}"
    return f"{calls}, {say['mean_score'].format(say.number(sum(scores) / len(scores)))}"
