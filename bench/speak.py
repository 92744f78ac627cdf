"""Speak labelled dialogues with the generator of the samples: telephone recordings whose turns keep their times.

Each turn is spoken at the tempo that fills its time, so gaps, silences and overlaps are those of the text. Holds are
silent. A recording is kept under a key of everything that makes it, and is not spoken twice.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from belscore.call import Call, Role, Turn

GENERATOR = Path(__file__).resolve().parent.parent / "samples" / "generator"
SNR_DB = 28.0  # speech over line noise; the samples have 26 to 32
# Database, espeak-ng's pitch and the timbre's rate in Hz, as the samples have them, where agents are nl2 too; `_voices`
# takes one of each row.
VOICES: dict[Role, tuple[tuple[str, int, int], ...]] = {
    "agent": (("nl2", 60, 16000), ("nl2", 70, 16000), ("nl2", 80, 16400), ("nl2", 65, 15600)),
    "caller": (("nl2", 45, 15400), ("nl3", 45, 15600), ("nl2", 85, 17200), ("nl2", 40, 14800), ("nl3", 50, 15600)),
    "colleague": (("nl3", 40, 15000),),
    "system": (("nl3", 60, 16200),),
}
DATABASES = {"nl2", "nl3"}
# Beyond these factors on the durations speech is no speech any more; such a turn ends early or late. Every turn of
# tests/dialogues lies within them.
SLOWEST, FASTEST = 2.5, 0.3
_TRIES = 3
_NEAR_S = 0.02


@dataclass(frozen=True, slots=True)
class Spoken:
    """A dialogue as a recording, the agent left, or mono; `late_s` is the most that an edge of a turn departs by.

    late_s : None where the recording was spoken by an earlier run
    """

    path: Path
    late_s: float | None


@cache
def _module(name: str) -> ModuleType:
    """A module of samples/generator, which is no package: its modules import each other by bare names."""
    if str(GENERATOR) not in sys.path:
        sys.path.append(str(GENERATOR))
    return importlib.import_module(name)


def missing_programs() -> str | None:
    """What speaking needs and this machine lacks, in one line; None when all is there."""
    speech = _module("speech")
    try:
        speech.check_programs(DATABASES)
    except speech.MissingProgramError as missing:
        return str(missing)
    return None


def speak_call(name: str, call: Call, folder: Path) -> Spoken:
    """The recording of a dialogue in a folder, spoken when it is not there yet.

    name : chooses the voices and the noise
    """
    voices, mono = _voices(name, call), call.channels == "mixed"
    path = folder / f"{name}-{_key(name, call, voices)}.wav"
    if path.exists():
        return Spoken(path, None)
    clips = {turn: _fitted(turn, voices[turn.role], call.turns) for turn in call.turns}
    rate_hz = _module("speech").RATE_HZ
    timeline = _module("timeline").Timeline(
        clips=[(turn.role, round(turn.start_s * rate_hz), clip) for turn, clip in clips.items()],
        end_s=max(turn.start_s + len(clip) / rate_hz for turn, clip in clips.items()),
    )
    legs = _module("timeline").mix(timeline, voices)
    line = _module("script").Line(seed=crc32(name.encode()), snr_db=SNR_DB)
    heard = _module("phone_line").through_line(legs, timeline, line)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.wav")
    both = np.stack([heard["agent"], heard["caller"]])
    _module("encode").write_audio(partial, both.sum(axis=0, keepdims=True) if mono else both, "alaw")
    partial.replace(path)
    # The generator keeps sentences for the samples, which repeat them; here they would only fill the memory.
    _module("speech").speak.cache_clear()
    return Spoken(path, max(abs(turn.span.duration_s - len(clip) / rate_hz) for turn, clip in clips.items()))


def _voices(name: str, call: Call) -> dict[Role, Any]:
    """A voice of the generator for each party of the dialogue, drawn by its name."""
    parties = {turn.role for turn in call.turns} | {"agent", "caller"}
    chosen: dict[Role, Any] = {}
    for role, voices in VOICES.items():
        if role in parties:
            database, pitch, timbre_hz = voices[crc32(f"{role} {name}".encode()) % len(voices)]
            chosen[role] = _module("script").Voice(database=database, pitch=pitch, timbre_hz=timbre_hz)
    return chosen


def _fitted(turn: Turn, voice: Any, turns: Sequence[Turn]) -> NDArray[np.float32]:
    """A turn spoken in its time: said once to measure it, and again at the tempo that fills it."""
    speech = _module("speech")
    broken_off = turn.text[-1] not in ".?!" and any(
        other.role != turn.role and turn.start_s < other.start_s < turn.end_s for other in turns
    )
    wanted_s, tempo = turn.span.duration_s, 1.0
    clip: NDArray[np.float32] = speech.speak(turn.text, voice, falling=not broken_off)
    for _ in range(_TRIES):
        length_s = len(clip) / speech.RATE_HZ
        if abs(length_s - wanted_s) <= _NEAR_S:
            break
        tempo = min(SLOWEST, max(FASTEST, tempo * wanted_s / length_s))
        clip = speech.speak(turn.text, replace(voice, tempo=tempo), falling=not broken_off)
    return clip


def _key(name: str, call: Call, voices: dict[Role, Any]) -> str:
    what = [call.channels, *((turn.role, turn.start_s, turn.end_s, turn.text) for turn in call.turns)]
    digest = hashlib.sha256(f"{name} {what} {sorted(voices.items())} {_programs()}".encode())
    return digest.hexdigest()[:16]


@cache
def _programs() -> str:
    """A digest of the code that speaks."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(GENERATOR.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
