"""Labelled dialogues, and verdicts counted against their labels.

A folder holds pairs NAME.call and NAME.expect.json: `rules` (the verdict each must get), `accept` (verdicts that are
right too), `situations`, `situations_optional` and `why`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from belscore import parse_call
from belscore.call import Call
from belscore.rulebook import RuleSet
from belscore.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Labelled:
    """A dialogue with its labels."""

    name: str
    call: Call
    expected: dict[str, Any]

    def labels(self, rules: RuleSet) -> list[tuple[str, str]]:
        """Rule and verdict, for the rules of the set."""
        known = {rule.id for rule in rules.rules}
        return [(rule_id, want) for rule_id, want in self.expected["rules"].items() if rule_id in known]

    def right(self, rule_id: str, verdict: str) -> bool:
        return verdict in (self.expected["rules"][rule_id], *self.expected.get("accept", {}).get(rule_id, ()))

    def same_situations(self, card: Scorecard) -> bool | None:
        """None where the situations are not labelled."""
        if "situations" not in self.expected:
            return None
        optional = set(self.expected.get("situations_optional", ()))
        return set(card.situations) - optional == set(self.expected["situations"]) - optional

    @property
    def faultless(self) -> bool:
        """No label is `fail`."""
        return "fail" not in self.expected["rules"].values()


def load(folders: Iterable[Path]) -> list[Labelled]:
    return [
        Labelled(
            path.stem,
            parse_call(path.read_text(encoding="utf-8"), source=path.name),
            json.loads(path.with_suffix(".expect.json").read_text(encoding="utf-8")),
        )
        for folder in folders
        for path in sorted(folder.glob("*.call"))
    ]


def count(dialogue: Labelled, rule_id: str, want: str, verdict: str) -> Counter[str]:
    """One verdict on one label, as the counts that `figures` reads.

    tp, fp, fn : of `fail`; a `fail` label that got `unsure` is in `fn` and in `unjudged`
    """
    good = dialogue.right(rule_id, verdict)
    applies = want != "not_applicable"
    return Counter(
        labels=1,
        right=good,
        applicable=applies,
        applicable_right=good and applies,
        unsure=verdict == "unsure",
        applicable_unsure=verdict == "unsure" and applies,
        tp=verdict == "fail" and good,
        fp=verdict == "fail" and not good,
        fn=want == "fail" and not good,
        unjudged=want == "fail" and verdict == "unsure" and not good,
    )


def figures(total: Counter[str]) -> dict[str, float]:
    """Shares 0..1 from counts; precision and recall are those of `fail`."""
    return {
        "accuracy": ratio(total["right"], total["labels"]),
        "accuracy_applicable": ratio(total["applicable_right"], total["applicable"]),
        "fail_precision": ratio(total["tp"], total["tp"] + total["fp"]),
        "fail_recall": ratio(total["tp"], total["tp"] + total["fn"]),
        "fail_recall_judged": ratio(total["tp"], total["tp"] + total["fn"] - total["unjudged"]),
        "unsure_applicable": ratio(total["applicable_unsure"], total["applicable"]),
    }


def ratio(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def total_of(counts: Iterable[Counter[str]] | Sequence[Counter[str]]) -> Counter[str]:
    total = Counter[str]()
    for each in counts:
        total.update(each)
    return total
