"""Where the pages keep recordings: beside the store, a folder each for the sound of calls, what comes in, and work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from belscore.store.database import Store

RECORDINGS_VARIABLE = "BELSCORE_RECORDINGS"
FOLDER_NAME = "recordings"
# The sound of calls (`store.recordings` names the files), what was handed in and is not scored yet, and plain copies.
SOUNDS, INCOMING, WORK = "sound", "incoming", "work"


def recordings_folder(store: Store) -> Path | None:
    """BELSCORE_RECORDINGS, else a folder beside an SQLite store; None when there is no telling where."""
    named = os.environ.get(RECORDINGS_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    database = store.engine.url.database
    is_file = store.is_sqlite and database and database != ":memory:"
    return Path(str(database)).absolute().with_name(FOLDER_NAME) if is_file else None
