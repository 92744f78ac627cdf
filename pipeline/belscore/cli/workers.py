"""Files scored by worker processes: one that dies costs the file it had, and another takes its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from belscore.cli.work import Settings, make_scorer
from belscore.errors import BelscoreError
from belscore.inputs import CallFile
from belscore.progress import silent
from belscore.scoring import Scored
from belscore.worker_processes import Died, Done, Workers

Outcome = tuple[int, "Scored | BelscoreError"]


def score_in_workers(files: Sequence[CallFile], settings: Settings, *, jobs: int) -> Iterator[Outcome]:
    """Score files in `jobs` processes; yields (place in `files`, result or error) in the order they are done."""
    # Together the workers should not run more threads than there are cores.
    shared = replace(settings, threads=max(1, (os.cpu_count() or 1) // jobs))
    workers = Workers(_make, shared, count=jobs)
    try:
        for place, file in enumerate(files):
            workers.submit(place, file)
        while workers.under_way:
            for result in workers.results():
                if isinstance(result, Done):
                    yield result.key, result.outcome
                    continue
                if isinstance(result, Died):
                    do = "score it alone, or with fewer --jobs when memory is short"
                    what = f"the worker process {result.how}"
                    yield result.key, BelscoreError(what, where=str(files[result.key].path), do=do)
    finally:
        workers.close()


def _make(settings: Settings) -> Callable[[CallFile], Scored | BelscoreError]:
    score = make_scorer(settings)
    return lambda file: score(file, silent)
