"""How a batch stands: what is told while it runs, and at its end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from belscore.errors import BelscoreError
from belscore.store.jobs import Otherwise, State


@dataclass(slots=True)
class Tally:
    """What a run did so far. `again` are calls that were replaced, `as_before` files that were only touched."""

    scored: int = 0
    again: int = 0
    duplicates: int = 0
    as_before: int = 0
    failed: int = 0
    lost: int = 0
    missed: int = 0
    new: int = 0
    changed: int = 0
    strange: int = 0
    first_strange: Path | None = None
    # Files that cannot be looked at, by their message.
    troubles: dict[str, BelscoreError] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """How many files something came of."""
        return self.scored + self.again + self.duplicates + self.as_before + self.failed


@dataclass(slots=True)
class Clock:
    """Counts the time in which there was something to do: waiting for a drop folder does not make a run slower."""

    busy_s: float = 0.0
    started_s: float = field(default_factory=time.monotonic)
    _since_s: float | None = None

    def mark(self, *, is_busy: bool) -> None:
        now_s = time.monotonic()
        if self._since_s is not None:
            self.busy_s += now_s - self._since_s
        self._since_s = now_s if is_busy else None

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started_s


@dataclass(frozen=True, slots=True)
class Standing:
    """For the progress line.

    left     : files that wait or are being scored
    per_hour : files that something came of, in an hour of work; None before the first
    left_s   : time that the rest will take at that rate
    """

    settled: int
    failed: int
    left: int
    per_hour: float | None
    left_s: float | None


def standing(tally: Tally, clock: Clock, left: int) -> Standing:
    rate_hz = tally.settled / clock.busy_s if tally.settled and clock.busy_s else None
    return Standing(
        tally.settled,
        tally.failed,
        left,
        rate_hz * 3600 if rate_hz else None,
        left / rate_hz if rate_hz else None,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did and how its folder stands at the end.

    counts      : jobs of the folder in each state
    failures    : files with the reason, the first few
    otherwise   : calls that are judged by other rules, or heard with other settings, and were left so
    was_stopped : somebody ended the run before it was done
    """

    tally: Tally
    counts: Mapping[State, int]
    failures: Sequence[tuple[str, str]]
    otherwise: Otherwise
    elapsed_s: float
    was_stopped: bool
