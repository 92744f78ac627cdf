"""How well question trees are judged, on faultless and misheard words: bench/question_trees.py [--half dev|blind].

The calls are tests/trees/*.call, each with the verdict of every item beside it (*.expected.json: tree, item, verdict;
a tree that is not named does not apply), the trees those of samples/praktijk.toml. `dev` are the calls the phrases
were tuned on, `blind` the last quarter, judged only when they were done. Words are misheard with several seeds
(mishearing.py); two runs give the same figures. Prints lines of JSON: precision and recall of `missing` and `covered`
and the share of what was judged that is unsure; with --detail what was wrong, of misheard words the wrong `missing`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from belscore import load_rules, parse_call
from belscore.call import Call
from belscore.profile import Profile, load_profile
from belscore.rulebook import RuleSet
from belscore.scorecard import QuestionFinding
from belscore.tree_verdicts import finding_of, judge_trees
from belscore.view import CallView
from mishearing import known_words, misheard

ROOT = Path(__file__).resolve().parent.parent
FOLDER, PROFILE = ROOT / "tests" / "trees", ROOT / "samples" / "praktijk.toml"
SHARES = (0.0, 0.10, 0.25, 0.40)
SEEDS = 10
# The last quarter of the calls, by their numbers.
BLIND_FROM = 34


@dataclass(frozen=True, slots=True)
class TreeCall:
    """labels : (tree, item) -> the verdict on a faultless transcript"""

    call: Call
    labels: Mapping[tuple[str, str], str]


def read_calls(folder: Path = FOLDER, *, half: str = "all") -> list[TreeCall]:
    found = []
    for path in sorted(folder.glob("*.call")):
        if half != "all" and (int(path.name[:2]) >= BLIND_FROM) != (half == "blind"):
            continue
        expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
        labels = {(tree, item): verdict for tree, items in expected.items() for item, verdict in items.items()}
        found.append(TreeCall(parse_call(path.read_text(encoding="utf-8"), source=path.stem), labels))
    return found


def questions(call: Call, profile: Profile, rules: RuleSet) -> list[QuestionFinding]:
    """What the card of the call says of the trees; without judging the rules, which takes most of the time."""
    judged = judge_trees(profile.trees, CallView(call, rules.knowledge, profile))
    return [finding_of(tree, item, outcome, rules.reasons) for tree, item, outcome in judged]


def pairs(labelled: TreeCall, found: Sequence[QuestionFinding]) -> Iterator[tuple[str, str, QuestionFinding | None]]:
    """(label, verdict, finding) of every item that is labelled or judged; `none` where a tree does not apply."""
    judged = {(each.tree, each.item): each for each in found}
    for key in sorted({*labelled.labels, *judged}):
        finding = judged.get(key)
        yield labelled.labels.get(key, "none"), finding.verdict if finding else "none", finding


def figures(counts: Counter[tuple[str, str]]) -> dict[str, object]:
    """counts : (label, verdict) -> how often"""
    told: dict[str, object] = {"labels": sum(n for (label, _), n in counts.items() if label != "none")}
    for verdict in ("missing", "covered"):
        right = counts[verdict, verdict]
        said = sum(n for (_, given), n in counts.items() if given == verdict)
        due = sum(n for (label, _), n in counts.items() if label == verdict)
        told |= {f"{verdict}_said": said, f"{verdict}_precision": ratio(right, said)}
        told[f"{verdict}_recall"] = ratio(right, due)
    judged = sum(n for (_, given), n in counts.items() if given != "none")
    told["unsure"] = ratio(sum(n for (_, given), n in counts.items() if given == "unsure"), judged)
    return told


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=["all", "dev", "blind"], default="all")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--detail", action="store_true")
    args = parser.parse_args()
    rules = load_rules()
    profile = load_profile(PROFILE, rules)
    calls = read_calls(half=args.half)
    words = known_words([each.call for each in read_calls()])
    for share in SHARES:
        counts = Counter[tuple[str, str]]()
        for seed in range(args.seeds if share else 1):
            for labelled in calls:
                call = misheard(labelled.call, share, words, f"{seed}") if share else labelled.call
                for label, verdict, finding in pairs(labelled, questions(call, profile, rules)):
                    counts[label, verdict] += 1
                    wrong = label != verdict and (not share or verdict == "missing")
                    if args.detail and wrong:
                        show(labelled.call.source, label, verdict, finding, share)
        print(json.dumps({"misheard": share, "calls": len(calls), **figures(counts)}))


def show(source: str, label: str, verdict: str, finding: QuestionFinding | None, share: float) -> None:
    item = f"{finding.tree}/{finding.item}" if finding else "a tree"
    quotes = " / ".join(each.quote for each in finding.evidence) if finding else ""
    print(f"{share:.2f} {source} {item}: {verdict}, expected {label} [{quotes}]")


if __name__ == "__main__":
    main()
