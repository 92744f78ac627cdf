"""What the cache of words saves: bench/second_run.py PATH... scores recordings twice, in processes of their own.

The first run finds an empty cache, the second what the first one kept. Prints as JSON minutes of talk, seconds of
processor and clock of both runs, whether their scorecards are the same, and what was kept.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from belscore.word_cache import DAYS_VARIABLE, FOLDER_VARIABLE, WordCache


def scored(paths: list[str], folder: Path) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Scorecards by `belscore score`, and the seconds of processor (user and system) and clock that it took."""
    command = [str(Path(sys.executable).with_name("belscore")), "score", *paths, "--format", "jsonl", "--quiet"]
    before, began_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, FOLDER_VARIABLE: str(folder), DAYS_VARIABLE: "1"}
    printed = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    after, took_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began_s
    user_s, system_s = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    spent = {"user_s": round(user_s, 2), "system_s": round(system_s, 2), "clock_s": round(took_s, 1)}
    return [json.loads(line) for line in printed.splitlines()], spent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, first_spent = scored(sys.argv[1:], Path(folder))
        entries, size_bytes = WordCache(Path(folder) / "words").kept()
        second, second_spent = scored(sys.argv[1:], Path(folder))
    minutes = sum(card["call"]["duration_s"] for card in first) / 60
    result = {
        "calls": len(first),
        "minutes": round(minutes, 1),
        "first": first_spent,
        "second": second_spent,
        "same": first == second,
        "entries": entries,
        "kB_per_minute": round(size_bytes / 1000 / minutes, 1),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
