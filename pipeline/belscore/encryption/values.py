"""What lies in the store, sealed: AES-256-GCM with a random nonce, bound to the column it stands in.

With random nonces one key may seal 2^32 values (NIST SP 800-38D, 8.3): at 300,000 a month, a thousand years.
"""

from __future__ import annotations

import base64
import binascii
import os

from belscore.encryption.keys import ID_BYTES, Key, KeyRing, needed
from belscore.errors import BelscoreError

# One byte in front of a sealed body; `store.blobs` has that of others.
MARK = b"s"
TEXT_MARK = "~s1~"
# A plain text that begins as a marked one does would be taken for that; it gets this in front.
_PLAIN_TEXT_MARK = "~p1~"
_NONCE_BYTES = 12
_ID_END = len(MARK) + ID_BYTES
_NONCE_END = _ID_END + _NONCE_BYTES


def seal(data: bytes, keys: KeyRing | None, column: str) -> bytes:
    """Bytes for a column such as `transcripts.body`; as they are without keys. They must not begin with MARK."""
    if keys is None:
        return data
    key, nonce = keys.newest, os.urandom(_NONCE_BYTES)
    return MARK + key.id + nonce + key.values.encrypt(nonce, data, column.encode())


def unseal(data: bytes, keys: KeyRing | None, column: str) -> bytes | None:
    """The bytes again; None when they are damaged, or were moved from another column.

    Raises BelscoreError when they were sealed with a key that is not there.
    """
    if not data.startswith(MARK):
        return data
    from cryptography.exceptions import InvalidTag

    if len(data) < _NONCE_END:
        return None
    key = _key(data[len(MARK) : _ID_END], keys, column)
    try:
        return key.values.decrypt(data[_ID_END:_NONCE_END], data[_NONCE_END:], column.encode())
    except InvalidTag:
        return None


def seal_text(text: str, keys: KeyRing | None, column: str) -> str:
    """A text for a column such as `comments.text`: base64 behind TEXT_MARK; as it is without keys, and when empty."""
    if keys is not None and text:
        return TEXT_MARK + base64.b64encode(seal(text.encode(errors="replace"), keys, column)).decode()
    return _PLAIN_TEXT_MARK + text if text.startswith((TEXT_MARK, _PLAIN_TEXT_MARK)) else text


def unseal_text(text: str, keys: KeyRing | None, column: str) -> str:
    """The text again. Raises BelscoreError when it is damaged, or sealed with a key that is not there."""
    if not text.startswith(TEXT_MARK):
        return text.removeprefix(_PLAIN_TEXT_MARK)
    try:
        sealed = base64.b64decode(text.removeprefix(TEXT_MARK), validate=True)
    except (binascii.Error, ValueError):
        sealed = b""
    plain = unseal(sealed, keys, column) if sealed.startswith(MARK) else None
    if plain is None:
        raise BelscoreError("is damaged", where=column, do="restore the store from a backup")
    return plain.decode()


def begin_of(key: Key) -> bytes:
    """What everything begins with that `seal` made with a key."""
    return MARK + key.id


def text_begin_of(key: Key) -> str:
    """What every text begins with that `seal_text` made with a key."""
    # Four characters of base64 for each three bytes: what follows the id must not have begun yet.
    return TEXT_MARK + base64.b64encode(begin_of(key))[: (len(MARK) + ID_BYTES) // 3 * 4].decode()


def _key(key_id: bytes, keys: KeyRing | None, where: str) -> Key:
    if keys is None:
        raise needed(key_id, where=where, given=None)
    return keys.find(key_id, where=where)
