"""All that is to be encrypted, sealed with the newest key: some rows a transaction; stopped, it goes on next time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    Text,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from belscore.encryption.keys import Key
from belscore.encryption.values import begin_of, text_begin_of
from belscore.store.database import Store
from belscore.store.sealed_columns import SealedBinary, SealedText
from belscore.store.tables import metadata

_AT_A_TIME = 200


def sealed_columns() -> dict[Table, list[Column[Any]]]:
    """The columns that lie encrypted in a store with a key, by table."""
    found = {
        table: [column for column in table.columns if isinstance(column.type, (SealedBinary, SealedText))]
        for table in metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


def count_stale(store: Store, key: Key) -> int:
    """Rows that hold something which is not sealed with this key."""
    with store.read() as connection:
        counts = (
            connection.execute(select(func.count()).select_from(table).where(_stale(columns, key))).scalar_one()
            for table, columns in sealed_columns().items()
        )
        return sum(counts)


def seal_anew(store: Store) -> int:
    """Seal all rows with the newest key of the store; how many were not. They are read with the keys they have."""
    assert store.keys is not None
    key, count = store.keys.newest, 0
    for table, columns in sealed_columns().items():
        [identity] = table.primary_key.columns
        last = None
        while True:
            with store.write() as connection:
                asked = select(identity, *columns).where(_stale(columns, key)).order_by(identity).limit(_AT_A_TIME)
                rows = connection.execute(asked if last is None else asked.where(identity > last)).all()
                if not rows:
                    break
                names = [column.name for column in columns]
                values = [{"row_id": row[0], **dict(zip(names, row[1:], strict=True))} for row in rows]
                connection.execute(update(table).where(identity == bindparam("row_id")), values)
            last = rows[-1][0]
            count += len(rows)
    return count


def _stale(columns: list[Column[Any]], key: Key) -> ColumnElement[bool]:
    return or_(*(_begins_otherwise(column, key) for column in columns))


def _begins_otherwise(column: Column[Any], key: Key) -> ColumnElement[bool]:
    """Of what lies in the column, before it is opened; what is empty has nothing to seal."""
    if isinstance(column.type, SealedBinary):
        begin = begin_of(key)
        return func.substr(type_coerce(column, LargeBinary()), 1, len(begin)) != type_coerce(begin, LargeBinary())
    text = type_coerce(column, Text())
    mark = text_begin_of(key)
    return (text != "") & (func.substr(text, 1, len(mark)) != mark)
