"""What a run of a batch is asked to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watching:
    """How a drop folder is looked at.

    settle_s : a file is taken when its size and time of change have stayed as they are for so long; NFS tells a change
               up to 3 s late (acregmin of nfs(5))
    """

    poll_s: float = 5.0
    settle_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a run is to do.

    retry_failed : try files again that could not be scored before
    again        : score files anew that were done with other settings
    watching     : None ends the run when nothing waits
    """

    retry_failed: bool = False
    again: bool = False
    watching: Watching | None = None
