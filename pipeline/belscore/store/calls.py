"""Calls in the store: put in whole in one transaction, judged anew, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, delete, insert, select, update

from belscore.call import Call
from belscore.call_json import call_to_dict, parse_call_json
from belscore.errors import BelscoreError
from belscore.scorecard import LedgerEntry, Scorecard, Verdict
from belscore.store.blobs import pack, unpack, unpack_text
from belscore.store.database import legible
from belscore.store.tables import calls, findings, ledger, questions, scorecards, situations, transcripts
from belscore.wall_clock import this_second, wall_clock

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERDICT_LETTERS: Mapping[Verdict, str] = {"pass": "p", "fail": "f", "unsure": "u", "not_applicable": "n"}
# Two judgings place the same promise at the same words, or a turn further when a rule of the situation changed.
_SAME_PROMISE_S = 2.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the telephone exchange knows of a call and its sound does not tell; None where it did not say.

    queue_s     : time in a queue before it was picked up
    after_s     : time that the agent worked on it after hanging up
    caller_hash : see `caller_keys`
    topic       : hashes of the words that say what the call is about, see `caller_keys`
    practice    : whether a trainee made it to learn from; such calls are in no report
    """

    queue_s: float | None = None
    after_s: float | None = None
    caller_hash: str | None = None
    topic: Sequence[str] = ()
    practice: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A scorecard with what it was judged by: the id of the rules in the store, and the digest of question trees."""

    card: Scorecard
    rule_set_id: int
    trees_digest: str | None = None


def of_practice() -> ColumnElement[bool]:
    """Whether a call is one of the practice, not one that a trainee made to learn from."""
    return calls.c.practice.is_(False)


def find_call(connection: Connection, sha256: str) -> int | None:
    """The id of the call with this content."""
    return connection.execute(select(calls.c.id).where(calls.c.sha256 == sha256)).scalar()


def require_call(connection: Connection, call_id: int) -> None:
    """Raise BelscoreError when the store has no call of this number."""
    if connection.execute(select(calls.c.id).where(calls.c.id == call_id)).scalar() is None:
        raise BelscoreError("no such call", where=f"call {call_id}", do="see `belscore report calls`")


def add_call(connection: Connection, sha256: str, call: Call, judged: Judged, exchange: Exchange) -> int:
    """Put a call in with its transcript and scorecard; returns its id.

    IntegrityError when a call of this content is there already: ask `find_call` in the same transaction first.
    """
    added = connection.execute(insert(calls).values(sha256=sha256, added_at=this_second(), **call_row(call, exchange)))
    assert added.inserted_primary_key is not None
    call_id = int(added.inserted_primary_key[0])
    connection.execute(insert(transcripts).values(call_id=call_id, **transcript_row(call)))
    put_scorecard(connection, call_id, judged)
    return call_id


def call_row(call: Call, exchange: Exchange) -> dict[str, object]:
    """What `calls` has of a call, but for what its scorecard says."""
    return {
        "source": legible(call.source),
        "agent": _legible(call.agent),
        "department": _legible(call.department),
        "started_at": wall_clock(call.started_at),
        "direction": call.direction,
        "ring_s": call.ring_s,
        "queue_s": exchange.queue_s,
        "after_s": exchange.after_s,
        "duration_s": call.duration_s,
        "channels": call.channels,
        "role_confidence": call.role_confidence,
        "ended_by": call.ended_by,
        "caller_hash": exchange.caller_hash,
        "topic": json.dumps([*exchange.topic]),
        "practice": exchange.practice,
    }


def transcript_row(call: Call) -> dict[str, object]:
    """What `transcripts` has of a call."""
    return {"body": pack(call_to_dict(call)), "model": legible(call.engine.model), "made_at": this_second()}


def put_scorecard(connection: Connection, call_id: int, judged: Judged) -> None:
    """Make this the call's current scorecard. Of the one before its verdicts stay, its texts go."""
    card = judged.card
    connection.execute(update(calls).where(calls.c.id == call_id).values(hold_s=card.measures.hold_s))
    earlier = scorecards.c.call_id == call_id
    connection.execute(update(scorecards).where(earlier, scorecards.c.current).values(current=False, body=None))
    connection.execute(
        insert(scorecards).values(
            call_id=call_id,
            rule_set_id=judged.rule_set_id,
            current=True,
            score=card.score,
            coverage=card.coverage,
            outcome=card.outcome,
            in_hours=card.call.in_hours,
            verdicts="".join(VERDICT_LETTERS[finding.verdict] for finding in card.findings),
            trees_digest=judged.trees_digest,
            body=pack(card.to_dict()),
            made_at=this_second(),
        )
    )
    _replace(connection, situations, call_id, [{"situation": each} for each in card.situations])
    _replace(
        connection,
        findings,
        call_id,
        [{"rule_id": each.rule_id, "verdict": each.verdict, "weight": each.weight} for each in card.findings],
    )
    _replace(
        connection,
        questions,
        call_id,
        [
            {
                "tree": each.tree,
                "item": each.item,
                "tree_title": each.tree_title,
                "title": each.title,
                "kind": each.kind,
                "verdict": each.verdict,
            }
            for each in card.questions
        ],
    )
    _renew_ledger(connection, call_id, card.ledger)


