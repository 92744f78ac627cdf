"""Where a model is gathered before it is put in place: a folder that outlives the run, so that the next one goes on.

No file of it is used before its sha256 is that of the manifest.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from belscore.errors import ModelError
from belscore.model_manifest import ModelEntry, ModelFile
from belscore.models import sha256_of

# A full disk, a full quota, and a bound on the size of files.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Room for logs, for what a file system rounds up, and for whatever else the machine writes meanwhile.
_SPARE_BYTES = 50_000_000
_BYTES_PER_MB = 1_000_000


class WrongContentError(ModelError):
    """What came is not the model; nothing of it is kept."""


class NoRoomError(ModelError):
    """The disk is full; nothing is kept, to leave the room to others."""


@contextlib.contextmanager
def full_disk_told(where: Path) -> Iterator[None]:
    """Turn an OSError that means a full disk into a NoRoomError."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise NoRoomError(f"the disk is full ({error.strerror})", where=str(where)) from None


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder where a model is gathered; its name holds what the model's content must be.

    wheels  : wheels that came in whole
    parts   : files that have come in part; the next run adds to them
    ready   : files that came in whole and had the right sha256
    scratch : what one command needs; emptied before each
    """

    root: Path

    @property
    def wheels(self) -> Path:
        return self.root / "wheels"

    @property
    def parts(self) -> Path:
        return self.root / "parts"

    @property
    def ready(self) -> Path:
        return self.root / "ready"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    def open(self) -> None:
        """Make the folders that are not there yet."""
        self.clear_scratch()
        for folder in (self.wheels, self.parts, self.ready):
            folder.mkdir(parents=True, exist_ok=True)

    def clear_scratch(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def drop(self) -> None:
        """Remove it with all that it holds."""
        shutil.rmtree(self.root, ignore_errors=True)

    def close(self) -> None:
        """Remove what no later run can use, and the folder itself when nothing is left."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        if not self.kept_bytes():
            self.drop()

    def size_bytes(self) -> int:
        """All that lies in it, also what is only being written."""
        return _size_of(self.root)

    def kept_bytes(self) -> int:
        """What the next run can go on from."""
        return sum(map(_size_of, (self.wheels, self.parts, self.ready)))

    def need_room(self, size_bytes: int) -> None:
        """Raise NoRoomError when the disk has no room for so much in all, what is here already included."""
        needed = size_bytes + _SPARE_BYTES - self.kept_bytes()
        free = shutil.disk_usage(self.root).free
        if free < needed:
            says = f"{needed / _BYTES_PER_MB:.0f} MB are needed and {free / _BYTES_PER_MB:.0f} MB free"
            raise NoRoomError(says, where=str(self.root.parent))

    def missing(self, entry: ModelEntry) -> list[ModelFile]:
        """The files that are not ready, small ones first: a wrong model is then noticed before its weights come."""
        files = [file for file in entry.files if not (self.ready / file.name).is_file()]
        return sorted(files, key=lambda file: file.size_bytes)

    def accept(self, file: ModelFile, whence: str) -> None:
        """Take a file that came in whole into `ready`. Raises WrongContentError when it is not the right one."""
        part = self.parts / file.name
        if sha256_of(part) != file.sha256:
            raise WrongContentError(f"{file.name} {whence} has the wrong sha256")
        with part.open("rb+") as written:
            # The stamp will vouch for these bytes: they must be on the disk before it is.
            os.fsync(written.fileno())
        part.replace(self.ready / file.name)


def _size_of(folder: Path) -> int:
    """Bytes of the files below a folder. What another process removes meanwhile, folders too, counts for nothing."""
    size_bytes = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size_bytes += Path(at, name).stat().st_size
    return size_bytes
