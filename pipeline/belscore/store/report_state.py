"""A mark of everything that reports count: two equal ones mean that the same report would be made again."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from belscore.store.tables import calls, jobs, ledger, missed_calls, reviews, scorecards


def report_state(connection: Connection) -> tuple[object, ...]:
    """The newest row of each table that reports read, and how many calls there are: one may have been taken out."""
    tables = (calls, scorecards, reviews, missed_calls, ledger, jobs)
    newest = [connection.execute(select(func.max(table.c.id))).scalar() for table in tables]
    settled = connection.execute(select(func.max(ledger.c.settled_at))).scalar()
    count = connection.execute(select(func.count()).select_from(calls)).scalar()
    return (*newest, settled, count)
