"""The files of a batch's folder, a part at a time; of a drop folder only those that nobody writes to any more."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from belscore.batch.work import stamp
from belscore.errors import BelscoreError
from belscore.inputs import calls_in
from belscore.store.jobs import FoundFile

# Files in one transaction: few enough that others need not wait, many enough that a hundred thousand take seconds.
PART = 500


class _Seen(NamedTuple):
    """Size and time of change of a file, since when they are so, and whether the file was given out like that."""

    stamp: tuple[int, int]
    since_s: float
    is_told: bool


class Scan:
    """Goes through a folder, again and again when it is watched."""

    def __init__(
        self, folder: Path, *, on_error: Callable[[BelscoreError], None], settle_s: float | None = None
    ) -> None:
        """
        on_error : called with what cannot be read; it is left out
        settle_s : give each state of a file once, when its size and time of change have stayed as they are for so long
                   on our own clock: that of a network share may be another. None gives all files each time
        """
        self._folder, self._on_error, self._settle_s = folder, on_error, settle_s
        self._seen: dict[str, _Seen] = {}

    def parts(self) -> Iterator[list[FoundFile]]:
        """Files to note, PART at a time."""
        part: list[FoundFile] = []
        before, self._seen = self._seen, {}
        for file in calls_in(self._folder, on_error=self._on_error):
            found = self._look(file.path)
            if found is not None and self._is_to_tell(found, before):
                part.append(found)
            if len(part) == PART:
                yield part
                part = []
        if part:
            yield part

    def _look(self, path: Path) -> FoundFile | None:
        try:
            str(path).encode()
            return FoundFile(str(path), *stamp(path))
        except UnicodeEncodeError:
            what, do = "the name is no UTF-8", "rename the file"
        except FileNotFoundError:
            return None
        except OSError as error:
            what, do = error.strerror or "cannot be read", "check the permissions"
        self._on_error(BelscoreError(what, where=str(path), do=do))
        return None

    def _is_to_tell(self, found: FoundFile, before: dict[str, _Seen]) -> bool:
        if self._settle_s is None:
            return True
        now_s = time.monotonic()
        seen = before.get(found.path)
        if seen is None or seen.stamp != found[1:]:
            seen = _Seen((found.size_bytes, found.changed_ns), now_s, is_told=False)
        settled = now_s - seen.since_s >= self._settle_s
        self._seen[found.path] = seen._replace(is_told=seen.is_told or settled)
        return settled and not seen.is_told


def is_there(folder: Path) -> bool:
    """Whether a folder can be read and holds anything: a share that is not mounted leaves an empty one, or none."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False
