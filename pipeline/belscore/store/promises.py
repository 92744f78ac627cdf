"""Promises of the ledger that people settle: kept, kept too late, or not to be kept any more."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Connection, func, select, update

from belscore.errors import BelscoreError
from belscore.store.audit import note
from belscore.store.tables import calls, ledger

How = Literal["kept", "late", "void"]
HOWS: tuple[str, ...] = get_args(How)
_REFERENCE = re.compile(r"(\d{1,18})-(\d{1,6})")


class Settled(NamedTuple):
    """What was settled: the recording, the words, and how it stood before."""

    source: str
    what: str
    before: str | None


def reference(call_id: int, start_s: float) -> str:
    """How people name a promise: its call and the second in it.

    It outlives a new judging of the call, which the number of the row does not.

    >>> reference(12, 83.7)
    '12-83'
    """
    return f"{call_id}-{int(start_s)}"


def settle(connection: Connection, named: str, how: How, *, actor: str, at: datetime) -> Settled:
    """Note how a promise ended, also instead of what was noted before. The connection must be one of `Store.write`.

    named : as `reference` makes it

    Raises BelscoreError when there is no such promise.
    """
    match = _REFERENCE.fullmatch(named)
    do = "take the id from `belscore report promises`"
    if match is None:
        raise BelscoreError("no id of a promise", where=named, do=do)
    call_id, second = int(match[1]), int(match[2])
    columns = (ledger.c.id, ledger.c.what, ledger.c.settled_how, calls.c.source)
    found = connection.execute(
        select(*columns)
        .join(calls, calls.c.id == ledger.c.call_id)
        .where(
            ledger.c.call_id == call_id,
            ledger.c.kind == "promise",
            ledger.c.start_s >= second,
            ledger.c.start_s < second + 1,
        )
        .order_by(func.abs(ledger.c.start_s - second), ledger.c.id)
    ).first()
    if found is None:
        raise BelscoreError("no such promise", where=named, do=do)
    connection.execute(
        update(ledger).where(ledger.c.id == found.id).values(settled_at=at, settled_by=actor, settled_how=how)
    )
    note(
        connection, actor, "settle_promise", f"call {call_id}", {"promise": named, "how": how, "was": found.settled_how}
    )
    return Settled(found.source, found.what, found.settled_how)
