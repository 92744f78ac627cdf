"""A month of a hospital's calls, made up: 30,000 scorecards in a store, for measuring and for looking at reports.

The scorecards are those of the labelled dialogues (tests/dialogues), judged once each; whose call it was, when, how
long it rang and whether the caller called before are drawn by a seed. No figure about a rule means anything on it.

    python bench/month.py STORE [--calls 30000] [--seed 1]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from belscore import load_rules, parse_call, score_call
from belscore.call import Call
from belscore.scorecard import Scorecard
from belscore.store.caller_keys import caller_keys
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.database import Store, open_store
from belscore.store.rule_sets import keep_rules
from belscore.store.tables import missed_calls
from belscore.topics import topic_key

DIALOGUES = Path(__file__).parents[1] / "tests/dialogues"
CALLS = 30_000
DESKS = 23
AGENTS_A_DESK = 4
FIRST_DAY = date(2026, 10, 1)
DAYS = 31
# Calls by hour of the day, from eight: a peak after opening and one after lunch.
_BY_HOUR = {8: 16, 9: 18, 10: 14, 11: 10, 12: 6, 13: 12, 14: 10, 15: 8, 16: 6}
_MISSED = 0.12
_CALLS_AGAIN = 0.09
_BATCH = 500
_DIALOGUES = 200


@dataclass(frozen=True, slots=True)
class MadeCall:
    """One call of the month, with what the exchange knows."""

    call: Call
    card: Scorecard
    sha256: str
    number: str
    queue_s: float
    after_s: float


def judged_dialogues(limit: int = _DIALOGUES) -> list[tuple[Call, Scorecard]]:
    """Dialogues with their scorecards."""
    rules = load_rules()
    calls = [parse_call(path.read_text(encoding="utf-8")) for path in sorted(DIALOGUES.glob("*.call"))[:limit]]
    return [(call, score_call(call, rules=rules)) for call in calls]


def made_up(judged: Sequence[tuple[Call, Scorecard]], *, count: int, seed: int) -> Iterator[MadeCall]:
    """Calls of the month, in order of no time."""
    draw = random.Random(seed)
    numbers: list[str] = []
    for place in range(count):
        call, card = draw.choice(judged)
        desk = draw.randrange(DESKS)
        started_at = _moment(draw)
        number = draw.choice(numbers) if numbers and draw.random() < _CALLS_AGAIN else f"06{draw.randrange(10**8):08}"
        numbers.append(number)
        facts: dict[str, Any] = {
            "agent": f"Medewerker {desk + 1:02}-{draw.randrange(AGENTS_A_DESK) + 1}",
            "department": f"Polikliniek {desk + 1:02}",
            "started_at": started_at,
        }
        moved = [
            replace(entry, due_at=started_at + timedelta(hours=draw.choice((1, 4, 24, 48)))) if entry.due else entry
            for entry in card.ledger
        ]
        yield MadeCall(
            replace(call, source=f"{started_at:%Y%m%d-%H%M%S}-{place}.wav", ring_s=draw.expovariate(1 / 8), **facts),
            replace(card, ledger=tuple(moved), call=replace(card.call, **facts)),
            hashlib.sha256(f"{seed}/{place}".encode()).hexdigest(),
            number,
            draw.expovariate(1 / 60),
            draw.expovariate(1 / 30),
        )


def fill(store: Store, *, count: int = CALLS, seed: int = 1) -> float:
    """Put a month into a store; returns the seconds that storing took, without those of making it up."""
    rules, keys = load_rules(), caller_keys(store)
    judged = judged_dialogues()
    stored_s = 0.0
    made = made_up(judged, count=count, seed=seed)
    while todo := list(islice(made, _BATCH)):
        started = time.perf_counter()
        with store.write() as connection:
            rule_set = keep_rules(connection, rules)
            for each in todo:
                topic = keys.of_topic(topic_key(each.card, rules.knowledge.lexicon))
                exchange = Exchange(each.queue_s, each.after_s, keys.of_number(each.number), topic)
                add_call(connection, each.sha256, each.call, Judged(each.card, rule_set), exchange)
        stored_s += time.perf_counter() - started
    _add_missed(store, round(count * _MISSED), seed)
    return stored_s


def _add_missed(store: Store, count: int, seed: int) -> None:
    draw = random.Random(-seed)
    rows = [
        {
            "sha256": hashlib.sha256(f"missed/{seed}/{place}".encode()).hexdigest(),
            "started_at": _moment(draw),
            "department": f"Polikliniek {draw.randrange(DESKS) + 1:02}",
            "ring_s": draw.expovariate(1 / 25),
            "queue_s": draw.expovariate(1 / 120),
            "added_at": datetime(2026, 11, 1),
        }
        for place in range(count)
    ]
    with store.write() as connection:
        connection.execute(insert(missed_calls), rows)


def _moment(draw: random.Random) -> datetime:
    while True:
        day = FIRST_DAY + timedelta(days=draw.randrange(DAYS))
        if day.weekday() < 5:
            hour = draw.choices([*_BY_HOUR], [*_BY_HOUR.values()])[0]
            return datetime(day.year, day.month, day.day, hour, draw.randrange(60), draw.randrange(60))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with open_store(given.store) as store:
        stored_s = fill(store, count=given.calls, seed=given.seed)
    print(f"{given.calls} scorecards stored in {stored_s:.1f} s ({1000 * stored_s / given.calls:.2f} ms each)")


if __name__ == "__main__":
    main()
