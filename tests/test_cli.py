"""The command line as its users meet it: streams, exit codes, files, and what goes wrong."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belscore.call_json import parse_call_json
from belscore.cli import COMMANDS, main
from belscore.cli.work import Settings
from belscore.cli.workers import score_in_workers
from belscore.errors import BelscoreError
from belscore.inputs import find_calls
from belscore.rulebook import load_rules
from belscore.scoring import score_file

GOOD = """
0.4-4.0 agent Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.
4.5-9.0 caller Goedemorgen, met mevrouw Jansen, zijn jullie morgen open?
9.4-13.0 agent Dag mevrouw Jansen, ja hoor, wij zijn morgen open vanaf acht uur.
13.4-15.0 caller Fijn, dank u wel.
15.4-18.0 agent Graag gedaan, mevrouw Jansen, een fijne dag nog, tot ziens.
"""
RUDE = """
0.4-1.0 agent Ja?
1.5-6.0 caller Goedemorgen, met mevrouw Jansen, zijn jullie morgen open?
6.4-8.0 agent Ja, dat weet je toch, kijk jij maar op je computer. Doei.
"""
COMMAND = [sys.executable, "-c", "from belscore.cli import main; main()"]


@pytest.fixture(autouse=True)
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two calls, as the working directory."""
    (tmp_path / "goed.call").write_text(GOOD, encoding="utf-8")
    (tmp_path / "grof.call").write_text(RUDE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def start(*args: str, **environment: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, **environment}
    # A group of its own, so that a test can interrupt all of its processes like a terminal does.
    return subprocess.Popen(
        [*COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, start_new_session=True
    )


def left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.name.endswith(".part")]


# ---- results


def test_one_call_prints_its_scorecard_and_nothing_else() -> None:
    result = run("score", "goed.call")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("goed.call\n")
    assert "van 100" in result.stdout


def test_more_calls_print_a_row_each() -> None:
    result = run("score", ".")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines() if ".call" in line] == ["goed.call", "grof.call"]


def test_json_is_an_object_for_one_call_and_an_array_for_more() -> None:
    one = json.loads(run("score", "goed.call", "--format", "json").stdout)
    more = json.loads(run("score", ".", "--format", "json").stdout)
    assert one["schema"] == "belscore.scorecard/1"
    assert more[0] == {**one, "call": more[0]["call"]}
    assert len(more) == 2


def test_function_gives_the_scorecard_that_the_command_prints() -> None:
    printed = json.loads(run("score", "goed.call", "--format", "json").stdout)
    assert printed == json.loads(json.dumps(score_file("goed.call").to_dict()))


def test_every_rule_has_its_row_in_the_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(run("score", "goed.call", "--format", "csv").stdout)))
    assert [row["rule_id"] for row in rows] == [rule.id for rule in load_rules().rules]


def test_format_follows_the_suffix_of_the_file(calls: Path) -> None:
    for name, beginning in (
        ("a.json", "{"),
        ("a.csv", "source,"),
        ("a.html", "<!doctype html>"),
        ("a.txt", "goed.call"),
    ):
        result = run("score", "goed.call", "--out", name)
        assert (result.exit_code, result.stdout) == (0, "")
        assert (calls / name).read_text(encoding="utf-8").startswith(beginning)


def test_folder_gets_a_page_for_each_call_and_an_index(calls: Path) -> None:
    (calls / "meer").mkdir()
    (calls / "meer" / "goed.call").write_text(RUDE)
    assert run("score", ".", "--format", "html", "--out", "kaarten").exit_code == 0
    names = sorted(path.name for path in (calls / "kaarten").iterdir())
    assert names == ["goed-2.html", "goed.html", "grof.html", "index.html"]


def test_metadata_reaches_the_scorecard(calls: Path) -> None:
    (calls / "lijst.csv").write_text("file;agent;ring_s\ngoed.call;Noor;21\n")
    result = run("score", "goed.call", "--calls", "lijst.csv", "--format", "json")
    assert json.loads(result.stdout)["call"]["agent"] == "Noor"


