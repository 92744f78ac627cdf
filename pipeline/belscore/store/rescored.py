"""Stored calls for judging again: which are due, what they are judged from, and their new scorecards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, select

from belscore.scorecard import Verdict
from belscore.store.calls import VERDICT_LETTERS, Judged, put_scorecard
from belscore.store.conditions import on_days
from belscore.store.rule_sets import StoredRules, stored_rules
from belscore.store.tables import calls, rule_sets, scorecards, transcripts

_VERDICTS: Mapping[str, Verdict] = {letter: verdict for verdict, letter in VERDICT_LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which calls: from and until these days, of these departments; None and () for all."""

    since: date | None = None
    until: date | None = None
    departments: Sequence[str] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        found = on_days(self.since, self.until, calls.c.started_at)
        if self.departments:
            found.append(calls.c.department.in_([*self.departments]))
        return found


@dataclass(frozen=True, slots=True)
class Due:
    """The chosen calls.

    call_ids           : those to judge, oldest first
    as_before          : how many were judged by these rules already
    without_transcript : how many have nothing any more to judge them from
    """

    call_ids: Sequence[int]
    as_before: int
    without_transcript: int


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call as it lies in the store.

    transcript, card : packed, see `calls.unpack_call` and `unpack_card`
    verdicts         : by rule, of the current scorecard, as are `scorecard_id`, `score` and `card`
    """

    id: int
    source: str
    transcript: bytes
    transcribed_at: datetime
    scorecard_id: int | None
    score: float | None
    card: bytes | None
    verdicts: Mapping[str, Verdict]


def due(
    connection: Connection, choice: Choice, *, rules_digest: str, trees_digest: str | None, everything: bool
) -> Due:
    """Find the calls to judge by these rules and question trees.

    everything : those too that were judged by the same
    """
    found = connection.execute(
        select(calls.c.id, transcripts.c.made_at, rule_sets.c.digest, scorecards.c.trees_digest)
        .select_from(
            calls.outerjoin(transcripts, transcripts.c.call_id == calls.c.id)
            .outerjoin(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current)
            .outerjoin(rule_sets, rule_sets.c.id == scorecards.c.rule_set_id)
        )
        .where(*choice.conditions())
        .order_by(calls.c.id)
    ).all()
    wanted = (rules_digest, trees_digest)
    other = [row for row in found if everything or (row.digest, row.trees_digest) != wanted]
    call_ids = [row.id for row in other if row.made_at is not None]
    return Due(call_ids, len(found) - len(other), len(other) - len(call_ids))


def stored_calls(connection: Connection, call_ids: Sequence[int]) -> list[StoredCall]:
    """The calls with these ids that still have a transcript."""
    found = connection.execute(
        select(
            calls.c.id,
            calls.c.source,
            transcripts.c.body.label("transcript"),
            transcripts.c.made_at,
            scorecards.c.id.label("scorecard_id"),
            scorecards.c.score,
            scorecards.c.body.label("card"),
            scorecards.c.rule_set_id,
            scorecards.c.verdicts,
        )
        .select_from(
            calls.join(transcripts, transcripts.c.call_id == calls.c.id).outerjoin(
                scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current
            )
        )
        .where(calls.c.id.in_([*call_ids]))
        .order_by(calls.c.id)
    ).all()
    versions = stored_rules(connection)
    return [
        StoredCall(
            row.id,
            row.source,
            row.transcript,
            row.made_at,
            row.scorecard_id,
            row.score,
            row.card,
            _by_rule(versions[row.rule_set_id], row.verdicts) if row.rule_set_id is not None else {},
        )
        for row in found
    ]


def _by_rule(rules: StoredRules, letters: str) -> dict[str, Verdict]:
    return {rule.id: _VERDICTS[letter] for rule, letter in zip(rules.rules, letters, strict=True)}


def replace_cards(connection: Connection, judged: Sequence[tuple[StoredCall, Judged]]) -> list[int]:
    """Make these the calls' scorecards; returns the calls that were left, since they are not as they were read.

    Whoever took a transcript or a call away meanwhile must not find its words back in a scorecard.
    """
    now = connection.execute(
        select(transcripts.c.call_id, transcripts.c.made_at, scorecards.c.id)
        .select_from(
            transcripts.outerjoin(scorecards, (scorecards.c.call_id == transcripts.c.call_id) & scorecards.c.current)
        )
        .where(transcripts.c.call_id.in_([call.id for call, _ in judged]))
    )
    same = {tuple(row) for row in now}
    left = []
    for call, each in judged:
        if (call.id, call.transcribed_at, call.scorecard_id) in same:
            put_scorecard(connection, call.id, each)
        else:
            left.append(call.id)
    return left
