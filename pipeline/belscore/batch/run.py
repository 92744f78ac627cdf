"""The loop of a batch: files to jobs, jobs to workers, results into the store.

The transactions of a run, each named for what it does and whole or not at all: `_open`, `_note` (files found),
`_prepare`, `_claim`, `_place`, one of `_keep`, `_refuse`, `_lose` and `_give_back` for each result, `_hold` (leases)
and `_close`. What is between two of them when the process is killed is a claimed job, which the next run takes back.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import DataError

from belscore.batch.executor import Changed, Executor, Lost, Refused, Result, Scored, Task
from belscore.batch.facts import FactSource, Known
from belscore.batch.judging import Judging
from belscore.batch.scan import Scan, is_there
from belscore.batch.standing import Clock, Standing, Summary, Tally, standing
from belscore.batch.wishes import Wishes
from belscore.batch.work import content_of
from belscore.errors import BelscoreError
from belscore.inputs import AUDIO_SUFFIXES, no_calls
from belscore.store import audit, jobs
from belscore.store.calls import Judged
from belscore.store.database import Store
from belscore.store.jobs import Job
from belscore.store.missed import add_missed
from belscore.store.owners import Owner
from belscore.store.rule_sets import keep_rules
from belscore.topics import topic_key

# When nothing goes right any more it is not the files: they wait for a run that can.
LOST_IN_A_ROW = 20
MAX_FAILURES_TOLD = 20
# A file that changed while it was read is left alone for so long, and for the rest of the run after so many times.
_REST_S = 5.0
_MAX_CHANGES = 3
_RESULT_S = 1.0
_IDLE_S = 0.3
_HOLD_S = jobs.LEASE.total_seconds() / 5
_COUNT_S = 5.0


class _UnderWay(NamedTuple):
    job: Job
    task: Task
    known: Known


class Run:
    """One run over a folder. The executor is closed at its end."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        folder: Path,
        judging: Judging,
        facts: FactSource,
        wishes: Wishes,
        *,
        actor: str,
        tell: Callable[[Standing], None] = lambda _standing: None,
        complain: Callable[[BelscoreError], None] = lambda _error: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """
        actor      : who is named in the audit log
        tell       : hears how the run stands, after every step
        complain   : hears of each file that could not be scored, once
        is_stopped : asked between two steps; the run then ends, with nothing half
        """
        self._store, self._executor, self._folder = store, executor, folder
        self._judging, self._facts, self._wishes = judging, facts, wishes
        self._actor, self._tell, self._complain, self._is_stopped = actor, tell, complain, is_stopped
        self._owner = Owner.this_process()
        self._tally, self._clock = Tally(), Clock()
        settle_s = wishes.watching.settle_s if wishes.watching else None
        self._scan = Scan(folder, on_error=self._has_trouble, settle_s=settle_s)
        self._under_way: dict[int, _UnderWay] = {}
        self._changes: Counter[int] = Counter()
        self._resting: dict[int, float] = {}
        self._present = jobs.Present(0, judging.trees_digest, judging.digest)
        self._lost_in_a_row = 0
        self._left = 0
        self._is_away = False
        self._held_s = self._counted_s = self._looked_s = time.monotonic()

    def run(self) -> Summary:
        """Raises BelscoreError when the store or the folder is gone, or no worker lives; nothing is lost by that."""
        try:
            self._open()
            self._look()
            self._prepare()
            while not self._is_stopped() and self._step():
                pass
        except BaseException:
            self._executor.close()
            # What cannot be given back now the next run takes back.
            with suppress(Exception):
                self._give_back(None)
            raise
        self._executor.close()
        return self._close()

    def _step(self) -> bool:
        """One round; whether there is more to do."""
        watching = self._wishes.watching
        if watching and time.monotonic() - self._looked_s >= watching.poll_s:
            self._look()
        self._hold()
        self._refill()
        self._clock.mark(is_busy=bool(self._under_way))
        if self._under_way:
            for result in self._executor.results(_RESULT_S):
                self._take(result)
        elif watching is None and not self._await_others():
            return False
        else:
            time.sleep(_IDLE_S)
        self._tell_standing()
        return True

    # ---- files to jobs

    def _open(self) -> None:
        with self._store.write() as connection:
            self._present = self._present._replace(rule_set_id=keep_rules(connection, self._judging.rules))
            jobs.release_dead(connection, self._owner)
            detail = {"run": self._owner.token, "settings": self._judging.digest}
            audit.note(connection, self._actor, "batch started", str(self._folder), detail)

    def _look(self) -> None:
        """Note what lies in the folder."""
        for part in self._scan.parts():
            self._note(part)
            self._hold()
            if self._is_stopped():
                return
        self._is_away = self._is_away and not is_there(self._folder)
        self._looked_s = time.monotonic()

    def _note(self, part: list[jobs.FoundFile]) -> None:
        for file in part:
            self._facts.saw(Path(file.path))
        with self._store.write() as connection:
            synced = jobs.sync(connection, part)
        self._tally.new += synced.new
        self._tally.changed += synced.changed

    def _prepare(self) -> None:
        """What is done once, when all files are known."""
        with self._store.write() as connection:
            if self._wishes.retry_failed:
                jobs.retry_failed(connection, self._folder)
            if self._wishes.again:
                jobs.score_again(connection, self._folder, self._present)
            self._tally.missed = add_missed(connection, self._facts.missed())
            there = jobs.counts(connection, self._folder)
        self._left = there["waiting"]
        if not any(there.values()) and self._wishes.watching is None and not self._tally.troubles:
            raise no_calls(self._folder)

    def _has_trouble(self, error: BelscoreError) -> None:
        if str(error) not in self._tally.troubles:
            self._tally.troubles[str(error)] = error
            self._complain(error)

    # ---- jobs to workers

    def _refill(self) -> None:
        free = self._executor.capacity - len(self._under_way)
        if free <= 0 or self._is_away:
            return
        claimed = self._claim(free)
        read = self._read(claimed)
        if read:
            self._place(read)
        if len(read) < len(claimed):
            self._give_back([job.id for job in claimed if job.id not in self._under_way])

    def _read(self, claimed: list[Job]) -> list[tuple[Job, str, Known]]:
        """The content of claimed jobs and what is known of them, without those that cannot be read."""
        read = []
        for job in claimed:
            if self._is_stopped() or self._is_away:
                break
            if self._judging.no_model is not None and job.path.suffix.lower() in AUDIO_SUFFIXES:
                raise self._judging.no_model
            try:
                read.append((job, content_of(job.path), self._facts.of(job.path, job.facts)))
            except BelscoreError as error:
                self._refuse(job, error)
            except OSError as error:
                self._refuse(job, BelscoreError(error.strerror or "cannot be read", where=str(job.path)))
        return read

    def _claim(self, count: int) -> list[Job]:
        now_s = time.monotonic()
        resting = [job_id for job_id, until_s in self._resting.items() if until_s > now_s]
        with self._store.write() as connection:
            claimed = jobs.claim(connection, self._owner, self._folder, count, but_not=resting)
        self._left = max(0, self._left - len(claimed))
        return claimed

    def _place(self, read: list[tuple[Job, str, Known]]) -> None:
        with self._store.write() as connection:
            placed = [jobs.place(connection, self._owner, job, sha256) for job, sha256, _ in read]
        for (job, sha256, known), what in zip(read, placed, strict=True):
            self._tally.duplicates += what == "duplicate"
            self._tally.as_before += what == "as_before"
            if what == "score":
                task = Task(job.id, job.path, sha256, known.of_call)
                self._under_way[job.id] = _UnderWay(job, task, known)
                self._executor.submit(task)

    # ---- results into the store

    def _take(self, result: Result) -> None:
        under_way = self._under_way.pop(result.task.job)
        if isinstance(result, Lost):
            self._lose(under_way.job, result.error)
            return
        self._lost_in_a_row = 0
        if isinstance(result, Scored):
            self._keep(under_way, result)
        elif isinstance(result, Refused):
            self._refuse(under_way.job, result.error)
        else:
            self._put_off(under_way.job, result)

    def _keep(self, under_way: _UnderWay, result: Scored) -> None:
        job, known = under_way.job, under_way.known
        judged = Judged(result.card, self._present.rule_set_id, self._present.trees_digest)
        words = topic_key(result.card, self._judging.rules.knowledge.lexicon)
        exchange = known.exchange(self._facts.keys.of_topic(words))
        scoring = jobs.Scoring(
            under_way.task.sha256, result.call, judged, exchange, known.to_json(), self._judging.digest
        )
        try:
            with self._store.write() as connection:
                kept = jobs.finish(connection, self._owner, job, scoring)
        except (UnicodeError, BelscoreError) as error:
            # Characters that no database takes, as call JSON of other programs may hold; anything else is the store's.
            if isinstance(error, BelscoreError) and not isinstance(error.__cause__, DataError):
                raise
            do = "correct the transcript"
            self._refuse(job, BelscoreError("holds characters that cannot be kept", where=str(job.path), do=do))
            return
        self._tally.scored += kept == "added"
        self._tally.again += kept == "replaced"
        self._tally.duplicates += kept == "duplicate"
        if known.is_strange:
            self._tally.strange += 1
            self._tally.first_strange = self._tally.first_strange or job.path

    def _refuse(self, job: Job, error: BelscoreError) -> None:
        if not is_there(self._folder):
            self._is_away = True
            self._give_back([job.id])
            if self._wishes.watching is None:
                do = "check the disk or the share and run again; what was scored is kept"
                raise BelscoreError("the folder is gone or empty", where=str(self._folder), do=do)
            return
        with self._store.write() as connection:
            is_ours = jobs.fail(connection, self._owner, job.id, str(error))
        if is_ours:
            self._tally.failed += 1
            self._complain(error)

    def _lose(self, job: Job, error: BelscoreError) -> None:
        if self._is_stopped():
            # Whoever stops us may have stopped the workers too.
            self._give_back([job.id])
            return
        with self._store.write() as connection:
            state = jobs.lose(connection, self._owner, job.id, str(error))
        self._tally.lost += state == "waiting"
        if state == "failed":
            self._tally.failed += 1
            self._complain(error)
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= LOST_IN_A_ROW:
            do = "check memory and --time-limit and run again; what was scored is kept"
            what = f"{LOST_IN_A_ROW} files in a row took their worker along"
            raise BelscoreError(f"{what}, the last one: {error.what}", where=str(self._folder), do=do)

    def _put_off(self, job: Job, result: Changed) -> None:
        self._changes[job.id] += 1
        gives_up = self._wishes.watching is None and self._changes[job.id] >= _MAX_CHANGES
        self._resting[job.id] = float("inf") if gives_up else time.monotonic() + _REST_S
        self._give_back([job.id])
        if gives_up:
            do = "run again when it is whole, or use --watch"
            self._has_trouble(BelscoreError("is still being written", where=str(result.task.path), do=do))

    def _give_back(self, job_ids: list[int] | None) -> None:
        with self._store.write() as connection:
            jobs.give_back(connection, self._owner, job_ids)

    # ---- the rest

    def _hold(self) -> None:
        """Renew our leases, and take over from runs that are gone, now and then."""
        if time.monotonic() - self._held_s < _HOLD_S:
            return
        with self._store.write() as connection:
            jobs.renew(connection, self._owner)
            jobs.release_dead(connection, self._owner)
        self._held_s = time.monotonic()

    def _await_others(self) -> bool:
        """Whether jobs wait that cannot be had yet: their twin is being scored elsewhere, or they were just written."""
        with self._store.write() as connection:
            jobs.release_dead(connection, self._owner)
            given_up = [job_id for job_id, until_s in self._resting.items() if until_s == float("inf")]
            return jobs.count_waiting(connection, self._folder, but_not=given_up) > 0

    def _tell_standing(self) -> None:
        if time.monotonic() - self._counted_s >= _COUNT_S:
            with self._store.read() as connection:
                self._left = jobs.count_waiting(connection, self._folder)
            self._counted_s = time.monotonic()
        self._tell(standing(self._tally, self._clock, self._left + len(self._under_way)))

    def _close(self) -> Summary:
        tally = self._tally
        with self._store.write() as connection:
            jobs.give_back(connection, self._owner)
            done = {"run": self._owner.token, "scored": tally.scored, "again": tally.again, "failed": tally.failed}
            audit.note(connection, self._actor, "batch ended", str(self._folder), done)
            return Summary(
                tally,
                jobs.counts(connection, self._folder),
                jobs.failures(connection, self._folder, limit=MAX_FAILURES_TOLD),
                jobs.count_otherwise(connection, self._folder, self._present),
                self._clock.elapsed_s,
                self._is_stopped(),
            )
