"""Recordings on disk, sealed in chunks, so that any part can be read and nothing of it changed unnoticed.

The STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár 2015, "Online authenticated-encryption and its
nonce-reuse misuse-resistance"): AES-256-GCM a chunk; the nonce is the number of the chunk and whether it is the last,
so that chunks cannot be swapped, left out or taken for the end. Every file has a key of its own (HKDF of the key, a
random salt and the header), so that nonces never meet.

    BELSEAL1 | id of the key, 8 bytes | salt, 32 bytes | chunks of 64 KiB, each with a tag of 16 bytes
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from belscore.encryption.keys import ID_BYTES, Key, KeyRing, needed, sync_folder
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"BELSEAL1"
CHUNK_BYTES = 64 * 1024
PART_SUFFIX = ".part"
_TAG_BYTES = 16
_SALT_BYTES = 32
_HEADER_BYTES = len(MAGIC) + ID_BYTES + _SALT_BYTES
_SEALED_BYTES = CHUNK_BYTES + _TAG_BYTES
_COUNTER_BYTES = 11
_ROOM = "check the folder and the room on the disk"
_DAMAGED = "restore it from a backup"


class SealedWriter:
    """Writes a file that appears at `path` by `commit`, whole and for its owner alone, or not at all.

    keys : None writes the bytes as they are
    """

    def __init__(self, path: Path, keys: KeyRing | None) -> None:
        self._path, self._number, self._rest = path, 0, b""
        self._part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}{PART_SUFFIX}")
        self._cipher: AESGCM | None = None
        self._file: BinaryIO | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.fdopen(os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o600), "wb")
            if keys is not None:
                header = MAGIC + keys.newest.id + secrets.token_bytes(_SALT_BYTES)
                self._cipher = _cipher(keys.newest, header)
                self._file.write(header)
        except OSError as error:
            self.discard()
            raise _told(error, path) from None

    def write(self, data: bytes) -> None:
        """Add bytes. Raises BelscoreError when the disk is full or gone; nothing is left of the file then."""
        try:
            if self._cipher is None:
                self._opened.write(data)
                return
            data, start = self._rest + data, 0
            # The last chunk is not known for the last before `commit`, so that one stays behind.
            while len(data) - start > CHUNK_BYTES:
                self._write_chunk(data[start : start + CHUNK_BYTES], is_last=False)
                start += CHUNK_BYTES
            self._rest = data[start:]
        except OSError as error:
            self.discard()
            raise _told(error, self._path) from None

    def commit(self) -> None:
        """Put the file in its place, instead of one that was there. Raises BelscoreError; nothing is left then."""
        try:
            if self._cipher is not None:
                self._write_chunk(self._rest, is_last=True)
            file = self._opened
            file.flush()
            os.fsync(file.fileno())
            file.close()
            self._file = None
            self._part.replace(self._path)
        except OSError as error:
            self.discard()
            raise _told(error, self._path) from None
        sync_folder(self._path.parent)

    def discard(self) -> None:
        """Leave nothing behind; after `commit` it does nothing."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    @property
    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise BelscoreError("was committed or discarded", where=str(self._path))
        return self._file

    def _write_chunk(self, data: bytes, *, is_last: bool) -> None:
        assert self._cipher is not None
        self._opened.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), data, None))
        self._number += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Discard what was not committed."""
        self.discard()


class SealedFile:
    """A file open for reading, sealed or not; made by `open_sealed`. Threads may share it.

    size_bytes : of the content
    is_sealed  : whether it is encrypted on disk
    """

    def __init__(self, path: Path, file: BinaryIO, keys: KeyRing | None) -> None:
        self._path, self._file, self._lock = path, file, threading.Lock()
        self._cipher: AESGCM | None = None
        header = file.read(_HEADER_BYTES)
        size = os.fstat(file.fileno()).st_size
        self.is_sealed = header.startswith(MAGIC)
        self.size_bytes = size
        if not self.is_sealed:
            return
        body = size - _HEADER_BYTES
        self._chunks, rest = -(-body // _SEALED_BYTES), body % _SEALED_BYTES
        if body < _TAG_BYTES or 0 < rest < _TAG_BYTES:
            raise _damaged(path)
        key_id = header[len(MAGIC) : len(MAGIC) + ID_BYTES]
        if keys is None:
            raise needed(key_id, where=str(path), given=None)
        self._cipher = _cipher(keys.find(key_id, where=str(path)), header)
        self.size_bytes = body - self._chunks * _TAG_BYTES
        # Only the true last chunk opens as the last: what was cut off or added is noticed here.
        self._chunk(self._chunks - 1)

    def read(self, start: int, count: int) -> bytes:
        """Bytes of the content from `start` on, at most `count`; b"" from its end on.

        Raises BelscoreError when they are damaged.
        """
        start, end = max(0, start), min(max(0, start) + max(0, count), self.size_bytes)
        if start >= end:
            return b""
        try:
            if self._cipher is None:
                with self._lock:
                    self._file.seek(start)
                    return self._file.read(end - start)
            first, last = start // CHUNK_BYTES, (end - 1) // CHUNK_BYTES
            data = b"".join(self._chunk(number) for number in range(first, last + 1))
        except OSError as error:
            raise _told(error, self._path) from None
        return data[start - first * CHUNK_BYTES : end - first * CHUNK_BYTES]

    def close(self) -> None:
        self._file.close()

    def _chunk(self, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        assert self._cipher is not None
        with self._lock:
            self._file.seek(_HEADER_BYTES + number * _SEALED_BYTES)
            sealed = self._file.read(_SEALED_BYTES)
        try:
            return self._cipher.decrypt(_nonce(number, is_last=number == self._chunks - 1), sealed, None)
        except (InvalidTag, ValueError):
            raise _damaged(self._path) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_sealed(path: Path, keys: KeyRing | None) -> SealedFile:
    """Open a file that `SealedWriter` wrote, or any other one as it is.

    Raises BelscoreError when it cannot be read, its end is damaged, or its key is not there.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BelscoreError(error.strerror or "cannot be read", where=str(path), do="check the path") from None
    try:
        return SealedFile(path, file, keys)
    except OSError as error:
        file.close()
        raise _told(error, path) from None
    except BaseException:
        file.close()
        raise


def key_of(path: Path) -> bytes | None:
    """The id of the key that a file is sealed with; None for one that is not sealed. Raises OSError."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    return header[len(MAGIC) : len(MAGIC) + ID_BYTES] if header.startswith(MAGIC) else None


# Windows would change line ends.
_BINARY = getattr(os, "O_BINARY", 0)


def _cipher(key: Key, header: bytes) -> AESGCM:
    """The cipher of one file. The header is part of it: no byte of it can be changed either."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key.derived(b"belscore sealed file/1" + header, salt=header[-_SALT_BYTES:]))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + bytes([is_last])


def _told(error: OSError, path: Path) -> BelscoreError:
    return BelscoreError(error.strerror or "cannot be read or written", where=str(path), do=_ROOM)


def _damaged(path: Path) -> BelscoreError:
    return BelscoreError("is damaged: a part was changed, moved or cut off", where=str(path), do=_DAMAGED)
