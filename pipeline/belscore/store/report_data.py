"""What reports count, read from the store into tables of pandas: current scorecards only."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, false, func, select

from belscore.store.blobs import unpack_value
from belscore.store.calls import of_practice
from belscore.store.conditions import of_calls, on_days
from belscore.store.effective import DISPUTED, CountedRule, Verdicts, effective_verdicts, human_verdicts
from belscore.store.rule_sets import stored_rules
from belscore.store.tables import calls, jobs, ledger, missed_calls, questions, scorecards, situations
from belscore.translation import RuleTitle


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls of the practice to count; None leaves all. `since` and `until` are days, both counted."""

    since: date | None = None
    until: date | None = None
    department: str | None = None
    agent: str | None = None
    direction: str | None = None
    situation: str | None = None

    @property
    def any(self) -> bool:
        return self != Filters()

    def wider(self, days: int) -> Filters:
        """The same days with some before and after them, of everybody: to see who called before or again."""
        return Filters(
            self.since - timedelta(days=days) if self.since else None,
            self.until + timedelta(days=days) if self.until else None,
        )

    def of_day(self, started_at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        return on_days(self.since, self.until, started_at)

    def of_calls(self) -> list[ColumnElement[bool]]:
        chosen = of_calls(
            department=self.department, agent=self.agent, direction=self.direction, situation=self.situation
        )
        return [of_practice(), *self.of_day(calls.c.started_at), *chosen]


class ReportData:
    """Tables for reports, each read when it is first asked for; open as long as its connection.

    untrusted : ids of rules whose verdicts are not counted
    titles    : title and section of rules in another language, by id; the others keep those that they were judged by
    """

    def __init__(
        self,
        connection: Connection,
        filters: Filters,
        *,
        untrusted: Collection[str] = (),
        titles: Mapping[str, RuleTitle] = MappingProxyType({}),
    ) -> None:
        self._connection, self.filters, self.untrusted = connection, filters, frozenset(untrusted)
        self._titles = titles
        self._contacts: dict[int, pd.DataFrame] = {}

    @cached_property
    def calls(self) -> pd.DataFrame:
        """A row a call: `id` and the columns of `calls` and its scorecard, `week`, and the weights of its verdicts.

        `passed`, `judged` and `applicable` are weights; `score` is 0..100, missing when nothing was judged. `week` is
        the Monday its week begins with.
        """
        frame = self._frame(_CALLS, self.filters.of_calls())
        verdicts = self._verdicts_of(frame)
        frame["passed"] = verdicts.weight_of("p")
        frame["judged"] = verdicts.weight_of("p", "f")
        frame["applicable"] = verdicts.weight_of("p", "f", "u", DISPUTED)
        judged = frame["judged"].where(frame["judged"] > 0)
        frame["score"] = 100 * frame["passed"] / judged
        frame["coverage"] = frame["judged"] / frame["applicable"].where(frame["applicable"] > 0)
        frame["week"] = week_of(frame["started_at"])
        return frame

    @cached_property
    def verdicts(self) -> Verdicts:
        """The verdicts on the rows of `calls`."""
        return self._verdicts_of(self.calls)

    @cached_property
    def reviewed(self) -> NDArray[np.bool_]:
        """Beside `verdicts`: whether people gave that verdict, all the same one."""
        found = np.zeros(self.verdicts.letters.shape, dtype=bool)
        row = {call_id: place for place, call_id in enumerate(self.calls["id"].tolist())}
        column = {rule.id: place for place, rule in enumerate(self.verdicts.rules)}
        for (call_id, rule_id), letter in human_verdicts(self._connection).items():
            if call_id in row and rule_id in column and letter != DISPUTED:
                found[row[call_id], column[rule_id]] = True
        return found

    def _verdicts_of(self, frame: pd.DataFrame) -> Verdicts:
        verdicts = effective_verdicts(
            frame["id"].tolist(),
            frame["rule_set_id"].tolist(),
            frame["verdicts"].tolist(),
            versions=stored_rules(self._connection),
            human=human_verdicts(self._connection),
            untrusted=self.untrusted,
        )
        return replace(verdicts, rules=tuple(self._titled(rule) for rule in verdicts.rules))

    def _titled(self, rule: CountedRule) -> CountedRule:
        told = self._titles.get(rule.id)
        return rule if told is None else replace(rule, title=told.title, section=told.section)

    @cached_property
    def situations(self) -> pd.DataFrame:
        """`call_id`, `situation` of the calls; a call may have several or none."""
        return self._of_calls(situations)

    @cached_property
    def questions(self) -> pd.DataFrame:
        """What question trees asked of the calls, a row an item of a call."""
        return self._of_calls(questions)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Promises and appointments of the calls."""
        return self._of_calls(ledger)

    @cached_property
    def missed(self) -> pd.DataFrame:
        """Calls that nobody picked up. Of them neither agent nor situation is known, and all came in."""
        filters = self.filters
        if filters.agent is not None or filters.situation is not None or filters.direction == "outbound":
            return self._frame(select(missed_calls), [false()])
        parts = filters.of_day(missed_calls.c.started_at)
        if filters.department is not None:
            parts.append(missed_calls.c.department == filters.department)
        frame = self._frame(select(missed_calls), parts)
        frame["week"] = week_of(frame["started_at"])
        return frame

    def contacts(self, days: int) -> pd.DataFrame:
        """Calls of everybody whose number is known, from some days before until some days after, in order of time."""
        if days not in self._contacts:
            self._contacts[days] = self._read_contacts(days)
        return self._contacts[days]

    def _read_contacts(self, days: int) -> pd.DataFrame:
        parts = [*self.filters.wider(days).of_day(calls.c.started_at), calls.c.caller_hash.is_not(None)]
        frame = self._frame(_CONTACTS, [*parts, calls.c.started_at.is_not(None)])
        frame["week"] = week_of(frame["started_at"])
        frame["topic"] = frame["topic"].map(_topics())
        return frame.sort_values(["started_at", "id"], ignore_index=True)

    @cached_property
    def logs(self) -> pd.DataFrame:
        """`call_id`, `caller_name` and `question` of the calls: who called and why, in the caller's words."""
        query = select(scorecards.c.call_id, scorecards.c.body).where(scorecards.c.current)
        query = query.join(calls, calls.c.id == scorecards.c.call_id).where(scorecards.c.body.is_not(None))
        found = self._connection.execute(query.where(*self.filters.of_calls()))
        values: list[tuple[Any, ...]] = []
        # Unpacking leaves Python free for other threads.
        with ThreadPoolExecutor(_THREADS) as pool:
            for part in found.partitions(_PART):
                for logs in pool.map(_logs_of, [part[place::_THREADS] for place in range(_THREADS)]):
                    values += logs
        return pd.DataFrame(values, columns=["call_id", *_LOG])

    def recordings(self, call_ids: Iterable[int], sources: Iterable[str]) -> list[str]:
        """Where the recordings of calls lie: where a batch found them, else what the calls themselves say."""
        return [self._paths.get(call_id, source) for call_id, source in zip(call_ids, sources, strict=True)]

    @cached_property
    def _paths(self) -> dict[int, str]:
        found = select(jobs.c.call_id, func.min(jobs.c.path)).where(jobs.c.state == "done").group_by(jobs.c.call_id)
        return {row.call_id: row[1] for row in self._connection.execute(found)}

    @cached_property
    def seen(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The first and the last moment of a call in the whole store; None when no moment is known."""
        bounds = select(func.min(calls.c.started_at), func.max(calls.c.started_at)).where(of_practice())
        first, last = self._connection.execute(bounds).one()
        return (pd.Timestamp(first), pd.Timestamp(last)) if first is not None else None

    @cached_property
    def total(self) -> int:
        """Calls in the whole store."""
        return int(self._connection.execute(select(func.count()).where(of_practice())).scalar_one())

    def _of_calls(self, table: Table) -> pd.DataFrame:
        parts = self.filters.of_calls()
        return self._frame(select(table).join(calls, calls.c.id == table.c.call_id), parts)

    def _frame(self, query: Select[Any], parts: list[ColumnElement[bool]]) -> pd.DataFrame:
        result = self._connection.execute(query.where(and_(*parts)) if parts else query)
        # Plain tuples: pandas looks long at rows of SQLAlchemy.
        frame = pd.DataFrame([*map(tuple, result)], columns=[*result.keys()])
        for name in frame.columns.intersection(_SECONDS):
            # A column of nothing but None has no numbers otherwise.
            frame[name] = frame[name].astype(float)
        return _moments(frame, *frame.columns.intersection(_MOMENTS))


# Of `scorecard.CallLog`.
_LOG = ("caller_name", "question", "number_given")
_THREADS, _PART = 4, 2000
_SECONDS = ["ring_s", "queue_s", "after_s", "duration_s", "hold_s"]
_MOMENTS = ["started_at", "due_at", "settled_at"]
# The texts of a scorecard lie behind these columns: what does not ask for them does not read them.
_CALLS = (
    select(
        *(
            calls.c[name]
            for name in (
                "id", "source", "agent", "department", "started_at", "direction", "ring_s", "queue_s", "after_s",
                "duration_s", "hold_s", "caller_hash",
            )
        ),
        scorecards.c.rule_set_id,
        scorecards.c.outcome,
        scorecards.c.in_hours,
        scorecards.c.verdicts,
    )
    .join(scorecards, and_(scorecards.c.call_id == calls.c.id, scorecards.c.current))
    .order_by(calls.c.id)
)  # fmt: skip
_CONTACTS = select(
    calls.c.id, calls.c.department, calls.c.started_at, calls.c.direction, calls.c.caller_hash, calls.c.topic
)


def _logs_of(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    logs = [(call_id, unpack_value(body, "log", where=f"call {call_id}") or {}) for call_id, body in rows]
    return [(call_id, *(log.get(name) for name in _LOG)) for call_id, log in logs]


def _moments(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    for name in names:
        frame[name] = pd.to_datetime(frame[name])
    return frame


def week_of(started_at: pd.Series[Any]) -> pd.Series[Any]:
    """The Monday with which the week of a moment begins (ISO 8601); missing where the moment is."""
    day = started_at.dt.normalize()
    monday: pd.Series[Any] = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    return monday


def _topics() -> Callable[[str], frozenset[str]]:
    known: dict[str, frozenset[str]] = {}

    def read(text: str) -> frozenset[str]:
        if text not in known:
            known[text] = frozenset(json.loads(text))
        return known[text]

    return read
