"""Report: the score of each group of calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from belscore.reports import words
from belscore.reports.estimates import ratio
from belscore.reports.grouping import Ask, enough, group_calls, notes_on_verdicts, withheld
from belscore.reports.model import Chart, Column, Part, Report
from belscore.store.report_data import ReportData


def scores(data: ReportData, ask: Ask) -> Report:
    """Score and judged share of each group."""
    say = words.texts()["scores"]
    explanation = [*say["explanation"], words.texts()["interval"]["score"]]
    if ask.by == "agent":
        explanation.append(say["people"])
    if ask.by == "situation":
        explanation.append(say["several"])
    title = say["title"].format(by=ask.by_name)
    return Report("scores", title, explanation, [score_part(data, ask, title)])


def score_part(data: ReportData, ask: Ask, title: str) -> Part:
    """A row a group; people are not drawn beside each other."""
    say, calls = words.texts()["scores"], data.calls
    groups = group_calls(data, ask.by)
    of_group = calls.iloc[groups.row]
    size = len(groups.labels)
    score = ratio(of_group["passed"], of_group["judged"], groups.group, size)
    coverage = ratio(of_group["judged"], of_group["applicable"], groups.group, size)
    rows = pd.DataFrame({"group": groups.labels, "calls": groups.counts(), "judged_calls": score["calls"]})
    for name, figure, factor in (("score", score, 100), ("coverage", coverage, 1)):
        for end, key in (("", "share"), ("_low", "low"), ("_high", "high")):
            rows[f"{name}{end}"] = factor * withheld(figure[key], figure["calls"], ask)
    seen, notes = enough(rows["calls"].to_numpy(), ask)
    rows["judged_calls"] = rows["judged_calls"].where(rows["judged_calls"] >= ask.min_calls)
    columns = [
        Column("group", ask.by_name),
        Column("calls", say["calls"], "count"),
        Column("judged_calls", say["judged_calls"], "count"),
        Column("score", say["score"], "points", interval=True),
        Column("coverage", say["coverage"], "percent", interval=True),
    ]
    rows = rows[seen].reset_index(drop=True)
    return Part(title, columns, rows, [*notes, *_remarks(data, ask, rows)], _charts(ask, say["score"]))


def _remarks(data: ReportData, ask: Ask, rows: pd.DataFrame) -> list[str]:
    notes = notes_on_verdicts(data)
    if ask.by == "week" and len(rows):
        notes.append(words.note("partial_week"))
    if np.isnan(rows["score"].to_numpy(dtype=float)).any():
        notes.append(words.note("blank", minimum=ask.min_calls))
    return notes


def _charts(ask: Ask, title: str) -> Sequence[Chart]:
    if ask.by in (None, "agent"):
        return ()
    return (Chart("line" if ask.by == "week" else "bars", "group", "score", title=title),)
