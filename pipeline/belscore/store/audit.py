"""The audit log: who did what, each entry sealed by a hash over itself and the one before.

An entry that is changed or taken away later breaks the chain (`first_break`). Whoever can write the whole table can
also seal it anew: keep the last digest elsewhere to notice that.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from belscore.store.database import legible
from belscore.store.tables import audit
from belscore.wall_clock import this_second

_BEFORE_FIRST = "0" * 64


class Entry(NamedTuple):
    """One entry; `subject` says what it is about, such as `call 12`, `detail` holds nothing that was said in a call."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    previous: str

    @property
    def digest(self) -> str:
        parts = (self.at.isoformat(), self.actor, self.action, self.subject, self.detail, self.previous)
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def this_user() -> str:
    """Who runs the program, for `actor`; "belscore" where the system has no name for that."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "belscore"


def note(
    connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Add an entry, in the transaction of what it tells. The connection must be one of `Store.write`: one at a time."""
    last = connection.execute(select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)).scalar()
    told = legible(json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, default=str))
    now = this_second()
    entry = Entry(now, legible(actor), action, legible(subject), told, last or _BEFORE_FIRST)
    connection.execute(insert(audit).values(**entry._asdict(), digest=entry.digest))


def first_break(connection: Connection) -> int | None:
    """The id of the first entry that does not fit the chain; None when it is whole."""
    previous = _BEFORE_FIRST
    columns = (audit.c.id, audit.c.digest, *(audit.c[name] for name in Entry._fields))
    for number, digest, *values in connection.execute(select(*columns).order_by(audit.c.id)):
        entry = Entry(*values)
        if entry.previous != previous or entry.digest != digest:
            return int(number)
        previous = digest
    return None
