"""All that the store has of one person: an agent or coach, by name, or a caller, by the keyed hash of their number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from belscore.store.rule_sets import stored_rules
from belscore.store.tables import (
    audit,
    calls,
    comments,
    findings,
    jobs,
    kept_calls,
    ledger,
    missed_calls,
    questions,
    recordings,
    reviews,
    sample_calls,
    samples,
    scorecards,
    situations,
    talks,
    transcripts,
    uploads,
    users,
)

# SQLite takes a limited number of values in one statement.
_AT_A_TIME = 500
_HASH_SHOWN = 12
# Of a call, for a caller: what concerns how it was answered is about somebody else.
_OF_CALLER = ("id", "source", "department", "started_at", "direction", "queue_s", "duration_s", "hold_s", "added_at")
_SECRET = ("password_hash", "token")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about: one of the two is given.

    agent       : a name, as calls, reviews and comments have it
    caller_hash : see `caller_keys`
    """

    agent: str | None = None
    caller_hash: str | None = None

    @property
    def subject(self) -> str:
        """How the audit log names them."""
        return f"agent {self.agent}" if self.caller_hash is None else f"caller {self.caller_hash[:_HASH_SHOWN]}"

    @property
    def of_calls(self) -> ColumnElement[bool]:
        if self.caller_hash is not None:
            return calls.c.caller_hash == self.caller_hash
        return calls.c.agent == self.agent


def calls_of(connection: Connection, person: Person) -> list[int]:
    """The ids of their calls, oldest first."""
    return [*connection.execute(select(calls.c.id).where(person.of_calls).order_by(calls.c.id)).scalars()]


def has_transcript(connection: Connection, call_id: int) -> bool:
    return connection.execute(select(transcripts.c.call_id).where(transcripts.c.call_id == call_id)).first() is not None


def has_card(connection: Connection, call_id: int) -> bool:
    """Whether the texts of a call's scorecard are still there."""
    card = (scorecards.c.call_id == call_id, scorecards.c.current, scorecards.c.body.is_not(None))
    return connection.execute(select(scorecards.c.id).where(*card)).first() is not None


def sounds_by_call(connection: Connection, call_ids: Sequence[int]) -> dict[int, str]:
    """Names of the files of kept recordings."""
    return {row["call_id"]: row["name"] for row in _in_parts(connection, recordings, recordings.c.call_id, call_ids)}


def paths_of(connection: Connection, call_ids: Sequence[int]) -> list[str]:
    """Where batches found the recordings of calls."""
    return sorted(row["path"] for row in _in_parts(connection, jobs, jobs.c.call_id, call_ids))


def upload_tokens(connection: Connection, person: Person) -> list[str]:
    """Names of the files that an agent handed in."""
    own = select(uploads.c.token).join(users, users.c.id == uploads.c.user_id).where(users.c.agent == person.agent)
    return [*connection.execute(own).scalars()] if person.agent is not None else []


def all_of(connection: Connection, person: Person) -> dict[str, Any]:
    """All that the store has of somebody but for the texts of their calls (`calls.read_call`), as JSON values."""
    call_ids = calls_of(connection, person)
    return _of_caller(connection, person, call_ids) if person.caller_hash else _of_agent(connection, person, call_ids)


def _of_caller(connection: Connection, person: Person, call_ids: Sequence[int]) -> dict[str, Any]:
    """What concerns the caller; not the judgements of who picked up, nor who looked at it (CJEU C-579/21)."""
    promised = _by_call(connection, ledger, call_ids)
    of_calls = {key: [_without(row, "settled_by") for row in rows] for key, rows in promised.items()}
    found = [
        {**{key: call[key] for key in _OF_CALLER}, "ledger": of_calls.get(call["id"], [])}
        for call in _in_parts(connection, calls, calls.c.id, call_ids)
    ]
    missed = _rows(connection, missed_calls, missed_calls.c.caller_hash == person.caller_hash)
    log = [{key: row[key] for key in ("at", "action", "subject")} for row in _audit(connection, person, call_ids)]
    return {"calls": found, "missed_calls": missed, "audit": log}


