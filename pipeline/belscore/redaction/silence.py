"""Silence in the sound where something identifying was said."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from belscore.audio import Recording, Samples
from belscore.call import Span, merge_spans
from belscore.redaction.transcript import RedactedSpan
from belscore.timeline import SAMPLE_RATE_HZ

# Recognised words begin a little late and the last of a turn ends up to so much too early (bench/wer.py, `ends`).
BEFORE_S = 0.25
AFTER_S = 0.6
# A cut without a slope clicks.
_FADE_S = 0.01
_FULL_SCALE = 32767


def silence_spans(samples: Samples, rate_hz: int, spans: Iterable[Span]) -> npt.NDArray[np.float32]:
    """A copy of samples (n,) with silence in the spans, with short slopes outside them.

    spans : in seconds, in any order; what lies outside the samples is left out
    """
    silenced = np.array(samples, dtype=np.float32)
    fade = max(1, round(_FADE_S * rate_hz))
    for start_s, end_s in merge_spans([*spans]):
        start, end = max(0, round(start_s * rate_hz)), min(len(silenced), round(end_s * rate_hz))
        if start >= len(silenced) or end <= 0:
            continue
        silenced[start:end] = 0.0
        before, behind = silenced[max(0, start - fade) : start], silenced[end : end + fade]
        before *= np.linspace(1.0, 0.0, len(before), dtype=np.float32)
        behind *= np.linspace(0.0, 1.0, len(behind), dtype=np.float32)
    return silenced


def silenced(recording: Recording, spans: Sequence[RedactedSpan]) -> tuple[npt.NDArray[np.float32], ...]:
    """The channels of a recording with silence where something identifying was said, in all of them: sound leaks."""
    wide = [Span(max(0.0, span.start_s - BEFORE_S), span.end_s + AFTER_S) for span in spans]
    return tuple(silence_spans(channel, SAMPLE_RATE_HZ, wide) for channel in recording.channels)


def write_wav(path: Path, channels: Sequence[npt.NDArray[np.float32]]) -> None:
    """Write one or two channels at SAMPLE_RATE_HZ as 16-bit WAV. Raises OSError."""
    sound = np.stack(channels, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((np.clip(sound, -1.0, 1.0) * _FULL_SCALE).astype("<i2").tobytes())
