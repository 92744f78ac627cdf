"""Keyed hashes of callers' numbers and of topics: calls of one caller are seen to belong together; no more is kept.

A telephone number has so few digits that a plain hash of it can be undone by trying all; a keyed one (HMAC-SHA256)
cannot without the key. The key lies beside the store or in the environment, never in it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, insert, select

from belscore.encryption.keys import sync_folder
from belscore.errors import BelscoreError
from belscore.store.database import Store
from belscore.store.tables import facts

KEY_VARIABLE = "BELSCORE_HASH_KEY"
KEY_SUFFIX = ".hash-key"
MIN_KEY_CHARACTERS = 32
_CHECK = "hash_key_check"
# So that an unknown word of a topic cannot be told from a number.
_NUMBER, _TOPIC = b"number\0", b"topic\0"
_TOPIC_CHARACTERS = 16
# 0031 and +31 stand for the 0 of a Dutch number.
_ABROAD = re.compile(r"^(?:00|\+)")
_OWN_COUNTRY = re.compile(r"^31(?:0)?")
# The number in an address such as `"Jansen" <sip:0201234567@pbx.local;user=phone>`, before what tells of the server.
_ADDRESS = re.compile(r"(?:tel|sips?):([^@;>]*)", re.IGNORECASE)
# Many exchanges write the country without anything in front; a Dutch number has nine digits after its 0.
_BARE_COUNTRY = re.compile(r"^31[1-9]\d{8}$")
MIN_DIGITS = 5


@dataclass(frozen=True, slots=True)
class CallerKeys:
    """Makes the hashes of one store."""

    _key: bytes = field(repr=False)

    def of_number(self, number: str) -> str | None:
        """The hash of a number, however it is written; None when it is withheld or no number.

        Extensions of four digits and less are no callers from outside.
        """
        digits = normal_number(number)
        return self._hash(_NUMBER, digits) if digits else None

    def of_topic(self, words: Iterable[str]) -> list[str]:
        """Short hashes of words, in an order that does not tell theirs."""
        return sorted(self._hash(_TOPIC, word)[:_TOPIC_CHARACTERS] for word in words)

    def _hash(self, kind: bytes, text: str) -> str:
        return hmac.new(self._key, kind + text.encode(errors="replace"), hashlib.sha256).hexdigest()

    @property
    def check(self) -> str:
        return self._hash(b"check\0", "")


def normal_number(number: str) -> str | None:
    """Digits of a number as dialled in the Netherlands, abroad with + in front; None for what is no outside number.

    >>> [normal_number(each) for each in ("06-12 34 56 78", "+31 6 12345678", "0031612345678", "+32 2 123 45 67")]
    ['0612345678', '0612345678', '0612345678', '+3221234567']
    >>> [normal_number(each) for each in ("anoniem", "2104", "0000000000", "31201234567", "sip:0201234567@pbx.local")]
    [None, None, None, '0201234567', '0201234567']
    """
    address = _ADDRESS.search(number)
    text = re.sub(r"[^0-9+]", "", address[1] if address else number)
    abroad = _ABROAD.match(text) or _BARE_COUNTRY.match(text)
    digits = (text[2:] if text.startswith("00") else text).replace("+", "")
    if len(digits) < MIN_DIGITS or not digits.strip("0"):
        return None
    if not abroad:
        return digits
    own = _OWN_COUNTRY.match(digits)
    return f"0{digits[own.end() :]}" if own else f"+{digits}"


def caller_keys(store: Store) -> CallerKeys:
    """The keys of a store: from BELSCORE_HASH_KEY, else from a file beside an SQLite store, made when there is none.

    Raises BelscoreError when the key is not the one that the store was filled with, or cannot be had.
    """
    with store.read() as connection:
        check = _check_of(connection)
    keys = CallerKeys(_key(store, known=check is not None))
    if check is None:
        with store.write() as connection:
            check = _check_of(connection)
            if check is None:
                connection.execute(insert(facts).values(name=_CHECK, value=keys.check))
                return keys
    if check != keys.check:
        do = f"put back the key it was filled with ({KEY_VARIABLE}, or {_key_file(store)})"
        raise BelscoreError("the key of the caller hashes is another one than before", where=store.name, do=do)
    return keys


def _check_of(connection: Connection) -> str | None:
    return connection.execute(select(facts.c.value).where(facts.c.name == _CHECK)).scalar()


def _key(store: Store, *, known: bool) -> bytes:
    """known : the store has hashes of a key already, so that a new one is no use"""
    named = os.environ.get(KEY_VARIABLE)
    if named is not None:
        if len(named) < MIN_KEY_CHARACTERS:
            do = f"give it {MIN_KEY_CHARACTERS} random characters or more"
            raise BelscoreError("the key is too short", where=KEY_VARIABLE, do=do)
        return named.encode(errors="surrogateescape")
    path = _key_file(store)
    if path is None:
        do = f"set {KEY_VARIABLE} to {MIN_KEY_CHARACTERS} random characters or more, the same on every machine"
        raise BelscoreError("no key for the hashes of callers' numbers", where=store.name, do=do)
    if known and not path.exists():
        do = f"put it back, or set {KEY_VARIABLE} to what it held"
        raise BelscoreError("the key of the caller hashes is gone", where=str(path), do=do)
    return _kept_key(path)


def _key_file(store: Store) -> Path | None:
    database = store.engine.url.database
    return Path(f"{database}{KEY_SUFFIX}") if store.is_sqlite and database and database != ":memory:" else None


def _kept_key(path: Path) -> bytes:
    """The key in the file, made at once and whole when there is none: of two that start together one wins."""
    try:
        if not path.exists():
            part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
            try:
                with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                    file.write(secrets.token_hex(MIN_KEY_CHARACTERS))
                    file.flush()
                    os.fsync(file.fileno())
                _link(part, path)
                sync_folder(path.parent)
            finally:
                part.unlink(missing_ok=True)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or "cannot be read"
        raise BelscoreError(what, where=str(path), do=f"restore the file, or set {KEY_VARIABLE}") from None
    if len(key) < MIN_KEY_CHARACTERS:
        raise BelscoreError("holds no key", where=str(path), do=f"restore the file, or set {KEY_VARIABLE}")
    return key.encode()


def _link(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links; the last of two that start together wins, and `check` tells the other.
        part.replace(path)
