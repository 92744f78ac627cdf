"""A batch on Ray: the same results as here, and a worker that dies costs nothing but a second try."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from belscore.batch.executor import Lost, Refused, Result, Scored, Task
from belscore.batch.facts import FactSource
from belscore.batch.judging import judging_of
from belscore.batch.on_ray import RayExecutor
from belscore.batch.run import Run
from belscore.batch.standing import Standing
from belscore.batch.wishes import Wishes
from belscore.batch.work import content_of, make_task_scorer
from belscore.cli.work import Settings
from belscore.errors import BelscoreError
from belscore.store.caller_keys import caller_keys
from belscore.store.database import open_store
from belscore.store.tables import calls
from stored_calls import DIALOGUES

SETTINGS = Settings(cache=False)
LIMIT_S = 240.0

Test = TypeVar("Test", bound=Callable[..., None])


def cluster(test: Test) -> Test:
    """Mark a test that starts a cluster; it is skipped where that cannot be."""
    no_ray = pytest.mark.skipif(
        find_spec("ray") is None, reason="no ray: install the extra `cluster`, or run `make test-cluster`"
    )
    no_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="the tests look for the workers in /proc")
    marked: Test = pytest.mark.cluster(no_ray(no_proc(test)))
    return marked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty dialogues, each with other words than all others."""
    made = tmp_path / "gesprekken"
    made.mkdir()
    for path in sorted(DIALOGUES.glob("*.call"))[:60]:
        shutil.copy(path, made)
    assert len({content_of(path) for path in made.iterdir()}) == 60
    return made


def tasks_of(folder: Path) -> list[Task]:
    return [Task(place, path, content_of(path)) for place, path in enumerate(sorted(folder.iterdir()))]


@pytest.fixture
def executor() -> Iterator[RayExecutor]:
    opened = RayExecutor(SETTINGS, workers=2)
    yield opened
    opened.close()


def done(executor: RayExecutor, tasks: Sequence[Task], killer: Killer | None = None) -> list[Result]:
    """Hand in all tasks, as many at a time as it takes."""
    waiting, results, until_s = [*tasks][::-1], list[Result](), time.monotonic() + LIMIT_S
    while len(results) < len(tasks):
        assert time.monotonic() < until_s, f"{len(results)} of {len(tasks)}"
        while waiting and len(tasks) - len(waiting) - len(results) < executor.capacity:
            executor.submit(waiting.pop())
        results += executor.results(1.0)
        if killer is not None:
            killer.look(len(results))
    return results


@dataclass
class Killer:
    """Kills one worker that is at a task, when so many are done."""

    kill_at: int = 5
    killed: int | None = None

    def look(self, settled: int) -> None:
        if self.killed is None and settled >= self.kill_at:
            self.killed = next(iter(workers("ray::_Worker.work")), None)
            if self.killed is not None:
                os.kill(self.killed, signal.SIGKILL)


