"""A run that is cut at every step it takes in the store, and what the next run makes of what it left.

Run by `test_batch_faults` in a process of its own, in which rules are read and calls scored once: each cut then costs
a fork and a run of a tenth of a second.

    python tests/power_cuts.py SCENARIO FOLDER          copies of a store in a file at every step
    python tests/power_cuts.py SCENARIO FOLDER commits  the process itself ends, before or after every third commit
    python tests/power_cuts.py SCENARIO FOLDER ADDRESS  the same on a PostgreSQL server, at each commit
"""

from __future__ import annotations

import gc
import os
import random
import shutil
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

# Imported here once, not in every fork.
import alembic.command
import alembic.runtime.migration  # noqa: F401
from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.default import DefaultDialect

from belscore import rescoring
from belscore.batch.executor import Executor, Result, Scored, Task
from belscore.batch.facts import FactSource
from belscore.batch.judging import Judging, judging_of
from belscore.batch.run import Run
from belscore.batch.wishes import Wishes
from belscore.batch.work import content_of, make_task_scorer
from belscore.cli.work import Settings
from belscore.metadata import read_call_table
from belscore.profile import Profile
from belscore.rescoring import JudgedBy
from belscore.store.audit import first_break
from belscore.store.caller_keys import caller_keys
from belscore.store.database import Store, open_store
from belscore.store.rescored import Choice
from belscore.store.tables import (
    audit,
    calls,
    findings,
    jobs,
    ledger,
    metadata,
    missed_calls,
    questions,
    scorecards,
    situations,
    transcripts,
)

DIALOGUES = Path(__file__).parent / "dialogues"
_CUT = 77
# What a disk writes whole, and what SQLite does (its default page).
_SECTOR_BYTES, _PAGE_BYTES = 512, 4096
_LOG_HEADER_BYTES = 32
_SOME = 3
# Torn copies of each commit: each sector of what was not synced yet is there or not, by chance.
_TEARS = 4
# Pages in the write-ahead log after which it is put into the database: so few that it happens within a run.
_CHECKPOINT_PAGES = 12

What = Literal["statement", "before commit", "after commit"]
Hear = Callable[[What], None]


def watch(hear: Hear) -> None:
    """Call `hear` before each statement, and before and after each commit, of every database from here on."""
    commit: Callable[..., None] = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        hear("before commit")
        commit(self, connection)
        hear("after commit")

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]
    event.listen(Engine, "before_cursor_execute", lambda *_: hear("statement"))


class Cutter:
    """Ends the process before or after a commit, as a power cut does: nothing is closed, given back or written."""

    def __init__(self, cut_at: int) -> None:
        self._left = cut_at

    def __call__(self, what: What) -> None:
        self._left -= what != "statement"
        if not self._left:
            os._exit(_CUT)


