"""Time and words of transcription against faster-whisper the plain way: bench/speed.py FOLDER [--rounds N].

FOLDER holds stereo recordings `NAME.wav` with their words in `NAME.json`, as bench/wer.py takes them. Three ways, each
in a process of its own, one after the other, for so many rounds: belscore from decoded sound to placed words, speech
detection included; faster-whisper's `transcribe` with its defaults once per channel; and the command
whisper-ctranslate2 on a file per channel, where it is installed (`--command`). Same model, int8, same number of
threads. Seconds leave out loading the model and decoding the file, but for the command, whose whole run counts less
one on silence of a second.
Prints a table in Markdown and one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import wavfile  # type: ignore[import-untyped]

from belscore.audio import SAMPLE_RATE_HZ, decode
from belscore.call import Word
from belscore.models import ModelFiles, find_model
from wer import ROLES, Channel, error_rate

WAYS = {"belscore": "belscore", "plain": "faster-whisper, `transcribe` per kanaal", "command": "whisper-ctranslate2"}
# The unit of ru_maxrss: bytes on macOS, 1,024 bytes elsewhere.
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", help="name or folder of the speech model; the best one present when left out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--command", default="whisper-ctranslate2", help="that command; left out when it is not there")
    parser.add_argument("--way", choices=["belscore", "plain"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(_run(options.way, options.folder, find_model(options.model), options.threads)))
        return
    ways = ["belscore", "plain"]
    if shutil.which(options.command):
        ways.append("command")
    else:
        print(f"{options.command} is not there and is left out", file=sys.stderr)
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for number in range(options.rounds):
        for way in ways:
            runs[way].append(_command(options) if way == "command" else _child(way, options))
            told = {key: value for key, value in runs[way][-1].items() if key != "words"}
            print(f"round {number + 1}: {way} {told}", file=sys.stderr)
    _tell(runs, options.threads)


def _child(way: str, options: argparse.Namespace) -> dict[str, Any]:
    model = ["--model", options.model] if options.model else []
    command = [sys.executable, __file__, str(options.folder), "--way", way, "--threads", str(options.threads), *model]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _run(way: str, folder: Path, files: ModelFiles, threads: int) -> dict[str, Any]:
    """One way over all recordings, in this process: seconds, peak memory and word errors."""
    recordings = [(path, decode(path)) for path in _paths(folder)]
    heard: dict[Path, Sequence[Sequence[Word]]] = {}
    if way == "belscore":
        from belscore.transcribe import load_model, recognise
        from belscore.vad import channel_spans

        recogniser = load_model(files, threads=threads)
        began_s = time.perf_counter()
        for path, recording in recordings:
            heard[path] = recognise(recording.channels, channel_spans(recording), recogniser)
    else:
        from faster_whisper import WhisperModel  # type: ignore[import-untyped]

        model = WhisperModel(str(files.folder), device="cpu", compute_type="int8", cpu_threads=threads)
        began_s = time.perf_counter()
        for path, recording in recordings:
            heard[path] = [_plain(model, channel) for channel in recording.channels]
    seconds = time.perf_counter() - began_s
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MEMORY_UNIT
    talk_s = sum(recording.duration_s for _, recording in recordings)
    return {
        "seconds": round(seconds, 2),
        "talk_s": round(talk_s, 1),
        "peak_mb": round(peak / 1e6),
        **_errors({path: [[word.text for word in channel] for channel in each] for path, each in heard.items()}),
    }


def _plain(model: Any, channel: Any) -> list[Word]:
    segments, _ = model.transcribe(np.array(channel), language="nl", beam_size=5)
    return [Word(part, 0.0, 0.0) for segment in segments for part in segment.text.split()]


def _command(options: argparse.Namespace) -> dict[str, Any]:
    """The command on a file per channel; its start-up is measured on a second of silence and taken off."""
    files = find_model(options.model)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        names: dict[Path, list[Path]] = {}
        talk_s = 0.0
        for path in _paths(options.folder):
            recording = decode(path)
            talk_s += recording.duration_s
            sides = enumerate(recording.channels)
            names[path] = [_write(folder / f"{path.stem}-{side}.wav", each) for side, each in sides]
        silence = _write(folder / "stilte.wav", np.zeros(SAMPLE_RATE_HZ, np.float32))
        spare_s, _ = _timed(options, files, [silence], folder)
        whole_s, peak = _timed(options, files, [each for pair in names.values() for each in pair], folder)
        heard = {
            path: [(folder / f"{each.stem}.txt").read_text(encoding="utf-8").split() for each in pair]
            for path, pair in names.items()
        }
    seconds = round(whole_s - spare_s, 2)
    return {"seconds": seconds, "talk_s": round(talk_s, 1), "peak_mb": round(peak / 1e6), **_errors(heard)}


def _timed(options: argparse.Namespace, files: ModelFiles, paths: Sequence[Path], folder: Path) -> tuple[float, int]:
    settings = ["--model_directory", str(files.folder), "--language", "nl", "--device", "cpu", "--compute_type", "int8"]
    output = ["--threads", str(options.threads), "--output_dir", str(folder), "--output_format", "txt"]
    # A child of a child, so that its peak memory is not mixed with that of other runs.
    script = (
        "import resource, subprocess, sys, time; began = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", script, options.command, *settings, *output, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(done[0]), int(done[1]) * _MEMORY_UNIT


def _write(path: Path, samples: Any) -> Path:
    wavfile.write(path, SAMPLE_RATE_HZ, (np.clip(samples, -1, 1) * 32767).astype(np.int16))
    return path


def _paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.wav") if path.with_suffix(".json").exists())


def _errors(heard: Mapping[Path, Sequence[Sequence[str]]]) -> dict[str, Any]:
    channels: list[Channel] = []
    for path, rows in heard.items():
        turns = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["turns"]
        for role, row in zip(ROLES, rows, strict=True):
            own = [turn for turn in turns if turn["role"] == role]
            channels.append(Channel(f"{path.stem} {role}", own, [Word(text, 0.0, 0.0) for text in row]))
    found = error_rate(channels)
    return {"wer": found["wer"], "word_count": found["words"]}


def _tell(runs: Mapping[str, Sequence[Mapping[str, Any]]], threads: int) -> None:
    """The table, and how much quicker belscore is in each round."""
    print(f"| {threads} threads | seconds (median, lowest to highest) | times real time | word errors | peak memory |")
    print("|---|---|---|---|---|")
    for way, rounds in runs.items():
        seconds = [each["seconds"] for each in rounds]
        middle, first = statistics.median(seconds), rounds[0]
        spread = f"{middle:.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
        peak = max(each["peak_mb"] for each in rounds)
        print(f"| {WAYS[way]} | {spread} | {first['talk_s'] / middle:.1f} | {100 * first['wer']:.1f} % | {peak} MB |")
    quicker = {
        way: [round(each["seconds"] / own["seconds"], 2) for each, own in zip(rounds, runs["belscore"], strict=True)]
        for way, rounds in runs.items()
        if way != "belscore"
    }
    for way, ratios in quicker.items():
        print(f"\nbelscore takes 1/{statistics.median(ratios):.1f} of the time of {WAYS[way]} (each round: {ratios}).")
    print(json.dumps({"threads": threads, "runs": runs, "quicker": quicker}))


if __name__ == "__main__":
    main()
