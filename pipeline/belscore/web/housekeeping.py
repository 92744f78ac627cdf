"""Once a day the server removes what was kept long enough, by itself."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from belscore.errors import BelscoreError
from belscore.retention import Keeper

if TYPE_CHECKING:
    from belscore.web.site import Site

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 600.0
_FIRST_S = 20.0


class Housekeeping:
    """A thread that is started and stopped with the server."""

    def __init__(self, site: Site) -> None:
        given = site.profile.retention if site.profile is not None else None
        self._keeper = Keeper(site.store, "belscore serve", given, site.settings.recordings)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)

    def _run(self) -> None:
        wait_s = _FIRST_S
        while not self._stopping.wait(wait_s):
            wait_s = _LOOK_EVERY_S
            try:
                purged = self._keeper.daily()
                if purged is not None:
                    _log.info("purged: %s", purged)
            except BelscoreError as error:
                _log.error("nothing was purged: %s", error)
