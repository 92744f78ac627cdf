"""Read the text of a sample call: who says what, and when relative to what came before."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Party = Literal["agent", "caller"]
PARTIES: tuple[Party, ...] = ("agent", "caller")

_LINE = re.compile(r"(?P<by>agent|caller|hold)\s+(?P<time>[+-]?\d+(?:\.\d+)?)\s+(?P<text>\S.*)$")
_SIGNAL = re.compile(r"\{([^{}]+)\}")
_CUT = " --"


def other_party(party: Party) -> Party:
    return "caller" if party == "agent" else "agent"


@dataclass(frozen=True, slots=True)
class Voice:
    """How a party sounds.

    database   : the MBROLA database, nl2 or nl3
    pitch      : espeak-ng's pitch, 0 to 99
    speed_wpm  : espeak-ng's speed in words a minute
    timbre_hz  : rate at which the database's 16000 Hz are played: above it the vocal tract sounds shorter
    tempo      : factor on all durations, after the longest ones have been set right
    level_dbov : level of the speech relative to full scale
    """

    database: str = "nl2"
    pitch: int = 60
    speed_wpm: int = 155
    timbre_hz: int = 16000
    tempo: float = 1.0
    level_dbov: float = -22.0


@dataclass(frozen=True, slots=True)
class Line:
    """What the telephone line does to the sound; levels relative to the speech, in dB."""

    seed: int
    snr_db: float = 32.0
    leak_db: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A turn: parts of speech with the other party's listening signals between them.

    gap_s   : from the end of the previous turn to the start of this one; negative is overlap
    signals : as many as parts, the last one always empty
    cut     : the speaker is broken off, so the last part does not fall in pitch
    """

    by: Party
    gap_s: float
    parts: tuple[str, ...]
    signals: tuple[str, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait on hold, filled with `music` or with the noise of the line (`quiet`)."""

    duration_s: float
    filling: str


@dataclass(frozen=True, slots=True)
class Script:
    """The text of one sample call.

    file     : file to write, whose extension says the container
    codec    : how the sound is coded, a name of `encode.FORMATS`
    metadata : lines for the `.call` file, without the `@`
    """

    name: str
    file: str
    codec: str
    agent_channel: str
    metadata: dict[str, str]
    line: Line
    voices: dict[Party, Voice]
    events: tuple[Said | Hold, ...]


def read_script(path: Path) -> Script:
    """Read one text; raises ValueError naming the file and the line that is not understood."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    voices: dict[Party, Voice] = {party: Voice(**data["voices"][party]) for party in PARTIES}
    return Script(
        name=path.stem,
        file=data["file"],
        codec=data["codec"],
        agent_channel=data.get("agent_channel", "left"),
        metadata=data["metadata"],
        line=Line(**data["line"]),
        voices=voices,
        events=tuple(_read_event(path, row) for row in data["turns"].splitlines() if row.strip()),
    )


def _read_event(path: Path, row: str) -> Said | Hold:
    match = _LINE.match(row.strip())
    if match is None:
        raise ValueError(f"{path.name}: `{row.strip()}` is no turn; write `agent +0.4 text` or `hold 12 music`")
    text = match["text"]
    if match["by"] == "hold":
        return Hold(float(match["time"]), text)
    cut = text.endswith(_CUT)
    pieces = [piece.strip() for piece in _SIGNAL.split(text.removesuffix(_CUT))]
    parts, signals = pieces[::2], [*pieces[1::2], ""]
    return Said(
        "agent" if match["by"] == "agent" else "caller", float(match["time"]), tuple(parts), tuple(signals), cut
    )
