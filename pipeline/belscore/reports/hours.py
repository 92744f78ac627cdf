"""Report: at which hours of the week calls come in and are missed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from belscore.reports import words
from belscore.reports.estimates import wilson
from belscore.reports.grouping import Ask, note_on_moments
from belscore.reports.groups import shown
from belscore.reports.model import Chart, Column, Part, Report
from belscore.reports.reachability import offered_calls
from belscore.store.report_data import ReportData


def hours(data: ReportData, ask: Ask) -> Report:
    """A row for each hour of each weekday in which calls came in."""
    say = words.texts()["hours"]
    every = offered_calls(data)
    known = every[every["started_at"].notna()]
    rows = _rows(known)
    seen = shown(rows["calls"].to_numpy(dtype=np.int64), ask.min_calls)
    hidden = int((~seen).sum())
    notes = [words.note("hidden", number=hidden, minimum=ask.min_calls)] * (hidden > 0)
    notes += note_on_moments(every)
    if not len(data.missed):
        rows[["missed_share", "missed_share_low", "missed_share_high"]] = np.nan
        notes.append(words.note("no_missed"))
    columns = [
        Column("weekday", say["weekday"]),
        Column("hour", say["hour"]),
        Column("calls", say["calls"], "count"),
        Column("per_day", say["per_day"], "decimal"),
        Column("missed", say["missed"], "count"),
        Column("missed_share", say["missed_share"], "percent", interval=True),
        Column("longest", say["longest"], "seconds"),
    ]
    charts = [
        Chart("heat", "hour", "per_day", "weekday", say["heat_calls"]),
        *([Chart("heat", "hour", "missed_share", "weekday", say["heat_missed"])] if len(data.missed) else []),
    ]
    part = Part(say["title"], columns, rows[seen].reset_index(drop=True), notes, charts)
    return Report("hours", say["title"], say["explanation"], [part])


def _rows(known: pd.DataFrame) -> pd.DataFrame:
    moment = known["started_at"].dt
    keyed = known.assign(place=moment.day_of_week, clock=moment.hour)
    rows = keyed.groupby(["place", "clock"], as_index=False).agg(
        calls=("missed", "size"), missed=("missed", "sum"), longest=("queue_s", "max")
    )
    names = words.texts()["weekdays"]
    rows["weekday"] = [names[place] for place in rows["place"]]
    rows["hour"] = [f"{clock:02}–{clock + 1:02}" for clock in rows["clock"]]
    rows["missed"] = rows["missed"].astype(int)
    rows["per_day"] = rows["calls"] / rows["place"].map(_days_of(known))
    rows["missed_share"] = rows["missed"] / rows["calls"]
    rows["missed_share_low"], rows["missed_share_high"] = wilson(rows["missed"], rows["calls"])
    return rows


def _days_of(known: pd.DataFrame) -> dict[int, int]:
    """How many of each weekday there are from the first day to the last."""
    if not len(known):
        return {}
    days = pd.date_range(known["started_at"].min().normalize(), known["started_at"].max().normalize())
    return dict(enumerate(np.bincount(days.day_of_week, minlength=7).tolist()))
