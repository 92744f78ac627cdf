"""The calls of one agent, with the verdicts that count of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Connection, func, select

from belscore.coaching import Counted
from belscore.scorecard import Verdict
from belscore.store.calls import VERDICT_LETTERS, of_practice
from belscore.store.conditions import on_days
from belscore.store.effective import human_verdicts
from belscore.store.tables import calls, findings, jobs, scorecards

_VERDICTS: dict[str, Verdict] = {"p": "pass", "f": "fail", "u": "unsure", "n": "not_applicable"}


def counted_findings(connection: Connection, agent: str, *, since: date, until: date) -> list[Counted]:
    """Verdicts of an agent's calls that began on these days, both included, by call and rule.

    What people said goes before what the machine said; where they differ it is `unsure`.
    """
    query = (
        select(findings, calls.c.started_at, scorecards.c.rule_set_id)
        .join(calls, calls.c.id == findings.c.call_id)
        .join(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current)
        .where(
            calls.c.agent == agent,
            of_practice(),
            *on_days(since, until, calls.c.started_at),
        )
        .order_by(findings.c.call_id, findings.c.rule_id)
    )
    human = human_verdicts(connection)
    found = []
    for row in connection.execute(query):
        said = human.get((row.call_id, row.rule_id))
        verdict = row.verdict if said is None else _VERDICTS.get(said, "unsure")
        confirmed = said is not None and said == VERDICT_LETTERS[row.verdict]
        found.append(
            Counted(
                row.call_id, row.started_at, row.rule_id, row.weight, verdict, confirmed, row.rule_set_id,
                reviewed=said in _VERDICTS,
            )
        )  # fmt: skip
    return found


def days_of(connection: Connection, agent: str) -> tuple[date, date] | None:
    """The days of the first and the last call of an agent; None without calls, or when their days are not known."""
    days = select(func.min(calls.c.started_at), func.max(calls.c.started_at)).where(
        calls.c.agent == agent, of_practice()
    )
    first, last = connection.execute(days).one()
    return (first.date(), last.date()) if first is not None else None


def recording_of(connection: Connection, call_id: int) -> str:
    """Where the recording of a call lies, for display: the path of its batch, else what the call itself says."""
    path = batch_file_of(connection, call_id)
    if path is None:
        return str(connection.execute(select(calls.c.source).where(calls.c.id == call_id)).scalar_one())
    return str(path)


def batch_file_of(connection: Connection, call_id: int) -> Path | None:
    """The file that a batch read a call from; None when none did.

    What a call says of its own source is no path to open: call JSON of other programs may name any file.
    """
    path = connection.execute(select(jobs.c.path).where(jobs.c.call_id == call_id, jobs.c.state == "done")).scalar()
    return Path(path) if path is not None else None
