"""Reports as an Excel workbook: a sheet a table, and a first one that says what they count."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from belscore.report.files import whole_file
from belscore.report.html import recording_href
from belscore.reports import words
from belscore.reports.model import Column, Part, Report
from belscore.reports.terminal import cut_note

if TYPE_CHECKING:
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet  # type: ignore[import-untyped]

# What Excel opens at once, and openpyxl writes in seconds.
MAX_ROWS = 10_000
_MAX_SHEET_NAME = 31
_MAX_WIDTH, _MIN_WIDTH, _TEXT_WIDTH = 60, 9, 110
# Excel counts time in days.
_DAY_S = 86_400
_FORMATS = {
    "count": "General", "decimal": "0.0", "percent": "0.0%", "points": "0.0", "seconds": "[m]:ss",
    "moment": "dd-mm-yyyy hh:mm", "chance": "0.000",
}  # fmt: skip
# Excel takes these for formulas and errors.
_NOT_PLAIN = ("=", "#")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# Characters that no XML holds (XML 1.0, 2.2).
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_workbook(path: Path, reports: Sequence[Report]) -> None:
    """Write the workbook whole or not at all. Raises BelscoreError naming the path."""
    data = format_workbook(reports, path)
    with whole_file(path) as file:
        file.buffer.write(data)


def format_workbook(reports: Sequence[Report], page: Path | None = None) -> bytes:
    """The workbook as bytes.

    page : where it will lie, so that links to recordings find them
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheets = [*_named(reports)]
    _explain(book, reports, sheets)
    for _, part, name in sheets:
        _fill(book.create_sheet(name), part, page)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _first_sheet() -> str:
    return str(words.texts()["first_sheet"])


def _named(reports: Sequence[Report]) -> Iterator[tuple[int, Part, str]]:
    """Each table with the number of its report and a name for its sheet."""
    taken = {_first_sheet().casefold()}
    for place, report in enumerate(reports):
        for part in report.parts:
            stem = " ".join(_NOT_IN_NAMES.sub(" ", part.title).split()).strip("'")
            name, count = stem[:_MAX_SHEET_NAME], 1
            while name.casefold() in taken:
                count += 1
                name = f"{stem[: _MAX_SHEET_NAME - 1 - len(str(count))]} {count}"
            taken.add(name.casefold())
            yield place, part, name


def _explain(book: Workbook, reports: Sequence[Report], sheets: Sequence[tuple[int, Part, str]]) -> None:
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]

    sheet = book.create_sheet(_first_sheet())
    sheet.column_dimensions["A"].width = _MAX_WIDTH // 2
    sheet.column_dimensions["B"].width = _TEXT_WIDTH
    bold, wrap = {"font": Font(bold=True)}, {"alignment": Alignment(wrap_text=True, vertical="top")}
    for name, value in reports[0].filters if reports else ():
        sheet.append([_text(sheet, name, **bold), _text(sheet, value, **wrap)])
    for place, report in enumerate(reports):
        sheet.append([])
        sheet.append([_text(sheet, report.title, font=Font(bold=True, size=13))])
        for line in report.explanation:
            sheet.append([None, _text(sheet, line, **wrap)])
        for part, name in ((part, name) for number, part, name in sheets if number == place):
            sheet.append([_link(sheet, name, f"#'{name.replace(chr(39), chr(39) * 2)}'!A1")])
            for note in [*cut_note(part, MAX_ROWS), *part.notes]:
                sheet.append([None, _text(sheet, note, **wrap)])


def _fill(sheet: WriteOnlyWorksheet, part: Part, page: Path | None) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    columns = [*_columns(part)]
    records = part.rows.head(MAX_ROWS).to_dict("records")
    sheet.freeze_panes = "B2"
    for place, (column, key, title) in enumerate(columns, start=1):
        longest = max((len(words.written(row[key], _form(column, row))) for row in records[:500]), default=0)
        width = min(_MAX_WIDTH, max(_MIN_WIDTH, longest + 2, min(len(title), 16) + 2))
        sheet.column_dimensions[get_column_letter(place)].width = width
    look = {
        "font": Font(bold=True),
        "fill": PatternFill("solid", fgColor="E6F0F1"),
        "alignment": Alignment(wrap_text=True, vertical="top"),
    }
    sheet.append([_text(sheet, title, **look) for _, _, title in columns])
    for row in records:
        sheet.append([_cell(sheet, row[key], _form(column, row), page) for column, key, _ in columns])
    if records:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(records) + 1}"


def _columns(part: Part) -> Iterator[tuple[Column, str, str]]:
    """Each column with its key and head; the ends of an interval are columns of their own."""
    low, high = words.texts()["interval_heads"]
    for column in part.columns:
        yield column, column.key, column.title
        if column.interval:
            yield column, f"{column.key}_low", low.format(title=column.title)
            yield column, f"{column.key}_high", high.format(title=column.title)


def _form(column: Column, row: dict[Any, Any]) -> str:
    return row["format"] if column.format == "mixed" else column.format


def _cell(sheet: WriteOnlyWorksheet, value: Any, form: str, page: Path | None) -> Any:
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]

    if value is None or pd.isna(value):
        return None
    if form == "link":
        return _recording(sheet, str(value), page)
    if form not in _FORMATS:
        text = str(value)
        return _text(sheet, text) if text.startswith(_NOT_PLAIN) or _NOT_IN_XML.search(text) else text
    if form == "count":
        return int(value)
    if form == "moment":
        value = value.to_pydatetime()
    elif form == "seconds":
        value = value / _DAY_S
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = _FORMATS[form]
    return cell


def _recording(sheet: WriteOnlyWorksheet, path: str, page: Path | None) -> Any:
    recording = Path(path)
    href = recording_href(recording, page) if recording.is_file() else None
    return _link(sheet, recording.name, href) if href else _text(sheet, recording.name)


def _link(sheet: WriteOnlyWorksheet, text: str, address: str) -> Any:
    """A cell that leads somewhere; `#'Sheet'!A1` inside the workbook."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink  # type: ignore[import-untyped]

    cell = _text(sheet, text, font=Font(color="0B6670", underline="single"))
    inside = address.startswith("#")
    cell._hyperlink = Hyperlink(ref="", location=address[1:] if inside else None, target=None if inside else address)
    return cell


def _text(sheet: WriteOnlyWorksheet, text: str, **look: Any) -> Any:
    """A cell that holds text, whatever it begins with: no formula."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=_NOT_IN_XML.sub("", text))
    cell.data_type = "s"
    for name, value in look.items():
        setattr(cell, name, value)
    return cell
