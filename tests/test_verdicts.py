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


def _cases() -> Iterator[object]:
    """(call, situation or rule, what it must be) for every expectation of every line."""
    for path in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line or line.startswith("#"):
                continue
            expected, _, text = line.partition(" :: ")
            call = little_call(f"{path.name}:{number}", text)
            for each in expected.split():
                what, _, must = each.partition("=")
                yield pytest.param(call, what, must, id=f"{path.stem}-{number}-{what}")


@pytest.mark.parametrize(("call", "what", "must"), list(_cases()))
def test_little_call(call: Call, what: str, must: str) -> None:
    card = score_call(call, rules=RULES)
    if must in ("yes", "no"):
        assert (what in card.situations) == (must == "yes")
    else:
        finding = card.finding(what)
        assert finding.verdict == must, (finding.reason, [each.quote for each in finding.evidence])
