"""Lines that decide one verdict, in the slot of a little call: `tests/slots/`.

== klacht-oplossing                              a rule, or a situation
frame C: Die kroon ... | A: <<>> | C: Goed.      turns parted by " | ", one with the slot
fail Ik zal er eens naar kijken.                 what is said there, behind the verdict; of a situation yes or no
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from belscore.call import Call
from belscore.scorecard import Scorecard
from labelled_situations import little_call

SLOT = "<<>>"
OPENING = "A: Goedemorgen, praktijk De Linde, u spreekt met Anja."


@dataclass(frozen=True, slots=True)
class SlotLine:
    """What is said in the slot of a frame, by which writer, and what must come of it.

    about : a rule or a situation
    label : "pass" or "fail", of a situation "yes" or "no"
    """

    writer: str
    number: int
    about: str
    label: str
    said: str
    frame: str

    def call(self) -> Call:
        text = self.frame.replace(SLOT, self.said)
        turns = text if text.startswith("A: ") else f"{OPENING} | {text}"
        return little_call(f"{self.writer}:{self.number}", f"- {turns}")

    def found(self, card: Scorecard) -> str:
        """What the program says of it, in the words of the label."""
        if self.label in ("yes", "no"):
            return "yes" if self.about in card.situations else "no"
        return card.finding(self.about).verdict


def read_slots(paths: Iterator[Path]) -> Iterator[SlotLine]:
    """The lines of some files, in order."""
    for path in paths:
        about = frame = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            label, _, said = line.strip().partition(" ")
            if label == "==":
                about = said
            elif label == "frame":
                frame = said
            elif label in ("pass", "fail", "yes", "no"):
                yield SlotLine(path.stem, number, about, label, said, frame)
            elif label and not label.startswith("#"):
                raise ValueError(f"{path}:{number}: no line of slots: {line}")
