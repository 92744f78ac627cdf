"""Verdicts on the sample calls, from the sound and from the true text, beside the expected ones.

Usage: bench/samples.py [NAME ...] [--text] [--model NAME]. Prints a table of sample by rule, and what the recogniser
missed as JSON. `--text` leaves the sound out.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from belscore.scorecard import Scorecard
from belscore.scoring import score_file

CALLS = Path(__file__).resolve().parent.parent / "samples" / "calls"
_MARKS = {"pass": "+", "fail": "x", "not_applicable": ".", "unsure": "?", "": " "}
_RECORDINGS = (".wav", ".flac", ".mp3", ".opus", ".m4a")


@dataclass(frozen=True, slots=True)
class Row:
    """Verdicts on one sample by rule id; `heard` is empty when the sound was left out."""

    name: str
    expected: dict[str, str]
    read: dict[str, str]
    heard: dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--model", default=None)
    args = parser.parse_args()
    paths = [path for path in sorted(CALLS.glob("*.call")) if not args.names or path.stem in args.names]
    rows = [_row(path, model=args.model, text_only=args.text) for path in paths]
    _print_table(rows)
    print(json.dumps(_summary(rows, heard=not args.text), ensure_ascii=False))


def _row(path: Path, *, model: str | None, text_only: bool) -> Row:
    expected: dict[str, Any] = tomllib.loads(path.with_suffix(".expected.toml").read_text(encoding="utf-8"))
    rules = list(expected["verdicts"])
    heard = {} if text_only else _verdicts(score_file(_recording(path), model=model), rules)
    return Row(path.stem, expected["verdicts"], _verdicts(score_file(path), rules), heard)


def _recording(path: Path) -> Path:
    (found,) = (path.with_suffix(end) for end in _RECORDINGS if path.with_suffix(end).exists())
    return found


def _verdicts(card: Scorecard, rules: list[str]) -> dict[str, str]:
    return {rule: card.finding(rule).verdict for rule in rules}


def _print_table(rows: list[Row]) -> None:
    rules = list(rows[0].expected)
    width = max(len(row.name) for row in rows)
    print("each cell: expected, from the text, from the sound; + pass, x fail, . not applicable, ? unsure")
    for number, rule in enumerate(rules, start=1):
        print(f"  {number:>2} {rule}")
    print(" " * width, *(f"{number:>4}" for number in range(1, len(rules) + 1)))
    for row in rows:
        cells = (
            "".join(_MARKS[verdicts.get(rule, "")] for verdicts in (row.expected, row.read, row.heard))
            for rule in rules
        )
        print(f"{row.name:<{width}}", *(f"{cell:>4}" for cell in cells))


def _summary(rows: list[Row], *, heard: bool) -> dict[str, Any]:
    summary: dict[str, Any] = {"samples": len(rows)}
    for kind in ("read", "heard") if heard else ("read",):
        pairs = [
            (row.name, rule, want, getattr(row, kind)[rule]) for row in rows for rule, want in row.expected.items()
        ]
        summary[kind] = {
            "verdicts": len(pairs),
            "right": sum(want == got for *_, want, got in pairs),
            "unsure": sum(got == "unsure" for *_, got in pairs),
            "differing": [f"{name} {rule}: {got}, not {want}" for name, rule, want, got in pairs if got != want],
        }
    return summary


if __name__ == "__main__":
    main()
