"""Seconds of all hearing work against the seconds of transcription: bench/hearing_cost.py PATH ... [--threads N].

Takes each recording in one run with the default model: decoding (its child process included), speech spans with noise,
tones, music and leak, level, turn-taking, the two voices of a mono recording; then the transcription of the same
spans. Prints a line a recording, the parts, and the ratio of all.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from belscore.audio import decode
from belscore.hearing import channel_names
from belscore.level import measure_sounds
from belscore.models import find_model
from belscore.transcribe import load_model, recognise
from belscore.turn_taking import take_turns
from belscore.vad import detect
from belscore.waiting import possible_waits

Result = TypeVar("Result")
PARTS = ("decode", "speech", "waits", "level", "turns", "voices", "transcribe")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--model", default=None)
    args = parser.parse_args()
    recogniser = load_model(find_model(args.model), threads=args.threads)
    total = dict.fromkeys(PARTS, 0.0)
    for number, path in enumerate([args.paths[0], *_recordings(args.paths)]):
        spent = _measured(path, recogniser)
        if number:  # the first one only loads what is loaded once
            total = {part: total[part] + spent[part] for part in PARTS}
            print(path.name if path.is_file() else path, {part: round(spent[part], 2) for part in PARTS}, flush=True)
    hearing_s = sum(total.values()) - total["transcribe"]
    rounded = {part: round(seconds, 2) for part, seconds in total.items()}
    print(json.dumps({**rounded, "hearing": round(hearing_s, 2), "ratio": round(hearing_s / total["transcribe"], 3)}))


def _recordings(paths: list[Path]) -> list[Path]:
    return [
        each
        for path in paths
        for each in (sorted(path.iterdir()) if path.is_dir() else [path])
        if each.suffix not in (".call", ".toml", ".json")
    ]


def _measured(path: Path, recogniser: object) -> dict[str, float]:
    from belscore.decoder import Recogniser

    assert isinstance(recogniser, Recogniser)
    spent = dict.fromkeys(PARTS, 0.0)

    def timed(part: str, work: Callable[[], Result]) -> Result:
        begun_s = time.perf_counter()
        result = work()
        spent[part] += time.perf_counter() - begun_s
        return result

    source = _recordings([path])[0]
    recording = timed("decode", lambda: decode(source))
    found = timed("speech", lambda: detect(recording))
    timed("waits", lambda: possible_waits(recording, found))
    speech = dict(zip(channel_names(recording, "left"), found.speech, strict=True))
    timed("level", lambda: measure_sounds(recording, speech, found.signals))
    words = timed("transcribe", lambda: recognise(recording.channels, found.speech, recogniser))
    if recording.is_mixed:
        from belscore.mono import split_voices

        timed("voices", lambda: split_voices(words[0], recording.channels[0]))
    else:
        from belscore.call import Call

        call = Call(str(source), recording.duration_s, (), speech=speech)  # type: ignore[arg-type]
        timed("turns", lambda: take_turns(call))
    return spent


if __name__ == "__main__":
    main()