def in_fork(function: Callable[[], None]) -> int:
    """Run in a process of its own, and tell its exit code: 0 when it came through."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    try:
        function()
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)


# ---- scenarios


class Prepared:
    """An executor that has the results already."""

    capacity = 3

    def __init__(self, results: Mapping[str, Result]) -> None:
        self._results, self._waiting = results, list[Task]()

    def submit(self, task: Task) -> None:
        self._waiting.append(task)

    def results(self, timeout_s: float) -> Iterator[Result]:  # noqa: ARG002
        task = self._waiting.pop(0)
        yield replace(self._results[task.path.name], task=task)

    def close(self) -> None:
        self._waiting.clear()


class Recordings:
    """A folder of calls: good ones, a copy, one that is no call and a damaged recording; and a row without a file."""

    states: Mapping[str, str] = {
        "a.call": "done",
        "b.call": "done",
        "e-kopie.call": "duplicate",
        "c.call": "failed",
        "d.wav": "failed",
    }

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "opnamen"
        self.folder.mkdir(exist_ok=True)
        with_promise, other = _dialogues(2)
        for name, source in (("a", with_promise), ("b", other), ("e-kopie", other)):
            shutil.copy(source, self.folder / f"{name}.call")
        (self.folder / "c.call").write_text("0.0-1.0 nobody Hallo.\n")
        (self.folder / "d.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEnothing")
        self.table = folder / "calls.csv"
        self.table.write_text("file,answered,started_at,ring_s\na.call,ja,,\n,nee,2026-10-06T09:12,8\n")
        score = make_task_scorer(Settings(cache=False))
        tasks = [Task(0, path, content_of(path)) for path in sorted(self.folder.iterdir())]
        self.results = {task.path.name: score(task) for task in tasks}
        scored = {name for name, result in self.results.items() if isinstance(result, Scored)}
        assert scored == {name for name, state in self.states.items() if state != "failed"}
        self.judging = replace(judging_of(Settings(cache=False)), no_model=None)

    @property
    def good(self) -> list[Scored]:
        return [each for name in ("a.call", "b.call") if isinstance(each := self.results[name], Scored)]

    def run(
        self, store: Store, judging: Judging | None = None, executor: Executor | None = None, **wanted: bool
    ) -> None:
        """wanted : as in `Wishes`"""
        facts, wishes = FactSource(caller_keys(store), read_call_table(self.table)), Wishes(**wanted)  # type: ignore[arg-type]
        executor = executor or Prepared(self.results)
        Run(store, executor, self.folder, judging or self.judging, facts, wishes, actor="test").run()

    def check(self, store: Store, digest: str, judgings: int) -> None:
        """Each content has one call, judged so often and once by what counts; each file is settled.

        digest : of the settings that it was judged with last
        """
        with store.read() as connection:
            found = connection.execute(select(jobs.c.path, jobs.c.state, jobs.c.owner, jobs.c.settings_digest)).all()
            assert {Path(row.path).name: row.state for row in found} == self.states
            assert {row.owner for row in found} == {None}
            assert {row.settings_digest for row in found if row.state == "done"} == {digest}
            assert connection.execute(select(func.count()).select_from(missed_calls)).scalar_one() == 1
            actions = connection.execute(select(audit.c.action)).scalars().all()
        assert actions[-1] == "batch ended"
        check_calls(store, self.good, judgings)


def check_calls(store: Store, expected: Sequence[Scored], judgings: int) -> None:
    """The store has these calls once, with all that belongs to them once; they were judged so often."""
    with store.read() as connection:
        ids = {row.sha256: row.id for row in connection.execute(select(calls.c.sha256, calls.c.id))}
        assert sorted(ids) == sorted(each.task.sha256 for each in expected)
        for each in expected:
            call_id = ids[each.task.sha256]

            def rows(table: Any, *conditions: Any, of: int = call_id) -> int:
                counted = select(func.count()).select_from(table).where(table.c.call_id == of, *conditions)
                return int(connection.execute(counted).scalar_one())

            assert rows(transcripts) == 1
            assert rows(scorecards) == judgings
            assert rows(scorecards, scorecards.c.current, scorecards.c.body.is_not(None)) == 1
            assert rows(scorecards, scorecards.c.current.is_(False), scorecards.c.body.is_(None)) == judgings - 1
            assert rows(findings) == len(each.card.findings)
            assert rows(ledger) == len(each.card.ledger)
            assert rows(situations) == len(each.card.situations)
            assert rows(questions) == 0
        everything = connection.execute(select(func.count()).select_from(findings)).scalar_one()
        assert everything == sum(len(each.card.findings) for each in expected)
        assert first_break(connection) is None
        if store.is_sqlite:
            assert connection.execute(text("pragma integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("pragma foreign_key_check")).all() == []


@cache
def _dialogues(number: int) -> list[Path]:
    """Dialogues with other words, the first with a promise in it."""
    paths = sorted(DIALOGUES.glob("*.call"))
    first = next(path for path in paths if "terugbel" in path.read_text(encoding="utf-8"))
    return [first, *(path for path in paths[:: len(paths) // number] if path != first)][:number]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is cut and run again (`act`), on a store that `before` fills (None: no store); `check` is what must hold."""

    before: Callable[[Store], None] | None
    act: Callable[[Store], None]
    check: Callable[[Store], None]


def store_made(_folder: Path) -> Scenario:
    def check(store: Store) -> None:
        with store.read() as connection:
            rows = {name: connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
                    for name in metadata.tables}  # fmt: skip
        assert {name: number for name, number in rows.items() if number} == {"facts": 1}

    return Scenario(None, lambda store: (caller_keys(store), None)[1], check)


def new_batch(folder: Path) -> Scenario:
    made = Recordings(folder)
    return Scenario(
        lambda store: (caller_keys(store), None)[1],
        made.run,
        lambda store: made.check(store, made.judging.digest, judgings=1),
    )


def batch_again(folder: Path) -> Scenario:
    """The same files with other settings: each call is replaced."""
    made = Recordings(folder)
    other = replace(made.judging, digest="0" * 64)
    return Scenario(
        made.run,
        lambda store: made.run(store, other, again=True),
        lambda store: made.check(store, other.digest, judgings=2),
    )


