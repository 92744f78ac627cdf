"""Where recordings lie while a server handles them, and what servers that were killed left there.

incoming/TOKEN.wav             handed in whole; its row in `store.uploads` is under way
incoming/HOST~PID~RANDOM/...   what one server is receiving and writing; nothing in it is wanted when that is gone
sound/TOKEN-RANDOM.wav         the sound of a call, named in `store.recordings`
work/                          plain copies, see `encryption.copies`
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from belscore.encryption.copies import sweep
from belscore.store.database import Store
from belscore.store.owners import Owner
from belscore.store.recordings import known_names
from belscore.store.uploads import tokens_under_way

# Another server of the store has put a sound in its place and is about to say so.
_FRESH_S = 3600.0
# Where it cannot be told whether a server still runs: nothing is received or written for as long.
_LEFT_S = 24 * 3600.0
_AT_A_TIME = 500


def own_folder(incoming: Path, owner: Owner) -> Path:
    """The folder of what one server is receiving and writing: on the disk of all recordings, so that it can move."""
    return incoming / f"{owner.host}~{owner.pid}~{owner.token}"


def sweep_left(store: Store, incoming: Path, sounds: Path, work: Path) -> None:
    """Remove what killed servers left, and files that no row knows. Call it at a start."""
    me = Owner.this_process()
    for folder in (incoming, sounds, work):
        sweep(folder)
    for path in _entries(incoming):
        owner = Owner.parse(path.name.replace("~", ":")) if path.is_dir() else None
        if owner is not None and (owner.is_gone(me) or _age_s(path) > _LEFT_S):
            shutil.rmtree(path, ignore_errors=True)
    with store.read() as connection:
        wanted = tokens_under_way(connection)
    for path in _files(incoming):
        if path.name.split(".")[0] not in wanted:
            _remove(path)
    old = [path for path in _files(sounds) if _age_s(path) > _FRESH_S]
    for start in range(0, len(old), _AT_A_TIME):
        part = old[start : start + _AT_A_TIME]
        with store.read() as connection:
            known = known_names(connection, [path.name for path in part])
        for path in part:
            if path.name not in known:
                _remove(path)


def remove_all_of(token: str, folder: Path) -> None:
    """Remove what was begun for an upload, half files too."""
    for path in _files(folder):
        if path.name.lstrip(".").startswith(token):
            _remove(path)


def _entries(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError):
        yield from sorted(folder.iterdir())


def _files(folder: Path) -> list[Path]:
    """Files that are no half ones: of those `sweep` knows when they may go."""
    return [path for path in _entries(folder) if path.is_file()]


def _age_s(path: Path) -> float:
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime
    return 0.0


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
