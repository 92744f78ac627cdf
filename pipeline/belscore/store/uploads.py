"""Recordings handed in by the pages: which there are, how far each is, and what came of it.

Every function is one step inside a transaction, as in `jobs`. A server is an `Owner` with a lease, so that two servers
can share a store, and what a killed one had is taken up again.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, insert, or_, select, tuple_, update

from belscore.errors import BelscoreError
from belscore.store.database import legible
from belscore.store.owners import Owner, had_by_dead
from belscore.store.tables import recordings, scorecards, uploads, users
from belscore.wall_clock import this_second, utc_second

Kind = Literal["upload", "microphone", "roleplay", "call"]
State = Literal["receiving", "waiting", "running", "done", "failed", "cancelled"]
UNDER_WAY: tuple[State, ...] = ("receiving", "waiting", "running")
LEASE = timedelta(minutes=2)
# How often a recording may take its worker or its server along before it is given up.
MAX_ATTEMPTS = 3
# Who sends is heard of every few seconds (`heard_of`); after so long it is said that nothing comes any more.
QUIET = timedelta(seconds=20)
# An upload of which nothing came for so long has ended without telling.
_SILENT = timedelta(hours=1)
_MAX_TITLE = 200
# Characters that only change how others are read: control, format (as right-to-left override), line and paragraph.
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Upload:
    """One recording that was handed in.

    token   : its name in addresses, and of its file
    title   : what its owner called it, for display alone
    options : what is known of it, see `web.scoring`
    stage   : what is being done to it, as in `progress.Stage`; `share` 0..1 of that stage is done, None when not known
    attempts: how often it took its worker or its server along
    error   : a word for what is wrong with it, which `web` has texts for
    score   : 0..100 of the call that it gave; None while there is none
    """

    id: int
    token: str
    user_id: int
    agent: str
    kind: Kind
    title: str
    size_bytes: int
    options: Mapping[str, Any]
    state: State
    stage: str | None
    share: float | None
    attempts: int
    error: str | None
    call_id: int | None
    score: float | None
    made_at: datetime
    changed_at: datetime

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_quiet(self) -> bool:
        """Whether it is still to come, and nobody sends it."""
        return self.state == "receiving" and this_second() - self.changed_at > QUIET


def add_upload(
    connection: Connection,
    *,
    user_id: int,
    kind: Kind,
    title: str,
    size_bytes: int,
    options: Mapping[str, Any],
) -> Upload:
    """Note that a recording will come."""
    token, now = secrets.token_urlsafe(18), this_second()
    values = {
        "token": token,
        "user_id": user_id,
        "kind": kind,
        "title": shown_title(title) or "opname",
        "size_bytes": size_bytes,
        "options": json.dumps(options),
        "state": "receiving",
        "attempts": 0,
        "made_at": now,
        "changed_at": now,
    }
    connection.execute(insert(uploads).values(**values))
    return require_upload(connection, token)


def shown_title(written: str) -> str:
    """A name as it may be shown: on one line, without characters that make others look different.

    >>> shown_title("klacht\u202egnp.wav")
    'klachtgnp.wav'
    """
    line = " ".join(legible(written).split())
    return "".join(each for each in line if unicodedata.category(each) not in _UNSEEN)[:_MAX_TITLE].strip()


def find_upload(connection: Connection, token: str) -> Upload | None:
    """The upload of this token."""
    row = connection.execute(_SELECT.where(uploads.c.token == token)).first()
    return _upload(row) if row is not None else None


def require_upload(connection: Connection, token: str) -> Upload:
    """Like `find_upload`; raises BelscoreError when there is none."""
    found = find_upload(connection, token)
    if found is None:
        raise BelscoreError("no such upload", where=token, do="look at your own list")
    return found


def attempts_of(
    connection: Connection, user_id: int, *, kinds: Collection[Kind], limit: int, offset: int = 0
) -> list[Upload]:
    """What somebody made, the newest first."""
    asked = _SELECT.where(*_made_by(user_id, kinds)).order_by(uploads.c.id.desc()).limit(limit).offset(offset)
    return [_upload(row) for row in connection.execute(asked)]


def count_attempts(connection: Connection, user_id: int, *, kinds: Collection[Kind]) -> int:
    """How many `attempts_of` there are."""
    return int(connection.execute(select(func.count()).where(*_made_by(user_id, kinds))).scalar_one())


def followed(connection: Connection, user_id: int, tokens: Collection[str]) -> list[Upload]:
    """What somebody has under way, and those of these tokens that are theirs."""
    wanted = or_(uploads.c.state.in_(UNDER_WAY), uploads.c.token.in_([*tokens]))
    return [_upload(row) for row in connection.execute(_SELECT.where(uploads.c.user_id == user_id, wanted))]


def upload_of_call(connection: Connection, call_id: int) -> Upload | None:
    """The upload that gave a call; None for one that came in another way."""
    row = connection.execute(_SELECT.where(uploads.c.call_id == call_id).order_by(uploads.c.id).limit(1)).first()
    return _upload(row) if row is not None else None


def used_by(connection: Connection, user_id: int) -> tuple[int, int]:
    """How many bytes somebody's recordings take, and how many of them are under way."""
    mine = (uploads.c.user_id == user_id, uploads.c.state.in_(UNDER_WAY))
    coming, under_way = connection.execute(
        select(func.coalesce(func.sum(uploads.c.size_bytes), 0), func.count()).where(*mine)
    ).one()
    made = select(uploads.c.call_id).where(uploads.c.user_id == user_id, uploads.c.call_id.is_not(None))
    size = select(func.coalesce(func.sum(recordings.c.size_bytes), 0)).where(recordings.c.call_id.in_(made))
    return int(coming) + int(connection.execute(size).scalar_one()), int(under_way)


