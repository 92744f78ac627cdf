"""Draw the scorecard of a call as it looks in the terminal: scorecard_picture.py CALL [docs/scorecard.svg]."""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from belscore.report.files import write_whole
from belscore.report.table import card_view
from belscore.scoring import score_with_call

WIDTH = 100
# Ground, text, and the eight colours of a terminal from black to white; each stands out 4.5:1 or more (WCAG AA).
THEME = TerminalTheme(
    (24, 28, 31),
    (226, 224, 218),
    [
        (24, 28, 31),
        (255, 135, 126),
        (111, 207, 151),
        (230, 191, 88),
        (122, 170, 240),
        (200, 150, 230),
        (108, 197, 207),
        (226, 224, 218),
    ],
)


def draw(path: Path) -> str:
    """The scorecard of a call as SVG."""
    scored = score_with_call(path)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(card_view(scored.card, scored.call.quality.notes))
    # The template asks a server for its font; without that the reader's own monospaced font is used.
    template = re.sub(r"@font-face\s*{{.*?}}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    title = f"belscore score {path.name}"
    return console.export_svg(title=title, theme=THEME, code_format=template, unique_id="scorecard")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("call", type=Path)
    parser.add_argument("picture", type=Path, nargs="?", default=Path("docs/scorecard.svg"))
    arguments = parser.parse_args()
    write_whole(arguments.picture, draw(arguments.call))


if __name__ == "__main__":
    main()
