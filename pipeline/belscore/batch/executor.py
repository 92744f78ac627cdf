"""What runs a batch's jobs, on this machine (`local`) or on many (`on_ray`): paths in, results out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from belscore.call import Call
from belscore.errors import BelscoreError
from belscore.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Task:
    """One file to score.

    job    : its id in the store
    sha256 : what its content must have
    facts  : what is known of the call outside its sound: fields of the Call to replace before it is judged
    """

    job: int
    path: Path
    sha256: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """The call of a task and its scorecard."""

    task: Task
    call: Call
    card: Scorecard


@dataclass(frozen=True, slots=True)
class Refused:
    """The file cannot be scored, however often it is tried: `error` says why."""

    task: Task
    error: BelscoreError


@dataclass(frozen=True, slots=True)
class Changed:
    """The file has another content than it had when the task was made: it is still being written."""

    task: Task


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker that had the task died or hung; another may well do it."""

    task: Task
    error: BelscoreError


Result = Scored | Refused | Changed | Lost


class Executor(Protocol):
    """Workers that score. Closing it ends them; what they had is not done then."""

    @property
    def capacity(self) -> int:
        """How many tasks it can use at a time, with some waiting so that no worker idles."""

    def submit(self, task: Task) -> None:
        """Hand in a task; at most `capacity` may be under way."""

    def results(self, timeout_s: float) -> Iterator[Result]:
        """What was done since, waiting for the first at most this long; may be nothing."""

    def close(self) -> None:
        """End all workers; safe to call twice."""
