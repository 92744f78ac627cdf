"""What goes wrong around a batch: power, disk, locks, files, workers, the server. Nothing is lost or doubled by it."""

from __future__ import annotations

import contextlib
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

import power_cuts
from belscore.batch.executor import Result
from belscore.batch.local import LocalExecutor
from belscore.batch.work import make_task_scorer
from belscore.cli.work import Settings
from belscore.errors import BelscoreError
from belscore.store import database
from belscore.store import jobs as job_steps
from belscore.store.database import Store, open_store
from belscore.store.tables import calls
from power_cuts import Prepared, Recordings

if TYPE_CHECKING:
    from postgres_server import PostgresServer

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="the cuts are made in forked processes")


class Hooked(Prepared):
    """Calls `hook` with the number of the task that it is about to give the result of, from 1."""

    def __init__(self, made: Recordings, hook: Callable[[int], None]) -> None:
        super().__init__(made.results)
        self._hook, self._number = hook, 0

    def results(self, timeout_s: float) -> Iterator[Result]:
        self._number += 1
        self._hook(self._number)
        return super().results(timeout_s)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    return Recordings(tmp_path_factory.mktemp("batch"))


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    with open_store(store_address) as opened:
        yield opened


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "belscore.db") as opened:
        yield opened


def goes_on(made: Recordings, store: Store) -> None:
    """The next run makes it whole."""
    made.run(store)
    made.check(store, made.judging.digest, judgings=1)


# ---- power


def cuts(*arguments: str) -> int:
    command = [sys.executable, power_cuts.__file__, *arguments]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


@forks
@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "at_least"), [("store", 40), ("batch", 100), ("again", 80), ("rescore", 40)])
def test_power_cut_at_any_step_loses_nothing_and_doubles_nothing(scenario: str, at_least: int, tmp_path: Path) -> None:
    assert cuts(scenario, str(tmp_path)) >= at_least


@forks
@pytest.mark.slow
def test_process_that_ends_around_a_commit_loses_nothing(tmp_path: Path) -> None:
    assert cuts("batch", str(tmp_path), "commits") >= 10


