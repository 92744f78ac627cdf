"""The store: calls come back as they went in, its tables are what the program thinks, and what fails is told."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, delete, func, inspect, select, text, update

from belscore.call import Call, Engine, Listened, Quality, Removed, Sound, Span, Turn, Word
from belscore.errors import BelscoreError
from belscore.scorecard import Evidence, LedgerEntry, QuestionFinding
from belscore.store import caller_keys as keys
from belscore.store import database
from belscore.store.audit import first_break, note
from belscore.store.calls import (
    Exchange,
    Judged,
    add_call,
    find_call,
    put_scorecard,
    read_call,
    read_scorecard,
)
from belscore.store.database import Store, alembic_config, open_store
from belscore.store.rule_sets import keep_rules, stored_rules
from belscore.store.tables import audit, calls, facts, findings, ledger, metadata, scorecards, transcripts
from belscore.wall_clock import wall_clock
from stored_calls import put_in, rules, scored_dialogues, sha256_of

AT = datetime.fromisoformat("2026-07-01T10:00:00+02:00")
EVERYTHING = Call(
    source="opnamen/één gesprek.wav",
    duration_s=31.25,
    turns=(
        Turn("agent", 0.5, 2.0, "Met Sanne.", (Word("Met", 0.5, 0.75, 0.912), Word("Sanne.", 0.75, 2.0, 0.5))),
        Turn("caller", 1.75, 3.0, "“Dag” — 😀", (Word("“Dag”", 1.75, 2.5), Word("— 😀", 2.5, 3.0))),
    ),
    direction="outbound",
    started_at=AT,
    ring_s=7.5,
    ended_by="caller",
    channels="mixed",
    times="words",
    role_confidence=0.75,
    speech={"agent": (Span(0.5, 2.0),), "caller": (Span(1.75, 3.0), Span(4.0, 5.0))},
    holds=(Span(6.0, 20.0),),
    rings=(Span(0.0, 0.25),),
    practice="De Linde",
    agent="Sanne",
    department="Polikliniek 3",
    quality=Quality(0.5, 8000, {"agent": -23.5}, 0.01, ("ruis",)),
    sound={"mixed": Sound((Span(0.5, 2.0),), (0.6, 0.9), (3, 1000, 0))},
    engine=Engine("0.1.0", "base", "f" * 64, "1.2.1"),
    listened=(Listened(0.5, "Met Sanne.", 0, 1, ("goedemorgen", "met"), -0.25, -1.5),),
    removed=(Removed(0, 1, "name", 1, (Word("Sanne.", 1.0, 2.0, 0.5),)),),
    held=(("naam-herkenning", "0123456789abcdef"),),
)


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    with open_store(store_address) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "belscore.db"


def count_of(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(calls)).scalar_one()


# ---- opening


def test_store_is_made_where_there_is_none_and_holds_what_it_held(store_address: str) -> None:
    with open_store(store_address) as store:
        [call_id] = put_in(store, scored_dialogues()[:1])
    with open_store(store_address) as store, store.read() as connection:
        assert read_scorecard(connection, call_id) == scored_dialogues()[0][1]


def test_migrations_make_the_tables_of_the_program(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_lead_back_to_nothing_and_on_again(store: Store) -> None:
    config = alembic_config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        command.upgrade(config, "head")
    assert put_in(store, scored_dialogues()[:1])


def test_store_of_a_later_belscore_is_refused(store_address: str) -> None:
    with open_store(store_address) as store, store.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(BelscoreError, match="made by a later belscore; use the belscore that made it"):
        open_store(store_address)


def test_tables_of_another_program_are_left_alone(store_address: str) -> None:
    with open_store(store_address) as store, store.write() as connection:
        metadata.drop_all(connection)
        connection.execute(text("drop table alembic_version"))
        connection.execute(text("create table recipes (id integer)"))
    with pytest.raises(BelscoreError, match="holds tables of another program"):
        open_store(store_address)


def test_file_that_is_no_store_is_refused(file: Path) -> None:
    file.write_text("Boodschappen: melk, brood, kaas.\n" * 100)
    with pytest.raises(BelscoreError) as refused:
        open_store(file)
    assert str(refused.value).startswith(f"{file}: file is not a database; name another --store")


def test_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(BelscoreError, match=f"^{tmp_path}: unable to open"):
        open_store(tmp_path)


def test_folder_of_a_new_store_is_made(tmp_path: Path) -> None:
    with open_store(tmp_path / "a" / "b" / "belscore.db") as store:
        assert count_of(store) == 0


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(BelscoreError, match=r"a/belscore\.db: .+; check the folder, or name another --store"):
        open_store(tmp_path / "a" / "belscore.db")


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Without root's right to write everywhere."""
    if os.name == "nt" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="folders have other permissions there")
