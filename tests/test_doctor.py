"""The examination of an installation: what is well is told as such, what is wrong is found, with what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from belscore import doctor
from belscore.cli import main
from belscore.doctor import Found, examine, examined, is_well
from belscore.encryption.keys import FILE_VARIABLE, new_key_file
from belscore.errors import BelscoreError
from belscore.report.administration import doctor_line, format_doctor, texts
from belscore.store.caller_keys import caller_keys
from belscore.store.database import open_store
from belscore.store.tables import audit, calls
from belscore.wall_clock import this_second
from made_store import filled_file, made_calls

# What takes a while, and what other tests look at.
SLOW = ("models", "decoder", "sandbox")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_file(tmp_path_factory.mktemp("made") / "belscore.db", made_calls([True]))


@pytest.fixture
def path(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SLOW:
        monkeypatch.setattr(doctor, f"_{name}", lambda: iter(()))
    return Path(shutil.copy(made, tmp_path / "belscore.db"))


def found_in(path: Path, check: str, *, profile: Path | None = None) -> list[tuple[str, str]]:
    """State and key of what a check finds."""
    return [(each.state, each.key) for each in examine(str(path), profile, None) if each.check == check]


def test_sound_installation_is_well(path: Path) -> None:
    found = list(examine(str(path), None, None))
    assert is_well(found)
    assert {each.check for each in found} >= {"program", "rules", "cache", "temp", "extras", "clock"}
    assert {each.check for each in found} >= {"store", "disk", "key", "audit", "retention", "recordings"}
    assert format_doctor(found).endswith("alles wat nodig is, werkt\n")


def test_decoder_and_what_confines_it_are_tried() -> None:
    assert [each.key for each in doctor._decoder()] == ["ok"]
    assert [each.state for each in doctor._sandbox()] != ["wrong"]


def test_machine_without_a_model_is_told_to_fetch_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BELSCORE_MODELS", str(tmp_path))
    found = list(doctor._models())
    assert [each.key for each in found] == ["none"]
    assert doctor_line(found[0])[3] == "haal er een op met `belscore models fetch`"
    assert not is_well(found)


def test_store_that_is_not_there_yet_is_no_fault(path: Path) -> None:
    assert found_in(path.with_name("nieuw.db"), "store") == [("note", "none")]
    assert not path.with_name("nieuw.db").exists()


def test_file_that_is_no_store_is_wrong(path: Path) -> None:
    path.write_text("Boodschappen: melk, brood, kaas.\n" * 100)
    [found] = [each for each in examine(str(path), None, None) if each.check == "store"]
    assert found.state == "wrong"
    assert "file is not a database" in str(found.values["error"])


def test_damaged_store_is_wrong(path: Path) -> None:
    with open_store(path) as store:
        raw = store.engine.raw_connection()
        raw.cursor().execute("pragma foreign_keys = off")
        raw.cursor().execute("delete from calls")
        raw.close()
    assert found_in(path, "store") == [("wrong", "damaged")]


@pytest.mark.skipif(os.name != "posix", reason="files have other permissions there")
def test_store_that_others_may_read_is_wrong_and_how_to_shut_it(path: Path) -> None:
    path.chmod(0o644)
    [found] = [each for each in examine(str(path), None, None) if each.values.get("path") == path]
    assert found.state == "wrong"
    assert doctor_line(found)[3] == f"chmod 600 {path}"


def test_keys_are_asked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_in(path, "key") == [("note", "plain")]
    key = path.with_name("belscore.key")
    new_key_file(key)
    monkeypatch.setenv(FILE_VARIABLE, str(key))
    assert found_in(path, "key") == [("note", "stale")]
    key.unlink()
    assert found_in(path, "store") == [("wrong", "error")]


def test_lost_key_of_the_caller_hashes_is_wrong(path: Path) -> None:
    with open_store(path) as store:
        caller_keys(store)
    assert found_in(path, "key") == [("note", "plain")]
    path.with_name("belscore.db.hash-key").unlink()
    assert found_in(path, "key") == [("wrong", "error")]


def test_broken_log_and_entries_of_the_future_are_wrong(path: Path) -> None:
    with open_store(path) as store, store.write() as connection:
        from belscore.store.audit import note

        note(connection, "Cor", "view", "call 1")
        connection.execute(update(audit).values(actor="Eva"))
        connection.execute(update(calls).values(added_at=this_second() + timedelta(days=3)))
    assert found_in(path, "audit") == [("wrong", "broken")]
    assert ("wrong", "future") in found_in(path, "clock")


def test_lifetimes_that_nobody_sees_to_are_told(path: Path) -> None:
    with open_store(path) as store, store.write() as connection:
        connection.execute(update(calls).values(added_at=this_second() - timedelta(days=90)))
    assert found_in(path, "retention") == [("note", "due")]


def test_profile_that_is_not_valid_is_wrong(path: Path, tmp_path: Path) -> None:
    profile = tmp_path / "praktijk.toml"
    profile.write_text("agents = 3\n")
    assert found_in(path, "rules", profile=profile) == [("ok", "ok"), ("wrong", "error")]
    profile.write_text('agents = ["Anja"]\n')
    assert found_in(path, "rules", profile=profile) == [("ok", "ok"), ("ok", "profile")]


def test_full_disk_is_wrong_and_a_small_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((10**7, "wrong"), (5 * 10**8, "note"), (10**10, "ok")):
        monkeypatch.setattr(doctor, "disk_usage", lambda _folder, free=free: shutil._ntuple_diskusage(0, 0, free))
        assert doctor.room("disk", tmp_path).state == state


def test_clock_that_is_set_meanwhile_or_has_lost_its_year_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    started = time.time() - time.monotonic()
    assert "slipped" in [each.key for each in doctor._clock(started - 30.0)]
    assert "slipped" not in [each.key for each in doctor._clock(started)]
    monkeypatch.setattr(doctor, "FIRST_YEAR", 2090)
    assert [each.key for each in doctor._clock(started)] == ["year"]


def test_check_that_fails_otherwise_is_a_finding() -> None:
    def known() -> Iterator[Found]:
        yield from ()
        raise BelscoreError("is gone", where="a", do="restore it")

    def unknown() -> Iterator[Found]:
        yield Found("rules", "ok", values={"count": 1})
        raise RuntimeError("kapot")

    assert [each.values for each in examined("rules", known)] == [{"error": "a: is gone; restore it"}]
    assert [doctor_line(each)[2] for each in examined("rules", unknown)] == ["1 regels, in orde", "RuntimeError: kapot"]


def test_every_finding_has_its_words() -> None:
    """Of every `Found(...)` in the code, and of the error that each check may raise."""
    source = "".join(Path(doctor.__file__).with_name(name).read_text() for name in ("doctor.py", "doctor_store.py"))
    used = {(check, key or "ok") for check, key in re.findall(r'Found\(\s*"(\w+)", "\w+"(?:, "(\w+)")?', source)}
    assert len(used) > 30
    what, do = texts("doctor_what"), texts("doctor_do")
    told = {(check, key) for check, key in used if key != "error"}
    assert {f"{check}_{key}" for check, key in told} <= set(what)
    assert {check for check, _ in used} <= set(texts("doctor_check"))
    assert all(name in what or name.endswith("_error") for name in do)


def test_command_tells_by_its_exit_code(path: Path) -> None:
    told = CliRunner().invoke(main, ["doctor", "--store", str(path)])
    assert told.exit_code == 0
    assert re.search(rf"^ok      opslag: {re.escape(str(path))}, heel; gesprekken: 1$", told.output, re.MULTILINE)
    path.write_text("geen opslag" * 1000)
    told = CliRunner().invoke(main, ["doctor", "--store", str(path), "--format", "json"])
    assert told.exit_code == 1
    [store] = [each for each in json.loads(told.output) if each["check"] == "store"]
    assert store["state"] == "wrong"


def test_store_on_a_server_is_examined(store_address: str, path: Path) -> None:
    assert path.exists()
    open_store(store_address).engine.dispose()
    found = [each for each in examine(store_address, None, None) if each.check in ("store", "audit", "retention")]
    assert [each.state for each in found] == ["ok", "ok", "ok"]
