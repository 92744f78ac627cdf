"""The list of calls that coaches look through: filtered, in a stable order, a page at a time; and where a call is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from belscore.scorecard import Verdict
from belscore.store.conditions import of_calls, on_days
from belscore.store.recordings import shown_source
from belscore.store.tables import calls, comments, findings, reviews, scorecards, situations

Sort = Literal["date", "score", "duration"]


@dataclass(frozen=True, slots=True)
class ListFilters:
    """Which calls; None leaves all.

    since, until : days on which the calls began, both included
    rule, verdict : calls in which the program judged this rule, or gave it this verdict
    lowest, highest : of the score, 0..100; calls without a score are left out then
    text         : stands somewhere in what the recording is called; upper and lower case are the same
    practice     : calls that trainees made to learn from, instead of those of the practice
    unreviewed   : calls of which nobody said anything yet
    """

    since: date | None = None
    until: date | None = None
    department: str | None = None
    agent: str | None = None
    direction: str | None = None
    situation: str | None = None
    rule: str | None = None
    verdict: Verdict | None = None
    lowest: float | None = None
    highest: float | None = None
    outcome: str | None = None
    text: str | None = None
    practice: bool = False
    unreviewed: bool = False


@dataclass(frozen=True, slots=True)
class ListOrder:
    """In which order; what is not known comes last. Never by person: nobody is ranked here."""

    by: Sort = "date"
    ascending: bool = False
    disputes_first: bool = False


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A row of the list: `score` 0..100 and `coverage` 0..1 of the program, `reviewed` counts findings people saw."""

    id: int
    title: str
    agent: str | None
    department: str | None
    started_at: datetime | None
    direction: str
    duration_s: float
    score: float | None
    coverage: float
    outcome: str
    situations: tuple[str, ...]
    reviewed: int
    is_disputed: bool


class Place(NamedTuple):
    """Where a call is in a list: counted from 1, of how many, and the calls beside it."""

    number: int
    of: int
    previous: int | None
    next: int | None


def count_calls(connection: Connection, filters: ListFilters) -> int:
    """How many calls there are in the list."""
    query = select(func.count()).select_from(_tables(filters, ListOrder())).where(*_conditions(filters))
    return int(connection.execute(query).scalar_one())


def list_calls(
    connection: Connection, filters: ListFilters, order: ListOrder, *, start: int, count: int
) -> list[ListedCall]:
    """So many calls of the list, from place `start` on, counted from 0."""
    query = _ids(filters, order).order_by(*_order(order)).offset(start).limit(count)
    return _rows(connection, [*connection.execute(query).scalars()])


def place_of(connection: Connection, filters: ListFilters, order: ListOrder, call_id: int) -> Place | None:
    """Where a call is in the list, or would be if the filters let it through; None when there is no such call."""
    keys = _order(order)
    listed = (
        select(
            calls.c.id,
            func.row_number().over(order_by=keys).label("number"),
            func.lag(calls.c.id).over(order_by=keys).label("previous"),
            func.lead(calls.c.id).over(order_by=keys).label("next"),
            func.count().over().label("total"),
        )
        .select_from(_tables(filters, order))
        # A call that was reviewed just now has left the list of what was not: who is at it still goes on from there.
        .where(or_(*[_all(_conditions(filters)), calls.c.id == call_id]))
        .subquery()
    )
    row = connection.execute(select(listed).where(listed.c.id == call_id)).first()
    return Place(row.number, row.total, row.previous, row.next) if row is not None else None


def agents_and_departments(connection: Connection) -> tuple[list[str], list[str]]:
    """Names to choose from, each in alphabetical order; also of who only practised: an index has them all at once."""
    found = []
    for column in (calls.c.agent, calls.c.department):
        query = select(column).where(column.is_not(None)).distinct()
        found.append(sorted(connection.execute(query).scalars(), key=lambda name: (name.casefold(), name)))
    return found[0], found[1]


def _ids(filters: ListFilters, order: ListOrder) -> Select[tuple[int]]:
    return select(calls.c.id).select_from(_tables(filters, order)).where(*_conditions(filters))


