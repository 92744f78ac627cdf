"""What is too old, out of the store: some calls a transaction, so that others can write in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, insert, or_, select

from belscore.encryption.copies import sweep
from belscore.errors import BelscoreError
from belscore.recordings_folder import INCOMING, SOUNDS, WORK
from belscore.store.audit import count_before, note, purge_before
from belscore.store.database import Store
from belscore.store.erasing import forget_calls, forget_words, has_words, is_kept, sounds_of
from belscore.store.scrubbing import owe_scrub
from belscore.store.tables import (
    audit,
    calls,
    facts,
    jobs,
    missed_calls,
    recordings,
    sample_calls,
    samples,
    talks,
    uploads,
)
from belscore.store.uploads import tokens_under_way

FACT_RETENTION, FACT_PURGED_AT = "retention", "purged_at"
_AT_A_TIME = 200
# An entry this much later than now was made by a clock that was ahead, or this clock is behind.
_BEHIND = timedelta(days=1)
# Nothing was purged for so long: nobody used the program, or the clock has leapt ahead.
_LEAP = timedelta(days=366)
_DO = "set the clock of this machine right"


class Limits(NamedTuple):
    """The moments before which things are too old, as `Retention` has their days."""

    recordings: datetime
    transcripts: datetime
    scores: datetime
    audit: datetime


class Purged(NamedTuple):
    """How many were removed, or would be.

    recordings  : files of sound
    transcripts : calls of which the words went
    calls       : calls that went altogether
    others      : rows of missed calls, talks, drawn samples, and files that gave no call
    audit       : entries of the audit log
    """

    recordings: int = 0
    transcripts: int = 0
    calls: int = 0
    others: int = 0
    audit: int = 0


def count_due(connection: Connection, limits: Limits, today: date, folder: Path | None) -> Purged:
    """What a purge would remove now."""
    count = func.count()
    return Purged(
        len(_old_sounds(connection, limits, today)) + len(_stray_files(connection, limits, folder)),
        int(connection.execute(select(count).select_from(calls).where(*_wordy(limits, today))).scalar_one()),
        int(connection.execute(select(count).select_from(calls).where(*_old(limits, today))).scalar_one()),
        sum(
            int(connection.execute(select(count).select_from(table).where(which)).scalar_one())
            for table, which in _others(limits)
        ),
        count_before(connection, limits.audit),
    )


def purge_all(store: Store, limits: Limits, *, today: date, actor: str, folder: Path | None) -> Purged:
    """Remove what is too old. What is planned is noted in the audit log before the first thing goes."""
    with store.read() as connection:
        due = count_due(connection, limits, today, folder)
    if not any(due):
        return due
    with store.write() as connection:
        owe_scrub(connection)
        note(connection, actor, "purge", "store", {name: count for name, count in due._asdict().items() if count})
    _remove_sounds(store, limits, today, folder)
    _in_parts(store, lambda: select(calls.c.id).where(*_wordy(limits, today)), forget_words)

    def forget_with_sound(connection: Connection, call_ids: list[int]) -> None:
        if folder is not None:
            remove_sounds(folder, sounds_of(connection, call_ids))
        forget_calls(connection, call_ids)

    _in_parts(store, lambda: select(calls.c.id).where(*_old(limits, today)), forget_with_sound)
    with store.write() as connection:
        for table, which in _others(limits):
            connection.execute(delete(table).where(which))
        purge_before(connection, limits.audit, actor)
    return due


def clock_is_behind(connection: Connection, now: datetime) -> None:
    """Raise BelscoreError when the store has entries of the future: the clock was wrong then, or is so now."""
    latest = [connection.execute(select(func.max(each))).scalar() for each in (calls.c.added_at, audit.c.at)]
    newest = max((each for each in latest if each is not None), default=now)
    if newest > now + _BEHIND:
        what = f"the clock says {now:%Y-%m-%d %H:%M}, and the store has entries of {newest:%Y-%m-%d %H:%M}"
        raise BelscoreError(f"{what}: nothing was purged", do=_DO)


def clock_leapt(connection: Connection, now: datetime) -> None:
    """Raise BelscoreError when nothing was purged for longer than a year: somebody must look at that first."""
    last = read_fact(connection, FACT_PURGED_AT)
    if last and now - datetime.fromisoformat(last) > _LEAP:
        what = f"the clock says {now:%Y-%m-%d}, more than a year after the last purge: nothing was purged"
        raise BelscoreError(what, do=f"{_DO}, or run `belscore purge` when it is right")


def read_fact(connection: Connection, name: str) -> str | None:
    return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def write_fact(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(facts).where(facts.c.name == name))
    connection.execute(insert(facts).values(name=name, value=value))


# ---- what is due


def _wordy(limits: Limits, today: date) -> tuple[ColumnElement[bool], ...]:
    return (calls.c.added_at < limits.transcripts, has_words(), ~is_kept(today))


def _old(limits: Limits, today: date) -> tuple[ColumnElement[bool], ...]:
    return (calls.c.added_at < limits.scores, ~is_kept(today))


def _others(limits: Limits) -> list[tuple[Table, ColumnElement[bool]]]:
    """Rows that belong to no call, with the condition under which they go."""
    drawn = select(sample_calls.c.sample_id).where(sample_calls.c.sample_id == samples.c.id).exists()
    over = uploads.c.call_id.is_(None) & uploads.c.state.in_(("failed", "cancelled", "done"))
    failed = or_(jobs.c.state == "failed", jobs.c.call_id.is_(None) & jobs.c.state.in_(("done", "duplicate")))
    return [
        (missed_calls, missed_calls.c.added_at < limits.scores),
        (talks, talks.c.made_at < limits.scores),
        (samples, (samples.c.made_at < limits.scores) & ~drawn),
        (uploads, over & (uploads.c.changed_at < limits.scores)),
        (jobs, failed & (jobs.c.changed_at < limits.scores)),
    ]


def _old_sounds(connection: Connection, limits: Limits, today: date) -> list[str]:
    joined = select(recordings.c.name).join(calls, calls.c.id == recordings.c.call_id)
    return [*connection.execute(joined.where(recordings.c.made_at < limits.recordings, ~is_kept(today))).scalars()]


def _stray_files(connection: Connection, limits: Limits, folder: Path | None) -> list[Path]:
    """Old files that the store does not know (any more), and those that were handed in and never scored."""
    if folder is None:
        return []
    known, wanted = {*connection.execute(select(recordings.c.name)).scalars()}, tokens_under_way(connection)
    strays = [path for path in _files(folder / SOUNDS) if path.name not in known]
    strays += [path for path in _files(folder / INCOMING) if path.name.split(".")[0] not in wanted]
    return [path for path in strays if datetime.fromtimestamp(path.stat().st_mtime) < limits.recordings]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


# ---- removing


def _remove_sounds(store: Store, limits: Limits, today: date, folder: Path | None) -> None:
    """Files before their rows: what is stopped in between is found again."""
    with store.read() as connection:
        names, strays = _old_sounds(connection, limits, today), _stray_files(connection, limits, folder)
    if folder is not None:
        remove_sounds(folder, names)
        _remove(strays)
        sweep(folder / WORK)
        sweep(folder / SOUNDS)
    for start in range(0, len(names), _AT_A_TIME):
        with store.write() as connection:
            connection.execute(delete(recordings).where(recordings.c.name.in_(names[start : start + _AT_A_TIME])))


def remove_sounds(folder: Path, names: Sequence[str]) -> None:
    """Remove files of kept recordings. Raises BelscoreError when one stays."""
    _remove([folder / SOUNDS / Path(name).name for name in names])


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            do = "check the folder and its permissions, and run again"
            raise BelscoreError(error.strerror or "cannot be removed", where=str(path), do=do) from None


def _in_parts(store: Store, due: Callable[[], Select[Any]], forget: Callable[[Connection, list[int]], None]) -> None:
    while True:
        with store.write() as connection:
            part = [*connection.execute(due().order_by(calls.c.id).limit(_AT_A_TIME)).scalars()]
            if not part:
                return
            forget(connection, part)
