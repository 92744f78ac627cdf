"""Turn a sentence into sound with espeak-ng (text to phones) and MBROLA (phones to sound)."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from prosody import format_phones, parse_phones, polish
from script import Voice

RATE_HZ = 16_000  # of the MBROLA databases
_DATABASES = Path("/usr/share/mbrola")
_EDGE_DB = -35.0  # speech is what lies above this, relative to the loudest frame
_FRAME_S = 0.01

# Spelled so that espeak-ng says them as a Dutch speaker does.
_SAID_AS = {"meneer": "menneer", "mevrouw": "mefrouw", "geboortedatum": "geboorte datum", "hm": "hum"}
# nl3 swallows the h before a schwa, and "met" is heard.
_SAID_AS_BY = {"nl2": _SAID_AS, "nl3": {**_SAID_AS, "het": "'t"}}


class MissingProgramError(RuntimeError):
    """A program that the samples are spoken with is not installed."""


def check_programs(databases: set[str]) -> None:
    """Raise MissingProgramError naming every program and voice database that is absent."""
    missing = [program for program in ("espeak-ng", "mbrola") if shutil.which(program) is None]
    missing += [f"mbrola-{name}" for name in sorted(databases) if not (_DATABASES / name / name).is_file()]
    if missing:
        raise MissingProgramError(
            f"{', '.join(missing)} not found; install them (Debian: apt install {' '.join(missing)})"
        )


@lru_cache(maxsize=1024)
def speak(text: str, voice: Voice, *, falling: bool = True) -> NDArray[np.float32]:
    """Say a sentence: mono at `RATE_HZ`, from the first sound to the last, loudest sample 1.

    falling : end on a falling pitch; otherwise as before a comma, for a speaker who is broken off
    """
    said_as = _SAID_AS_BY[voice.database]
    words = re.sub(r"\w+", lambda match: said_as.get(match[0].lower(), match[0]), text)
    phones = polish(parse_phones(_to_phones(words if falling else f"{words},", voice)), tempo=voice.tempo)
    command = [
        "mbrola",
        "-e",
        "-l",
        str(voice.timbre_hz),
        str(_DATABASES / voice.database / voice.database),
        "-",
        "-.raw",
    ]
    raw = subprocess.run(command, input=format_phones(phones).encode(), capture_output=True, check=True).stdout
    sound = np.frombuffer(raw, dtype="<i2").astype(np.float32)
    sound = soxr.resample(sound, voice.timbre_hz, RATE_HZ)
    return _trim(sound / np.abs(sound).max())


def _to_phones(text: str, voice: Voice) -> str:
    command = [
        "espeak-ng",
        "-v",
        f"mb-{voice.database}",
        "-s",
        str(voice.speed_wpm),
        "-p",
        str(voice.pitch),
        "-q",
        "--pho",
    ]
    return subprocess.run([*command, text], capture_output=True, text=True, check=True).stdout


def _trim(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    frame = round(_FRAME_S * RATE_HZ)
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    energy = (frames**2).mean(axis=1)
    loud = np.flatnonzero(energy > energy.max() * 10 ** (_EDGE_DB / 10))
    return sound[loud[0] * frame : (loud[-1] + 1) * frame]
