"""Report: promises that nobody has settled yet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from belscore.reports import words
from belscore.reports.grouping import Ask
from belscore.reports.model import Column, Part, Report
from belscore.store.promises import reference
from belscore.store.report_data import ReportData

_STATES = ("past", "today", "later", "termless")
# How long after the period asked for a call-back is still looked for: no term in a call is longer than a month or two.
_LATEST_DAYS = 62


def promises(data: ReportData, ask: Ask) -> Report:
    """Open promises of the practice: past their term first, then due today, later, and without a term."""
    say = words.texts()["promises"]
    every = practice_promises(data, ask)
    rows = every[every["settled_at"].isna()].reset_index(drop=True)
    rows["id"] = [
        reference(call_id, start_s) for call_id, start_s in zip(rows["call_id"], rows["start_s"], strict=True)
    ]
    rows["call"] = data.recordings(rows["call_id"], rows["call"])
    rows["called"] = called_since(rows, data)
    overdue = (pd.Timestamp(ask.now).normalize() - rows["due_at"].dt.normalize()).dt.days
    rows["late_days"] = overdue.where(rows["place"] == 0)
    rows["state"] = [say[_STATES[place]] for place in rows["place"]]
    rows["doubtful"] = np.where(rows["doubtful"].astype(bool), say["unsure"], "")
    rows = rows.sort_values(["place", "due_at", "made_at", "call_id"], ignore_index=True)
    columns = [
        Column("id", say["id"]),
        Column("state", say["state"]),
        Column("due_at", say["due_at"], "moment"),
        Column("late_days", say["late_days"], "count"),
        Column("made_at", say["made_at"], "moment"),
        Column("department", say["department"]),
        Column("what", say["what"]),
        Column("about", say["about"]),
        Column("called", say["called"], "moment"),
        Column("doubtful", say["doubtful"]),
        Column("call", say["call"], "link"),
    ]
    settled = every["settled_how"].value_counts()
    counts = {name: int((rows["place"] == place).sum()) for place, name in enumerate(_STATES)}
    counts |= {how: int(settled.get(how, 0)) for how in ("kept", "late", "void")}
    notes = [say["counts"].format(settled=int(every["settled_at"].notna().sum()), **counts)]
    return Report("promises", say["title"], say["explanation"], [Part(say["title"], columns, rows, notes)])


def practice_promises(data: ReportData, ask: Ask) -> pd.DataFrame:
    """Promises that the practice made, with their call and `place` among the states.

    A promise is past its term after the term's last moment, not before.
    """
    ledger = data.ledger
    made = ledger[(ledger["kind"] == "promise") & (ledger["who"] != "caller")]
    of_call = data.calls[["id", "department", "started_at", "caller_hash", "source"]]
    of_call = of_call.rename(columns={"id": "call_id", "started_at": "made_at", "source": "call"})
    rows = made.merge(of_call, on="call_id")
    now = pd.Timestamp(ask.now)
    is_today = rows["due_at"].dt.normalize() == now.normalize()
    rows["place"] = np.select([rows["due_at"].isna(), rows["due_at"] < now, is_today], [3, 0, 1], default=2)
    return rows


def called_since(rows: pd.DataFrame, data: ReportData) -> pd.Series[pd.Timestamp]:
    """The first outgoing call to the same number after each promise; missing where there is none."""
    none = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    contacts = data.contacts(_LATEST_DAYS)
    outgoing = contacts.loc[contacts["direction"] == "outbound", ["caller_hash", "started_at"]]
    asked = rows.loc[rows["caller_hash"].notna() & rows["made_at"].notna(), ["caller_hash", "made_at"]]
    if not len(outgoing) or not len(asked):
        return none
    asked = asked.assign(place=asked.index).sort_values("made_at")
    found = pd.merge_asof(
        asked, outgoing.assign(called=outgoing["started_at"]), left_on="made_at", right_on="started_at",
        by="caller_hash", direction="forward", allow_exact_matches=False,
    )  # fmt: skip
    return none.fillna(pd.Series(found["called"].to_numpy(), index=found["place"]))
