"""Report: calls after which the caller needed no other (first-call resolution)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from belscore.reports import words
from belscore.reports.estimates import wilson
from belscore.reports.grouping import Ask, enough, group_calls, note_on_moments
from belscore.reports.model import Chart, Column, Part, Report
from belscore.reports.repeats import find_repeats
from belscore.store.report_data import ReportData

_SOLVED = ("answered", "appointment")
_OTHERWISE = ("transferred", "callback", "broken_off")


class Resolution(NamedTuple):
    """`calls` that can be told, with `solved` and `again`; `left_out` counts the others by what is not known."""

    calls: pd.DataFrame
    left_out: Mapping[str, int]


def find_resolution(data: ReportData, days: int) -> Resolution:
    """Incoming calls of which outcome, caller and the days after are known, with whether they solved it.

    A call whose days of grace are not over yet at the store's last call would look solved, and is left out.
    """
    calls = data.calls
    calls = calls[(calls["direction"] == "inbound") & calls["started_at"].notna()]
    repeats = find_repeats(data.contacts(days), days)
    last = data.seen[1] if data.seen else pd.Timestamp.max
    unknown = calls["caller_hash"].isna()
    outcome = ~unknown & (calls["outcome"] == "unknown")
    is_open = ~unknown & ~outcome & (calls["started_at"] + pd.Timedelta(days=days) > last)
    told = ~unknown & ~outcome & ~is_open
    topic = told & calls["id"].isin(repeats.maybe)
    kept = calls[told & ~topic].copy()
    kept["again"] = kept["id"].isin(repeats.called_again)
    kept["solved"] = kept["outcome"].isin(_SOLVED) & ~kept["again"]
    counts = {"unknown": unknown, "outcome": outcome, "open": is_open, "topic": topic}
    return Resolution(kept, {name: int(which.sum()) for name, which in counts.items()})


def resolution(data: ReportData, ask: Ask) -> Report:
    """Share of calls that solved it, and what else happened, for each group."""
    say = words.texts()["resolution"]
    found = find_resolution(data, ask.days)
    groups = group_calls(data, ask.by, found.calls)
    number = groups.counts()
    rows = pd.DataFrame({"group": groups.labels, "calls": number})
    flags = {"solved": found.calls["solved"], "again": found.calls["again"]}
    flags |= {name: found.calls["outcome"] == name for name in _OTHERWISE}
    for name, flag in flags.items():
        hits = groups.count_rows(flag)
        rows[name] = hits / np.where(number > 0, number, np.nan)
        rows[f"{name}_low"], rows[f"{name}_high"] = wilson(hits, number)
    seen, notes = enough(number, ask)
    title = say["title"].format(by=ask.by_name)
    columns = [
        Column("group", ask.by_name),
        Column("calls", say["calls"], "count"),
        *(Column(name, say[name], "percent", interval=True) for name in flags),
    ]
    notes = [*notes, say["left_out"].format(days=ask.days, **found.left_out), *note_on_moments(data.calls)]
    charts = [] if ask.by in (None, "agent") else [_chart(ask, say["solved"])]
    part = Part(title, columns, rows[seen].reset_index(drop=True), notes, charts)
    explanation = [line.format(days=ask.days) for line in say["explanation"]]
    return Report("resolution", title, [*explanation, words.texts()["interval"]["score"]], [part])


def _chart(ask: Ask, title: str) -> Chart:
    return Chart("line" if ask.by == "week" else "bars", "group", "solved", title=title)