def test_call_without_a_row_is_mentioned_on_stderr(calls: Path) -> None:
    (calls / "lijst.csv").write_text("file,agent\ngoed.call,Noor\n")
    result = run("score", ".", "--calls", "lijst.csv")
    assert "geen regel voor 1 van 2 gesprekken (grof.call)" in result.stderr
    assert run("score", ".", "--calls", "lijst.csv", "--quiet").stderr == ""


def test_own_rules_are_used(calls: Path, repository: Path) -> None:
    rule = repository / "rules" / "opening" / "opening-begroeting.toml"
    (calls / "regels" / "opening").mkdir(parents=True)
    (calls / "regels" / "opening" / rule.name).write_bytes(rule.read_bytes())
    card = json.loads(run("score", "goed.call", "--rules", "regels", "--format", "json").stdout)
    assert [finding["rule_id"] for finding in card["findings"]] == ["opening-begroeting"]


def test_nothing_is_written_when_nothing_was_scored(calls: Path) -> None:
    (calls / "fout.call").write_text("niets")
    for name in ("a.jsonl", "a.csv", "a.html", "map"):
        assert run("score", "fout.call", "--out", name).exit_code == 2
        assert not (calls / name).exists()


# ---- exit codes and errors


def test_call_under_the_bar_exits_1_and_says_so() -> None:
    result = run("score", ".", "--fail-under", "70")
    assert result.exit_code == 1
    assert result.stderr.startswith("grof.call: scores ")
    assert run("score", ".", "--fail-under", "0").exit_code == 0


@pytest.mark.parametrize("arguments", [
    ["score"], ["scor"], ["score", "x", "--format", "xml"], ["score", "x", "--jobs", "0"], ["score", "weg.call"],
    ["score", "goed.call", "--fail-under", "101"], ["score", "goed.call", "--rules", "leeg"],
    ["score", ".", "--format", "html"], ["score", "goed.call", "--format", "json", "--out", "goed.call"],
    ["score", "goed.call", "--calls", "grof.call"], ["score", "leeg"], ["transcribe", "weg.wav"],
    ["rules", "show", "bestaat-niet"], ["models", "verify", "bestaat-niet"], ["score", "goed.call", "--onbekend"],
])  # fmt: skip
def test_bad_usage_is_one_line_on_stderr_and_exit_2(calls: Path, arguments: list[str]) -> None:
    (calls / "leeg").mkdir()
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert (calls / "goed.call").read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"0-1 niemand hallo\n", b"{", b"0-1 agent caf\xe9\n"])
def test_one_bad_file_costs_itself_only(calls: Path, content: bytes) -> None:
    (calls / "fout.call").write_bytes(content)
    result = run("score", ".", "--format", "jsonl")
    assert result.exit_code == 3
    assert [json.loads(line)["call"]["source"] for line in result.stdout.splitlines()] == ["goed.call", "grof.call"]
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("fout.call:")


