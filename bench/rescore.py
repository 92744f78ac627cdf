"""Time `belscore rescore` on a made-up month (`month.py`): every call judged again by rules without one of them.

    python bench/rescore.py [--calls 2000] [--jobs 1 2] [--store postgresql+psycopg://...]

A trial judges and compares; the second figure writes too. Each figure is of all calls, wall-clock.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from belscore.rescoring import JudgedBy, Rescoring, rescore
from belscore.rulebook import default_folder
from belscore.store.database import Store, open_store
from belscore.store.rescored import Choice
from month import fill

# Which one is left out makes no difference to the time.
_LEFT_OUT = "opening/opening-dagdeel.toml"


def timed(store: Store, folder: Path | None, *, jobs: int, dry_run: bool) -> tuple[float, Rescoring]:
    """Seconds, and what came of it."""
    started_s = time.perf_counter()
    result = rescore(store, JudgedBy(folder), Choice(), actor="bench", jobs=jobs, dry_run=dry_run)
    return time.perf_counter() - started_s, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--store", help="an empty store; default: a file that goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="belscore-bench-") as scratch:
        changed = Path(shutil.copytree(default_folder(), Path(scratch) / "rules"))
        (changed / _LEFT_OUT).unlink()
        with open_store(given.store or Path(scratch) / "belscore.db") as store:
            fill(store, count=given.calls)
            folder: Path | None = changed
            for jobs in given.jobs:
                tried_s, tried = timed(store, folder, jobs=jobs, dry_run=True)
                kept_s, kept = timed(store, folder, jobs=jobs, dry_run=False)
                assert tried.judged == kept.judged
                told = [f"{name} {each_s:.0f} s, {1000 * each_s / kept.judged:.1f} ms a call" for name, each_s in
                        (("trial", tried_s), ("kept", kept_s))]  # fmt: skip
                print(f"jobs {jobs}: {kept.judged} calls, {'; '.join(told)}; {kept.changed_calls} calls changed")
                folder = None if folder else changed


if __name__ == "__main__":
    main()
