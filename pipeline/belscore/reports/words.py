"""The words of reports, from `texts/`, one file a language, and how values are written in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from belscore.packaged import packaged_toml
from belscore.reports.model import Column
from belscore.scorecard import Language

DASH = "–"
# An interval this narrow is written with a decimal: its ends would be the same.
_NARROW = {"percent": 0.02, "points": 2.0}


# Reports are made and written by many small functions, all in one language: it is theirs as a time zone is.
_language: ContextVar[Language] = ContextVar("language of reports", default="nl")


@contextmanager
def in_language(language: Language) -> Iterator[None]:
    """Reports that are made and written in here, by this thread, speak this language."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


def language() -> Language:
    """The language that reports are made in now."""
    return _language.get()


def texts() -> Mapping[str, Any]:
    """All texts of reports."""
    return packaged_toml(__package__, "texts", f"{language()}.toml")


def note(name: str, *, table: str = "notes", **values: object) -> str:
    """A remark under a table; of a `number` of one in the singular, which stands as `<name>_one`.

    >>> note("no_moment", number=1)
    'Van 1 gesprek is het tijdstip niet bekend; dat telt hier niet mee.'
    """
    return str(texts()[table][f"{name}_one" if values.get("number") == 1 else name]).format(**values)


def day(value: date) -> str:
    """
    >>> day(date(2026, 10, 5))
    '5 okt 2026'
    """
    return f"{value.day} {texts()['months'][value.month - 1]} {value.year}"


def week(monday: date) -> str:
    """A week by its ISO number and its days.

    >>> week(date(2026, 12, 28))
    'week 53 (28 dec – 3 jan 2027)'
    """
    last = monday + timedelta(days=6)
    first = f"{monday.day} {texts()['months'][monday.month - 1]}"
    return str(texts()["week"]).format(number=monday.isocalendar().week, first=first, last=day(last))


def moment(value: datetime) -> str:
    """
    >>> moment(datetime(2026, 10, 5, 9, 7))
    '05-10-2026 09:07'
    """
    return value.strftime(texts()["moment"])


def length(seconds: float) -> str:
    """Minutes and seconds.

    >>> length(75.4), length(3661)
    ('1:15', '61:01')
    """
    minutes, rest_s = divmod(round(seconds), 60)
    return f"{minutes}:{rest_s:02}"


def number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", texts()["decimal"])


def percent(share: float, digits: int = 0) -> str:
    """Percentages; 0 and 100 only when nothing or all is meant.

    >>> percent(0.7249), percent(0.9999), percent(0.0001), percent(1.0)
    ('72 %', '>99 %', '<1 %', '100 %')
    """
    if digits:
        bare = number(100 * share, digits)
    elif 0.995 <= share < 1:
        bare = ">99"
    else:
        bare = "<1" if 0 < share < 0.005 else f"{100 * share:.0f}"
    return bare + percent_sign()


def percent_sign() -> str:
    """What stands behind a percentage, a space in it where the language has one."""
    return str(texts()["percent"])


def written(value: Any, form: str) -> str:
    """A value as people read it; a dash where there is none."""
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return "" if form in ("text", "link") else DASH
    if form == "count":
        return f"{int(value)}"
    if form in ("decimal", "points"):
        return number(value, 1 if form == "decimal" else 0)
    if form == "chance":
        return "<" + number(0.001, 3) if value < 0.001 else number(value, 3)
    shapes: dict[str, Callable[[Any], str]] = {"percent": percent, "seconds": length, "moment": moment}
    return shapes[form](value) if form in shapes else str(value)


def cell(row: Mapping[Any, Any], column: Column) -> str:
    """A cell with its interval, as people read it."""
    form = row["format"] if column.format == "mixed" else column.format
    if not column.interval or pd.isna(row[f"{column.key}_low"]):
        return written(row[column.key], form)
    values = [row[key] for key in (column.key, f"{column.key}_low", f"{column.key}_high")]
    if values[2] - values[1] < _NARROW.get(form, 0):
        text, low, high = (percent(each, 1) if form == "percent" else number(each, 1) for each in values)
    else:
        text, low, high = (written(each, form) for each in values)
    sign = percent_sign()
    return f"{text} ({low.removesuffix(sign)}–{high.removesuffix(sign)})"