def workers(title: str = "ray::_Worker") -> list[int]:
    """Worker processes of our own cluster; Ray writes what they do in their titles."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            shown = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if shown.startswith(title.encode()) and os.getpid() in ancestors(int(folder.name)):
            found.append(int(folder.name))
    return found


def ancestors(process: int) -> Iterator[int]:
    while process > 1:
        try:
            told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        process = int(told.rpartition(")")[2].split()[1])
        yield process


def _bare(result: Result) -> Result:
    """Without the words that stand in the place of what identifies a caller: they are drawn by chance."""
    assert isinstance(result, Scored)
    return replace(result, call=replace(result.call, removed=()))


@cluster
def test_results_are_those_of_this_process(executor: RayExecutor, folder: Path) -> None:
    tasks = tasks_of(folder)[:8]
    work = make_task_scorer(SETTINGS)
    found = sorted(done(executor, tasks), key=lambda result: result.task.job)
    assert [_bare(result) for result in found] == [_bare(work(task)) for task in tasks]


@cluster
def test_worker_that_dies_costs_one_task(executor: RayExecutor, folder: Path) -> None:
    killer = Killer()
    results = done(executor, tasks_of(folder), killer)
    assert killer.killed
    assert sorted(result.task.job for result in results) == [*range(60)]
    [lost] = [result for result in results if not isinstance(result, Scored)]
    assert isinstance(lost, Lost)
    assert str(lost.error).startswith(f"{lost.task.path}: the worker died")
    [again] = done(executor, [lost.task])
    assert isinstance(again, Scored)


@cluster
def test_task_that_hangs_is_lost(folder: Path) -> None:
    executor = RayExecutor(SETTINGS, workers=1, time_limit_s=0.001)
    try:
        [lost] = done(executor, tasks_of(folder)[:1])
    finally:
        executor.close()
    assert isinstance(lost, Lost)
    assert "the worker was ended after 0.001 s" in str(lost.error)


@cluster
def test_file_that_is_no_call_is_refused(executor: RayExecutor, tmp_path: Path) -> None:
    path = tmp_path / "kapot.call"
    path.write_text("geen gesprek", encoding="utf-8")
    [refused] = done(executor, [Task(1, path, content_of(path))])
    assert isinstance(refused, Refused)
    assert str(refused.error).startswith(str(path))


@cluster
def test_rules_that_are_not_on_the_machine_end_the_run(tmp_path: Path, folder: Path) -> None:
    executor = RayExecutor(Settings(tmp_path / "geen-regels", cache=False), workers=1)
    try:
        with pytest.raises(BelscoreError, match=r".+: .*geen-regels: no such folder"):
            done(executor, tasks_of(folder)[:1])
    finally:
        executor.close()


@cluster
def test_machine_without_model_ends_the_run_and_fails_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "opname.wav"
    path.write_bytes(b"RIFF")
    executor = RayExecutor(Settings(model=str(tmp_path / "geen-model"), cache=False), workers=1)
    try:
        with pytest.raises(BelscoreError, match="geen-model"):
            done(executor, [Task(1, path, content_of(path))])
    finally:
        executor.close()


@cluster
def test_closing_ends_every_process_and_may_be_done_twice(folder: Path) -> None:
    executor = RayExecutor(SETTINGS, workers=1)
    done(executor, tasks_of(folder)[:1])
    [process] = workers()
    executor.close()
    executor.close()
    until_s = time.monotonic() + LIMIT_S
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < until_s
        time.sleep(0.1)


def listens_at(processes: Sequence[int]) -> set[str]:
    """Addresses, as /proc writes them, at which these processes wait for connections."""
    sockets = set()
    for process in processes:
        for number in [each.name for each in Path(f"/proc/{process}/fd").iterdir()]:
            with suppress(FileNotFoundError):  # closed meanwhile
                sockets.add(str(Path(f"/proc/{process}/fd/{number}").readlink()))
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


@cluster
def test_cluster_of_the_run_listens_to_this_machine_alone(executor: RayExecutor, folder: Path) -> None:
    done(executor, tasks_of(folder)[:1])
    processes = [int(each.name) for each in Path("/proc").glob("[0-9]*") if os.getpid() in ancestors(int(each.name))]
    assert listens_at([os.getpid(), *processes]) <= {"0100007F", "0000000000000000FFFF00000100007F"}


@cluster
@pytest.mark.parametrize("address", ["127.0.0.1:1", "onzin"])
def test_cluster_that_is_not_there_is_told_in_one_line(address: str) -> None:
    with pytest.raises(BelscoreError, match=f"^ray {address}: .*; check the address, and that the cluster runs$"):
        RayExecutor(SETTINGS, workers=1, address=address)


@cluster
def test_run_in_which_a_worker_dies_loses_and_doubles_nothing(folder: Path, tmp_path: Path) -> None:
    killer = Killer()

    def tell(standing: Standing) -> None:
        killer.look(standing.settled)

    with open_store(tmp_path / "belscore.db") as store:
        executor = RayExecutor(SETTINGS, workers=2)
        facts = FactSource(caller_keys(store), None, None)
        wishes = Wishes(retry_failed=False, again=False, watching=None)
        run = Run(store, executor, folder, judging_of(SETTINGS), facts, wishes, actor="Anna", tell=tell)
        summary = run.run()
        with store.read() as connection:
            stored = connection.execute(select(func.count(), func.count(calls.c.sha256.distinct()))).one()
    assert killer.killed
    assert tuple(stored) == (60, 60)
    assert (summary.counts["done"], summary.counts["failed"], summary.tally.scored) == (60, 0, 60)
    assert summary.tally.lost == 1


def test_missing_ray_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BelscoreError) as refused:
        RayExecutor(SETTINGS, workers=1)
    assert str(refused.value) == "--executor ray: the package ray is missing; install belscore with the extra `cluster`"
