"""Texts from outside: whatever stands in them, they are read or refused in one line, and what is written reads back."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from belscore import load_rules, score_call
from belscore.call import Call
from belscore.call_json import call_to_dict, parse_call_json
from belscore.errors import BelscoreError, NotationError, RuleError
from belscore.foreign.reading import read_transcript
from belscore.metadata import read_call_table
from belscore.notation import format_call, parse_call
from belscore.profile import load_profile
from belscore.report.csv import format_csv
from belscore.report.html import format_page
from belscore.rule_schema import RuleFile
from belscore.rulebook import default_folder, rule_paths
from belscore.sidecars import read_sidecar
from belscore.toml_data import validated

# The same examples each time, and few: what they find is kept as an @example or a test of its own.
SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
TEXT = st.text(max_size=40)
NAME = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=20)
HOSTILE = st.sampled_from([
    "", "\0", "\x1b[31m", "\u202e", "\u2028", "\ufeff", "\ud800", "nan", "inf", "-1", "1e400", "9" * 400, "٣", "#",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "0001-01-01", "2025-02-30", "24:00", "=1+1", "<b>",
    "../../etc/passwd",
    "[" * 2000, "{" * 50, "'" * 3, '"' * 3, "\\", "%s%n", "{0}", "\r", "\t",
])  # fmt: skip
TOKEN = st.one_of(HOSTILE, TEXT)


def _spoiled(lines: list[str]) -> st.SearchStrategy[str]:
    """A text of these lines in which some are repeated, left out, cut, or have something put into them."""
    line = st.sampled_from(lines)
    broken = st.builds(lambda text, at, token: text[: at % (len(text) + 1)] + token, line, st.integers(0, 99), TOKEN)
    inside = st.builds(
        lambda text, at, token: f"{text[: at % (len(text) + 1)]}{token}{text[at % (len(text) + 1) :]}",
        line,
        st.integers(0, 99),
        TOKEN,
    )
    return st.lists(st.one_of(line, line, broken, inside), max_size=12).map("\n".join)


def _check_told(error: BelscoreError, where: str) -> None:
    assert str(error).startswith(where)
    assert len(str(error).splitlines()) == 1


CALL_LINES = [
    "@direction outbound", "@started_at 2025-10-06T09:12", "@ring_s 8", "@channels mixed", "@ended_by caller",
    "@practice tandarts De Vries", "@agent Anja", "@department balie", "# een opmerking",
    "0.4-4.1 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.",
    "4.3-8.0 caller Goedemorgen, met mevrouw Jansen, ik wil graag een afspraak maken.",
    "7.8-8.2 agent  ja", "9-10 colleague Dag.", "1e3-1e4 system Welkom.", "1000.125-2000.5 caller Hallo?",
]  # fmt: skip


@SETTINGS
@given(st.one_of(_spoiled(CALL_LINES), st.text(max_size=200)))
def test_notation_is_read_or_refused_and_reads_back(text: str) -> None:
    try:
        call = parse_call(text, source="een.call")
    except NotationError as error:
        _check_told(error, "een.call")
        return
    assert parse_call(format_call(call), source="een.call") == call


TIMES = st.floats(0, 20_000, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def _calls(draw: st.DrawFn) -> Call:
    """Calls as the program makes them: words of any letters, times to the millisecond."""
    word = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
    said = st.lists(word.filter(lambda each: not each.startswith("#")), min_size=1, max_size=5).map(" ".join)
    turns = []
    for _ in range(draw(st.integers(1, 4))):
        start_s = draw(TIMES)
        role = draw(st.sampled_from(["agent", "caller", "colleague", "system"]))
        turns.append(f"{start_s:.3f}-{start_s + draw(st.integers(1, 9999)) / 1000:.3f} {role} {draw(said)}")
    return parse_call("\n".join(turns), source="een.call")


@SETTINGS
@given(_calls())
def test_call_reads_back_as_it_was_written(call: Call) -> None:
    assert parse_call(format_call(call), source="een.call") == call
    assert parse_call_json(json.dumps(call_to_dict(call))) == call


WHOLE: dict[str, Any] = {
    "schema": "belscore.call/1",
    "source": "a.wav",
    "duration_s": 9.0,
    "direction": "inbound",
    "started_at": "2025-10-06T09:12:00",
    "ring_s": 8,
    "ended_by": "caller",
    "channels": "separate",
    "role_confidence": 0.9,
    "turns": [
        {"role": "agent", "start_s": 0.4, "end_s": 4.1, "text": "Goedemorgen, u spreekt met Anja.", "words": None},
        {
            "role": "caller",
            "start_s": 4.3,
            "end_s": 8.0,
            "text": "Dag.",
            "words": [{"text": "Dag.", "start_s": 4.3, "end_s": 8.0, "probability": 0.5}],
        },
    ],
    "speech": {"agent": [[0.4, 4.1]], "caller": [[4.3, 8.0]]},
    "holds": [[1.0, 2.0]],
    "rings": [],
    "agent": "Anja",
    "quality": {"lost_s": 0.0, "rate_hz": 8000, "level_dbov": {"agent": -20.0}, "clipped": 0.0, "notes": ["x"]},
    "sound": {"agent": {"speech": [[0.4, 4.1]], "nuclei": [0.5], "peaks": [3]}},
    "listened": [{"turn_s": 0.4, "text": "Dag", "start": 0, "end": 1, "asked": ["Dag"], "margin": 1.0, "own": -1.0}],
    "removed": [{"turn": 0, "word": 1, "kind": "name", "number": 1, "stand_in": []}],
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    TOKEN,
    st.lists(st.floats(), max_size=3),
    st.just({}),
    st.just([[]]),
)


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a JSON document stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in items for place in _places(each, (*path, key)))]


def _changed(value: Any, place: tuple[Any, ...], put: object) -> Any:
    if not place:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _changed(copy[place[0]], place[1:], put)
    return copy


@SETTINGS
@given(st.sampled_from(_places(WHOLE)), VALUES)
def test_call_json_with_any_value_is_read_or_refused(place: tuple[Any, ...], put: object) -> None:
    text = json.dumps(_changed(WHOLE, place, put))
    try:
        call = parse_call_json(text, source="een.json")
    except NotationError as error:
        _check_told(error, "een.json")
        return
    again = parse_call_json(json.dumps(call_to_dict(call)), source="een.json")
    assert again == call


@settings(SETTINGS, max_examples=5)
@given(st.sampled_from(_places(WHOLE)), VALUES)
def test_call_json_that_is_read_is_scored_and_shown(place: tuple[Any, ...], put: object) -> None:
    try:
        call = parse_call_json(json.dumps(_changed(WHOLE, place, put)), source="een.json")
    except NotationError:
        return
    card = score_call(call)
    assert card.score is None or 0 <= card.score <= 100
    format_csv([card])
    format_page(call, card)


@SETTINGS
@given(st.one_of(st.text(max_size=200), st.binary(max_size=50).map(lambda raw: raw.decode("latin-1"))))
def test_text_that_is_no_call_json_is_refused(text: str) -> None:
    with pytest.raises(NotationError):
        parse_call_json(text)


CUE_LINES = [
    "WEBVTT", "", "1", "00:00:01.000 --> 00:00:04.000", "00:00:05,000 --> 00:00:07,500", "<v Anja>Goedemorgen.",
    "SPEAKER_00: dag", "NOTE niets", "99:99:99.999 --> 00:00:00.000",
]  # fmt: skip
WHISPER = {
    "text": " Dag.",
    "language": "nl",
    "segments": [
        {"id": 0, "start": 0.0, "end": 2.0, "text": " Goedemorgen, met Anja.", "avg_logprob": -0.2, "speaker": "A",
         "words": [{"word": " Goedemorgen,", "start": 0.0, "end": 1.0, "probability": 0.9}]},
        {"id": 1, "start": 2.0, "end": 4.0, "text": " Dag, met Jansen."},
    ],
}  # fmt: skip


@SETTINGS
@given(
    st.one_of(
        _spoiled(CUE_LINES),
        st.text(max_size=100),
        st.builds(
            lambda place, put: json.dumps(_changed(WHISPER, place, put)), st.sampled_from(_places(WHISPER)), VALUES
        ),
    )
)
def test_transcript_of_another_tool_is_read_or_refused(text: str) -> None:
    try:
        call = read_transcript(text, source="een.vtt")
    except NotationError as error:
        _check_told(error, "een.vtt")
        return
    assert call.duration_s > 0
    # Probabilities are written to three places.
    again = parse_call_json(json.dumps(call_to_dict(call)))
    assert [turn.text for turn in again.turns] == [turn.text for turn in call.turns]


def _written(read: Callable[[Path], object], name: str, text: str, error: type[BelscoreError]) -> object:
    """What reading a file of this text gives; None when it was refused with the file's name in one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            return read(path)
        except error as told:
            _check_told(told, str(path))
            return None