def heard_of(connection: Connection, upload_id: int) -> bool:
    """Note that it is being sent. False when it was cancelled meanwhile, or came in another way."""
    return _move(connection, upload_id, ("receiving",))


def received(connection: Connection, upload_id: int) -> bool:
    """All of it is there: it waits to be scored. False when it was cancelled meanwhile."""
    return _move(connection, upload_id, ("receiving",), state="waiting")


def waiting_before(connection: Connection, upload: Upload) -> int:
    """How many recordings are scored before this one, by all servers of the store."""
    earlier = tuple_(*_TURN) < tuple_(int(upload.kind == "call"), upload.attempts, upload.id)
    waits = and_(uploads.c.state == "waiting", earlier)
    return int(connection.execute(select(func.count()).where(or_(uploads.c.state == "running", waits))).scalar_one())


def cancel(connection: Connection, upload_id: int) -> bool:
    """Give one up that is not done yet. False when it is."""
    return _move(connection, upload_id, UNDER_WAY, state="cancelled", **_FREE)


def forget(connection: Connection, upload_id: int) -> bool:
    """Take one that gave no call out of the store. False when it is under way or gave one."""
    over = (uploads.c.state.in_(("failed", "cancelled", "done")), uploads.c.call_id.is_(None))
    return connection.execute(delete(uploads).where(uploads.c.id == upload_id, *over)).rowcount == 1


# ---- what servers do


def any_waiting(connection: Connection) -> bool:
    """Whether there is anything to claim."""
    return connection.execute(select(uploads.c.id).where(uploads.c.state == "waiting").limit(1)).first() is not None


def claim(connection: Connection, owner: Owner, count: int) -> list[Upload]:
    """Take waiting uploads in their turn."""
    asked = _SELECT.where(uploads.c.state == "waiting").order_by(*_TURN).limit(count)
    found = [_upload(row) for row in connection.execute(asked)]
    if found:
        values = {
            "state": "running",
            "owner": str(owner),
            "lease_until": utc_second() + LEASE,
            "stage": None,
            "share": None,
        }
        chosen = uploads.c.id.in_([each.id for each in found])
        connection.execute(update(uploads).where(chosen).values(**values, changed_at=this_second()))
    return found


def tell_stage(connection: Connection, owner: Owner, upload_id: int, stage: str, share: float | None) -> None:
    """Note how far a running upload is."""
    mine = (uploads.c.id == upload_id, *_running(owner))
    connection.execute(update(uploads).where(*mine).values(stage=stage, share=share))


def held(connection: Connection, owner: Owner) -> set[int]:
    """What a server has; not what was cancelled, or taken over while its machine slept."""
    return {*connection.execute(select(uploads.c.id).where(*_running(owner))).scalars()}


def finish(connection: Connection, owner: Owner, upload_id: int, call_id: int) -> bool:
    """It has given a call. False when the server does not have it any more: then nothing must be kept."""
    return _settle(connection, owner, upload_id, state="done", call_id=call_id, error=None)


def fail(connection: Connection, owner: Owner, upload_id: int, error: str) -> bool:
    """It cannot be scored, however often it is tried; `error` is a word for why."""
    return _settle(connection, owner, upload_id, state="failed", error=legible(error))


