"""Worker processes under supervision: one that dies or hangs costs the item it had, and another takes its place."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Setting = TypeVar("Setting")

# Work is stopped between two instructions; who needs longer is killed.
_GRACE_S = 5.0
# Importing and reading the rules takes 2 s; on a busy machine with a cold disk many times that.
_START_LIMIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Done(Generic[Outcome]):
    """What came of the item with this key."""

    key: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Died:
    """The process that had the item with this key is gone; `how` goes on from "the worker process"."""

    key: int
    how: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the work on the item with this key said of itself with `tell`, before it is done."""

    key: int
    said: Any


@dataclass(frozen=True, slots=True)
class _Said:
    said: Any


# In a worker process: its end of the pipe. Empty elsewhere.
_own_pipe: list[Connection] = []


def tell(said: object) -> None:
    """Say something of the item at hand, from inside the work on it; nothing happens outside a worker process."""
    for pipe in _own_pipe:
        pipe.send(_Said(said))


@dataclass(slots=True)
class _Worker:
    """A process, our end of the pipe to it, the key of the item it has, and since when it works on that.

    key : None when it waits for an item
    """

    process: BaseProcess
    pipe: Connection
    key: int | None = None
    since_s: float = 0.0
    is_ready: bool = False


class Workers(Generic[Setting, Item, Outcome]):
    """Processes that each make their work once, and then do it for one item after another."""

    def __init__(
        self,
        make: Callable[[Setting], Callable[[Item], Outcome]],
        setting: Setting,
        *,
        count: int,
        time_limit_s: float | None = None,
    ) -> None:
        """Nothing is started before there are items.

        make         : called in each process with `setting`, gives what is called with each item
        time_limit_s : an item that takes longer has hung; None waits for ever
        """
        self._make, self._setting = make, setting
        self._count, self._time_limit_s = count, time_limit_s
        self._waiting: deque[tuple[int, Item]] = deque()
        self._workers: list[_Worker] = []

    @property
    def under_way(self) -> int:
        """How many items have been handed in and not come back."""
        return len(self._waiting) + sum(worker.key is not None for worker in self._workers)

    def submit(self, key: int, item: Item) -> None:
        self._waiting.append((key, item))
        self._hand_out()

    def cancel(self, key: int) -> None:
        """Give an item up, also when a process is at work on it: that one is killed. Nothing comes back of it."""
        self._waiting = deque(each for each in self._waiting if each[0] != key)
        for worker in self._workers[:]:
            if worker.key == key:
                worker.process.kill()
                self._bury(worker)

    def results(self, timeout_s: float | None = None) -> Iterator[Done[Outcome] | Died | Told]:
        """What came back, waiting for the first at most this long; nothing at once when nothing is under way."""
        self._hand_out()
        if not self.under_way:
            return iter(())
        limits = [timeout_s, *(self._left_s(worker) for worker in self._workers)]
        known = [max(0.0, limit) for limit in limits if limit is not None]
        ready = wait([worker.pipe for worker in self._workers], min(known, default=None))
        found = [self._receive(worker) for worker in self._workers[:] if worker.pipe in ready]
        found += [self._end_hung(worker) for worker in self._workers[:] if self._is_hung(worker)]
        self._hand_out()
        return iter([each for each in found if each is not None])

    def close(self) -> None:
        """End all processes, whatever they are at; safe to call twice."""
        self._waiting.clear()
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in workers:
            worker.process.join(_GRACE_S)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join(_GRACE_S)

    def _hand_out(self) -> None:
        idle = [worker for worker in self._workers if worker.key is None]
        while self._waiting and (idle or len(self._workers) < self._count):
            worker = idle.pop() if idle else self._start()
            worker.key, item = self._waiting.popleft()
            worker.since_s = time.monotonic()
            # A worker that died meanwhile is no error here: the end of its pipe reports it.
            with contextlib.suppress(OSError):
                worker.pipe.send(item)

    def _start(self) -> _Worker:
        """Start a process anew instead of forking: the recogniser's threads do not survive a fork."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._make, self._setting))
        with _no_interrupt():
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _left_s(self, worker: _Worker) -> float | None:
        """How long a worker may still take; None when there is no limit."""
        limit_s = self._limit_s(worker)
        return None if worker.key is None or limit_s is None else worker.since_s + limit_s - time.monotonic()

    def _limit_s(self, worker: _Worker) -> float | None:
        return self._time_limit_s if worker.is_ready or self._time_limit_s is None else _START_LIMIT_S

    def _is_hung(self, worker: _Worker) -> bool:
        left_s = self._left_s(worker)
        return left_s is not None and left_s <= 0

    def _receive(self, worker: _Worker) -> Done[Outcome] | Died | Told | None:
        try:
            outcome = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if isinstance(outcome, _Said):
            return Told(worker.key, outcome.said) if worker.key is not None else None
        if not worker.is_ready:
            worker.is_ready, worker.since_s = True, time.monotonic()
            return None
        assert worker.key is not None
        key, worker.key = worker.key, None
        return Done(key, outcome)

    def _bury(self, worker: _Worker) -> Died | None:
        worker.pipe.close()
        worker.process.join(_GRACE_S)
        self._workers.remove(worker)
        if worker.key is None:
            return None
        code = worker.process.exitcode
        how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        return Died(worker.key, how)

    def _end_hung(self, worker: _Worker) -> Died | None:
        worker.process.kill()
        gone = self._bury(worker)
        return Died(gone.key, f"was ended after {self._limit_s(worker):g} s") if gone else None


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal; one that is just starting would die of it with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, make: Callable[[Setting], Callable[[Item], Outcome]], setting: Setting) -> None:
    """Run in the process: work on what comes in until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C too and ends us
    threading.Thread(target=_follow_parent, daemon=True).start()
    try:
        work = make(setting)
        _own_pipe.append(pipe)
        pipe.send(None)
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, OSError):
        return


def _follow_parent() -> None:
    """End with the process that started us, also when that is killed while we are at work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
