"""The audit log: who did what, each entry sealed by a hash over itself and the one before.

An entry that is changed or taken away later breaks the chain (`first_break`). Whoever can write the whole table can
also seal it anew: keep the last digest elsewhere to notice that. When old entries are purged, a new one says by which
digest the chain begins from then on.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select

from belscore.store.database import Store, legible
from belscore.store.tables import audit
from belscore.wall_clock import this_second

_BEFORE_FIRST = "0" * 64
_PURGED = "audit purged"
# Who looks at a call for a while does so once.
_SAME_VIEW = timedelta(minutes=10)


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


def note_view(store: Store, actor: str, subject: str, detail: Mapping[str, object] | None = None) -> None:
    """Add that somebody saw something, such as `call 12`; not again within some minutes of the last time."""
    with store.write() as connection:
        same = (audit.c.action == "view", audit.c.actor == legible(actor), audit.c.subject == legible(subject))
        recent = audit.c.at > this_second() - _SAME_VIEW
        if connection.execute(select(audit.c.id).where(recent, *same).limit(1)).first() is None:
            note(connection, actor, "view", subject, detail)


class Row(NamedTuple):
    """An entry as it is listed."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


def entries(
    connection: Connection,
    *,
    since: date | None = None,
    actor: str | None = None,
    about: str | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Entries, oldest first; of more than `limit` the latest.

    about : what they are about: `call 12` gives what concerns a rule of it too
    """
    query = select(*(audit.c[name] for name in Row._fields)).order_by(audit.c.id.desc()).limit(limit)
    if since is not None:
        query = query.where(audit.c.at >= datetime.combine(since, time.min))
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    if about is not None:
        begins = func.substr(audit.c.subject, 1, len(about) + 1) == f"{about},"
        query = query.where(or_(audit.c.subject == about, begins))
    return [Row(*row) for row in connection.execute(query)][::-1]


def last_digest(connection: Connection) -> str | None:
    """What is to be kept elsewhere: with it nobody can seal the log anew unnoticed. None for an empty log."""
    return connection.execute(select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)).scalar()


def has_digest(connection: Connection, digest: str) -> bool:
    """Whether an entry with this digest is in the log, or was the last one that had had its time."""
    found = connection.execute(select(audit.c.id).where(audit.c.digest == digest)).first()
    return found is not None or digest == _begin(connection)


def count_entries(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())


def count_before(connection: Connection, before: datetime) -> int:
    """How many entries lie before the first one from this moment on."""
    first = connection.execute(select(func.min(audit.c.id)).where(audit.c.at >= before)).scalar()
    older = select(func.count()).select_from(audit)
    return int(connection.execute(older if first is None else older.where(audit.c.id < first)).scalar_one())


def purge_before(connection: Connection, before: datetime, actor: str) -> int:
    """Remove the entries that lie before the first one from this moment on; how many. What is left can be verified."""
    count = count_before(connection, before)
    if not count:
        return 0
    last = connection.execute(select(audit.c.id, audit.c.digest).order_by(audit.c.id).offset(count - 1).limit(1)).one()
    note(connection, actor, _PURGED, "audit", {"anchor": last.digest, "entries": count, "before": before})
    connection.execute(delete(audit).where(audit.c.id <= last.id))
    return count


def _begin(connection: Connection) -> str:
    """What the first entry is sealed over, as the chain itself says."""
    purged = select(audit.c.detail).where(audit.c.action == _PURGED).order_by(audit.c.id.desc()).limit(1)
    detail = connection.execute(purged).scalar()
    return str(json.loads(detail).get("anchor", _BEFORE_FIRST)) if detail else _BEFORE_FIRST


def first_break(connection: Connection) -> int | None:
    """The id of the first entry that does not fit the chain; None when it is whole."""
    previous = _begin(connection)
    columns = (audit.c.id, audit.c.digest, *(audit.c[name] for name in Entry._fields))
    for number, digest, *values in connection.execute(select(*columns).order_by(audit.c.id)):
        entry = Entry(*values)
        if entry.previous != previous or entry.digest != digest:
            return int(number)
        previous = digest
    return None