def lose(connection: Connection, owner: Owner, upload_id: int, error: str) -> State | None:
    """Its worker went down with it: it waits again, or has failed after MAX_ATTEMPTS. None when it is not ours."""
    attempts = connection.execute(select(uploads.c.attempts).where(uploads.c.id == upload_id)).scalar()
    if attempts is None:
        return None
    state: State = "failed" if attempts + 1 >= MAX_ATTEMPTS else "waiting"
    told = legible(error) if state == "failed" else None
    return state if _settle(connection, owner, upload_id, state=state, attempts=attempts + 1, error=told) else None


def give_back(connection: Connection, owner: Owner) -> None:
    """What a server has waits again, as if it had never had it."""
    connection.execute(update(uploads).where(*_running(owner)).values(state="waiting", **_FREE))


def renew(connection: Connection, owner: Owner) -> None:
    """Hold what a server has for another LEASE."""
    connection.execute(update(uploads).where(*_running(owner)).values(lease_until=utc_second() + LEASE))


def release_dead(connection: Connection, seen_by: Owner, error: str) -> int:
    """What servers had that are gone waits again, or has failed after MAX_ATTEMPTS of that; how many there were."""
    running = uploads.c.state == "running"
    owners = connection.execute(select(uploads.c.owner).where(running).distinct()).scalars()
    dead = running & had_by_dead(uploads, owners, seen_by, now=utc_second(), lease=LEASE)
    is_last = uploads.c.attempts + 1 >= MAX_ATTEMPTS
    values = {
        "state": case((is_last, "failed"), else_="waiting"),
        "error": case((is_last, error)),
        "attempts": uploads.c.attempts + 1,
    }
    return connection.execute(update(uploads).where(dead).values(**values, **_FREE, changed_at=this_second())).rowcount


def give_up_silent(connection: Connection) -> list[str]:
    """Uploads whose sender has gone are cancelled; their tokens."""
    silent = (uploads.c.state == "receiving", uploads.c.changed_at < this_second() - _SILENT)
    tokens = [*connection.execute(select(uploads.c.token).where(*silent)).scalars()]
    if tokens:
        connection.execute(update(uploads).where(*silent).values(state="cancelled", changed_at=this_second()))
    return tokens


def tokens_under_way(connection: Connection) -> set[str]:
    """The uploads whose file is still wanted."""
    return {*connection.execute(select(uploads.c.token).where(uploads.c.state.in_(UNDER_WAY))).scalars()}


# Practising goes before the calls of a practice, which come by the hundred; what took a worker along comes last.
_TURN = (case((uploads.c.kind == "call", 1), else_=0), uploads.c.attempts, uploads.c.id)
_FREE: Mapping[str, None] = {"owner": None, "lease_until": None, "stage": None, "share": None}
_CURRENT = and_(scorecards.c.call_id == uploads.c.call_id, scorecards.c.current)
_SELECT = (
    select(uploads, users.c.agent.label("agent"), scorecards.c.score.label("score"))
    .join(users, users.c.id == uploads.c.user_id)
    .outerjoin(scorecards, _CURRENT)
)


def _made_by(user_id: int, kinds: Collection[Kind]) -> tuple[ColumnElement[bool], ...]:
    """Attempts whose call was removed are no attempts any more."""
    is_gone = and_(uploads.c.state == "done", uploads.c.call_id.is_(None))
    return (uploads.c.user_id == user_id, uploads.c.kind.in_([*kinds]), ~is_gone)


def _running(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return (uploads.c.state == "running", uploads.c.owner == str(owner))


def _settle(connection: Connection, owner: Owner, upload_id: int, **values: object) -> bool:
    changed = {**_FREE, **values, "changed_at": this_second()}
    mine = (uploads.c.id == upload_id, *_running(owner))
    return connection.execute(update(uploads).where(*mine).values(**changed)).rowcount == 1


def _move(connection: Connection, upload_id: int, states: Sequence[State], **values: object) -> bool:
    chosen = (uploads.c.id == upload_id, uploads.c.state.in_(states))
    changed = {**values, "changed_at": this_second()}
    return connection.execute(update(uploads).where(*chosen).values(**changed)).rowcount == 1


def _upload(row: Row[tuple[object, ...]]) -> Upload:
    return Upload(
        row.id, row.token, row.user_id, row.agent, row.kind, row.title, row.size_bytes, json.loads(row.options),
        row.state, row.stage, row.share, row.attempts, row.error, row.call_id, row.score, row.made_at, row.changed_at,
    )  # fmt: skip
