"""Samples of calls to review: drawn from the store, kept by name, with how far each coach is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, func, insert, select

from belscore.errors import BelscoreError
from belscore.sampling import Allocation, Candidate, drawn
from belscore.scorecard import Verdict
from belscore.store.audit import note
from belscore.store.calls import of_practice
from belscore.store.conditions import of_calls, on_days
from belscore.store.reviews import JUDGED
from belscore.store.tables import calls, findings, reviews, sample_calls, samples, scorecards, situations
from belscore.wall_clock import this_second

Stratum = Literal["department", "agent", "verdict", "situation", "week"]
_STRATA: tuple[Stratum, ...] = get_args(Stratum)
# Between the groups in the name of a stratum.
GROUPS_BETWEEN = " / "


@dataclass(frozen=True, slots=True)
class Draw:
    """What to draw.

    strata      : groups to draw from apart; () draws from all calls at once. `verdict` is that of `rule`
    since, until : days on which the calls began, both included
    rule, verdict : only calls in which the machine gives this verdict on the rule; without a verdict, a pass or a fail
    coaches     : who review the sample, all of them the same calls; () leaves it to whoever comes
    """

    size: int
    seed: int = 1
    strata: tuple[Stratum, ...] = ()
    allocation: Allocation = "proportional"
    since: date | None = None
    until: date | None = None
    department: str | None = None
    agent: str | None = None
    situation: str | None = None
    rule: str | None = None
    verdict: Verdict | None = None
    coaches: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 1:
            raise BelscoreError("a sample has one call or more", where="--size", do="give a larger number")
        if self.verdict is not None and self.rule is None:
            raise BelscoreError("a verdict is one of a rule", where="--verdict", do="name the rule with --rule")
        if "verdict" in self.strata and self.rule is None:
            raise BelscoreError("a verdict is one of a rule", where="--by verdict", do="name the rule with --rule")


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn sample; `draw` is how."""

    id: int
    name: str
    draw: Draw
    made_by: str
    made_at: datetime
    call_ids: tuple[int, ...]

    def is_for(self, coach: str) -> bool:
        """Whether a coach is to review it."""
        return not self.draw.coaches or coach in self.draw.coaches


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coach is: calls of which every judged rule (of the sample, or all) was reviewed."""

    coach: str
    done: int
    of: int


def draw_sample(connection: Connection, name: str, draw: Draw, *, made_by: str) -> Sample:
    """Draw a sample and keep it. Raises BelscoreError when the name is taken or no call fits."""
    if not name.strip():
        raise BelscoreError("a sample needs a name", where="--name", do="give it one")
    if connection.execute(select(samples.c.id).where(samples.c.name == name)).scalar() is not None:
        raise BelscoreError("there is a sample of this name", where=f"sample {name}", do="choose another --name")
    chosen = drawn(_candidates(connection, draw), size=draw.size, seed=draw.seed, allocation=draw.allocation)
    if not chosen:
        raise BelscoreError("no call fits", where=f"sample {name}", do="ask for a longer period or drop a filter")
    made_at = this_second()
    how = json.dumps(asdict(draw), default=str, sort_keys=True)
    values = {"name": name, "seed": draw.seed, "how": how, "made_by": made_by, "made_at": made_at}
    added = connection.execute(insert(samples).values(**values))
    assert added.inserted_primary_key is not None
    sample_id = int(added.inserted_primary_key[0])
    connection.execute(
        insert(sample_calls),
        [
            {"sample_id": sample_id, "call_id": each.call_id, "place": place, "stratum": each.stratum[:200]}
            for place, each in enumerate(chosen)
        ],
    )
    note(connection, made_by, "draw sample", f"sample {name}", {"calls": len(chosen), "seed": draw.seed})
    return Sample(sample_id, name, draw, made_by, made_at, tuple(each.call_id for each in chosen))


def read_samples(connection: Connection) -> list[Sample]:
    """All samples, newest first."""
    held: dict[int, list[int]] = {}
    for row in connection.execute(select(sample_calls).order_by(sample_calls.c.place)):
        held.setdefault(row.sample_id, []).append(row.call_id)
    return [
        Sample(row.id, row.name, _draw_of(row.how), row.made_by, row.made_at, tuple(held.get(row.id, ())))
        for row in connection.execute(select(samples).order_by(samples.c.id.desc()))
    ]


def read_sample(connection: Connection, name: str) -> Sample:
    """The sample of a name. Raises BelscoreError when there is none."""
    for sample in read_samples(connection):
        if sample.name == name:
            return sample
    raise BelscoreError("no such sample", where=f"sample {name}", do="see `belscore review list`")


def strata_of(connection: Connection, sample: Sample) -> dict[str, int]:
    """How many calls of a sample are of each stratum, by its name."""
    query = (
        select(sample_calls.c.stratum, func.count())
        .where(sample_calls.c.sample_id == sample.id)
        .group_by(sample_calls.c.stratum)
        .order_by(sample_calls.c.stratum)
    )
    return {stratum: int(count) for stratum, count in connection.execute(query)}


def next_sample(connection: Connection, coach: str) -> Sample | None:
    """The newest sample that this coach has calls left of; of one with appointed coaches only theirs."""
    for sample in read_samples(connection):
        if sample.is_for(coach) and to_review(connection, sample, coach):
            return sample
    return None


def sample_with(connection: Connection, call_id: int, coach: str) -> Sample | None:
    """The newest sample in which this coach reviews this call."""
    samples_of = (each for each in read_samples(connection) if each.is_for(coach) and call_id in each.call_ids)
    return next(samples_of, None)


def to_review(connection: Connection, sample: Sample, coach: str) -> list[int]:
    """The calls of a sample that a coach has not done, in their order; none of which the words are gone."""
    conditions: list[ColumnElement[bool]] = [findings.c.verdict.in_(JUDGED)]
    if sample.draw.rule is not None:
        conditions = [findings.c.rule_id == sample.draw.rule]
    mine = select(reviews.c.call_id, reviews.c.rule_id).where(reviews.c.reviewer == coach).distinct().subquery()
    same = (mine.c.call_id == findings.c.call_id) & (mine.c.rule_id == findings.c.rule_id)
    query = (
        select(findings.c.call_id)
        .select_from(findings.join(sample_calls, sample_calls.c.call_id == findings.c.call_id).outerjoin(mine, same))
        .where(sample_calls.c.sample_id == sample.id, mine.c.call_id.is_(None), _has_words(), *conditions)
        .group_by(findings.c.call_id)
        .order_by(func.min(sample_calls.c.place))
    )
    return [int(call_id) for call_id in connection.execute(query).scalars()]


def _has_words() -> ColumnElement[bool]:
    """Whether there is something to show of a finding's call: its time may be up (`purging`)."""
    card = (scorecards.c.call_id == findings.c.call_id, scorecards.c.current, scorecards.c.body.is_not(None))
    return select(scorecards.c.id).where(*card).exists()