def test_folder_that_may_not_be_written_is_told(file: Path) -> None:
    open_store(file).engine.dispose()  # with all that is imported on the way, which the other user may not read
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are shut for other users
    try:
        folder.chmod(0o555)
        with ordinary_user(), pytest.raises(BelscoreError, match="Permission denied; check the folder"):
            open_store(folder / "belscore.db")
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="files have other permissions there")
def test_store_that_may_not_be_written_is_told(file: Path) -> None:
    open_store(file).engine.dispose()
    folder = Path(tempfile.mkdtemp())
    try:
        shutil.copy(file, folder)
        (folder / file.name).chmod(0o444)
        folder.chmod(0o555)
        with ordinary_user(), pytest.raises(BelscoreError, match="check the folder and its permissions"):
            open_store(folder / file.name)
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_store_that_another_program_keeps_locked_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_S", 0.1)
    with open_store(file) as store:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(BelscoreError, match="database is locked; another program has it"), store.write():
            pass
        other.close()


@pytest.mark.postgres
@pytest.mark.parametrize("store_address", ["postgres"], indirect=True)
def test_store_that_another_writer_keeps_is_told(store_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_S", 1.0)
    told = pytest.raises(BelscoreError, match="lock timeout; another program has it")
    with open_store(store_address) as store, open_store(store_address) as other, other.write(), told, store.write():
        pass


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("://", "no valid address of a store"),
        ("postgresql://anna:geheim@host:poort/db", "host:poort/db: no valid address of a store"),
        ("mysql://anna:geheim@host/db", "host/db: no such kind of store"),
        ("sqlite+geheim:///x", "no valid address of a store"),
    ],
)
def test_address_of_no_store_is_told_without_the_password(address: str, told: str) -> None:
    with pytest.raises(BelscoreError, match=told) as refused:
        open_store(address)
    assert "anna:geheim" not in str(refused.value)


