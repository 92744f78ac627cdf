"""A batch's jobs on a Ray cluster: actors that each hold a model, paths in, results out.

Files must lie at the same path on every machine, and belscore must be installed on it in the same version, with its
model. Where no cluster is named one is started on this machine for the run, reachable from nowhere else.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from belscore.batch.executor import Lost, Result, Task
from belscore.batch.work import make_task_scorer
from belscore.cli.work import Settings
from belscore.errors import BelscoreError
from belscore.inputs import AUDIO_SUFFIXES

# As `local.TIME_LIMIT_S`: an hour of sound on one slow core, and room.
TIME_LIMIT_S = 1800.0
# A worker process starts, imports and reads the rules; on a cluster the machine itself may still have to come up.
START_LIMIT_S = 300.0
# Workers that die one after another before they are ready: it is not chance.
_STARTS_FAILED = 3
# Results wait there on their way; Ray wants 75 MB at least, and takes a third of all memory unless told.
_RESULTS_BYTES = 128 << 20
# Nothing is told to anybody, and a graphics card is not hidden from those who did not ask for one.
_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
# With 0 Ray listens on the loopback alone, as it does by itself on Windows and macOS.
_LOOPBACK_ONLY = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
_CONNECT_S = 10.0
_INSTALL = "install this belscore with the extra `cluster` on every machine of the cluster"


@dataclass(slots=True)
class _Actor:
    """A worker on the cluster, the task it has, and since when it has that or starts; None when it waits for one."""

    handle: Any
    since_s: float
    task: Task | None = None


class RayExecutor:
    """Actors that each load the model once; an `executor.Executor`.

    A worker has one task at a time: when it dies that task is lost and no other, and another worker takes its place.
    """

    def __init__(
        self, settings: Settings, *, workers: int, address: str | None = None, time_limit_s: float = TIME_LIMIT_S
    ) -> None:
        """
        address      : of a cluster, as `ray start` tells it, or `auto` for the one this machine is part of; None takes
                       RAY_ADDRESS, and starts one for the time of the run where that is not set
        time_limit_s : a task that takes longer is lost, and its worker ended

        Raises BelscoreError when Ray is missing or the cluster cannot be reached.
        """
        address = address or os.environ.get("RAY_ADDRESS") or None
        self._ray = _ray(alone=address is None)
        self._count, self._time_limit_s = workers, time_limit_s
        self._is_ours = not self._ray.is_initialized()
        if self._is_ours:
            _connect(self._ray, address, workers)
        share = self._ray.cluster_resources().get("CPU", 1.0) / workers
        self._settings = replace(settings, threads=max(1, int(share)))
        # One processor is asked for, so that all find a place; spread over the machines they find the others there.
        asked = {"num_cpus": min(share, 1.0), "max_restarts": 0, "max_task_retries": 0}
        self._actor = self._ray.remote(scheduling_strategy="SPREAD", **asked)(_Worker)
        self._waiting: deque[Task] = deque()
        self._idle: list[_Actor] = []
        self._under_way: dict[Any, _Actor] = {}
        self._starts_failed = 0

    @property
    def capacity(self) -> int:
        """One at work and one waiting for each worker."""
        return 2 * self._count

    def submit(self, task: Task) -> None:
        self._waiting.append(task)
        self._hand_out()

    def results(self, timeout_s: float) -> Iterator[Result]:
        """As `Executor.results`. Raises BelscoreError when no worker can be started, or one cannot do its work."""
        self._hand_out()
        if not self._under_way:
            return iter(())
        now_s = time.monotonic()
        left_s = min(actor.since_s + self._limit_s(actor) - now_s for actor in self._under_way.values())
        self._ray.wait([*self._under_way], num_returns=1, timeout=max(0.0, min(timeout_s, left_s)))
        ready, _ = self._ray.wait([*self._under_way], num_returns=len(self._under_way), timeout=0)
        found = [self._receive(reference) for reference in ready]
        found += [self._end_hung(reference) for reference in self._hung()]
        self._hand_out()
        return iter([each for each in found if each is not None])

    def close(self) -> None:
        self._waiting.clear()
        for actor in (*self._idle, *self._under_way.values()):
            with contextlib.suppress(Exception):
                self._ray.kill(actor.handle)
        self._idle.clear()
        self._under_way.clear()
        if self._is_ours:
            self._is_ours = False
            self._ray.shutdown()

    def _hand_out(self) -> None:
        while self._waiting and self._idle:
            actor = self._idle.pop()
            actor.task, actor.since_s = self._waiting.popleft(), time.monotonic()
            self._under_way[actor.handle.work.remote(actor.task)] = actor
        starting = sum(actor.task is None for actor in self._under_way.values())
        for _ in range(min(len(self._waiting) - starting, self._count - len(self._under_way))):
            self._start()

    def _start(self) -> None:
        actor = _Actor(self._actor.remote(self._settings), time.monotonic())
        self._under_way[actor.handle.ready.remote()] = actor

    def _limit_s(self, actor: _Actor) -> float:
        return START_LIMIT_S if actor.task is None else self._time_limit_s

    def _hung(self) -> list[Any]:
        now_s = time.monotonic()
        return [each for each, actor in self._under_way.items() if now_s >= actor.since_s + self._limit_s(actor)]

    def _receive(self, reference: Any) -> Result | None:
        actor = self._under_way.pop(reference)
        task, actor.task = actor.task, None
        try:
            told = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            with contextlib.suppress(Exception):
                self._ray.kill(actor.handle)
            if task is None:
                self._fail_to_start(_last_line(error))
                return None
            return _lost(task, "died; see whether its machine has enough memory")
        if isinstance(told, BelscoreError):
            raise told
        self._starts_failed = 0
        self._idle.append(actor)
        result: Result | None = told
        return result

    def _end_hung(self, reference: Any) -> Result | None:
        actor = self._under_way.pop(reference)
        with contextlib.suppress(Exception):
            self._ray.kill(actor.handle)
        if actor.task is None:
            self._fail_to_start(f"not ready after {START_LIMIT_S:g} s")
            return None
        return _lost(actor.task, f"was ended after {self._time_limit_s:g} s")

    def _fail_to_start(self, why: str) -> None:
        self._starts_failed += 1
        # Where others work, one that finds no place is no reason to stop.
        at_work = self._idle or any(actor.task is not None for actor in self._under_way.values())
        if self._starts_failed >= _STARTS_FAILED and not at_work:
            raise BelscoreError(f"no worker starts: {why}", where="ray", do=_INSTALL)


class _Worker:
    """Runs in a process of the cluster; made there from `Settings`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._has_model = False
        try:
            self._work = make_task_scorer(settings)
        except BelscoreError as error:
            self._trouble: BelscoreError | None = _here(error)
        else:
            self._trouble = None

    def ready(self) -> BelscoreError | None:
        """What keeps this machine from working; None when nothing does."""
        return self._trouble

    def work(self, task: Task) -> Result | BelscoreError:
        """The result, or why no recording can be heard on this machine: that is no fault of the file."""
        if task.path.suffix.lower() in AUDIO_SUFFIXES and not self._has_model:
            from belscore.models import find_model

            try:
                find_model(self._settings.model)
            except BelscoreError as error:
                return _here(error)
            self._has_model = True
        return self._work(task)


