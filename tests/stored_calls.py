"""What the tests of the store share: dialogues with their scorecards, put into a store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from belscore import load_rules, parse_call, score_call
from belscore.call import Call
from belscore.rulebook import RuleSet
from belscore.scorecard import Scorecard
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.database import Store
from belscore.store.rule_sets import keep_rules

DIALOGUES = Path(__file__).parent / "dialogues"
# Dialogues lie in the order of their names, kind by kind: every so many takes some of each kind.
_STEP = 60

Scored = tuple[Call, Scorecard]


@cache
def rules() -> RuleSet:
    return load_rules()


@cache
def scored_dialogues() -> tuple[Scored, ...]:
    """A few dialogues of every kind, judged by the rules that come with belscore."""
    paths = sorted(DIALOGUES.glob("*.call"))[::_STEP]
    calls = [parse_call(path.read_text(encoding="utf-8"), source=path.name) for path in paths]
    return tuple((call, score_call(call, rules=rules())) for call in calls)


@cache
def judged_dialogues() -> tuple[Scored, ...]:
    """Every dialogue, judged by the rules that come with belscore: takes seconds."""
    paths = sorted(DIALOGUES.glob("*.call"))
    calls = [parse_call(path.read_text(encoding="utf-8"), source=path.name) for path in paths]
    return tuple((call, score_call(call, rules=rules())) for call in calls)


def with_promise() -> Scored:
    """A dialogue in which something is promised."""
    return next(scored for scored in scored_dialogues() if scored[1].ledger)


def sha256_of(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def put_in(store: Store, scored: Sequence[Scored]) -> list[int]:
    """Put calls into the store; returns their ids."""
    with store.write() as connection:
        rule_set = keep_rules(connection, rules())
        return [
            add_call(connection, sha256_of(place), call, Judged(card, rule_set), Exchange())
            for place, (call, card) in enumerate(scored)
        ]
