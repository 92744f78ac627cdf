"""One progress hook for command line, pages and tests."""

from __future__ import annotations

from typing import Literal, Protocol

Stage = Literal["decode", "speech", "transcribe", "roles", "score", "fetch"]


class Progress(Protocol):
    """Called by a stage as it advances.

    stage     : name of the running stage
    completed : units done so far (seconds of audio, bytes, files: the stage's own unit)
    total     : units in all; None when unknown
    """

    def __call__(self, stage: Stage, completed: float, total: float | None) -> None: ...


def silent(stage: Stage, completed: float, total: float | None) -> None:
    """The hook that shows nothing."""
