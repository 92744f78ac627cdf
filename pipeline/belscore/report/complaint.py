"""The shared part of a complaint file as a page or as text. Only what `shared_file` left in comes here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count
from typing import TYPE_CHECKING, Literal

from belscore.complaint_choices import SharedLine, SharedSection, shared_file
from belscore.complaint_texts import say
from belscore.errors import BelscoreError
from belscore.report.templating import asset, environment, style_policy

if TYPE_CHECKING:
    from belscore.complaint_file import ComplaintFile

Format = Literal["html", "text"]
FORMATS: tuple[Format, ...] = ("html", "text")


def export(file: ComplaintFile, choices: Collection[str], format_name: Format) -> str:
    """The chosen lines and nothing else, as a page that needs no other file or as Markdown that reads as plain text.

    choices : ids of the lines that are shared

    Raises BelscoreError when none is, or for an id that the file does not have.
    """
    sections = shared_file(file, choices)
    if not sections:
        raise BelscoreError("no line is shared", where=file.source, do="set share = true on what may be shared")
    return _page(sections) if format_name == "html" else _text(sections)


def format_line(line: SharedLine) -> str:
    """One line as text: `0:12, beller: “...”`; a fact goes by its label: `Duur: 1:20`."""
    if not line.who:
        return f"{line.label}: {line.quote}"
    label = f" ({line.label})" if line.label else ""
    return f"{line.time}, {line.who}{label}: “{line.quote}”"


def legend(sections: Sequence[SharedSection]) -> list[str]:
    """What the marks mean that stand in these lines."""
    lines = [line for section in sections for line in section.lines]
    shown = [text for line in lines for text in (line.quote, line.who, *line.notes)]
    marks = {"doubt": say("doubt_mark"), "left_out": say("name")}
    return [say(key) for key, mark in marks.items() if any(mark in text for text in shown)]


def _text(sections: Sequence[SharedSection]) -> str:
    rows = [f"# {say('title')}", "", say("about"), *legend(sections)]
    for section in sections:
        rows += ["", f"## {section.title}", ""]
        for line in section.lines:
            rows += [f"- {format_line(line)}", *(f"  - {note}" for note in line.notes)]
    return "\n".join(rows) + "\n"


def _page(sections: Sequence[SharedSection]) -> str:
    style = asset(__package__, "complaint.css")
    about = [say("about"), *legend(sections)]
    page = environment(__package__).get_template("complaint.html.j2")
    return page.render(title=say("title"), about=about, sections=sections, style=style, policy=style_policy(style))


def format_list(file: ComplaintFile) -> str:
    """All lines with their numbers, for the practice itself to choose from."""
    rows = [say("listed")]
    numbers = count(1)
    for section in shared_file(file, [line.id for line in file.lines]):
        rows += ["", section.title]
        for line in section.lines:
            rows += [f"{next(numbers):4}  {format_line(line)}", *(f"{'':6}{note}" for note in line.notes)]
    return "\n".join(rows) + "\n"
