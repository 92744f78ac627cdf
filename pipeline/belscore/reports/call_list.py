"""Report: the calls, one by one."""

from __future__ import annotations

from belscore.report.wording import wording
from belscore.reports import words
from belscore.reports.grouping import Ask, notes_on_verdicts
from belscore.reports.model import Column, Part, Report
from belscore.store.report_data import ReportData


def calls(data: ReportData, ask: Ask) -> Report:  # noqa: ARG001 - lists hold single calls, so no minimum
    """The calls in order of time, those without a moment last."""
    say, names = words.texts()["calls"], wording(words.language())
    rows = data.calls.sort_values(["started_at", "id"], ignore_index=True)
    titles = data.situations["situation"].map(names.situation)
    of_call = titles.groupby(data.situations["call_id"]).agg(", ".join).to_dict() if len(titles) else {}
    rows["situations"] = [of_call.get(call_id, "") for call_id in rows["id"]]
    for name in ("outcome", "direction"):
        rows[name] = rows[name].map(names.table(f"{name}s"))
    rows["call"] = data.recordings(rows["id"], rows["source"])
    columns = [
        Column("id", say["id"], "count"),
        Column("started_at", say["started_at"], "moment"),
        Column("department", say["department"]),
        Column("direction", say["direction"]),
        Column("duration_s", say["duration"], "seconds"),
        Column("situations", say["situations"]),
        Column("outcome", say["outcome"]),
        Column("score", say["score"], "points"),
        Column("coverage", say["coverage"], "percent"),
        Column("call", say["call"], "link"),
    ]
    part = Part(say["title"], columns, rows[[column.key for column in columns]], notes_on_verdicts(data))
    return Report("calls", say["title"], say["explanation"], [part])
