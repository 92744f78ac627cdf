"""The sound of calls as the pages play it: which file in the folder of recordings belongs to which call."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath, PureWindowsPath
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from belscore.store.tables import recordings
from belscore.wall_clock import this_second


class Kept(NamedTuple):
    """A file in the folder of recordings; `is_copy` when it can be made again from a file that lies elsewhere."""

    name: str
    size_bytes: int
    is_copy: bool


def keep_recording(connection: Connection, call_id: int, kept: Kept) -> None:
    """Note the sound of a call, in the place of what there was."""
    connection.execute(delete(recordings).where(recordings.c.call_id == call_id))
    connection.execute(insert(recordings).values(call_id=call_id, made_at=this_second(), **kept._asdict()))


def kept_recording(connection: Connection, call_id: int) -> Kept | None:
    """The file with the sound of a call; None when none is kept."""
    columns = (recordings.c.name, recordings.c.size_bytes, recordings.c.is_copy)
    row = connection.execute(select(*columns).where(recordings.c.call_id == call_id)).first()
    return Kept(*row) if row is not None else None


def known_names(connection: Connection, names: Collection[str]) -> set[str]:
    """Which of these files belong to a call."""
    return {*connection.execute(select(recordings.c.name).where(recordings.c.name.in_([*names]))).scalars()}


def shown_source(source: str) -> str:
    """The name of a recording without the folders of the machine that it lies on.

    >>> shown_source("/srv/opnamen/12.wav"), shown_source("D:\\\\opnamen\\\\12.wav")
    ('12.wav', '12.wav')
    """
    return PureWindowsPath(PurePosixPath(source).name).name
