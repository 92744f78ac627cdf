"""What a report counted, in lines above it: which calls, of when, and with which settings."""

from __future__ import annotations

from collections.abc import Iterator

from belscore.report.wording import wording
from belscore.reports import words
from belscore.reports.grouping import Ask
from belscore.store.report_data import ReportData


def filter_lines(data: ReportData, ask: Ask, store: str) -> list[tuple[str, str]]:
    """(name, value) pairs; `store` is what the store is called."""
    say = words.texts()["filters"]
    return [(say[name], value) for name, value in _values(data, ask, store)]


def _values(data: ReportData, ask: Ask, store: str) -> Iterator[tuple[str, str]]:
    filters, names = data.filters, wording(words.language())
    yield "calls", f"{len(data.calls)}"
    moments = data.calls["started_at"].dropna()
    if len(moments):
        yield "period", f"{words.day(moments.min())} – {words.day(moments.max())}"
    if filters.since:
        yield "since", words.day(filters.since)
    if filters.until:
        yield "until", words.day(filters.until)
    for name in ("department", "agent"):
        if value := getattr(filters, name):
            yield name, value
    if filters.direction:
        yield "direction", names.table("directions")[filters.direction]
    if filters.situation:
        yield "situation", names.situation(filters.situation)
    if ask.by:
        yield "by", ask.by_name
    yield "min_calls", f"{ask.min_calls}"
    yield "days", f"{ask.days}"
    yield "store", store
    yield "made_at", words.moment(ask.now)
