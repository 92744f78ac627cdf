"""Verdicts that change as words are misheard: bench/corruption.py FOLDER... [--share 0.25] [--detail RULE].

One word in four is misheard as a recogniser does on a telephone line (mishearing.py). Prints for each rule how many
passes turned into fails, fails into passes, and verdicts into `unsure`, measured against the verdicts on the faultless
words, and the same as JSON. The random numbers are fixed, so two runs give the same figures.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from belscore import load_rules, parse_call, score_call
from labels import ratio, total_of
from mishearing import known_words, misheard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--detail", default="", help="rule whose passes that turn into fails are shown")
    args = parser.parse_args()
    rules = load_rules()
    paths = [path for folder in args.folders for path in sorted(folder.glob("*.call"))]
    calls = [parse_call(path.read_text(encoding="utf-8"), source=path.name) for path in paths]
    words = known_words(calls)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for call in calls:
        clean = {finding.rule_id: finding.verdict for finding in score_call(call, rules=rules).findings}
        for repeat in range(args.repeats):
            poor = misheard(call, args.share, words, str(repeat))
            for finding in score_call(poor, rules=rules).findings:
                before = clean[finding.rule_id]
                count = counts[finding.rule_id]
                count.update(**{"runs": 1, before: 1, f"{before} to {finding.verdict}": before != finding.verdict})
                if args.detail == finding.rule_id and (before, finding.verdict) == ("pass", "fail"):
                    quotes = " / ".join(evidence.quote for evidence in finding.evidence)
                    print(f"{call.source} {repeat}: {quotes}")
    report(counts)


def report(counts: dict[str, Counter[str]]) -> None:
    total = total_of(counts.values())
    for rule_id, count in counts.items():
        unsure = count["pass to unsure"] + count["fail to unsure"]
        print(
            f"{rule_id:32} pass {count['pass']:4} to fail {count['pass to fail']:3}   fail {count['fail']:4} "
            f"to pass {count['fail to pass']:3}   not_applicable {count['not_applicable']:4} "
            f"to fail {count['not_applicable to fail']:3}   to unsure {unsure:3}"
        )
    figures = {
        "runs": total["runs"],
        "pass_to_fail": ratio(total["pass to fail"], total["pass"]),
        "not_applicable_to_fail": ratio(total["not_applicable to fail"], total["not_applicable"]),
        "fail_to_pass": ratio(total["fail to pass"], total["fail"]),
        "to_unsure": ratio(total["pass to unsure"] + total["fail to unsure"], total["pass"] + total["fail"]),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
