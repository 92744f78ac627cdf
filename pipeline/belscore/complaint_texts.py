"""The Dutch texts of a complaint file, and how it writes days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from belscore.packaged import packaged_toml
from belscore.report.wording import wording


def texts() -> Mapping[str, Mapping[str, Any]]:
    """The tables of `report/texts/klachtdossier.toml`."""
    return packaged_toml("belscore.report", "texts", "klachtdossier.toml")


def say(key: str, table: str = "texts") -> str:
    """A text by its key."""
    return str(texts()[table][key])


def written_day(day: date) -> str:
    """A day in full.

    >>> written_day(date(2025, 11, 6))
    'donderdag 6 november 2025'
    """
    return f"{texts()['days']['weekdays'][day.weekday()]} {wording('nl').day(day)}"
