"""Seconds of all hearing work against the seconds of transcription: bench/hearing_cost.py PATH ... [--threads N].

Takes each recording with the default model: decoding (its child process included), speech spans with noise, tones,
music and leak, level, syllable nuclei and waveform, turn-taking, the two voices of a mono recording; then the
transcription of the same spans. Each part counts with the least of --rounds runs, so that what else the machine does
weighs little. Seconds are told twice: `wall`, as somebody waits for them, and `processor`, of all threads and of the
child. Prints a line a recording, the parts, and the ratio of all for both.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import NamedTuple, TypeVar

from belscore.audio import decode
from belscore.hearing import channel_names
from belscore.level import measure_sounds
from belscore.models import find_encoder, find_model
from belscore.transcribe import load_model, recognise
from belscore.turn_taking import take_turns
from belscore.vad import detect
from belscore.waiting import possible_waits
from belscore.waveform import measure_sound

Result = TypeVar("Result")
PARTS = ("decode", "speech", "waits", "level", "sound", "turns", "voices", "transcribe")


class Spent(NamedTuple):
    """Seconds that passed, and seconds of processor time."""

    wall_s: float = 0.0
    processor_s: float = 0.0

    def plus(self, other: Spent) -> Spent:
        return Spent(self.wall_s + other.wall_s, self.processor_s + other.processor_s)

    def least(self, other: Spent) -> Spent:
        return Spent(min(self.wall_s, other.wall_s), min(self.processor_s, other.processor_s))

    def since(self, begun: Spent) -> Spent:
        return Spent(self.wall_s - begun.wall_s, self.processor_s - begun.processor_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--model", default=None)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    recogniser = load_model(find_model(args.model), threads=args.threads)
    total = dict.fromkeys(PARTS, Spent())
    for number, path in enumerate([args.paths[0], *_recordings(args.paths)]):
        if not number:  # the first one only loads what is loaded once
            _measured(path, recogniser)
            continue
        rounds = [_measured(path, recogniser) for _ in range(args.rounds)]
        spent = {part: reduce(Spent.least, [each[part] for each in rounds]) for part in PARTS}
        total = {part: total[part].plus(spent[part]) for part in PARTS}
        print(path.name, {part: round(spent[part].wall_s, 2) for part in PARTS}, flush=True)
    for clock in Spent._fields:
        parts = {part: getattr(spent, clock) for part, spent in total.items()}
        hearing_s = sum(parts.values()) - parts["transcribe"]
        rounded = {part: round(seconds, 2) for part, seconds in parts.items()}
        ratio = round(hearing_s / parts["transcribe"], 3)
        print(json.dumps({"clock": clock, **rounded, "hearing": round(hearing_s, 2), "ratio": ratio}))


def _now() -> Spent:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Spent(time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used))


def _recordings(paths: list[Path]) -> list[Path]:
    return [
        each
        for path in paths
        for each in (sorted(path.iterdir()) if path.is_dir() else [path])
        if each.suffix not in (".call", ".toml", ".json")
    ]


def _measured(path: Path, recogniser: object) -> dict[str, Spent]:
    from belscore.decoder import Recogniser

    assert isinstance(recogniser, Recogniser)
    spent = dict.fromkeys(PARTS, Spent())

    def timed(part: str, work: Callable[[], Result]) -> Result:
        begun = _now()
        result = work()
        spent[part] = spent[part].plus(_now().since(begun))
        return result

    source = _recordings([path])[0]
    recording = timed("decode", lambda: decode(source))
    found = timed("speech", lambda: detect(recording))
    timed("waits", lambda: possible_waits(recording, found))
    speech = dict(zip(channel_names(recording, "left"), found.speech, strict=True))
    timed("level", lambda: measure_sounds(recording, speech, found.signals))
    timed("sound", lambda: measure_sound(recording.channels, found.speech, list(speech)))
    words = timed("transcribe", lambda: recognise(recording.channels, found.speech, recogniser))
    if recording.is_mixed:
        from belscore.mono import split_voices
        from belscore.speaker_encoder import load_encoder

        folder = find_encoder()
        encoder = None if folder is None else load_encoder(folder)
        heard = found.speech[0]
        timed("voices", lambda: split_voices(words[0], recording.channels[0], speech=heard, encoder=encoder))
    else:
        from belscore.call import Call

        call = Call(str(source), recording.duration_s, (), speech=speech)  # type: ignore[arg-type]
        timed("turns", lambda: take_turns(call))
    return spent


if __name__ == "__main__":
    main()
