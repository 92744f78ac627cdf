"""Verdicts against labelled dialogues: bench/dialogues.py FOLDER... [--detail] [--only RULE] [--half even|odd].

Only rules of the rule set count. Prints a line for each wrong verdict with --detail, a table by rule, and the figures
as JSON. `make bench-rules` measures the same on misheard words.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from belscore import load_rules, score_call
from belscore.scorecard import Scorecard
from labels import Labelled, count, figures, load, ratio, total_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--half", choices=["even", "odd"])
    args = parser.parse_args()
    rules = load_rules()
    per_rule: dict[str, Counter[str]] = defaultdict(Counter)
    situations = Counter[bool | None]()
    dialogues = load(args.folders)
    if args.half:
        dialogues = [
            each for each in dialogues if (int(re.sub(r"\D", "", each.name[:5])) % 2 == 0) == (args.half == "even")
        ]
    for dialogue in dialogues:
        card = score_call(dialogue.call, rules=rules)
        same = dialogue.same_situations(card)
        situations[same] += 1
        if args.detail and same is False and not args.only:
            wanted = sorted(dialogue.expected["situations"])
            print(f"{dialogue.name}: situations {sorted(card.situations)}, expected {wanted}")
        for rule_id, want in dialogue.labels(rules):
            if args.only and rule_id != args.only:
                continue
            per_rule[rule_id].update(count(dialogue, rule_id, want, card.finding(rule_id).verdict))
            if args.detail:
                show_wrong(dialogue, card, rule_id, want)
    for rule_id, each in per_rule.items():
        wrong = f"fp {each['fp']} fn {each['fn']} unsure {each['unsure']}"
        print(f"{rule_id:32} {each['right']:3}/{each['labels']:3}  {wrong}")
    total = total_of(per_rule.values())
    found = {"situations": ratio(situations[True], situations[True] + situations[False])}
    print(json.dumps({"dialogues": len(dialogues), "labels": total["labels"], **figures(total), **found}))


def show_wrong(dialogue: Labelled, card: Scorecard, rule_id: str, want: str) -> None:
    finding = card.finding(rule_id)
    if not dialogue.right(rule_id, finding.verdict):
        quotes = " / ".join(evidence.quote for evidence in finding.evidence)
        why = dialogue.expected.get("why", {}).get(rule_id, "")
        print(f"{dialogue.name} {rule_id}: {finding.verdict}, expected {want} [{finding.reason or quotes}] ({why})")


if __name__ == "__main__":
    main()