def progress(connection: Connection, sample: Sample) -> list[Progress]:
    """How far each coach of a sample is; without appointed coaches, who began it."""
    began = select(reviews.c.reviewer).where(reviews.c.sample_id == sample.id).distinct()
    coaches = {*sample.draw.coaches, *connection.execute(began).scalars()}
    of = len(sample.call_ids)
    return [Progress(coach, of - len(to_review(connection, sample, coach)), of) for coach in sorted(coaches)]


def _draw_of(how: str) -> Draw:
    said = json.loads(how)
    days = {key: date.fromisoformat(said[key]) if said[key] else None for key in ("since", "until")}
    return Draw(**{**said, **days, "strata": tuple(said["strata"]), "coaches": tuple(said["coaches"])})


def _candidates(connection: Connection, draw: Draw) -> list[Candidate]:
    query = (
        select(calls.c.id, calls.c.sha256, calls.c.department, calls.c.agent, calls.c.started_at)
        .join(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current)
        .where(*_conditions(draw))
    )
    rows = connection.execute(query).all()
    verdicts = _verdicts(connection, draw.rule) if "verdict" in draw.strata else {}
    held = _situations(connection) if "situation" in draw.strata else {}
    groups: dict[Stratum, Callable[[Any], str]] = {
        "department": lambda row: row.department or "",
        "agent": lambda row: row.agent or "",
        "verdict": lambda row: verdicts.get(row.id, ""),
        "situation": lambda row: held.get(row.id, ""),
        "week": lambda row: f"{row.started_at:%G-W%V}" if row.started_at else "",
    }
    return [
        Candidate(row.id, row.sha256, GROUPS_BETWEEN.join(groups[name](row) for name in _STRATA if name in draw.strata))
        for row in rows
    ]


def _conditions(draw: Draw) -> Sequence[ColumnElement[bool]]:
    conditions = [of_practice(), scorecards.c.body.is_not(None)]
    conditions += on_days(draw.since, draw.until, calls.c.started_at)
    conditions += of_calls(department=draw.department, agent=draw.agent, situation=draw.situation)
    if draw.rule is not None:
        wanted = (draw.verdict,) if draw.verdict is not None else JUDGED
        of_rule = select(findings.c.call_id).where(findings.c.rule_id == draw.rule, findings.c.verdict.in_(wanted))
        conditions.append(calls.c.id.in_(of_rule))
    return conditions


def _verdicts(connection: Connection, rule_id: str | None) -> dict[int, str]:
    query = select(findings.c.call_id, findings.c.verdict).where(findings.c.rule_id == rule_id)
    return {row.call_id: row.verdict for row in connection.execute(query)}


def _situations(connection: Connection) -> dict[int, str]:
    """The situation of each call that has one; of several the one that is rarest in the store, to have enough of it."""
    rows = connection.execute(select(situations.c.call_id, situations.c.situation)).all()
    often: dict[str, int] = {}
    for row in rows:
        often[row.situation] = often.get(row.situation, 0) + 1
    rarest_last = sorted(rows, key=lambda row: (-often[row.situation], row.situation))
    return {row.call_id: row.situation for row in rarest_last}