def _tables(filters: ListFilters, order: ListOrder) -> Any:
    """`calls`, with its scorecard only where something is asked of that."""
    of_card = (filters.lowest, filters.highest, filters.outcome)
    if order.by != "score" and all(each is None for each in of_card):
        return calls
    return calls.join(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current)


def _all(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    together = conditions[0]
    for each in conditions[1:]:
        together = together & each
    return together


def _conditions(filters: ListFilters) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = [calls.c.practice.is_(filters.practice)]
    parts += on_days(filters.since, filters.until, calls.c.started_at)
    parts += of_calls(
        department=filters.department, agent=filters.agent, direction=filters.direction, situation=filters.situation
    )
    if filters.rule is not None:
        verdicts = (filters.verdict,) if filters.verdict is not None else ("pass", "fail")
        of_rule = select(findings.c.call_id).where(findings.c.rule_id == filters.rule, findings.c.verdict.in_(verdicts))
        parts.append(calls.c.id.in_(of_rule))
    if filters.text is not None:
        parts.append(func.lower(calls.c.source).contains(filters.text.lower(), autoescape=True))
    if filters.unreviewed:
        parts.append(calls.c.id.not_in(select(reviews.c.call_id)))
    return [*parts, *_of_card(filters)]


def _of_card(filters: ListFilters) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if filters.lowest is not None:
        parts.append(scorecards.c.score >= filters.lowest)
    if filters.highest is not None:
        parts.append(scorecards.c.score <= filters.highest)
    if filters.outcome is not None:
        parts.append(scorecards.c.outcome == filters.outcome)
    return parts


def _order(order: ListOrder) -> list[ColumnElement[Any]]:
    """Ends with the id, so that every call has one place."""
    key = {"date": calls.c.started_at, "score": scorecards.c.score, "duration": calls.c.duration_s}[order.by]
    keys: list[ColumnElement[Any]] = [key.asc().nulls_last(), calls.c.id.asc()]
    if not order.ascending:
        keys = [key.desc().nulls_last(), calls.c.id.desc()]
    first: list[ColumnElement[Any]] = [calls.c.id.in_(_disputed()).desc()] if order.disputes_first else []
    return [*first, *keys]


def _disputed() -> Select[tuple[int]]:
    """Calls with a dispute that nobody answered."""
    answered = select(comments.c.answers_id).where(comments.c.answers_id.is_not(None))
    return select(comments.c.call_id).where(comments.c.kind == "dispute", comments.c.id.not_in(answered))


def _rows(connection: Connection, call_ids: Sequence[int]) -> list[ListedCall]:
    """What the list shows of these calls, in their order."""
    wanted = calls.c.id.in_(call_ids)
    query = (
        select(calls, scorecards.c.score, scorecards.c.coverage, scorecards.c.outcome)
        .join(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current, isouter=True)
        .where(wanted)
    )
    found = {row.id: row for row in connection.execute(query)}
    held = _situations(connection, call_ids)
    said = select(reviews.c.call_id, func.count(reviews.c.rule_id.distinct())).where(reviews.c.call_id.in_(call_ids))
    reviewed = {call_id: int(count) for call_id, count in connection.execute(said.group_by(reviews.c.call_id))}
    disputed = {*connection.execute(_disputed().where(comments.c.call_id.in_(call_ids))).scalars()}
    return [
        ListedCall(
            row.id, shown_source(row.source), row.agent, row.department, row.started_at, row.direction,
            row.duration_s, row.score, row.coverage or 0.0, row.outcome or "",
            tuple(held.get(row.id, ())), reviewed.get(row.id, 0), row.id in disputed,
        )
        for row in (found[call_id] for call_id in call_ids)
    ]  # fmt: skip


def _situations(connection: Connection, call_ids: Collection[int]) -> Mapping[int, list[str]]:
    query = select(situations).where(situations.c.call_id.in_(call_ids)).order_by(situations.c.situation)
    held: dict[int, list[str]] = {}
    for row in connection.execute(query):
        held.setdefault(row.call_id, []).append(row.situation)
    return held
