"""A small store for tests: calls of two agents in two departments, with and without a greeting."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from belscore import load_rules, parse_call, score_call
from belscore.call import Call
from belscore.scorecard import Scorecard
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.database import open_store
from belscore.store.rule_sets import keep_rules

GREETING = "opening-begroeting"
_FIRST = datetime(2026, 10, 5, 9, 0)
_GREETED = "Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja."
_NOT_GREETED = "tandartspraktijk de vries met Anja"
_REST = """
3.3-6.5 caller Met mevrouw Jansen, tot hoe laat zijn jullie open?
6.8-9.5 agent  Tot vijf uur, mevrouw Jansen.
9.8-11.0 caller Dank u wel.
11.3-13.0 agent  Tot ziens, mevrouw Jansen.
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A call to put in; `number` makes its content and moment."""

    number: int
    greeted: bool
    agent: str = "Anja"
    department: str = "Balie"


@cache
def judged(greeted: bool) -> tuple[Call, Scorecard]:
    call = parse_call(f"0.4-3.0 agent  {_GREETED if greeted else _NOT_GREETED}{_REST}")
    card = score_call(call)
    assert card.finding(GREETING).verdict == ("pass" if greeted else "fail")
    return call, card


def made_calls(
    greeted: Iterable[bool], *, agent: str = "Anja", department: str = "Balie", first: int = 0
) -> list[Made]:
    return [Made(first + place, good, agent, department) for place, good in enumerate(greeted)]


def filled_file(path: Path, calls: Sequence[Made]) -> Path:
    """A closed store with these calls, one a day; ids count from 1. Copy it: making one takes a second."""
    with open_store(path) as store, store.write() as connection:
        rules = keep_rules(connection, load_rules())
        for made in calls:
            call, card = judged(made.greeted)
            at = _FIRST + timedelta(days=made.number)
            call = replace(
                call, source=f"{made.number}.wav", agent=made.agent, department=made.department, started_at=at
            )
            sha256 = hashlib.sha256(f"{made.number}".encode()).hexdigest()
            add_call(connection, sha256, call, Judged(card, rules), Exchange())
    return path
