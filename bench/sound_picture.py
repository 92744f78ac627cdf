"""Draw how well each rule judges from text, from sound and on misheard words; `make bench-rules-audio` writes
docs/geluid.svg with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import svg

WIDTH = 900
LEFT, RIGHT, TOP, BOTTOM = 436, 168, 132, 46
ROW, SECTION = 22, 32
# Ends of the three columns of figures.
TEXT_AT, SOUND_AT, COUNT_AT = WIDTH - 116, WIDTH - 66, WIDTH - 14
NONE = "–"
TITLE = "Hoe goed elke regel oordeelt: uit tekst, uit geluid en met verkeerd verstane woorden"
TEXT, SOUND = "text", "sound"
# Share of misheard words: the colour of its mark, and its height, so that marks in one place all show.
MISHEARD = {"0.10": (svg.PALE, 13), "0.25": (svg.MIDDLE, 15), "0.40": (svg.STRONG, 17)}
SOURCES = (TEXT, SOUND, *MISHEARD)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the picture.

    count : labels that it was measured on
    f1    : 0..1 by source, see SOURCES; None where there was nothing to judge
    """

    section: str
    title: str
    count: int
    f1: Mapping[str, float | None]


def draw(whole: Row, rows: Sequence[Row], remarks: Sequence[str]) -> str:
    """The rows as SVG, under a heading for each section.

    whole   : all rules together, drawn first
    rows    : in the order of the sections
    remarks : one or two lines under the title, in Dutch: what was measured, on how much
    """
    lines = [svg.text(16, 28, TITLE, size=17, weight=600)]
    lines += [svg.text(16, 50 + 18 * at, escape(remark)) for at, remark in enumerate(remarks)]
    lines += _legend(TOP - 32)
    y = TOP
    marks = _row(whole, y, weight=600)
    section = whole.section
    for row in rows:
        if row.section != section:
            section, y = row.section, y + SECTION
            marks.append(svg.text(16, y + 4, escape(section), weight=600))
        y += ROW
        marks += _row(row, y)
    foot = y + ROW // 2
    return svg.document(WIDTH, foot + BOTTOM, "geluid", TITLE, [*lines, *_axis(TOP - ROW // 2, foot), *marks])


def _x(value: float) -> float:
    return round(LEFT + value * (WIDTH - LEFT - RIGHT), 1)


def _axis(top: float, foot: float) -> list[str]:
    lines = [svg.line(_x(fifth / 5), top, _x(fifth / 5), foot) for fifth in range(6)]
    lines += [svg.text(_x(fifth / 5), foot + 18, _figure(fifth / 5, 1), anchor="middle") for fifth in range(6)]
    lines.append(svg.text(_x(0.5), foot + 36, "F1 van de oordelen goed en fout", anchor="middle"))
    for at, name in ((TEXT_AT, "tekst"), (SOUND_AT, "geluid"), (COUNT_AT, "labels")):
        lines.append(svg.text(at, top - 10, name, size=12, anchor="end"))
    return lines


def _row(row: Row, y: float, *, weight: int = 400) -> list[str]:
    lines = [svg.text(LEFT - 14, y + 4, escape(row.title), size=12, anchor="end", weight=weight)]
    known = {source: value for source in SOURCES if (value := row.f1.get(source)) is not None}
    if known:
        lines.append(svg.line(_x(min(known.values())), y, _x(max(known.values())), y, width=2))
    # The strongest first, so that those before it show where they lie in one place.
    lines += [_mark(source, _x(known[source]), y) for source in reversed(SOURCES) if source in known]
    for at, source in ((TEXT_AT, TEXT), (SOUND_AT, SOUND)):
        value = row.f1.get(source)
        shown = NONE if value is None else _figure(value, 2)
        lines.append(svg.text(at, y + 4, shown, size=12, anchor="end", weight=weight))
    lines.append(svg.text(COUNT_AT, y + 4, str(row.count), size=12, anchor="end", weight=weight))
    return lines


def _mark(source: str, x: float, y: float) -> str:
    if source == TEXT:
        return f"<circle cx='{x}' cy='{y}' r='5.5' fill='none' stroke='{svg.INK}' stroke-width='1.6'/>"
    if source == SOUND:
        return f"<circle cx='{x}' cy='{y}' r='3.6' fill='{svg.BLUE}'/>"
    colour, height = MISHEARD[source]
    return svg.line(x, y - height / 2, x, y + height / 2, colour=colour, width=2.6)


def _legend(y: float) -> list[str]:
    """The marks with their names, in one line."""
    shares = [f"{float(share):.0%}".replace("%", " %") for share in MISHEARD]
    names = ["uit de tekst", "uit het geluid", *shares[:-1], f"{shares[-1]} van de woorden verkeerd verstaan"]
    lines, x = [], 24.0
    for source, name in zip(SOURCES, names, strict=True):
        lines += [_mark(source, x, y), svg.text(x + 12, y + 4, name)]
        x += 38 + 6.6 * len(name)
    return lines


def _figure(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")
