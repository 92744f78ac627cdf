"""Verdicts against labelled dialogues: bench/dialogues.py FOLDER... [--detail] [--only RULE] [--half even|odd].

A folder holds pairs NAME.call and NAME.expect.json (`rules`, `accept`, `situations`, `situations_optional`). Only rules
of the rule set count. Prints a line for each wrong verdict with --detail, a table by rule, and the figures as JSON.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from belscore import load_rules, parse_call, score_call


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--half", choices=["even", "odd"])
    args = parser.parse_args()
    rules = load_rules()
    known = {rule.id for rule in rules.rules}
    per_rule: dict[str, Counter[str]] = defaultdict(Counter)
    situations = Counter[str]()
    paths = sorted(path for folder in args.folders for path in folder.glob("*.call"))
    if args.half:
        paths = [path for path in paths if (int(path.name[1:4]) % 2 == 0) == (args.half == "even")]
    for path in paths:
        expected = json.loads(path.with_suffix(".expect.json").read_text(encoding="utf-8"))
        card = score_call(parse_call(path.read_text(encoding="utf-8"), source=path.name), rules=rules)
        if "situations" in expected:
            optional = set(expected.get("situations_optional", []))
            same = set(card.situations) - optional == set(expected["situations"]) - optional
            situations["right" if same else "wrong"] += 1
            if args.detail and not same and not args.only:
                print(f"{path.stem}: situations {sorted(card.situations)}, expected {sorted(expected['situations'])}")
        for rule_id, want in expected["rules"].items():
            if rule_id not in known or (args.only and rule_id != args.only):
                continue
            finding = card.finding(rule_id)
            good = finding.verdict in (want, *expected.get("accept", {}).get(rule_id, []))
            count = per_rule[rule_id]
            count.update(labels=1, right=good, unsure=finding.verdict == "unsure")
            count.update(tp=finding.verdict == "fail" and good, fp=finding.verdict == "fail" and not good)
            count.update(fn=want == "fail" and not good, applicable=want != "not_applicable")
            count.update(applicable_right=good and want != "not_applicable")
            if args.detail and not good:
                quotes = " / ".join(evidence.quote for evidence in finding.evidence)
                why = expected.get("why", {}).get(rule_id, "")
                print(f"{path.stem} {rule_id}: {finding.verdict}, expected {want} [{finding.reason or quotes}] ({why})")
    for rule_id, count in per_rule.items():
        figures = f"{count['right']:3}/{count['labels']:3}  fp {count['fp']} fn {count['fn']} unsure {count['unsure']}"
        print(f"{rule_id:32} {figures}")
    total = sum(per_rule.values(), Counter[str]())
    print(
        json.dumps(
            {
                "dialogues": len(paths),
                "labels": total["labels"],
                "accuracy": round(total["right"] / max(1, total["labels"]), 4),
                "accuracy_applicable": round(total["applicable_right"] / max(1, total["applicable"]), 4),
                "fail_precision": round(total["tp"] / max(1, total["tp"] + total["fp"]), 4),
                "fail_recall": round(total["tp"] / max(1, total["tp"] + total["fn"]), 4),
                "unsure": round(total["unsure"] / max(1, total["labels"]), 3),
                "situations": round(situations["right"] / max(1, situations.total()), 3),
            }
        )
    )


if __name__ == "__main__":
    main()
