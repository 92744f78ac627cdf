"""Read the text of a sample call: who says what, and when relative to what came before."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

Party = Literal["agent", "caller", "colleague", "system"]
Leg = Literal["agent", "caller"]
LEGS: tuple[Leg, ...] = ("agent", "caller")

_TURN = re.compile(
    r"(?P<by>agent|caller|colleague|system)\s+(?P<gap>[+-]?\d+(?:\.\d+)?)(?:\s+x(?P<tempo>\d\.\d+))?\s+(?P<text>\S.*)$"
)
_HOLD = re.compile(r"hold\s+(?P<time>\d+(?:\.\d+)?)\s+(?P<filling>music|quiet)$")
_RING = re.compile(r"ring\s+(?P<count>\d+)$")
_SIGNAL = re.compile(r"\{([^{}]+)\}")
_CUT = " --"


def leg_of(party: Party) -> Leg:
    """The side of the exchange a party is heard on: whoever the caller listens to is on the agent's."""
    return "caller" if party == "caller" else "agent"


def other_leg(leg: Leg) -> Leg:
    return "caller" if leg == "agent" else "agent"


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
    tempo   : factor on the durations of this turn, on top of the voice's
    """

    by: Party
    gap_s: float
    parts: tuple[str, ...]
    signals: tuple[str, ...]
    cut: bool = False
    tempo: float = 1.0


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait on hold, filled with `music` or with the noise of the line (`quiet`)."""

    duration_s: float
    filling: str


@dataclass(frozen=True, slots=True)
class Ring:
    """The ring tone of the network, so many times, until somebody answers."""

    count: int


@dataclass(frozen=True, slots=True)
class Script:
    """The text of one sample call.

    file     : file to write, whose extension says the container
    codec    : how the sound is coded, a name of `encode.FORMATS`
    channels : stereo, or mono with both parties mixed
    metadata : lines for the `.call` file, without the `@`
    """

    name: str
    file: str
    codec: str
    channels: str
    agent_channel: str
    metadata: dict[str, str]
    line: Line
    voices: dict[Party, Voice]
    events: tuple[Said | Hold | Ring, ...]

    @property
    def begins_with_ringing(self) -> bool:
        return isinstance(self.events[0], Ring)


def read_script(path: Path) -> Script:
    """Read one text; raises ValueError naming the file and the line that is not understood."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Script(
        name=path.stem,
        file=data["file"],
        codec=data["codec"],
        channels=data.get("channels", "stereo"),
        agent_channel=data.get("agent_channel", "left"),
        metadata=data["metadata"],
        line=Line(**data["line"]),
        voices={party: Voice(**voice) for party, voice in data["voices"].items()},
        events=tuple(_read_event(path, row) for row in data["turns"].splitlines() if row.strip()),
    )


def _read_event(path: Path, row: str) -> Said | Hold | Ring:
    row = row.strip()
    if match := _HOLD.match(row):
        return Hold(float(match["time"]), match["filling"])
    if match := _RING.match(row):
        return Ring(int(match["count"]))
    match = _TURN.match(row)
    if match is None:
        raise ValueError(f"{path.name}: `{row}` is no turn; write `agent +0.4 text`, `hold 12 music` or `ring 2`")
    text = match["text"]
    cut = text.endswith(_CUT)
    pieces = [piece.strip() for piece in _SIGNAL.split(text.removesuffix(_CUT))]
    parts, signals = pieces[::2], [*pieces[1::2], ""]
    by = cast(Party, match["by"])
    return Said(by, float(match["gap"]), tuple(parts), tuple(signals), cut, float(match["tempo"] or 1.0))
