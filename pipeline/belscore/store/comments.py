"""What agents and coaches write beside a call: comments, disputes of a finding, and the answers to these."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from belscore.errors import BelscoreError
from belscore.store.audit import note
from belscore.store.calls import require_call
from belscore.store.tables import calls, comments, findings
from belscore.wall_clock import this_second

Writer = Literal["agent", "coach"]
Kind = Literal["comment", "dispute", "answer"]


@dataclass(frozen=True, slots=True)
class Comment:
    """Something written beside a call, or one rule of it; `answers_id` is the dispute that an answer is to."""

    id: int
    call_id: int
    rule_id: str | None
    author: str
    author_is: Writer
    kind: Kind
    text: str
    answers_id: int | None
    made_at: datetime


def own_call(connection: Connection, agent: str, call_id: int) -> None:
    """Raise BelscoreError unless the call is one of this agent.

    A call of somebody else and one that does not exist get the same answer: it tells nothing of others.
    """
    of_call = connection.execute(select(calls.c.agent).where(calls.c.id == call_id)).scalar()
    if of_call is None or of_call != agent:
        where, do = f"call {call_id}", "ask for one of their own; `belscore coach sheet` lists them"
        raise BelscoreError(f"is no call of {agent}", where=where, do=do)


def add_comment(
    connection: Connection,
    *,
    call_id: int,
    author: str,
    author_is: Writer,
    text: str,
    rule_id: str | None = None,
    dispute: bool = False,
) -> Comment:
    """Keep a comment, or the dispute of a finding. An agent writes beside their own calls only.

    Raises BelscoreError when the call is not theirs, the rule not in its scorecard, or nothing was written.
    """
    where = f"call {call_id}"
    if author_is == "agent":
        own_call(connection, author, call_id)
    else:
        require_call(connection, call_id)
    if dispute and rule_id is None:
        raise BelscoreError("a dispute is about one finding", where=where, do="name its rule with --rule")
    if rule_id is not None:
        of_rule = select(findings.c.verdict).where(findings.c.call_id == call_id, findings.c.rule_id == rule_id)
        if connection.execute(of_rule).scalar() is None:
            raise BelscoreError(f"its scorecard has no rule {rule_id}", where=where, do="see `belscore rules list`")
    kind: Kind = "dispute" if dispute else "comment"
    return _add(connection, call_id, rule_id, author, author_is, kind, text, None)


def answer_dispute(connection: Connection, dispute_id: int, *, coach: str, text: str) -> Comment:
    """Answer a dispute, which closes it. Raises BelscoreError when there is none of this id, or it was answered."""
    where = f"dispute {dispute_id}"
    disputed = connection.execute(
        select(comments).where(comments.c.id == dispute_id, comments.c.kind == "dispute")
    ).first()
    if disputed is None:
        raise BelscoreError("no such dispute", where=where, do="see `belscore coach disputes`")
    answered = select(comments.c.id).where(comments.c.answers_id == dispute_id)
    if connection.execute(answered).first() is not None:
        raise BelscoreError("it has been answered", where=where, do="write a comment beside the call")
    return _add(connection, disputed.call_id, disputed.rule_id, coach, "coach", "answer", text, dispute_id)


def _add(
    connection: Connection,
    call_id: int,
    rule_id: str | None,
    author: str,
    author_is: Writer,
    kind: Kind,
    text: str,
    answers_id: int | None,
) -> Comment:
    where = f"call {call_id}" + (f", rule {rule_id}" if rule_id else "")
    if not text.strip():
        raise BelscoreError("nothing was written", where=where, do="write what there is to say")
    made_at = this_second()
    draft = Comment(0, call_id, rule_id, author, author_is, kind, text.strip(), answers_id, made_at)
    values = {key: value for key, value in asdict(draft).items() if key != "id"}
    added = connection.execute(insert(comments).values(**values))
    assert added.inserted_primary_key is not None
    note(connection, author, kind, where, {"as": author_is})
    return replace(draft, id=int(added.inserted_primary_key[0]))


def open_disputes(connection: Connection) -> list[Comment]:
    """Disputes that nobody answered, oldest first."""
    answered = select(comments.c.answers_id).where(comments.c.answers_id.is_not(None))
    query = select(comments).where(comments.c.kind == "dispute", comments.c.id.not_in(answered)).order_by(comments.c.id)
    return [Comment(*row) for row in connection.execute(query)]


def comments_on(connection: Connection, call_ids: Collection[int]) -> list[Comment]:
    """What was written beside these calls, oldest first."""
    query = select(comments).where(comments.c.call_id.in_(call_ids)).order_by(comments.c.id)
    return [Comment(*row) for row in connection.execute(query)]
