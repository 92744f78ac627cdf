"""What a folder of calls that is handed in needs to know of the store: which of them it has already."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from belscore.store.calls import of_practice
from belscore.store.tables import calls, uploads
from belscore.store.uploads import Upload


def calls_of_content(connection: Connection, sha256s: Collection[str]) -> dict[str, int]:
    """The calls of the practice with this content, by the SHA-256 of their file."""
    query = select(calls.c.sha256, calls.c.id).where(calls.c.sha256.in_(sha256s), of_practice())
    return {row.sha256: row.id for row in connection.execute(query)}


def known_before(connection: Connection, found: Collection[Upload]) -> set[int]:
    """Ids of those uploads whose call was there before: from an earlier upload, or put in by other means."""
    call_ids = [each.call_id for each in found if each.call_id is not None]
    first = select(uploads.c.call_id, func.min(uploads.c.id).label("first")).where(uploads.c.call_id.in_(call_ids))
    firsts = {row.call_id: row.first for row in connection.execute(first.group_by(uploads.c.call_id))}
    query = select(calls.c.id, calls.c.added_at).where(calls.c.id.in_(call_ids))
    came = {row.id: row.added_at for row in connection.execute(query)}
    return {
        each.id
        for each in found
        if each.call_id in came and (firsts[each.call_id] < each.id or came[each.call_id] < each.made_at)
    }
