"""Worker processes under supervision: one that dies costs the file it had, and another takes its place."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from belscore.cli.work import Settings, make_scorer
from belscore.errors import BelscoreError
from belscore.inputs import CallFile
from belscore.progress import silent
from belscore.scoring import Scored

Outcome = tuple[int, "Scored | BelscoreError"]
_GRACE_S = 5.0


@dataclass(slots=True)
class _Worker:
    """A process, our end of the pipe to it, and the place of the file it has; None when it waits for one."""

    process: BaseProcess
    pipe: Connection
    place: int | None = None


def score_in_workers(files: Sequence[CallFile], settings: Settings, *, jobs: int) -> Iterator[Outcome]:
    """Score files in `jobs` processes; yields (place in `files`, result or error) in the order they are done."""
    waiting = list(enumerate(files))[::-1]
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_start(settings, jobs))
                _hand_out(workers[-1], waiting)
            ready = wait([worker.pipe for worker in workers])
            for worker in [worker for worker in workers if worker.pipe in ready]:
                yield _receive(worker, files)
                if not worker.process.is_alive() or worker.pipe.closed:
                    workers.remove(worker)
                elif waiting:
                    _hand_out(worker, waiting)
                else:
                    _stop(worker)
                    workers.remove(worker)
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join(_GRACE_S)
            if worker.process.is_alive():
                worker.process.kill()


def _start(settings: Settings, jobs: int) -> _Worker:
    """Start a process anew instead of forking: the recogniser's threads do not survive a fork."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    # Together the workers should not run more threads than there are cores.
    shared = replace(settings, threads=max(1, (os.cpu_count() or 1) // jobs))
    process = context.Process(target=_work, args=(theirs, shared))
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _hand_out(worker: _Worker, waiting: list[tuple[int, CallFile]]) -> None:
    worker.place, file = waiting.pop()
    # A worker that died meanwhile is no error here: the end of its pipe reports it.
    with contextlib.suppress(OSError):
        worker.pipe.send(file)


def _receive(worker: _Worker, files: Sequence[CallFile]) -> Outcome:
    assert worker.place is not None
    place, worker.place = worker.place, None
    try:
        return place, worker.pipe.recv()
    except (EOFError, OSError):
        worker.pipe.close()
        worker.process.join(_GRACE_S)
        code = worker.process.exitcode
        how = f"killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        do = "score it alone, or with fewer --jobs when memory is short"
        return place, BelscoreError(f"the worker process was {how}", where=str(files[place].path), do=do)


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.join(_GRACE_S)
    if worker.process.is_alive():
        worker.process.terminate()


def _work(pipe: Connection, settings: Settings) -> None:
    """Run in the process: score what comes in until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C too and ends us
    score = make_scorer(settings)
    while True:
        try:
            pipe.send(score(pipe.recv(), silent))
        except (EOFError, OSError):
            return
