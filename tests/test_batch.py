"""A batch: each call once, whatever happens to workers, files, the run or the machine."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from belscore.batch.executor import Changed, Lost, Refused, Result, Task
from belscore.batch.facts import FactSource
from belscore.batch.judging import Judging, judging_of
from belscore.batch.local import LocalExecutor
from belscore.batch.run import LOST_IN_A_ROW, Run
from belscore.batch.standing import Summary
from belscore.batch.wishes import Watching, Wishes
from belscore.batch.work import make_task_scorer
from belscore.cli.work import Settings
from belscore.engine import score_call
from belscore.errors import BelscoreError
from belscore.profile import Profile
from belscore.store import jobs
from belscore.store.audit import first_break
from belscore.store.caller_keys import caller_keys
from belscore.store.calls import Judged, put_scorecard, read_call, read_scorecard
from belscore.store.database import Store, open_store
from belscore.store.owners import Owner
from belscore.store.rule_sets import keep_rules
from belscore.store.tables import audit, calls, findings, scorecards, transcripts
from belscore.store.tables import jobs as job_table

CALL = """# {number}
0.4-4.1 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.
4.3-8.0 caller Goedemorgen, met mevrouw Jansen, tot hoe laat zijn jullie open?
8.4-10.0 agent Tot vijf uur, mevrouw Jansen. Fijne dag nog.
"""
Work = Callable[[Task], Result]


class Inline:
    """An executor that scores in this process, one task for each time it is asked."""

    def __init__(self, work: Work, capacity: int = 3) -> None:
        self.capacity = capacity
        self.work = work
        self.waiting: list[Task] = []
        self.worked: list[Task] = []
        self.is_closed = False

    def submit(self, task: Task) -> None:
        assert len(self.waiting) < self.capacity
        self.waiting.append(task)

    def results(self, timeout_s: float) -> Iterator[Result]:  # noqa: ARG002
        if self.waiting:
            self.worked.append(self.waiting.pop(0))
            yield self.work(self.worked[-1])

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(scope="module")
def score() -> Work:
    return make_task_scorer(Settings())


@pytest.fixture(scope="module")
def judging() -> Judging:
    return judging_of(Settings())


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    with open_store(store_address) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "opnamen").mkdir()
    return tmp_path / "opnamen"


def put(folder: Path, *names: str, start: int = 0) -> None:
    for number, name in enumerate(names, start):
        (folder / name).write_text(CALL.format(number=number), encoding="utf-8")


class Batch:
    """Runs over one folder, with what one wants to look at afterwards."""

    def __init__(self, store: Store, folder: Path, judging: Judging, score: Work) -> None:
        self.store, self.folder, self.judging, self.score = store, folder, judging, score

    def run(self, executor: object = None, *, judging: Judging | None = None, **wishes: object) -> Summary:
        is_stopped = wishes.pop("is_stopped", lambda: False)
        run = Run(
            self.store,
            executor or Inline(self.score),  # type: ignore[arg-type]
            self.folder,
            judging or self.judging,
            FactSource(caller_keys(self.store)),
            Wishes(**wishes),  # type: ignore[arg-type]
            actor="test",
            is_stopped=is_stopped,  # type: ignore[arg-type]
        )
        return run.run()

    def states(self) -> dict[str, str]:
        with self.store.read() as connection:
            return {
                Path(path).name: state
                for path, state in connection.execute(select(job_table.c.path, job_table.c.state))
            }

    def reasons(self) -> dict[str, str]:
        with self.store.read() as connection:
            return {Path(path).name: reason for path, reason in jobs.failures(connection, self.folder)}


@pytest.fixture
def batch(store: Store, folder: Path, judging: Judging, score: Work) -> Batch:
    return Batch(store, folder, judging, score)


def check_whole(store: Store, expected: int) -> None:
    """So many calls, each with all that belongs to it once, and a whole audit log."""
    with store.read() as connection:
        ids = connection.execute(select(calls.c.id)).scalars().all()
        assert len(ids) == expected
        assert connection.execute(select(func.count()).select_from(transcripts)).scalar_one() == expected
        current = select(scorecards.c.call_id).where(scorecards.c.current)
        assert sorted(connection.execute(current).scalars()) == sorted(ids)
        for call_id in ids:
            found = select(func.count()).where(findings.c.call_id == call_id)
            assert connection.execute(found).scalar_one() == len(read_scorecard(connection, call_id).findings)
            assert read_call(connection, call_id).turns
        assert first_break(connection) is None


# ---- each call once


def test_second_run_scores_what_is_new_and_nothing_else(batch: Batch) -> None:
    put(batch.folder, "a.call", "b.call")
    assert batch.run().tally.scored == 2
    put(batch.folder, "c.call", start=2)
    executor = Inline(batch.score)
    assert (batch.run(executor).tally.scored, executor.is_closed) == (1, True)
    assert [task.path.name for task in executor.worked] == ["c.call"]
    check_whole(batch.store, 3)


def test_same_content_under_two_names_is_scored_once(batch: Batch) -> None:
    put(batch.folder, "a.call", "b.call")
    (batch.folder / "nog-eens.call").write_bytes((batch.folder / "a.call").read_bytes())
    executor = Inline(batch.score)
    assert batch.run(executor).tally.duplicates == 1
    assert len(executor.worked) == 2
    assert batch.states() == {"a.call": "done", "b.call": "done", "nog-eens.call": "duplicate"}
    check_whole(batch.store, 2)


def test_twin_of_a_file_that_fails_fails_too(batch: Batch) -> None:
    for name in ("a.call", "b.call"):
        (batch.folder / name).write_text("0.0-1.0 nobody Hallo.\n")
    assert batch.run().counts["failed"] == 2


def test_touched_file_is_not_scored_again(batch: Batch) -> None:
    put(batch.folder, "a.call")
    batch.run()
    os.utime(batch.folder / "a.call", (1, 1))
    summary = batch.run(Inline(lambda _task: pytest.fail("scored again")))
    assert (summary.tally.changed, summary.tally.as_before, batch.states()) == (1, 1, {"a.call": "done"})


def test_file_with_new_content_is_a_new_call(batch: Batch) -> None:
    put(batch.folder, "a.call")
    batch.run()
    put(batch.folder, "a.call", start=7)
    os.utime(batch.folder / "a.call", (1, 1))
    assert batch.run().tally.scored == 1
    check_whole(batch.store, 2)


def test_folder_without_calls_is_an_error(batch: Batch) -> None:
    with pytest.raises(BelscoreError, match="the folder holds no calls"):
        batch.run()


def test_jobs_of_another_folder_are_left_alone(batch: Batch, tmp_path: Path) -> None:
    put(batch.folder, "a.call")
    with batch.store.write() as connection:
        other = jobs.FoundFile(str(tmp_path / "opnamen-oud" / "x.call"), 1, 1)
        jobs.sync(connection, [other])
    batch.run()
    assert batch.states() == {"a.call": "done", "x.call": "waiting"}


# ---- other settings


def test_done_with_other_settings_is_told_and_scored_on_demand(batch: Batch) -> None:
    put(batch.folder, "a.call", "b.call")
    batch.run()
    other = replace(batch.judging, digest="0" * 64)
    told = batch.run(Inline(lambda _task: pytest.fail("scored again")), judging=other)
    assert (told.otherwise, told.tally.again) == (jobs.Otherwise(rules=0, settings=2), 0)
    anew = batch.run(judging=other, again=True)
    assert (anew.otherwise, anew.tally.again, anew.tally.scored) == (jobs.Otherwise(0, 0), 2, 0)
    assert batch.run(judging=other, again=True).tally.again == 0
    check_whole(batch.store, 2)


def test_done_with_other_rules_is_told_until_they_are_applied(batch: Batch) -> None:
    put(batch.folder, "a.call")
    batch.run()
    rules = Profile(weights={"opening-begroeting": 1}).applied(batch.judging.rules)
    other = replace(batch.judging, rules=rules)
    assert batch.run(judging=other).otherwise == jobs.Otherwise(rules=1, settings=0)
    with batch.store.write() as connection:
        call = read_call(connection, 1)
        put_scorecard(connection, 1, Judged(score_call(call, rules=rules), keep_rules(connection, rules)))
    assert batch.run(judging=other).otherwise == jobs.Otherwise(rules=0, settings=0)


# ---- files that cannot be scored


def test_damaged_recording_among_others_fails_alone_and_is_tried_again_on_demand(batch: Batch) -> None:
    put(batch.folder, "a.call", "c.call")
    (batch.folder / "b.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEnothing")
    summary = batch.run()
    assert (summary.tally.scored, summary.tally.failed) == (2, 1)
    assert batch.states() == {"a.call": "done", "b.wav": "failed", "c.call": "done"}
    assert "b.wav" in batch.reasons()["b.wav"]
    executor = Inline(batch.score)
    assert batch.run(executor).counts["failed"] == 1
    assert executor.worked == []
    batch.run(executor, retry_failed=True)
    assert [task.path.name for task in executor.worked] == ["b.wav"]


def test_failed_file_that_is_mended_is_scored_by_itself(batch: Batch) -> None:
    (batch.folder / "a.call").write_text("0.0-1.0 nobody Hallo.\n")
    batch.run()
    put(batch.folder, "a.call")
    assert (batch.run().tally.scored, batch.reasons()) == (1, {})


def test_file_that_vanishes_before_it_is_read_fails(batch: Batch) -> None:
    put(batch.folder, "a.call", "b.call")

    def work(task: Task) -> Result:
        (batch.folder / "b.call").unlink(missing_ok=True)
        return batch.score(task)

    batch.run(Inline(work, capacity=1))
    assert batch.states() == {"a.call": "done", "b.call": "failed"}
    assert batch.reasons()["b.call"].endswith("b.call: No such file or directory")


def test_pipe_is_not_waited_for(batch: Batch) -> None:
    put(batch.folder, "a.call")
    os.mkfifo(batch.folder / "b.call")
    assert batch.run().tally.scored == 1
    assert "not a file" in batch.reasons()["b.call"]


def test_text_that_no_database_takes_fails_alone(batch: Batch) -> None:
    put(batch.folder, "b.call")
    turn = '{"role": "agent", "start_s": 0, "end_s": 2, "text": "Goedemorgen \\ud800 met Anja."}'
    text = '{"schema": "belscore.call/1", "source": "x", "duration_s": 9, "turns": [' + turn + "]}"
    (batch.folder / "a.json").write_text(text)
    batch.run()
    assert batch.states() == {"a.json": "failed", "b.call": "done"}


def test_folder_that_is_gone_fails_no_file(batch: Batch, tmp_path: Path) -> None:
    put(batch.folder, "a.call", "b.call", "c.call")

    def work(task: Task) -> Result:
        if batch.folder.exists():
            batch.folder.rename(tmp_path / "weg")
        return Refused(task, BelscoreError("no such file"))

    with pytest.raises(BelscoreError, match="the folder is gone or empty"):
        batch.run(Inline(work))
    (tmp_path / "weg").rename(batch.folder)
    assert set(batch.states().values()) == {"waiting"}
    assert batch.run().tally.scored == 3


# ---- files that change


def test_worker_refuses_content_that_changed_since_it_was_claimed(folder: Path, score: Work) -> None:
    put(folder, "a.call")
    assert isinstance(score(Task(1, folder / "a.call", "0" * 64)), Changed)


def test_file_that_changed_between_scan_and_scoring_is_scored_as_it_is_then(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("belscore.batch.run._REST_S", 0.0)
    put(batch.folder, "a.call")
    changes = iter([9])

    def work(task: Task) -> Result:
        for number in changes:
            put(batch.folder, "a.call", start=number)
        return batch.score(task)

    executor = Inline(work)
    assert batch.run(executor).tally.scored == 1
    assert len(executor.worked) == 2
    check_whole(batch.store, 1)


def test_file_that_keeps_changing_is_told_and_waits_for_the_next_run(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("belscore.batch.run._REST_S", 0.0)
    put(batch.folder, "a.call", "b.call")
    summary = batch.run(Inline(lambda task: Changed(task) if task.path.name == "a.call" else batch.score(task)))
    assert ["is still being written" in told for told in summary.tally.troubles] == [True]
    assert batch.states() == {"a.call": "waiting", "b.call": "done"}


# ---- workers


def test_lost_task_is_tried_by_another_worker(batch: Batch) -> None:
    put(batch.folder, "a.call")
    losses = iter(["killed"])
    summary = batch.run(Inline(lambda task: next((_lost(task) for _ in losses), None) or batch.score(task)))
    assert (summary.tally.lost, summary.tally.scored, summary.tally.failed) == (1, 1, 0)


def test_task_lost_three_times_has_failed_with_the_reason(batch: Batch) -> None:
    put(batch.folder, "a.call", "b.call")
    executor = Inline(lambda task: _lost(task) if task.path.name == "a.call" else batch.score(task))
    batch.run(executor)
    assert [task.path.name for task in executor.worked] == ["a.call", "b.call", "a.call", "a.call"]
    assert batch.reasons() == {"a.call": "killed"}


def test_run_ends_when_no_worker_lives(batch: Batch) -> None:
    put(batch.folder, *(f"{number}.call" for number in range(LOST_IN_A_ROW)))
    with pytest.raises(BelscoreError, match="in a row"):
        batch.run(Inline(_lost))
    assert set(batch.states().values()) == {"waiting"}


def _lost(task: Task) -> Result:
    return Lost(task, BelscoreError("killed"))


def make_dying(settings: Settings) -> Work:
    """A worker that is killed at one file and runs out of memory at another."""
    score = make_task_scorer(settings)

    def work(task: Task) -> Result:
        if task.path.name == "dood.call":
            os.kill(os.getpid(), signal.SIGKILL)
        if task.path.name == "vol.call":
            os._exit(137)
        return score(task)

    return work


def make_hanging(_settings: Settings) -> Work:
    """A worker that hangs at one file and refuses all others."""

    def work(task: Task) -> Result:
        if task.path.name == "hangt.call":
            time.sleep(600)
        return Refused(task, BelscoreError("refused"))

    return work


def why(batch: Batch) -> dict[str, str]:
    return {name: reason.split("worker process ")[-1].split(";")[0] for name, reason in batch.reasons().items()}


def test_worker_that_dies_costs_its_one_call(batch: Batch) -> None:
    put(batch.folder, "a.call", "dood.call", "f.call", "vol.call", "z.call")
    summary = batch.run(LocalExecutor(Settings(), workers=2, make=make_dying))
    assert (summary.tally.scored, summary.tally.lost, summary.tally.failed) == (3, 4, 2)
    assert why(batch) == {"dood.call": "was killed by signal 9", "vol.call": "ended with code 137"}
    check_whole(batch.store, 3)


def test_worker_that_hangs_costs_its_one_call(batch: Batch) -> None:
    put(batch.folder, "a.call", "hangt.call", "z.call")
    summary = batch.run(LocalExecutor(Settings(), workers=2, time_limit_s=0.5, make=make_hanging))
    assert (summary.tally.lost, summary.tally.failed) == (2, 3)
    assert why(batch) == {"a.call": "refused", "hangt.call": "was ended after 0.5 s", "z.call": "refused"}


# ---- runs that end in the middle, and runs side by side


def start_batch(folder: Path, store_address: str) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-c", "from belscore.cli import main; main()"]
    command = [*program, "batch", str(folder), "--store", store_address, "--workers", "2"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def wait_for(what: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline_s = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def done(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(calls)).scalar_one())


@pytest.mark.slow
def test_killed_at_any_moment_loses_nothing_and_doubles_nothing(store: Store, store_address: str, folder: Path) -> None:
    put(folder, *(f"{number:02}.call" for number in range(40)))
    draw = random.Random(20261122)
    for at_least in (1, 9, 17, 25):
        process = start_batch(folder, store_address)
        wait_for(lambda bound=at_least: done(store) >= bound)  # type: ignore[misc]
        time.sleep(draw.uniform(0, 0.05))
        process.kill()
        process.communicate()
    before = done(store)
    process = start_batch(folder, store_address)
    stdout, stderr = process.communicate(timeout=120)
    assert (process.returncode, stderr) == (0, b"")
    assert f"Beoordeeld: {40 - before} in" in stdout.decode()
    check_whole(store, 40)
    with store.read() as connection:
        assert jobs.counts(connection, folder)["done"] == 40


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_gives_its_jobs_back(store: Store, store_address: str, folder: Path, number: signal.Signals) -> None:
    put(folder, *(f"{number:03}.call" for number in range(200)))
    process = start_batch(folder, store_address)
    wait_for(lambda: done(store) > 0)
    os.killpg(process.pid, number)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, b"")
    assert "Wacht nog: " in stdout.decode()
    with store.read() as connection:
        there = jobs.counts(connection, folder)
        actions = connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all()
    assert (there["running"], there["failed"], there["done"] + there["waiting"]) == (0, 0, 200)
    assert actions == ["batch started", "batch ended"]


@pytest.mark.slow
def test_two_batches_at_once_share_the_work(store: Store, store_address: str, folder: Path) -> None:
    put(folder, *(f"{number:02}.call" for number in range(60)))
    for number in range(0, 60, 3):
        (folder / f"{number:02}-kopie.call").write_bytes((folder / f"{number:02}.call").read_bytes())
    runs = [start_batch(folder, store_address) for _ in range(2)]
    told = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    scored = [int(stdout.decode().split("Beoordeeld: ")[1].split()[0]) for stdout, _ in told]
    assert sum(scored) == 60
    check_whole(store, 60)
    with store.read() as connection:
        assert jobs.counts(connection, folder)["duplicate"] == 20


def test_jobs_of_a_run_that_is_gone_are_taken_back(batch: Batch) -> None:
    put(batch.folder, "a.call", "b.call", "c.call")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = Owner.this_process()
    runs = {
        "gone": replace(here, pid=ended.pid, token="x"),
        "this process before it started anew": replace(here, token="x"),
        "alive": replace(here, pid=os.getppid(), token="x"),
        "elsewhere": Owner("elsewhere", 1, "x"),
    }
    for owner in runs.values():
        with batch.store.write() as connection:
            jobs.sync(connection, [jobs.FoundFile(str(batch.folder / f"{owner.pid}-{owner.host}.call"), 1, 1)])
            jobs.claim(connection, owner, batch.folder, 1)
    with batch.store.write() as connection:
        assert jobs.release_dead(connection, here) == 2
        held = select(job_table.c.owner).where(job_table.c.state == "running").order_by(job_table.c.id)
        assert connection.execute(held).scalars().all() == [str(runs["alive"]), str(runs["elsewhere"])]
        connection.execute(update(job_table).values(lease_until=datetime(2020, 1, 1)))
        assert jobs.release_dead(connection, here) == 2


def test_result_of_a_job_that_another_run_took_over_is_dropped(batch: Batch) -> None:
    put(batch.folder, "a.call")

    def work(task: Task) -> Result:
        with batch.store.write() as connection:
            connection.execute(update(job_table).values(owner="elsewhere:1:x"))
        return batch.score(task)

    assert batch.run(Inline(work)).tally.scored == 0
    check_whole(batch.store, 0)


# ---- a drop folder


def test_file_that_is_written_slowly_is_taken_when_it_is_whole(batch: Batch) -> None:
    whole = CALL.format(number=1).encode()
    path = batch.folder / "a.call"
    executor = Inline(batch.score)
    written = iter([*range(20, len(whole), 40), len(whole)])

    def is_stopped() -> bool:
        """Asked between all steps: another piece comes each time, as the recorder writes it."""
        size = next(written, None)
        if size is not None:
            path.write_bytes(whole[:size])
            os.utime(path, ns=(size, size))
        return bool(executor.worked)

    summary = batch.run(executor, watching=Watching(poll_s=0.0, settle_s=0.5), is_stopped=is_stopped)
    assert summary.was_stopped
    assert [task.sha256 for task in executor.worked] == [hashlib.sha256(whole).hexdigest()]


def test_watching_goes_on_after_an_empty_folder(batch: Batch) -> None:
    rounds = iter(range(6))

    def is_stopped() -> bool:
        here = next(rounds, None)
        if here == 2:
            put(batch.folder, "a.call")
        return done(batch.store) > 0

    assert batch.run(watching=Watching(poll_s=0.0, settle_s=0.0), is_stopped=is_stopped).tally.scored == 1
