"""The made-up store that the pictures of the manual are of, see `pictures.py`.

The calls of the practice are labelled dialogues (tests/dialogues) with made-up agents, departments and moments; the
practice calls are recordings of samples/calls: their sound as the program heard it, their words as they are written
there. What is drawn is drawn by a seed, but days count from today.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from belscore import load_rules, parse_call, score_call
from belscore.audio import decode
from belscore.call import Call
from belscore.cli.work import Settings
from belscore.recordings_folder import FOLDER_NAME, SOUNDS
from belscore.scorecard import Scorecard
from belscore.store import tables
from belscore.store.caller_keys import caller_keys
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.comments import add_comment
from belscore.store.database import Store, open_store
from belscore.store.recordings import Kept, keep_recording
from belscore.store.review_samples import Draw, draw_sample, to_review
from belscore.store.reviews import add_review, reviewable
from belscore.store.rule_sets import keep_rules
from belscore.store.uploads import Kind, add_upload
from belscore.store.users import User, add_user, find_user, start_session
from belscore.topics import topic_key
from belscore.web.hearing import make_call_scorer, write_sound

ROOT = Path(__file__).parents[1]
_SAMPLES, _DIALOGUES = ROOT / "samples" / "calls", ROOT / "tests" / "dialogues"
_SEED, _CALLS, _MISSED, _DAYS = 7, 320, 34, 26
_AGENTS = {"Anja": "Balie", "Noor": "Balie", "Bram": "Spoedlijn", "Fatima": "Spoedlijn", "Ilse": "Mondhygiëne"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A practice call of Anja: a file of samples/calls, its name to her, and how many days ago she made it."""

    file: str
    title: str
    days: int
    kind: Kind = "upload"
    options: Mapping[str, Any] | None = None


_ATTEMPTS = (
    Attempt("haastige-begroeting.wav", "Eerste gesprek van de dag.m4a", 9),
    Attempt("klacht-onderbroken.wav", "Klacht over lang wachten", 3, "microphone", {"scenario": "klacht"}),
    Attempt("klacht-goed.wav", "Klacht over lang wachten, nog eens", 1, "microphone", {"scenario": "klacht"}),
)


def make_store(folder: Path) -> None:
    """A month of a practice: calls, people, practice calls, a sample that coaches reviewed in part, and a dispute."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_store(folder / "belscore.db") as store:
        with store.write() as connection:
            for name, role in (("Anja", "trainee"), ("Els", "coach"), ("Jan", "coach"), ("Beheer", "admin")):
                add_user(connection, name=name, role=role, actor="pictures")  # type: ignore[arg-type]
        _add_calls(store)
        _add_missed(store)
        with store.read() as connection:
            anja = find_user(connection, "Anja")
        assert anja is not None
        sounds = folder / FOLDER_NAME / SOUNDS
        sounds.mkdir(parents=True)
        for attempt in _ATTEMPTS:
            _add_attempt(store, sounds, anja, attempt)
        _add_reviews(store)
        _add_dispute(store, sounds)


def _morning() -> datetime:
    return datetime.now().replace(hour=10, minute=20, second=0, microsecond=0)


def _moment(draw: random.Random) -> datetime:
    today = _morning().replace(hour=0, minute=0)
    while True:
        day = today - timedelta(days=draw.randrange(1, _DAYS))
        if day.weekday() < 5:
            hour = draw.choices((8, 9, 10, 11, 13, 14, 15, 16), (9, 8, 6, 4, 6, 5, 4, 3))[0]
            return day + timedelta(hours=hour, minutes=draw.randrange(60))


def _add_calls(store: Store) -> None:
    draw, rules, keys = random.Random(_SEED), load_rules(), caller_keys(store)
    paths = draw.sample(sorted(_DIALOGUES.glob("*.call")), 160)
    parsed = [parse_call(path.read_text(encoding="utf-8")) for path in paths]
    judged = [(call, score_call(call, rules=rules)) for call in parsed]
    with store.write() as connection:
        rule_set = keep_rules(connection, rules)
        for place in range(_CALLS):
            call, card = draw.choice(judged)
            started_at, agent = _moment(draw), draw.choice([*_AGENTS])
            facts: dict[str, Any] = {"agent": agent, "department": _AGENTS[agent], "started_at": started_at}
            number = keys.of_number(f"06{draw.randrange(250):08}")
            topic = keys.of_topic(topic_key(card, rules.knowledge.lexicon))
            exchange = Exchange(draw.expovariate(1 / 40), draw.expovariate(1 / 30), number, topic)
            source = f"{started_at:%Y%m%d-%H%M}-{100 + place}.wav"
            call = replace(call, source=source, ring_s=draw.expovariate(1 / 8), **facts)
            card = replace(card, call=replace(card.call, source=source, **facts))
            sha256 = hashlib.sha256(f"call {place}".encode()).hexdigest()
            add_call(connection, sha256, call, Judged(card, rule_set), exchange)


def _add_missed(store: Store) -> None:
    draw = random.Random(-_SEED)
    rows = [
        {
            "sha256": hashlib.sha256(f"missed {place}".encode()).hexdigest(),
            "started_at": _moment(draw),
            "department": draw.choice([*_AGENTS.values()]),
            "ring_s": draw.expovariate(1 / 25),
            "queue_s": draw.expovariate(1 / 90),
            "added_at": datetime.now(),
        }
        for place in range(_MISSED)
    ]
    with store.write() as connection:
        connection.execute(insert(tables.missed_calls), rows)


def _heard(path: Path, facts: dict[str, Any]) -> tuple[Call, Scorecard]:
    """A sample as somebody's call. The smallest model mishears its made voices: the words are the written ones."""
    heard = make_call_scorer(Settings(cache=False))(path, dict(facts), lambda *_: None).call
    text = path.with_suffix(".call").read_text(encoding="utf-8")
    said = parse_call(text.replace(str(parse_call(text).agent), facts["agent"]))
    call = replace(heard, turns=said.turns)
    return call, score_call(call, rules=load_rules())