def _of_agent(connection: Connection, person: Person, call_ids: Sequence[int]) -> dict[str, Any]:
    name = person.agent
    parts = {
        table.name: _by_call(connection, table, call_ids)
        for table in (situations, findings, questions, ledger, reviews, comments, kept_calls, recordings)
    }
    cards = {card.pop("call_id"): card for card in _cards(connection, call_ids)}
    found = [
        {
            **call,
            "scorecard": cards.get(call["id"]),
            **{key: [_without(row, "call_id") for row in rows.get(call["id"], [])] for key, rows in parts.items()},
        }
        for call in _in_parts(connection, calls, calls.c.id, call_ids)
    ]
    own = _rows(connection, users, or_(users.c.agent == name, users.c.name == (name or "").casefold()))
    ids = [row["id"] for row in own]
    return {
        "calls": found,
        "talks": _rows(connection, talks, or_(talks.c.agent == name, talks.c.coach == name)),
        "reviews_by_them": _rows(connection, reviews, reviews.c.reviewer == name),
        "comments_by_them": _rows(connection, comments, comments.c.author == name),
        "promises_settled_by_them": _rows(connection, ledger, ledger.c.settled_by == name),
        "samples_drawn_by_them": _rows(connection, samples, samples.c.made_by == name),
        "calls_kept_by_them": _rows(connection, kept_calls, kept_calls.c.kept_by == name),
        "drawn_into_samples": _in_parts(connection, sample_calls, sample_calls.c.call_id, call_ids),
        "users": own,
        "uploads": _in_parts(connection, uploads, uploads.c.user_id, ids),
        "audit": _audit(connection, person, call_ids),
    }


def _cards(connection: Connection, call_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The figures of the current scorecards; their texts are read call by call."""
    columns = [column for column in scorecards.columns if column.name not in ("id", "current", "body", "verdicts")]
    versions, found = stored_rules(connection), []
    for start in range(0, len(call_ids), _AT_A_TIME):
        part = scorecards.c.call_id.in_([*call_ids[start : start + _AT_A_TIME]])
        for row in connection.execute(select(*columns).where(part, scorecards.c.current)):
            card = _values(row._mapping)
            found.append({**card, "rules_digest": versions[row.rule_set_id].digest})
    return found


def _audit(connection: Connection, person: Person, call_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Entries by them, about them, and about their calls or a rule of these."""
    named = [audit.c.subject == person.subject]
    if person.agent is not None:
        named += [audit.c.actor == person.agent, audit.c.subject == person.agent]
    subjects = {f"call {call_id}" for call_id in call_ids}
    about = func.substr(audit.c.subject, 1, 5) == "call "
    rows = _rows(connection, audit, or_(*named, about))
    direct = {row["id"] for row in _rows(connection, audit, or_(*named))}
    return [row for row in rows if row["id"] in direct or row["subject"].split(",")[0] in subjects]


def _by_call(connection: Connection, table: Table, call_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _in_parts(connection, table, table.c.call_id, call_ids):
        found.setdefault(row["call_id"], []).append(row)
    return found


def _in_parts(
    connection: Connection, table: Table, column: ColumnElement[int], ids: Sequence[int]
) -> list[dict[str, Any]]:
    starts = range(0, len(ids), _AT_A_TIME)
    return [row for start in starts for row in _rows(connection, table, column.in_([*ids[start : start + _AT_A_TIME]]))]


def _rows(connection: Connection, table: Table, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = select(table).where(which).order_by(*table.primary_key.columns)
    return [_values(row._mapping) for row in connection.execute(query)]


def _values(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row as JSON values, without what is secret, or means nothing outside the store."""
    kept = {str(key): value for key, value in row.items() if key not in _SECRET and key != "caller_hash"}
    return {
        key: _told(value) if key in ("topic", "detail", "rules", "how", "options") and isinstance(value, str)
        else value.isoformat() if hasattr(value, "isoformat")
        else value
        for key, value in kept.items()
    }  # fmt: skip


def _told(text: str) -> Any:
    """What a column holds as JSON, without the hash of a caller."""
    value = json.loads(text)
    return _without(value, "caller_hash") if isinstance(value, dict) else value


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
