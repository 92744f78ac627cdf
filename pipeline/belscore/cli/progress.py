"""The progress bar: on stderr, on a terminal, and only for work that takes a while."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

from belscore.progress import Stage

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

STAGES: dict[Stage, str] = {
    "decode": "geluid lezen",
    "speech": "spraak zoeken",
    "transcribe": "uitschrijven",
    "roles": "sprekers herkennen",
    "score": "beoordelen",
    "fetch": "model ophalen",
}
# Work that is done sooner needs no bar (Nielsen 1993: up to a second feels uninterrupted; start-up takes the other).
SHOW_AFTER_S = 2.0


class ProgressBar:
    """A progress hook that draws a bar, as a context that leaves the terminal clean.

    quiet : draw nothing
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._wanted = not quiet and sys.stderr.isatty()
        self._started_s = time.monotonic()
        self._rich: RichProgress | None = None
        self._task: TaskID | None = None
        self._label = ""

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def label(self, text: str) -> None:
        """What is worked on, shown before the stage."""
        self._label = text

    def __call__(self, stage: Stage, completed: float, total: float | None) -> None:
        if not self._wanted or time.monotonic() - self._started_s < SHOW_AFTER_S:
            return
        text = f"{self._label}: {STAGES[stage]}" if self._label else STAGES[stage].capitalize()
        self.show(text, completed, total)

    def files_done(self, done: int, total: int) -> None:
        """For several files at a time: how many are done."""
        if self._wanted and time.monotonic() - self._started_s >= SHOW_AFTER_S:
            self.show(f"{done} van {total} gesprekken", done, total)

    def show(self, text: str, completed: float, total: float | None) -> None:
        if self._rich is None or self._task is None:
            self._rich, self._task = _new_bar()
        self._rich.update(self._task, description=text, completed=completed, total=total)

    def clear(self) -> None:
        """Take the bar off the terminal, so that a line can be written; the next step brings it back."""
        if self._rich is not None:
            self._rich.stop()
            self._rich = self._task = None

    def log(self, line: str) -> None:
        """A line on stderr."""
        self.clear()
        click.echo(line, err=True)


def _new_bar() -> tuple[RichProgress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task("", total=None)
    progress.start()
    return progress, task