@forks
@pytest.mark.postgres
@pytest.mark.parametrize("scenario", ["batch", "again", "rescore"])
def test_process_that_ends_at_any_commit_on_a_server_loses_nothing(
    scenario: str, tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELSCORE_HASH_KEY", "k" * 64)
    assert cuts(scenario, str(tmp_path), server_address(postgres_server)) >= 4


def server_address(server: PostgresServer) -> str:
    """Of the server itself, without the schema of a store."""
    return server.new_store().partition("&")[0]


def test_what_was_said_to_be_kept_is_synced(file_store: Store) -> None:
    """The copies of `power_cuts` hold what was synced: that each commit does so is SQLite's part, when it is asked."""
    full = 2
    for opened in (file_store.read(), file_store.write()):
        with opened as connection:
            assert connection.execute(text("pragma synchronous")).scalar() == full
            assert connection.execute(text("pragma journal_mode")).scalar() == "wal"


# ---- disk full


def test_full_disk_at_any_moment_is_told_and_costs_nothing(made: Recordings, tmp_path: Path) -> None:
    told = []
    for more_pages in range(8):
        with open_store(tmp_path / f"{more_pages}.db") as store:
            with store.read() as connection:
                pages = connection.execute(text("pragma page_count")).scalar_one()

            def limit(raw: Any, _record: object, most: int = pages + more_pages) -> None:
                raw.execute(f"pragma max_page_count = {most}").close()

            store.engine.dispose()
            event.listen(store.engine, "connect", limit)
            try:
                made.run(store)
            except BelscoreError as error:
                told.append(str(error))
            event.remove(store.engine, "connect", limit)
            store.engine.dispose()
            goes_on(made, store)
    assert 1 < len(told) < 8
    assert {line.partition(".db: ")[2] for line in told} == {
        "database or disk is full; make room on the disk and run again; nothing is half written"
    }


_ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$4" belscore "$3" || exit 99
run() { "$1" -c "from belscore.cli import main; main()" batch "$2" --store "$3/s.db" --workers 1; echo "exit $?"; }
run "$@"
mount -o remount,size=64m "$3"
run "$@"
cp "$3"/s.db* "$5"
"""


@pytest.mark.slow
@pytest.mark.parametrize(("size", "scored"), [("64k", False), ("768k", True)])
def test_disk_that_is_really_full_is_told_in_one_line(size: str, scored: bool, tmp_path: Path) -> None:
    """On a file system in memory, which nobody else sees."""
    folder, disk, kept = (tmp_path / name for name in ("opnamen", "schijf", "bewaard"))
    for each in (folder, disk, kept):
        each.mkdir()
    paths = sorted(power_cuts.DIALOGUES.glob("*.call"))[:12]
    for path in paths:
        shutil.copy(path, folder)
    may = ["--mount"] if os.name == "posix" and os.geteuid() == 0 else ["--mount", "--map-root-user"]
    script = ["sh", "-c", _ON_A_SMALL_DISK, "sh", sys.executable, str(folder), str(disk), size, str(kept)]
    try:
        ended = subprocess.run(["unshare", *may, *script], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare: a small disk cannot be made")
    if ended.returncode and "exit" not in ended.stdout:
        pytest.skip(f"a small disk cannot be made: {ended.stderr.strip()}")
    first, second = ended.stdout.split("exit 2\n")
    assert (first, second.endswith("\nexit 0\n")) == ("", True), ended.stderr
    [line] = ended.stderr.splitlines()
    assert line.startswith(f"{disk}/s.db: ")
    assert "make room on the disk" in line
    with open_store(kept / "s.db") as store, store.read() as connection:
        assert connection.execute(select(func.count()).select_from(calls)).scalar_one() == len(paths)
    at_once = int(second.partition("Beoordeeld: ")[2].split()[0])
    assert (at_once < len(paths)) is scored


# ---- locks


def test_writer_that_stays_is_told_and_costs_nothing(
    made: Recordings, store: Store, store_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_S", 0.2)
    with ExitStack() as held, open_store(store_address) as waiting:

        def hook(number: int) -> None:
            if number == 2:
                held.enter_context(store.write())

        with pytest.raises(BelscoreError, match="another program has it; end that one, or try again later"):
            made.run(waiting, executor=Hooked(made, hook))
    goes_on(made, store)


def test_writer_that_goes_is_waited_for(made: Recordings, store: Store, store_address: str) -> None:
    busy, writers = threading.Event(), []

    def write() -> None:
        with open_store(store_address) as other, other.write():
            busy.set()
            time.sleep(0.5)

    def hook(number: int) -> None:
        if number == 2:
            writers.append(threading.Thread(target=write))
            writers[0].start()
            assert busy.wait(30)

    made.run(store, executor=Hooked(made, hook))
    writers[0].join()
    made.check(store, made.judging.digest, judgings=1)


# ---- files


def test_file_that_may_not_be_read_fails_alone(
    made: Recordings, file_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read every file: the refusal is played."""
    opened = Path.open

    def refuse(self: Path, *arguments: Any, **named: Any) -> Any:
        if self.name == "a.call":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        made.run(file_store)
    with file_store.read() as connection:
        reasons = {Path(path).name: reason for path, reason in job_steps.failures(connection, made.folder)}
        states = job_steps.counts(connection, made.folder)
    assert reasons["a.call"] == f"{made.folder / 'a.call'}: Permission denied"
    assert (states["done"], states["failed"], sum(states.values())) == (1, 3, 5)
    made.run(file_store, retry_failed=True)
    made.check(file_store, made.judging.digest, judgings=1)


def test_share_that_is_unmounted_midway_leaves_its_files_waiting(tmp_path: Path, file_store: Store) -> None:
    """An unmounted share leaves its folder behind, empty."""
    made = Recordings(tmp_path)
    away = tmp_path / "weg"

    def hook(number: int) -> None:
        if number == 2:
            away.mkdir()
            for path in sorted(made.folder.iterdir()):
                path.rename(away / path.name)

    with pytest.raises(BelscoreError, match="the folder is gone or empty"):
        made.run(file_store, executor=Hooked(made, hook))
    with file_store.read() as connection:
        assert job_steps.failures(connection, made.folder) == []
    for path in away.iterdir():
        path.rename(made.folder / path.name)
    goes_on(made, file_store)


_DAMAGED = {
    "leeg.wav": b"",
    "kop.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00\x40\x1f\x00\x00",
    "ruis.mp3": random.Random(1).randbytes(20_000),
    "ruis.opus": b"OggS" + random.Random(2).randbytes(20_000),
    "ruis.flac": b"fLaC" + random.Random(3).randbytes(20_000),
    "tekst.m4a": b"dit is geen geluid\n" * 100,
}


def test_damaged_recordings_fail_alone_with_a_line_each(tmp_path: Path, file_store: Store) -> None:
    made = Recordings(tmp_path)
    for name, content in _DAMAGED.items():
        (made.folder / name).write_bytes(content)

    class Scoring(Prepared):
        def __init__(self) -> None:
            super().__init__(made.results)
            self._score = make_task_scorer(Settings(cache=False))

        def results(self, timeout_s: float) -> Iterator[Result]:
            if self._waiting[0].path.name in _DAMAGED:
                return iter([self._score(self._waiting.pop(0))])
            return super().results(timeout_s)

    made.run(file_store, executor=Scoring())
    with file_store.read() as connection:
        reasons = {Path(path).name: reason for path, reason in job_steps.failures(connection, made.folder)}
    assert sorted(reasons) == sorted([*_DAMAGED, "c.call", "d.wav"])
    for name, reason in reasons.items():
        assert name in reason
        assert "\n" not in reason
        assert "Error" not in reason
    power_cuts.check_calls(file_store, made.good, judgings=1)


# ---- workers


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the workers are looked for in /proc")
@pytest.mark.slow
def test_workers_that_are_killed_from_outside_cost_nothing(tmp_path: Path, file_store: Store) -> None:
    """One at work, one that is still starting: MAX_ATTEMPTS is one more than both."""
    made = Recordings(tmp_path)
    # Which of two copies is judged, and which is the copy, hangs on the moment at which a worker goes.
    (made.folder / "e-kopie.call").unlink()
    made.states = {name: state for name, state in made.states.items() if name != "e-kopie.call"}
    tellers = iter([0.0, 1.5])

    class Killing(LocalExecutor):
        since_s = time.monotonic()

        def results(self, timeout_s: float) -> Iterator[Result]:
            wait_s = next(tellers, None)
            if wait_s is not None:
                time.sleep(wait_s)
                os.kill(self._workers._workers[0].process.pid or 0, signal.SIGKILL)
            return super().results(timeout_s)

    made.run(file_store, executor=Killing(Settings(cache=False), workers=1))
    made.check(file_store, made.judging.digest, judgings=1)


# ---- a server that goes


class KillableServer:
    """A server of one test, that can be killed as the kernel does when memory is short, and started again."""

    def __init__(self, server: PostgresServer) -> None:
        self.address = server.new_store()
        self._folder = server.folder
        self._started: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        process = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGKILL)
        # As long as it is not waited for it still counts as running.
        if self._started is None:
            os.waitpid(process, 0)
        else:
            self._started.wait()

    def start_again(self) -> None:
        """It refuses as long as a process of the killed one is still there, and answers when it has recovered."""
        from postgres_server import _as_user

        command = shlex.split((self._folder / "data" / "postmaster.opts").read_text())
        engine = create_engine(self.address, poolclass=NullPool)
        until_s = time.monotonic() + 60
        with (self._folder / "log").open("ab") as log:
            while True:
                self._started = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, **_as_user())
                while self._started.poll() is None:
                    with contextlib.suppress(OperationalError), engine.connect():
                        return
                    time.sleep(0.05)
                assert time.monotonic() < until_s, (self._folder / "log").read_text()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[KillableServer]:
    from postgres_server import running_server

    monkeypatch.setenv("BELSCORE_HASH_KEY", "k" * 64)
    with running_server() as running:
        killable = KillableServer(running)
        try:
            yield killable
        finally:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, ChildProcessError):
                killable.kill()


