"""Make the sample calls from their texts: `python samples/generator/make.py [NAME ...]`.

Writes for each text the recording and its `.call` truth to samples/calls/, and samples/calls.csv with what a telephone
exchange would know. The verdicts in `*.expected.toml` are written by hand and stay as they are.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from encode import write_audio
from phone_line import through_line
from script import Leg, Script, other_leg, read_script
from speech import MissingProgramError, check_programs
from timeline import Timeline, lay_out, mix

_HERE = Path(__file__).resolve().parent
TEXTS = _HERE / "texts"
CALLS = _HERE.parent / "calls"
TABLE = _HERE.parent / "calls.csv"
_TABLE_KEYS = ("agent", "department", "started_at", "direction", "ring_s")


def make_sample(script: Script, folder: Path) -> Timeline:
    """Write `<file>` and `<name>.call` to the folder."""
    timeline = lay_out(script)
    heard = through_line(mix(timeline, script.voices), timeline, script.line)
    left: Leg = "agent" if script.agent_channel == "left" else "caller"
    both = np.stack([heard[left], heard[other_leg(left)]])
    write_audio(
        folder / script.file, both.sum(axis=0, keepdims=True) if script.channels == "mono" else both, script.codec
    )
    (folder / f"{script.name}.call").write_text(format_truth(script, timeline), encoding="utf-8")
    return timeline


def format_truth(script: Script, timeline: Timeline) -> str:
    """The call in `.call` notation, with the times at which the sound starts and ends."""
    where = (
        "both parties on one channel" if script.channels == "mono" else f"agent on the {script.agent_channel} channel"
    )
    head = [f"# {script.file}, made by samples/generator; {where}"]
    head += ["@channels mixed"] if script.channels == "mono" else []
    head += [f"@{key} {value}" for key, value in script.metadata.items()]
    rows = [f"{turn.start_s:.2f}-{turn.end_s:.2f} {turn.by:<9} {turn.text}" for turn in timeline.turns]
    return "\n".join([*head, *rows]) + "\n"


def write_table(scripts: list[Script], path: Path) -> None:
    """What a telephone exchange would know; where the ringing was recorded it is left to be heard."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", *_TABLE_KEYS])
        for script in scripts:
            known = {**script.metadata, "ring_s": ""} if script.begins_with_ringing else script.metadata
            table.writerow([script.file, *(known.get(key, "") for key in _TABLE_KEYS)])


def main(names: list[str]) -> int:
    scripts = [read_script(path) for path in sorted(TEXTS.glob("*.toml"))]
    unknown = set(names) - {script.name for script in scripts}
    if unknown:
        print(f"samples: no text for {', '.join(sorted(unknown))}; see {TEXTS.name}/", file=sys.stderr)
        return 2
    try:
        check_programs({voice.database for script in scripts for voice in script.voices.values()})
    except MissingProgramError as missing:
        print(f"samples: {missing}", file=sys.stderr)
        return 2
    CALLS.mkdir(exist_ok=True)
    for script in scripts:
        if not names or script.name in names:
            timeline = make_sample(script, CALLS)
            print(f"{script.file}: {timeline.duration_s:.0f} s", file=sys.stderr)
    write_table(scripts, TABLE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
