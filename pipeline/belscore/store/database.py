"""Open the store: SQLite in a file, or PostgreSQL by its address; its tables are brought up to date on the way."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from belscore.encryption.keys import KeyRing, load_keys, needed
from belscore.errors import BelscoreError
from belscore.store.sealed_columns import use_keys
from belscore.store.tables import facts

if TYPE_CHECKING:
    from alembic.config import Config

STORE_VARIABLE = "BELSCORE_STORE"
FILE_NAME = "belscore.db"
# Another process writes for milliseconds, a report reads for seconds; who waits longer has met something else.
_BUSY_S = 60.0
_CONNECT_S = 10
# One number for "somebody writes to this store", among PostgreSQL's advisory locks.
_WRITE_LOCK = 0x62656C73
_WRITES = "belscore_writes"
_KEY_FACT = "encryption_key"
# Stores that say by now with which key they are encrypted: the first thing that is written does so.
_NOTED: WeakSet[Engine] = WeakSet()
_ADDRESSES = "write a path or postgresql+psycopg://user@host/name"
# What a database says, by a part of it in lower case, and what to do then; the first that fits counts.
_REMEDIES = (
    (("locking protocol", "disk i/o"), "keep the file on a disk of this machine, or use PostgreSQL"),
    (("locked", "busy", "lock timeout"), "another program has it; end that one, or try again later"),
    (
        ("server closed", "terminating", "is lost", "server running", "starting up"),
        "see that the server runs, try again",
    ),
    (("is full", "no space"), "make room on the disk and run again; nothing is half written"),
    (("not a database", "malformed"), "name another --store, or restore it from a backup"),
    (("readonly", "unable to open", "permission"), "check the folder and its permissions, or name another --store"),
)


def default_store() -> str:
    """Where the store is unless somebody names one: BELSCORE_STORE, else a file among the user's data."""
    named = os.environ.get(STORE_VARIABLE)
    if named:
        return named
    from platformdirs import user_data_path

    return str(user_data_path("belscore", appauthor=False) / FILE_NAME)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. `name` is how messages call it, without a password; `keys` are None when it is not encrypted."""

    # Its address may hold a password where SQLAlchemy does not hide it.
    engine: Engine = field(repr=False)
    name: str
    keys: KeyRing | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.dispose()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the store, whatever others write meanwhile."""
        with self._told(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that no other writer is in; kept when the block ends well, else nothing of it is."""
        with self._told(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection = connection.execution_options(**{_WRITES: True})
            else:
                # Each statement sees what was written before it, also by the writer that was waited for.
                connection = connection.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(select(func.set_config("lock_timeout", f"{_BUSY_S * 1000:.0f}ms", True)))
                    connection.execute(select(func.pg_advisory_xact_lock(_WRITE_LOCK)))
                is_new = self.keys is not None and self.engine not in _NOTED
                if self.keys is not None and is_new and encryption_key(connection) is None:
                    note_encryption_key(connection, self.keys)
                yield connection
            if is_new:
                _NOTED.add(self.engine)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise told(error, self.name) from error


def open_store(address: str | Path | None = None, *, new: bool = True) -> Store:
    """Open a store, made when there is none yet.

    address : path of an SQLite file, or an SQLAlchemy URL such as postgresql+psycopg://user@host/belscore; None takes
              `default_store`
    new     : whether it may be made; False for what only reads or changes what is there

    Raises BelscoreError when it cannot be opened, is no store, was made by a later belscore, or is encrypted with a key
    that is not set (`encryption.keys.load_keys`).
    """
    keys = load_keys()
    url = _url(str(address) if address is not None else default_store())
    name = _name(url)
    if not new and url.get_backend_name() == "sqlite" and not Path(name).exists():
        do = "fill one with `belscore batch`, or name another --store"
        raise BelscoreError("there is no store", where=name, do=do)
    try:
        store = Store(_engine(url), name, keys)
    except ModuleNotFoundError as error:
        do = "install belscore with the extra `postgres`"
        raise BelscoreError(f"the package {error.name} is missing", where=name, do=do) from None
    try:
        # Without the keys: there may be no table yet to note them in.
        _bring_up_to_date(replace(store, keys=None))
        _check_keys(store)
    except BaseException as error:
        store.engine.dispose()
        if isinstance(error, DBAPIError):
            raise told(error, name) from error
        raise
    return store


def told(error: DBAPIError, name: str) -> BelscoreError:
    """What a database said, as one line."""
    what = " ".join(str(error.orig).split()) or type(error.orig).__name__
    low = what.lower()
    remedies = (do for parts, do in _REMEDIES if any(part in low for part in parts))
    do = next(remedies, "check the address, or name another --store")
    return BelscoreError(what, where=name, do=do)


def legible(written: str) -> str:
    """A text from outside as every database takes it: what is no Unicode, and NUL, as question marks."""
    return written.encode(errors="replace").decode().replace("\0", "?")


def _url(address: str) -> URL:
    where = address.split("@")[-1]
    try:
        url = make_url(address) if "://" in address else URL.create("sqlite", database=str(Path(address).expanduser()))
        backend = url.get_backend_name()
        if backend in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        elif backend != "sqlite":
            raise BelscoreError("no such kind of store", where=where, do=_ADDRESSES)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise BelscoreError("no valid address of a store", where=where, do=_ADDRESSES) from None
    return url


def _name(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        # A server that does not answer at all would otherwise be waited for as long as the network likes.
        timeout = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_S}
        return create_engine(url, pool_pre_ping=True, connect_args=timeout, hide_parameters=True)
    if url.database and url.database != ":memory:":
        _make_private(Path(url.database))
    # What an error tells stands in logs: never the values of a statement.
    engine = create_engine(url, connect_args={"timeout": _BUSY_S}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Make the file of a new store, for its owner alone: it holds what patients said."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or "cannot be made"
        raise BelscoreError(what, where=str(path), do="check the folder, or name another --store") from None


def _prepare(raw: Any, _record: object) -> None:
    # Without this the driver opens transactions when it sees fit, and only for some statements.
    raw.isolation_level = None
    cursor = raw.cursor()
    cursor.execute("pragma journal_mode = wal")
    # FULL syncs every commit: a power cut loses nothing that was said to be kept.
    cursor.execute("pragma synchronous = full")
    cursor.execute("pragma foreign_keys = on")
    # What is deleted is overwritten: it was said by patients.
    cursor.execute("pragma secure_delete = on")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def _check_keys(store: Store) -> None:
    """See that an encrypted store has its key, before anything is read wrongly or written as it is."""
    if store.keys is not None:
        use_keys(store.engine, store.keys)
    with store.read() as connection:
        key_id = encryption_key(connection)
    if key_id is not None:
        if store.keys is None:
            raise needed(key_id, where=store.name, given=None)
        store.keys.find(key_id, where=store.name)


def encryption_key(connection: Connection) -> bytes | None:
    """The id of the key that a store is encrypted with; None when it is not."""
    named = connection.execute(select(facts.c.value).where(facts.c.name == _KEY_FACT)).scalar()
    return bytes.fromhex(named) if named else None


def note_encryption_key(connection: Connection, keys: KeyRing) -> None:
    """Note that a store is encrypted with the newest key from now on."""
    connection.execute(delete(facts).where(facts.c.name == _KEY_FACT))
    connection.execute(insert(facts).values(name=_KEY_FACT, value=keys.newest.id.hex()))


def _bring_up_to_date(store: Store) -> None:
    """Make or change the tables where they are older than this program."""
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    if _version(store) == head:
        return
    with store.write() as connection:
        config.attributes["connection"] = connection
        found = _version_in(connection)
        if found is not None and found not in _known(config):
            do = "use the belscore that made it, or a later one"
            raise BelscoreError("the store was made by a later belscore", where=store.name, do=do)
        if found is None and inspect(connection).get_table_names():
            do = "name a file or a database that has nothing else in it"
            raise BelscoreError("holds tables of another program", where=store.name, do=do)
        command.upgrade(config, "head")


def _version(store: Store) -> str | None:
    with store.read() as connection:
        return _version_in(connection)


def _version_in(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _known(config: Config) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def alembic_config() -> Config:
    """How Alembic finds the migrations, in the package itself: no file beside it is needed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config
