"""Speech spans and turn-taking against recordings with exact truth: bench/hearing.py FOLDER [--noise DBOV] [--leak DB].

A folder holds pairs NAME.wav (stereo, agent left) and NAME.json (`turns` with `role` and `speech` spans, `events` with
`kind` interruption, backchannel or ambiguous, `by`, `start_s`). --noise adds white noise, --leak adds each channel to
the other, --delay seconds later. Prints a line a recording and the figures of all as JSON. --grid prints the figures
for leaks of 15 to 35 dB and delays of 0 to 60 ms, and for some noises; --compare sets other detectors beside this one.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Recording, decode
from belscore.call import Span, merge_spans
from belscore.hearing import measure_recording
from belscore.tones import edges

FRAMES_PER_S = 100
# A reported interruption is the true one when it starts within this time of it.
MATCH_S = 1.0
SIGNAL_MATCH_S = 0.7
ROLES = ("agent", "caller")
# Noise in dBov, leak in dB, delay of the leak in seconds.
GRID: list[tuple[float | None, float | None, float]] = [
    (None, None, 0.0),
    *((noise_dbov, None, 0.0) for noise_dbov in (-60.0, -55.0, -50.0, -45.0, -40.0)),
    *(
        (None, leak_db, delay_s)
        for leak_db in (-15.0, -20.0, -25.0, -30.0, -35.0)
        for delay_s in (0.0, 0.02, 0.04, 0.06)
    ),
    *((-50.0, leak_db, 0.03) for leak_db in (-15.0, -25.0)),
]


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
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--grid", action="store_true")
    parser.add_argument("--compare", action="store_true")
    args = parser.parse_args()
    talks = [
        (path.name, json.loads(path.with_suffix(".json").read_text(encoding="utf-8")), decode(path))
        for path in sorted(path for folder in args.folders for path in folder.glob("*.wav"))
    ]
    conditions = GRID if args.grid else [(args.noise, args.leak, args.delay)]
    for noise_dbov, leak_db, delay_s in conditions:
        figures = Figures()
        for name, truth, recording in talks:
            spoiled = _spoiled(recording, noise_dbov, leak_db, delay_s)
            _count(figures, truth, measure_recording(spoiled, agent_channel="left").to_dict())
            if not args.grid:
                print(name, [round(value, 3) for value in figures.speech_f1[-2:]], figures.overlap_error_s[-1])
        about = {"noise_dbov": noise_dbov, "leak_db": leak_db, "delay_s": delay_s} if args.grid else {}
        print(json.dumps({**about, **_summary(figures)}), flush=True)
        if args.compare:
            for line in _compared(talks, noise_dbov, leak_db, delay_s):
                print(json.dumps(line))


def _compared(
    talks: list[tuple[str, dict[str, Any], Recording]], noise_dbov: float | None, leak_db: float | None, delay_s: float
) -> list[dict[str, Any]]:
    """Frame F1 of other detectors on the same sound: mean, and the worst channel."""
    rows = []
    for detector, spans_of in (("webrtcvad mode 2, smoothed", webrtc_spans), ("Silero", silero_spans)):
        scores = []
        for _, truth, recording in talks:
            channels = _spoiled(recording, noise_dbov, leak_db, delay_s).channels
            for role, samples in zip(ROLES, channels, strict=True):
                scores.append(_f1(_spoken(truth, role), spans_of(samples), truth["duration_s"]))
        rows.append(
            {"detector": detector, "speech_f1": round(float(np.mean(scores)), 4), "worst": round(min(scores), 4)}
        )
    return rows


def webrtc_spans(samples: npt.NDArray[np.float32]) -> list[list[float]]:
    """WebRTC's detector alone: 20 ms frames, pauses under 0.3 s filled, sounds under 0.1 s dropped."""
    import webrtcvad  # type: ignore[import-untyped]

    detector, step = webrtcvad.Vad(2), SAMPLE_RATE_HZ // 50
    blocks = (np.clip(samples[: len(samples) // step * step], -1, 1) * 32_767).astype("<i2").reshape(-1, step)
    voiced = np.array([detector.is_speech(block.tobytes(), SAMPLE_RATE_HZ) for block in blocks])
    spans = [Span(first / 50, last / 50) for first, last in edges(voiced)]
    return [list(span) for span in merge_spans(spans, gap_s=0.3) if span.duration_s >= 0.1]


def silero_spans(samples: npt.NDArray[np.float32]) -> list[list[float]]:
    """Silero as faster-whisper carries it, with pauses of 0.25 s and no padding."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # type: ignore[import-untyped]

    options = VadOptions(min_silence_duration_ms=250, speech_pad_ms=0)
    found = get_speech_timestamps(np.array(samples), options)
    return [[each["start"] / SAMPLE_RATE_HZ, each["end"] / SAMPLE_RATE_HZ] for each in found]


def _spoiled(recording: Recording, noise_dbov: float | None, leak_db: float | None, delay_s: float) -> Recording:
    channels = list(recording.channels)
    if leak_db is not None:
        gain, late = np.float32(10 ** (leak_db / 20)), round(delay_s * SAMPLE_RATE_HZ)
        leaked = [gain * np.pad(each, (late, 0))[: len(each)] for each in channels]
        channels = [channels[0] + leaked[1], channels[1] + leaked[0]]
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


def _spoken(truth: dict[str, Any], role: str) -> list[list[float]]:
    return [span for turn in truth["turns"] if turn["role"] == role for span in turn["speech"]]


def _f1(real: list[list[float]], seen: list[list[float]], duration_s: float) -> float:
    one, other = _grid(real, duration_s), _grid(seen, duration_s)
    return 2 * int((one & other).sum()) / max(1, int(one.sum() + other.sum()))


def _count(figures: Figures, truth: dict[str, Any], heard: dict[str, Any]) -> None:
    duration_s = truth["duration_s"]
    real = {role: _grid(_spoken(truth, role), duration_s) for role in ROLES}
    seen = {role: _grid(heard["speech"][role], duration_s) for role in ROLES}
    for role in ROLES:
        figures.speech_f1.append(_f1(_spoken(truth, role), heard["speech"][role], duration_s))
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
