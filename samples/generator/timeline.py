"""Lay the spoken turns on two channels and keep the exact times."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from script import LEGS, Hold, Leg, Party, Ring, Said, Script, Voice, leg_of
from speech import RATE_HZ, speak

LEAD_S = 0.5  # before the first turn
TAIL_S = 1.2  # after the last one, so that no call looks cut off
_SIGNAL_AFTER_S = 0.12  # a listening signal starts this long after the part it answers
_PART_PAUSE_S = 0.42  # pause between two parts of a turn; most of a signal falls inside it
RING_S, RING_PERIOD_S = 1.0, 5.0  # the Dutch ring tone: 1 s on, 4 s off (ITU; SPEECH.md 3)
_ANSWERED_AFTER_S = 1.4  # from the end of the last ring tone to the first word


@dataclass(frozen=True, slots=True)
class Placed:
    """A turn on the time axis, from its first sound to its last."""

    by: Party
    start_s: float
    end_s: float
    text: str


@dataclass(slots=True)
class Timeline:
    """What is said and heard, before the telephone line.

    clips : party, start sample and sound at `speech.RATE_HZ`
    holds : start and end in seconds, and what fills them
    rings : start of each ring tone in seconds
    """

    turns: list[Placed] = field(default_factory=list)
    clips: list[tuple[Party, int, NDArray[np.float32]]] = field(default_factory=list)
    holds: list[tuple[float, float, str]] = field(default_factory=list)
    rings: list[float] = field(default_factory=list)
    end_s: float = LEAD_S

    @property
    def duration_s(self) -> float:
        return self.end_s + TAIL_S


def lay_out(script: Script) -> Timeline:
    """Speak every turn and place it; turns come out in order of start time."""
    timeline = Timeline()
    for event in script.events:
        if isinstance(event, Hold):
            start_s = timeline.end_s + 0.3
            timeline.holds.append((start_s, start_s + event.duration_s - 0.6, event.filling))
            timeline.end_s += event.duration_s
        elif isinstance(event, Ring):
            starts_s = [timeline.end_s + RING_PERIOD_S * index for index in range(event.count)]
            timeline.rings += starts_s
            timeline.end_s = starts_s[-1] + RING_S + _ANSWERED_AFTER_S
        else:
            _place(timeline, event, script.voices)
    timeline.turns.sort(key=lambda turn: turn.start_s)
    return timeline


def _place(timeline: Timeline, said: Said, voices: dict[Party, Voice]) -> None:
    listener: Party = "agent" if said.by == "caller" else "caller"
    voice = replace(voices[said.by], tempo=voices[said.by].tempo * said.tempo)
    first_s = at_s = max(0.0, timeline.end_s + said.gap_s)
    for index, (part, signal) in enumerate(zip(said.parts, said.signals, strict=True)):
        last = index == len(said.parts) - 1
        end_s = _add_clip(timeline, said.by, at_s, speak(part, voice, falling=not (said.cut and last)))
        if signal:
            start_s = end_s + _SIGNAL_AFTER_S
            stop_s = _add_clip(timeline, listener, start_s, speak(signal, voices[listener]))
            timeline.turns.append(Placed(listener, start_s, stop_s, signal))
        at_s = end_s + (0.0 if last else _PART_PAUSE_S)
    timeline.turns.append(Placed(said.by, first_s, at_s, " ".join(said.parts)))
    timeline.end_s = max(timeline.end_s, at_s)


def _add_clip(timeline: Timeline, by: Party, at_s: float, sound: NDArray[np.float32]) -> float:
    timeline.clips.append((by, round(at_s * RATE_HZ), sound))
    return at_s + len(sound) / RATE_HZ


def mix(timeline: Timeline, voices: dict[Party, Voice]) -> dict[Leg, NDArray[np.float32]]:
    """One channel for each leg at `speech.RATE_HZ`, speech at the level of its voice, silence elsewhere."""
    length = round(timeline.duration_s * RATE_HZ)
    spoken: dict[Party, NDArray[np.float32]] = {party: np.zeros(length, np.float32) for party in voices}
    for by, start, sound in timeline.clips:
        spoken[by][start : start + len(sound)] += sound
    legs: dict[Leg, NDArray[np.float32]] = {leg: np.zeros(length, np.float32) for leg in LEGS}
    for party, sound in spoken.items():
        legs[leg_of(party)] += at_level(sound, voices[party].level_dbov)
    return legs


def at_level(sound: NDArray[np.float32], level_dbov: float) -> NDArray[np.float32]:
    """Scale so that the active parts (above a tenth of the loudest sample) have this RMS level."""
    active = sound[np.abs(sound) > 0.1 * np.abs(sound).max()]
    rms = float(np.sqrt((active**2).mean()))
    return (sound * (10 ** (level_dbov / 20) / rms)).astype(np.float32)
