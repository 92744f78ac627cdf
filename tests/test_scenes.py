"""Verdicts and situations on short labelled scenes, denser than calls are: figures that must not fall.

`bench/dialogues.py tests/scenes --detail` prints them in detail. Each scene has labels for the rules of one group only.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from belscore import parse_call, score_call
from stored_calls import rules

pytestmark = pytest.mark.slow
SCENES = Path(__file__).parent / "scenes"
# Measured with bench/dialogues.py and lowered by one or two points.
MIN_ACCURACY = 0.98
MIN_FAIL_PRECISION = 0.98
MIN_FAIL_RECALL = 0.95
MIN_SITUATIONS = 0.95


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    total: Counter[str] = Counter()
    for path in sorted(SCENES.glob("*.call")):
        expected = json.loads(path.with_suffix(".expect.json").read_text(encoding="utf-8"))
        card = score_call(parse_call(path.read_text(encoding="utf-8"), source=path.name), rules=rules())
        for rule_id, want in expected["rules"].items():
            got = card.finding(rule_id).verdict
            good = got in (want, *expected.get("accept", {}).get(rule_id, []))
            total.update(labels=1, right=good, failed=got == "fail", wrong_fail=got == "fail" and not good)
            total.update(due=want == "fail", missed=want == "fail" and not good)
        apart = set(card.situations) ^ set(expected["situations"])
        total.update(scenes=1, situations=apart <= set(expected.get("situations_optional", ())))
    return total


def test_accuracy(counts: Counter[str]) -> None:
    assert counts["labels"] > 3000
    assert counts["right"] / counts["labels"] >= MIN_ACCURACY


def test_fails(counts: Counter[str]) -> None:
    assert 1 - counts["wrong_fail"] / counts["failed"] >= MIN_FAIL_PRECISION
    assert 1 - counts["missed"] / counts["due"] >= MIN_FAIL_RECALL


def test_situations(counts: Counter[str]) -> None:
    assert counts["situations"] / counts["scenes"] >= MIN_SITUATIONS
