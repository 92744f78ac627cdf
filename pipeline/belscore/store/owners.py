"""Who has a job: the runs of `belscore batch` and the servers that write to one store, on one machine or several."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table

# A lease further ahead was written by a clock that has been set back since: nobody would outlive it.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Owner:
    """One run: where it runs, and something that no other run has."""

    host: str
    pid: int
    token: str

    @classmethod
    def this_process(cls) -> Owner:
        return cls(socket.gethostname().replace(":", "-")[:60], os.getpid(), secrets.token_hex(6))

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        parts = text.split(":")
        return cls(parts[0], int(parts[1]), parts[2]) if len(parts) == 3 and parts[1].isdigit() else None

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.token}"

    def is_gone(self, seen_by: Owner) -> bool:
        """Whether another run can tell that this one has ended: only on the same machine."""
        if self.host != seen_by.host or self == seen_by:
            return False
        if self.pid == seen_by.pid:
            return True
        if os.name != "posix":
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False


def had_by_dead(
    table: Table, owners: Iterable[str | None], seen_by: Owner, *, now: datetime, lease: timedelta
) -> ColumnElement[bool]:
    """Whether a row of `table` is with an owner that has ended: its lease is past, or its process is gone.

    owners : all that stand in the rows in question
    lease  : for how long the table's owners hold a row
    """
    gone = [text for text in owners if text and (owner := Owner.parse(text)) and owner.is_gone(seen_by)]
    past = (table.c.lease_until < now) | (table.c.lease_until > now + lease + _AHEAD)
    return (past | table.c.owner.in_(gone)) & (table.c.owner != str(seen_by))
