"""Versions of the rules in the store, so that a report can name what calls were judged by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from belscore.rulebook import RuleSet
from belscore.store.tables import rule_sets
from belscore.wall_clock import this_second


@dataclass(frozen=True, slots=True)
class StoredRule:
    id: str
    section: str
    title: str
    weight: int
    off: bool


@dataclass(frozen=True, slots=True)
class StoredRules:
    """One version; `sections` are (id, title) pairs in order."""

    id: int
    digest: str
    belscore: str
    rules: tuple[StoredRule, ...]
    sections: tuple[tuple[str, str], ...]
    first_used_at: datetime


def keep_rules(connection: Connection, rules: RuleSet) -> int:
    """The id of this version, which is added when it is new. Give the rules as the practice's profile makes them."""
    from belscore import __version__

    found = connection.execute(select(rule_sets.c.id).where(rule_sets.c.digest == rules.digest)).scalar()
    if found is not None:
        return int(found)
    added = connection.execute(
        insert(rule_sets).values(
            digest=rules.digest,
            belscore=__version__,
            rules=json.dumps(
                [
                    {
                        "id": rule.id,
                        "section": rule.section,
                        "title": rule.title,
                        "weight": rule.weight,
                        "off": rule.off,
                    }
                    for rule in rules.rules
                ]
            ),
            sections=json.dumps([{"id": section.id, "title": section.title} for section in rules.sections]),
            first_used_at=this_second(),
        )
    )
    assert added.inserted_primary_key is not None
    return int(added.inserted_primary_key[0])


def stored_rules(connection: Connection) -> dict[int, StoredRules]:
    """All versions by id."""
    return {
        row.id: StoredRules(
            row.id,
            row.digest,
            row.belscore,
            tuple(StoredRule(**rule) for rule in json.loads(row.rules)),
            tuple((section["id"], section["title"]) for section in json.loads(row.sections)),
            row.first_used_at,
        )
        for row in connection.execute(select(rule_sets))
    }


def rule_titles(connection: Connection) -> dict[str, str]:
    """The title of every rule by id, in the order of the newest version; rules that only older ones have come last."""
    titles: dict[str, str] = {}
    versions = stored_rules(connection).values()
    for version in sorted(versions, key=lambda each: (each.first_used_at, each.id), reverse=True):
        for rule in version.rules:
            titles.setdefault(rule.id, rule.title)
    return titles
