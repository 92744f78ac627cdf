"""What somebody may ask: all that the store has of them in one file, and out of it to the last byte."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, insert, select, update

from belscore.cli import main
from belscore.encryption.files import SealedWriter
from belscore.errors import BelscoreError
from belscore.recordings_folder import SOUNDS
from belscore.rights import erase_person, export_person, person_of
from belscore.store import audit as log
from belscore.store.caller_keys import caller_keys
from belscore.store.comments import add_comment
from belscore.store.database import Store, open_store
from belscore.store.kept import keep_call
from belscore.store.persons import Person
from belscore.store.promises import settle
from belscore.store.recordings import Kept, keep_recording
from belscore.store.reviews import add_review
from belscore.store.tables import (
    calls,
    comments,
    erased_calls,
    findings,
    jobs,
    ledger,
    metadata,
    missed_calls,
    reviews,
    sample_calls,
    samples,
    talks,
    transcripts,
    uploads,
    users,
)
from belscore.store.talks import add_talk
from belscore.wall_clock import this_second
from made_store import GREETING, filled_file, made_calls
from stored_calls import put_in, with_promise

NUMBER = "06 12 34 56 78"
ANJA = Person(agent="Anja")
NOW = this_second()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls 1 and 2 are of Anja, 3 and 4 of Noor."""
    anja, noor = made_calls([True, False]), made_calls([True, True], agent="Noor", first=2)
    path = filled_file(tmp_path_factory.mktemp("made") / "belscore.db", [*anja, *noor])
    with open_store(path) as store:
        hashed = caller_keys(store).of_number(NUMBER)
        with store.write() as connection:
            connection.execute(update(calls).where(calls.c.id.in_((1, 3))).values(caller_hash=hashed))
            _write_about(connection, str(hashed))
    return path


def _write_about(connection: Any, hashed: str) -> None:
    """Something of everything in which somebody can be named."""
    add_review(connection, call_id=1, rule_id=GREETING, coach="Cor", verdict="fail", reason="Anja mompelde")
    add_review(connection, call_id=3, rule_id=GREETING, coach="Anja", verdict="pass")
    add_comment(connection, call_id=1, author="Anja", author_is="agent", text="dat was niet zo bedoeld")
    add_comment(connection, call_id=2, author="Cor", author_is="coach", text="let op je begroeting")
    add_comment(connection, call_id=4, author="Cor", author_is="coach", text="mooi zo Noor")
    add_talk(connection, agent="Anja", coach="Cor", held_on=date.today(), rules=[GREETING], text="begroeten oefenen")
    promise = {"kind": "promise", "who": "agent", "what": "Ik bel u terug.", "about": "de uitslag", "start_s": 5.0}
    connection.execute(insert(ledger).values(call_id=1, **promise))
    settle(connection, "1-5", "kept", actor="Anja", at=NOW)
    connection.execute(insert(missed_calls).values(sha256="a" * 64, started_at=NOW, caller_hash=hashed, added_at=NOW))
    how = json.dumps({"strata": ["department", "agent"], "agent": "Anja"})
    connection.execute(insert(samples).values(name="s", seed=1, how=how, made_by="Anja", made_at=NOW))
    drawn = [{"call_id": 1, "stratum": "Balie / Anja"}, {"call_id": 3, "stratum": "Balie / Noor"}]
    connection.execute(insert(sample_calls), [{"sample_id": 1, "place": 1, **each} for each in drawn])
    user = {"name": "anja", "agent": "Anja", "role": "trainee", "password_hash": "$argon2id$geheim", "made_at": NOW}
    connection.execute(insert(users).values(**{**user, **_required(users, user)}))
    upload = {"token": "t" * 20, "user_id": 1, "kind": "upload", "title": "Mijn oefening", "size_bytes": 1}
    options = json.dumps({"agent": "Anja", "caller_hash": hashed})
    more = {"state": "done", "made_at": NOW, "changed_at": NOW, "options": options}
    connection.execute(insert(uploads).values(**upload, **more))
    job = {"path": "opnamen/Anja-1.wav", "size_bytes": 1, "changed_ns": "1", "state": "done", "call_id": 1}
    facts = json.dumps({"agent": "Anja"})
    connection.execute(insert(jobs).values(**job, facts=facts, added_at=NOW, changed_at=NOW))


