"""Report: what the practice's question trees asked of calls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from belscore.reports import words
from belscore.reports.estimates import wilson
from belscore.reports.grouping import Ask, group_calls
from belscore.reports.groups import shown
from belscore.reports.model import Column, Part, Report
from belscore.store.report_data import ReportData

_VERDICTS = ("covered", "missing", "unsure")


def questions(data: ReportData, ask: Ask) -> Report:
    """Covered, missing and unsure of each item, for each group; items that did not apply do not count."""
    say = words.texts()["questions"]
    title = say["title"].format(by=ask.by_name)
    rows, hidden = _rows(data, ask)
    columns = [
        Column("tree_title", say["tree"]),
        Column("title", say["item"]),
        Column("group", ask.by_name),
        Column("calls", say["calls"], "count"),
        *(Column(verdict, say[verdict], "count") for verdict in _VERDICTS),
        Column("share", say["share"], "percent", interval=True),
    ]
    notes = [words.note("hidden", table="questions", number=hidden, minimum=ask.min_calls)] if hidden else []
    if not len(data.questions):
        notes.append(say["none"])
    explanation = [*say["explanation"], words.texts()["interval"]["score"]]
    return Report("questions", title, explanation, [Part(title, columns, rows, notes)])


def _rows(data: ReportData, ask: Ask) -> tuple[pd.DataFrame, int]:
    """Rows to show, and how many were left out."""
    asked = data.questions[data.questions["verdict"].isin(_VERDICTS)]
    groups = group_calls(data, ask.by)
    pairs = pd.DataFrame({"call_id": data.calls["id"].to_numpy()[groups.row], "place": groups.group})
    joined = asked.merge(pairs, on="call_id")
    keys = ["tree", "tree_title", "item", "title", "place"]
    rows = joined.groupby([*keys, "verdict"], sort=False).size().unstack("verdict", fill_value=0)
    rows = rows.reindex(columns=list(_VERDICTS), fill_value=0).reset_index()
    rows["calls"] = rows["covered"] + rows["missing"] + rows["unsure"]
    judged = rows["covered"] + rows["missing"]
    rows["share"] = rows["covered"] / judged.where(judged > 0)
    rows["share_low"], rows["share_high"] = wilson(rows["covered"], judged)
    seen = np.zeros(len(rows), dtype=bool)
    for places in rows.groupby(["tree", "item"], sort=False).indices.values():
        seen[places] = shown(judged.to_numpy()[places], ask.min_calls)
    rows["group"] = [groups.labels[place] for place in rows["place"]]
    return rows[seen].sort_values(["tree", "item", "place"]).reset_index(drop=True), int((~seen).sum())
