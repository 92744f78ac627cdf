"""Situations against labelled sentences and little calls: bench/situations.py [FOLDER] [--detail] [--calls].

A folder holds one `SITUATION.txt` each; the first lines of the files say how they are written. Odd lines are for
development, even ones are held out. Figures are for both; --detail shows the wrong ones of the odd lines only.

With --calls complaints against the labels of whole calls (FOLDER tests/dialogues), by the way in which they were found.
Each call is judged by models that have seen no call of the same hand (a takes part in none of a's); --shipped judges
with the model as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from belscore import load_rules
from belscore.complaint_cues import PATHS, Complaint
from belscore.language.situation_model import SituationModel
from belscore.situations import complaint_of
from belscore.view import CallView, Knowledge
from labelled_calls import DIALOGUES, LabelledCall, labelled_calls
from labelled_situations import read_cases
from train_turns import misheard_copies, read_turns, turn_files, unseen_models

HOME = Path(__file__).parents[1] / "tests" / "situations"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="*", type=Path)
    parser.add_argument("--detail", action="store_true")
    parser.add_argument(
        "--calls", action="store_true", help="complaints in whole calls, by models that did not see them"
    )
    parser.add_argument("--shipped", action="store_true", help="with the shipped model instead")
    args = parser.parse_args()
    if args.calls:
        show_calls(args.folder or [DIALOGUES], shipped=args.shipped, detail=args.detail)
    else:
        show_cases(args.folder[0] if args.folder else HOME, detail=args.detail)


def show_calls(folders: Sequence[Path], *, shipped: bool, detail: bool) -> None:
    """Precision and recall of `klacht`, all together and by path."""
    knowledge = load_rules().knowledge
    calls = labelled_calls("klacht", folders)
    models: dict[str, SituationModel] = {}
    if not shipped:
        known = labelled_calls("klacht")
        models, _ = unseen_models(read_turns(turn_files("klacht")), known, misheard_copies(known))
    count = Counter[str]()
    for call in calls:
        if call.holds is None:
            continue
        model = models.get(call.written, knowledge.models["klacht"])
        found = complaint_of(CallView(call.call, with_model(knowledge, model)))
        kind = ("right" if call.holds else "invented") if found.cues else ("missed" if call.holds else "none")
        count.update([kind, f"{kind} {found.path}", *([f"doubtful {kind}"] if found.doubtful else [])])
        if detail and (kind in ("invented", "missed") or found.doubtful):
            show_call(call, kind, found)
    for path in PATHS:
        right, invented = count[f"right {path}"], count[f"invented {path}"]
        if right + invented:
            print(json.dumps({"path": path, "right": right, "invented": invented, "precision": share(right, invented)}))
    right, invented, missed = count["right"], count["invented"], count["missed"]
    figures = {"calls": sum(count[kind] for kind in ("right", "invented", "missed", "none"))}
    figures |= {"right": right, "invented": invented, "missed": missed}
    doubtful = {"doubtful_right": count["doubtful right"], "doubtful_invented": count["doubtful invented"]}
    print(json.dumps({**figures, **doubtful, "precision": share(right, invented), "recall": share(right, missed)}))


def with_model(knowledge: Knowledge, model: SituationModel) -> Knowledge:
    return replace(knowledge, models={**knowledge.models, "klacht": model})


def show_call(call: LabelledCall, kind: str, found: Complaint) -> None:
    doubt, quotes = "doubtful " if found.doubtful else "", " / ".join(match.quote for match in found.cues)
    evidence = "-" if found.evidence is None else f"{found.evidence:.2f}"
    print(f"{call.name}: {doubt}{kind} {found.path} {evidence} [{quotes}]")


def share(right: int, wrong: int) -> float:
    return round(right / max(1, right + wrong), 3)


def show_cases(folder: Path, *, detail: bool) -> None:
    knowledge = load_rules().knowledge
    totals: dict[str, Counter[str]] = {}
    spent_s = 0.0
    for case in read_cases(folder):
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
        if detail and half == "develop" and found != case.expected:
            quotes = " / ".join(match.quote for match in situations.complaint) if found else ""
            print(f"{case.name} {case.number}: {'invented' if found else 'missed'}: {case.text} [{quotes}]")
    for name, count in totals.items():
        figures = {key: count[key] for key in ("cases", "right", "missed", "invented", "doubtful")}
        print(json.dumps({"what": name, **figures, "accuracy": round(count["right"] / count["cases"], 3)}))
    cases = sum(count["cases"] for count in totals.values())
    print(json.dumps({"cases": cases, "ms_per_case": round(1000 * spent_s / max(1, cases), 2)}))


if __name__ == "__main__":
    main()
