"""Speak the callers of the role plays: a FLAC file for each line of samples/scenarios/*.toml.

python samples/generator/scenarios.py [NAME ...]
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encode import write_audio
from phone_line import keep_level, to_band
from script import Voice
from speech import RATE_HZ, check_programs, speak
from timeline import at_level

FOLDER = Path(__file__).resolve().parents[1] / "scenarios"
_PAUSE_S = 0.25
_SENTENCE_ENDS = ".?!"


def main(names: list[str]) -> int:
    """Speak the scenarios named, or all; 0 when done."""
    paths = [FOLDER / f"{name}.toml" for name in names] or sorted(FOLDER.glob("*.toml"))
    scripts = {path: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}
    check_programs({str(script["voice"]["database"]) for script in scripts.values()})
    for path, script in scripts.items():
        voice = Voice(**script["voice"])
        folder = FOLDER / path.stem
        folder.mkdir(exist_ok=True)
        for number, line in enumerate(script["line"], start=1):
            sound = at_level(_said(str(line["say"]), voice), voice.level_dbov)
            heard = np.clip(keep_level(to_band(sound), sound), -1, 1)
            write_audio(folder / f"{number}.flac", heard[np.newaxis], "flac")
        print(f"{path.stem}: {len(script['line'])} lines")
    return 0


def _said(text: str, voice: Voice) -> NDArray[np.float32]:
    """A line, sentence by sentence, with the pause of somebody who goes on."""
    parts: list[NDArray[np.float32]] = []
    pause = np.zeros(round(_PAUSE_S * RATE_HZ), np.float32)
    for sentence in _sentences(text):
        parts += [speak(sentence, voice), pause]
    return np.concatenate(parts[:-1])


def _sentences(text: str) -> list[str]:
    found, start = [], 0
    for at, letter in enumerate(text):
        if letter in _SENTENCE_ENDS:
            found.append(text[start : at + 1].strip())
            start = at + 1
    return [*found, *([text[start:].strip()] if text[start:].strip() else [])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
