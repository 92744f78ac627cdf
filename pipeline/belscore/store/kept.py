"""Calls that are kept for longer than their time, since somebody complains or claims: each with a reason and a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, insert, select

from belscore.errors import BelscoreError
from belscore.store.audit import note
from belscore.store.calls import require_call
from belscore.store.tables import kept_calls
from belscore.wall_clock import this_second


def keep_call(connection: Connection, call_id: int, *, until: date, reason: str, actor: str) -> None:
    """Keep a call until a day, that day included, instead of what was said of it before; a day that is past lets it go.

    Raises BelscoreError when there is no such call, or no reason.
    """
    require_call(connection, call_id)
    where = f"call {call_id}"
    if not reason.strip():
        raise BelscoreError("nobody may keep it longer without a reason", where=where, do="give one with --reason")
    connection.execute(delete(kept_calls).where(kept_calls.c.call_id == call_id))
    values = {"until": until, "reason": reason.strip(), "kept_by": actor, "made_at": this_second()}
    connection.execute(insert(kept_calls).values(call_id=call_id, **values))
    note(connection, actor, "kept", where, {"until": until})


def kept_until(connection: Connection, today: date) -> dict[int, date]:
    """The calls that are kept today, with the last day."""
    held = select(kept_calls.c.call_id, kept_calls.c.until).where(kept_calls.c.until >= today)
    return {row.call_id: row.until for row in connection.execute(held.order_by(kept_calls.c.call_id))}
