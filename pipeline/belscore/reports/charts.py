"""Pictures of reports as inline SVG, drawn by Altair and vl-convert without a browser or a network.

Colours are a few fixed ones that the page's style replaces by its own, so that they follow a dark screen and paper.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from belscore.reports import words
from belscore.reports.model import Chart, Column, Part

# As in `templates/reports.css`, which gives each its colour.
INK, SOFT, EDGE, MARK = "#1d2327", "#5b646b", "#dcdad2", "#0b6670"
_WIDTH = 340
_LINE_HEIGHT = 180
_STEP = 22
_LABEL_PIXELS = 400
# The same widths of letters where it is drawn and where it is read.
_FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
_PADDING = 12
# Scales of shares and scores are whole: a cut one makes small differences look large.
_WHOLE = {"percent": (0, 1), "points": (0, 100)}


# Vega gives every mark a role and no name: a screen reader would read a hundred nameless symbols. What the picture
# shows stands in the table beside it.
_ROLES = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")')


def draw(part: Part, chart: Chart) -> str:
    """The picture as SVG, at the size it is read at; "" when there is nothing to draw."""
    import altair as alt
    import vl_convert

    rows = part.rows[part.rows[chart.value].notna()]
    if not len(rows):
        return ""
    column = next(column for column in part.columns if column.key == chart.value)
    spec = _SHAPES[chart.kind](rows, chart, column).configure(
        background="transparent", aria=False, font=_FONT, padding=_PADDING
    )
    spec = spec.configure_view(stroke=None).configure_axis(
        labelColor=INK, titleColor=SOFT, gridColor=EDGE, domainColor=EDGE, tickColor=EDGE, titleFontWeight="normal",
        labelFontSize=13, titleFontSize=13, labelLimit=_LABEL_PIXELS,
    )  # fmt: skip
    with alt.data_transformers.enable("default", max_rows=None):
        svg: str = vl_convert.vegalite_to_svg(spec.to_dict())
    return _ROLES.sub("", svg)


def _scale(column: Column) -> dict[str, Any]:
    """Axis and scale of a value; lengths are written in minutes and seconds."""
    import altair as alt

    shapes: dict[str, dict[str, Any]] = {
        "percent": {"format": ".0%"},
        "seconds": {"labelExpr": "floor(datum.value / 60) + ':' + format(datum.value % 60, '02')"},
    }
    domain = {"domain": _WHOLE[column.format]} if column.format in _WHOLE else {"zero": True}
    axis = alt.Axis(title=column.title, tickCount=6, **shapes.get(column.format, {}))
    return {"axis": axis, "scale": alt.Scale(**domain)}


def _encoded(rows: pd.DataFrame, chart: Chart, column: Column) -> tuple[pd.DataFrame, bool]:
    keys = [chart.x, chart.value]
    bounds = [f"{chart.value}_low", f"{chart.value}_high"]
    has_bounds = column.interval and bool(rows[bounds].notna().all(axis=None))
    return rows[[*keys, *bounds]] if has_bounds else rows[keys], has_bounds


def _line(rows: pd.DataFrame, chart: Chart, column: Column) -> Any:
    import altair as alt

    data, has_bounds = _encoded(rows, chart, column)
    short = alt.Axis(title=None, labelAngle=0, labelExpr="split(datum.label, ' (')[0]", labelOverlap=True)
    x = alt.X(f"{chart.x}:N", sort=None, axis=short)
    y = alt.Y(f"{chart.value}:Q", **_scale(column))
    base = alt.Chart(data).encode(x=x)
    layers = [base.mark_line(color=MARK).encode(y=y), base.mark_point(color=MARK, filled=True, size=60).encode(y=y)]
    if has_bounds:
        low, high = alt.Y(f"{chart.value}_low:Q", **_scale(column)), alt.Y2(f"{chart.value}_high:Q")
        layers.insert(0, base.mark_rule(color=MARK, strokeWidth=2).encode(y=low, y2=high))
    return alt.layer(*layers).properties(width=_WIDTH, height=_LINE_HEIGHT)


def _bars(rows: pd.DataFrame, chart: Chart, column: Column) -> Any:
    """A dot and its interval for each group: bars would hide how sure the figure is."""
    import altair as alt

    data, has_bounds = _encoded(rows, chart, column)
    y = alt.Y(f"{chart.x}:N", sort=None, axis=alt.Axis(title=None))
    base = alt.Chart(data).encode(y=y)
    dots = base.mark_point(color=MARK, filled=True, size=70).encode(x=alt.X(f"{chart.value}:Q", **_scale(column)))
    if not has_bounds:
        return dots.properties(width=_WIDTH, height=alt.Step(_STEP))
    low, high = alt.X(f"{chart.value}_low:Q", **_scale(column)), alt.X2(f"{chart.value}_high:Q")
    rule = base.mark_rule(color=MARK, strokeWidth=2).encode(x=low, x2=high)
    return alt.layer(rule, dots).properties(width=_WIDTH, height=alt.Step(_STEP))


def _heat(rows: pd.DataFrame, chart: Chart, column: Column) -> Any:
    """Cells of one colour, the denser the more: that reads on light and dark alike."""
    import altair as alt

    data = rows[[chart.x, chart.y, chart.value]].copy()
    data["written"] = [
        words.written(value, column.format).removesuffix(words.percent_sign()) for value in data[chart.value]
    ]
    many = data[chart.x].nunique() > len(words.texts()["weekdays"]) * 2
    short = alt.Axis(title=None, orient="top", labelAngle=-45 if many else 0, labelExpr="split(datum.label, ' (')[0]")
    ordered = sorted(data[chart.x].unique()) if chart.x == "hour" else None
    x = alt.X(f"{chart.x}:N", sort=ordered, axis=short)
    y = alt.Y(f"{chart.y}:N", sort=None, axis=alt.Axis(title=None))
    scale = alt.Scale(range=[0.04, 0.5], zero=False)
    base = alt.Chart(data).encode(x=x, y=y)
    cells = base.mark_rect(color=MARK).encode(fillOpacity=alt.FillOpacity(f"{chart.value}:Q", scale=scale, legend=None))
    labels = base.mark_text(fontSize=11, color=INK).encode(text="written:N")
    return alt.layer(cells, labels).properties(width=alt.Step(46), height=alt.Step(_STEP))


_SHAPES: dict[str, Any] = {"line": _line, "bars": _bars, "heat": _heat}
