"""What was deleted, out of the bytes of the store too: SQLite and PostgreSQL leave it in their files for a while.

SQLite overwrites what it deletes (`secure_delete`), but keeps older pages in its log, and pieces in pages that it put
in order. PostgreSQL keeps deleted rows until their room is needed, and all in its own log (WAL) for as long as its
administrator set. Backups have what was there when they were made.
"""

from __future__ import annotations

import contextlib

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import DBAPIError

from belscore.store.database import Store, told
from belscore.store.tables import facts, metadata

# Whoever reads a report just now is waited for; after that the log is emptied the next time.
_BUSY_MS = 10_000
_OWED = "scrub_owed"
_BUSY = ("locked", "busy", "lock timeout")


def owe_scrub(connection: Connection) -> None:
    """Note, in the transaction that deletes something, that the store is to be scrubbed: also after a power cut."""
    connection.execute(delete(facts).where(facts.c.name == _OWED))
    connection.execute(insert(facts).values(name=_OWED, value="1"))


def is_scrub_owed(connection: Connection) -> bool:
    """Whether something was deleted that is still in the bytes of the store."""
    return connection.execute(select(facts.c.value).where(facts.c.name == _OWED)).first() is not None


def scrub(store: Store) -> bool:
    """Write the store anew without what was deleted. False when somebody had it meanwhile: it stays owed.

    It takes as much room as the store itself for a moment, and others wait for it.
    """
    try:
        is_done = _scrub_sqlite(store) if store.is_sqlite else _scrub_postgres(store)
    except DBAPIError as error:
        if not any(word in str(error.orig).lower() for word in _BUSY):
            raise told(error, store.name) from error
        is_done = False
    with store.write() as connection:
        if is_done:
            connection.execute(delete(facts).where(facts.c.name == _OWED))
        else:
            owe_scrub(connection)
    return is_done


def _scrub_sqlite(store: Store) -> bool:
    raw = store.engine.raw_connection()
    try:
        with contextlib.closing(raw.cursor()) as cursor:
            cursor.execute(f"pragma busy_timeout = {_BUSY_MS}")
            cursor.execute("vacuum")
            cursor.execute("pragma wal_checkpoint(truncate)")
            [(busy, _, _)] = cursor.fetchall()
        return not busy
    except store.engine.dialect.loaded_dbapi.Error as error:
        raise DBAPIError("vacuum", None, error) from error
    finally:
        # With its own patience it is not put back among the others.
        raw.invalidate()


def _scrub_postgres(store: Store) -> bool:
    with store.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in metadata.sorted_tables:
            connection.exec_driver_sql(f'vacuum (full) "{table.name}"')
    return True
