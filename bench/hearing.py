"""Speech spans and turn-taking against recordings with exact truth: bench/hearing.py FOLDER [--noise DBOV] [--leak DB].

A folder holds pairs NAME.wav (stereo, agent left) and NAME.json (`turns` with `role` and `speech` spans, `events` with
`kind` interruption, backchannel or ambiguous, `by`, `start_s`). --noise adds white noise, --leak adds each channel to
the other. Prints a line a recording and the figures of all as JSON.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from belscore.audio import Recording, decode
from belscore.hearing import measure_recording

FRAMES_PER_S = 100
# A reported interruption is the true one when it starts within this time of it.
MATCH_S = 1.0
SIGNAL_MATCH_S = 0.7
ROLES = ("agent", "caller")


@dataclass(slots=True)
class Figures:
    speech_f1: list[float] = field(default_factory=list)
    overlap_error_s: list[float] = field(default_factory=list)
    found: int = 0
    false: int = 0
    missed: int = 0
    signals: int = 0
    signals_heard: int = 0
    signals_called_interruption: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--noise", type=float, default=None)
    parser.add_argument("--leak", type=float, default=None)
    args = parser.parse_args()
    figures = Figures()
    for path in sorted(path for folder in args.folders for path in folder.glob("*.wav")):
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        recording = _spoiled(decode(path), args.noise, args.leak)
        heard = measure_recording(recording, agent_channel="left").to_dict()
        _count(figures, truth, heard)
        print(path.name, [round(value, 3) for value in figures.speech_f1[-2:]], figures.overlap_error_s[-1])
    print(json.dumps(_summary(figures)))


def _spoiled(recording: Recording, noise_dbov: float | None, leak_db: float | None) -> Recording:
    channels = list(recording.channels)
    if leak_db is not None:
        gain = np.float32(10 ** (leak_db / 20))
        channels = [channels[0] + gain * channels[1], channels[1] + gain * channels[0]]
    if noise_dbov is not None:
        rng = np.random.default_rng(0)
        gain = np.float32(10 ** (noise_dbov / 20))
        channels = [channel + gain * rng.standard_normal(len(channel), np.float32) for channel in channels]
    return replace(recording, channels=tuple(channels))


def _grid(spans: list[list[float]], duration_s: float) -> npt.NDArray[np.bool_]:
    grid = np.zeros(int(duration_s * FRAMES_PER_S) + 1, np.bool_)
    for start_s, end_s in spans:
        grid[int(start_s * FRAMES_PER_S) : int(end_s * FRAMES_PER_S)] = True
    return grid


def _count(figures: Figures, truth: dict[str, Any], heard: dict[str, Any]) -> None:
    duration_s = truth["duration_s"]
    spoken = {
        role: [span for turn in truth["turns"] if turn["role"] == role for span in turn["speech"]] for role in ROLES
    }
    real = {role: _grid(spoken[role], duration_s) for role in ROLES}
    seen = {role: _grid(heard["speech"][role], duration_s) for role in ROLES}
    for role in ROLES:
        both = int((real[role] & seen[role]).sum())
        figures.speech_f1.append(2 * both / max(1, int(real[role].sum() + seen[role].sum())))
    overlap = [int((grid["agent"] & grid["caller"]).sum()) for grid in (seen, real)]
    figures.overlap_error_s.append(round((overlap[0] - overlap[1]) / FRAMES_PER_S, 2))
    _count_events(figures, truth["events"], heard)


def _near(event: dict[str, Any], others: list[dict[str, Any]], within_s: float) -> dict[str, Any] | None:
    near = (other for other in others if other["by"] == event["by"])
    return next((other for other in near if abs(other["start_s"] - event["start_s"]) < within_s), None)


def _count_events(figures: Figures, events: list[dict[str, Any]], heard: dict[str, Any]) -> None:
    left = [event for event in events if event["kind"] == "interruption"]
    doubtful = [event for event in events if event["kind"] == "ambiguous"]
    for each in heard["interruptions"]:
        match = _near(each, left, MATCH_S)
        if match is not None:
            left.remove(match)
            figures.found += 1
        elif _near(each, doubtful, MATCH_S) is None:
            figures.false += 1
    figures.missed += len(left)
    for event in events:
        if event["kind"] == "backchannel":
            figures.signals += 1
            figures.signals_heard += _near(event, heard["backchannels"], SIGNAL_MATCH_S) is not None
            figures.signals_called_interruption += _near(event, heard["interruptions"], SIGNAL_MATCH_S) is not None


def _summary(figures: Figures) -> dict[str, Any]:
    hits = 2 * figures.found
    return {
        "speech_f1": round(float(np.mean(figures.speech_f1)), 4),
        "speech_f1_worst": round(min(figures.speech_f1), 4),
        "interruption_f1": round(hits / max(1, hits + figures.false + figures.missed), 3),
        "overlap_error_s": round(float(np.mean(np.abs(figures.overlap_error_s))), 2),
        "signals_heard": f"{figures.signals_heard}/{figures.signals}",
        "signals_called_interruption": f"{figures.signals_called_interruption}/{figures.signals}",
    }


if __name__ == "__main__":
    main()
