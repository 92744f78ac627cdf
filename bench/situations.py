"""Situations against labelled sentences and little calls: bench/situations.py [FOLDER] [--detail].

A folder holds one `SITUATION.txt` each; the first lines of the files say how they are written. Odd lines are for
development, even ones are held out. Figures are for both; --detail shows the wrong ones of the odd lines only.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from belscore import load_rules
from belscore.view import CallView
from labelled_situations import read_cases

HOME = Path(__file__).parents[1] / "tests" / "situations"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=HOME)
    parser.add_argument("--detail", action="store_true")
    args = parser.parse_args()
    knowledge = load_rules().knowledge
    totals: dict[str, Counter[str]] = {}
    spent_s = 0.0
    for case in read_cases(args.folder):
        view = CallView(case.call, knowledge)
        started = time.perf_counter()
        situations = view.situations
        spent_s += time.perf_counter() - started
        found = case.situation in situations
        doubtful = case.situation in situations.doubtful
        half = "held-out" if case.held_out else "develop"
        count = totals.setdefault(f"{case.name} {half}", Counter())
        count.update(cases=1, right=found == case.expected, missed=case.expected and not found)
        count.update(invented=found and not case.expected, doubtful=doubtful)
        if args.detail and half == "develop" and found != case.expected:
            quotes = " / ".join(match.quote for match in situations.complaint) if found else ""
            print(f"{case.name} {case.number}: {'invented' if found else 'missed'}: {case.text} [{quotes}]")
    for name, count in totals.items():
        figures = {key: count[key] for key in ("cases", "right", "missed", "invented", "doubtful")}
        print(json.dumps({"what": name, **figures, "accuracy": round(count["right"] / count["cases"], 3)}))
    cases = sum(count["cases"] for count in totals.values())
    print(json.dumps({"cases": cases, "ms_per_case": round(1000 * spent_s / max(1, cases), 2)}))


if __name__ == "__main__":
    main()
