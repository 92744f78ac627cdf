"""Calls in groups, and which groups a report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from belscore.report.wording import wording
from belscore.reports import words
from belscore.reports.groups import shown
from belscore.store.report_data import ReportData

BY = ("agent", "department", "week", "situation", "outcome", "direction")
MIN_CALLS = 10
REPEAT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Ask:
    """What a report is asked for.

    by        : one of `BY`; None takes all calls together
    min_calls : no figure rests on fewer
    days      : a caller who calls again within so many days had to
    now       : on the wall clock
    """

    now: datetime
    by: str | None = None
    min_calls: int = MIN_CALLS
    days: int = REPEAT_DAYS

    @property
    def by_name(self) -> str:
        return str(words.texts()["by"][self.by or "all"])


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows in groups. `labels` of the groups in their order; `row` and `group` pair rows of a table with groups."""

    labels: Sequence[str]
    row: NDArray[np.int64]
    group: NDArray[np.int64]

    def counts(self) -> NDArray[np.int64]:
        return self.count(np.ones(len(self.row), dtype=bool))

    def count(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the paired rows are marked in each group; `which` marks pairs."""
        return np.bincount(self.group[which], minlength=len(self.labels))

    def count_rows(self, which: Any) -> NDArray[np.int64]:
        """How many rows of the table are marked in each group."""
        return self.count(np.asarray(which, dtype=bool)[self.row])


def group_calls(data: ReportData, by: str | None, frame: pd.DataFrame | None = None) -> Groups:
    """The rows of `frame` (else all calls) by what is asked. Names come in alphabetical order, weeks in time."""
    frame = data.calls if frame is None else frame
    if by is None:
        rows = np.arange(len(frame))
        return Groups([str(words.texts()["all"])], rows, np.zeros(len(frame), dtype=np.int64))
    if by == "situation":
        pairs = frame[["id"]].assign(row=np.arange(len(frame))).merge(data.situations, left_on="id", right_on="call_id")
        return _of_values(pairs["situation"], pairs["row"].to_numpy(), _named("situations"))
    names = _named(f"{by}s") if by in ("outcome", "direction") else None
    return _of_values(frame[by], np.arange(len(frame)), names)


def _named(table: str) -> dict[str, str]:
    return {name: title for name, title in wording(words.language()).table(table).items() if title}


def _of_values(values: pd.Series[Any], rows: NDArray[np.int64], names: dict[str, str] | None) -> Groups:
    known = [*values.dropna().unique()]
    if names is not None:
        order = {name: place for place, name in enumerate(names)}
        known.sort(key=lambda each: (order.get(each, len(order)), each))
    else:
        known.sort(key=lambda each: each.casefold() if isinstance(each, str) else each)
    group = pd.Index(known).get_indexer(pd.Index(values)) if known else np.full(len(values), -1)
    labels = [_label(each, names) for each in known]
    if (group < 0).any():
        labels.append(str(words.texts()["unknown"]))
    return Groups(labels, rows, np.where(group < 0, len(known), group))


def _label(value: Any, names: dict[str, str] | None) -> str:
    if isinstance(value, pd.Timestamp):
        return words.week(value.date())
    return names.get(value, str(words.texts()["unknown"])) if names is not None else str(value)


def enough(counts: NDArray[np.int64], ask: Ask) -> tuple[NDArray[np.bool_], list[str]]:
    """Which groups are shown, and what to say of the others."""
    seen = shown(counts, ask.min_calls)
    hidden = int(((counts > 0) & ~seen).sum())
    if not hidden:
        return seen, []
    if len(counts) == 1:
        return seen, [words.note("too_few", minimum=ask.min_calls)]
    return seen, [words.note("hidden", number=hidden, minimum=ask.min_calls)]


def withheld(values: NDArray[Any], counts: NDArray[np.int64], ask: Ask) -> NDArray[np.float64]:
    """Figures, missing where they rest on too few calls."""
    return np.where(counts >= ask.min_calls, values.astype(float), np.nan)


def notes_on_verdicts(data: ReportData) -> list[str]:
    """What a reader must know of verdicts that are not counted."""
    notes = []
    doubted = [f"“{rule.title}”" for rule in data.verdicts.rules if not rule.trusted]
    if doubted:
        notes.append(words.note("untrusted", number=len(doubted), rules=", ".join(doubted)))
    disputed = int((data.verdicts.letters == b"d").sum())
    if disputed:
        notes.append(words.note("disputed", number=disputed))
    return notes


def note_on_moments(frame: pd.DataFrame) -> list[str]:
    without = int(frame["started_at"].isna().sum())
    return [words.note("no_moment", number=without)] if without else []
