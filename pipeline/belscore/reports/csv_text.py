"""A report as CSV: `,` between cells, `.` in numbers, English names of columns, empty where there is no figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pandas as pd

from belscore.report.csv import guard
from belscore.reports.model import Column, Part, Report

_DIGITS = 4


def format_csv(report: Report) -> str:
    """All tables of a report; where there are several, the first column `part` says which, under one header."""
    several = len(report.parts) > 1
    names = list(dict.fromkeys(name for part in report.parts for name in column_names(part)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["part", *names] if several else names)
    for part in report.parts:
        own, title = set(column_names(part)), guard(part.title)
        columns = [[*map(_plain, part.rows[name].tolist())] if name in own else [""] * len(part.rows) for name in names]
        writer.writerows([title, *cells] if several else cells for cells in zip(*columns, strict=True))
    return text.getvalue()


def column_names(part: Part) -> Iterator[str]:
    """Names of the columns, those of intervals too."""
    for column in part.columns:
        yield from _names(column)


def _names(column: Column) -> tuple[str, ...]:
    return (column.key, f"{column.key}_low", f"{column.key}_high") if column.interval else (column.key,)


def _plain(value: Any) -> object:
    if isinstance(value, str):
        return guard(value)
    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat(timespec="minutes")
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, _DIGITS)
    return value