@pytest.mark.parametrize("name", ["leeg.wav", "tekst.mp3", "half.json", "lijst.json"])
def test_file_that_is_no_call_is_named_in_the_error(calls: Path, name: str) -> None:
    contents = {
        "leeg.wav": "",
        "tekst.mp3": "geen geluid",
        "half.json": '{"schema": "belscore.call/1"',
        "lijst.json": "[]",
    }
    (calls / name).write_text(contents[name])
    result = run("score", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(name)
    assert len(result.stderr.splitlines()) == 1


def test_traceback_is_shown_only_when_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("boem")

    monkeypatch.setattr("belscore.engine.score_call", fail)
    line = "goed.call: internal error, ZeroDivisionError: boem; run again with --debug and report it\n"
    assert run("score", "goed.call").stderr == line
    debugged = run("score", "goed.call", "--debug")
    assert debugged.stderr.endswith(line)
    assert "Traceback" in debugged.stderr


def test_bad_rules_stop_before_the_first_call(calls: Path) -> None:
    (calls / "regels" / "opening").mkdir(parents=True)
    (calls / "regels" / "opening" / "x.toml").write_text("id = 3")
    result = run("score", ".", "--rules", "regels")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "x.toml" in result.stderr


# ---- processes: streams, signals, locale


def test_output_is_utf8_whatever_the_locale() -> None:
    process = start("score", "goed.call", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")
    assert "“" in stdout.decode("utf-8")


def test_file_name_that_is_no_utf8_does_not_end_the_run(calls: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems hold UTF-8 names only
        (calls / os.fsdecode(b"caf\xe9.call")).write_text(GOOD)
    result = run("score", ".", "--format", "json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)) == len(list(calls.glob("*.call")))


def test_reader_that_has_seen_enough_is_no_error() -> None:
    with start("score", ".", "--format", "jsonl") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.wait(timeout=60), process.stderr.read()) == (0, b"")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_leaves_nothing_half_written(calls: Path, jobs: str) -> None:
    os.mkfifo(calls / "wacht.call")  # reading it waits for ever
    out = calls / "uit.jsonl"
    process = start("score", "goed.call", "wacht.call", "--out", str(out), "--jobs", jobs)
    deadline_s = time.monotonic() + 60
    while not left_behind(calls) and process.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.02)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in stderr
    assert not out.exists()
    assert left_behind(calls) == []


def test_worker_that_dies_costs_its_one_file(calls: Path) -> None:
    for number in range(3):
        (calls / f"meer-{number}.call").write_text(GOOD)
    os.mkfifo(calls / "wacht.call")
    files = find_calls(["wacht.call", "."])
    threading.Thread(target=_kill_a_worker, daemon=True).start()
    outcomes = dict(score_in_workers(files, Settings(), jobs=1))
    assert len(outcomes) == len(files) == 6
    failed = [outcome for outcome in outcomes.values() if isinstance(outcome, BelscoreError)]
    assert [str(error).split(";")[0] for error in failed] == ["wacht.call: the worker process was killed by signal 9"]


def _kill_a_worker() -> None:
    """Kill the first worker once it is stuck on a file that never ends."""
    while not multiprocessing.active_children():
        time.sleep(0.02)
    time.sleep(1.0)
    pid = multiprocessing.active_children()[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_workers_give_the_same_scorecards() -> None:
    alone = run("score", ".", "--format", "json")
    together = start("score", ".", "--format", "json", "--jobs", "2").communicate(timeout=120)
    assert together == (alone.stdout.encode(), b"")


# ---- other commands


def test_transcript_in_json_is_a_line_a_call() -> None:
    lines = run("transcribe", ".").stdout.splitlines()
    assert [parse_call_json(line).source for line in lines] == ["goed.call", "grof.call"]


def test_transcripts_go_into_a_folder(calls: Path) -> None:
    assert run("transcribe", ".", "--out", "tekst").exit_code == 0
    assert parse_call_json((calls / "tekst" / "goed.json").read_text(encoding="utf-8")).turns[0].role == "agent"
    assert run("score", "tekst", "--quiet").exit_code == 0


def test_models_are_listed() -> None:
    result = run("models", "list")
    assert result.exit_code == 0
    assert "large-v3-turbo" in result.stdout


def test_help_lines_are_those_of_the_commands() -> None:
    context = main.make_context("belscore", [], resilient_parsing=True)
    for name, (_, line) in COMMANDS.items():
        command = main.get_command(context, name)
        assert command is not None
        if name != "measure":
            assert command.get_short_help_str(limit=200).rstrip(".") == line.rstrip(".")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['belscore', '--help']\n"
        "from belscore.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted(sys.modules), file=sys.stderr)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "pydantic", "rich", "pandas", "av", "faster_whisper", "jinja2", "multiprocessing"}
    assert not {name for name in heavy if f"'{name}'" in process.stderr}
    assert "Commands:" in process.stdout
