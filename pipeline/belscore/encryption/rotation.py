"""Kept recordings, sealed anew with the newest key: each file whole or not at all, the same again when stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from belscore.encryption.files import PART_SUFFIX, SealedWriter, key_of, open_sealed
from belscore.encryption.keys import Key, KeyRing

_AT_A_TIME = 1 << 20


def stale_files(folder: Path, key: Key) -> Iterator[Path]:
    """Files right in a folder that are not sealed with this key; none when it is not there."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.endswith(PART_SUFFIX) and key_of(path) != key.id:
            yield path


def seal_file_anew(path: Path, keys: KeyRing) -> None:
    """Seal a file with the newest key; its time stays, since its lifetime counts from there. Raises BelscoreError."""
    times = path.stat()
    with open_sealed(path, keys) as before, SealedWriter(path, keys) as writer:
        for start in range(0, before.size_bytes, _AT_A_TIME):
            writer.write(before.read(start, _AT_A_TIME))
        writer.commit()
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
