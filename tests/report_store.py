"""A store of a few calls whose every figure can be counted by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from belscore.reports.catalog import make_report
from belscore.reports.grouping import Ask
from belscore.reports.model import Report
from belscore.store.blobs import pack
from belscore.store.database import Store, open_store
from belscore.store.report_data import Filters, ReportData
from belscore.store.tables import (
    calls,
    ledger,
    missed_calls,
    questions,
    reviews,
    rule_sets,
    scorecards,
    situations,
)

# Weights 3, 2 and 1: a call `ppp` has 6 of 6, `fpp` 3 of 6, `nuf` 0 of 1.
RULES = ("groet", "naam", "afscheid")
WEIGHTS = (3, 2, 1)
MONDAY = datetime(2026, 10, 5, 9)
NOW = datetime(2026, 11, 2, 12)


class SmallStore:
    """Puts calls into a store; what is not named is as plain as can be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store: Store = open_store(path)
        self._number = 0
        with self.store.write() as connection:
            values = {
                "digest": "0" * 64,
                "belscore": "0",
                "rules": json.dumps(
                    [
                        {"id": name, "section": "s", "title": name.title(), "weight": weight, "off": False}
                        for name, weight in zip(RULES, WEIGHTS, strict=True)
                    ]
                ),
                "sections": json.dumps([{"id": "s", "title": "Onderdeel"}]),
                "first_used_at": MONDAY,
            }
            connection.execute(insert(rule_sets).values(values))

    def sha256(self) -> str:
        self._number += 1
        return f"{self._number:064}"

    def add(
        self,
        verdicts: str = "ppp",
        count: int = 1,
        *,
        outcome: str = "answered",
        of: Sequence[str] = (),
        topic: Sequence[str] = ("t",),
        log: Mapping[str, object] | None = None,
        **values: Any,
    ) -> list[int]:
        """Calls that are all alike; returns their ids. `of` are situations, `topic` hashes of words."""
        row = {
            "source": "gesprek.wav", "started_at": MONDAY, "direction": "inbound", "department": "Balie",
            "agent": None, "duration_s": 60.0, "channels": "separate", "role_confidence": 1.0, "added_at": NOW,
            "topic": json.dumps([*topic]), **values,
        }  # fmt: skip
        ids = []
        with self.store.write() as connection:
            for _ in range(count):
                call_id = _key(connection, insert(calls).values(sha256=self.sha256(), **row))
                ids.append(call_id)
                card = {
                    "call_id": call_id, "rule_set_id": 1, "current": True, "coverage": 1.0, "outcome": outcome,
                    "verdicts": verdicts, "made_at": NOW, "body": pack({"log": log}) if log else None,
                }  # fmt: skip
                connection.execute(insert(scorecards).values(card))
                for situation in of:
                    connection.execute(insert(situations).values(call_id=call_id, situation=situation))
        return ids

    def miss(self, count: int = 1, **values: Any) -> None:
        row = {"started_at": MONDAY, "department": "Balie", "added_at": NOW, **values}
        with self.store.write() as connection:
            for _ in range(count):
                connection.execute(insert(missed_calls).values(sha256=self.sha256(), **row))

    def promise(self, call_id: int, *, due_at: datetime | None, start_s: float = 27.9, **values: Any) -> None:
        row = {"kind": "promise", "who": "agent", "what": "Ik bel u terug.", "due_at": due_at, "start_s": start_s}
        with self.store.write() as connection:
            connection.execute(insert(ledger).values(call_id=call_id, **{**row, **values}))

    def review(self, call_id: int, rule_id: str, verdict: str, *, by: str = "Cor", after_h: int = 0) -> None:
        row = {
            "call_id": call_id, "rule_id": rule_id, "reviewer": by, "verdict": verdict, "machine": "pass",
            "rules_digest": "0" * 64, "made_at": NOW + timedelta(hours=after_h),
        }  # fmt: skip
        with self.store.write() as connection:
            connection.execute(insert(reviews).values(row))

    def ask_question(self, call_id: int, verdict: str) -> None:
        row = {
            "call_id": call_id, "tree": "recept", "item": "naam", "tree_title": "Recept", "title": "Welk middel?",
            "kind": "question", "verdict": verdict,
        }  # fmt: skip
        with self.store.write() as connection:
            connection.execute(insert(questions).values(row))

    def replaced(self, call_id: int, verdicts: str) -> None:
        """An earlier scorecard, which must not count."""
        with self.store.write() as connection:
            row = connection.execute(select(scorecards).where(scorecards.c.call_id == call_id)).mappings().one()
            earlier = {**row, "current": False, "verdicts": verdicts, "outcome": "unknown"}
            earlier.pop("id")
            connection.execute(insert(scorecards).values(earlier))

    def report(
        self,
        name: str,
        by: str | None = None,
        *,
        min_calls: int = 1,
        untrusted: Sequence[str] = (),
        days: int = 7,
        **filters: Any,
    ) -> Report:
        with self.store.read() as connection:
            data = ReportData(connection, Filters(**filters), untrusted=untrusted)
            return make_report(name, data, Ask(NOW, by, min_calls, days))

    def rows(self, name: str, by: str | None = None, *, part: int = 0, **asked: Any) -> list[dict[Any, Any]]:
        """The rows of a table as dictionaries."""
        rows: list[dict[Any, Any]] = self.report(name, by, **asked).parts[part].rows.to_dict("records")
        return rows


def _key(connection: Connection, statement: Any) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])
