"""A role play as a call: the trainee's microphone on the left, the lines that were played to them on the right.

What the caller said and when is known, so that it is not recognised but taken from the script.
"""

from __future__ import annotations

import wave
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from belscore.notation import spread_words
from belscore.scenarios import Scenario, load_scenarios
from belscore.timeline import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belscore.call import Call, Turn

_PEAK = 32767
# Line noise: a channel without any is no telephone's, and would be taken for one that is off.
_NOISE = 0.0003
_SEED = 7


@dataclass(frozen=True, slots=True)
class PlayedLine:
    """A line of the caller, and when it was heard in the recording."""

    text: str
    start_s: float
    end_s: float


@contextmanager
def staged(microphone: Path, options: Mapping[str, Any], folder: Path) -> Iterator[tuple[Path, list[PlayedLine]]]:
    """The call as a stereo WAV file in `folder`, for this block, and what the caller said in it.

    options : `scenario` and `played`, pairs of a line's number (from 1) and when it began, as the page told
    """
    from belscore.audio import decode

    scenario = load_scenarios()[options["scenario"]]
    recording = decode(microphone)
    agent = np.mean(np.stack(recording.channels), axis=0)
    caller, lines = _caller(scenario, options["played"], len(agent))
    path = folder / f"{microphone.stem}.staged.wav"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sound = np.stack([agent, caller], axis=1)
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, SAMPLE_RATE_HZ, len(sound), "NONE", ""))
            file.writeframes((np.clip(sound, -1.0, 1.0) * _PEAK).astype("<i2").tobytes())
        yield path, lines
    finally:
        path.unlink(missing_ok=True)


def _caller(scenario: Scenario, played: Sequence[Sequence[float]], length: int) -> tuple[Any, list[PlayedLine]]:
    from belscore.audio import decode

    rng = np.random.default_rng(_SEED)
    channel = (rng.standard_normal(length) * _NOISE).astype(np.float32)
    lines = []
    for number, start_s in played:
        line = scenario.lines[int(number) - 1]
        sound = decode(line.sound).channels[0]
        start = max(0, round(start_s * SAMPLE_RATE_HZ))
        part = sound[: max(0, length - start)]
        if len(part) == 0:
            continue
        channel[start : start + len(part)] += part
        lines.append(PlayedLine(line.say, round(start_s, 2), round(start_s + len(part) / SAMPLE_RATE_HZ, 2)))
    return channel, lines


def with_script(call: Call, lines: Sequence[PlayedLine]) -> Call:
    """The call with the caller's turns as they were scripted."""
    from belscore.call import Span, Turn

    scripted: list[Turn] = [
        Turn("caller", line.start_s, line.end_s, line.text, spread_words(line.text, line.start_s, line.end_s))
        for line in lines
    ]
    others = [turn for turn in call.turns if turn.role != "caller"]
    turns = tuple(sorted([*others, *scripted], key=lambda turn: (turn.start_s, turn.end_s)))
    speech = dict(call.speech) if call.speech is not None else None
    if speech is not None:
        speech["caller"] = tuple(Span(line.start_s, line.end_s) for line in lines)
    return replace(call, turns=turns, speech=speech)
