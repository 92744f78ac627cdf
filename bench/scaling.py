"""How a batch grows with workers and with calls, and the machines that a month asks for.

Each combination is a cold run into a new store, start and loading of the model counted: with few calls they weigh most.
The recordings are pieces of the samples, each of another place and loudness: no two have one content. `--text` takes
dialogues instead: what is left then is the work of rules and store. `--paper` measures once with one worker, or takes
--rate and --worker-mb, and prints only what 30,000 and 3,000,000 calls a month ask for.

    python bench/scaling.py [--calls 10 100] [--workers 1 2 4] [--executor local|ray] [--text] [--seconds 20]
    python bench/scaling.py --paper [--rate 4.2 --worker-mb 450]

Ray is in the extra `cluster`: install belscore with it in a Python of its own (what `make test-cluster` makes), and run
this with that. Processes are looked for in /proc: Linux only.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import NamedTuple
from wave import open as open_wave

import numpy as np
from numpy.typing import NDArray

from belscore import parse_call
from belscore.audio import SAMPLE_RATE_HZ, decode

ROOT = Path(__file__).parents[1]
RECORDINGS, DIALOGUES = ROOT / "samples/calls", ROOT / "tests/dialogues"
_SUFFIXES = (".wav", ".mp3", ".opus")
PIECE_S = 20.0
_STEP_S, _STEPS, _STEP_DB = 1.7, 7, 0.25
_LOOK_S = 0.2
_TICKS_HZ = os.sysconf("SC_CLK_TCK")

# Assumptions of `--paper`. Of a day's calls that share comes in its busiest hour (as in bench/month.py).
MONTHS = (30_000, 3_000_000)
CALL_S = 240.0
DAYS, OFFICE_H, NIGHT_H, BUSIEST_HOUR = 21, 9, 12, 0.18
# A third of the machines may stand still, or the month be half as busy again.
HEADROOM = 1.5
CORES = 16
SYSTEM_MB = 1500
# bench/month.py: the file of the store by its calls.
KB_A_CALL = 15.0
# Stereo A-law at 8 kHz, as most exchanges record.
RECORDING_KB_S = 16.0


class Used(NamedTuple):
    """Of all processes of a run: seconds of processor, and the most memory at one moment in MB."""

    processor_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One run; `talk_s` is the length of its calls."""

    calls: int
    workers: int
    talk_s: float
    wall_s: float
    used: Used

    @property
    def rate(self) -> float:
        """Seconds of talk in a second of processor."""
        return self.talk_s / self.used.processor_s


# ---- what is scored


