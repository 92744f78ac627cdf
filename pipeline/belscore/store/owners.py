"""Who has a job: the runs of `belscore batch` that write to one store, on one machine or several."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass


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
