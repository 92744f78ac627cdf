"""What a report is: tables with what they count, ready to be written in any form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Format = Literal["text", "count", "decimal", "percent", "points", "seconds", "moment", "link", "chance", "mixed"]
ChartKind = Literal["line", "bars", "heat"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a report's rows.

    key      : name in the rows, and in CSV
    title    : head, in Dutch
    format   : percent is 0..1 in the rows, points 0..100, seconds are seconds, a moment is a time on the wall; a link
               names a recording; of a mixed column each row tells its own in `format`
    interval : whether the rows have `<key>_low` and `<key>_high` beside it
    """

    key: str
    title: str
    format: Format = "text"
    interval: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of a table: values with their intervals over `x`, or a heat map of `value` over x and y."""

    kind: ChartKind
    x: str
    value: str
    y: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One table; `notes` say what was left out of it."""

    title: str
    columns: Sequence[Column]
    rows: pd.DataFrame
    notes: Sequence[str] = ()
    charts: Sequence[Chart] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """name : as on the command line; explanation : what is counted and what it does not tell, in Dutch.

    filters : of which calls and how, as (name, value)
    """

    name: str
    title: str
    explanation: Sequence[str]
    parts: Sequence[Part]
    filters: Sequence[tuple[str, str]] = ()
