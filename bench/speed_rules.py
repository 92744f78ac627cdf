"""How fast stored calls are scored: bench/speed_rules.py [FOLDER...] [--calls 1000] [--minutes 4] [--profile].

Joins the dialogues of the folders (tests/dialogues) into calls of so many minutes, writes them as JSON of schema
belscore.call/1, and reads and scores each in this process, on one core. Every second call has the words as a recogniser
gives them: with probabilities and speech spans. Then the same by `belscore score --format jsonl`. Prints calls a second
and milliseconds of processor time a call; exits 1 over the limit.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from belscore import load_rules, parse_call, score_call
from belscore.call import ROLES, Call, Turn
from belscore.call_json import call_to_dict, parse_call_json
from belscore.cli.work import Collector

DIALOGUES = Path(__file__).parents[1] / "tests" / "dialogues"
# What makes a thousand calls, a practice's month, a matter of half a minute.
LIMIT_MS = 30.0
PAUSE_S = 0.8
# How sure a recogniser is of words it has right on telephone speech, for the most part (bench/corruption.py).
SURE = (0.8, 0.99)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[DIALOGUES])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--profile", action="store_true", help="show where the time goes, and no more")
    args = parser.parse_args()
    paths = [path for folder in args.folders for path in sorted(folder.glob("*.call"))]
    dialogues = [parse_call(path.read_text(encoding="utf-8"), source=path.stem) for path in paths]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        calls = list(joined(dialogues, args.calls, args.minutes * 60))
        for number, call in enumerate(calls):
            text = json.dumps(call_to_dict(call), ensure_ascii=False)
            (folder / f"gesprek-{number:04}.json").write_text(text, encoding="utf-8")
        words = statistics.fmean(sum(len(turn.words) for turn in call.turns) for call in calls)
        turns = statistics.fmean(len(call.turns) for call in calls)
        print(f"{len(calls)} calls of {args.minutes:g} minutes, {words:.0f} words and {turns:.0f} turns each")
        if args.profile:
            show_profile(folder)
            return 0
        fine = told("in this process", in_process_ms(folder))
        return 0 if told("belscore score, with its start", [command_ms(folder)] * len(calls)) and fine else 1


def joined(dialogues: Sequence[Call], count: int, duration_s: float) -> Iterator[Call]:
    """Calls of about `duration_s`: dialogues one behind the other, cut where the time is over."""
    chance = random.Random(1)
    for number in range(count):
        turns: list[Turn] = []
        end_s = 0.0
        while end_s < duration_s:
            following = chance.choice(dialogues)
            turns += [_later(turn, end_s) for turn in following.turns]
            end_s = max(turn.end_s for turn in turns) + PAUSE_S
        kept = tuple(turn for turn in turns if turn.end_s <= duration_s)
        call = Call(f"gesprek-{number:04}", duration_s, kept)
        yield _recognised(call, chance) if number % 2 else call


def _later(turn: Turn, by_s: float) -> Turn:
    words = (replace(w, start_s=round(w.start_s + by_s, 3), end_s=round(w.end_s + by_s, 3)) for w in turn.words)
    return replace(turn, start_s=turn.start_s + by_s, end_s=turn.end_s + by_s, words=tuple(words))


def _recognised(call: Call, chance: random.Random) -> Call:
    turns = tuple(
        replace(turn, words=tuple(replace(word, probability=round(chance.uniform(*SURE), 3)) for word in turn.words))
        for turn in call.turns
    )
    return replace(call, turns=turns, speech={role: call.speech_of(role) for role in ROLES})


def in_process_ms(folder: Path) -> list[float]:
    """Milliseconds for each call, from its bytes to its scorecard; rules and phrases are read before."""
    rules = load_rules()
    paths = sorted(folder.glob("*.json"))
    score_call(parse_call_json(paths[0].read_bytes()), rules=rules)
    times_ms = []
    collector = Collector()  # as `belscore score` has it
    for path in paths:
        started_s = time.process_time()
        collector.spare_what_stays()
        score_call(parse_call_json(path.read_bytes(), source=path.name), rules=rules)
        times_ms.append((time.process_time() - started_s) * 1000)
    return times_ms


def command_ms(folder: Path) -> float:
    """Milliseconds a call of the whole command, its start and the writing of the results included."""
    belscore = str(Path(sys.executable).with_name("belscore"))
    before = os.times()
    command = [belscore, "score", str(folder), "--format", "jsonl", "--jobs", "1", "--quiet"]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    spent_s = after.children_user + after.children_system - before.children_user - before.children_system
    return spent_s * 1000 / len(list(folder.glob("*.json")))


def told(title: str, times_ms: Sequence[float]) -> bool:
    """Print a line; whether the mean is within the limit."""
    mean_ms = statistics.fmean(times_ms)
    print(
        f"{title:30} {1000 / mean_ms:6.1f} calls/s   a call: mean {mean_ms:5.1f} ms, "
        f"median {statistics.median(times_ms):5.1f} ms, longest {max(times_ms):5.1f} ms   "
        f"total {sum(times_ms) / 1000:6.1f} s   limit {LIMIT_MS:g} ms"
    )
    return mean_ms <= LIMIT_MS


def show_profile(folder: Path) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(in_process_ms, folder)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    sys.exit(main())
