"""Verdicts on labelled dialogues of our own: figures that must not fall. bench/dialogues.py prints them in detail."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from stored_calls import DIALOGUES, judged_dialogues, rules

pytestmark = pytest.mark.slow
# Measured with bench/dialogues.py and lowered by one point; wrong `fail` verdicts are the worst kind of error.
MIN_ACCURACY = 0.98
MIN_FAIL_PRECISION = 0.98
MIN_FAIL_RECALL = 0.97


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    known = {rule.id for rule in rules().rules}
    total: Counter[str] = Counter()
    for call, card in judged_dialogues():
        expected = json.loads((DIALOGUES / call.source).with_suffix(".expect.json").read_text(encoding="utf-8"))
        for rule_id, want in expected["rules"].items():
            if rule_id in known:
                got = card.finding(rule_id).verdict
                good = got in (want, *expected.get("accept", {}).get(rule_id, []))
                total.update(labels=1, right=good)
                total.update(failed=got == "fail", wrong_fail=got == "fail" and not good)
                total.update(due=want == "fail", missed=want == "fail" and not good)
    return total


def test_accuracy(counts: Counter[str]) -> None:
    assert counts["labels"] > 600
    assert counts["right"] / counts["labels"] >= MIN_ACCURACY


def test_fail_precision(counts: Counter[str]) -> None:
    assert 1 - counts["wrong_fail"] / counts["failed"] >= MIN_FAIL_PRECISION


def test_fail_recall(counts: Counter[str]) -> None:
    assert 1 - counts["missed"] / counts["due"] >= MIN_FAIL_RECALL
