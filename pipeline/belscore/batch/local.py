"""A batch's jobs on this machine, in supervised worker processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

from belscore.batch.executor import Lost, Result, Task
from belscore.batch.work import make_task_scorer
from belscore.cli.work import Settings
from belscore.errors import BelscoreError
from belscore.worker_processes import Done, Told, Workers

# How long the longest calls may take is not known before they are read: an hour of sound on one slow core, and room.
TIME_LIMIT_S = 1800.0


class LocalExecutor:
    """Worker processes that each load the model once and share the cores of this machine; an `executor.Executor`."""

    def __init__(
        self,
        settings: Settings,
        *,
        workers: int,
        time_limit_s: float = TIME_LIMIT_S,
        make: Callable[[Settings], Callable[[Task], Result]] = make_task_scorer,
    ) -> None:
        """Nothing is started before there are tasks.

        time_limit_s : a task that takes longer is lost, and its worker ended
        make         : called once in each worker, gives what is done with a task
        """
        shared = replace(settings, threads=max(1, (os.cpu_count() or 1) // workers))
        self._count = workers
        self._workers: Workers[Settings, Task, Result] = Workers(make, shared, count=workers, time_limit_s=time_limit_s)
        self._tasks: dict[int, Task] = {}

    @property
    def capacity(self) -> int:
        """One at work and one waiting for each worker."""
        return 2 * self._count

    def submit(self, task: Task) -> None:
        self._tasks[task.job] = task
        self._workers.submit(task.job, task)

    def results(self, timeout_s: float) -> Iterator[Result]:
        for result in self._workers.results(timeout_s):
            if not isinstance(result, Told):
                task = self._tasks.pop(result.key)
                yield result.outcome if isinstance(result, Done) else _lost(task, result.how)

    def close(self) -> None:
        self._workers.close()
        self._tasks.clear()


def _lost(task: Task, how: str) -> Lost:
    do = "use fewer --workers when memory is short, or a longer --time-limit"
    return Lost(task, BelscoreError(f"the worker process {how}", where=str(task.path), do=do))
