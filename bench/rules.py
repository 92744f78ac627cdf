"""How well the rules judge, on faultless and on misheard words: bench/rules.py [FOLDER ...] [--picture FILE].

Prints the figures on labelled dialogues as tables in Markdown and, last, as one line of JSON: verdicts against labels,
rules under 0.80, dialogues without a fault that get a `fail`, and the same figures where 10, 25 and 40 % of the words
are misheard (mishearing.py). The random numbers are fixed: two runs give the same figures.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from belscore import load_rules, score_call
from belscore.report.files import write_whole
from belscore.rulebook import RuleSet
from belscore.scorecard import Scorecard
from labels import Labelled, count, figures, load, ratio, total_of
from mishearing import known_words, misheard
from noise_picture import draw
from sounds import Vocabulary

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "tests" / "dialogues", ROOT.parent / "shared" / "dialogues-dev")
SHARES = (0.10, 0.25, 0.40)
WEAK_RULE = 0.80
NAMES = {
    "accuracy": "accuracy, all labels",
    "accuracy_applicable": "accuracy, applicable labels",
    "fail_precision": "precision of `fail`",
    "fail_recall": "recall of `fail`",
    "fail_recall_judged": "recall of `fail`, `unsure` left out",
    "unsure_applicable": "`unsure` of applicable labels",
    "pass_to_fail": "passes that become `fail`",
    "situations": "situations right",
}


def clean_figures(dialogues: Sequence[Labelled], cards: Sequence[Scorecard], rules: RuleSet) -> dict[str, Any]:
    """All figures on the words as they were written."""
    per_rule: dict[str, Counter[str]] = defaultdict(Counter)
    accused: dict[str, list[str]] = {}
    situations = [each.same_situations(card) for each, card in zip(dialogues, cards, strict=True)]
    for dialogue, card in zip(dialogues, cards, strict=True):
        for rule_id, want in dialogue.labels(rules):
            verdict = card.finding(rule_id).verdict
            per_rule[rule_id].update(count(dialogue, rule_id, want, verdict))
        wrong = [finding.rule_id for finding in card.findings if _accuses(dialogue, finding.rule_id, finding.verdict)]
        if dialogue.faultless and wrong:
            accused[dialogue.name] = wrong
    weak = {rule: ratio(each["right"], each["labels"]) for rule, each in per_rule.items()}
    faultless = sum(dialogue.faultless for dialogue in dialogues)
    return {
        "dialogues": len(dialogues),
        "labels": sum(each["labels"] for each in per_rule.values()),
        **figures(total_of(per_rule.values())),
        "situations": ratio(situations.count(True), len(situations) - situations.count(None)),
        "weak_rules": {rule: share for rule, share in weak.items() if share < WEAK_RULE},
        "faultless_dialogues": faultless,
        "faultless_accused": accused,
    }


def _accuses(dialogue: Labelled, rule_id: str, verdict: str) -> bool:
    """A `fail` that no label allows; on a rule without a label too."""
    return verdict == "fail" and not (rule_id in dialogue.expected["rules"] and dialogue.right(rule_id, verdict))


def misheard_figures(
    dialogues: Sequence[Labelled],
    cards: Sequence[Scorecard],
    rules: RuleSet,
    words: Vocabulary,
    args: argparse.Namespace,
) -> dict[str, dict[str, Any]]:
    """The same figures by share of misheard words, over all seeds."""
    table: dict[str, dict[str, Any]] = {}
    for share in args.shares:
        total = Counter[str]()
        wrong_fails = Counter[str]()
        for dialogue, clean in zip(dialogues, cards, strict=True):
            for seed in range(args.seeds):
                poor = misheard(dialogue.call, share, words, str(seed), punctuation=not args.no_punctuation)
                card = score_call(poor, rules=rules)
                same = dialogue.same_situations(card)
                total.update(situations_known=same is not None, situations=bool(same))
                for rule_id, want in dialogue.labels(rules):
                    verdict = card.finding(rule_id).verdict
                    one = count(dialogue, rule_id, want, verdict)
                    passed = clean.finding(rule_id).verdict == "pass"
                    total.update(one, clean_pass=passed, passed_now_failed=passed and verdict == "fail")
                    wrong_fails[rule_id] += one["fp"]
                    if args.detail and one["fp"]:
                        quotes = " / ".join(evidence.quote for evidence in card.finding(rule_id).evidence)
                        print(f"{share:.0%} {dialogue.name} {seed} {rule_id}: fail, expected {want} [{quotes}]")
        table[f"{share:.2f}"] = {
            **figures(total),
            "pass_to_fail": ratio(total["passed_now_failed"], total["clean_pass"]),
            "situations": ratio(total["situations"], total["situations_known"]),
            "wrong_fails": {rule: number for rule, number in wrong_fails.most_common() if number},
        }
    return table


def markdown(folder: str, clean: dict[str, Any], poor: dict[str, dict[str, Any]]) -> str:
    columns = [("0 %", clean), *((f"{float(share):.0%}".replace("%", " %"), figure) for share, figure in poor.items())]
    lines = [
        f"### {folder}: {clean['dialogues']} dialogues, {clean['labels']} labels",
        "",
        "| words misheard | " + " | ".join(name for name, _ in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for key, name in NAMES.items():
        values = [f"{100 * figure[key]:.1f} %" if key in figure else "" for _, figure in columns]
        lines.append(f"| {name} | " + " | ".join(values) + " |")
    weak = ", ".join(f"`{rule}` {share:.2f}" for rule, share in clean["weak_rules"].items()) or "none"
    accused = [f"`{name}` ({', '.join(ids)})" for name, ids in clean["faultless_accused"].items()]
    lines += [
        "",
        f"Rules under {WEAK_RULE:.2f}: {weak}.",
        f"Of {clean['faultless_dialogues']} dialogues without a labelled fault {len(accused)} get a `fail`"
        + (f": {', '.join(accused)}." if accused else "."),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--shares", type=float, nargs="*", default=SHARES)
    parser.add_argument("--no-punctuation", action="store_true", help="take the punctuation away as well")
    parser.add_argument("--detail", action="store_true", help="also every wrong fail on misheard words")
    parser.add_argument("--picture", type=Path, help="draw the figures of the first folder by share of misheard words")
    args = parser.parse_args()
    rules = load_rules()
    results: dict[str, Any] = {}
    for folder in args.folders or [folder for folder in FOLDERS if folder.is_dir()]:
        dialogues = load([folder])
        cards = [score_call(dialogue.call, rules=rules) for dialogue in dialogues]
        clean = clean_figures(dialogues, cards, rules)
        words = known_words(dialogue.call for dialogue in dialogues)
        poor = misheard_figures(dialogues, cards, rules, words, args)
        results[folder.name] = {"clean": clean, "misheard": poor}
        print(markdown(folder.name, clean, poor))
    if args.picture:
        first = next(iter(results.values()))
        write_whole(args.picture, draw({0.0: first["clean"]} | {float(k): v for k, v in first["misheard"].items()}))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
