"""How long belscore takes to start: whole processes, seven runs each, minimum, median and maximum in seconds.

Run as `make bench-start-up`, or with a transcript of your own: `python bench/start_up.py CALL`. Exits 1 when a median
is over its limit.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 7
# What a person takes for at once, and what a rule's author puts up with after each change of a rule.
HELP_LIMIT_S = 0.5
SCORE_LIMIT_S = 1.5

CALL = """\
0.4-4.1 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.
4.3-8.0 caller Goedemorgen, met mevrouw Jansen, ik wil graag een afspraak maken.
8.4-12.0 agent Dag mevrouw Jansen, dat kan. Schikt dinsdag om tien uur of donderdag om kwart voor elf?
12.3-14.0 caller Doet u maar dinsdag om tien uur.
14.4-18.0 agent Dan noteer ik dinsdag om tien uur voor u. Tot dinsdag mevrouw Jansen, een fijne dag.
18.2-19.0 caller Tot dinsdag, dag.
"""


def run_times_s(command: list[str]) -> list[float]:
    """Seconds from the start of the process to its end, for each run."""
    times_s = []
    for _ in range(RUNS):
        started_s = time.perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        times_s.append(time.perf_counter() - started_s)
    return times_s


def within(title: str, command: list[str], limit_s: float) -> bool:
    """Measure, print a line, and tell whether the median is within the limit."""
    times_s = run_times_s(command)
    median_s = statistics.median(times_s)
    print(f"{title:24} {min(times_s):6.3f} {median_s:6.3f} {max(times_s):6.3f}   limit {limit_s:.1f}")
    return median_s <= limit_s


def main() -> int:
    belscore = str(Path(sys.executable).with_name("belscore"))
    print(f"{'seconds, ' + str(RUNS) + ' runs':24} {'min':>6} {'median':>6} {'max':>6}")
    with tempfile.TemporaryDirectory() as folder:
        call = Path(folder, "gesprek.call")
        call.write_text(CALL, encoding="utf-8")
        path = sys.argv[1] if len(sys.argv) > 1 else str(call)
        fine = [
            within("belscore --help", [belscore, "--help"], HELP_LIMIT_S),
            within("belscore score CALL", [belscore, "score", path], SCORE_LIMIT_S),
        ]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
