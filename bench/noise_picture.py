"""Draw how verdicts fare as words are misheard, as SVG; `make bench-rules` writes docs/ruis.svg with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import svg

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 240, 44, 58
TITLE = "Oordelen bij slecht verstane woorden"


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure by share of misheard words: its key, its name in Dutch, colour and dashes."""

    key: str
    name: str
    colour: str
    dashes: str = ""


# Dashes tell the curves apart in print.
CURVES = (
    Curve("fail_precision", "fouten die kloppen", svg.GREEN),
    Curve("fail_recall", "fouten die gevonden zijn", svg.BLUE, "7 4"),
    Curve("unsure_applicable", "oordeel onzeker", svg.BROWN, "2 4"),
    Curve("pass_to_fail", "goed dat fout wordt", svg.RED, "10 4 2 4"),
)


def draw(points: Mapping[float, Mapping[str, float]]) -> str:
    """The curves as SVG.

    points : share of misheard words 0..1 -> the figures (0..1) of `bench/rules.py`; one that is missing counts as 0
    """
    shares = sorted(points)
    most = max(shares) or 1.0

    def place(share: float, value: float) -> tuple[float, float]:
        across = LEFT + share / most * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM), 1)

    lines = [svg.text(LEFT, 24, TITLE, size=16, weight=600)]
    for tenth in range(0, 11, 2):
        (x1, y), (x2, _) = place(0.0, tenth / 10), place(most, tenth / 10)
        lines.append(svg.line(x1, y, x2, y))
        lines.append(svg.text(x1 - 8, y + 4, f"{10 * tenth} %", anchor="end"))
    for share in shares:
        x, y = place(share, 0.0)
        lines.append(svg.text(x, y + 20, f"{share:.0%}".replace("%", " %"), anchor="middle"))
    middle, foot = place(most / 2, 0.0)
    lines.append(svg.text(middle, foot + 44, "woorden die de herkenner verkeerd verstaat", anchor="middle"))
    heights = _apart([place(most, points[shares[-1]].get(curve.key, 0.0))[1] for curve in CURVES])
    for curve, height in zip(CURVES, heights, strict=True):
        corners = [place(share, points[share].get(curve.key, 0.0)) for share in shares]
        path = " ".join(f"{x},{y}" for x, y in corners)
        dashes = f" stroke-dasharray='{curve.dashes}'" if curve.dashes else ""
        lines.append(f"<polyline points='{path}' fill='none' stroke='{curve.colour}' stroke-width='2.5'{dashes}/>")
        lines += [f"<circle cx='{x}' cy='{y}' r='3.5' fill='{curve.colour}'/>" for x, y in corners]
        last = f"{100 * points[shares[-1]].get(curve.key, 0.0):.0f} %"
        lines.append(svg.text(corners[-1][0] + 10, height + 4, f"{curve.name}, {last}", colour=curve.colour))
    return svg.document(WIDTH, HEIGHT, "ruis", TITLE, lines)


def _apart(heights: Sequence[float], gap: float = 18.0) -> list[float]:
    """Heights of labels, in the order given, moved down until none lies on another."""
    moved = list(heights)
    order = sorted(range(len(moved)), key=lambda at: moved[at])
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + gap)
    spare = max(0.0, max(moved) - (HEIGHT - BOTTOM))
    return [height - spare for height in moved]