def rescored(folder: Path) -> Scenario:
    """Stored calls judged by other rules, one in a transaction."""
    made = Recordings(folder)
    other = Profile(weights={"opening-begroeting": 1}).applied(made.judging.rules)
    assert other.digest != made.judging.rules.digest
    # Read once, here: not at each of hundreds of runs.
    JudgedBy.load = lambda self: (other, None)  # type: ignore[method-assign]  # noqa: ARG005
    rescoring.BLOCK = rescoring._PART = 1

    def act(store: Store) -> None:
        rescoring.rescore(store, JudgedBy(), Choice(), actor="test")

    def check(store: Store) -> None:
        check_calls(store, made.good, judgings=2)
        with store.read() as connection:
            told = connection.execute(select(audit.c.subject).where(audit.c.action == "rescored")).scalars().all()
        assert told == ["1 calls", "1 calls"]

    return Scenario(made.run, act, check)


SCENARIOS: Mapping[str, Callable[[Path], Scenario]] = {
    "store": store_made,
    "batch": new_batch,
    "again": batch_again,
    "rescore": rescored,
}


# ---- cuts


def run_on(address: str, *functions: Callable[[Store], None] | None) -> Callable[[], None]:
    def run() -> None:
        with open_store(address) as store:
            for function in functions:
                if function is not None:
                    function(store)

    return run


def cut_at_commits(scenario: Scenario, addresses: Iterator[str], *, every: int = 1) -> int:
    """End a run before and after its commits, then run again; returns how many cuts there were.

    addresses : of stores that are filled already, another for each cut
    every     : only so many of the cuts; an odd number takes those before commits and those after in turn
    """
    for number, address in enumerate(addresses):
        step = 1 + number * every
        act = run_on(address, scenario.act)

        def cut(step: int = step, act: Callable[[], None] = act) -> None:
            watch(Cutter(step))
            act()

        ended = in_fork(cut)
        assert ended in (0, _CUT), f"cut {step}: the run failed before it"
        again = (scenario.act, scenario.check) if ended else (scenario.check,)
        assert in_fork(run_on(address, *again)) == 0, f"cut {step}: the next run does not make it whole"
        if ended == 0:
            return number
    raise AssertionError


def files_filled(scenario: Scenario, folder: Path) -> Iterator[str]:
    """Copies of a store in a file; one at a time is there."""
    filled, place = folder / "gevuld", folder / "nu"
    filled.mkdir()
    if scenario.before is not None:
        assert in_fork(run_on(str(filled / "s.db"), scenario.before)) == 0
    while True:
        shutil.copytree(filled, place)
        yield str(place / "s.db")
        shutil.rmtree(place)


def databases_filled(scenario: Scenario, server: str) -> Iterator[str]:
    """Copies of a store on a server, each a database of its own; one at a time is there.

    server : address of a database on it
    """
    url, filled, copied = make_url(server), f"filled_{os.getpid()}", f"cut_{os.getpid()}"

    def address(name: str) -> str:
        return url.set(database=name).render_as_string(hide_password=False)

    def tell(statement: str) -> None:
        with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(statement))

    assert in_fork(lambda: tell(f"create database {filled}")) == 0
    assert in_fork(run_on(address(filled), scenario.before)) == 0
    while True:
        assert in_fork(lambda: tell(f"create database {copied} template {filled}")) == 0
        yield address(copied)
        assert in_fork(lambda: tell(f"drop database {copied} with (force)")) == 0


# ---- what a disk holds after a power cut


def resume_from_every_step(scenario: Scenario, folder: Path) -> int:
    """Copy a store at each step of a run, as it is and as a disk may have it, and run again on the copies.

    As it is, the disk has what a process leaves that dies at that step. Without power it may have less: what was
    written before a commit was synced by the commit before, but of the write-ahead log each sector that is new may or
    may not have come, in any order; of the database itself any new page, while the log it came from is still whole.

    Returns how many steps there were.
    """
    address = Path(next(files_filled(scenario, folder)))
    shots = folder / "shots"
    shots.mkdir()
    assert in_fork(lambda: _run_with_copies(scenario, address, shots)) == 0
    steps = sorted(shots.iterdir(), key=lambda path: int(path.name))
    draw = random.Random(20261122)
    before: Path | None = None
    for shot in steps:
        where = f"step {shot.name}"
        if before is not None and _bytes(shot) == _bytes(before):
            continue
        if before is not None:
            states = {_state(_copied(each, folder)) for each in (before, shot)}
            for number in range(_TEARS):
                place = _copied(before, folder)
                _tear(before, shot, place.parent, draw)
                assert _state(place) in states, f"{where}, copy {number}: neither as before it nor as after it"
        place = _copied(shot, folder)
        assert in_fork(run_on(str(place), scenario.act, scenario.check)) == 0, f"{where}: is not made whole"
        before = shot
    assert before is not None
    return int(shots.with_name("steps").read_text())


