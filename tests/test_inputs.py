"""Finding and reading calls on disk, and the table of metadata."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from belscore.call_json import call_to_dict
from belscore.errors import BelscoreError, NotationError
from belscore.inputs import CallFile, find_calls, find_recording, read_call
from belscore.metadata import read_call_table
from belscore.notation import parse_call

TEXT = "@agent Kim\n0.0-2.0 agent Goedemorgen, één moment.\n"


def call_json(source: str = "opname.wav") -> str:
    return json.dumps(call_to_dict(parse_call(TEXT, source=source)))


def names(files: list[CallFile], root: Path) -> list[str]:
    return [file.path.relative_to(root).as_posix() for file in files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one of everything."""
    for name in ("b.call", "sub/c.CALL", "a.call", "a.wav", ".weg.call", ".git/d.call", "notes.txt", "sub/e.OPUS"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(TEXT, encoding="utf-8")
    (tmp_path / "call.json").write_text(call_json(), encoding="utf-8")
    (tmp_path / "other.json").write_text('{"schema": "belscore.scorecard/1"}', encoding="utf-8")
    (tmp_path / "list.json").write_text("[1, 2]", encoding="utf-8")
    return tmp_path


def test_folder_gives_its_calls_sorted(folder: Path) -> None:
    assert names(find_calls([folder]), folder) == ["a.wav", "b.call", "call.json", "sub/c.CALL", "sub/e.OPUS"]


def test_recording_goes_before_its_transcript_in_a_folder_only(folder: Path) -> None:
    assert [file.kind for file in find_calls([folder]) if file.path.stem == "a"] == ["audio"]
    assert find_calls([folder / "a.call"]) == [CallFile(folder / "a.call", "notation")]


def test_call_named_twice_is_found_once_in_the_order_given(folder: Path) -> None:
    paths = [folder / "b.call", folder, folder / "sub" / ".." / "b.call"]
    assert names(find_calls(paths), folder)[:2] == ["b.call", "a.wav"]
    assert len(find_calls(paths)) == 5


def test_folder_without_calls_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hallo")
    with pytest.raises(BelscoreError, match="the folder holds no calls") as error:
        find_calls([tmp_path])
    assert error.value.where == str(tmp_path)


def test_errors_of_paths_can_be_collected(folder: Path) -> None:
    errors: list[BelscoreError] = []
    assert len(find_calls([folder / "weg.wav", folder / "b.call"], on_error=errors.append)) == 1
    assert str(errors[0]) == f"{folder / 'weg.wav'}: no such file or folder; check the path"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("\ufeff0.0-2.0 agent Hallo.\n", "notation"),
        ("# een gesprek\n", "notation"),
        (' {"a": 1}', "json"),
        ("RIFF", "audio"),
    ],
)
def test_named_file_without_known_suffix_is_told_by_its_content(tmp_path: Path, content: str, kind: str) -> None:
    path = tmp_path / "gesprek.data"
    path.write_text(content, encoding="utf-8")
    assert CallFile.of(path).kind == kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_text_is_read_whatever_editor_saved_it(tmp_path: Path, encoding: str, line_end: str) -> None:
    path = tmp_path / "gesprek.call"
    path.write_bytes(TEXT.replace("\n", line_end).encode(encoding))
    call = read_call(path)
    assert call.turns[0].text == "Goedemorgen, één moment."
    assert (call.agent, call.source) == ("Kim", str(path))


def test_call_json_with_byte_order_mark_keeps_the_source_it_names(tmp_path: Path) -> None:
    path = tmp_path / "gesprek.json"
    path.write_text(call_json("opnames/ma.wav"), encoding="utf-8-sig")
    assert read_call(path).source == "opnames/ma.wav"


def test_byte_that_is_no_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gesprek.call"
    path.write_bytes("0.0-1.0 agent Hallo.\n1.0-2.0 caller één\n".encode("cp1252"))
    with pytest.raises(NotationError, match="byte 0xe9 is not UTF-8") as error:
        read_call(path)
    assert error.value.where == f"{path}:2"


def test_recording_is_found_by_source_and_by_name(tmp_path: Path) -> None:
    text = CallFile(tmp_path / "ma.call", "notation")
    call = parse_call(TEXT, source=str(text.path))
    assert find_recording(text, call) is None
    (tmp_path / "ma.mp3").touch()
    assert find_recording(text, call) == tmp_path / "ma.mp3"
    (tmp_path / "di.wav").touch()
    named = parse_call(TEXT, source="elders/di.wav")
    assert find_recording(CallFile(tmp_path / "ma.json", "json"), named) == tmp_path / "di.wav"


# ---- metadata


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_row_of_a_call_replaces_what_it_says_and_empty_cells_do_not(tmp_path: Path) -> None:
    header = "file;agent;department;started_at;direction;ring_s"
    row = 'a.call;;"Balie; centraal";6-10-2025 09:12;outbound;8,5'
    rows = read_call_table(table(tmp_path, f"{header}\r\n\r\n{row}\r\n"))
    call = rows.apply(parse_call(TEXT), tmp_path / "a.call")
    assert (call.agent, call.department, call.direction, call.ring_s) == ("Kim", "Balie; centraal", "outbound", 8.5)
    assert call.started_at == datetime(2025, 10, 6, 9, 12)


@pytest.mark.parametrize("cell", ["a.wav", "a", "ma/a.wav", "ma\\a.wav", "./ma/a.wav", "../{root}/ma/a.wav", "{path}"])
def test_row_is_found_by_name_stem_or_path(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "ma" / "a.wav"
    cell = cell.format(root=tmp_path.name, path=path)
    rows = read_call_table(table(tmp_path, f"file,agent\n{cell},Noor\n"))
    assert rows.find(path) == {"agent": "Noor"}
    assert rows.find(tmp_path / "di" / "b.wav") is None


def test_longest_matching_path_wins(tmp_path: Path) -> None:
    rows = read_call_table(table(tmp_path, "file,agent\na.wav,Kim\ndi/a.wav,Noor\n"))
    assert rows.find(tmp_path / "ma/a.wav") == {"agent": "Kim"}
    assert rows.find(tmp_path / "di/a.wav") == {"agent": "Noor"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,leeftijd\na,30\n", "1: leeftijd: unknown column; use file, agent"),
        ("agent\nKim\n", "1: file: the column is missing"),
        ("", "1: file: the column is missing"),
        ("file,file\na,b\n", "1: file: the column stands twice"),
        ("file,agent\na,Kim\na,Noor\n", "3: file: `a` stands twice"),
        ("file,agent\n,Kim\n", "2: file: the cell is empty"),
        ("file,agent\na,Kim,x\n", "2: agent: 3 cells under 2 columns"),
        ("file,ring_s\na,\nb,acht\n", "3: ring_s: `acht` is not valid; write seconds"),
        ("file,ring_s\nb,-1\n", "2: ring_s: `-1` is not valid"),
        ("file,ring_s\nb,nan\n", "2: ring_s: `nan` is not valid"),
        ("file,started_at\nb,maandag\n", "2: started_at: `maandag` is not valid; write it like 2025-10-06T09:12"),
        ("file,started_at\nb,31-2-2025 10:00\n", "2: started_at: `31-2-2025 10:00` is not valid"),
        ("file,direction\nb,in\n", "2: direction: `in` is not valid; write inbound or outbound"),
        ('file,agent\na,"Kim\n', "no valid CSV"),
    ],
)
def test_bad_table_is_one_line_with_file_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(NotationError) as error:
        read_call_table(path)
    assert str(error.value).startswith(f"{path}:")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
