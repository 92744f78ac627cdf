"""What is too old goes, to the last byte, and nothing else; a wrong clock deletes nothing; the log of it is whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import ValidationError
from sqlalchemy import Connection, Table, func, insert, select, update

from belscore.cli import main
from belscore.encryption.files import SealedWriter
from belscore.encryption.keys import FILE_VARIABLE, add_key, load_keys, new_key_file
from belscore.errors import BelscoreError, RuleError
from belscore.profile import load_profile
from belscore.recordings_folder import SOUNDS, recordings_folder
from belscore.retention import Keeper, Retention, noted_retention, purge, retention_of
from belscore.store import audit as log
from belscore.store import purging, scrubbing
from belscore.store.comments import add_comment
from belscore.store.database import Store, open_store
from belscore.store.erasing import forget_calls
from belscore.store.jobs import FoundFile, claim, place, sync
from belscore.store.kept import keep_call
from belscore.store.owners import Owner
from belscore.store.purging import FACT_PURGED_AT, Purged, read_fact, write_fact
from belscore.store.recordings import Kept, keep_recording
from belscore.store.review_samples import Draw, draw_sample, to_review
from belscore.store.reviews import add_review
from belscore.store.scrubbing import scrub
from belscore.store.sealing import count_stale, seal_anew
from belscore.store.tables import (
    audit,
    calls,
    comments,
    findings,
    jobs,
    ledger,
    recordings,
    scorecards,
    talks,
    transcripts,
)
from belscore.wall_clock import this_second
from made_store import GREETING, filled_file, made_calls
from stored_calls import put_in, with_promise

NOW = this_second()
# Words of the calls of `made_store`, and of nothing else that a store holds.
WORDS = (b"hoe laat zijn jullie", b"mevrouw Jansen")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_file(tmp_path_factory.mktemp("made") / "belscore.db", made_calls([True, False, True]))


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "belscore.db"))


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path) as opened:
        age(opened, 1, 2, 3, days=1)
        yield opened


def age(store: Store, *call_ids: int, days: float) -> None:
    """These calls came into the store so many days ago."""
    with store.write() as connection:
        came = NOW - timedelta(days=days)
        connection.execute(update(calls).where(calls.c.id.in_(call_ids)).values(added_at=came))


def count(store: Store, table: Table) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def purged(store: Store, *, folder: Path | None = None, now: datetime = NOW, **days: int) -> Purged:
    return purge(store, Retention(**days), actor="Cor", folder=folder, now=now)


def on_disk(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


# ---- lifetimes


def test_nothing_goes_before_its_time(store: Store) -> None:
    age(store, 1, 2, 3, days=29)
    assert not any(purged(store))
    assert count(store, transcripts) == 3
    assert count(store, audit) == 0


def test_words_go_after_their_time_and_the_verdicts_stay(store: Store) -> None:
    age(store, 1, 2, days=31)
    before = count(store, findings)
    assert purged(store) == Purged(transcripts=2)
    with store.read() as connection:
        assert [*connection.execute(select(transcripts.c.call_id)).scalars()] == [3]
        rows = connection.execute(select(scorecards.c.body, scorecards.c.score, scorecards.c.verdicts)).all()
    assert [row.body is None for row in rows] == [True, True, False]
    assert all(row.verdicts and row.score is not None for row in rows)
    assert count(store, findings) == before
    assert not any(purged(store))


def test_words_are_not_in_the_bytes_of_the_store_any_more(store: Store, path: Path) -> None:
    with store.write() as connection:
        # As plain text: bodies are compressed.
        row = {"kind": "promise", "who": "agent", "what": "hoe laat zijn jullie", "start_s": 1.0}
        connection.execute(insert(ledger).values(call_id=1, about="mevrouw Jansen", whom="Jansen", due="straks", **row))
        body = connection.execute(select(transcripts.c.body).where(transcripts.c.call_id == 1)).scalar_one()
    assert all(word in on_disk(path) for word in (*WORDS, body[:40]))
    age(store, 1, 2, 3, days=31)
    purged(store)
    left = on_disk(path)
    assert not any(word in left for word in (*WORDS, body[:40]))
    with store.read() as connection:
        promise = connection.execute(select(ledger)).one()
    assert (promise.what, promise.about, promise.whom, promise.due) == ("", "", None, None)
    assert promise.kind == "promise"


def test_nothing_is_left_of_a_call_after_the_time_of_its_scores(store: Store, path: Path) -> None:
    with store.write() as connection:
        add_review(connection, call_id=1, rule_id=GREETING, coach="Cor", verdict="fail", reason="zij groette niemand")
        add_comment(connection, call_id=1, author="Anja", author_is="agent", text="dat was zo niet")
        rows = {"agent": "Anja", "coach": "Cor", "held_on": date(2025, 10, 1), "rules": "[]"}
        connection.execute(insert(talks).values(made_at=NOW - timedelta(days=366), note="oefenen", **rows))
    age(store, 1, days=366)
    assert purged(store) == Purged(transcripts=1, calls=1, others=1)
    with store.read() as connection:
        assert [*connection.execute(select(calls.c.id)).scalars()] == [2, 3]
        assert 1 not in connection.execute(select(findings.c.call_id)).scalars()
    assert count(store, comments) == count(store, talks) == 0
    assert not any(word in on_disk(path) for word in (b"zij groette niemand", b"dat was zo niet", b"oefenen"))


def test_call_that_is_kept_for_a_complaint_stays_until_its_day(store: Store) -> None:
    age(store, 1, 2, days=400)
    with store.write() as connection:
        keep_call(connection, 1, until=NOW.date(), reason="klacht 2026-8", actor="Cor")
    assert purged(store) == Purged(transcripts=1, calls=1)
    with store.read() as connection:
        assert [*connection.execute(select(transcripts.c.call_id)).scalars()] == [1, 3]
    assert purged(store, now=NOW + timedelta(days=1)) == Purged(transcripts=1, calls=1)


def test_call_without_words_is_neither_drawn_nor_asked_of_a_coach(store: Store) -> None:
    with store.write() as connection:
        sample = draw_sample(connection, "s", Draw(3), made_by="Cor")
        assert sorted(to_review(connection, sample, "Cor")) == [1, 2, 3]
    age(store, 2, days=31)
    purged(store)
    with store.write() as connection:
        assert sorted(to_review(connection, sample, "Cor")) == [1, 3]
        assert sorted(draw_sample(connection, "t", Draw(3), made_by="Cor").call_ids) == [1, 3]


def test_call_is_kept_with_a_reason_and_only_one_that_there_is(store: Store) -> None:
    with store.write() as connection:
        with pytest.raises(BelscoreError, match="call 1: nobody may keep it longer without a reason"):
            keep_call(connection, 1, until=NOW.date(), reason=" ", actor="Cor")
        with pytest.raises(BelscoreError, match="no such call"):
            keep_call(connection, 9, until=NOW.date(), reason="klacht", actor="Cor")


def test_purge_that_was_killed_goes_on_the_next_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(connection: Connection, call_ids: list[int]) -> None:
        forget_calls(connection, call_ids)
        if 2 in call_ids:
            raise KeyboardInterrupt

    monkeypatch.setattr(purging, "_AT_A_TIME", 1)
    age(store, 1, 2, 3, days=400)
    with monkeypatch.context() as patch:
        patch.setattr(purging, "forget_calls", killed)
        with pytest.raises(KeyboardInterrupt):
            purged(store)
    assert count(store, calls) == 2
    assert purged(store) == Purged(calls=2)
    with store.read() as connection:
        assert [row.action for row in log.entries(connection)] == ["purge", "purge"]


def test_purge_on_each_kind_of_store(store_address: str) -> None:
    with open_store(store_address) as store:
        [first, second] = put_in(store, [with_promise(), with_promise()])
        age(store, first, days=400)
        age(store, second, days=40)
        done = purged(store)
        assert (done.transcripts, done.calls) == (2, 1)
        assert count(store, transcripts) == 0
        with store.read() as connection:
            assert {*connection.execute(select(ledger.c.what)).scalars()} == {""}
            assert log.first_break(connection) is None


# ---- recordings


def kept_sound(store: Store, folder: Path, call_id: int, *, days: float) -> Path:
    path = folder / SOUNDS / f"{call_id}.wav"
    with SealedWriter(path, None) as writer:
        writer.write(b"geluid")
        writer.commit()
    with store.write() as connection:
        keep_recording(connection, call_id, Kept(path.name, 6, False))
        made_at = NOW - timedelta(days=days)
        connection.execute(update(recordings).where(recordings.c.call_id == call_id).values(made_at=made_at))
    return path


def test_sound_goes_after_its_time_with_its_row(store: Store, tmp_path: Path) -> None:
    old, new = (kept_sound(store, tmp_path, call_id, days=days) for call_id, days in ((1, 31), (2, 29)))
    stray = old.with_name("vergeten.wav")
    stray.write_bytes(b"x")
    os.utime(stray, ((NOW - timedelta(days=31)).timestamp(),) * 2)
    assert purged(store, folder=tmp_path) == Purged(recordings=2)
    assert [path.exists() for path in (old, new, stray)] == [False, True, False]
    assert count(store, recordings) == 1


def test_sound_of_a_call_goes_with_the_call(store: Store, tmp_path: Path) -> None:
    path = kept_sound(store, tmp_path, 1, days=1)
    age(store, 1, days=400)
    purged(store, folder=tmp_path)
    assert not path.exists()


def test_recordings_lie_beside_the_store(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recordings_folder(store) == path.parent / "recordings"
    monkeypatch.setenv("BELSCORE_RECORDINGS", str(path.parent / "elders"))
    assert recordings_folder(store) == path.parent / "elders"


# ---- never again


def test_recording_of_a_purged_call_is_not_scored_into_the_store_again(store: Store, tmp_path: Path) -> None:
    owner = Owner.this_process()
    with store.read() as connection:
        sha256 = connection.execute(select(calls.c.sha256).where(calls.c.id == 1)).scalar_one()
    age(store, 1, days=400)
    purged(store)
    with store.write() as connection:
        sync(connection, [FoundFile(str(tmp_path / "1.wav"), 6, 1)])
        [job] = claim(connection, owner, tmp_path, 1)
        assert place(connection, owner, job, sha256) == "as_before"
        assert connection.execute(select(jobs.c.state)).scalar_one() == "done"


# ---- the clock


def test_clock_that_is_behind_the_store_deletes_nothing(store: Store) -> None:
    age(store, 1, 2, days=400)
    age(store, 3, days=-2)
    with pytest.raises(BelscoreError, match=r"and the store has entries of .*: nothing was purged; set the clock"):
        purged(store)
    assert count(store, calls) == 3


def test_clock_that_leaps_ahead_deletes_nothing_by_itself(store: Store) -> None:
    with store.write() as connection:
        write_fact(connection, FACT_PURGED_AT, "2020-01-01T00:00:00")
    with pytest.raises(BelscoreError, match="more than a year after the last purge: nothing was purged; set the clock"):
        Keeper(store, "belscore").daily()
    assert count(store, transcripts) == 3


def test_keeper_purges_once_a_day_whoever_does_it(store: Store) -> None:
    age(store, 1, days=10_000)
    first, second = Keeper(store, "belscore"), Keeper(store, "belscore")
    done = first.daily()
    assert done is not None
    assert done.calls == 1
    assert first.daily() is None
    assert second.daily() is None
    assert second.now() == Purged()
    with store.read() as connection:
        assert read_fact(connection, FACT_PURGED_AT) is not None


# ---- settings


def test_lifetimes_that_were_given_hold_until_others_are(store: Store) -> None:
    assert retention_of(store, actor="Cor") == Retention()
    given = Retention(transcripts=14, scores=200)
    assert retention_of(store, given, actor="Cor") == given
    assert retention_of(store, actor="Cor") == given
    with store.read() as connection:
        assert noted_retention(connection) == given
        assert [row.action for row in log.entries(connection)] == ["retention"]


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ({"transcripts": 400}, "what was said is not kept longer than the scores"),
        ({"scores": 800}, "the audit log is kept as long as the scores, or longer"),
        ({"audit": 30}, "greater than or equal to 183"),
        ({"clips": 3}, "Extra inputs"),
        ({"recordings": -1}, "greater than or equal to 0"),
    ],
)
def test_lifetimes_that_make_no_sense_are_refused(days: dict[str, int], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Retention(**days)


def test_lifetimes_come_from_the_profile(tmp_path: Path) -> None:
    file = tmp_path / "praktijk.toml"
    file.write_text("[retention]\nrecordings = 0\ntranscripts = 14\n")
    assert load_profile(file).retention == Retention(recordings=0, transcripts=14)
    file.write_text("[retention]\ntranscripts = 1000\n")
    with pytest.raises(RuleError, match="retention: what was said is not kept longer than the scores"):
        load_profile(file)


# ---- the log


def test_what_is_left_of_a_purged_log_can_be_verified(store: Store) -> None:
    with store.write() as connection:
        for number in range(6):
            log.note(connection, "Cor", "view", f"call {number}")
        connection.execute(update(audit).where(audit.c.id <= 4).values(at=NOW - timedelta(days=800)))
    reseal(store)
    with store.read() as connection:
        kept_elsewhere = connection.execute(select(audit.c.digest).where(audit.c.id == 4)).scalar_one()
    assert purged(store) == Purged(audit=4)
    with store.read() as connection:
        assert [row.subject for row in log.entries(connection)] == ["call 4", "call 5", "store", "audit"]
        assert log.first_break(connection) is None
        assert log.has_digest(connection, kept_elsewhere)
        assert not log.has_digest(connection, "f" * 64)


def reseal(store: Store) -> None:
    """The chain as it would have been at these moments."""
    with store.write() as connection:
        previous = "0" * 64
        for row in connection.execute(select(audit).order_by(audit.c.id)).all():
            entry = log.Entry(row.at, row.actor, row.action, row.subject, row.detail, previous)
            values = {"previous": previous, "digest": entry.digest}
            connection.execute(update(audit).where(audit.c.id == row.id).values(**values))
            previous = entry.digest


def test_entries_taken_from_the_front_are_noticed(store: Store) -> None:
    with store.write() as connection:
        for number in range(3):
            log.note(connection, "Cor", "view", f"call {number}")
        connection.execute(audit.delete().where(audit.c.id == 1))
        assert log.first_break(connection) == 2


def test_entries_are_listed_by_day_person_and_subject(store: Store) -> None:
    with store.write() as connection:
        for actor, subject in (("Cor", "call 1"), ("Cor", "call 12"), ("Eva", "call 1, rule x"), ("Eva", "agent Anja")):
            log.note(connection, actor, "view", subject)
        connection.execute(update(audit).where(audit.c.id == 4).values(at=NOW - timedelta(days=5)))
        assert [row.id for row in log.entries(connection, about="call 1")] == [1, 3]
        assert [row.id for row in log.entries(connection, actor="Eva")] == [3, 4]
        assert [row.id for row in log.entries(connection, since=date.today())] == [1, 2, 3]
        assert [row.id for row in log.entries(connection, limit=2)] == [3, 4]


def test_who_looks_at_a_call_for_a_while_is_noted_once(store: Store) -> None:
    for actor, subject in (("Cor", "call 1"), ("Cor", "call 1"), ("Eva", "call 1"), ("Cor", "call 2")):
        log.note_view(store, actor, subject)
    with store.read() as connection:
        assert [(row.actor, row.subject) for row in log.entries(connection)] == [
            ("Cor", "call 1"), ("Eva", "call 1"), ("Cor", "call 2")
        ]  # fmt: skip


# ---- the commands


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, args)])


def test_command_counts_before_it_removes(store: Store, path: Path) -> None:
    told = run("purge", "--dry-run", "--word-days", "0", "--store", path)
    assert told.output.endswith("op te ruimen: de woorden van 3 gesprekken\n")
    assert count(store, transcripts) == 3
    assert run("purge", "--word-days", "0", "--store", path).output.endswith(
        "in dagen: opnamen 30, woorden 0, oordelen 365, logboek 730\nopgeruimd: de woorden van 3 gesprekken\n"
    )
    assert "er is niets waarvan de bewaartermijn om is" in run("purge", "--store", path).output
    assert "lifetimes: what was said is not kept" in run("purge", "--word-days", "999", "--store", path).output


def test_command_keeps_a_call(store: Store, path: Path) -> None:
    asked = ("purge", "--keep", "1", "--reason", "klacht", "--store", path)
    assert "it is not said for how long" in run(*asked).output
    assert run(*asked, "--until", "1-7-2030").output == "gesprek 1 blijft bewaard tot en met 1 juli 2030\n"
    age(store, 1, 2, 3, days=400)
    told = "gesprek 1 blijft bewaard tot en met 1 juli 2030\nbewaartermijnen"
    assert told in run("purge", "--dry-run", "--store", path).output
    run("purge", "--store", path)
    with store.read() as connection:
        assert [*connection.execute(select(calls.c.id)).scalars()] == [1]


def test_commands_show_and_verify_the_log(store: Store, path: Path) -> None:
    assert "er is niets" in run("audit", "list", "--store", path).output
    with store.write() as connection:
        log.note(connection, "Cor", "view", "call 1", {"to": "=1+1"})
    assert "Cor" in run("audit", "list", "--store", path).output
    assert json.loads(run("audit", "list", "--format", "json", "--store", path).output)[0]["detail"] == {"to": "=1+1"}
    assert run("audit", "list", "--format", "csv", "--store", path).output.startswith("id,at,actor,action,subject")
    told = run("audit", "verify", "--store", path)
    assert (told.exit_code, told.output.splitlines()[0]) == (0, "het logboek is heel: 1 regel")
    digest = told.output.split()[-1]
    assert run("audit", "verify", "--anchor", digest, "--store", path).exit_code == 0
    anew = run("audit", "verify", "--anchor", "f" * 64, "--store", path)
    assert (anew.exit_code, anew.output.split(":")[0]) == (1, "het logboek is opnieuw geschreven")
    assert run("audit", "verify", "--anchor", "iets", "--store", path).exit_code == 2
    with store.write() as connection:
        connection.execute(update(audit).values(actor="Eva"))
    assert run("audit", "verify", "--store", path).exit_code == 1


def test_reports_and_coaching_sheets_leave_who_saw_them(store: Store, path: Path) -> None:
    run("report", "overview", "--store", path)
    run("coach", "sheet", "Anja", "--store", path)
    run("coach", "sheet", "Anja", "--call", "1", "--store", path)
    with store.read() as connection:
        assert [row.subject for row in log.entries(connection)] == ["report overview", "agent Anja", "call 1"]


def test_batch_keeps_lifetimes_by_itself(store: Store, path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "opnamen"
    folder.mkdir()
    (folder / "een.call").write_text("0.4-3.0 agent Goedemorgen, met Anja.\n3.3-4.0 caller Dag.\n")
    age(store, 1, days=10_000)
    done = run("batch", folder, "--store", path, "--workers", "1")
    assert done.exit_code == 0
    assert "opgeruimd: de woorden van 1 gesprek, 1 heel gesprek" in done.output
    with store.read() as connection:
        assert [*connection.execute(select(calls.c.id).order_by(calls.c.id)).scalars()] == [2, 3, 4]


def test_store_that_somebody_reads_is_scrubbed_the_next_time(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "_BUSY_MS", 50)
    age(store, 1, 2, 3, days=40)
    with open_store(path) as other, other.read() as reader:
        reader.execute(select(calls)).all()
        purged(store)
    with store.read() as connection:
        assert scrubbing.is_scrub_owed(connection)
    assert purged(store) == Purged()
    with store.read() as connection:
        assert not scrubbing.is_scrub_owed(connection)
    log_file = path.with_name(f"{path.name}-wal")
    assert not log_file.exists() or log_file.stat().st_size < 50_000


# ---- an encrypted store


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "sleutel" / "belscore.key"
    new_key_file(path)
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    return path


def test_encrypted_store_holds_its_calls_and_none_of_their_words(store_address: str, key_file: Path) -> None:
    assert key_file.exists()
    call, card = with_promise()
    with open_store(store_address) as store:
        [call_id] = put_in(store, [(call, card)])
        with store.write() as connection:
            add_comment(connection, call_id=call_id, author="Eva", author_is="coach", text="mooi gezegd")
        keys = load_keys()
        assert keys is not None
        assert count_stale(store, keys.newest) == 0
        with store.read() as connection:
            said = connection.execute(select(ledger.c.what)).scalars().first()
            raw = connection.exec_driver_sql("select what from ledger").scalars().first()
            assert connection.exec_driver_sql("select text from comments").scalar_one().startswith("~s1~")
    assert said == card.ledger[0].what
    assert raw is not None
    assert said not in raw


def test_store_that_gets_a_key_is_encrypted_to_the_last_byte(path: Path, key_file: Path) -> None:
    assert WORDS[0] not in path.read_bytes()  # bodies are compressed
    with open_store(path) as store:
        with store.write() as connection:
            body = connection.exec_driver_sql("select body from transcripts where call_id = 1").scalar_one()
            assert body in on_disk(path) or body[:100] in on_disk(path)
            add_comment(connection, call_id=1, author="Eva", author_is="coach", text="na de sleutel")
        assert seal_anew(store) == 6
        assert seal_anew(store) == 0
        scrub(store)
        assert body[:100] not in on_disk(path)
        assert purged(store) == Purged()
    assert b"na de sleutel" not in on_disk(path)
    key_file.unlink()
    os.environ.pop(FILE_VARIABLE)
    with pytest.raises(BelscoreError, match=r"is encrypted \(key [0-9a-f]{16}\), and no key is set"):
        open_store(path)


def test_key_that_wrote_nothing_is_no_key_of_the_store(
    path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_file.exists()
    open_store(path).engine.dispose()
    monkeypatch.delenv(FILE_VARIABLE)
    open_store(path).engine.dispose()


def test_rotation_on_each_kind_of_store(store_address: str, key_file: Path) -> None:
    with open_store(store_address) as store:
        put_in(store, [with_promise()])
    added = add_key(key_file)
    with open_store(store_address) as store:
        assert store.keys is not None
        rows = count_stale(store, added)
        assert rows >= 3
        assert seal_anew(store) == rows
        assert count_stale(store, added) == 0
        with store.read() as connection:
            assert connection.execute(select(ledger.c.what)).scalars().first() == with_promise()[1].ledger[0].what


def test_store_refuses_another_key(path: Path, key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert key_file.exists()
    with open_store(path) as store, store.write():
        pass
    other = tmp_path / "andere.key"
    new_key_file(other)
    monkeypatch.setenv(FILE_VARIABLE, str(other))
    with pytest.raises(BelscoreError, match=rf"belscore\.db: is encrypted with key \w+, which is not in {other}"):
        open_store(path)


def belscore(*args: str) -> str:
    """What the command writes."""
    command = [sys.executable, "-c", "from belscore.cli import main; main()", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def test_key_is_rotated_and_everything_with_it(path: Path, key_file: Path) -> None:
    folder = path.parent / "recordings"
    with open_store(path) as store:
        sound = kept_sound(store, folder, 1, days=1)
    belscore("key", "rotate", "--store", str(path))
    assert sound.read_bytes().startswith(b"BELSEAL1")
    first = load_keys()
    belscore("key", "rotate", "--store", str(path))
    ring = load_keys()
    assert first is not None
    assert ring is not None
    assert ring.ids[1:] == first.ids
    assert ring.newest.id in sound.read_bytes()[:20]
    key_file.write_text("\n".join(key_file.read_text().splitlines()[:3]))  # without the older one
    with open_store(path) as store, store.read() as connection:
        assert read_fact(connection, "encryption_key") == ring.ids[0]
        assert len(connection.execute(select(transcripts.c.body)).scalars().all()) == 3
