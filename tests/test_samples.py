"""The sample calls: texts, truth and expectations agree, and the verdicts come out of the text and of the sound."""

from __future__ import annotations

import csv
import importlib.util
import os
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from belscore import syllables
from belscore.call import Call
from belscore.metadata import read_call_table
from belscore.notation import parse_call
from belscore.rulebook import load_rules
from belscore.samples import Sample, Source, compare, find_samples
from belscore.scorecard import Scorecard
from belscore.scoring import score_with_call

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CALLS = SAMPLES / "calls"
TABLE = SAMPLES / "calls.csv"
ALL = {sample.name: sample for sample in find_samples([SAMPLES])}
NAMES = sorted(ALL)
RULE_SET = load_rules()
RULES = tuple(rule.id for rule in RULE_SET.rules)
FEWEST = 20
MOST_BYTES = 25_000_000
SHORTEST_S, LONGEST_S = 40.0, 150.0
LONGEST_ON_HOLD_S = 200.0  # a wait of two minutes needs the time
LEAST_AGENT_S = 20.0  # below it the speaking rate is not judged (RULEBOOK.md 14)
CALM_SPS = (3.2, 5.2)  # of speaking time; the turns here still hold short pauses
CODECS = {"pcm_alaw", "pcm_mulaw", "adpcm_ima_wav", "adpcm_g722", "flac", "mp3", "aac", "opus", "amr_nb"}
FEWEST_WAV = 4


def recording(name: str) -> Path:
    path = ALL[name].recording
    assert path is not None
    return path


def truth(name: str) -> Call:
    return parse_call((CALLS / f"{name}.call").read_text(encoding="utf-8"), source=name)


def speaking_s(call: Call) -> float:
    return sum(turn.end_s - turn.start_s for turn in call.turns_of("agent"))


def differing(sample: Sample, card: Scorecard, source: Source) -> list[str]:
    return [f"{each.item}: {each.message}" for each in compare(sample, card, source) if not each.ok]


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


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_a_recording_a_truth_and_a_text_to_make_them_from(name: str) -> None:
    assert ALL[name].recording is not None
    assert ALL[name].text == CALLS / f"{name}.call"
    assert (SAMPLES / "generator" / "texts" / f"{name}.toml").is_file()


def test_no_text_lacks_its_sample() -> None:
    assert sorted(path.stem for path in (SAMPLES / "generator" / "texts").glob("*.toml")) == NAMES


def test_the_samples_are_many_of_every_kind_and_small_enough() -> None:
    import av

    recordings = [recording(name) for name in NAMES]
    codecs = set()
    for path in recordings:
        with av.open(str(path)) as container:
            codecs.add(container.streams.audio[0].codec_context.codec.canonical_name)
    assert len(recordings) >= FEWEST
    assert codecs == CODECS
    assert sum(path.suffix == ".wav" for path in recordings) >= FEWEST_WAV
    assert sum(path.stat().st_size for path in recordings) < MOST_BYTES


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_passes_in_one_sample_and_fails_in_another(rule: str) -> None:
    verdicts = {sample.expected.verdicts[rule] for sample in ALL.values()}
    assert {"pass", "fail"} <= verdicts


@pytest.mark.parametrize("name", NAMES)
def test_expectations_say_something_of_every_rule(name: str) -> None:
    expected = ALL[name].expected
    assert tuple(expected.verdicts) == RULES
    assert set(expected.not_from_audio) <= set(RULES)
    assert expected.situations is not None
    assert expected.measures


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_shows_some_of_the_faults_of_its_text(name: str) -> None:
    expected = ALL[name].expected
    faults = {rule for rule, verdict in expected.verdicts.items() if verdict == "fail"}
    if truth(name).channels == "separate":
        assert not faults or faults - set(expected.not_from_audio)


@pytest.mark.parametrize("name", NAMES)
def test_truth_follows_the_text(name: str, script: ModuleType) -> None:
    written = script.read_script(SAMPLES / "generator" / "texts" / f"{name}.toml")
    said = [event for event in written.events if isinstance(event, script.Said)]
    texts = [(event.by, " ".join(event.parts)) for event in said]
    texts += [
        ("agent" if event.by == "caller" else "caller", signal) for event in said for signal in event.signals if signal
    ]
    assert sorted((turn.role, turn.text) for turn in truth(name).turns) == sorted(texts)


@pytest.mark.parametrize("name", NAMES)
def test_truth_lies_inside_the_recording(name: str) -> None:
    import av

    call = truth(name)
    with av.open(str(recording(name))) as container:
        stream = container.streams.audio[0]
        assert stream.channels == (1 if call.channels == "mixed" else 2)
        duration_s = sum(frame.samples / frame.sample_rate for frame in container.decode(stream))
    waits = ALL[name].expected.verdicts["wacht-duur"] != "not_applicable"
    assert SHORTEST_S <= duration_s <= (LONGEST_ON_HOLD_S if waits else LONGEST_S)
    assert 0.5 <= duration_s - call.duration_s <= 2.0
    for role in ("agent", "caller", "colleague", "system"):
        turns = call.turns_of(role)
        assert all(before.end_s < after.start_s for before, after in pairwise(turns))


@pytest.mark.parametrize("name", NAMES)
def test_the_agent_says_enough_at_a_calm_rate_unless_that_is_the_fault(name: str) -> None:
    call = truth(name)
    spoken = sum(syllables.count(word.text) for turn in call.turns_of("agent") for word in turn.words)
    assert speaking_s(call) >= LEAST_AGENT_S
    too_fast = ALL[name].expected.verdicts["tempo-spreeksnelheid"] == "fail"
    assert (CALM_SPS[0] <= spoken / speaking_s(call) <= CALM_SPS[1]) != too_fast


def test_the_table_of_calls_says_what_the_truth_says(script: ModuleType) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {Path(row["file"]).stem: row for row in csv.DictReader(file)}
    assert sorted(rows) == NAMES
    for name, row in rows.items():
        call = truth(name)
        written = script.read_script(SAMPLES / "generator" / "texts" / f"{name}.toml")
        assert row["file"] == recording(name).name
        assert call.started_at is not None
        assert row["started_at"] == call.started_at.isoformat(timespec="minutes")
        assert (row["agent"], row["department"]) == (call.agent, call.department)
        assert (row["direction"] or "inbound") == call.direction
        known = call.ring_s is not None and not written.begins_with_ringing
        assert row["ring_s"] == (f"{call.ring_s:g}" if known else "")


def test_ring_tones_in_a_recording_last_as_long_as_its_truth_says(script: ModuleType) -> None:
    for name in NAMES:
        written = script.read_script(SAMPLES / "generator" / "texts" / f"{name}.toml")
        if written.begins_with_ringing:
            ring_s = truth(name).ring_s
            assert ring_s is not None
            assert int(ring_s // 5) + 1 == written.events[0].count


@pytest.mark.parametrize("name", NAMES)
def test_verdicts_from_the_text(name: str) -> None:
    card = score_with_call(CALLS / f"{name}.call", rules=RULE_SET).card
    assert differing(ALL[name], card, "text") == []


@pytest.mark.model
@pytest.mark.parametrize("name", NAMES)
def test_verdicts_from_the_sound(name: str) -> None:
    # Side by side with other tests, a recording on one thread each: they share the cores as it is.
    threads = 1 if "PYTEST_XDIST_WORKER" in os.environ else 0
    table = read_call_table(TABLE)
    card = score_with_call(recording(name), rules=RULE_SET, model="base", table=table, threads=threads).card
    assert differing(ALL[name], card, "audio") == []
