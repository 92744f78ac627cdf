"""Transcripts of other tools on disk: found in folders, told by their content, read whatever wrote them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from belscore.call_json import call_to_dict, parse_call_json
from belscore.cli import main
from belscore.engine import score_call
from belscore.errors import NotationError
from belscore.foreign.files import decoded
from belscore.inputs import CallFile, find_calls, find_recording, read_call
from belscore.notation import parse_call

DATA = Path(__file__).parent / "data" / "foreign"
CALL = "0.0-2.0 agent Goedemorgen.\n2.5-4.0 caller Dag.\n"
CUES = (DATA / "mensen.srt").read_bytes()
WHISPERX = (DATA / "whisperx.json").read_bytes()
CALL_JSON = json.dumps(call_to_dict(parse_call(CALL))).encode()


def folder_of(tmp_path: Path, **files: bytes) -> Path:
    """A folder with files; in a name `__` stands for a full stop."""
    for name, content in files.items():
        (tmp_path / name.replace("__", ".")).write_bytes(content)
    return tmp_path


def found(folder: Path) -> list[tuple[str, str]]:
    return [(file.path.name, file.kind) for file in find_calls([folder])]


def test_folder_gives_the_transcripts_of_other_tools(tmp_path: Path) -> None:
    cpp = (DATA / "whisper_cpp.json").read_bytes()
    other = b'{"segments": [1, 2], "words": 3}'
    folder = folder_of(tmp_path, a__srt=CUES, b__vtt=CUES, c__json=WHISPERX, d__json=cpp, e__json=other, f__txt=CUES)
    kinds = dict.fromkeys(("a.srt", "b.vtt", "c.json", "d.json"), "transcript")
    assert found(folder) == list(kinds.items())


@pytest.mark.parametrize(
    "name", ["a__srt", "a__vtt", "a__json", "a__wav__srt", "a__nl__vtt", "a__mp3__json", "a__nl-NL__srt"]
)
@pytest.mark.parametrize("better", ["a__wav", "a__call"])
def test_transcript_beside_a_recording_or_call_of_its_name_is_no_second_call(
    tmp_path: Path, name: str, better: str
) -> None:
    content = WHISPERX if name.endswith("json") else CUES
    folder = folder_of(tmp_path, **{better: CALL.encode(), name: content})
    assert [name for name, _ in found(folder)] == [better.replace("__", ".")]


def test_of_all_that_a_tool_wrote_of_a_call_the_most_telling_is_read(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a__json=WHISPERX, a__srt=CUES, a__vtt=CUES, b__srt=CUES, b__vtt=CUES, c__srt=CUES)
    assert [name for name, _ in found(folder)] == ["a.json", "b.vtt", "c.srt"]


def test_call_json_goes_before_a_transcript(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a__json=CALL_JSON, a__vtt=CUES)
    assert found(folder) == [("a.json", "json")]


@pytest.mark.parametrize("name", ["a__dat", "a__json", "a__vtt", "a__srt"])
@pytest.mark.parametrize("content", [CUES, WHISPERX, CALL_JSON], ids=["srt", "WhisperX", "call JSON"])
def test_content_decides_whatever_the_suffix_says(tmp_path: Path, name: str, content: bytes) -> None:
    path = folder_of(tmp_path, **{name: content}) / name.replace("__", ".")
    assert read_call(path).turns[0].text.startswith("Goedemorgen")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_whatever_program_saved_it(encoding: str) -> None:
    assert decoded("Patiënt: één moment".encode(encoding)) == "Patiënt: één moment"


def test_letter_cut_in_two_is_one_unknown_letter() -> None:
    assert decoded("één".encode()[:-1] + b"\xc3 ja") == "éé\ufffd ja"


def test_recording_of_a_transcript_is_found_by_the_name_of_the_call(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ma__wav__srt=CUES, ma__wav=b"")
    file = CallFile(folder / "ma.wav.srt", "transcript")
    assert find_recording(file, read_call(file)) == folder / "ma.wav"


def test_json_of_no_known_kind_names_the_file_and_what_to_do(tmp_path: Path) -> None:
    path = folder_of(tmp_path, a__json=b'{"results": 1}') / "a.json"
    with pytest.raises(NotationError, match="JSON without `segments` or `transcription`") as error:
        read_call(path)
    assert error.value.where == str(path)


# ---- commands


def test_score_and_transcribe_take_transcripts(tmp_path: Path) -> None:
    out = tmp_path / "uit"
    done = CliRunner().invoke(main, ["transcribe", str(DATA), "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    assert {path.name for path in out.iterdir()} == {f"{path.stem}.json" for path in DATA.iterdir()}
    scored = CliRunner().invoke(main, ["score", str(DATA / "teams.vtt"), "--format", "json"])
    assert scored.exit_code == 0, scored.stderr
    assert json.loads(scored.stdout)["call"]["agent"] == "Anja Bakker"


@pytest.mark.parametrize("path", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_call_json_made_of_a_transcript_gets_the_same_verdicts(path: Path) -> None:
    call = read_call(path)
    again = parse_call_json(json.dumps(call_to_dict(call)))
    verdicts = [[finding.verdict for finding in score_call(each).findings] for each in (call, again)]
    assert verdicts[0] == verdicts[1]


def test_reader_is_told_what_a_transcript_does_not_measure() -> None:
    done = CliRunner().invoke(main, ["score", str(DATA / "whisperx.srt")])
    assert "over tempo en door elkaar praten is hier niet te oordelen" in " ".join(done.stdout.split())
