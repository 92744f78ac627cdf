"""A report in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from belscore.report.table import MAX_WIDTH, MIN_WIDTH, render
from belscore.reports import words
from belscore.reports.model import Column, Part, Report

MAX_ROWS = 60
_TEXTS = ("text", "link")
# A column of words reads badly when it is narrower, and need not be wider when space is short.
_LEAST_TEXT, _MOST_TEXT = 8, 24
_BETWEEN = 3


def format_report(report: Report, *, width: int = MAX_WIDTH, colour: bool = False) -> str:
    """Title, what was counted, the tables with their notes, and what the figures mean; at most 120 columns wide."""
    columns = min(MAX_WIDTH, max(MIN_WIDTH, width))
    return render(Group(*_views(report, columns)), width=columns, colour=colour)


def _views(report: Report, width: int) -> Iterator[RenderableType]:
    yield Text(report.title, style="bold")
    yield Text(" · ".join(f"{name} {value}" for name, value in report.filters), style="dim")
    for part in report.parts:
        yield Text()
        if len(report.parts) > 1:
            yield Text(part.title, style="bold")
        notes = [*cut_note(part, MAX_ROWS), *part.notes]
        if len(part.rows):
            table, left_out = _table(part, width)
            yield table
            notes = [*_narrow_note(left_out), *notes]
        elif not notes:
            yield Text(words.texts()["no_rows"])
        for note in notes:
            yield _bullet(note)
    yield Text()
    for line in report.explanation:
        yield _bullet(line, style="dim")


def cut_note(part: Part, limit: int) -> list[str]:
    """What to say when a form shows the first rows only."""
    total = len(part.rows)
    return [words.texts()["and_more"].format(number=limit, total=total)] if total > limit else []


def _narrow_note(columns: list[Column]) -> list[str]:
    named = ", ".join(f"“{column.title}”" for column in columns)
    return [words.texts()["narrow"].format(columns=named)] if columns else []


def _bullet(text: str, style: str = "") -> RenderableType:
    line = Table.grid(padding=(0, 1))
    line.add_column(width=1)
    line.add_column()
    line.add_row(Text("·", style=style), Text(text, style=style))
    return line


def _table(part: Part, width: int) -> tuple[Table, list[Column]]:
    """The table with the columns that fit, from the left, and those that do not."""
    rows = part.rows.head(MAX_ROWS).to_dict("records")
    cells = [[words.cell(row, column) for row in rows] for column in part.columns]
    least = [_least(column, texts) for column, texts in zip(part.columns, cells, strict=True)]
    fitting = len(least)
    while fitting > 1 and sum(least[:fitting]) + _BETWEEN * (fitting - 1) > width:
        fitting -= 1
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column, low in zip(part.columns[:fitting], least, strict=False):
        justify = "left" if column.format in _TEXTS else "right"
        table.add_column(column.title, justify=justify, overflow="fold", min_width=low)  # type: ignore[arg-type]
    for row in zip(*cells[:fitting], strict=True):
        table.add_row(*(Text(text) for text in row))
    return table, [*part.columns[fitting:]]


def _least(column: Column, cells: list[str]) -> int:
    """Columns that it needs: figures stay whole beside or over their interval, words may be folded."""
    head = max(map(len, column.title.split()), default=0)
    if column.format in _TEXTS:
        return max(head, min(_MOST_TEXT, max(_LEAST_TEXT, *map(len, cells))))
    return max(head, *(len(part) for text in cells for part in text.split(" (")), 0) + (column.interval * 2)