def make_recordings(folder: Path, count: int, *, piece_s: float) -> float:
    """Write so many pieces of the samples; returns seconds of sound."""
    sources, length = _sources(piece_s), round(piece_s * SAMPLE_RATE_HZ)
    for number in range(count):
        samples = sources[number % len(sources)]
        loudness, step = divmod(number // len(sources), _STEPS)
        start = round(step * _STEP_S * SAMPLE_RATE_HZ)
        piece = samples[:, start : start + length] * 10 ** (-_STEP_DB * loudness / 20)
        _write(folder / f"{number:05}.wav", piece)
    return count * piece_s


@cache
def _sources(piece_s: float) -> list[NDArray[np.float32]]:
    """The samples that are long enough, (channels, frames) each."""
    paths = sorted(path for path in RECORDINGS.iterdir() if path.suffix in _SUFFIXES)
    sounds = [np.stack(decode(path).channels) for path in paths]
    return [sound for sound in sounds if sound.shape[1] >= (piece_s + _STEP_S * _STEPS) * SAMPLE_RATE_HZ]


def _write(path: Path, samples: NDArray[np.float32]) -> None:
    with open_wave(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((np.clip(samples.T, -1, 1) * 32767).astype("<i2").tobytes())


def make_dialogues(folder: Path, count: int) -> float:
    """Write so many dialogues, each with a comment of its own; returns the seconds that they tell of."""
    paths = sorted(DIALOGUES.glob("*.call"))
    talk_s = 0.0
    for number in range(count):
        text = paths[number % len(paths)].read_text(encoding="utf-8")
        (folder / f"{number:05}.call").write_text(f"# {number}\n{text}", encoding="utf-8")
        talk_s += parse_call(text).duration_s
    return talk_s


# ---- what it costs


def run_batch(folder: Path, store: Path, *, workers: int, executor: str) -> tuple[float, Used]:
    """Seconds on the clock and what was used. Ends the bench when the batch does not end well."""
    options = ["--store", str(store), "--workers", str(workers), "--executor", executor, "--quiet"]
    command = [sys.executable, "-c", "from belscore.cli import main; main()", "batch", str(folder), *options]
    began_s = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    processor_s: dict[int, float] = {}
    peak_mb = 0.0
    while process.poll() is None:
        looked = {each: _looked(each) for each in [process.pid, *_descendants(process.pid)]}
        processor_s |= {each: found.processor_s for each, found in looked.items() if found}
        peak_mb = max(peak_mb, sum(found.peak_mb for found in looked.values() if found))
        time.sleep(_LOOK_S)
    wall_s = time.perf_counter() - began_s
    _, told = process.communicate()
    if process.returncode:
        sys.exit(f"belscore batch ended with code {process.returncode}: {told.strip()}")
    return wall_s, Used(sum(processor_s.values()), peak_mb)


def _descendants(process: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(path.parent.name))
    found = [*parents.get(process, [])]
    for each in found:
        found += parents.get(each, [])
    return found


def _looked(process: int) -> Used | None:
    """Processor of one process until now, and its share of memory (what it shares with others counts in parts)."""
    folder = Path(f"/proc/{process}")
    try:
        fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        memory = (folder / "smaps_rollup").read_text()
    except OSError:
        return None
    kb = next((int(line.split()[1]) for line in memory.splitlines() if line.startswith("Pss:")), 0)
    return Used((int(fields[11]) + int(fields[12])) / _TICKS_HZ, kb / 1000)


def measured(given: argparse.Namespace, calls: int, workers: int) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "calls"
        folder.mkdir()
        made = make_dialogues if given.text else partial(make_recordings, piece_s=given.seconds)
        talk_s = made(folder, calls)
        store = Path(name) / "store.db"
        return Measured(calls, workers, talk_s, *run_batch(folder, store, workers=workers, executor=given.executor))


def print_table(rows: Iterator[Measured]) -> None:
    print(f"{os.cpu_count()} cores")
    print("calls  workers  wall s  calls/h  talk s/wall s  processor s/call  talk s/processor s  peak MB")
    for row in rows:
        print(
            f"{row.calls:5}  {row.workers:7}  {row.wall_s:6.1f}  {row.calls / row.wall_s * 3600:7.0f}"
            f"  {row.talk_s / row.wall_s:13.2f}  {row.used.processor_s / row.calls:16.2f}"
            f"  {row.rate:18.2f}  {row.used.peak_mb:7.0f}",
            flush=True,
        )


# ---- on paper


def print_paper(rate: float, worker_mb: float, *, kb_a_call: float) -> None:
    print(f"{rate:.2f} s of talk in a second of processor, {worker_mb:.0f} MB a worker, calls of {CALL_S:.0f} s")
    print(f"{DAYS} days a month; headroom x{HEADROOM}; machines of {CORES} cores, one worker of one thread a core")
    for calls in MONTHS:
        processor_s = calls * CALL_S / rate
        plans = {
            f"overnight, in {NIGHT_H} h": processor_s / (DAYS * NIGHT_H * 3600),
            f"in office hours, {OFFICE_H} h": processor_s / (DAYS * OFFICE_H * 3600),
            f"as they come ({BUSIEST_HOUR:.0%} of a day in an hour)": processor_s * BUSIEST_HOUR / (DAYS * 3600),
        }
        print(f"\n{calls:,} calls a month: {processor_s / 3600:,.0f} hours of processor")
        for plan, busy in plans.items():
            cores = max(1, math.ceil(busy * HEADROOM))
            machines = math.ceil(cores / CORES)
            each = min(cores, CORES)
            gb = (each * worker_mb + SYSTEM_MB) / 1000
            print(f"  {plan:42} {cores:5} cores: {machines:3} x ({each} cores, {math.ceil(gb)} GB)")
        store_gb, sound_gb = calls * kb_a_call / 1e6, calls * CALL_S * RECORDING_KB_S / 1e6
        print(
            f"  store {store_gb:,.1f} GB a month ({12 * store_gb:,.0f} a year); recordings {sound_gb:,.0f} GB, not kept"
        )


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, nargs="+", default=[10])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--executor", choices=["local", "ray"], default="local")
    parser.add_argument("--text", action="store_true", help="dialogues instead of recordings")
    parser.add_argument("--seconds", type=float, default=PIECE_S, help="length of a recording")
    parser.add_argument("--paper", action="store_true", help="print the machines that a month asks for")
    parser.add_argument("--rate", type=float, help="of --paper: seconds of talk in a second of processor")
    parser.add_argument("--worker-mb", type=float, help="of --paper: memory of a worker")
    parser.add_argument("--kb-a-call", type=float, default=KB_A_CALL, help="of --paper: what the store takes")
    return parser.parse_args(given)


def main() -> None:
    given = arguments()
    if given.executor == "ray" and find_spec("ray") is None:
        sys.exit(
            "no ray: install belscore with the extra `cluster` (see `make test-cluster`), and run with that Python"
        )
    if not given.paper:
        print_table(measured(given, *each) for each in product(given.calls, given.workers))
    elif given.rate and given.worker_mb:
        print_paper(given.rate, given.worker_mb, kb_a_call=given.kb_a_call)
    else:
        row = measured(given, given.calls[0], 1)
        print_paper(given.rate or row.rate, given.worker_mb or row.used.peak_mb, kb_a_call=given.kb_a_call)


if __name__ == "__main__":
    main()
