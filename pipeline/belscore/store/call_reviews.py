"""One call as coaches review it: what the program says of each rule, beside what every coach said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from belscore.scorecard import Verdict
from belscore.store.calls import require_call
from belscore.store.recordings import shown_source
from belscore.store.reviews import JUDGED, Review, latest_reviews
from belscore.store.rule_sets import rule_titles
from belscore.store.tables import calls, findings, scorecards


@dataclass(frozen=True, slots=True)
class ReviewedFinding:
    """A rule of a call. `machine` is the program's verdict of now; `said` the latest review of each coach, by name."""

    rule_id: str
    title: str
    machine: Verdict
    said: Mapping[str, Review] = field(default_factory=dict)

    def is_asked(self, only: str | None) -> bool:
        """Whether a coach is asked about it: the one rule of a sample, else all that passed or failed."""
        return self.rule_id == only if only is not None else self.machine in JUDGED


def reviewed_findings(connection: Connection, call_id: int) -> list[ReviewedFinding]:
    """The findings of a call in rulebook order. Raises BelscoreError when there is no such call."""
    require_call(connection, call_id)
    said: dict[str, dict[str, Review]] = {}
    for review in latest_reviews(connection, call_ids=[call_id]):
        said.setdefault(review.rule_id, {})[review.coach] = review
    query = select(findings.c.rule_id, findings.c.verdict).where(findings.c.call_id == call_id)
    verdicts = {row.rule_id: row.verdict for row in connection.execute(query)}
    titles = rule_titles(connection)
    order = {rule_id: place for place, rule_id in enumerate(titles)}
    return [
        ReviewedFinding(rule_id, titles.get(rule_id, rule_id), verdicts[rule_id], said.get(rule_id, {}))
        for rule_id in sorted(verdicts, key=lambda each: order.get(each, len(order)))
    ]


def heads_of(connection: Connection, call_ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """What calls are called and whose they are, by id."""
    query = select(calls.c.id, calls.c.source, calls.c.agent).where(calls.c.id.in_(call_ids))
    return {row.id: (shown_source(row.source), row.agent) for row in connection.execute(query)}


def bodies_of(connection: Connection, call_ids: Collection[int]) -> dict[int, bytes]:
    """The packed scorecards of calls that still have one, by id."""
    query = select(scorecards.c.call_id, scorecards.c.body).where(
        scorecards.c.call_id.in_(call_ids), scorecards.c.current, scorecards.c.body.is_not(None)
    )
    return {row.call_id: row.body for row in connection.execute(query)}
