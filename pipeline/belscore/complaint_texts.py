"""The Dutch texts of a complaint file, and how it writes days."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """The tables of `report/texts/klachtdossier.toml`."""
    path = files("belscore.report").joinpath("texts", "klachtdossier.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def say(key: str, table: str = "texts") -> str:
    """A text by its key."""
    return str(texts()[table][key])


def written_day(day: date) -> str:
    """A day in full.

    >>> written_day(date(2025, 11, 6))
    'donderdag 6 november 2025'
    """
    days = texts()["days"]
    weekday, month = days["weekdays"][day.weekday()], days["months"][day.month - 1]
    return say("on").format(weekday=weekday, day=day.day, month=month, year=day.year)
