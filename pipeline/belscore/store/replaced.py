"""A call that was heard and judged anew: its transcript, scorecard and facts take the place of those before."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, update

from belscore.call import Call
from belscore.store.calls import Exchange, Judged, call_row, put_scorecard, transcript_row
from belscore.store.tables import calls, transcripts


def replace_call(connection: Connection, call_id: int, call: Call, judged: Judged, exchange: Exchange) -> None:
    """Replace what `add_call` put in. What people said of the call stays; so does when it was added."""
    connection.execute(update(calls).where(calls.c.id == call_id).values(**call_row(call, exchange)))
    connection.execute(delete(transcripts).where(transcripts.c.call_id == call_id))
    connection.execute(insert(transcripts).values(call_id=call_id, **transcript_row(call)))
    put_scorecard(connection, call_id, judged)