def _replace(connection: Connection, table: Table, call_id: int, rows: Iterable[dict[str, object]]) -> None:
    connection.execute(delete(table).where(table.c.call_id == call_id))
    values = [{"call_id": call_id, **row} for row in rows]
    if values:
        connection.execute(insert(table), values)


def _renew_ledger(connection: Connection, call_id: int, entries: Sequence[LedgerEntry]) -> None:
    """Bring the ledger in line with a scorecard: an entry that stays where it was keeps its id and what people noted.

    What the scorecard no longer has goes, unless people noted something of it: they know that it was promised.
    """
    earlier = connection.execute(select(ledger).where(ledger.c.call_id == call_id)).all()
    same = _same_entries(entries, earlier)
    kept = [{"row_id": same[place], **_ledger_row(entry)} for place, entry in enumerate(entries) if place in same]
    added = [{"call_id": call_id, **_ledger_row(entry)} for place, entry in enumerate(entries) if place not in same]
    stay = {*same.values()}
    gone = [row.id for row in earlier if row.id not in stay and row.settled_at is None]
    if gone:
        connection.execute(delete(ledger).where(ledger.c.id.in_(gone)))
    if kept:
        connection.execute(update(ledger).where(ledger.c.id == bindparam("row_id")), kept)
    if added:
        connection.execute(insert(ledger), added)


def _same_entries(entries: Sequence[LedgerEntry], rows: Sequence[Row[Any]]) -> dict[int, int]:
    """Place of an entry -> id of the row that told of the same thing before: of one kind, the nearest in time first."""
    pairs = sorted(
        (abs(row.start_s - entry.start_s), place, row.id)
        for place, entry in enumerate(entries)
        for row in rows
        if row.kind == entry.kind and abs(row.start_s - entry.start_s) <= _SAME_PROMISE_S
    )
    same: dict[int, int] = {}
    for _, place, row_id in pairs:
        if place not in same and row_id not in same.values():
            same[place] = row_id
    return same


def _ledger_row(entry: LedgerEntry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "who": entry.who,
        "whom": _legible(entry.whom),
        "means": entry.means,
        "what": legible(entry.what),
        "about": legible(entry.about),
        "due": _legible(entry.due),
        "due_at": wall_clock(entry.due_at),
        "start_s": entry.start_s,
        "number_given": entry.number_given,
        "doubtful": entry.doubtful,
    }


def _legible(written: str | None) -> str | None:
    return None if written is None else legible(written)


def read_call(connection: Connection, call_id: int) -> Call:
    """The call as it was transcribed. Raises BelscoreError when its transcript is gone or damaged."""
    where = f"call {call_id}"
    body = connection.execute(select(transcripts.c.body).where(transcripts.c.call_id == call_id)).scalar()
    if body is None:
        require_call(connection, call_id)
        raise BelscoreError("the store has no transcript of it any more", where=where, do="score its recording again")
    return unpack_call(body, where=where)


def read_scorecard(connection: Connection, call_id: int) -> Scorecard:
    """The current scorecard of a call. Raises BelscoreError when there is none, or it is damaged."""
    where = f"call {call_id}"
    of_call = (scorecards.c.call_id == call_id, scorecards.c.current)
    body = connection.execute(select(scorecards.c.body).where(*of_call)).scalar()
    if body is None:
        require_call(connection, call_id)
        raise BelscoreError("the store has no scorecard of it", where=where, do="score its recording again")
    return unpack_card(body, where=where)


def unpack_call(body: bytes, *, where: str) -> Call:
    """The call in a body of `transcripts`. Raises BelscoreError when it is damaged."""
    return parse_call_json(unpack_text(body, where=where), source=where)


def unpack_card(body: bytes, *, where: str) -> Scorecard:
    """The scorecard in a body of `scorecards`. Raises BelscoreError when it is damaged."""
    data = unpack(body, where=where)
    data.pop("schema", None)
    return _card_form().validate_python(data)


@cache
def _card_form() -> TypeAdapter[Scorecard]:
    from pydantic import TypeAdapter

    return TypeAdapter(Scorecard)
