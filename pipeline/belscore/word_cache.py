"""Words kept between runs: a recording is recognised once, however often its call is judged.

An entry is the words of one recognition, or what the sound answered in one second look, in a file named by its key
(`word_key`), behind a checksum. It is what people said, so it is for its owner alone, goes after some days by itself,
and a damaged one is never believed. Nothing here ends a run: where words cannot be kept, they are recognised again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from belscore.call import Word
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FOLDER_VARIABLE = "BELSCORE_CACHE"
DAYS_VARIABLE = "BELSCORE_CACHE_DAYS"
SIZE_VARIABLE = "BELSCORE_CACHE_MB"
# Rules and profile are tuned to a batch of calls over weeks; who said what should not lie about for longer.
KEPT_DAYS = 30.0
# Words take 10 kB a minute of talk (`make bench-second-run`): this is some 300 hours.
KEPT_MB = 200.0

Words = tuple[tuple[Word, ...], ...]
Value = TypeVar("Value")

_ENTRY = re.compile(r"[0-9a-f]{64}\.words")
_PART = re.compile(r"\.words-\w+\.part")
_STAMP = ".tidied"
_DAY_S = 24 * 3600.0
# Writing takes milliseconds; what is half after an hour was left by a process that was killed.
_PART_S = 3600.0
_BYTES_PER_MB = 1_000_000
# Folders that were told to be unusable: once is enough.
_told: set[Path] = set()


@dataclass(frozen=True, slots=True)
class Kind(Generic[Value]):
    """What an entry holds.

    mark : opens its file
    form : the type, as pydantic writes and reads it
    """

    mark: bytes
    form: Any


WORDS: Kind[Words] = Kind(b"belscore.words/1", Words)


class Kept(NamedTuple):
    """How many entries a cache has, and their bytes."""

    entries: int
    size_bytes: int


class _File(NamedTuple):
    """A file of the cache: when it was made is its time of writing, when it was last used its time of access."""

    path: Path
    size_bytes: int
    made_s: float
    used_s: float


@dataclass(frozen=True, slots=True)
class WordCache:
    """Words on disk.

    folder    : holds entries only; made when the first one is kept
    days      : an entry is removed so long after its recognition; 0 keeps nothing, infinity for ever
    megabytes : of all entries; above it those that were not used for longest are removed
    tells     : whether a damaged entry or an unusable folder is logged
    """

    folder: Path
    days: float = KEPT_DAYS
    megabytes: float = KEPT_MB
    tells: bool = True

    def remembered(self, key: str, recognise: Callable[[], Words]) -> Words:
        """The words kept under a key, else those that `recognise` gives, which are kept for the next time."""
        return self.made_once(WORDS, key, recognise)

    def find(self, key: str) -> Words | None:
        """The words kept under a key; None without any, and when they are too old or damaged, which removes them."""
        return self._find(WORDS, key)

    def keep(self, key: str, words: Words) -> None:
        """Write an entry whole or not at all, and make room for it."""
        self._keep(WORDS, key, words)

    def made_once(self, kind: Kind[Value], key: str, make: Callable[[], Value]) -> Value:
        """What is kept of a kind under a key, else what `make` gives, which is kept for the next time."""
        value = self._find(kind, key)
        if value is None:
            value = make()
            self._keep(kind, key, value)
        return value

    def _find(self, kind: Kind[Value], key: str) -> Value | None:
        path = self._path(key)
        try:
            self._claim()
            self._tidy_daily()
            raw, made_ns = path.read_bytes(), path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        except OSError as error:
            self._tell_unusable(error)
            return None
        if self._is_old(made_ns / 1e9):
            _remove(path)
            return None
        value = _read(raw, kind, key)
        if value is None:
            _remove(path)
            if self.tells:
                _log(BelscoreError("damaged words of an earlier run, removed and recognised again", where=str(path)))
            return None
        with contextlib.suppress(OSError):
            os.utime(path, ns=(time.time_ns(), made_ns))
        return value

    def _keep(self, kind: Kind[Value], key: str, value: Value) -> None:
        if not self._keeps:
            return
        try:
            self._write(self._path(key), _written(kind, key, value))
            self.tidy()
        except OSError as error:
            self._tell_unusable(error)

    def is_usable(self) -> bool:
        """Whether an entry can be written; tells when not: once, before many processes each find it out."""
        if not self._keeps:
            return True
        trial = self.folder / f".words-{os.getpid()}.part"
        try:
            self._write(trial, b"\n")
            trial.unlink()
        except OSError as error:
            self._tell_unusable(error)
            return False
        return True

    def tidy(self) -> None:
        """Remove entries that are too old or too many, longest not used first, and what killed processes left half."""
        total = 0
        for file in sorted(self._files(_ENTRY), key=lambda file: (-file.used_s, file.path.name)):
            if not self._is_old(file.made_s):
                total += file.size_bytes
                if total <= self.megabytes * _BYTES_PER_MB:
                    continue
            _remove(file.path)
        for file in self._files(_PART):
            if abs(time.time() - file.made_s) > _PART_S:
                _remove(file.path)

    def kept(self) -> Kept:
        """What lies there now."""
        files = list(self._files(_ENTRY))
        return Kept(len(files), sum(file.size_bytes for file in files))

    def clear(self) -> Kept:
        """Remove every entry, and nothing else that lies there; what was removed. Raises OSError when one stays."""
        removed = self.kept()
        for pattern in (_ENTRY, _PART):
            for file in self._files(pattern):
                file.path.unlink(missing_ok=True)
        (self.folder / _STAMP).unlink(missing_ok=True)
        return removed

    @property
    def _keeps(self) -> bool:
        return self.days > 0 and self.megabytes > 0

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.words"

    def _is_old(self, made_s: float) -> bool:
        """A clock that was set back makes entries of the future: these go after the same time."""
        return abs(time.time() - made_s) > self.days * _DAY_S

    def _claim(self) -> None:
        """See that the folder is the user's own and shut to others. Raises OSError, FileNotFoundError without one."""
        if sys.platform == "win32":
            return
        found = self.folder.stat()
        if found.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it belongs to somebody else", str(self.folder))
        if found.st_mode & 0o077:
            self.folder.chmod(0o700)

    def _write(self, path: Path, data: bytes) -> None:
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._claim()
        # Made for its owner alone, and beside the place it takes: replacing is then one step.
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".words-", suffix=".part", delete=False) as part:
            try:
                part.write(data)
                part.close()
                Path(part.name).replace(path)
            except BaseException:
                _remove(Path(part.name))
                raise

    def _tidy_daily(self) -> None:
        stamp = self.folder / _STAMP
        with contextlib.suppress(OSError):
            if not stamp.exists() or abs(time.time() - stamp.stat().st_mtime) > _DAY_S:
                stamp.touch(mode=0o600)
                self.tidy()

    def _files(self, name: re.Pattern[str]) -> Iterator[_File]:
        """Files of this cache; no others, since the folder may be one that somebody chose by mistake."""
        try:
            found = [entry for entry in os.scandir(self.folder) if name.fullmatch(entry.name)]
        except FileNotFoundError:
            return
        for entry in found:
            with contextlib.suppress(FileNotFoundError):
                stat = entry.stat(follow_symlinks=False)
                yield _File(Path(entry.path), stat.st_size, stat.st_mtime, stat.st_atime)

    def _tell_unusable(self, error: OSError) -> None:
        if self.tells and self.folder not in _told:
            _told.add(self.folder)
            what = f"words cannot be kept for a next run ({error.strerror or error})"
            _log(BelscoreError(what, where=str(self.folder), do=f"set {FOLDER_VARIABLE} to another folder"))


