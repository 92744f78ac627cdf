"""What a worker does with a task, on this machine or on another one: read the file, judge it, give the result back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from belscore.batch.executor import Changed, Refused, Result, Scored, Task
from belscore.cli.work import Settings, describe, make_scorer
from belscore.errors import BelscoreError
from belscore.inputs import CallFile
from belscore.metadata import CallTable, one_call
from belscore.progress import silent


def make_task_scorer(settings: Settings) -> Callable[[Task], Result]:
    """Read rules and profile once, for any number of tasks; the model is loaded with the first recording.

    settings : their `table` is left out, a task brings what is known of its call; what identifies a caller is taken out
               here, so that it leaves no worker unless the profile wants it kept

    Raises RuleError when rules or profile are not valid. What it returns raises nothing but an interrupt.
    """
    rows: dict[tuple[str, ...], Mapping[str, Any]] = {}
    score = make_scorer(replace(settings, table=CallTable(Path(), rows), redact="as_profile"))

    def work(task: Task) -> Result:
        rows.clear()
        rows.update(one_call(task.path, task.facts))
        try:
            before = stamp(task.path)
            if content_of(task.path) != task.sha256:
                return Changed(task)
            outcome = score(CallFile.of(task.path), silent)
            if stamp(task.path) != before:
                return Changed(task)
        except (OSError, BelscoreError) as error:
            return Refused(task, describe(error, task.path))
        if isinstance(outcome, BelscoreError):
            return Refused(task, outcome)
        return Scored(task, outcome.call, outcome.card)

    return work


def content_of(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal. Raises OSError, and BelscoreError for what is no plain file."""
    if not path.is_file():
        path.stat()
        raise BelscoreError("not a file", where=str(path), do="name a recording or a transcript")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds. Raises OSError."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns
