"""What is known about calls outside their sound: a CSV table of agent, department, start, direction and ringing."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from belscore.call import Direction
from belscore.errors import NotationError
from belscore.inputs import read_text

if TYPE_CHECKING:
    from belscore.call import Call

COLUMNS = ("file", "agent", "department", "started_at", "direction", "ring_s")

# Spreadsheets set to Dutch write 6-10-2025 09:12.
_DUTCH_MOMENT = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(frozen=True, slots=True)
class CallTable:
    """Rows of a metadata table: the parts of the path in the column `file` -> fields of the Call to replace."""

    path: Path
    rows: Mapping[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict)

    def find(self, path: Path) -> Mapping[str, Any] | None:
        """The row of a call: the longest matching end of its path, with or without suffix. None when there is none."""
        parts = _parts(path.absolute())
        stem_parts = (*parts[:-1], _normal(path.stem))
        for start in range(len(parts)):
            row = self.rows.get(parts[start:]) or self.rows.get(stem_parts[start:])
            if row is not None:
                return row
        return None

    def apply(self, call: Call, path: Path) -> Call:
        """The call with what the table knows about it; empty cells leave what the call itself says."""
        row = self.find(path)
        return replace(call, **row) if row else call


def read_call_table(path: str | Path) -> CallTable:
    """Read a metadata table: CSV with `,` or `;`, the first line names the columns.

    Columns: file (needed: a name, a name without suffix, or a path), agent, department, started_at
    (2025-10-06T09:12 or 6-10-2025 09:12), direction (inbound or outbound), ring_s (seconds).

    Raises NotationError naming file, line and column.
    """
    path = Path(path)
    text = read_text(path)
    header = text.splitlines()[0] if text.strip() else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True)
    rows: dict[tuple[str, ...], Mapping[str, Any]] = {}
    try:
        columns = _read_header(next(reader, []), path)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                key, row = _read_row(dict(_pair(columns, cells, path, reader.line_num)), path, reader.line_num)
                if key in rows:
                    raise _error(path, reader.line_num, "file", f"`{'/'.join(key)}` stands twice", "remove one row")
                rows[key] = row
    except csv.Error as error:
        raise NotationError(
            f"no valid CSV: {error}", where=f"{path}:{reader.line_num}", do="check the quotes"
        ) from None
    return CallTable(path, rows)


def _read_header(cells: list[str], path: Path) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    for column in columns:
        if column not in COLUMNS:
            raise _error(path, 1, column, "unknown column", f"use {', '.join(COLUMNS)}")
        if columns.count(column) > 1:
            raise _error(path, 1, column, "the column stands twice", "remove one")
    if "file" not in columns:
        raise _error(path, 1, "file", "the column is missing", "add a column with the name of each call's file")
    return columns


def _pair(columns: list[str], cells: list[str], path: Path, line: int) -> list[tuple[str, str]]:
    if len(cells) > len(columns):
        what = f"{len(cells)} cells under {len(columns)} columns"
        raise _error(path, line, columns[-1], what, "quote a cell that holds the separator")
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    return [(column, cell.strip()) for column, cell in zip(columns, padded, strict=True)]


def _read_row(cells: Mapping[str, str], path: Path, line: int) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    if not cells["file"]:
        raise _error(path, line, "file", "the cell is empty", "write the name of the call's file")
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        if column == "file" or not cell:
            continue
        try:
            values[column] = _READERS[column](cell)
        except ValueError:
            raise _error(path, line, column, f"`{cell}` is not valid", _FORMS[column]) from None
    return _key(cells["file"], path), values


def _key(cell: str, path: Path) -> tuple[str, ...]:
    named = Path(cell.replace("\\", "/"))
    if ".." in named.parts:
        named = (path.parent / named).resolve()
    return _parts(named)


def _parts(path: Path) -> tuple[str, ...]:
    return tuple(_normal(part) for part in path.parts)


def _normal(name: str) -> str:
    """One spelling of accented letters: some systems store é as e and an accent."""
    return unicodedata.normalize("NFC", name)


def _read_moment(cell: str) -> datetime:
    match = _DUTCH_MOMENT.fullmatch(cell)
    if match is None:
        return datetime.fromisoformat(cell)
    day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, second)


def _read_direction(cell: str) -> str:
    if cell not in get_args(Direction):
        raise ValueError(cell)
    return cell


def _read_ring(cell: str) -> float:
    seconds = float(cell.replace(",", "."))
    if not 0 <= seconds < float("inf"):
        raise ValueError(cell)
    return seconds


_READERS: Mapping[str, Callable[[str], object]] = {
    "agent": str,
    "department": str,
    "started_at": _read_moment,
    "direction": _read_direction,
    "ring_s": _read_ring,
}
_FORMS = {
    "started_at": "write it like 2025-10-06T09:12",
    "direction": "write inbound or outbound",
    "ring_s": "write seconds, like 8 or 8.5",
}


def _error(path: Path, line: int, column: str, what: str, do: str) -> NotationError:
    return NotationError(what, where=f"{path}:{line}: {column}", do=do)
