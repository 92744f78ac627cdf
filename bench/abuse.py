"""Damaged and hostile sound files through the decoder, by encoding: bench/abuse.py [--files 10240] [--seed 1].

Each file goes the way of a user's recording (`audio.decode`) and must come back as sound or as an error that says what
to do, within the time limit. Columns: `whole` of the right length, `part` of another, `refused` with a reason,
`stopped` by a limit on time or memory, `crashed` decoder processes (reported as an error), and what must not be:
`hang`s of the parent and its own `errors`. --keep FOLDER keeps the files of the last four, --log FILE what came of
every file as it comes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from abuse_files import ENCODINGS, SEED_S, make_seed, mutant
from belscore.audio import DEFAULT_LIMITS, DecodeLimits, decode
from belscore.errors import AudioError

OUTCOMES = ("whole", "part", "refused", "stopped", "crashed", "hang", "error")
# The decoder's own limit; a file of 1.5 s takes a fifth of a second.
TIMEOUT_S = 30.0
# Beyond the decoder's limit and the parent's work: it should have come back.
HANG_S = TIMEOUT_S + 15.0
_SAME_S = 0.15
_STOPPED = re.compile(r"took over|too much time or memory|too much memory|longer than the limit")
_CRASHED = re.compile(r"the decoder (stopped|failed|lost)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file; `said` is the error's text without the file's name."""

    encoding: str
    number: int
    done: str
    kind: str
    said: str
    took_s: float


def decode_mutant(path: Path, limits: DecodeLimits) -> tuple[str, str]:
    """What came of decoding a file, one of OUTCOMES, and what was said. Never raises."""
    try:
        recording = decode(path, limits=limits)
        fine = all(np.isfinite(channel).all() and len(channel) for channel in recording.channels)
        if not (fine and recording.duration_s <= limits.max_duration_s + 1 and 0 <= recording.clipped <= 1):
            return "error", f"sound that cannot be: {recording!r}"
    except AudioError as error:
        said = str(error).removeprefix(f"{path}: ")
        if _STOPPED.search(said):
            return "stopped", said
        return ("crashed" if _CRASHED.search(said) else "refused"), said
    except Exception as error:  # any other error is what is looked for
        return "error", repr(error)
    return ("whole" if abs(recording.duration_s - SEED_S) <= _SAME_S else "part"), ""


class _Runner:
    """Decodes mutants, each in a folder of its own thread."""

    def __init__(self, seeds: Mapping[str, bytes], seed: int, folder: Path, keep: Path | None) -> None:
        self._seeds, self._seed, self._folder, self._keep = seeds, seed, folder, keep
        self._limits = replace(DEFAULT_LIMITS, timeout_s=TIMEOUT_S)

    def __call__(self, job: tuple[str, int]) -> Outcome:
        encoding, number = job
        done, data = mutant(self._seeds, encoding, number, seed=self._seed)
        path = self._folder / f"{threading.get_ident()}{Path(ENCODINGS[encoding][0]).suffix}"
        path.write_bytes(data)
        start_s = time.monotonic()
        kind, said = decode_mutant(path, self._limits)
        took_s = time.monotonic() - start_s
        kind = "hang" if took_s > HANG_S else kind
        if self._keep and kind in OUTCOMES[3:]:
            (self._keep / f"{kind}-{number}-{ENCODINGS[encoding][1]}{path.suffix}").write_bytes(data)
        return Outcome(encoding, number, done, kind, said, took_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=ENCODINGS, default=list(ENCODINGS))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--log", type=Path)
    args = parser.parse_args()
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    start_s = time.monotonic()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(args.jobs) as pool:
        seeds = {encoding: make_seed(encoding, Path(name)) for encoding in ENCODINGS}
        jobs = [(args.only[at % len(args.only)], at // len(args.only)) for at in range(args.files)]
        outcomes = list(_logged(pool.map(_Runner(seeds, args.seed, Path(name), args.keep), jobs), args.log))
    _print(outcomes, time.monotonic() - start_s, args.seed)
    if any(each.kind in {"hang", "error"} for each in outcomes):
        sys.exit(1)


def _logged(outcomes: Iterator[Outcome], log: Path | None) -> Iterator[Outcome]:
    with log.open("w") if log else contextlib.nullcontext() as file:
        for outcome in outcomes:
            if file:
                print(json.dumps(asdict(outcome)), file=file, flush=True)
            yield outcome


def _print(outcomes: list[Outcome], took_s: float, seed: int) -> None:
    rows = defaultdict(list)
    for each in outcomes:
        rows[each.encoding].append(each)
    print(
        f"{'encoding':<15}{'files':>7}" + "".join(f"{kind:>9}" for kind in OUTCOMES) + f"{'median s':>10}{'most s':>8}"
    )
    for encoding, found in [*rows.items(), ("all", outcomes)]:
        kinds = Counter(each.kind for each in found)
        times = [each.took_s for each in found]
        cells = "".join(f"{kinds[kind]:>9}" for kind in OUTCOMES)
        print(f"{encoding:<15}{len(found):>7}{cells}{statistics.median(times):>10.2f}{max(times):>8.2f}")
    print(f"seed {seed}, {took_s:.0f} s")
    for each in outcomes:
        if each.kind in OUTCOMES[3:]:
            row = {"kind": each.kind, "encoding": each.encoding, "number": each.number, "done": each.done}
            print(json.dumps({**row, "said": each.said, "took_s": round(each.took_s, 2)}))


if __name__ == "__main__":
    main()
