"""What is known about calls outside their sound: a CSV table that the telephone exchange or a person made."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from belscore.call import Direction
from belscore.errors import NotationError
from belscore.inputs import read_text

if TYPE_CHECKING:
    from belscore.call import Call

# Fields of the Call, which the judging goes by.
CALL_COLUMNS = ("agent", "department", "started_at", "direction", "ring_s")
# What only the store keeps: see `CallTable.extras`.
EXTRA_COLUMNS = ("queue_s", "after_s", "caller_number", "answered")
COLUMNS = ("file", *CALL_COLUMNS, *EXTRA_COLUMNS)

# Spreadsheets set to Dutch write 6-10-2025 09:12.
_DUTCH_MOMENT = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")
_ANSWERS = {"ja": True, "nee": False, "yes": True, "no": False, "1": True, "0": False}
_SECONDS = "write seconds, like 8 or 8.5"
# Nobody waits for a day: a telephone number in the wrong column is not taken for seconds, and not shown either.
_MAX_SECONDS = 86_400
_LIKE_A_NUMBER = re.compile(r"[+(]?\d[\d ().-]{4,}")


@dataclass(frozen=True, slots=True)
class CallTable:
    """Rows of a metadata table, by the parts of the path in the column `file`.

    rows   : fields of the Call to replace
    extras : what is not of the Call: queue_s and after_s (the time worked on it after hanging up) in seconds,
             caller_number as written, answered; a number is never to be kept or shown, see `store.caller_keys`
    missed : columns of rows without a file: calls that nobody picked up
    """

    path: Path
    rows: Mapping[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict)
    extras: Mapping[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict, repr=False)
    missed: Sequence[Mapping[str, Any]] = field(default=(), repr=False)

    def find(self, path: Path) -> Mapping[str, Any] | None:
        """The row of a call: the longest matching end of its path, with or without suffix. None when there is none."""
        key = self.find_key(path)
        return None if key is None else self.rows[key]

    def find_key(self, path: Path) -> tuple[str, ...] | None:
        """Where the row of a call stands in `rows` and `extras`."""
        parts = _parts(path.absolute())
        stem_parts = (*parts[:-1], _normal(path.stem))
        keys = (key for start in range(len(parts)) for key in (parts[start:], stem_parts[start:]))
        return next((key for key in keys if key in self.rows), None)

    def apply(self, call: Call, path: Path) -> Call:
        """The call with what the table knows about it; empty cells leave what the call itself says."""
        row = self.find(path)
        return replace(call, **row) if row else call


def one_call(path: Path, values: Mapping[str, Any]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """The rows of a table that tells of one call: fields of the Call."""
    return {_parts(path.absolute()): values}


def read_call_table(path: str | Path) -> CallTable:
    """Read a metadata table: CSV with `,` or `;`, the first line names the columns.

    Columns: file (needed: a name, a name without suffix, or a path; may be empty where answered is no), agent,
    department, started_at (2025-10-06T09:12 or 6-10-2025 09:12), direction (inbound or outbound), ring_s, queue_s,
    after_s (seconds), caller_number, answered (ja, nee, yes, no, 1 or 0).

    Raises NotationError naming file, line and column.
    """
    path = Path(path)
    return parse_call_table(read_text(path), path)


def parse_call_table(text: str, path: Path) -> CallTable:
    """Like `read_call_table`, of a text that was read already; `path` is what messages call it.

    Raises NotationError naming file, line and column.
    """
    header = text.splitlines()[0] if text.strip() else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True)
    rows: dict[tuple[str, ...], Mapping[str, Any]] = {}
    extras: dict[tuple[str, ...], Mapping[str, Any]] = {}
    missed: list[Mapping[str, Any]] = []
    try:
        columns = _read_header(next(reader, []), path)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                key, row = _read_row(dict(_pair(columns, cells, path, reader.line_num)), path, reader.line_num)
                if key in rows:
                    raise _error(path, reader.line_num, "file", f"`{'/'.join(key)}` stands twice", "remove one row")
                if not key:
                    missed.append(row)
                    continue
                rows[key] = {column: value for column, value in row.items() if column in CALL_COLUMNS}
                extras[key] = {column: value for column, value in row.items() if column in EXTRA_COLUMNS}
    except csv.Error as error:
        raise NotationError(
            f"no valid CSV: {error}", where=f"{path}:{reader.line_num}", do="check the quotes"
        ) from None
    return CallTable(path, rows, extras, missed)


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
    """The key of a row, () without a file, and the values of all its other columns."""
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        if column == "file" or not cell:
            continue
        try:
            values[column] = READERS[column](cell)
        except ValueError:
            raise _error(path, line, column, f"{shown(cell)} is not valid", FORMS[column]) from None
    if cells["file"]:
        return _key(cells["file"], path), values
    if values.get("answered") is not False:
        raise _error(path, line, "file", "the cell is empty", "write the name of the call's file")
    return (), values


def _key(cell: str, path: Path) -> tuple[str, ...]:
    named = Path(cell.replace("\\", "/"))
    if ".." in named.parts:
        # A name that no file can have stays as it is, and fits no call.
        with contextlib.suppress(ValueError, OSError):
            named = Path(os.path.realpath(path.parent / named))
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


def _read_answered(cell: str) -> bool:
    answered = _ANSWERS.get(cell.lower())
    if answered is None:
        raise ValueError(cell)
    return answered


def _read_seconds(cell: str) -> float:
    seconds = float(cell.replace(",", "."))
    if not 0 <= seconds <= _MAX_SECONDS:
        raise ValueError(cell)
    return seconds


# Column -> reads a cell; ValueError when it is not valid.
READERS: Mapping[str, Callable[[str], object]] = {
    "agent": str,
    "department": str,
    "started_at": _read_moment,
    "direction": _read_direction,
    "ring_s": _read_seconds,
    "queue_s": _read_seconds,
    "after_s": _read_seconds,
    "caller_number": str,
    "answered": _read_answered,
}
FORMS = {
    "started_at": "write it like 2025-10-06T09:12",
    "direction": "write inbound or outbound",
    "ring_s": _SECONDS,
    "queue_s": _SECONDS,
    "after_s": _SECONDS,
    "answered": "write ja or nee",
}


def shown(cell: str) -> str:
    """A cell as messages quote it, unless a caller's number may have come into the wrong column."""
    return "the cell" if _LIKE_A_NUMBER.fullmatch(cell) else f"`{cell}`"


def _error(path: Path, line: int, column: str, what: str, do: str) -> NotationError:
    return NotationError(what, where=f"{path}:{line}: {column}", do=do)
