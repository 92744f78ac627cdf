"""Situations opened by all the words of a call, where no cue tells of them: bench/likely_situations.py [FOLDER...].

For each situation with the bounds `likely` and `likely_misheard` (rules/situations/): of the labelled dialogues, as
they were said and misheard by 10 and by 25 %, those in which no cue of it is found are judged by models that have seen
no call of the same hand. Prints how many calls with the situation, and how many without it, get to each of some bounds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from belscore import load_rules
from belscore.call_likeness import MIN_DISTINCT_WORDS
from belscore.view import CallView
from labelled_calls import DIALOGUES, LabelledCall, labelled_calls
from mishearing import known_words
from train_turns import call_probability, misheard_copies, read_turns, turn_files, unseen_models

SHARES = (0.0, 0.10, 0.25)
BOUNDS = (0.04, 0.08, 0.12, 0.2, 0.25, 0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[DIALOGUES])
    args = parser.parse_args()
    situations = load_rules().knowledge.situations
    for situation, data in situations.items():
        if "likely" in data.get("evidence", {}):
            show(situation, data["evidence"], args.folders)


def show(situation: str, evidence: Mapping[str, float], folders: list[Path]) -> None:
    learnt, calls = labelled_calls(situation), labelled_calls(situation, folders)
    models, _ = unseen_models(read_turns(turn_files(situation)), learnt, misheard_copies(learnt))
    words = known_words(call.call for call in calls)
    for share in SHARES:
        known = [call for call in calls if call.holds is not None and call.written in models]
        poor = [call.misheard(share, words) for call in known] if share else known
        uncued = list(without_cue(situation, poor))
        got = [(call_probability(models[call.written], call), bool(call.holds)) for call in uncued]
        bound = evidence["likely_misheard" if share else "likely"]
        figures = {"situation": situation, "misheard": share, "calls": len(poor), "bound": bound}
        counts = {
            str(at): {
                "with": sum(p >= at for p, holds in got if holds),
                "without": sum(p >= at for p, h in got if not h),
            }
            for at in BOUNDS
        }
        of_it = sum(holds for _, holds in got)
        print(json.dumps({**figures, "uncued": {"with": of_it, "without": len(got) - of_it}, "reached": counts}))


def without_cue(situation: str, calls: list[LabelledCall]) -> Iterator[LabelledCall]:
    """Those in which the situation is not found, and long enough to be judged as a whole."""
    knowledge = load_rules().knowledge
    for call in calls:
        long_enough = len({norm for turn in call.utterances for norm in turn.norms}) >= MIN_DISTINCT_WORDS
        if long_enough and situation not in CallView(call.call, knowledge).situations:
            yield call


if __name__ == "__main__":
    main()