def _required(table: Any, given: dict[str, object]) -> dict[str, object]:
    """False for columns that came to the table later and must have a value."""
    missing = [c for c in table.columns if not c.nullable and c.default is None and not c.primary_key]
    return {column.name: False for column in missing if column.name not in given}


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    shutil.copy(f"{made}.hash-key", tmp_path / "belscore.db.hash-key")
    return Path(shutil.copy(made, tmp_path / "belscore.db"))


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path) as opened:
        yield opened


def caller(store: Store) -> Person:
    return person_of(store, agent=None, caller=NUMBER)


def exported(store: Store, person: Person, out: Path, folder: Path | None = None) -> dict[str, bytes]:
    export_person(store, person, out, actor="Cor", folder=folder)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def on_disk(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


# ---- export


def test_agent_gets_all_that_names_them_and_nothing_of_colleagues(store: Store, tmp_path: Path) -> None:
    files = exported(store, ANJA, tmp_path / "anja.zip")
    assert set(files) == {
        "overzicht.html", "gesprekken.csv", "gegevens.json", "gesprekken/1-uitschrift.txt",
        "gesprekken/1-scorekaart.json", "gesprekken/2-uitschrift.txt", "gesprekken/2-scorekaart.json",
    }  # fmt: skip
    told = json.loads(files["gegevens.json"])
    assert [call["id"] for call in told["calls"]] == [1, 2]
    first = told["calls"][0]
    assert [row["reason"] for row in first["reviews"]] == ["Anja mompelde"]
    assert [row["text"] for row in first["comments"]] == ["dat was niet zo bedoeld"]
    assert [row["what"] for row in first["ledger"]] == ["Ik bel u terug."]
    assert first["scorecard"]["score"] is not None
    for part in ("talks", "reviews_by_them", "comments_by_them", "promises_settled_by_them", "samples_drawn_by_them",
                 "drawn_into_samples", "users", "uploads", "audit"):  # fmt: skip
        assert len(told[part]) >= 1, part
    hashed = str(caller(store).caller_hash).encode()
    assert told["uploads"][0]["options"] == {"agent": "Anja"}
    whole = b"".join(files.values())
    assert hashed not in whole
    assert not any(secret in whole for secret in (b"argon2id", b"tttttttt", b"mooi zo Noor", b"Balie / Noor"))


def test_every_table_that_can_name_an_agent_is_in_the_export() -> None:
    """A new table must be thought of here, in `store.persons` and in `store.person_erasure`."""
    thought_of = {
        "calls", "transcripts", "scorecards", "situations", "findings", "questions", "ledger", "reviews", "comments",
        "kept_calls", "recordings", "talks", "samples", "sample_calls", "users", "uploads", "audit", "missed_calls",
    }  # fmt: skip
    nameless = {"rule_sets", "jobs", "sessions", "facts", "erased_calls"}
    assert set(metadata.tables) == thought_of | nameless


def test_caller_gets_their_words_and_not_how_the_agent_was_judged(store: Store, tmp_path: Path) -> None:
    files = exported(store, caller(store), tmp_path / "beller.zip")
    told = json.loads(files["gegevens.json"])
    assert [call["id"] for call in told["calls"]] == [1, 3]
    assert told["calls"][0]["ledger"][0]["what"] == "Ik bel u terug."
    assert len(told["missed_calls"]) == 1
    assert b"tot hoe laat zijn jullie open" in files["gesprekken/1-uitschrift.txt"]
    assert not any("scorekaart" in name for name in files)
    whole = files["gegevens.json"] + files["overzicht.html"] + files["gesprekken.csv"]
    assert [word for word in (b"Anja mompelde", b'score":', b"Cor", b'"fail"', b"settled_by") if word in whole] == []
    assert {"at", "action", "subject"} == set(told["audit"][0])


def test_caller_is_known_by_number_and_by_hash(store: Store) -> None:
    hashed = caller(store).caller_hash
    assert person_of(store, agent=None, caller="+31612345678").caller_hash == hashed
    assert person_of(store, agent=None, caller=hashed).caller_hash == hashed


@pytest.mark.parametrize(
    ("agent", "number", "why"),
    [
        (None, None, "one person is asked for"),
        ("Anja", "0612345678", "one person"),
        (None, "12", "is no telephone number"),
    ],
)
def test_one_person_is_asked_for(store: Store, agent: str | None, number: str | None, why: str) -> None:
    with pytest.raises(BelscoreError, match=why):
        person_of(store, agent=agent, caller=number)


def test_overview_is_a_dutch_page_and_the_table_opens_in_a_spreadsheet(store: Store, tmp_path: Path) -> None:
    files = exported(store, ANJA, tmp_path / "anja.zip")
    page = files["overzicht.html"].decode()
    for text in ("Wat er van u is vastgelegd – Anja", "2 gesprekken", "Autoriteit Persoonsgegevens", "Ik bel u terug."):
        assert text in page
    rows = list(csv.DictReader(io.StringIO(files["gesprekken.csv"].decode()), delimiter=";"))
    assert [row["gesprek"] for row in rows] == ["1", "2"]
    assert rows[0]["wanneer"] == "05-10-2026 09:00"


def test_export_is_for_its_owner_is_noted_and_never_half(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "uit" / "anja.zip"
    exported(store, ANJA, out)
    assert os.name != "posix" or stat.S_IMODE(out.stat().st_mode) == 0o600
    with store.read() as connection:
        assert [(row.actor, row.subject) for row in log.entries(connection) if row.action == "export"] == [
            ("Cor", "agent Anja")
        ]
    with store.write() as connection:
        connection.execute(update(transcripts).values(body=b"stuk"))
    out.unlink()
    with pytest.raises(BelscoreError, match="call 1: is damaged"):
        export_person(store, ANJA, out, actor="Cor", folder=None)
    assert [*out.parent.iterdir()] == []


def test_kept_recording_is_in_the_export_as_it_was_heard(store: Store, tmp_path: Path) -> None:
    with SealedWriter(tmp_path / SOUNDS / "1.wav", None) as writer:
        writer.write(b"RIFF geluid")
        writer.commit()
    with store.write() as connection:
        keep_recording(connection, 1, Kept("1.wav", 11, False))
    assert exported(store, ANJA, tmp_path / "anja.zip", tmp_path)["gesprekken/1-opname.wav"] == b"RIFF geluid"


def test_kept_recordings_that_are_not_found_are_told(store: Store, tmp_path: Path) -> None:
    with store.write() as connection:
        keep_recording(connection, 1, Kept("1.wav", 11, False))
    for folder in (None, tmp_path / "leeg"):
        with pytest.raises(BelscoreError, match="recordings are kept, but not here; name the folder"):
            erase_person(store, ANJA, actor="Cor", folder=folder)
        with pytest.raises(BelscoreError, match="recordings are kept, but not here"):
            export_person(store, ANJA, tmp_path / "a.zip", actor="Cor", folder=folder)
    with store.read() as connection:
        assert connection.execute(select(calls.c.agent).where(calls.c.id == 1)).scalar_one() == "Anja"


def test_somebody_unknown_is_told(store: Store, tmp_path: Path) -> None:
    for ask in (
        lambda: export_person(store, Person(agent="Piet"), tmp_path / "p.zip", actor="Cor", folder=None),
        lambda: erase_person(store, Person(agent="Piet"), actor="Cor", folder=None),
    ):
        with pytest.raises(BelscoreError, match="agent Piet: the store has nothing of them; check how it is written"):
            ask()
    assert not (tmp_path / "p.zip").exists()


# ---- erasure


def test_agent_leaves_no_name_and_no_word_and_the_figures_stay(store: Store, path: Path) -> None:
    with store.read() as connection:
        before = connection.execute(select(func.count()).select_from(findings)).scalar_one()
        said = connection.execute(select(transcripts.c.body).where(transcripts.c.call_id == 1)).scalar_one()
    assert said[-60:] in on_disk(path)
    done = erase_person(store, ANJA, actor="Cor", folder=None)
    assert ([*done.plan.whole], [*done.plan.nameless], [*done.plan.kept]) == ([], [1, 2], [])
    with store.read() as connection:
        assert [*connection.execute(select(calls.c.agent).order_by(calls.c.id)).scalars()] == [
            None,
            None,
            "Noor",
            "Noor",
        ]
        assert connection.execute(select(func.count()).select_from(findings)).scalar_one() == before
        assert [*connection.execute(select(transcripts.c.call_id)).scalars()] == [3, 4]
        assert [*connection.execute(select(comments.c.text)).scalars()] == ["mooi zo Noor"]
        assert [row.reviewer[:7] for row in connection.execute(select(reviews).order_by(reviews.c.id))] == [
            "Cor",
            "gewist-",
        ]
        for table in (talks, users, uploads, jobs):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
        stratum = connection.execute(select(sample_calls.c.stratum).where(sample_calls.c.call_id == 1)).scalar_one()
        assert stratum.startswith("Balie / gewist-")
        connection.execute(select(samples)).one()
    left = on_disk(path)
    words = (b"mompelde", b"niet zo bedoeld", b"let op je", b"begroeten oefenen", b"Anja-1.wav", b"Ik bel", said[-60:])
    assert [word for word in words if word in left] == []


def test_name_of_an_erased_agent_is_in_the_log_alone(store: Store) -> None:
    erase_person(store, ANJA, actor="Cor", folder=None)
    with store.read() as connection:
        named = {
            table.name
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
            if any("Anja" in str(value) for value in row)
        }
        assert named == {"audit"}
        assert log.first_break(connection) is None
        last = log.entries(connection)[-1]
    assert (last.action, last.subject) == ("erase", "agent")


def test_caller_is_gone_with_all_their_calls_which_are_not_scored_again(store: Store, path: Path) -> None:
    hashed = str(caller(store).caller_hash)
    done = erase_person(store, caller(store), actor="Cor", folder=None)
    assert ([*done.plan.whole], done.plan.others) == ([1, 3], 1)
    with store.read() as connection:
        assert [*connection.execute(select(calls.c.id)).scalars()] == [2, 4]
        assert connection.execute(select(func.count()).select_from(missed_calls)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(erased_calls)).scalar_one() == 2
    left = on_disk(path)
    assert [word for word in (hashed.encode(), b"Ik bel u terug", b"de uitslag") if word in left] == []


def test_own_exercises_of_a_trainee_go_altogether(store: Store) -> None:
    with store.write() as connection:
        connection.execute(update(calls).where(calls.c.id == 2).values(practice=True))
    done = erase_person(store, ANJA, actor="Cor", folder=None)
    assert ([*done.plan.whole], [*done.plan.nameless]) == ([2], [1])


def test_call_that_is_kept_for_a_complaint_stays_as_it_is(store: Store) -> None:
    with store.write() as connection:
        keep_call(connection, 1, until=date.today() + timedelta(days=1), reason="klacht", actor="Cor")
    done = erase_person(store, caller(store), actor="Cor", folder=None)
    assert ([*done.plan.whole], [*done.plan.kept]) == ([3], [1])
    with store.read() as connection:
        assert connection.execute(select(transcripts.c.call_id).where(transcripts.c.call_id == 1)).first() is not None


def test_sound_goes_with_the_words(store: Store, tmp_path: Path) -> None:
    file = tmp_path / SOUNDS / "1.wav"
    file.parent.mkdir()
    file.write_bytes(b"stem")
    with store.write() as connection:
        keep_recording(connection, 1, Kept("1.wav", 4, False))
    erase_person(store, ANJA, actor="Cor", folder=tmp_path)
    assert not file.exists()


def test_erasure_on_each_kind_of_store(store_address: str) -> None:
    call, card = with_promise()
    with open_store(store_address) as store:
        [call_id] = put_in(store, [(call, card)])
        hashed = caller_keys(store).of_number(NUMBER)
        with store.write() as connection:
            connection.execute(update(calls).values(agent="Anja", caller_hash=hashed))
        assert [*erase_person(store, ANJA, actor="Cor", folder=None).plan.nameless] == [call_id]
        assert [*erase_person(store, Person(caller_hash=hashed), actor="Cor", folder=None).plan.whole] == [call_id]
        with store.read() as connection:
            assert log.first_break(connection) is None


# ---- the commands


def test_command_erases_only_when_told_to(path: Path) -> None:
    asked = ["erase-person", "--agent", "Anja", "--store", str(path)]
    told = CliRunner().invoke(main, asked)
    assert "te wissen van Anja: naam en woorden van 2 gesprekken en" in told.output
    assert "Er is niets gewist; doe dat met --yes." in told.output
    with open_store(path) as store, store.read() as connection:
        assert connection.execute(select(calls.c.agent).where(calls.c.id == 1)).scalar_one() == "Anja"
    done = CliRunner().invoke(main, [*asked, "--yes"])
    assert "gewist van Anja: naam en woorden van 2 gesprekken" in done.output
    assert "Wis zelf wat elders ligt" in done.output
    again = CliRunner().invoke(main, [*asked, "--yes"])
    assert "the store has nothing of them" in again.output


def test_command_exports_a_caller_by_number(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "beller.zip"
    done = CliRunner().invoke(main, ["export-person", "--caller", NUMBER, "--out", str(out), "--store", str(path)])
    assert done.output.startswith(f"2 gesprekken van beller in {out}")
    assert out.exists()
