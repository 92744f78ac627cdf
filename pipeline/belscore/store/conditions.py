"""Conditions on calls that lists, reports, samples and rescoring have in common."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from belscore.store.tables import calls, situations


def on_days(since: date | None, until: date | None, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """From this day to that day, both counted whole; None leaves that end open."""
    parts = []
    if since is not None:
        parts.append(moment >= datetime.combine(since, time.min))
    if until is not None:
        parts.append(moment < datetime.combine(until + timedelta(days=1), time.min))
    return parts


def of_calls(*, situation: str | None, **wanted: str | None) -> list[ColumnElement[bool]]:
    """Calls with these values of columns of `calls`, in which this situation came up; None leaves all."""
    parts = [calls.c[name] == value for name, value in wanted.items() if value is not None]
    if situation is not None:
        parts.append(calls.c.id.in_(select(situations.c.call_id).where(situations.c.situation == situation)))
    return parts
