"""Little calls with the situations and verdicts they must give: `tests/verdicts/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from belscore import load_rules, score_call
from belscore.call import Call
from labelled_situations import little_call

FOLDER = Path(__file__).parent / "verdicts"
RULES = load_rules()
BLOCK = 25


def _blocks() -> Iterator[object]:
    """Some lines of a file at once: a case for each of thousands would take longer to hand out than to run."""
    for path in sorted(FOLDER.glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        told = [(number, line) for number, line in enumerate(lines, start=1) if line and not line.startswith("#")]
        for block in range(0, len(told), BLOCK):
            some = told[block : block + BLOCK]
            yield pytest.param(path.name, some, id=f"{path.stem}-{some[0][0]}-{some[-1][0]}")


@pytest.mark.parametrize(("name", "lines"), list(_blocks()))
def test_little_calls(name: str, lines: list[tuple[int, str]]) -> None:
    assert [wrong for number, line in lines for wrong in _wrong(name, number, line)] == []


def _wrong(name: str, number: int, line: str) -> Iterator[str]:
    """What a line expects and does not get."""
    expected, _, text = line.partition(" :: ")
    call: Call = little_call(f"{name}:{number}", text)
    card = score_call(call, rules=RULES)
    for each in expected.split():
        what, _, must = each.partition("=")
        if must in ("yes", "no"):
            if (what in card.situations) != (must == "yes"):
                yield f"{name}:{number} {what} must be {must}"
        else:
            finding = card.finding(what)
            if finding.verdict != must:
                quotes = [evidence.quote for evidence in finding.evidence]
                yield f"{name}:{number} {what} must be {must}: {finding.verdict} ({finding.reason}) {quotes}"
