"""Write a result whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from belscore.errors import BelscoreError


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A UTF-8 file that appears at `path` when the block ends well; after an error nothing has changed there.

    Folders on the way are made. A pipe or device is written as it is. Raises BelscoreError naming the path.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                yield file
            return
        part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
        try:
            with part.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        what = error.strerror or "cannot be written"
        raise BelscoreError(what, where=str(path), do="choose another --out") from error


def write_whole(path: Path, text: str) -> None:
    """Write a UTF-8 file at once; after an error nothing has changed there. Raises BelscoreError."""
    with whole_file(path) as file:
        file.write(text)
