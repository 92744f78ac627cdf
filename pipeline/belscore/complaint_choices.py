"""What of a complaint file is shared: the file in which the practice chooses, and what is left of the lines by it.

Reports are made of `shared_file`, in which nothing of a withheld line is any more.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError

from belscore.complaint_file import SECTIONS, ComplaintFile, Line, section_title
from belscore.complaint_texts import texts
from belscore.errors import BelscoreError

SCHEMA = "belscore.complaint-choices/1"
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class SharedLine:
    """A shared line as readers see it: `time` and `who` are "" for what is known of the call as a whole."""

    label: str
    time: str
    who: str
    quote: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedSection:
    title: str
    lines: tuple[SharedLine, ...]


class _Row(BaseModel):
    """A line in the choice file; only `share` is the practice's to change."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    share: StrictBool
    number: int
    section: str
    label: str = ""
    time: str = ""
    who: str = ""
    quote: str
    notes: list[str] = []


class _Choices(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: str
    line: list[_Row] = []


def shared_file(file: ComplaintFile, choices: Collection[str]) -> tuple[SharedSection, ...]:
    """The lines whose ids are chosen, in order; sections without any are left out.

    Raises BelscoreError for an id that the file does not have.
    """
    shared = frozenset(choices)
    unknown = shared - {line.id for line in file.lines}
    if unknown:
        raise BelscoreError(f"no line {min(unknown)}", where=file.source, do="choose among the lines of this call")
    sections = (
        SharedSection(
            section_title(section),
            tuple(_shown(line, shared) for line in file.lines if line.section == section and line.id in shared),
        )
        for section in SECTIONS
    )
    return tuple(section for section in sections if section.lines)


def _shown(line: Line, shared: frozenset[str]) -> SharedLine:
    notes = tuple(note.shown(shared) for note in line.notes if shared.issuperset(note.needs))
    return SharedLine(line.label, line.time, line.who, line.quote.shown(shared), notes)


def choose_numbers(file: ComplaintFile, text: str) -> frozenset[str]:
    """The ids of lines named by number: `1,3-5`. Raises BelscoreError for what is no such list, or no line."""
    chosen: set[int] = set()
    for piece in text.split(","):
        found = _RANGE.fullmatch(piece.strip())
        if found is None:
            raise BelscoreError(f"`{piece.strip()}` is no number or range", where="--share", do="write it as 1,3-5")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= len(file.lines):
            told = f"`{piece.strip()}` is not within the lines 1 to {len(file.lines)}"
            raise BelscoreError(told, where="--share", do="list the lines first")
        chosen |= set(range(first, last + 1))
    return frozenset(line.id for line in file.lines if line.number in chosen)


def write_choices(file: ComplaintFile) -> str:
    """Every line of the file as TOML, none of them shared."""
    head = "".join(f"# {line}\n" for line in str(texts()["choices"]["head"]).strip().splitlines())
    rows = [f"{head}\nschema = {_quoted(SCHEMA)}\n"]
    for line in file.lines:
        pairs = _row(file, line)
        width = max(len(key) for key in pairs)
        rows.append("[[line]]\n" + "".join(f"{key:<{width}} = {_value(value)}\n" for key, value in pairs.items()))
    return "\n".join(rows)


def read_choices(text: str, file: ComplaintFile, *, where: str = "") -> frozenset[str]:
    """The ids of the lines that are shared.

    where : path of the choice file, for errors

    A line that was taken out is not shared. Raises BelscoreError for a line that the call does not have, one that
    stands twice, one of which anything but `share` was changed, an unknown key, and what is not valid TOML.
    """
    known = {line.id: line for line in file.lines}
    chosen: dict[str, bool] = {}
    for row in _parsed(text, where).line:
        if row.id not in known:
            what = f"line {row.id} is not in this call, or is heard otherwise now"
            raise BelscoreError(what, where=where, do="write a new file with --choices and choose again")
        if row.id in chosen:
            raise BelscoreError(f"line {row.id} stands twice", where=where, do="take one of them out")
        expected = {"label": "", "time": "", "who": "", "notes": [], **_row(file, known[row.id])}
        given = row.model_dump()
        changed = [key for key in expected if key != "share" and given[key] != expected[key]]
        if changed:
            what = f"line {row.id}: `{changed[0]}` was changed"
            raise BelscoreError(what, where=where, do="put it back; only `share` is yours to change")
        chosen[row.id] = row.share
    return frozenset(line for line, share in chosen.items() if share)


def _parsed(text: str, where: str) -> _Choices:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BelscoreError(f"not valid TOML ({error})", where=where, do="correct the line") from None
    if data.get("schema") != SCHEMA:
        raise BelscoreError(f"`schema` is not {SCHEMA}", where=where, do="name a file that --choices wrote")
    try:
        return _Choices.model_validate({"schema_": data.pop("schema"), **data})
    except ValidationError as error:
        problems = error.errors()
        first = next((each for each in problems if each["type"] == "extra_forbidden"), problems[0])
        key = ".".join(str(part) for part in first["loc"])
        raise BelscoreError(f"{key}: {first['msg']}", where=where, do="correct the value") from None


def _row(file: ComplaintFile, line: Line) -> dict[str, Any]:
    """The keys of a line in the choice file, those that say nothing left out; all names are in it."""
    everything = frozenset(each.id for each in file.lines)
    pairs = {
        "id": line.id,
        "share": False,
        "number": line.number,
        "section": section_title(line.section),
        "label": line.label,
        "time": line.time,
        "who": line.who,
        "quote": line.quote.text,
        "notes": [note.shown(everything) for note in line.notes],
    }
    return {key: value for key, value in pairs.items() if value not in ("", [])}


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_quoted(each) for each in value) + "]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    """A basic string of TOML: as in JSON, but for one control character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
