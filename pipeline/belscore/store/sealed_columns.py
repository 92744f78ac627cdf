"""Columns that lie encrypted in a store with a key: what goes in is sealed, what comes out is open, here alone.

Such a column cannot be compared or searched in SQL. What was written before there was a key is read as it is.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from belscore.encryption.keys import KeyRing
from belscore.encryption.values import seal, seal_text, unseal, unseal_text

# By the dialect of an engine, which is all that SQLAlchemy tells a column.
_KEYS: WeakKeyDictionary[Dialect, KeyRing] = WeakKeyDictionary()


def use_keys(engine: Engine, keys: KeyRing) -> None:
    """Seal and open what this engine writes and reads."""
    _KEYS[engine.dialect] = keys


class SealedBinary(TypeDecorator[bytes]):
    """Bytes of `name`, as table.column. What is damaged comes out as it lies: `blobs` tells of which call it is."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else seal(value, _KEYS.get(dialect), self.name)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        plain = unseal(value, _KEYS.get(dialect), self.name)
        return value if plain is None else plain


class SealedText(TypeDecorator[str]):
    """A text of `name`, as table.column."""

    impl = Text
    cache_ok = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else seal_text(value, _KEYS.get(dialect), self.name)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unseal_text(value, _KEYS.get(dialect), self.name)
