"""Who may see the pages, and who is logged in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count
from typing import Literal, get_args

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from belscore.errors import BelscoreError
from belscore.store.audit import note
from belscore.store.database import legible
from belscore.store.tables import calls, sessions, users
from belscore.wall_clock import this_second, utc_second

Role = Literal["trainee", "coach", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
# A session ends after so long without a page, and after so long whatever happens: a working day.
IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=10)
# Of one user at a time, on a telephone and some computers: another login ends the oldest (ASVS 7.1.2).
MOST_SESSIONS = 10
# So far the clocks of two servers may differ. A session of later was made before the clock was set back: it would live
# for longer than it may.
_AHEAD = timedelta(hours=1)
# `seen_at` is not written with every page.
_SEEN_EVERY = timedelta(minutes=1)
_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in.

    name  : what they log in with
    agent : the name that their calls carry
    must_change : whether their password was chosen by somebody else
    """

    id: int
    name: str
    agent: str
    role: Role
    is_active: bool
    must_change: bool = False

    @property
    def is_coach(self) -> bool:
        """Whether they may see what others did."""
        return self.role in ("coach", "admin")


def login_name(written: str) -> str:
    """A name as it is kept: without outer blanks, in lower case.

    >>> login_name(" Anja ")
    'anja'
    """
    return " ".join(legible(written).split()).casefold()


def add_user(
    connection: Connection,
    *,
    name: str,
    role: Role,
    actor: str,
    agent: str | None = None,
    password_hash: str | None = None,
    must_change: bool = False,
    subject: str | None = None,
) -> User:
    """Add somebody. Raises BelscoreError when the name is taken or empty, or there is no such role."""
    kept = login_name(name)
    if not kept or len(kept) > _MAX_NAME:
        raise BelscoreError("no name to log in with", where=name[:_MAX_NAME], do=f"write 1 to {_MAX_NAME} characters")
    if role not in ROLES:
        raise BelscoreError("no such role", where=role, do=f"choose one of: {', '.join(ROLES)}")
    if find_user(connection, kept) is not None:
        raise BelscoreError("there is somebody of this name", where=kept, do="choose another name")
    values = {
        "name": kept,
        "agent": legible(agent or " ".join(name.split())),
        "role": role,
        "password_hash": password_hash,
        "must_change": must_change,
        "subject": subject,
        "is_active": True,
        "made_at": this_second(),
    }
    connection.execute(insert(users).values(**values))
    note(connection, actor, "user added", f"user {kept}", {"role": role})
    found = find_user(connection, kept)
    assert found is not None
    return found


def find_user(connection: Connection, name: str) -> User | None:
    """The user of this name, whether active or not."""
    row = connection.execute(select(users).where(users.c.name == login_name(name))).first()
    return _user(row) if row is not None else None


def require_user(connection: Connection, name: str) -> User:
    """Like `find_user`; raises BelscoreError when there is none."""
    found = find_user(connection, name)
    if found is None:
        raise BelscoreError("there is nobody of this name", where=login_name(name), do="see `belscore user list`")
    return found


def free_agent(connection: Connection, *wanted: str) -> str:
    """The first name that no call and nobody else carries, with a number behind it where there is none.

    Who comes in by themselves gets one of these: whoever carries the name of an agent sees that agent's calls.
    """
    numbered = (f"{wanted[-1]} ({number})" for number in count(2))
    return next(each for each in chain(map(legible, wanted), numbered) if not _is_carried(connection, each))


def _is_carried(connection: Connection, agent: str) -> bool:
    of_call = select(calls.c.id).where(calls.c.agent == agent).limit(1)
    of_user = select(users.c.id).where(users.c.agent == agent).limit(1)
    return any(connection.execute(each).first() is not None for each in (of_call, of_user))


def find_by_subject(connection: Connection, subject: str) -> User | None:
    """The user whom another login service knows as `subject`."""
    row = connection.execute(select(users).where(users.c.subject == subject)).first()
    return _user(row) if row is not None else None


def has_subject(connection: Connection, user_id: int) -> bool:
    """Whether somebody is linked to an account elsewhere."""
    return connection.execute(select(users.c.subject).where(users.c.id == user_id)).scalar() is not None


