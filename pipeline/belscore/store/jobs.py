"""The files of batches: which there are, who has one, and what came of it.

Every function is one step inside a transaction of `Store.write` (those that only read: `Store.read`), so that the
caller's transactions are few and each whole. A run is an `Owner`; what it claims it holds under a lease that it renews.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from belscore.call import Call
from belscore.store.calls import Exchange, Judged, add_call, find_call
from belscore.store.database import legible
from belscore.store.erasing import was_erased
from belscore.store.owners import Owner, had_by_dead
from belscore.store.replaced import replace_call
from belscore.store.tables import jobs, scorecards
from belscore.wall_clock import this_second, utc_second

State = Literal["waiting", "running", "done", "duplicate", "failed"]
# A run renews well within this; others wait it out when the machine of a run is gone.
LEASE = timedelta(minutes=5)
# How often a job may take its worker along before it fails: machines run out of memory, a file does so every time.
MAX_ATTEMPTS = 3
_OPEN = ("waiting", "running")


class FoundFile(NamedTuple):
    """A file as it lies on disk; `changed_ns` is its time of change."""

    path: str
    size_bytes: int
    changed_ns: int


class Job(NamedTuple):
    """A job that was claimed.

    call_id : the call that this file gave before; None when it gave none
    is_anew : the call is to be replaced by a new scoring of the same file
    facts   : JSON, what was known of the call before
    """

    id: int
    path: Path
    call_id: int | None
    is_anew: bool
    facts: str


class Synced(NamedTuple):
    """How many files are new, have changed since they were done or failed, and are as before."""

    new: int
    changed: int
    unchanged: int


def sync(connection: Connection, found: Sequence[FoundFile]) -> Synced:
    """Note files that lie on disk. What is new or changed waits to be scored; what somebody has is left alone."""
    asked = select(jobs.c.path, jobs.c.size_bytes, jobs.c.changed_ns, jobs.c.state)
    known = {row.path: row for row in connection.execute(asked.where(jobs.c.path.in_([each.path for each in found])))}
    new = [each for each in found if each.path not in known]
    changed = [each for each in found if each.path in known and _differs(each, known[each.path])]
    now = this_second()
    if new:
        rows = [
            {**_as_found(each), "path": each.path, "state": "waiting", "added_at": now, "changed_at": now}
            for each in new
        ]
        connection.execute(insert(jobs), rows)
    for each in changed:
        values = {**_as_found(each), "state": "waiting", "attempts": 0, "error": None, "changed_at": now}
        connection.execute(update(jobs).where(jobs.c.path == each.path).values(**values))
    return Synced(len(new), len(changed), len(found) - len(new) - len(changed))


def _as_found(file: FoundFile) -> dict[str, Any]:
    return {"size_bytes": file.size_bytes, "changed_ns": str(file.changed_ns)}


def _differs(file: FoundFile, row: Any) -> bool:
    same = (row.size_bytes, row.changed_ns) == (file.size_bytes, str(file.changed_ns))
    return not same and row.state != "running"


def claim(
    connection: Connection, owner: Owner, folder: Path, count: int, *, but_not: Collection[int] = ()
) -> list[Job]:
    """Take waiting jobs of a folder, those that were never lost first.

    Left alone are `but_not`, and files with the content of one that is being scored: they will be its duplicates.
    """
    twins = jobs.alias("twins")
    twin = select(twins.c.id).where(twins.c.state == "running", twins.c.sha256 == jobs.c.sha256).exists()
    columns = (jobs.c.id, jobs.c.path, jobs.c.call_id, jobs.c.settings_digest, jobs.c.facts)
    asked = select(*columns).where(jobs.c.state == "waiting", in_folder(folder), ~twin, jobs.c.id.not_in(but_not))
    taken = list(connection.execute(asked.where(jobs.c.attempts == 0).order_by(jobs.c.id).limit(count)))
    if len(taken) < count:
        lost = asked.where(jobs.c.attempts > 0).order_by(jobs.c.attempts, jobs.c.id)
        taken += connection.execute(lost.limit(count - len(taken)))
    if taken:
        values = {"state": "running", "owner": str(owner), "lease_until": _lease(), "sha256": None}
        connection.execute(update(jobs).where(jobs.c.id.in_([row.id for row in taken])).values(**values))
    return [
        Job(row.id, Path(row.path), row.call_id, row.call_id is not None and row.settings_digest is None, row.facts)
        for row in taken
    ]


Placed = Literal["score", "duplicate", "as_before", "twin", "taken"]


def place(connection: Connection, owner: Owner, job: Job, sha256: str) -> Placed:
    """Decide by its content what is to be done with a claimed job.

    score     : nobody has this content
    duplicate : another file gave a call with it, done
    as_before : this file itself did, it was only touched, done; or its call was taken out of the store, for good
    twin      : another file with it is being scored, waits again
    taken     : another run has the job meanwhile
    """
    if not is_mine(connection, owner, job.id):
        return "taken"
    existing = find_call(connection, sha256)
    if existing is not None and existing != job.call_id:
        _settle(connection, job.id, "duplicate", sha256=sha256, call_id=existing)
        return "duplicate"
    if (existing is not None and not job.is_anew) or (existing is None and was_erased(connection, sha256)):
        _settle(connection, job.id, "done", sha256=sha256)
        return "as_before"
    others = (jobs.c.state == "running", jobs.c.sha256 == sha256, jobs.c.id != job.id)
    if connection.execute(select(jobs.c.id).where(*others).limit(1)).first() is not None:
        _settle(connection, job.id, "waiting", sha256=sha256)
        return "twin"
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(sha256=sha256))
    return "score"


def is_mine(connection: Connection, owner: Owner, job_id: int) -> bool:
    """Whether a run still has a job: its lease may have run out while its machine slept."""
    held = (jobs.c.id == job_id, jobs.c.state == "running", jobs.c.owner == str(owner))
    return connection.execute(select(jobs.c.id).where(*held)).first() is not None


class Scoring(NamedTuple):
    """What scoring a file gave; `facts` is JSON, of what was known of the call outside its sound."""

    sha256: str
    call: Call
    judged: Judged
    exchange: Exchange
    facts: str
    settings_digest: str


Kept = Literal["added", "replaced", "duplicate", "taken"]


def finish(connection: Connection, owner: Owner, job: Job, scoring: Scoring) -> Kept:
    """Keep what came of a job: the call with all that belongs to it, and that the job is done, in one transaction.

    added, replaced : the call is new, or took the place of the one that this file gave before
    duplicate       : another file gave a call of this content meanwhile, which stays
    taken           : another run has the job meanwhile, or its call was taken out of the store; nothing is kept
    """
    if not is_mine(connection, owner, job.id):
        return "taken"
    existing = find_call(connection, scoring.sha256)
    if existing is None and was_erased(connection, scoring.sha256):
        _settle(connection, job.id, "done")
        return "taken"
    if existing is not None and existing != job.call_id:
        _settle(connection, job.id, "duplicate", call_id=existing)
        return "duplicate"
    if existing is None:
        call_id = add_call(connection, scoring.sha256, scoring.call, scoring.judged, scoring.exchange)
    else:
        call_id = existing
        replace_call(connection, call_id, scoring.call, scoring.judged, scoring.exchange)
    done = {"call_id": call_id, "settings_digest": scoring.settings_digest, "facts": scoring.facts, "attempts": 0}
    _settle(connection, job.id, "done", **done)
    return "added" if existing is None else "replaced"


def fail(connection: Connection, owner: Owner, job_id: int, reason: str) -> bool:
    """The file cannot be scored, however often it is tried. False when another run has the job meanwhile."""
    if not is_mine(connection, owner, job_id):
        return False
    _settle(connection, job_id, "failed", error=legible(reason))
    return True


def lose(connection: Connection, owner: Owner, job_id: int, reason: str) -> State | None:
    """The worker went down with it: it waits again, or has failed after MAX_ATTEMPTS. None when another run has it."""
    if not is_mine(connection, owner, job_id):
        return None
    attempts = connection.execute(select(jobs.c.attempts).where(jobs.c.id == job_id)).scalar_one() + 1
    state: State = "failed" if attempts >= MAX_ATTEMPTS else "waiting"
    _settle(connection, job_id, state, attempts=attempts, error=legible(reason))
    return state


def give_back(connection: Connection, owner: Owner, job_ids: Iterable[int] | None = None) -> None:
    """Jobs of a run wait again as if it had never had them; all of them when none are named."""
    held = [jobs.c.state == "running", jobs.c.owner == str(owner)]
    if job_ids is not None:
        held.append(jobs.c.id.in_([*job_ids]))
    connection.execute(update(jobs).where(*held).values(**_FREE, state="waiting"))


def renew(connection: Connection, owner: Owner) -> None:
    """Hold all jobs of a run for another LEASE."""
    held = (jobs.c.state == "running", jobs.c.owner == str(owner))
    connection.execute(update(jobs).where(*held).values(lease_until=_lease()))


def release_dead(connection: Connection, seen_by: Owner) -> int:
    """Jobs of runs that ended in the middle wait again: their lease is past, or their process is gone; how many."""
    running = jobs.c.state == "running"
    owners = connection.execute(select(jobs.c.owner).where(running).distinct()).scalars()
    dead = running & had_by_dead(jobs, owners, seen_by, now=utc_second(), lease=LEASE)
    return connection.execute(update(jobs).where(dead).values(**_FREE, state="waiting")).rowcount


def retry_failed(connection: Connection, folder: Path) -> int:
    """Failed jobs of a folder wait again; how many."""
    values = {**_FREE, "state": "waiting", "attempts": 0, "error": None}
    failed = (jobs.c.state == "failed", in_folder(folder))
    return connection.execute(update(jobs).where(*failed).values(**values)).rowcount


class Present(NamedTuple):
    """What a run judges by: the rules and question trees, and a digest of model, channel and profile."""

    rule_set_id: int
    trees_digest: str | None
    settings_digest: str


class Otherwise(NamedTuple):
    """How many jobs were done with other rules or question trees, and how many with other settings; some with both."""

    rules: int
    settings: int


def score_again(connection: Connection, folder: Path, present: Present) -> int:
    """Jobs of a folder that were done with other rules or settings wait again, to replace their calls; how many."""
    values = {**_FREE, "state": "waiting", "attempts": 0, "settings_digest": None}
    asked = update(jobs).where(jobs.c.state == "done", in_folder(folder), or_(*_otherwise(present)))
    return connection.execute(asked.values(**values)).rowcount


def count_otherwise(connection: Connection, folder: Path, present: Present) -> Otherwise:
    """Count the jobs of a folder whose call was not judged by the present rules, or not heard with these settings."""
    done = select(func.count()).where(jobs.c.state == "done", in_folder(folder))
    return Otherwise(*(int(connection.execute(done.where(each)).scalar_one()) for each in _otherwise(present)))


def _otherwise(present: Present) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """By the current scorecard, which `belscore rescore` may have replaced since the job was done; by the settings."""
    trees = func.coalesce(scorecards.c.trees_digest, "") != (present.trees_digest or "")
    other = or_(scorecards.c.rule_set_id != present.rule_set_id, trees)
    card = select(scorecards.c.id).where(scorecards.c.call_id == jobs.c.call_id, scorecards.c.current, other)
    return card.exists(), jobs.c.settings_digest != present.settings_digest


def counts(connection: Connection, folder: Path) -> Mapping[State, int]:
    """How many jobs of a folder are in each state."""
    asked = select(jobs.c.state, func.count()).where(in_folder(folder)).group_by(jobs.c.state)
    found = {state: int(count) for state, count in connection.execute(asked)}
    return {state: found.get(state, 0) for state in ("waiting", "running", "done", "duplicate", "failed")}


def count_waiting(connection: Connection, folder: Path, *, but_not: Collection[int] = ()) -> int:
    """How many jobs of a folder wait."""
    asked = select(func.count()).where(jobs.c.state == "waiting", in_folder(folder), jobs.c.id.not_in(but_not))
    return int(connection.execute(asked).scalar_one())


def failures(connection: Connection, folder: Path, *, limit: int | None = None) -> list[tuple[str, str]]:
    """Failed files of a folder with the reason."""
    asked = select(jobs.c.path, jobs.c.error).where(jobs.c.state == "failed", in_folder(folder)).order_by(jobs.c.path)
    return [(path, reason or "") for path, reason in connection.execute(asked.limit(limit))]


def in_folder(folder: Path) -> ColumnElement[bool]:
    """Whether a job's file lies in a folder or below it."""
    beginning = str(folder).rstrip(os.sep) + os.sep
    return func.substr(jobs.c.path, 1, len(beginning)) == beginning


_FREE: Mapping[str, None] = {"owner": None, "lease_until": None}


def _settle(connection: Connection, job_id: int, state: State, **values: object) -> None:
    error = {} if state in _OPEN or "error" in values else {"error": None}
    changed = {**_FREE, **error, **values, "state": state, "changed_at": this_second()}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(**changed))


def _lease() -> datetime:
    return utc_second() + LEASE
