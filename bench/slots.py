"""Verdicts on lines written for the slot of a little call: bench/slots.py FILE... [--detail] [--only RULE].

For each rule or situation: how many of its fails were found, how many passes got a fail, and what was `unsure` or took
the rule as not applicable. --detail shows each line that came out otherwise than labelled.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from belscore import load_rules, score_call
from slot_lines import read_slots

# What a line that shows the fault, or the situation, is labelled.
SHOWN = ("fail", "yes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    rules = load_rules()
    counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for line in read_slots(iter(args.files)):
        if args.only and line.about != args.only:
            continue
        card = score_call(line.call(), rules=rules)
        found = line.found(card)
        counts[line.about][line.label, found] += 1
        if args.detail and found != line.label:
            print(f"{line.writer}:{line.number} {line.about} {line.label}, found {found}: {line.said}")
            print(f"    {line.frame}")
    for about, count in counts.items():
        print(f"{about:32} {told(count)}")
    print(f"{'together':32} {told(sum(counts.values(), Counter()))}")


def told(count: Counter[tuple[str, str]]) -> str:
    shown = sum(n for (label, _), n in count.items() if label in SHOWN)
    found = sum(n for (label, verdict), n in count.items() if label in SHOWN and verdict == label)
    wrong = sum(n for (label, verdict), n in count.items() if label not in SHOWN and verdict in SHOWN)
    doubt = sum(n for (_, verdict), n in count.items() if verdict in ("unsure", "not_applicable"))
    total = count.total()
    return f"found {found:3}/{shown:3}  wrong {wrong:3}/{total - shown:3}  unsure or n/a {doubt:3}/{total:3}"


if __name__ == "__main__":
    main()
