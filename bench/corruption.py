"""Verdicts on poor transcripts: bench/corruption.py FOLDER... [--share 0.25] [--repeats 3] [--detail RULE].

One word in four is lost or misheard, as a recogniser does on telephone speech (SPEECH.md 5.1): half of those words are
dropped, the others become another word of the dialogues or a garbled form of themselves, with a low recognition
probability. Prints for each rule how many passes turned into fails, fails into passes, and verdicts into `unsure`, and
the same as JSON. The random numbers are fixed, so two runs give the same figures.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from belscore import load_rules, parse_call, score_call
from belscore.call import Call, Word

SURE = (0.8, 0.99)
DOUBTFUL = (0.3, 0.6)
LETTERS = "aeiounrtsdlgkvmp"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--detail", default="", help="rule whose passes that turn into fails are shown")
    args = parser.parse_args()
    rules = load_rules()
    calls = [
        parse_call(path.read_text(encoding="utf-8"), source=path.stem)
        for folder in args.folders
        for path in sorted(folder.glob("*.call"))
    ]
    vocabulary = sorted({word.text for call in calls for turn in call.turns for word in turn.words})
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for call in calls:
        clean = {finding.rule_id: finding for finding in score_call(call, rules=rules).findings}
        for repeat in range(args.repeats):
            chance = random.Random(f"{call.source} {repeat}")
            poor = corrupted(call, args.share, vocabulary, chance)
            for finding in score_call(poor, rules=rules).findings:
                before = clean[finding.rule_id].verdict
                count = counts[finding.rule_id]
                count.update(**{"runs": 1, before: 1, f"{before} to {finding.verdict}": before != finding.verdict})
                if args.detail == finding.rule_id and (before, finding.verdict) == ("pass", "fail"):
                    quotes = " / ".join(evidence.quote for evidence in finding.evidence)
                    print(f"{call.source} {repeat}: {quotes}")
    report(counts)


def corrupted(call: Call, share: float, vocabulary: Sequence[str], chance: random.Random) -> Call:
    """The call with about `share` of its words lost or misheard. Turns left without words go."""
    turns = []
    for turn in call.turns:
        words = [heard for word in turn.words if (heard := _heard(word, share, vocabulary, chance)) is not None]
        if words:
            turns.append(replace(turn, words=tuple(words), text=" ".join(word.text for word in words)))
    return replace(call, turns=tuple(turns))


def _heard(word: Word, share: float, vocabulary: Sequence[str], chance: random.Random) -> Word | None:
    if chance.random() >= share:
        return replace(word, probability=round(chance.uniform(*SURE), 2))
    if chance.random() < 0.5:
        return None
    text = chance.choice(vocabulary) if chance.random() < 0.5 else _garbled(word.text, chance)
    return replace(word, text=text, probability=round(chance.uniform(*DOUBTFUL), 2))


def _garbled(text: str, chance: random.Random) -> str:
    """Half of the letters changed."""
    return "".join(chance.choice(LETTERS) if chance.random() < 0.5 and letter.isalpha() else letter for letter in text)


def report(counts: dict[str, Counter[str]]) -> None:
    total = sum(counts.values(), Counter[str]())
    for rule_id, count in counts.items():
        unsure = count["pass to unsure"] + count["fail to unsure"]
        print(
            f"{rule_id:32} pass {count['pass']:4} to fail {count['pass to fail']:3}   fail {count['fail']:4} "
            f"to pass {count['fail to pass']:3}   not_applicable {count['not_applicable']:4} "
            f"to fail {count['not_applicable to fail']:3}   to unsure {unsure:3}"
        )
    print(
        json.dumps(
            {
                "runs": total["runs"],
                "pass_to_fail": round(total["pass to fail"] / max(1, total["pass"]), 4),
                "not_applicable_to_fail": round(total["not_applicable to fail"] / max(1, total["not_applicable"]), 4),
                "fail_to_pass": round(total["fail to pass"] / max(1, total["fail"]), 4),
                "to_unsure": round((total["pass to unsure"] + total["fail to unsure"]) / max(1, total["runs"]), 4),
            }
        )
    )


if __name__ == "__main__":
    main()
