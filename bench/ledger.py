"""The phone log against labelled little calls (tests/ledger/due.txt): bench/ledger.py [--detail] [--calls].

Prints for the development and the blind lines how many promises and appointments were found, and of those found how
many have the right moment, a wrong one, and none where there is one. --detail shows what is wrong in the development
lines only. --calls counts in whole calls (tests/dialogues), which have no labels, what is found and how much is dated.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from belscore import load_rules, parse_call
from belscore.ledger import ledger_of
from belscore.phone_log import log_of
from belscore.view import CallView
from labelled_calls import DIALOGUES
from labelled_ledger import Case, matches, read_cases, same_moment


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--calls", action="store_true")
    args = parser.parse_args()
    if args.calls:
        show_calls(detail=args.detail)
        return
    knowledge = load_rules().knowledge
    counts = {False: Counter[str](), True: Counter[str]()}
    for case in read_cases():
        told = judge(case, CallView(case.call, knowledge))
        counts[case.blind].update(what for what, _ in told)
        for what, detail in told:
            if args.detail and not case.blind and what not in ("found", "right", "rightly_none", "rightly_empty"):
                print(f"{case.name} {what}: {detail}\n    {case.text}")
    for blind, count in counts.items():
        entries = count["found"] + count["missed"]
        print(
            f"{'blind' if blind else 'development'}: entries {count['found']} of {entries}, too many {count['extra']}; "
            f"due_at right {count['right']}, wrong {count['wrong']}, none {count['none']}, "
            f"rightly none {count['rightly_none']}; empty logs {count['rightly_empty']}"
        )


def judge(case: Case, view: CallView) -> list[tuple[str, str]]:
    """What there is to say of a case: found, missed and extra entries, and the moments of those found."""
    left = list(ledger_of(view, case.hours, log_of(view).question))
    told: list[tuple[str, str]] = [] if case.expected or left else [("rightly_empty", "")]
    for expected in case.expected:
        entry = next((each for each in left if matches(each, expected)), None)
        if entry is None:
            told.append(("missed", str(expected)))
            continue
        left.remove(entry)
        told.append(("found", ""))
        detail = f"{entry.due_at} for {expected.due_at} ({entry.due})"
        if same_moment(entry.due_at, expected.due_at):
            told.append(("right" if entry.due_at else "rightly_none", detail))
        else:
            told.append(("wrong" if entry.due_at else "none", detail))
    return told + [("extra", str(entry)) for entry in left]


def show_calls(*, detail: bool) -> None:
    knowledge = load_rules().knowledge
    count = Counter[str]()
    for path in sorted(DIALOGUES.glob("*.call")):
        view = CallView(parse_call(path.read_text(encoding="utf-8"), source=path.name), knowledge)
        log = log_of(view)
        count.update({"calls": 1, "names": log.caller_name is not None, "questions": log.question is not None})
        if detail:
            print(f"{path.stem}: {log.caller_name} | {log.question}")
        for entry in ledger_of(view, None, log.question):
            dated = view.call.started_at is not None and entry.due is not None
            count.update({f"{entry.kind} {entry.who}": 1, "said": dated, "due_at": dated and entry.due_at is not None})
            if detail:
                print(f"   {entry.kind} {entry.who}>{entry.whom} {entry.means} | {entry.what} | {entry.about} | "
                      f"{entry.due} | {view.call.started_at} -> {entry.due_at}")  # fmt: skip
    print(", ".join(f"{name} {number}" for name, number in count.items()))


if __name__ == "__main__":
    main()
