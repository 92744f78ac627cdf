"""Report: whether calls were answered, and after how long, from the exchange's metadata."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from belscore.reports import words
from belscore.reports.estimates import median, wilson
from belscore.reports.grouping import Ask, Groups, enough, group_calls, note_on_moments, withheld
from belscore.reports.model import Chart, Column, Part, Report
from belscore.store.report_data import ReportData

# Three times the Dutch ring tone, 1 s on and 4 s off: rule `opening-belsignalen`, source 000.
THREE_RINGS_S = 15.0
# A missed caller whom somebody spoke to within a day was reached after all.
_REACHED = pd.Timedelta(days=1)


def reachability(data: ReportData, ask: Ask) -> Report:
    """Answered, within three rings, queue, and missed callers spoken to after all, by department or week."""
    say = words.texts()["reachability"]
    every = offered_calls(data)
    groups = group_calls(data, ask.by, every)
    rows = _figures(every, groups, ask)
    seen, notes = enough(groups.counts(), ask)
    if not len(data.missed):
        rows[["answered", "answered_low", "answered_high"]] = np.nan
        notes.append(words.note("no_missed"))
    title = say["title"].format(by=ask.by_name)
    columns = [
        Column("group", ask.by_name),
        Column("offered", say["offered"], "count"),
        Column("missed", say["missed"], "count"),
        Column("answered", say["answered"], "percent", interval=True),
        Column("ring_calls", say["ring_calls"], "count"),
        Column("in_rings", say["in_rings"], "percent", interval=True),
        Column("queue_calls", say["queue_calls"], "count"),
        Column("queue", say["queue"], "seconds", interval=True),
        Column("known_missed", say["known_missed"], "count"),
        Column("reached", say["reached"], "percent", interval=True),
    ]
    notes += [words.note("blank", minimum=ask.min_calls), *note_on_moments(every)]
    kind: Any = "line" if ask.by == "week" else "bars"
    charts = [Chart(kind, "group", name, title=say[name]) for name in ("answered", "in_rings")] if ask.by else []
    part = Part(title, columns, rows[seen].reset_index(drop=True), notes, charts)
    explanation = [line.format(ring_s=f"{THREE_RINGS_S:.0f}") for line in say["explanation"]]
    return Report("reachability", title, [*explanation, words.texts()["interval"]["score"]], [part])


def offered_calls(data: ReportData) -> pd.DataFrame:
    """Incoming calls, answered and missed, with `missed` and, of the missed, `reached` (missing when unknown)."""
    answered = data.calls[data.calls["direction"] == "inbound"].assign(missed=False, reached=np.nan)
    missed = data.missed.assign(missed=True, reached=_reached(data))
    names = ["department", "started_at", "week", "ring_s", "queue_s", "missed", "reached"]
    if not len(missed):
        return answered[names].reset_index(drop=True)
    return pd.concat([answered[names], missed[names]], ignore_index=True)


def _reached(data: ReportData) -> NDArray[np.float64]:
    """1.0 for each missed call whose caller was spoken to within a day, 0.0 when not, missing when unknown."""
    missed = data.missed
    reached = np.full(len(missed), np.nan)
    known = missed["caller_hash"].notna() & missed["started_at"].notna() if len(missed) else pd.Series(dtype=bool)
    if not known.any() or data.seen is None:
        return reached
    asked = missed.loc[known, ["caller_hash", "started_at"]].assign(place=np.flatnonzero(known))
    spoken = data.contacts(1)[["caller_hash", "started_at"]].assign(spoken_at=lambda each: each["started_at"])
    found = pd.merge_asof(
        asked.sort_values("started_at"), spoken.sort_values("started_at"),
        on="started_at", by="caller_hash", direction="forward", tolerance=_REACHED,
    )  # fmt: skip
    over = found["started_at"] + _REACHED <= data.seen[1]
    was = found["spoken_at"].notna()
    reached[found["place"]] = np.where(was, 1.0, np.where(over, 0.0, np.nan))
    return reached


def _figures(every: pd.DataFrame, groups: Groups, ask: Ask) -> pd.DataFrame:
    answered = ~every["missed"]
    rows = pd.DataFrame({"group": groups.labels, "offered": groups.counts()})
    rows["missed"] = groups.count_rows(every["missed"])
    add_share(rows, "answered", groups.count_rows(answered), rows["offered"].to_numpy(), ask)
    ring = answered & every["ring_s"].notna()
    rows["ring_calls"] = groups.count_rows(ring)
    within = groups.count_rows(ring & (every["ring_s"] <= THREE_RINGS_S))
    add_share(rows, "in_rings", within, rows["ring_calls"].to_numpy(), ask)
    queued = (answered & every["queue_s"].notna()).to_numpy()
    rows["queue_calls"] = groups.count_rows(queued)
    add_medians(rows, "queue", every["queue_s"].to_numpy(), queued, groups, ask)
    known = every["missed"] & every["reached"].notna()
    rows["known_missed"] = groups.count_rows(known)
    add_share(rows, "reached", groups.count_rows(known & (every["reached"] == 1)), rows["known_missed"].to_numpy(), ask)
    return rows


def add_share(rows: pd.DataFrame, name: str, hits: NDArray[np.int64], of: NDArray[np.int64], ask: Ask) -> None:
    """Put the share of each group with its interval into the rows; missing for too few."""
    low, high = wilson(hits, of)
    share = hits / np.where(of > 0, of, np.nan)
    for end, values in (("", share), ("_low", low), ("_high", high)):
        rows[f"{name}{end}"] = withheld(values, of, ask)


def add_medians(
    rows: pd.DataFrame, name: str, values: NDArray[np.float64], which: NDArray[np.bool_], groups: Groups, ask: Ask
) -> None:
    """Put the median of each group with its interval into the rows; missing for too few."""
    paired = which[groups.row]
    group, of_pair = groups.group[paired], values[groups.row][paired]
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group, minlength=len(groups.labels))
    parts = np.split(of_pair[order], np.cumsum(counts)[:-1])
    found = np.array([median(part) if len(part) >= ask.min_calls else (np.nan,) * 3 for part in parts]).reshape(-1, 3)
    rows[name], rows[f"{name}_low"], rows[f"{name}_high"] = found.T