@pytest.mark.postgres
@pytest.mark.parametrize("user", ["anna:geheim@127.0.0.1:1/db", "127.0.0.1:1/db?user=anna&password=geheim"])
def test_server_that_does_not_answer_is_told_without_the_password(user: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(BelscoreError, match="connection failed") as refused:
        open_store(f"postgresql://{user}")
    assert "geheim" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(os.name == "nt", reason="files have other permissions there")
def test_files_of_a_store_are_their_owners_alone(file: Path) -> None:
    with open_store(file) as store:
        keys.caller_keys(store)
        put_in(store, scored_dialogues()[:1])
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == dict.fromkeys(("belscore.db", "belscore.db-wal", "belscore.db-shm", "belscore.db.hash-key"), 0o600)


# ---- calls


def test_call_comes_back_with_everything_that_is_known_of_it(store: Store) -> None:
    told_by_nothing = {each.name for each in fields(Call) if getattr(EVERYTHING, each.name) == each.default}
    assert told_by_nothing == set()
    card = scored_dialogues()[0][1]
    [call_id] = put_in(store, [(EVERYTHING, card)])
    with store.read() as connection:
        assert read_call(connection, call_id) == EVERYTHING
        row = connection.execute(select(calls)).one()
    known = ("source", "agent", "department", "direction", "ring_s", "duration_s", "channels", "ended_by")
    assert [getattr(row, name) for name in known] == [getattr(EVERYTHING, name) for name in known]
    assert row.started_at == datetime(2026, 7, 1, 10)


def test_calls_and_scorecards_come_back_as_they_were(store: Store) -> None:
    ids = put_in(store, scored_dialogues())
    with store.read() as connection:
        for call_id, (call, card) in zip(ids, scored_dialogues(), strict=True):
            assert read_call(connection, call_id) == call
            assert read_scorecard(connection, call_id) == card


def test_scorecard_comes_back_with_questions_and_appointments(store: Store) -> None:
    call, card = scored_dialogues()[0]
    evidence = (Evidence("agent", 1.0, 2.5, "Sinds wanneer?"),)
    asked = QuestionFinding("koorts", "Koorts", "sinds", "question", "Sinds wanneer", "unsure", "doof", evidence)
    entry = LedgerEntry(
        "appointment", "caller", "dinsdag om tien", "dinsdag", 3.5, True, "mij", "call", "uitslag", AT, True
    )
    card = replace(card, questions=(asked,), ledger=(entry,), remarks=("buiten openingstijd",))
    [call_id] = put_in(store, [(call, card)])
    with store.read() as connection:
        assert read_scorecard(connection, call_id) == card
        assert connection.execute(select(ledger.c.due_at)).scalar() == datetime(2026, 7, 1, 10)


def test_text_that_no_database_takes_is_made_legible(store: Store) -> None:
    call, card = scored_dialogues()[0]
    entry = LedgerEntry("promise", "agent", "ik bel\0 u", None, 1.0)
    odd = replace(call, source="gesprek-\udce9.wav", agent="An\0na", department="Poli" * 200)
    [call_id] = put_in(store, [(odd, replace(card, ledger=(entry,)))])
    with store.read() as connection:
        assert read_call(connection, call_id).source == "gesprek-?.wav"
        row = connection.execute(select(calls)).one()
    assert (row.source, row.agent, row.department) == ("gesprek-?.wav", "An?na", "Poli" * 200)


def test_content_is_in_the_store_once(store: Store) -> None:
    [call_id] = put_in(store, scored_dialogues()[:1])
    with store.read() as connection:
        assert find_call(connection, sha256_of(0)) == call_id
        assert find_call(connection, sha256_of(1)) is None
    with pytest.raises(BelscoreError):
        put_in(store, scored_dialogues()[:1])
    assert count_of(store) == 1


def test_nothing_of_a_transaction_that_fails_stays(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            add_call(connection, sha256_of(0), EVERYTHING, Judged(card, keep_rules(connection, rules())), Exchange())
            raise KeyError("something else")

    card = scored_dialogues()[0][1]
    with pytest.raises(KeyError):
        fail()
    assert count_of(store) == 0


@pytest.mark.parametrize("body", [b"", b"z", b"z" + b"x" * 40, b"?{}"])
def test_damaged_transcript_is_told(store: Store, body: bytes) -> None:
    [call_id] = put_in(store, scored_dialogues()[:1])
    with store.write() as connection:
        connection.execute(update(transcripts).values(body=body))
        with pytest.raises(BelscoreError, match=f"call {call_id}: is damaged; restore the store"):
            read_call(connection, call_id)


def test_transcript_that_is_gone_is_told(store: Store) -> None:
    [call_id] = put_in(store, scored_dialogues()[:1])
    with store.write() as connection:
        connection.execute(delete(transcripts))
        with pytest.raises(BelscoreError, match="has no transcript of it any more; score its recording again"):
            read_call(connection, call_id)
        assert read_scorecard(connection, call_id) == scored_dialogues()[0][1]


# ---- judged again


def test_verdicts_of_the_scorecard_before_stay_and_its_texts_go(store: Store) -> None:
    call, card = scored_dialogues()[0]
    [call_id] = put_in(store, [(call, card)])
    changed = replace(card, findings=tuple(replace(each, verdict="unsure") for each in card.findings))
    with store.write() as connection:
        put_scorecard(connection, call_id, Judged(changed, keep_rules(connection, rules())))
    with store.read() as connection:
        before, now = connection.execute(select(scorecards).order_by(scorecards.c.id)).all()
        verdicts = [*connection.execute(select(findings.c.verdict).distinct()).scalars()]
        assert read_scorecard(connection, call_id) == changed
    assert (before.current, before.body) == (False, None)
    letters = {"pass": "p", "fail": "f", "unsure": "u", "not_applicable": "n"}
    assert before.verdicts == "".join(letters[each.verdict] for each in card.findings)
    assert now.current
    assert now.verdicts == "u" * len(card.findings)
    assert verdicts == ["unsure"]


def promises(connection: Connection) -> list[tuple[float, str | None]]:
    rows = connection.execute(select(ledger.c.start_s, ledger.c.settled_by).order_by(ledger.c.start_s))
    return [(row.start_s, row.settled_by) for row in rows]


def judge_again(store: Store, *starts_s: float, settle: float | None = None) -> list[tuple[float, str | None]]:
    """Put in a scorecard with promises at these times, and settle one; returns what the store then has."""
    call, card = scored_dialogues()[0]
    entries = tuple(LedgerEntry("promise", "agent", "ik bel u terug", None, start_s) for start_s in starts_s)
    with store.write() as connection:
        found = find_call(connection, sha256_of(0))
        judged = Judged(replace(card, ledger=entries), keep_rules(connection, rules()))
        if found is None:
            add_call(connection, sha256_of(0), call, judged, Exchange())
        else:
            put_scorecard(connection, found, judged)
        if settle is not None:
            settled = {"settled_at": AT.replace(tzinfo=None), "settled_by": "Anna", "settled_how": "kept"}
            connection.execute(update(ledger).where(ledger.c.start_s == settle).values(**settled))
        return promises(connection)


def test_promise_that_was_settled_stays_so_a_turn_further(store: Store) -> None:
    judge_again(store, 10.0, 40.0, settle=10.0)
    assert judge_again(store, 11.5, 40.0) == [(11.5, "Anna"), (40.0, None)]


def test_of_promises_close_together_the_nearest_was_settled(store: Store) -> None:
    judge_again(store, 10.0, settle=10.0)
    assert judge_again(store, 8.5, 10.0, 11.0) == [(8.5, None), (10.0, "Anna"), (11.0, None)]


def test_settled_promise_that_is_no_longer_found_stays(store: Store) -> None:
    judge_again(store, 10.0, 40.0, settle=10.0)
    assert judge_again(store) == [(10.0, "Anna")]
    assert judge_again(store, 10.0, 40.0) == [(10.0, "Anna"), (40.0, None)]


def test_promise_that_stays_keeps_its_id(store: Store) -> None:
    def ids() -> dict[float, int]:
        with store.read() as connection:
            return {row.start_s: row.id for row in connection.execute(select(ledger))}

    judge_again(store, 10.0, 40.0)
    before = ids()
    judge_again(store, 20.0, 40.0)
    assert ids()[40.0] == before[40.0]
    assert ids()[20.0] not in before.values()


def test_rules_are_kept_once_by_version(store: Store) -> None:
    other = replace(rules(), digest="0" * 64, rules=rules().rules[:3])
    with store.write() as connection:
        ids = [keep_rules(connection, each) for each in (rules(), other, rules())]
    assert ids[0] == ids[2] != ids[1]
    with store.read() as connection:
        kept = stored_rules(connection)
    assert [rule.id for rule in kept[ids[1]].rules] == [rule.id for rule in other.rules]
    assert kept[ids[0]].sections == tuple((each.id, each.title) for each in rules().sections)


# ---- several at a time


def test_writers_wait_for_each_other(store_address: str) -> None:
    with open_store(store_address) as store, open_store(store_address) as other, ThreadPoolExecutor(1) as pool:

        def seen_by_the_other() -> int:
            with other.write() as connection:
                return connection.execute(select(func.count()).select_from(facts)).scalar_one()

        with store.write() as connection:
            waits = pool.submit(seen_by_the_other)
            for place in range(200):
                connection.execute(facts.insert().values(name=f"fact {place}", value=""))
        assert waits.result() == 200


def test_reader_sees_one_state_while_others_write(store_address: str) -> None:
    with open_store(store_address) as store, open_store(store_address) as other:
        with store.read() as connection:
            counted = select(func.count()).select_from(calls)
            assert connection.execute(counted).scalar() == 0
            put_in(other, scored_dialogues()[:1])
            assert connection.execute(counted).scalar() == 0
        assert count_of(store) == 1


_WRITER = """
import sys
from belscore.store.audit import note
from belscore.store.database import open_store
with open_store(sys.argv[1]) as store:
    for place in range(20):
        with store.write() as connection:
            note(connection, sys.argv[2], "counted", f"{place}")
"""


def test_processes_that_start_together_on_a_new_store_lose_nothing(store_address: str) -> None:
    started = [subprocess.Popen([sys.executable, "-c", _WRITER, store_address, name]) for name in ("a", "b", "c")]
    assert [process.wait() for process in started] == [0, 0, 0]
    with open_store(store_address) as store, store.read() as connection:
        assert connection.execute(select(func.count()).select_from(audit)).scalar() == 60
        assert first_break(connection) is None


# ---- callers


@pytest.mark.parametrize(
    "written",
    [
        "06-12 34 56 78", "(06) 12345678", "+31 6 12345678", "+31 (0)6 1234 5678", "0031612345678", "31612345678",
        "tel:+31-6-12345678;phone-context=x", '"06 nummer" <sip:0612345678@10.0.0.1:5060;user=phone>',
    ],
)  # fmt: skip
def test_number_has_one_hash_however_it_is_written(store: Store, written: str) -> None:
    of = keys.caller_keys(store)
    assert of.of_number(written) == of.of_number("0612345678")
    assert of.of_number(written) != of.of_number("0612345679")


@pytest.mark.parametrize("withheld", ["", "anoniem", "Anonymous", "2104", "0000000000", "sip:anonymous@127.0.0.1"])
def test_withheld_number_belongs_to_nobody(store: Store, withheld: str) -> None:
    assert keys.caller_keys(store).of_number(withheld) is None


def test_number_and_topic_stand_nowhere_in_the_store(store: Store) -> None:
    of = keys.caller_keys(store)
    call, card = scored_dialogues()[0]
    exchange = Exchange(1.0, 2.0, of.of_number("06-98765432"), of.of_topic(["knieoperatie"]))
    with store.write() as connection:
        add_call(connection, sha256_of(0), call, Judged(card, keep_rules(connection, rules())), exchange)
    with store.read() as connection:
        rows = [repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    held = "\n".join(rows).encode()
    if store.is_sqlite:
        assert store.engine.url.database is not None
        held += b"".join(path.read_bytes() for path in Path(store.engine.url.database).parent.iterdir())
    assert exchange.caller_hash is not None
    assert exchange.caller_hash.encode() in held
    assert not [secret for secret in (b"98765432", b"knieoperatie") if secret in held]


def test_hashes_of_another_store_tell_nothing_of_this_one(tmp_path: Path) -> None:
    hashes = set()
    for name in ("een", "twee"):
        with open_store(tmp_path / f"{name}.db") as store:
            hashes.add(keys.caller_keys(store).of_number("0612345678"))
    assert len(hashes) == 2


def test_another_key_than_before_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys.caller_keys(store).of_number("0612345678")
    assert keys.caller_keys(store).of_number("0612345678") == before
    monkeypatch.setenv(keys.KEY_VARIABLE, "andere sleutel " * 3)
    with pytest.raises(BelscoreError, match="is another one than before; put back the key"):
        keys.caller_keys(store)


def test_key_that_is_gone_is_told_and_not_made_anew(file: Path) -> None:
    key = file.with_name(f"{file.name}{keys.KEY_SUFFIX}")
    with open_store(file) as store:
        keys.caller_keys(store)
        key.unlink()
        with pytest.raises(BelscoreError, match="is gone; put it back"):
            keys.caller_keys(store)
    assert not key.exists()


@pytest.mark.parametrize("held", ["", "kort", "é" * 40])
def test_key_file_without_a_key_is_told(file: Path, held: str) -> None:
    file.with_name(f"{file.name}{keys.KEY_SUFFIX}").write_text(held, encoding="utf-8")
    with open_store(file) as store, pytest.raises(BelscoreError, match="restore the file, or set BELSCORE_HASH_KEY"):
        keys.caller_keys(store)


def test_short_key_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(keys.KEY_VARIABLE, "geheim")
    with open_store(file) as store, pytest.raises(BelscoreError, match="the key is too short; give it 32 random"):
        keys.caller_keys(store)


@pytest.mark.postgres
@pytest.mark.parametrize("store_address", ["postgres"], indirect=True)
def test_store_on_a_server_needs_a_key(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.KEY_VARIABLE)
    with pytest.raises(BelscoreError, match="no key for the hashes of callers' numbers; set BELSCORE_HASH_KEY"):
        keys.caller_keys(store)


# ---- the audit log


@pytest.fixture
def audited(store: Store) -> Store:
    with store.write() as connection:
        for place in range(5):
            note(connection, "Anna", "looked", f"call {place}", {"place": place, "file": "é\udce9\0"})
    return store


def test_audit_log_is_whole_as_it_was_written(audited: Store) -> None:
    with audited.read() as connection:
        assert first_break(connection) is None


def edited(connection: Connection) -> None:
    connection.execute(update(audit).where(audit.c.id == 3).values(actor="Piet"))


def edited_and_sealed(connection: Connection) -> None:
    row = connection.execute(select(audit).where(audit.c.id == 2)).one()
    from belscore.store.audit import Entry

    entry = Entry(row.at, "Piet", row.action, row.subject, row.detail, row.previous)
    connection.execute(update(audit).where(audit.c.id == 2).values(actor="Piet", digest=entry.digest))


def deleted(connection: Connection) -> None:
    connection.execute(delete(audit).where(audit.c.id == 2))


def first_deleted(connection: Connection) -> None:
    connection.execute(delete(audit).where(audit.c.id.in_((1, 2))))


def reordered(connection: Connection) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        connection.execute(update(audit).where(audit.c.id == old).values(id=new))


@pytest.mark.parametrize("change", [edited, edited_and_sealed, deleted, first_deleted, reordered])
def test_change_of_the_audit_log_is_found(audited: Store, change: Callable[[Connection], None]) -> None:
    with audited.write() as connection:
        change(connection)
        assert first_break(connection) == 3


# ---- times


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-07-01T10:00:00", "2026-07-01T10:00:00"),
        ("2026-07-01T10:00:00+00:00", "2026-07-01T12:00:00"),
        ("2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00"),
        ("2026-12-31T23:30:00-02:00", "2027-01-01T02:30:00"),
    ],
)
def test_moment_is_that_of_the_clock_on_the_wall(moment: str, shown: str) -> None:
    assert wall_clock(datetime.fromisoformat(moment)) == datetime.fromisoformat(shown)


def test_moment_that_is_not_known_stays_so() -> None:
    assert wall_clock(None) is None