def _run_with_copies(scenario: Scenario, path: Path, shots: Path) -> None:
    """Copies bear the number of their step."""
    steps = 0
    seen: object = None

    def hear(what: What) -> None:
        nonlocal steps, seen
        steps += 1
        found = _look(path)
        if what == "statement" and found == seen:
            return
        seen = found
        # In a fork: closing the file in this process would give up the locks that SQLite has on it.
        assert in_fork(lambda: _copy(path.parent, shots / str(steps))) == 0

    def few_pages(raw: Any, _record: object) -> None:
        raw.execute(f"pragma wal_autocheckpoint = {_CHECKPOINT_PAGES}").close()

    event.listen(Engine, "connect", few_pages)
    watch(hear)
    run_on(str(path), scenario.act)()
    shots.with_name("steps").write_text(str(steps))


def _look(path: Path) -> tuple[object, ...]:
    """Tells whether anything was written since; the log may be read here, since SQLite has no locks on it."""
    log = path.with_name(f"{path.name}-wal")
    stamp = (path.stat().st_size, path.stat().st_mtime_ns) if path.exists() else None
    return stamp, log.read_bytes() if log.exists() else b""


def _copy(folder: Path, to: Path) -> None:
    shutil.copytree(folder, to)


def _bytes(shot: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(shot.iterdir()) if not path.name.endswith("-shm")]


def _copied(shot: Path, folder: Path) -> Path:
    place = folder / "torn"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(shot, place)
    return place / "s.db"


def _tear(before: Path, after: Path, place: Path, draw: random.Random) -> None:
    """Write what the disk may hold when the power went between two states; the index of the log is in memory alone."""
    log = "s.db-wal"
    (place / "s.db-shm").unlink(missing_ok=True)
    name, unit = log, _SECTOR_BYTES
    checkpointed = (after / log).exists() and (after / "s.db").read_bytes() != (before / "s.db").read_bytes()
    if checkpointed and draw.random() < 0.5:
        shutil.copy(after / log, place / log)
        name, unit = "s.db", _PAGE_BYTES
    old, new = (each.read_bytes() if (each := shot / name).exists() else b"" for shot in (before, after))
    if name == log and len(old) >= _LOG_HEADER_BYTES:
        # A log that is begun anew has its header synced before anything else is written to it (walRestartHdr, wal.c).
        old = new[:_LOG_HEADER_BYTES] + old[_LOG_HEADER_BYTES:]
    (place / name).write_bytes(_mixed(old, new, unit, draw))


def _mixed(old: bytes, new: bytes, unit: int, draw: random.Random) -> bytes:
    """Bytes of which each unit is the old or the new one; what never came is zeros, or not there at all."""
    share, mixed = draw.random(), bytearray()
    for start in range(0, len(new), unit):
        came = draw.random() < share
        mixed += new[start : start + unit] if came else old[start : start + unit].ljust(unit, b"\0")
    return bytes(mixed[: draw.randrange(len(old), len(new) + 1)] if len(new) > len(old) else mixed)


def _state(path: Path) -> str:
    """Everything that is in a store."""
    raw = sqlite3.connect(path)
    try:
        assert raw.execute("pragma integrity_check").fetchall() == [("ok",)]
        return "\n".join(raw.iterdump())
    finally:
        raw.close()


def main() -> None:
    """Print how many cuts or steps the store came through; ends with a traceback at the first that it did not."""
    name, folder, *at = sys.argv[1:]
    scenario = SCENARIOS[name](Path(folder))
    if at and at != ["commits"]:
        import_module("psycopg")  # not in each fork
    gc.freeze()  # the forks share what is there
    if not at:
        print(resume_from_every_step(scenario, Path(folder)))
    elif at == ["commits"]:
        print(cut_at_commits(scenario, files_filled(scenario, Path(folder)), every=_SOME))
    else:
        print(cut_at_commits(scenario, databases_filled(scenario, *at)))


if __name__ == "__main__":
    main()
