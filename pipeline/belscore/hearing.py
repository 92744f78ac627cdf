"""All that can be measured from the sound of a file without recognising a word: what `belscore measure` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from belscore.audio import DEFAULT_LIMITS, DecodeLimits, Recording, decode
from belscore.call import AgentChannel, Call, Quality, Role, Span
from belscore.level import Sound, measure_sounds, quality
from belscore.progress import Progress, silent
from belscore.scorecard import Interruption
from belscore.turn_taking import TurnTaking, take_turns
from belscore.vad import Detection, detect
from belscore.waiting import length_inside_s, possible_waits, waiting_notes, with_holds

SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the sound of a call shows.

    speech   : spans per voice; keys are roles, or "left" and "right" while it is not known who is the agent, or "mixed"
    taking   : turn-taking; its roles `agent` and `caller` stand for the left and right channel where roles are unknown
    holds    : music; silent holds show in words only
    rings, busy, congestion : single bursts of network tones
    information : special information tones
    dtmf     : key presses
    sounds   : level, noise and bandwidth per voice, keys as in `speech`
    """

    source: str
    duration_s: float
    speech: Mapping[str, tuple[Span, ...]]
    taking: TurnTaking
    holds: tuple[Span, ...]
    rings: tuple[Span, ...]
    busy: tuple[Span, ...]
    congestion: tuple[Span, ...]
    information: tuple[Span, ...]
    dtmf: tuple[Span, ...]
    quality: Quality
    sounds: Mapping[str, Sound]

    def to_dict(self) -> dict[str, Any]:
        """The line that `belscore measure` prints, as plain JSON values."""
        names = self._names()
        return {
            "source": self.source,
            "duration_s": self.duration_s,
            "speech": {key: _pairs(spans) for key, spans in self.speech.items()},
            "interruptions": [_interruption(each, names) for each in self.taking.interruptions],
            "overlaps": _pairs(self.taking.overlaps),
            "silences": _pairs(self.taking.silences),
            "backchannels": [
                {"by": names[role], "start_s": span.start_s, "end_s": span.end_s}
                for role, spans in self.taking.backchannels.items()
                for span in spans
            ],
            "holds": _pairs(self.holds),
            "rings": _pairs(self.rings),
            "busy": _pairs(self.busy),
            "congestion": _pairs(self.congestion),
            "information_tones": _pairs(self.information),
            "dtmf": _pairs(self.dtmf),
            "quality": self._quality(),
        }

    def _quality(self) -> dict[str, Any]:
        return {
            "lost_s": self.quality.lost_s,
            "rate_hz": self.quality.rate_hz,
            "level_dbov": dict(self.quality.level_dbov),
            "activity": {name: sound.activity for name, sound in self.sounds.items()},
            "noise_dbov": {name: sound.noise_dbov for name, sound in self.sounds.items()},
            "snr_db": {name: sound.snr_db for name, sound in self.sounds.items()},
            "bandwidth_hz": {name: sound.bandwidth_hz for name, sound in self.sounds.items()},
            "dc": {name: sound.dc for name, sound in self.sounds.items()},
            "clipped": self.quality.clipped,
            "notes": list(self.quality.notes),
        }

    def _names(self) -> dict[Role, str]:
        keys = list(self.speech)
        if "agent" in keys or len(keys) < len(SIDES):
            return {"agent": "agent", "caller": "caller"}
        return {"agent": keys[0], "caller": keys[1]}


def measure_file(
    path: Path,
    *,
    agent_channel: AgentChannel = "auto",
    limits: DecodeLimits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> Hearing:
    """Decode a file and measure its sound.

    agent_channel : which channel is the agent's; with "auto" the channels keep the names left and right, since only
                    words tell who is who

    Raises AudioError for a file that cannot be used.
    """
    recording = decode(path, limits=limits, progress=progress)
    progress("speech", 0.0, recording.duration_s)
    result = measure_recording(recording, agent_channel=agent_channel)
    progress("speech", recording.duration_s, recording.duration_s)
    return result


def measure_recording(recording: Recording, *, agent_channel: AgentChannel = "auto") -> Hearing:
    """Measure decoded sound; see `measure_file`."""
    found, waited_s = _without_holds(recording, detect(recording), agent_channel)
    keys = channel_names(recording, agent_channel)
    speech = dict(zip(keys, found.speech, strict=True))
    call = Call(
        source=recording.source,
        duration_s=recording.duration_s,
        turns=(),
        channels="mixed" if recording.is_mixed else "separate",
        speech=_as_roles(speech),
    )
    sounds = measure_sounds(recording, speech, found.signals)
    sound = quality(recording, speech, sounds=sounds)
    return Hearing(
        source=recording.source,
        duration_s=recording.duration_s,
        speech=speech,
        taking=take_turns(call),
        holds=found.holds,
        rings=found.rings,
        busy=found.busy,
        congestion=found.congestion,
        information=found.information,
        dtmf=found.dtmf,
        quality=replace(sound, notes=(*sound.notes, *waiting_notes(waited_s))),
        sounds=sounds,
    )


def _without_holds(recording: Recording, found: Detection, agent_channel: AgentChannel) -> tuple[Detection, float]:
    """The detection without the caller's voice while the agent's line plays music, and for how long it spoke there."""
    if recording.is_mixed or agent_channel == "auto":
        return found, 0.0
    agent = SIDES.index(agent_channel)
    holds = [wait.span for wait in possible_waits(recording, found) if wait.sure and wait.channel == agent]
    return with_holds(found, 1 - agent, holds), length_inside_s(found.speech[1 - agent], holds)


def channel_names(recording: Recording, agent_channel: AgentChannel) -> tuple[str, ...]:
    """What to call each channel: a role where it is given, its side where it is not, "mixed" when there is one."""
    if recording.is_mixed:
        return ("mixed",)
    if agent_channel == "auto":
        return SIDES
    return ("agent", "caller") if agent_channel == "left" else ("caller", "agent")


def _as_roles(speech: Mapping[str, tuple[Span, ...]]) -> dict[Role, tuple[Span, ...]]:
    if "agent" in speech:
        return {cast(Role, key): spans for key, spans in speech.items()}
    stand_ins: tuple[Role, Role] = ("agent", "caller")
    return dict(zip(stand_ins, speech.values(), strict=False))


def _pairs(spans: tuple[Span, ...]) -> list[list[float]]:
    return [[round(span.start_s, 3), round(span.end_s, 3)] for span in spans]


def _interruption(each: Interruption, names: Mapping[Role, str]) -> dict[str, Any]:
    return {"by": names[each.by], "start_s": each.start_s, "end_s": each.end_s, "overlap_s": each.overlap_s}
