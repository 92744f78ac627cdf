"""Take calls, or what was said in them, out of the store: steps inside a transaction of `Store.write`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, Text, delete, insert, or_, select, type_coerce, update

from belscore.store.tables import (
    calls,
    erased_calls,
    jobs,
    kept_calls,
    ledger,
    recordings,
    scorecards,
    transcripts,
    uploads,
)
from belscore.wall_clock import this_second


def has_words() -> ColumnElement[bool]:
    """Whether the store still knows what was said in a call."""
    words = or_(type_coerce(ledger.c.what, Text()) != "", type_coerce(ledger.c.about, Text()) != "")
    return or_(
        select(transcripts.c.call_id).where(transcripts.c.call_id == calls.c.id).exists(),
        select(scorecards.c.id).where(scorecards.c.call_id == calls.c.id, scorecards.c.body.is_not(None)).exists(),
        select(ledger.c.id).where(ledger.c.call_id == calls.c.id, words).exists(),
    )


def is_kept(today: date) -> ColumnElement[bool]:
    """Whether somebody keeps a call for longer than its time."""
    held = (kept_calls.c.call_id == calls.c.id, kept_calls.c.until >= today)
    return select(kept_calls.c.call_id).where(*held).exists()


def forget_words(connection: Connection, call_ids: Sequence[int]) -> None:
    """What was said in these calls goes; verdicts, figures, and when something was promised, stay."""
    of_call = [*call_ids]
    connection.execute(delete(transcripts).where(transcripts.c.call_id.in_(of_call)))
    connection.execute(update(scorecards).where(scorecards.c.call_id.in_(of_call)).values(body=None))
    nothing = {"what": "", "about": "", "whom": None, "due": None}
    connection.execute(update(ledger).where(ledger.c.call_id.in_(of_call)).values(**nothing))


def forget_calls(connection: Connection, call_ids: Sequence[int]) -> None:
    """These calls go, with all that belongs to them and where their files lay; they are not scored again either."""
    of_call = [*call_ids]
    contents = {*connection.execute(select(calls.c.sha256).where(calls.c.id.in_(of_call))).scalars()}
    known = select(erased_calls.c.sha256).where(erased_calls.c.sha256.in_(contents))
    new = contents - {*connection.execute(known).scalars()}
    if new:
        now = this_second()
        connection.execute(insert(erased_calls), [{"sha256": each, "erased_at": now} for each in sorted(new)])
    connection.execute(delete(jobs).where(jobs.c.call_id.in_(of_call)))
    connection.execute(delete(uploads).where(uploads.c.call_id.in_(of_call)))
    connection.execute(delete(calls).where(calls.c.id.in_(of_call)))


def was_erased(connection: Connection, sha256: str) -> bool:
    """Whether a recording of this content was taken out of the store."""
    return connection.execute(select(erased_calls.c.sha256).where(erased_calls.c.sha256 == sha256)).first() is not None


def sounds_of(connection: Connection, call_ids: Sequence[int]) -> list[str]:
    """Names of the files with the sound of these calls; their rows are to go after the files."""
    return [*connection.execute(select(recordings.c.name).where(recordings.c.call_id.in_([*call_ids]))).scalars()]
