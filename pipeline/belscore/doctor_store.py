"""What can be wrong with a store and what lies beside it: read, checked, and never changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from belscore.doctor import LEAST_FREE_BYTES, Found, examined, room
from belscore.encryption.keys import FILE_VARIABLE
from belscore.errors import BelscoreError
from belscore.recordings_folder import SOUNDS, WORK, recordings_folder
from belscore.wall_clock import this_second

if TYPE_CHECKING:
    from belscore.store.database import Store

# SQLite's log is emptied every thousand pages (4 MB) unless somebody keeps reading.
_LOG_BYTES = 100_000_000
# Lifetimes are seen to daily.
_PURGE_EVERY = timedelta(days=2)


def examine_store(address: str | None, recordings: Path | None) -> Iterator[Found]:
    """The checks of a store; without one there is nothing to check, which is no fault.

    address : as `open_store` takes it
    """
    from belscore.store.database import default_store, open_store

    named = address or default_store()
    if "://" not in named and not Path(named).expanduser().exists():
        yield Found("store", "note", "none", {"name": named})
        return
    try:
        store = open_store(address, new=False)
    except BelscoreError as error:
        yield Found("store", "wrong", "error", {"error": str(error)})
        return
    with store:
        folder = recordings or recordings_folder(store)
        looks: dict[str, Callable[[], Iterator[Found]]] = {
            "store": lambda: _store(store),
            "disk": lambda: _disk(store),
            "access": lambda: _access(store, folder),
            "key": lambda: _key(store),
            "audit": lambda: _audit(store),
            "retention": lambda: _retention(store, folder),
            "recordings": lambda: _recordings(folder),
        }
        for check, look in looks.items():
            yield from examined(check, look)


def _store(store: Store) -> Iterator[Found]:
    from belscore.store.tables import calls

    if store.is_sqlite:
        with store.read() as connection:
            said = [*connection.exec_driver_sql("pragma integrity_check").scalars()]
            loose = connection.exec_driver_sql("pragma foreign_key_check").all()
        if said != ["ok"] or loose:
            yield Found(
                "store", "wrong", "damaged", {"name": store.name, "said": said[0] if said != ["ok"] else "rows"}
            )
            return
    with store.read() as connection:
        count = connection.execute(select(func.count()).select_from(calls)).scalar_one()
    yield Found("store", "ok", values={"name": store.name, "count": f"{count:,}".replace(",", ".")})


def _disk(store: Store) -> Iterator[Found]:
    path = _file_of(store)
    if path is None:
        return
    # Writing it anew, as a purge does, takes its size again.
    yield room("disk", path.parent, least_bytes=max(LEAST_FREE_BYTES, 2.0 * path.stat().st_size))
    log = path.with_name(f"{path.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > _LOG_BYTES:
        yield Found("disk", "note", "log", {"megabytes": size // 1_000_000})


def _access(store: Store, folder: Path | None) -> Iterator[Found]:
    """Whether others on this machine may read what is for its owner alone."""
    if os.name != "posix":
        return
    path = _file_of(store)
    beside = [path.with_name(f"{path.name}{end}") for end in ("", "-wal", "-shm", ".hash-key")] if path else []
    named = os.environ.get(FILE_VARIABLE)
    wanted = [*beside, *([folder] if folder else []), *([Path(named).expanduser()] if named else [])]
    there = [each for each in wanted if each.exists()]
    shared = [each for each in there if stat.S_IMODE(each.stat().st_mode) & 0o077]
    for each in shared:
        yield Found("access", "wrong", "shared", {"path": each, "mode": "700" if each.is_dir() else "600"})
    for each in there:
        if each.stat().st_uid != os.geteuid():
            yield Found("access", "note", "owner", {"path": each})
    if there and not shared:
        yield Found("access", "ok")


def _key(store: Store) -> Iterator[Found]:
    from belscore.store.caller_keys import caller_keys
    from belscore.store.purging import read_fact
    from belscore.store.sealing import count_stale

    with store.read() as connection:
        is_hashed = read_fact(connection, "hash_key_check") is not None
    if is_hashed:
        caller_keys(store)
    if store.keys is None:
        yield Found("key", "note", "plain")
        return
    stale = count_stale(store, store.keys.newest)
    if stale:
        yield Found("key", "note", "stale", {"count": f"{stale:,}".replace(",", ".")})
    else:
        yield Found("key", "ok", values={"id": store.keys.newest.id.hex()})


def _audit(store: Store) -> Iterator[Found]:
    from belscore.store.audit import count_entries, first_break
    from belscore.store.purging import clock_is_behind

    with store.read() as connection:
        broken = first_break(connection)
        if broken is not None:
            yield Found("audit", "wrong", "broken", {"id": broken})
        else:
            yield Found("audit", "ok", values={"count": f"{count_entries(connection):,}".replace(",", ".")})
        try:
            clock_is_behind(connection, this_second())
        except BelscoreError as error:
            yield Found("clock", "wrong", "future", {"error": error.what})


def _retention(store: Store, folder: Path | None) -> Iterator[Found]:
    from belscore.retention import noted_retention
    from belscore.store.purging import FACT_PURGED_AT, count_due, read_fact

    now = this_second()
    with store.read() as connection:
        retention, last = noted_retention(connection), read_fact(connection, FACT_PURGED_AT)
        due = count_due(connection, retention.limits(now), now.date(), folder)
    is_late = last is None or now - datetime.fromisoformat(last) > _PURGE_EVERY
    days = dict(retention.model_dump())
    yield Found("retention", "note", "due", days) if any(due) and is_late else Found("retention", "ok", values=days)


def _recordings(folder: Path | None) -> Iterator[Found]:
    if folder is None or not folder.is_dir():
        yield Found("recordings", "ok", "none")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Found("recordings", "wrong", "closed", {"folder": folder})
        return
    count = sum(1 for _ in (folder / SOUNDS).iterdir()) if (folder / SOUNDS).is_dir() else 0
    left = sum(1 for _ in (folder / WORK).iterdir()) if (folder / WORK).is_dir() else 0
    yield Found("recordings", "ok", values={"folder": folder, "count": count, "left": left})


def _file_of(store: Store) -> Path | None:
    database = store.engine.url.database
    return Path(database) if store.is_sqlite and database and database != ":memory:" else None