@pytest.mark.postgres
def test_server_that_is_killed_midway_is_told_and_costs_nothing(made: Recordings, server: KillableServer) -> None:
    with open_store(server.address) as store:
        executor = Hooked(made, lambda number: server.kill() if number == 2 else None)
        with pytest.raises(BelscoreError, match="see that the server runs, try again") as told:
            made.run(store, executor=executor)
        assert "\n" not in str(told.value)
    server.start_again()
    with open_store(server.address) as store:
        goes_on(made, store)


@pytest.mark.postgres
def test_server_that_starts_again_between_two_steps_is_not_noticed(made: Recordings, server: KillableServer) -> None:
    def hook(number: int) -> None:
        if number == 2:
            server.kill()
            server.start_again()

    with open_store(server.address) as store:
        made.run(store, executor=Hooked(made, hook))
        made.check(store, made.judging.digest, judgings=1)


@pytest.mark.postgres
def test_connection_that_drops_at_a_statement_is_told_and_costs_nothing(
    made: Recordings, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELSCORE_HASH_KEY", "k" * 64)
    outside = create_engine(server_address(postgres_server))
    drop = text("select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend'"
                " and pid <> pg_backend_pid()")  # fmt: skip
    told = []
    for drop_at in range(5, 150, 12):
        with open_store(postgres_server.new_store()) as store:
            left = [drop_at]

            def hear(*_: object, left: list[int] = left) -> None:
                left[0] -= 1
                if not left[0]:
                    with outside.connect() as connection:
                        connection.execute(drop)

            event.listen(store.engine, "before_cursor_execute", hear)
            try:
                made.run(store)
            except BelscoreError as error:
                told.append(str(error))
            left[0] = 0
            goes_on(made, store)
    outside.dispose()
    assert len(told) > 5
    assert [line for line in told if "; see that the server runs, try again" not in line] == []
