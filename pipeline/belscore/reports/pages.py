"""Reports as pages: style and drawings are inside, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from belscore.report.html import recording_href
from belscore.report.templating import asset, environment, style_policy
from belscore.reports import words
from belscore.reports.charts import draw
from belscore.reports.model import Chart, Column, Part, Report
from belscore.reports.terminal import cut_note

# Gives the SVG of a picture; "" for none.
Draw = Callable[[Part, Chart], str]
MAX_ROWS = 1000
_TEXTS = ("text", "link")
# The column with the number of a call.
_CALL = "id"
_LONG = 60
_LONG_NAME = 30


def format_page(report: Report, *, page: Path | None = None, index: str | None = None) -> str:
    """One report as a page.

    page  : where it will lie, so that links to recordings find them; None for the working directory
    index : file name of the list of reports beside it, if there is one
    """
    parts = [_part(part, place, page) for place, part in enumerate(report.parts)]
    return _render("report.html.j2", report=report, parts=parts, index=quote(index) if index else None)


def format_body(report: Report, *, calls_at: str, draw: Draw = draw) -> str:
    """The tables and pictures of a report, for a page that has its own frame and style (`web/static/report.css`).

    calls_at : what the number of a call is put behind to link to its page; recordings are not linked
    draw     : what makes the pictures, where that is not to be done here
    """
    parts = [_part(part, place, None, calls_at, draw) for place, part in enumerate(report.parts)]
    template = environment(__package__).get_template("report_body.html.j2")
    return template.render(report=report, parts=parts, say=words.texts())


def format_list(facts: Sequence[tuple[str, str]], pages: Sequence[tuple[str, str]], workbook: str) -> str:
    """The page that lists reports.

    pages : title and file name of each report, as seen from this page
    """
    links = [(title, quote(name)) for title, name in pages]
    return _render("list.html.j2", facts=facts, pages=links, workbook=quote(workbook))


def _part(part: Part, place: int, page: Path | None, calls_at: str | None = None, draw: Draw = draw) -> dict[str, Any]:
    drawn = [(chart.title, draw(part, chart), _width_class(part, chart)) for chart in part.charts]
    rows = part.rows.head(MAX_ROWS).to_dict("records")
    return {
        "place": place,
        "title": part.title,
        "columns": [
            {"title": column.title, "is_text": column.format in _TEXTS, "is_long": _is_long(rows, column)}
            for column in part.columns
        ],
        "rows": [[_cell(row, column, page, calls_at) for column in part.columns] for row in rows],
        "pictures": [each for each in drawn if each[1]],
        "notes": [*cut_note(part, MAX_ROWS), *part.notes],
    }


def _width_class(part: Part, chart: Chart) -> str:
    """How wide a picture may become: heat maps are as wide as they are, long names want room."""
    if chart.kind == "heat":
        return ""
    longest = max((len(str(each)) for each in part.rows[chart.x]), default=0)
    return "fits wide" if chart.kind == "bars" and longest > _LONG_NAME else "fits"


def _is_long(rows: list[dict[Any, Any]], column: Column) -> bool:
    """Whether a column holds sentences, which are read badly in a narrow one."""
    return column.format == "text" and any(len(str(row[column.key] or "")) > _LONG for row in rows)


def _cell(row: dict[Any, Any], column: Column, page: Path | None, calls_at: str | None) -> dict[str, Any]:
    text, _, interval = (
        words.cell(row, column).partition(" (") if column.interval else (words.cell(row, column), "", "")
    )
    href = None
    if column.format == "link" and text:
        recording = Path(text)
        href = recording_href(recording, page) if calls_at is None and recording.is_file() else None
        text = PurePath(text).name
    if column.key == _CALL and column.format == "count" and calls_at is not None:
        href = f"{calls_at}{text}"
    return {"text": text, "interval": interval.removesuffix(")"), "href": href, "is_text": column.format in _TEXTS}


def _render(template: str, **values: Any) -> str:
    style = asset(__package__, "reports.css")
    page = environment(__package__).get_template(template)
    return page.render(style=style, policy=style_policy(style), say=words.texts(), language=words.language(), **values)