def list_users(connection: Connection) -> list[User]:
    """All users by name."""
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]


def count_users(connection: Connection) -> int:
    """How many may log in."""
    return int(connection.execute(select(func.count()).where(users.c.is_active)).scalar_one())


def password_hash_of(connection: Connection, user_id: int) -> str | None:
    """The Argon2 hash of a user's password; None for who has none."""
    return connection.execute(select(users.c.password_hash).where(users.c.id == user_id)).scalar()


def change_user(
    connection: Connection,
    user: User,
    *,
    actor: str,
    role: Role | None = None,
    agent: str | None = None,
    is_active: bool | None = None,
    password_hash: str | None = None,
    must_change: bool | None = None,
    subject: str | None = None,
) -> None:
    """Change what is given; who may no longer log in, or has another role or password, is logged out everywhere.

    Raises BelscoreError when no admin would be left.
    """
    changed = {
        "role": role,
        "agent": agent,
        "is_active": is_active,
        "password_hash": password_hash,
        "must_change": must_change,
        "subject": subject,
    }
    values = {key: value for key, value in changed.items() if value is not None}
    if not values:
        return
    loses = user.role == "admin" and user.is_active and (is_active is False or role not in (None, "admin"))
    if loses and _count_admins(connection) <= 1:
        raise BelscoreError(
            "nobody would be left to manage people", where=user.name, do="make somebody else admin first"
        )
    connection.execute(update(users).where(users.c.id == user.id).values(**values))
    if values.keys() - {"agent"}:
        end_sessions(connection, user.id)
    told = {key: value for key, value in values.items() if key != "password_hash"}
    note(connection, actor, "user changed", f"user {user.name}", {**told, "password": password_hash is not None})


def _count_admins(connection: Connection) -> int:
    asked = select(func.count()).where(users.c.role == "admin", users.c.is_active)
    return int(connection.execute(asked).scalar_one())


# ---- sessions


def start_session(connection: Connection, user: User) -> str:
    """Log somebody in: the secret for the cookie, of which only the hash is kept."""
    token, now = secrets.token_urlsafe(32), utc_second()
    own = select(sessions.c.digest).where(sessions.c.user_id == user.id)
    newest = own.order_by(sessions.c.made_at.desc(), sessions.c.seen_at.desc()).limit(MOST_SESSIONS - 1)
    kept = [*connection.execute(newest).scalars()]
    connection.execute(delete(sessions).where(sessions.c.user_id == user.id, sessions.c.digest.not_in(kept)))
    is_over = or_(sessions.c.made_at < now - LONGEST, sessions.c.made_at > now + _AHEAD)
    connection.execute(delete(sessions).where(is_over))
    connection.execute(insert(sessions).values(digest=_digest(token), user_id=user.id, made_at=now, seen_at=now))
    note(connection, user.name, "login", f"user {user.name}")
    return token


def user_of_session(connection: Connection, token: str) -> tuple[User, bool] | None:
    """Who is logged in with this secret, and whether `touch_session` is due; None when nobody is any more."""
    now = utc_second()
    asked = (
        select(users, sessions.c.seen_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(
            sessions.c.digest == _digest(token),
            sessions.c.seen_at > now - IDLE,
            sessions.c.made_at > now - LONGEST,
            sessions.c.seen_at <= now + _AHEAD,
            sessions.c.made_at <= now + _AHEAD,
            users.c.is_active,
        )
    )
    row = connection.execute(asked).first()
    return (_user(row), row.seen_at < now - _SEEN_EVERY) if row is not None else None


def touch_session(connection: Connection, token: str) -> None:
    """Note that a session is used."""
    connection.execute(update(sessions).where(sessions.c.digest == _digest(token)).values(seen_at=utc_second()))


def end_session(connection: Connection, token: str) -> None:
    """Log out."""
    connection.execute(delete(sessions).where(sessions.c.digest == _digest(token)))


def end_sessions(connection: Connection, user_id: int) -> None:
    """Log somebody out everywhere."""
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(row.id, row.name, row.agent, row.role, row.is_active, row.must_change)