TABLE_LINES = [
    "file,agent,department,started_at,direction,ring_s", "file;agent;queue_s;after_s;caller_number;answered",
    "a.wav,Anja,balie,2025-10-06T09:12,inbound,8", "b.wav;Bert;3,5;10;0612345678;ja", ";;;;;nee", '"a,b.wav",Anja',
    "../c.wav,Anja", "map/d.wav,Anja,,6-10-2025 09:12,outbound,2",
]  # fmt: skip


@SETTINGS
@given(_spoiled(TABLE_LINES))
def test_metadata_table_is_read_or_refused(text: str) -> None:
    def read(path: Path) -> object:
        table = read_call_table(path)
        return table.find(path.with_name("a.wav"))

    _written(read, "gesprekken.csv", text, NotationError)


@SETTINGS
@given(st.sampled_from(["agent", "started_at", "direction", "ring_s", "answered", "x"]), VALUES)
def test_sidecar_is_read_or_refused(key: str, value: object) -> None:
    _written(read_sidecar, "a.meta.json", json.dumps({key: value}), NotationError)


PROFILE_LINES = Path(__file__).parents[1].joinpath("samples/praktijk.toml").read_text(encoding="utf-8").splitlines()


@SETTINGS
@given(_spoiled([each for each in PROFILE_LINES if each]))
def test_profile_is_read_or_refused(text: str) -> None:
    _written(load_profile, "praktijk.toml", text, RuleError)


RULES = [path.read_text(encoding="utf-8").splitlines() for path in rule_paths(default_folder())[::9]]


@SETTINGS
@given(st.sampled_from(RULES), st.integers(0, 10**6), st.integers(0, 200), TOKEN)
def test_rule_with_a_line_spoiled_is_read_or_refused(lines: list[str], number: int, at: int, put: str) -> None:
    place = number % len(lines)
    text = "\n".join([*lines[:place], lines[place][:at] + put + lines[place][at:], *lines[place + 1 :]])
    _written(lambda path: validated(RuleFile, path), "regel.toml", text, RuleError)


@SETTINGS
@given(TOKEN, NAME, st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_names_of_any_letters_are_kept_in_call_json(source: str, name: str, moment: datetime) -> None:
    values = {**WHOLE, "agent": name, "started_at": moment.isoformat(), "source": source or "a.wav"}
    try:
        call = parse_call_json(json.dumps(values))
    except NotationError:
        return
    assert call.agent == name


def test_default_rules_are_read() -> None:
    assert load_rules().rules