def _here(error: BelscoreError) -> BelscoreError:
    return BelscoreError(error.what, where=f"{socket.gethostname()}: {error.where}".rstrip(": "), do=error.do)


def _ray(*, alone: bool) -> Any:
    """alone : no cluster of other machines is joined"""
    os.environ.update(_ENVIRONMENT)
    if alone:
        os.environ[_LOOPBACK_ONLY] = "0"
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        do = "install belscore with the extra `cluster`"
        raise BelscoreError(f"the package {error.name} is missing", where="--executor ray", do=do) from None


def _connect(ray: Any, address: str | None, workers: int) -> None:
    """Join a cluster, or start one on this machine; Ray's own handlers of signals are put aside again."""
    given: dict[str, Any] = {"address": address, "logging_level": logging.ERROR, "log_to_driver": False}
    if address is None:
        cores = max(workers, os.cpu_count() or 1)
        given |= {"address": "local", "num_cpus": cores, "object_store_memory": _RESULTS_BYTES}
        given["include_dashboard"] = False
    else:
        _check_reachable(address)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ray.init(**given)
    except (ConnectionError, ValueError, RuntimeError) as error:
        do = "check the address, and that the cluster runs"
        raise BelscoreError(_last_line(error), where=f"ray {address or ''}".strip(), do=do) from None
    finally:
        with contextlib.suppress(ValueError):  # not in the main thread
            for number, handler in before.items():
                signal.signal(number, handler)


def _check_reachable(address: str) -> None:
    """Ray itself tries for minutes, and tells of it in lines of its own."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()
    except (OSError, OverflowError) as error:
        what = getattr(error, "strerror", None) or str(error)
        do = "check the address, and that the cluster runs"
        raise BelscoreError(what, where=f"ray {address}", do=do) from None


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__


def _lost(task: Task, how: str) -> Lost:
    do = "use fewer --workers when memory is short, or a longer --time-limit"
    return Lost(task, BelscoreError(f"the worker {how}", where=str(task.path), do=do))
