"""Calls that nobody picked up, from rows of the telephone exchange: each row once, however often it is read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from belscore.store.tables import missed_calls
from belscore.wall_clock import this_second, wall_clock

_AT_A_TIME = 500


class MissedCall(NamedTuple):
    """A row of the exchange; `caller_hash` as of `caller_keys`, None for a number that was withheld."""

    started_at: datetime | None
    department: str | None = None
    ring_s: float | None = None
    queue_s: float | None = None
    caller_hash: str | None = None

    def digest(self, place: int) -> str:
        """Tells rows apart; the `place`-th of equal ones has its own. The caller's number is not in it, only its hash:
        a plain hash over a number can be undone by trying all numbers."""
        told = [str(value) if value is not None else None for value in self]
        return hashlib.sha256(json.dumps([*told, place]).encode()).hexdigest()


def add_missed(connection: Connection, found: Iterable[MissedCall]) -> int:
    """Add the rows that are not there yet; returns how many."""
    seen: Counter[MissedCall] = Counter()
    rows: dict[str, MissedCall] = {}
    for each in found:
        each = each._replace(started_at=wall_clock(each.started_at))
        rows[each.digest(seen[each])] = each
        seen[each] += 1
    added, now = 0, this_second()
    digests = list(rows)
    for start in range(0, len(digests), _AT_A_TIME):
        part = digests[start : start + _AT_A_TIME]
        known = {*connection.execute(select(missed_calls.c.sha256).where(missed_calls.c.sha256.in_(part))).scalars()}
        values = [{**rows[each]._asdict(), "sha256": each, "added_at": now} for each in part if each not in known]
        if values:
            connection.execute(insert(missed_calls), values)
            added += len(values)
    return added