def _add_attempt(store: Store, sounds: Path, user: User, attempt: Attempt) -> None:
    path = _SAMPLES / attempt.file
    heard, card = _heard(path, {"agent": user.agent})
    options, made_at = dict(attempt.options or {}), _morning() - timedelta(days=attempt.days)
    with store.write() as connection:
        upload = add_upload(
            connection, user_id=user.id, kind=attempt.kind, title=attempt.title, size_bytes=1, options=options
        )
        call = replace(heard, source=attempt.title)
        card = replace(card, call=replace(card.call, source=attempt.title))
        judged = Judged(card, keep_rules(connection, load_rules()))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        call_id = add_call(connection, sha256, call, judged, Exchange(practice=True))
        row = {"state": "done", "call_id": call_id, "made_at": made_at, "changed_at": made_at}
        connection.execute(update(tables.uploads).where(tables.uploads.c.id == upload.id).values(row))
        connection.execute(update(tables.calls).where(tables.calls.c.id == call_id).values(added_at=made_at))
        name = f"{upload.token}.wav"
        keep_recording(connection, call_id, Kept(name, write_sound(decode(path), sounds / name, None), is_copy=False))


def _add_reviews(store: Store) -> None:
    """Els and Jan review most of a sample, and agree nearly always; of the greeting they think otherwise more often."""
    draw = random.Random(_SEED)
    with store.write() as connection:
        month = draw_sample(connection, "november", Draw(40, 1, ("department",), coaches=("Els", "Jan")), made_by="Els")
        draw_sample(connection, "klachten", Draw(10, 2, situation="klacht"), made_by="Jan")
        for coach, share in (("Els", 0.7), ("Jan", 0.55)):
            for call_id in to_review(connection, month, coach)[: round(share * 40)]:
                for rule_id in reviewable(connection, call_id, coach):
                    often = 0.3 if rule_id == "tempo-stilte" else 0.02
                    _review(connection, call_id, rule_id, coach, month.id, other=draw.random() < often)


def _review(connection: Any, call_id: int, rule_id: str, coach: str, sample_id: int, *, other: bool) -> None:
    review = add_review(connection, call_id=call_id, rule_id=rule_id, coach=coach, verdict=None, sample_id=sample_id)
    if other:
        verdict: Any = "pass" if review.machine == "fail" else "fail"
        reason = "Teruggeluisterd: het is anders gezegd."
        add_review(
            connection, call_id=call_id, rule_id=rule_id, coach=coach, verdict=verdict, reason=reason,
            sample_id=sample_id,
        )  # fmt: skip


def _add_dispute(store: Store, sounds: Path) -> None:
    """A call of the practice whose sound is kept, with a finding that its agent does not agree with."""
    path, started_at = _SAMPLES / "afspraak-verkeerde-tijd.wav", _moment(random.Random(1))
    facts = {"agent": "Anja", "department": "Balie", "started_at": started_at}
    call, card = _heard(path, facts)
    source = f"{started_at:%Y%m%d-%H%M}-99.wav"
    call, card = replace(call, source=source), replace(card, call=replace(card.call, source=source))
    wrong = next(each for each in card.findings if each.verdict == "fail" and each.evidence)
    with store.write() as connection:
        judged = Judged(card, keep_rules(connection, load_rules()))
        call_id = add_call(
            connection, hashlib.sha256(path.read_bytes()).hexdigest(), call, judged, Exchange(25.0, 40.0)
        )
        size = write_sound(decode(path), sounds / "99.wav", None)
        keep_recording(connection, call_id, Kept("99.wav", size, is_copy=False))
        text = "Ik heb de afspraak wel herhaald. Alleen de tijd was verkeerd."
        add_comment(
            connection,
            call_id=call_id,
            author="Anja",
            author_is="agent",
            text=text,
            rule_id=wrong.rule_id,
            dispute=True,
        )


def addresses(path: Path) -> tuple[dict[str, str], dict[str, int]]:
    """Sessions of the people by name, and what stands between braces in addresses."""
    calls, made = tables.calls.c, tables.uploads.c
    with open_store(path) as store:
        with store.write() as connection:
            people = {name: find_user(connection, name) for name in ("Anja", "Els", "Beheer")}
            sessions = {name: start_session(connection, user) for name, user in people.items() if user is not None}
        with store.read() as connection:
            titles = {row.title: row.call_id for row in connection.execute(select(made.title, made.call_id))}
            heard = connection.execute(select(calls.id).where(calls.source.endswith("-99.wav"))).scalar_one()
            sample = connection.execute(select(tables.samples.c.id)).scalars().first()
    named = {"attempt": titles[_ATTEMPTS[1].title], "retry": titles[_ATTEMPTS[2].title]}
    return sessions, {**named, "heard": heard, "sample": sample}
