"""Report: how long calls take, in the call and after it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from belscore.reports import words
from belscore.reports.grouping import Ask, enough, group_calls, withheld
from belscore.reports.model import Chart, Column, Part, Report
from belscore.reports.reachability import add_medians, add_share
from belscore.store.report_data import ReportData


def handling(data: ReportData, ask: Ask) -> Report:
    """Median of talking, holding, working after it and all of it, and the mean of all, for each group."""
    say, calls = words.texts()["handling"], data.calls
    groups = group_calls(data, ask.by)
    number = groups.counts()
    rows = pd.DataFrame({"group": groups.labels, "calls": number})
    held = calls["hold_s"].notna().to_numpy()
    holding = (calls["hold_s"] > 0).to_numpy()
    after = calls["after_s"].notna().to_numpy()
    talk_s, all_s = calls["duration_s"] - calls["hold_s"], calls["duration_s"] + calls["after_s"]
    rows["talk_calls"], rows["hold_calls"] = groups.count_rows(held), groups.count_rows(holding)
    rows["after_calls"] = groups.count_rows(after)
    with_hold = rows["talk_calls"].to_numpy()
    add_share(rows, "hold_share", groups.count_rows(holding), with_hold, ask)
    for name, values, which in (
        ("talk", talk_s, held), ("hold", calls["hold_s"], holding), ("after", calls["after_s"], after),
        ("handling", all_s, after),
    ):  # fmt: skip
        add_medians(rows, name, values.to_numpy(dtype=float), which, groups, ask)
    total = np.bincount(groups.group, weights=all_s.fillna(0).to_numpy()[groups.row], minlength=len(groups.labels))
    number_after = rows["after_calls"].to_numpy()
    rows["mean"] = withheld(total / np.where(number_after > 0, number_after, np.nan), number_after, ask)
    seen, notes = enough(number, ask)
    title = say["title"].format(by=ask.by_name)
    columns = [
        Column("group", ask.by_name),
        Column("calls", say["calls"], "count"),
        Column("talk_calls", say["talk_calls"], "count"),
        Column("talk", say["talk"], "seconds", interval=True),
        Column("hold_share", say["hold_share"], "percent", interval=True),
        Column("hold_calls", say["hold_calls"], "count"),
        Column("hold", say["hold"], "seconds", interval=True),
        Column("after_calls", say["after_calls"], "count"),
        Column("after", say["after"], "seconds", interval=True),
        Column("handling", say["handling"], "seconds", interval=True),
        Column("mean", say["mean"], "seconds"),
    ]
    charts = [] if ask.by in (None, "agent") else [_chart(ask, say["handling"])]
    notes = [*notes, words.note("blank", minimum=ask.min_calls)]
    part = Part(title, columns, rows[seen].reset_index(drop=True), notes, charts)
    return Report("handling", title, [*say["explanation"], words.texts()["interval"]["score"]], [part])


def _chart(ask: Ask, title: str) -> Chart:
    return Chart("line" if ask.by == "week" else "bars", "group", "handling", title=title)
