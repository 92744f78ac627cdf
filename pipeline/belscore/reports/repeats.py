"""Who called again about the same thing, seen by keyed hashes of numbers and of topic words."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

import pandas as pd

from belscore.topics import same_topic


class Repeats(NamedTuple):
    """Ids of calls.

    again        : their caller had called about the same thing before
    called_again : their caller called again about the same thing
    maybe        : their caller called again, and of one of the two calls it is not known what it was about
    """

    again: frozenset[int]
    called_again: frozenset[int]
    maybe: frozenset[int]


class _Contact(NamedTuple):
    id: int
    started_at: pd.Timestamp
    topic: frozenset[str]


def find_repeats(contacts: pd.DataFrame, days: int) -> Repeats:
    """Repeats among incoming calls within so many days, on the wall clock.

    contacts : `id`, `caller_hash`, `started_at`, `direction`, `topic` (hashes of words), in order of time

    About the same thing: see `topics.same_topic`, here on hashes of the words.
    """
    again: set[int] = set()
    called_again: set[int] = set()
    maybe: set[int] = set()
    incoming = contacts[contacts["direction"] == "inbound"]
    several = incoming[incoming.duplicated("caller_hash", keep=False)].sort_values("caller_hash", kind="stable")
    columns = (several[name] for name in ("caller_hash", "id", "started_at", "topic"))
    caller, before = None, deque[_Contact]()
    for number, call_id, started_at, topic in zip(*columns, strict=True):
        if number != caller:
            caller, before = number, deque()
        while before and started_at - before[0].started_at > timedelta(days=days):
            before.popleft()
        _hold_against(_Contact(call_id, started_at, topic), before, again, called_again, maybe)
        before.append(_Contact(call_id, started_at, topic))
    return Repeats(frozenset(again), frozenset(called_again), frozenset(maybe - called_again))


def _hold_against(
    contact: _Contact, before: Iterable[_Contact], again: set[int], called_again: set[int], maybe: set[int]
) -> None:
    for earlier in before:
        if same_topic(contact.topic, earlier.topic):
            again.add(contact.id)
            called_again.add(earlier.id)
        elif not contact.topic or not earlier.topic:
            maybe.add(earlier.id)
