"""How long each report takes on a month of a hospital's calls: whole processes, in seconds.

`busy` is the processor time in them: on a machine with other work the rest is waiting for it.

    python bench/reports.py [STORE] [--calls 30000] [--runs 1] [--only NAME]

STORE is filled by bench/month.py when it is not there; without one it is made in a temporary folder. Exits 1 when the
median of a report is over the limit.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import month
from belscore.reports.catalog import REPORTS
from belscore.store.database import open_store

# The requirement, on 30,000 scorecards.
LIMIT_S = 5.0
# Each report once as its command prints it, then the forms that take longest.
MORE = (
    ("scores", "--by", "agent"),
    ("scores", "--by", "week"),
    ("rules", "--by", "department"),
    ("overview", "html"),
    ("rules", "--by", "department", "html"),
    ("calls", "csv"),
    ("calls", "html"),
    ("calls", "xlsx"),
    ("promises", "xlsx"),
    ("phone-log", "csv"),
)
_FORMS = ("html", "csv", "xlsx")


def command_of(store: Path, asked: tuple[str, ...], folder: Path) -> list[str]:
    """The command line of a report; one with a form writes it into the folder."""
    belscore = str(Path(sys.executable).with_name("belscore"))
    words = [each for each in asked if each not in _FORMS]
    form = next((each for each in asked if each in _FORMS), None)
    out = ["--out", str(folder / f"report.{form}")] if form else []
    return [belscore, "report", *words, "--store", str(store), *out]


def time_s(command: list[str]) -> tuple[float, float]:
    """Seconds that the process took, and those of them that it kept a processor busy."""
    started_s, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started_s, busy_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", nargs="?", type=Path)
    parser.add_argument("--calls", type=int, default=month.CALLS)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--only", metavar="NAME")
    given = parser.parse_args()
    slow = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = given.store or folder / "month.db"
        if not path.exists():
            with open_store(path) as store:
                month.fill(store, count=given.calls)
        heads = " ".join(f"{each:>6}" for each in ("min", "median", "max", "busy"))
        print(f"{f'seconds, {given.runs} runs':34} {heads}   limit {LIMIT_S:.1f}")
        for asked in (*((name,) for name in REPORTS), *MORE):
            if given.only in (None, asked[0]):
                runs = [time_s(command_of(path, asked, folder)) for _ in range(given.runs)]
                times_s, busy_s = [each[0] for each in runs], statistics.median(each[1] for each in runs)
                median_s = statistics.median(times_s)
                slow += median_s > LIMIT_S
                figures = " ".join(f"{each:6.2f}" for each in (min(times_s), median_s, max(times_s), busy_s))
                print(f"{' '.join(asked):34} {figures}", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
