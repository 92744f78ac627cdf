"""Level of the speech per voice, noise and clipping: what `Quality` says about the sound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples
from belscore.call import Quality, Span

# Flags for the reader, never a judgement of a person (SPEECH.md 3, levels).
LEVEL_RANGE_DBOV = (-36.0, -14.0)
MAX_CLIPPED = 0.001
MIN_SNR_DB = 15.0
MIN_LOST_S = 0.05
_NO_SOUND_DBOV = -100.0
_STEP_S = 0.02
_BLOCK_STEPS = 3000


def level_dbov(samples: Samples, spans: tuple[Span, ...]) -> float | None:
    """Active speech level: mean power inside the spans, in dB relative to full scale; None without spans.

    samples : (n,) at SAMPLE_RATE_HZ
    """
    total, count = 0.0, 0
    for span in spans:
        part = samples[round(span.start_s * SAMPLE_RATE_HZ) : round(span.end_s * SAMPLE_RATE_HZ)].astype(np.float64)
        total += float(part @ part)
        count += len(part)
    return _decibel(total / count) if count else None


def noise_dbov(samples: Samples, spans: tuple[Span, ...]) -> float | None:
    """Median level of the sound outside the spans, in 20 ms steps; None when nothing is left outside."""
    step = round(_STEP_S * SAMPLE_RATE_HZ)
    count = len(samples) // step
    outside = np.ones(count, np.bool_)
    for span in spans:
        outside[int(span.start_s / _STEP_S) : int(span.end_s / _STEP_S) + 1] = False
    if not outside.any():
        return None
    powers = [
        np.mean(samples[at * step : min(at + _BLOCK_STEPS, count) * step].reshape(-1, step) ** 2, axis=1)
        for at in range(0, count, _BLOCK_STEPS)
    ]
    return _decibel(float(np.median(np.concatenate(powers)[outside])))


def _decibel(power: float) -> float:
    return round(max(10 * float(np.log10(power + 1e-12)), _NO_SOUND_DBOV), 1)


def quality(recording: Recording, speech: Mapping[str, tuple[Span, ...]]) -> Quality:
    """Levels and remarks for a recording.

    speech : spans per voice, in the order of the channels
    """
    levels: dict[str, float] = {}
    notes: list[str] = []
    if recording.lost_s >= MIN_LOST_S:
        notes.append(f"{_number(recording.lost_s)} s van de opname is beschadigd of ontbreekt")
    if recording.clipped > MAX_CLIPPED:
        notes.append(f"{_number(100 * recording.clipped)} % van het geluid is overstuurd")
    for (name, spans), samples in zip(speech.items(), recording.channels, strict=True):
        level = level_dbov(samples, spans)
        if level is None:
            notes.append(f"geen spraak gevonden ({_VOICES[name]})")
            continue
        levels[name] = level
        noise = noise_dbov(samples, spans)
        if not LEVEL_RANGE_DBOV[0] <= level <= LEVEL_RANGE_DBOV[1]:
            notes.append(f"{'zacht' if level < LEVEL_RANGE_DBOV[0] else 'hard'} opgenomen ({_VOICES[name]})")
        if noise is not None and level - noise < MIN_SNR_DB:
            notes.append(f"veel ruis ({_VOICES[name]})")
    return Quality(
        lost_s=recording.lost_s,
        rate_hz=recording.source_rate_hz,
        level_dbov=levels,
        clipped=round(recording.clipped, 6),
        notes=tuple(notes),
    )


_VOICES = {
    "agent": "medewerker",
    "caller": "beller",
    "left": "linkerkanaal",
    "right": "rechterkanaal",
    "mixed": "beide stemmen",
}


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
