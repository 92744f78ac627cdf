"""Every report by its name on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module

from belscore.errors import BelscoreError
from belscore.reports.grouping import BY, Ask
from belscore.reports.model import Report
from belscore.reports.review_mark import mark_people
from belscore.store.report_data import ReportData


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a report is made; `by` is how it may be grouped, `default` how unless somebody says."""

    module: str
    function: str
    by: tuple[str, ...] = ()
    default: str | None = None


REPORTS: Mapping[str, Entry] = {
    "overview": Entry("overview", "overview"),
    "scores": Entry("scores", "scores", BY, "department"),
    "rules": Entry("rules", "rules", BY),
    "resolution": Entry("resolution", "resolution", BY, "department"),
    "reachability": Entry("reachability", "reachability", ("department", "week"), "department"),
    "handling": Entry("handling", "handling", BY, "department"),
    "hours": Entry("hours", "hours"),
    "repeat-callers": Entry("repeat_callers", "repeat_callers"),
    "promises": Entry("promises", "promises"),
    "questions": Entry("questions", "questions", BY, "department"),
    "calls": Entry("call_list", "calls"),
    "phone-log": Entry("phone_log", "phone_log"),
}
# What `all` makes: never by person, and no lists of what was said or of single calls but the open promises.
ALL = (
    ("overview", None), ("scores", "department"), ("scores", "week"), ("scores", "situation"), ("scores", "outcome"),
    ("rules", None), ("rules", "department"), ("resolution", "department"), ("resolution", "week"),
    ("reachability", "department"), ("reachability", "week"), ("handling", "department"), ("hours", None),
    ("repeat-callers", None), ("promises", None), ("questions", "department"),
)  # fmt: skip


def make_report(name: str, data: ReportData, ask: Ask) -> Report:
    """Make a report. Raises BelscoreError when it cannot be grouped that way."""
    entry = REPORTS[name]
    if ask.by is not None and ask.by not in entry.by:
        do = f"choose one of: {', '.join(entry.by)}" if entry.by else "leave it out"
        raise BelscoreError(f"the report {name} cannot be had so", where=f"--by {ask.by}", do=do)
    made: Callable[[ReportData, Ask], Report] = getattr(
        import_module(f"belscore.reports.{entry.module}"), entry.function
    )
    ask = replace(ask, by=ask.by or entry.default)
    return mark_people(made(data, ask), data, ask)
