"""The sample calls: texts, truth and expectations agree, and the verdicts come out of the text and of the sound."""

from __future__ import annotations

import csv
import importlib.util
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from belscore import syllables
from belscore.call import Call
from belscore.notation import parse_call
from belscore.scorecard import Scorecard
from belscore.scoring import score_file

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CALLS = SAMPLES / "calls"
NAMES = sorted(path.stem for path in CALLS.glob("*.call"))
RECORDINGS = {".wav", ".flac", ".mp3", ".opus", ".m4a"}
RULES = (
    "opening-begroeting", "naam-herkenning", "naam-maximaal-drie", "aanspreekvorm-u", "luisteren-niet-onderbreken",
    "luisteren-herhalen", "tempo-spreeksnelheid", "wacht-bedanken", "klacht-geen-voortijdig-excuus",
    "afsluiting-afscheid",
)  # fmt: skip
MOST_BYTES = 8_000_000
SHORTEST_S, LONGEST_S = 40.0, 120.0
LEAST_AGENT_S = 20.0  # below it the speaking rate is not judged (RULEBOOK.md 14)
CALM_SPS = (3.2, 5.2)  # of speaking time; the turns here still hold short pauses


def recording(name: str) -> Path:
    (found,) = (path for path in CALLS.glob(f"{name}.*") if path.suffix in RECORDINGS)
    return found


def expected(name: str) -> dict[str, Any]:
    return tomllib.loads((CALLS / f"{name}.expected.toml").read_text(encoding="utf-8"))


def truth(name: str) -> Call:
    return parse_call((CALLS / f"{name}.call").read_text(encoding="utf-8"), source=name)


def speaking_s(call: Call) -> float:
    return sum(turn.end_s - turn.start_s for turn in call.turns_of("agent"))


def differing(card: Scorecard, name: str, *, leave_out: tuple[str, ...] = ()) -> list[str]:
    """Where a scorecard departs from the expected verdicts and measures of a sample."""
    wanted = expected(name)
    found = [
        f"{rule}: {card.finding(rule).verdict}, not {verdict}"
        for rule, verdict in wanted["verdicts"].items()
        if rule not in leave_out and card.finding(rule).verdict != verdict
    ]
    for measure, band in wanted["measures"].items():
        value = getattr(card.measures, measure)
        if value is None or abs(value - band["value"]) > band["tolerance"]:
            found.append(f"{measure}: {value}, not {band['value']} within {band['tolerance']}")
    return found


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """samples/generator/script.py, which is no package."""
    spec = importlib.util.spec_from_file_location("samples_script", SAMPLES / "generator" / "script.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_samples_are_of_every_kind_and_small_enough() -> None:
    recordings = [recording(name) for name in NAMES]
    assert {path.suffix for path in recordings} == RECORDINGS
    assert sum(path.stat().st_size for path in recordings) < MOST_BYTES


def test_every_rule_passes_in_one_sample_and_fails_in_another() -> None:
    verdicts = [expected(name)["verdicts"] for name in NAMES]
    for rule in RULES:
        assert {"pass", "fail"} <= {verdict[rule] for verdict in verdicts}, rule


@pytest.mark.parametrize("name", NAMES)
def test_expectations_are_well_formed(name: str) -> None:
    wanted = expected(name)
    assert set(wanted) <= {"situations", "not_from_audio", "verdicts", "measures"}
    assert tuple(wanted["verdicts"]) == RULES
    assert set(wanted["verdicts"].values()) <= {"pass", "fail", "not_applicable"}
    assert set(wanted.get("not_from_audio", ())) <= set(RULES)
    heard = set(RULES) - set(wanted.get("not_from_audio", ()))
    fails = {rule for rule, verdict in wanted["verdicts"].items() if verdict == "fail"}
    assert not fails or fails & heard, "the sample shows a fault that its recording need not show"


@pytest.mark.parametrize("name", NAMES)
def test_truth_follows_the_text(name: str, script: ModuleType) -> None:
    written = script.read_script(SAMPLES / "generator" / "texts" / f"{name}.toml")
    said = [event for event in written.events if isinstance(event, script.Said)]
    other = {"agent": "caller", "caller": "agent"}
    texts = [(event.by, " ".join(event.parts)) for event in said]
    texts += [(other[event.by], signal) for event in said for signal in event.signals if signal]
    assert sorted((turn.role, turn.text) for turn in truth(name).turns) == sorted(texts)


@pytest.mark.parametrize("name", NAMES)
def test_truth_lies_inside_the_recording(name: str) -> None:
    import av

    with av.open(str(recording(name))) as container:
        stream = container.streams.audio[0]
        assert stream.channels == 2
        assert container.duration is not None
        duration_s = container.duration / av.time_base
    call = truth(name)
    assert SHORTEST_S <= duration_s <= LONGEST_S
    assert 0.5 <= duration_s - call.duration_s <= 2.0
    for role in ("agent", "caller"):
        turns = call.turns_of(role)
        assert all(before.end_s < after.start_s for before, after in pairwise(turns))


@pytest.mark.parametrize("name", NAMES)
def test_the_agent_says_enough_at_a_calm_rate_unless_that_is_the_fault(name: str) -> None:
    call = truth(name)
    spoken = sum(syllables.count(word.text) for turn in call.turns_of("agent") for word in turn.words)
    assert speaking_s(call) >= LEAST_AGENT_S
    too_fast = expected(name)["verdicts"]["tempo-spreeksnelheid"] == "fail"
    assert (CALM_SPS[0] <= spoken / speaking_s(call) <= CALM_SPS[1]) != too_fast


def test_the_table_of_calls_says_what_the_truth_says() -> None:
    with (SAMPLES / "calls.csv").open(encoding="utf-8", newline="") as file:
        rows = {Path(row["file"]).stem: row for row in csv.DictReader(file)}
    assert sorted(rows) == NAMES
    for name, row in rows.items():
        call = truth(name)
        assert row["file"] == recording(name).name
        assert call.started_at is not None
        assert row["started_at"] == call.started_at.isoformat(timespec="minutes")
        assert (row["agent"], row["department"], float(row["ring_s"])) == (call.agent, call.department, call.ring_s)


@pytest.mark.parametrize("name", NAMES)
def test_verdicts_from_the_text(name: str) -> None:
    card = score_file(CALLS / f"{name}.call")
    assert differing(card, name) == []
    assert set(card.situations) == set(expected(name)["situations"])


@pytest.mark.model
@pytest.mark.parametrize("name", NAMES)
def test_verdicts_from_the_sound(name: str) -> None:
    card = score_file(recording(name), model="base")
    assert differing(card, name, leave_out=tuple(expected(name).get("not_from_audio", ()))) == []
