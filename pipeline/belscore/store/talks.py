"""Coaching talks: when a coach and an agent spoke, and which rules the agent practises from then on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select

from belscore.errors import BelscoreError
from belscore.store.audit import note
from belscore.store.rule_sets import stored_rules
from belscore.store.tables import calls, talks
from belscore.wall_clock import this_second


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk; `rules` are the ids of the rules to practise."""

    id: int
    agent: str
    coach: str
    held_on: date
    rules: tuple[str, ...]
    note: str


def add_talk(
    connection: Connection, *, agent: str, coach: str, held_on: date, rules: Sequence[str], text: str = ""
) -> Talk:
    """Keep a talk. Raises BelscoreError for an agent without calls, an unknown rule, or a day that is yet to come."""
    if connection.execute(select(calls.c.id).where(calls.c.agent == agent).limit(1)).scalar() is None:
        raise BelscoreError("there is no call of this agent", where=agent, do="write the name as the calls have it")
    known = {rule.id for version in stored_rules(connection).values() for rule in version.rules}
    for rule_id in rules:
        if rule_id not in known:
            raise BelscoreError("no such rule", where=rule_id, do="see `belscore rules list`")
    if held_on > date.today():
        raise BelscoreError("the day is yet to come", where=f"--on {held_on}", do="record the talk when it was held")
    values = {"agent": agent, "coach": coach, "held_on": held_on, "note": text.strip()}
    made_at = this_second()
    chosen = tuple(dict.fromkeys(rules))
    added = connection.execute(insert(talks).values(**values, rules=json.dumps(chosen), made_at=made_at))
    assert added.inserted_primary_key is not None
    note(connection, coach, "talk", agent, {"held_on": held_on, "rules": chosen})
    return Talk(int(added.inserted_primary_key[0]), agent, coach, held_on, chosen, text.strip())


def last_talk(connection: Connection, agent: str) -> Talk | None:
    """The latest talk with an agent, by its day."""
    query = select(talks).where(talks.c.agent == agent).order_by(talks.c.held_on.desc(), talks.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Talk(row.id, row.agent, row.coach, row.held_on, tuple(json.loads(row.rules)), row.note)
