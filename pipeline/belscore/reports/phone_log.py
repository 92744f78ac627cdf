"""Report: the practice's phone log, a row for each call and one for each promise and appointment in it."""

from __future__ import annotations

import pandas as pd

from belscore.report.phone_log import COLUMNS
from belscore.reports import words
from belscore.reports.grouping import Ask
from belscore.reports.model import Column, Part, Report
from belscore.scorecard import clock
from belscore.store.report_data import ReportData

_MOMENTS = ("started_at", "due_at", "settled_at")
# What people noted of a promise, behind the columns that the phone log of scorecards has.
_NOTED = ("settled_at", "settled_how")


def phone_log(data: ReportData, ask: Ask) -> Report:  # noqa: ARG001 - a list of single calls, so no minimum
    """The columns of `belscore.report.phone_log` and what was noted since, in the order of the calls."""
    say = words.texts()["phone-log"]
    head = data.calls[["id", "source", "started_at", "agent", "department", "outcome"]].rename(
        columns={"id": "call_id"}
    )
    head = head.merge(data.logs, on="call_id", how="left")
    of_call = head.assign(kind="call", start_s=-1.0)
    entries = data.ledger.rename(columns={"what": "quote"}).merge(head.drop(columns="number_given"), on="call_id")
    entries["at"] = [clock(start_s) for start_s in entries["start_s"]]
    # Whether the words are certain is told of promises alone, as in the other phone log.
    entries["doubtful"] = entries["doubtful"].astype(object)
    rows = pd.concat([of_call, entries.astype({"number_given": object})], ignore_index=True)
    rows = rows.sort_values(["started_at", "call_id", "start_s"], ignore_index=True)
    for flag in ("number_given", "doubtful"):
        rows[flag] = rows[flag].map({True: "true", False: "false"})
    columns = [Column(key, say[key], "moment" if key in _MOMENTS else "text") for key in (*COLUMNS, *_NOTED)]
    part = Part(say["title"], columns, rows.reindex(columns=[column.key for column in columns]))
    return Report("phone-log", say["title"], say["explanation"], [part])
