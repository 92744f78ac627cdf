"""The calls of one person, to learn from: whose a call is, and which they made before it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, case, select

from belscore.scorecard import Verdict
from belscore.store.erasing import is_kept
from belscore.store.recordings import shown_source
from belscore.store.reviews import agreed, latest_reviews
from belscore.store.rule_sets import StoredRule, StoredRules, stored_rules
from belscore.store.tables import calls, findings, recordings, scorecards, uploads
from belscore.store.users import User

# What a page shows at once, and how far back it looks for calls of the same scenario.
MAX_EARLIER = 10
_LOOKED_BACK = 200
JUDGED: tuple[Verdict, ...] = ("pass", "fail")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of somebody.

    at       : when the call began; of a practice call when it was handed in
    scenario : of a role play; None for other calls
    score    : 0..100, None when nothing was judged; coverage : 0..1
    verdicts : by rule, with what coaches said in the place of what the program said; where they differ there is none
    """

    call_id: int
    title: str
    at: datetime
    practice: bool
    scenario: str | None
    score: float | None
    coverage: float
    rule_set_id: int
    verdicts: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What one attempt did better than another, and worse: ids of rules, in rulebook order.

    compared  : of how many rules both attempts have a pass or a fail
    left_out  : of how many more they would have, had the rule not been changed in between
    """

    better: tuple[str, ...]
    worse: tuple[str, ...]
    compared: int
    left_out: int


def is_own(connection: Connection, user: User, call_id: int) -> bool:
    """Whether somebody made a call: a practice call that they handed in, another that carries their name."""
    row = connection.execute(select(calls.c.agent, calls.c.practice).where(calls.c.id == call_id)).first()
    if row is None:
        return False
    if not row.practice:
        return row.agent is not None and row.agent == user.agent
    handed_in = select(uploads.c.id).where(uploads.c.call_id == call_id, uploads.c.user_id == user.id)
    return connection.execute(handed_in.limit(1)).first() is not None


def has_recording(connection: Connection, call_id: int) -> bool:
    """Whether the sound of a call lies in the folder of recordings."""
    return connection.execute(select(recordings.c.call_id).where(recordings.c.call_id == call_id)).first() is not None


def is_held(connection: Connection, call_id: int, today: date) -> bool:
    """Whether a call is kept for a complaint or a claim, so that nobody may remove it."""
    return connection.execute(select(calls.c.id).where(calls.c.id == call_id, is_kept(today))).first() is not None


def attempt(connection: Connection, call_id: int) -> Attempt | None:
    """A call as an attempt; None when it has no scorecard."""
    found = _attempts(connection, [calls.c.id == call_id], limit=1)
    return found[0] if found else None


def earlier_attempts(connection: Connection, call_id: int, *, limit: int = MAX_EARLIER) -> list[Attempt]:
    """What the same person did before a call: practice calls for a practice call, calls of the practice for another.

    Those of the same scenario first, then the newest. [] when it is not known whose the call is.
    """
    row = connection.execute(
        select(calls.c.agent, calls.c.practice, calls.c.started_at, uploads.c.user_id, uploads.c.options)
        .outerjoin(uploads, uploads.c.call_id == calls.c.id)
        .where(calls.c.id == call_id)
        .order_by(uploads.c.id)
        .limit(1)
    ).first()
    if row is None:
        return []
    if row.practice:
        if row.user_id is None:
            return []
        whose = [calls.c.practice, uploads.c.user_id == row.user_id, calls.c.id < call_id]
        found = _attempts(connection, whose, limit=_LOOKED_BACK)
        scenario = _scenario(row.options)
        found.sort(key=lambda each: scenario is None or each.scenario != scenario)
        return found[:limit]
    if row.agent is None:
        return []
    before = calls.c.started_at < row.started_at if row.started_at is not None else calls.c.id < call_id
    return _attempts(connection, [calls.c.practice.is_(False), calls.c.agent == row.agent, before], limit=limit)


def _attempts(connection: Connection, which: Sequence[ColumnElement[bool]], *, limit: int) -> list[Attempt]:
    """The newest first. When a practice call was handed in counts, not the hour that it plays in."""
    began = case((calls.c.practice, None), else_=calls.c.started_at)
    columns = (
        calls.c.id, calls.c.source, calls.c.practice, calls.c.started_at, calls.c.added_at, scorecards.c.score,
        scorecards.c.coverage, scorecards.c.rule_set_id, uploads.c.options, uploads.c.title,
    )  # fmt: skip
    asked = (
        select(*columns)
        .join(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current)
        .outerjoin(uploads, uploads.c.call_id == calls.c.id)
        .where(*which)
        .order_by(began.desc().nulls_last(), calls.c.id.desc())
        .limit(limit)
    )
    rows = {row.id: row for row in connection.execute(asked)}
    verdicts = _verdicts(connection, [*rows])
    made = [
        Attempt(
            row.id, row.title or shown_source(row.source),
            row.added_at if row.practice else row.started_at or row.added_at, row.practice,
            _scenario(row.options), row.score, row.coverage, row.rule_set_id, verdicts.get(row.id, {}),
        )
        for row in rows.values()
    ]  # fmt: skip
    return sorted(made, key=lambda each: (each.at, each.call_id), reverse=True)


def _scenario(options: str | None) -> str | None:
    found = json.loads(options).get("scenario") if options else None
    return str(found) if found else None


def _verdicts(connection: Connection, call_ids: Collection[int]) -> dict[int, dict[str, Verdict]]:
    """What counts of these calls, by call and rule."""
    columns = (findings.c.call_id, findings.c.rule_id, findings.c.verdict)
    found: dict[int, dict[str, Verdict]] = {}
    for call_id, rule_id, verdict in connection.execute(select(*columns).where(findings.c.call_id.in_([*call_ids]))):
        found.setdefault(call_id, {})[rule_id] = verdict
    said: dict[tuple[int, str], list[Verdict]] = {}
    for review in latest_reviews(connection, call_ids=call_ids):
        said.setdefault((review.call_id, review.rule_id), []).append(review.verdict)
    for (call_id, rule_id), verdicts in said.items():
        found.setdefault(call_id, {})[rule_id] = agreed(verdicts) or "unsure"
    return found


def changes(connection: Connection, now: Attempt, before: Attempt) -> RuleChanges:
    """Which rules became better and worse. A rule that was changed in between is not compared."""
    rule_sets = stored_rules(connection) if now.rule_set_id != before.rule_set_id else {}
    both = [
        rule_id
        for rule_id, verdict in now.verdicts.items()
        if verdict in JUDGED and before.verdicts.get(rule_id) in JUDGED
    ]
    alike = [each for each in both if _is_same(each, rule_sets, now.rule_set_id, before.rule_set_id)]
    better = tuple(each for each in alike if (before.verdicts[each], now.verdicts[each]) == ("fail", "pass"))
    worse = tuple(each for each in alike if (before.verdicts[each], now.verdicts[each]) == ("pass", "fail"))
    return RuleChanges(better, worse, len(alike), len(both) - len(alike))


def _is_same(rule_id: str, rule_sets: Mapping[int, StoredRules], one: int, other: int) -> bool:
    """Whether two versions have a rule alike, as far as the store knows it."""
    if one == other:
        return True
    return _rule(rule_sets[one], rule_id) == _rule(rule_sets[other], rule_id)


def _rule(version: StoredRules, rule_id: str) -> StoredRule | None:
    return next((rule for rule in version.rules if rule.id == rule_id), None)
