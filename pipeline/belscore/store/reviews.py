"""What coaches say of findings after listening: kept beside what the machine said, never in its place.

The latest review by a coach of a rule of a call counts; all stay. Coaches who differ leave no human verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection, Select, func, insert, select

from belscore.errors import BelscoreError
from belscore.scorecard import Verdict
from belscore.store.audit import note
from belscore.store.calls import require_call
from belscore.store.tables import findings, reviews, rule_sets, scorecards
from belscore.wall_clock import this_second

_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
# What a coach is asked of a call.
JUDGED: tuple[Verdict, ...] = ("pass", "fail")


@dataclass(frozen=True, slots=True)
class Review:
    """One review that counts.

    machine : what the program had said when it was reviewed; `current` says so now, None when that rule is gone
    """

    id: int
    call_id: int
    rule_id: str
    coach: str
    verdict: Verdict
    machine: Verdict
    current: Verdict | None
    reason: str
    rules_digest: str
    sample_id: int | None
    made_at: datetime

    @property
    def agrees(self) -> bool:
        return self.verdict == self.machine


@dataclass(frozen=True, slots=True)
class Judgement:
    """A finding that was reviewed: the machine's verdict of now beside that of each coach."""

    call_id: int
    rule_id: str
    machine: Verdict | None
    by_coach: Mapping[str, Verdict]

    @property
    def human(self) -> Verdict | None:
        """What the coaches say, None when they differ."""
        return agreed(self.by_coach.values())


def agreed(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The one verdict of all coaches; None when they differ, or there is none.

    >>> agreed(["fail", "fail"]), agreed(["fail", "pass"])
    ('fail', None)
    """
    different = set(verdicts)
    return different.pop() if len(different) == 1 else None


def add_review(
    connection: Connection,
    *,
    call_id: int,
    rule_id: str,
    coach: str,
    verdict: Verdict | None,
    reason: str = "",
    sample_id: int | None = None,
) -> Review:
    """Keep what a coach says of a finding, with what the machine says of it now.

    verdict : None agrees with the machine

    Raises BelscoreError when the call has no such finding, or for another verdict than the machine's without a reason.
    """
    where = f"call {call_id}, rule {rule_id}"
    if verdict is not None and verdict not in _VERDICTS:
        raise BelscoreError(f"`{verdict}` is no verdict", where=where, do=f"say {', '.join(_VERDICTS)}")
    if not coach.strip():
        raise BelscoreError("it is not known who reviews", where=where, do="name the coach")
    machine, digest = _machine(connection, call_id, rule_id)
    said: Verdict = verdict or machine
    if said != machine and not reason.strip():
        raise BelscoreError(f"the machine says {machine}", where=where, do="say why it is otherwise, with --reason")
    values = {
        "call_id": call_id,
        "rule_id": rule_id,
        "verdict": said,
        "machine": machine,
        "reason": reason.strip(),
        "rules_digest": digest,
        "sample_id": sample_id,
        "made_at": this_second(),
    }
    added = connection.execute(insert(reviews).values(reviewer=coach.strip(), **values))
    assert added.inserted_primary_key is not None
    note(connection, coach.strip(), "review", where, {"verdict": said, "machine": machine})
    return Review(id=int(added.inserted_primary_key[0]), coach=coach.strip(), current=machine, **values)  # type: ignore[arg-type]


def _machine(connection: Connection, call_id: int, rule_id: str) -> tuple[Verdict, str]:
    """What the machine says of a rule of a call, and the digest of the rules by which."""
    require_call(connection, call_id)
    query = (
        select(findings.c.verdict, rule_sets.c.digest)
        .join(scorecards, (scorecards.c.call_id == findings.c.call_id) & scorecards.c.current)
        .join(rule_sets, rule_sets.c.id == scorecards.c.rule_set_id)
        .where(findings.c.call_id == call_id, findings.c.rule_id == rule_id)
    )
    row = connection.execute(query).first()
    if row is None:
        where = f"call {call_id}, rule {rule_id}"
        raise BelscoreError("the scorecard has no such rule", where=where, do="see `belscore rules list`")
    return row.verdict, row.digest


def latest_reviews(
    connection: Connection,
    *,
    call_ids: Collection[int] | None = None,
    rule_id: str | None = None,
    coach: str | None = None,
    sample_id: int | None = None,
) -> list[Review]:
    """The reviews that count, oldest first."""
    query = _latest()
    if rule_id is not None:
        query = query.where(reviews.c.rule_id == rule_id)
    if coach is not None:
        query = query.where(reviews.c.reviewer == coach)
    if sample_id is not None:
        query = query.where(reviews.c.sample_id == sample_id)
    if call_ids is not None:
        query = query.where(reviews.c.call_id.in_(call_ids))
    return [
        Review(
            row.id, row.call_id, row.rule_id, row.reviewer, row.verdict, row.machine, row.now, row.reason,
            row.rules_digest, row.sample_id, row.made_at,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _latest() -> Select[tuple[object, ...]]:
    latest = select(func.max(reviews.c.id)).group_by(reviews.c.call_id, reviews.c.rule_id, reviews.c.reviewer)
    same = (findings.c.call_id == reviews.c.call_id) & (findings.c.rule_id == reviews.c.rule_id)
    return (
        select(reviews, findings.c.verdict.label("now"))
        .select_from(reviews.outerjoin(findings, same))
        .where(reviews.c.id.in_(latest))
        .order_by(reviews.c.id)
    )


def judgements(connection: Connection) -> list[Judgement]:
    """Every finding that was reviewed, by call and rule. What people said of a call holds when rules change since."""
    found: dict[tuple[int, str], dict[str, Verdict]] = {}
    machine: dict[tuple[int, str], Verdict | None] = {}
    for review in latest_reviews(connection):
        key = (review.call_id, review.rule_id)
        found.setdefault(key, {})[review.coach] = review.verdict
        machine[key] = review.current
    return [Judgement(*key, machine[key], by_coach) for key, by_coach in sorted(found.items())]


def reviewable(connection: Connection, call_id: int, coach: str, *, only: str | None = None) -> list[str]:
    """The rules of a call that a coach has said nothing of yet, in rulebook order.

    only : this rule alone, whatever its verdict; None takes all that got a pass or a fail, since of the others the
           machine itself says that it does not know, or that they do not apply

    Raises BelscoreError when there is no such call.
    """
    from belscore.store.rule_sets import rule_titles

    require_call(connection, call_id)
    said = select(reviews.c.rule_id).where(reviews.c.call_id == call_id, reviews.c.reviewer == coach)
    wanted = findings.c.verdict.in_(JUDGED) if only is None else findings.c.rule_id == only
    query = select(findings.c.rule_id).where(findings.c.call_id == call_id, findings.c.rule_id.not_in(said), wanted)
    left = set(connection.execute(query).scalars())
    return [rule_id for rule_id in rule_titles(connection) if rule_id in left]
