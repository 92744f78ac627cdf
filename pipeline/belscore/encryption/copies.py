"""A plain copy of a sealed file, for a decoder that reads files, for as long as it takes.

Put the folder on a file system in memory where there is one: what is removed from a disk can be found for a while.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from belscore.encryption.files import PART_SUFFIX, open_sealed
from belscore.encryption.keys import KeyRing
from belscore.errors import BelscoreError
from belscore.store.owners import Owner

_BEGIN = "belscore-plain"
_NAME = re.compile(rf"{_BEGIN}~(?P<host>[^~]*)~(?P<pid>\d+)~(?P<token>[0-9a-f]+)~[0-9a-f]+(\.\w+)?")
_PART = re.compile(rf"\..+\.[0-9a-f]{{12}}{re.escape(PART_SUFFIX)}")
# Where it cannot be told whether a process still runs: no decoding and no upload takes as long.
_LEFT_S = 24 * 3600.0
_AT_A_TIME = 1 << 20


@contextlib.contextmanager
def unsealed_copy(path: Path, keys: KeyRing | None, folder: Path) -> Iterator[Path]:
    """The path of a plain file with the content of a sealed one, for this block; one that is plain is used itself.

    folder : of temporary files; made for its owner alone when it is not there

    Raises BelscoreError when the file is damaged or its key is not there; nothing stays behind.
    """
    with open_sealed(path, keys) as sealed:
        if not sealed.is_sealed:
            yield path
            return
        suffix = path.suffix if re.fullmatch(r"\.\w{1,10}", path.suffix) else ""
        me = _this_process()
        copy = folder / f"{_BEGIN}~{me.host}~{os.getpid()}~{me.token}~{os.urandom(6).hex()}{suffix}"
        try:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with os.fdopen(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o600), "wb") as file:
                    for start in range(0, sealed.size_bytes, _AT_A_TIME):
                        file.write(sealed.read(start, _AT_A_TIME))
            except OSError as error:
                do = "check the folder and the room on the disk"
                raise BelscoreError(error.strerror or "cannot be written", where=str(folder), do=do) from None
            yield copy
        finally:
            with contextlib.suppress(OSError):
                copy.unlink(missing_ok=True)


def sweep(folder: Path) -> int:
    """Remove plain copies and half files that killed processes left in a folder; how many. Call it at a start."""
    removed, me = 0, _this_process()
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):
                if _is_left(entry, me):
                    Path(entry.path).unlink()
                    removed += 1
    return removed


def _is_left(entry: os.DirEntry[str], me: Owner) -> bool:
    named = _NAME.fullmatch(entry.name)
    if named is None and _PART.fullmatch(entry.name) is None:
        return False
    if abs(time.time() - entry.stat(follow_symlinks=False).st_mtime) > _LEFT_S:
        return True
    return named is not None and Owner(named["host"], int(named["pid"]), named["token"]).is_gone(me)


# Windows would change line ends.
_BINARY = getattr(os, "O_BINARY", 0)


@cache
def _this_process() -> Owner:
    return Owner.this_process()
