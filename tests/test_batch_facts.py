"""What is known of a batch's calls outside their sound: where it comes from, what goes first and what is kept."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Row, select

from belscore.cli import main
from belscore.errors import BelscoreError, NotationError
from belscore.inputs import find_calls
from belscore.metadata import read_call_table
from belscore.name_pattern import parse_name_pattern
from belscore.sidecars import read_sidecar
from belscore.store.caller_keys import caller_keys
from belscore.store.database import open_store
from belscore.store.tables import calls, jobs, missed_calls

CALL = """# {number}
0.4-4.1 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.
4.3-8.0 caller Goedemorgen, met mevrouw Jansen, tot hoe laat zijn jullie open?
8.4-10.0 agent Tot vijf uur, mevrouw Jansen. Fijne dag nog.
"""
PATTERN = "{started_at:%Y%m%d-%H%M%S}_{department}_{agent}_{direction}"
NAMED = "20251006-091200_balie_Kim_outbound"
NUMBER = "06-98765432"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a folder of one call whose name says something."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "opnamen").mkdir()
    put("opnamen", NAMED)
    return tmp_path


def put(folder: str, name: str, number: int = 0) -> None:
    Path(folder, f"{name}.call").write_text(CALL.format(number=number), encoding="utf-8")


def sidecar(**values: object) -> None:
    Path("opnamen", f"{NAMED}.meta.json").write_text(json.dumps(values), encoding="utf-8")


def batch(*more: str) -> Result:
    return CliRunner().invoke(main, ["batch", "opnamen", "--store", "s.db", "--workers", "1", *more])


def table(text: str) -> str:
    Path("calls.csv").write_text(text, encoding="utf-8")
    return "--calls=calls.csv"


def stored() -> Row[tuple[object, ...]]:
    with open_store("s.db") as store, store.read() as connection:
        return connection.execute(select(calls).order_by(calls.c.id.desc())).first()  # type: ignore[return-value]


# ---- from where


def test_table_goes_before_sidecar_and_that_before_the_name() -> None:
    sidecar(agent="Noor", department="kassa", queue_s=12, after_s="30,5")
    result = batch(table(f"file,agent,ring_s,queue_s\n{NAMED}.call,Anja,4,7\n"), "--name-pattern", PATTERN)
    assert (result.exit_code, result.stderr) == (0, "")
    row = stored()
    assert (row.agent, row.department, row.direction) == ("Anja", "kassa", "outbound")
    assert (row.started_at, row.ring_s, row.queue_s, row.after_s) == (datetime(2025, 10, 6, 9, 12), 4.0, 7.0, 30.5)


def test_moment_with_a_zone_is_the_time_on_the_wall_before_the_call_is_judged() -> None:
    sidecar(started_at="2025-07-01T10:30:00+00:00")
    batch()
    assert stored().started_at == datetime(2025, 7, 1, 12, 30)
    with open_store("s.db") as store, store.read() as connection:
        facts = connection.execute(select(jobs.c.facts)).scalar_one()
    assert json.loads(facts) == {"started_at": "2025-07-01T12:30:00"}


def test_call_of_which_nothing_is_known_is_scored() -> None:
    assert batch().exit_code == 0
    assert (stored().agent, stored().department, stored().caller_hash) == (None, None, None)


def test_name_that_does_not_follow_the_pattern_is_scored_and_told() -> None:
    put("opnamen", "zomaar", 1)
    result = batch("--name-pattern", PATTERN)
    assert result.exit_code == 0
    assert "Beoordeeld: 2" in result.stdout
    assert "Naam past niet bij het patroon: 1" in result.stdout
    assert "zomaar.call" in result.stdout


def test_sidecar_is_no_call_and_a_wrong_one_fails_its_call_until_it_is_mended() -> None:
    sidecar(agnet="Noor")
    assert [file.path.name for file in find_calls(["opnamen"])] == [f"{NAMED}.call"]
    result = batch()
    assert result.exit_code == 2
    assert f"{NAMED}.meta.json: `agnet`: unknown key; use agent, " in result.stdout
    sidecar(agent="Noor")
    assert batch("--retry-failed").exit_code == 0
    assert stored().agent == "Noor"


def test_facts_of_an_earlier_run_stay_when_calls_are_scored_again(tmp_path: Path) -> None:
    batch(table(f"file,agent,queue_s,caller_number\n{NAMED},Anja,5,{NUMBER}\n"))
    before = stored()
    profile = tmp_path / "praktijk.toml"
    profile.write_text('practice = ["Tandarts De Vries"]\n', encoding="utf-8")
    told = batch(f"--profile={profile}")
    assert "ander model, kanaal of profiel en zo gelaten: 1 (--again" in told.stdout
    assert "Opnieuw beoordeeld: 1" in batch(f"--profile={profile}", "--again").stdout
    after = stored()
    assert (after.agent, after.queue_s, after.caller_hash) == ("Anja", 5.0, before.caller_hash)
    assert before.caller_hash is not None


# ---- callers' numbers


@pytest.mark.parametrize("how", ["table", "sidecar"])
def test_callers_number_is_kept_as_a_hash_and_nowhere_in_the_store(how: str, tmp_path: Path) -> None:
    if how == "sidecar":
        sidecar(caller_number=NUMBER)
        option = table("file,answered,caller_number,started_at\n,nee,06-98765432,2025-10-06T09:12\n")
    else:
        option = table(f"file,answered,caller_number\n{NAMED},ja,{NUMBER}\n,nee,{NUMBER}\n")
    result = batch(option)
    with open_store("s.db") as store, store.read() as connection:
        hashed = caller_keys(store).of_number(NUMBER)
        assert connection.execute(select(calls.c.caller_hash)).scalars().all() == [hashed]
        assert connection.execute(select(missed_calls.c.caller_hash)).scalars().all() == [hashed]
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("s.db*")) + result.output.encode()
    assert all(number not in kept for number in (NUMBER.encode(), b"0698765432", b"98765432"))


@pytest.mark.parametrize(
    "text",
    [
        f"file,ring_s\na,{NUMBER}\n", "file,ring_s\na,0698765432\n", f"file,answered\na,{NUMBER}\n",
        f"file,direction\na,{NUMBER}\n", f"file,started_at\na,{NUMBER}\n",
    ],
)  # fmt: skip
def test_number_in_the_wrong_column_is_not_shown(text: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotationError) as error:
        read_call_table(path)
    assert "98765432" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    ['{"caller_number": 698765432}', '{"ring_s": "0698765432"}', '{"0698765432": 1}', '{"agent": 0698765432}'],
)
def test_sidecar_that_is_wrong_does_not_show_a_number(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.meta.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotationError) as error:
        read_sidecar(path)
    assert "98765432" not in str(error.value)


# ---- missed calls


def missed() -> list[tuple[object, ...]]:
    with open_store("s.db") as store, store.read() as connection:
        columns = (missed_calls.c.started_at, missed_calls.c.department, missed_calls.c.ring_s)
        return [tuple(row) for row in connection.execute(select(*columns).order_by(missed_calls.c.id))]


def test_rows_that_nobody_answered_are_missed_calls_once() -> None:
    rows = (
        "file;answered;department;started_at;ring_s;direction\n"
        ";nee;balie;6-10-2025 09:12;20;\n"
        ";nee;balie;6-10-2025 09:12;20;\n"  # another caller in the same minute, both withheld
        "weg.wav;no;;2025-10-06T09:13;;\n"
        ";0;balie;2025-10-06T09:14;30;outbound\n"  # whom we called did not pick up
        f"{NAMED};nee;balie;;;\n"  # there is a recording: of the answering machine
    )
    for _ in range(2):
        batch(table(rows))
    moment = datetime(2025, 10, 6, 9, 12)
    expected = [(moment, "balie", 20.0), (moment, "balie", 20.0), (moment.replace(minute=13), None, None)]
    assert missed() == expected
    result = batch(table(rows + ";nee;balie;6-10-2025 09:20;;\n"))
    assert "Gemiste gesprekken zonder opname toegevoegd: 1" in result.stdout
    assert len(missed()) == 4


def test_row_without_a_file_must_say_that_nobody_answered(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("file,answered\n,ja\n", encoding="utf-8")
    with pytest.raises(NotationError, match="2: file: the cell is empty"):
        read_call_table(path)


# ---- patterns of names


def test_empty_parts_of_a_name_say_nothing() -> None:
    found = parse_name_pattern(PATTERN).read(Path("20251006-091200___inbound.wav"))
    assert found == {"started_at": datetime(2025, 10, 6, 9, 12), "direction": "inbound"}


def test_what_is_to_be_left_out_is() -> None:
    assert parse_name_pattern("{_}-{agent}({ring_s}s)").read(Path("06123-Anja(8,5s).wav")) == {
        "agent": "Anja",
        "ring_s": 8.5,
    }


@pytest.mark.parametrize(
    "name", ["20251306-091200_a_b_inbound", "20251006-091200_a_b_c_inbound", "x20251006-091200_a_b_inbound", "a"]
)
def test_name_that_does_not_follow_the_pattern_says_nothing(name: str) -> None:
    assert parse_name_pattern(PATTERN).read(Path(f"{name}.wav")) is None


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{agent}{department}", "`agent` and `department` touch"),
        ("{naam}", "unknown field `naam`; use started_at, agent"),
        ("{caller_number}", "a caller's number is not read from names"),
        ("{started_at}", "`started_at` needs a form"),
        ("{started_at:%H%M}", "`started_at` needs a form"),
        ("{started_at:%Y%m%d%b}", "`%b` is not known"),
        ("{agent:3}", "`:3` behind `agent` means nothing"),
        ("{agent!r}", "`!r` means nothing here"),
        ("{agent}_{agent}", "`agent` stands twice"),
        ("{agent", "expected '}' before end of string"),
        ("agent", "names no field"),
    ],
)
def test_pattern_that_is_wrong_is_one_line(pattern: str, message: str) -> None:
    with pytest.raises(BelscoreError) as error:
        parse_name_pattern(pattern)
    assert str(error.value).startswith(f"--name-pattern: {message}")
    result = batch("--name-pattern", pattern)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


# ---- the command


def test_failed_files_are_listed_with_the_reason_and_nothing_is_scored() -> None:
    Path("opnamen", "stuk.wav").write_bytes(b"RIFFnothing")
    first = batch()
    assert first.exit_code == 3
    assert "Mislukt: 1 (--retry-failed probeert ze opnieuw)" in first.stdout
    put("opnamen", "nieuw", 3)
    listed = batch("--failed")
    assert (listed.exit_code, listed.stdout.count("\n")) == (0, 1)
    assert "stuk.wav: " in listed.stdout
    assert "Beoordeeld: 1" in batch().stdout


def test_store_that_cannot_be_opened_is_one_line() -> None:
    Path("s.db").write_bytes(b"this is no database at all" * 40)
    result = batch()
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