def _log(remark: BelscoreError) -> None:
    import logging

    # Where nobody set logging up, Python writes warnings to standard error.
    logging.getLogger(__name__).warning("%s", remark)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _written(kind: Kind[Value], key: str, value: Value) -> bytes:
    body: bytes = _adapter(kind).dump_json(value)
    return _head(kind, key, body) + b"\n" + body


def _read(raw: bytes, kind: Kind[Value], key: str) -> Value | None:
    """What an entry holds; None when it is not whole, or was kept under another key."""
    head, _, body = raw.partition(b"\n")
    if head != _head(kind, key, body):
        return None
    try:
        value: Value = _adapter(kind).validate_json(body)
    except ValueError:
        return None
    return value


def _head(kind: Kind[Any], key: str, body: bytes) -> bytes:
    return kind.mark + b" " + hashlib.sha256(key.encode() + b"\n" + body).hexdigest().encode()


@cache
def _adapter(kind: Kind[Any]) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind.form)


def user_cache(*, tells: bool = True) -> WordCache | None:
    """The cache of the user, as the environment sets it; None, with a remark, without a home folder to put it in.

    Raises BelscoreError for a setting that is no number.
    """
    days, megabytes = _number(DAYS_VARIABLE, KEPT_DAYS), _number(SIZE_VARIABLE, KEPT_MB)
    try:
        folder = _user_folder()
    except RuntimeError as error:
        if tells:
            _log(BelscoreError(f"words are not kept for a next run: {error}", do=f"set {FOLDER_VARIABLE} to a folder"))
        return None
    return WordCache(folder / "words", days, megabytes, tells)


def _user_folder() -> Path:
    """The folder chosen, else the per-user cache folder of the platform. Raises RuntimeError without a home folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "belscore" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "belscore"
    # What is not absolute is to be ignored (XDG Base Directory Specification 0.8).
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else home / ".cache") / "belscore"


def _number(variable: str, default: float) -> float:
    text = os.environ.get(variable, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not value >= 0:
        raise BelscoreError(f"`{text}` is no number from 0 on", where=variable, do=f"give one, like {default:g}")
    return value
