"""Which branches of which check kinds no example of a rule touches: bench/check_branches.py [--also ...] [--detail].

Judges every example of every rule and measures the branches taken in `belscore/checks/`; with --also the texts of the
samples, the labelled dialogues and those with a word in four misheard. Prints a line for each module with the check
kinds in it, their branches and how many were never taken, with --detail the lines where those begin. A branch that
nothing takes is one that an edit may break unseen.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parents[1]
CHECKS = ROOT / "pipeline" / "belscore" / "checks"
DIALOGUES = ROOT / "tests" / "dialogues"
MISHEARD_SHARE = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--also", nargs="+", default=[], choices=["samples", "dialogues", "misheard"])
    parser.add_argument("--detail", action="store_true")
    args = parser.parse_args()
    measuring = coverage.Coverage(branch=True, include=[f"{CHECKS}/*"], data_file=None, config_file=False)
    with measuring.collect():
        kinds = judge_all(args.also)
    total = missed = 0
    for path in sorted(CHECKS.glob("*.py")):
        if not kinds[path]:
            continue
        branches = measuring.branch_stats(str(path))
        gone = sum(exits - taken for exits, taken in branches.values())
        total, missed = total + sum(exits for exits, _ in branches.values()), missed + gone
        names = ", ".join(kinds[path])
        print(f"{path.stem:14} {sum(e for e, _ in branches.values()):>4} branches {gone:>3} not taken  ({names})")
        if args.detail:
            source = path.read_text(encoding="utf-8").splitlines()
            for line, (exits, taken) in sorted(branches.items()):
                if taken < exits:
                    print(f"    {path.name}:{line}: {source[line - 1].strip()}")
    print(json.dumps({"branches": total, "not_taken": missed, "share_taken": round(1 - missed / total, 3)}))


def judge_all(also: Collection[str]) -> dict[Path, list[str]]:
    """Judge the examples; the kinds of each module. Imports belscore here, so that all of it is measured."""
    import inspect

    from belscore import load_rules, parse_call
    from belscore.checks import CHECKS as KINDS
    from belscore.engine import judge
    from belscore.inputs import read_call
    from belscore.samples import find_samples
    from belscore.view import CallView
    from mishearing import known_words, misheard

    rules = load_rules()
    for rule in rules.rules:
        for example in rule.examples:
            judge(rule, CallView(parse_call(example.call), rules.knowledge))
    calls = [read_call(each.text) for each in find_samples([ROOT / "samples"]) if each.text and "samples" in also]
    dialogues = [read_call(path) for path in sorted(DIALOGUES.glob("*.call")) if {"dialogues", "misheard"} & set(also)]
    if "dialogues" in also:
        calls += dialogues
    if "misheard" in also:
        words = known_words(dialogues)
        calls += [misheard(call, MISHEARD_SHARE, words, "branches") for call in dialogues]
    for call in calls:
        view = CallView(call, rules.knowledge)
        for rule in rules.rules:
            judge(rule, view)
    kinds: dict[Path, list[str]] = defaultdict(list)
    for kind, check in KINDS.items():
        kinds[Path(inspect.getfile(check))].append(kind)
    return kinds


if __name__ == "__main__":
    main()
