"""A PostgreSQL server for the tests: of this machine's own binaries, reached by a socket in a folder that goes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "belscore"
_START_S = 30.0
# Who may run a server when the tests are run by root, which initdb refuses.
_ORDINARY_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; `folder` has its data and its socket."""

    folder: Path
    _names: Iterator[int] = field(default_factory=count)

    def new_store(self) -> str:
        """The address of a store that nobody has used yet: a schema, for which the server makes no 300 files."""
        name = f"store_{next(self._names)}"
        _execute(self.folder, f"create schema {name}")
        return f"{_address(self.folder)}&options=-csearch_path%3D{name}"


def missing() -> str:
    """What is to be installed before a server can run; "" when nothing is."""
    if os.name == "nt":
        return "the tests on PostgreSQL need a system with sockets in files"
    if _binaries() is None:
        return "no PostgreSQL server: install it (Debian, Ubuntu: apt install postgresql), or run `make test-postgres`"
    if find_spec("psycopg") is None:
        return "no psycopg: install the extra `postgres`, or run `make test-postgres`"
    return ""


@contextlib.contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server and stop it at the end; skips the test when there is none to start."""
    if missing():
        pytest.skip(missing())
    binaries, as_user = _binaries(), _as_user()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="belscore-pg-"))
    data, log = folder / "data", folder / "log"
    try:
        if as_user:
            shutil.chown(folder, as_user["user"], as_user["group"])
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
        common: dict[str, Any] = {"cwd": folder, "env": environment, "stderr": subprocess.STDOUT, **as_user}
        owner = ["-U", _USER, "-A", "trust"]
        make = [str(binaries / "initdb"), "-D", str(data), *owner, "-E", "UTF8", "--no-locale", "--no-sync"]
        made: subprocess.CompletedProcess[bytes] = subprocess.run(make, stdout=subprocess.PIPE, check=False, **common)
        assert made.returncode == 0, made.stdout.decode()
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "max_connections=40"]
        start = [str(binaries / "postgres"), "-D", str(data), *(part for each in settings for part in ("-c", each))]
        with log.open("wb") as told:
            server: subprocess.Popen[bytes] = subprocess.Popen(start, stdout=told, **common)
        try:
            _wait_for(server, folder, log)
            yield PostgresServer(folder)
        finally:
            # SIGQUIT is what the server calls an immediate shutdown: it writes nothing more, and nothing is needed.
            server.send_signal(signal.SIGQUIT)
            server.wait(_START_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    """The folder with initdb and postgres, of the newest version where there are several."""
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: path.parts[-3].zfill(3), reverse=True)
    found = next(iter(versions), None) or shutil.which("initdb")
    folder = Path(found).parent if found else None
    return folder if folder is not None and (folder / "postgres").exists() else None


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in _ORDINARY_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.skip(f"root cannot run a PostgreSQL server, and there is no user {' or '.join(_ORDINARY_USERS)}")


def _wait_for(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    until = time.monotonic() + _START_S
    while True:
        try:
            _execute(folder, "select 1")
            return
        except OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)


def _execute(folder: Path, statement: str) -> None:
    engine = create_engine(_address(folder), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def _address(folder: Path) -> str:
    return f"postgresql+psycopg://{_USER}@/postgres?host={folder}"
