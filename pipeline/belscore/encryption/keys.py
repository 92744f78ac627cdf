"""Keys for encryption at rest: from a file or the environment, the newest first, older ones kept for reading.

A key is 32 random bytes, written as base64. What is encrypted or told apart by it uses keys derived from it (HKDF, RFC
5869), each for one purpose. Its id is derived too: it tells which key is needed, and nothing else of it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_VARIABLE = "BELSCORE_KEY"
FILE_VARIABLE = "BELSCORE_KEY_FILE"
# AES-256.
KEY_BYTES = 32
ID_BYTES = 8
_HEAD = "# Keys of belscore, the newest first. Without them what is encrypted cannot be read by anybody: keep a copy."
_NEW = "make one with `belscore key new FILE`"


@dataclass(frozen=True)
class Key:
    """One key; shown by its id alone."""

    secret: bytes = field(repr=False)

    @cached_property
    def id(self) -> bytes:
        return self.derived(b"belscore key id")[:ID_BYTES]

    @cached_property
    def values(self) -> AESGCM:
        """The cipher for what lies in the store."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self.derived(b"belscore store/1"))

    def derived(self, purpose: bytes, *, salt: bytes = b"") -> bytes:
        """A key for one purpose alone, KEY_BYTES long."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), KEY_BYTES, salt, purpose).derive(self.secret)

    def __repr__(self) -> str:
        return f"Key({self.id.hex()})"


class KeyRing:
    """Keys with which things are read; the first one is what is written with.

    source : the file they come from, which is read again when a key is missing: another process may have added one
    """

    def __init__(self, keys: Sequence[Key], source: Path | None = None) -> None:
        if not keys:
            raise BelscoreError("holds no key", where=str(source or KEY_VARIABLE), do=_NEW)
        self._keys, self.source = tuple(keys), source

    @property
    def newest(self) -> Key:
        return self._keys[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, newest first."""
        return tuple(key.id.hex() for key in self._keys)

    def find(self, key_id: bytes, *, where: str) -> Key:
        """The key with this id. Raises BelscoreError when there is none, naming `where` it is needed."""
        known = next((key for key in self._keys if key.id == key_id), None)
        if known is None and self.source is not None:
            self._keys = _read(self.source)
            known = next((key for key in self._keys if key.id == key_id), None)
        if known is None:
            raise needed(key_id, where=where, given=str(self.source or KEY_VARIABLE))
        return known

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self.ids)})"


def load_keys() -> KeyRing | None:
    """The keys of BELSCORE_KEY_FILE or BELSCORE_KEY (several with a space between); None when neither is set.

    Raises BelscoreError when both are set, or what they name is no key.
    """
    path, text = os.environ.get(FILE_VARIABLE), os.environ.get(KEY_VARIABLE)
    if path and text:
        raise BelscoreError("keys from two places", where=f"{FILE_VARIABLE}, {KEY_VARIABLE}", do="set one of the two")
    if path:
        source = Path(path).expanduser().absolute()
        return KeyRing(_read(source), source)
    return KeyRing(_parse(text.split(), KEY_VARIABLE)) if text else None


def needed(key_id: bytes, *, where: str, given: str | None) -> BelscoreError:
    """The error of a key that is not there; `given` is where the keys at hand come from, None without any."""
    if given is None:
        do = f"name the file with its key in {FILE_VARIABLE}, or give the key in {KEY_VARIABLE}"
        return BelscoreError(f"is encrypted (key {key_id.hex()}), and no key is set", where=where, do=do)
    do = f"put that key back in {given}, below the first one"
    return BelscoreError(f"is encrypted with key {key_id.hex()}, which is not in {given}", where=where, do=do)


def new_key_file(path: Path) -> Key:
    """Make a file with one new key, for its owner alone. Raises BelscoreError when there is a file already."""
    key = Key(secrets.token_bytes(KEY_BYTES))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(f"{_HEAD}\n{_line(key)}")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        do = "name another file; a new key in this one comes from `belscore key rotate`"
        raise BelscoreError("is there already", where=str(path), do=do) from None
    except OSError as error:
        raise BelscoreError(error.strerror or "cannot be written", where=str(path), do="name another file") from None
    sync_folder(path.parent)
    return key


def add_key(path: Path) -> Key:
    """Put a new key in front of those in a file, which is replaced whole or not at all."""
    _read(path)
    key = Key(secrets.token_bytes(KEY_BYTES))
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        before = path.read_text(encoding="ascii").removeprefix(_HEAD).lstrip("\n")
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(f"{_HEAD}\n{_line(key)}{before}")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        do = "check the folder and its permissions"
        raise BelscoreError(error.strerror or "cannot be written", where=str(path), do=do) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    sync_folder(path.parent)
    return key


def sync_folder(folder: Path) -> None:
    """So that a power cut does not take the name of a file along."""
    # Windows has no such thing.
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _line(key: Key) -> str:
    return f"# {key.id.hex()}, made {date.today()}\n{base64.b64encode(key.secret).decode()}\n"


def _read(path: Path) -> tuple[Key, ...]:
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or "holds no key"
        raise BelscoreError(what, where=str(path), do=f"restore the file, or correct {FILE_VARIABLE}") from None
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    keys = _parse(" ".join(lines).split(), str(path))
    if not keys:
        raise BelscoreError("holds no key", where=str(path), do=f"restore the file, or {_NEW}")
    return keys


def _parse(texts: Sequence[str], where: str) -> tuple[Key, ...]:
    """Keys as written. Whatever is wrong with one is told without showing it."""
    keys = []
    for number, text in enumerate(texts, start=1):
        try:
            # Both alphabets of base64, with or without its padding.
            plain = re.sub("[-_]", lambda found: "+" if found[0] == "-" else "/", text.rstrip("="))
            secret = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            what = f"key {number} is no key of belscore ({KEY_BYTES} bytes, as base64)"
            raise BelscoreError(what, where=where, do=f"put the right one back, or {_NEW}")
        keys.append(Key(secret))
    return tuple(keys)
