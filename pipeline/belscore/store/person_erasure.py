"""Take one person out of the store: steps inside a transaction of `Store.write`.

Of a caller every call goes. Of an agent their name and all words go, theirs and those about them; what is left of the
calls are the practice's own figures, which nobody's name belongs to any more. Calls that are kept for a complaint or a
claim stay as they are (AVG art. 17, third paragraph, e), and so does the audit log until its time is up (b).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, func, or_, select, update

from belscore.store.audit import note
from belscore.store.erasing import forget_calls, forget_words, is_kept
from belscore.store.persons import Person, calls_of
from belscore.store.review_samples import GROUPS_BETWEEN
from belscore.store.tables import (
    calls,
    comments,
    jobs,
    kept_calls,
    ledger,
    missed_calls,
    recordings,
    reviews,
    sample_calls,
    samples,
    talks,
    uploads,
    users,
)
from belscore.wall_clock import this_second


class Plan(NamedTuple):
    """What an erasure would do, or did.

    whole   : calls that go altogether
    nameless: calls of which the figures stay, without name and words
    kept    : calls that stay as they are, since they are kept for a complaint
    others  : rows elsewhere that go, or lose the name
    """

    whole: Sequence[int]
    nameless: Sequence[int]
    kept: Sequence[int]
    others: int


def plan(connection: Connection, person: Person) -> Plan:
    """What an erasure of this person would do now."""
    found = calls_of(connection, person)
    held = {*connection.execute(select(calls.c.id).where(person.of_calls, is_kept(this_second().date()))).scalars()}
    kept = [call_id for call_id in found if call_id in held]
    free = [call_id for call_id in found if call_id not in held]
    if person.caller_hash is not None:
        count = select(func.count()).where(missed_calls.c.caller_hash == person.caller_hash)
        return Plan(free, [], kept, int(connection.execute(count).scalar_one()))
    own = {*connection.execute(select(calls.c.id).where(person.of_calls, calls.c.practice)).scalars()}
    whole = [call_id for call_id in free if call_id in own]
    nameless = [call_id for call_id in free if call_id not in own]
    return Plan(whole, nameless, kept, _others_of(connection, person.agent or ""))


def _others_of(connection: Connection, name: str) -> int:
    named = (
        (comments, comments.c.author), (reviews, reviews.c.reviewer), (talks, talks.c.agent), (talks, talks.c.coach),
        (ledger, ledger.c.settled_by), (samples, samples.c.made_by), (users, users.c.agent),
    )  # fmt: skip
    counts = (select(func.count()).select_from(table).where(column == name) for table, column in named)
    return sum(int(connection.execute(count).scalar_one()) for count in counts)


def erase_calls(connection: Connection, whole: Sequence[int], nameless: Sequence[int]) -> None:
    """Take these calls out, or the name and the words of them. Their sound must be gone already."""
    forget_calls(connection, whole)
    forget_words(connection, nameless)
    of_call = [*nameless]
    connection.execute(delete(jobs).where(jobs.c.call_id.in_(of_call)))
    connection.execute(delete(comments).where(comments.c.call_id.in_(of_call)))
    connection.execute(update(reviews).where(reviews.c.call_id.in_(of_call)).values(reason=""))
    connection.execute(delete(recordings).where(recordings.c.call_id.in_(of_call)))
    connection.execute(update(calls).where(calls.c.id.in_(of_call)).values(agent=None, source=""))


def erase_elsewhere(connection: Connection, person: Person, actor: str, stand_in: str, done: Plan) -> None:
    """Take the person out of all but their calls, and note that it was done; the note names nobody.

    stand_in : what stands in the place of an agent's name where there must be one
    """
    if person.caller_hash is not None:
        connection.execute(delete(missed_calls).where(missed_calls.c.caller_hash == person.caller_hash))
        _forget_facts(connection, "caller_hash", person.caller_hash)
        _forget_caller(connection, person.caller_hash)
    else:
        _erase_name(connection, person.agent or "", stand_in)
    detail = {"calls": len(done.whole), "nameless": len(done.nameless), "kept": len(done.kept), "others": done.others}
    note(connection, actor, "erase", "caller" if person.caller_hash else "agent", detail)


def _erase_name(connection: Connection, name: str, stand_in: str) -> None:
    answers = select(comments.c.id).where(comments.c.author == name)
    connection.execute(delete(comments).where(or_(comments.c.author == name, comments.c.answers_id.in_(answers))))
    connection.execute(delete(talks).where(talks.c.agent == name))
    connection.execute(delete(users).where(users.c.agent == name))
    connection.execute(update(reviews).where(reviews.c.reviewer == name).values(reviewer=stand_in, reason=""))
    places: list[tuple[Table, Any]] = [
        (talks, talks.c.coach), (ledger, ledger.c.settled_by), (samples, samples.c.made_by),
        (kept_calls, kept_calls.c.kept_by),
    ]  # fmt: skip
    for table, column in places:
        connection.execute(update(table).where(column == name).values({column.name: stand_in}))
    for stratum in [*connection.execute(select(sample_calls.c.stratum).distinct()).scalars()]:
        parts = stratum.split(GROUPS_BETWEEN)
        if name in parts:
            changed = GROUPS_BETWEEN.join(stand_in if part == name else part for part in parts)
            connection.execute(update(sample_calls).where(sample_calls.c.stratum == stratum).values(stratum=changed))
    for row in connection.execute(select(samples.c.id, samples.c.how)).all():
        how = _replaced(json.loads(row.how), name, stand_in)
        if how != json.loads(row.how):
            changed = json.dumps(how, ensure_ascii=False)
            connection.execute(update(samples).where(samples.c.id == row.id).values(how=changed))
    _forget_facts(connection, "agent", name)


def _forget_facts(connection: Connection, key: str, value: str) -> None:
    """What is known of files that gave no call: they are found again, if they still lie there."""
    known = select(jobs.c.id, jobs.c.facts).where(jobs.c.facts != "{}", jobs.c.call_id.is_(None))
    for row in connection.execute(known).all():
        if json.loads(row.facts).get(key) == value:
            connection.execute(delete(jobs).where(jobs.c.id == row.id))


def _forget_caller(connection: Connection, caller_hash: str) -> None:
    """Recordings that are not scored yet give calls of nobody known."""
    found = connection.execute(select(uploads.c.id, uploads.c.options).where(uploads.c.options.contains(caller_hash)))
    for row in found.all():
        kept = {key: value for key, value in json.loads(row.options).items() if value != caller_hash}
        connection.execute(update(uploads).where(uploads.c.id == row.id).values(options=json.dumps(kept)))


def _replaced(value: Any, name: str, stand_in: str) -> Any:
    """JSON values with a name replaced, however deep it stands."""
    if isinstance(value, dict):
        return {key: _replaced(each, name, stand_in) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, name, stand_in) for each in value]
    return stand_in if value == name else value
