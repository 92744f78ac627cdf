"""What the pictures in docs/ share: colours with their dark counterparts, text and lines of an SVG.

A picture is drawn in the light colours; readers whose system is set to dark get the others by a style in the picture.
"""

from __future__ import annotations

from collections.abc import Iterable

FONT = "font-family='system-ui, sans-serif'"
INK, FAINT, GROUND = "#2b2f33", "#d9d5cc", "#ffffff"
# Colours that stand apart for colour-blind readers too, each at least 4.5:1 on its ground, white or nearly black.
GREEN, BLUE, BROWN, RED = "#1b6b3a", "#0b5cad", "#8a5a00", "#b3261e"
# A scale of three, pale to strong, for marks and not for text: at least 3:1 on its ground.
PALE, MIDDLE, STRONG = "#c07f10", "#96510a", "#5f2a00"
DARK = {
    INK: "#e4e1da",
    FAINT: "#41474c",
    GROUND: "#181c1f",
    GREEN: "#6fcf97",
    BLUE: "#7aaaf0",
    BROWN: "#e6bf58",
    RED: "#ff877e",
    PALE: "#a87420",
    MIDDLE: "#dd9a3c",
    STRONG: "#ffd79a",
}


def document(width: int, height: int, key: str, title: str, elements: Iterable[str]) -> str:
    """A whole picture on its ground; the colours of the elements are those above.

    key : id of the title, which a page that holds several pictures needs to be different
    """
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img' aria-labelledby='{key}'>",
        f"<title id='{key}'>{title}</title>",
        f"<style>@media (prefers-color-scheme: dark) {{{_dark_style()}}}</style>",
        f"<rect width='{width}' height='{height}' fill='{GROUND}'/>",
        *elements,
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _dark_style() -> str:
    return " ".join(
        f"[{what}='{light}'] {{{what}: {dark}}}" for light, dark in DARK.items() for what in ("fill", "stroke")
    )


def text(
    x: float, y: float, words: str, *, size: int = 13, anchor: str = "start", colour: str = INK, weight: int = 400
) -> str:
    style = f"font-size='{size}' font-weight='{weight}' text-anchor='{anchor}' fill='{colour}'"
    return f"<text x='{x}' y='{y}' {FONT} {style}>{words}</text>"


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = FAINT, width: float = 1) -> str:
    thick = f" stroke-width='{width:g}'" if width != 1 else ""
    return f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='{colour}'{thick}/>"
