"""JSON as it lies in the store: compressed, behind a mark that says how."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

from belscore.errors import BelscoreError

# One byte in front tells how the rest was packed, so that another way can be added.
_DEFLATED = b"z"

_Read = TypeVar("_Read")


def pack(data: object) -> bytes:
    """JSON values as bytes; a transcript of four minutes takes some 6 kB."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # Half a character, as in names of files that are no Unicode, would not be read again.
    return _DEFLATED + zlib.compress(text.encode(errors="replace"), 6)


def unpack(body: bytes, *, where: str) -> Any:
    """The values again. Raises BelscoreError when the bytes are damaged.

    where : what is read, for the message
    """
    return _read(body, json.loads, where)


def unpack_text(body: bytes, *, where: str) -> bytes:
    """The JSON itself, for who reads it by a form of its own. Raises BelscoreError when the bytes are damaged."""
    return _read(body, bytes, where)


def unpack_value(body: bytes, key: str, *, where: str) -> Any:
    """The value of the last `key` in packed JSON, without reading the rest; None when there is no such key.

    Inside a JSON string a quote is escaped, so that a key cannot be mistaken for what somebody said.
    """

    def value(text: bytes) -> Any:
        mark = json.dumps(key).encode() + b":"
        at = text.rfind(mark)
        return json.JSONDecoder().raw_decode(text[at + len(mark) :].decode())[0] if at >= 0 else None

    return _read(body, value, where)


def _read(body: bytes, read: Callable[[bytes], _Read], where: str) -> _Read:
    """What `read` makes of the JSON in a body; what it raises as ValueError means that the body is damaged."""
    try:
        if body[:1] != _DEFLATED:
            raise ValueError(body[:1])
        return read(zlib.decompress(body[1:]))
    except (zlib.error, ValueError):
        do = "restore the store from a backup, or score the call again"
        raise BelscoreError("is damaged", where=where, do=do) from None
