"""The clock on the wall of a practice: what exchanges write and people read, without a zone."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import overload
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=1)
def home() -> ZoneInfo | None:
    """The zone of Dutch and Belgian practices; None where the machine knows no time zones."""
    try:
        return ZoneInfo("Europe/Amsterdam")
    except ZoneInfoNotFoundError:
        return None


@overload
def wall_clock(moment: datetime) -> datetime: ...
@overload
def wall_clock(moment: None) -> None: ...
def wall_clock(moment: datetime | None) -> datetime | None:
    """A moment as the clock on the wall shows it, without zone; one without a zone is that already.

    >>> wall_clock(datetime.fromisoformat("2026-07-01T10:00:00+00:00"))
    datetime.datetime(2026, 7, 1, 12, 0)
    """
    if moment is None or moment.tzinfo is None:
        return moment
    # The first and last day of the calendar have no neighbour that they could be in elsewhere.
    with contextlib.suppress(OverflowError):
        moment = moment.astimezone(home())
    return moment.replace(tzinfo=None)


def this_second() -> datetime:
    """This moment by this machine's clock, in whole seconds."""
    return datetime.now().replace(microsecond=0)


def utc_second() -> datetime:
    """This moment in UTC, without zone, in whole seconds: what leases and sessions go by."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
