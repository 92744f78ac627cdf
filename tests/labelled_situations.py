"""Labelled sentences and little calls in `tests/situations/`, made into calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from belscore import parse_call
from belscore.call import Call, Role, Turn, Word

WORD_S = 0.3
BETWEEN_TURNS_S = 0.4

_ROLES: dict[str, Role] = {"A": "agent", "C": "caller", "K": "colleague"}
# Who is called, by the letter in klacht.txt: the agent's opening.
_CALLED = {
    "h": "Goedemorgen, huisartsenpraktijk De Linde, met Anja.",
    "t": "Goedemorgen, tandartspraktijk De Linde, met Anja.",
    "z": "Goedemorgen, ziekenhuis Linde, polikliniek, met Anja.",
    "w": "Goedemorgen, thuiszorg De Linde, met Anja.",
    "o": "Goedemorgen, Linde opticien en hoorwinkel, met Anja.",
    "a": "Goedemorgen, apotheek De Linde, met Anja.",
    "f": "Goedemorgen, fysiotherapie De Linde, met Anja.",
    "n": "Goedemorgen, klantenservice Linde energie en water, met Anja.",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A call with whether it holds the situation; `number` counts from 1 in the file `name`.txt.

    held_out : not to be looked at one by one: every even line of a file that does not end in `-extra`
    """

    name: str
    situation: str
    number: int
    held_out: bool
    expected: bool
    text: str
    call: Call


def read_cases(folder: Path) -> Iterator[Case]:
    """All cases of a folder, in order of file and line."""
    for path in sorted(folder.glob("*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        for number, line in enumerate(lines, start=1):
            text = line[2:]
            situation, _, part = path.stem.partition("-")
            held_out = number % 2 == 0 and not part.endswith("extra")
            call = little_call(f"{path.name}:{number}", text)
            yield Case(path.stem, situation, number, held_out, line.startswith("+"), text, call)


def little_call(source: str, text: str) -> Call:
    """A call from a line: turns parted by " | ", or all the caller says behind the letter of who is called.

    Behind "-" the turns are the whole call; otherwise an opening and the name of the caller go in front of them.
    """
    kind, _, said = text.partition(" ")
    if kind in _CALLED:
        parts = [f"A: {_CALLED[kind]}", f"C: {said}", "A: Ja."]
    elif kind == "-":
        parts = said.split(" | ")
    else:
        parts = [f"A: {_CALLED['h']}", "C: Goedemorgen, met Jansen.", *text.split(" | ")]
    turns: list[Turn] = []
    at_s = 0.5
    for part in parts:
        if part.strip().isdigit():
            at_s += float(part)
            continue
        role, _, words = part.strip().partition(": ")
        turns.append(_turn(_ROLES[role], at_s, words))
        at_s = turns[-1].end_s + BETWEEN_TURNS_S
    return Call(source, turns[-1].end_s, tuple(turns))


def alternating_call(*lines: str, plain: bool = False) -> Call:
    """A call of alternating turns, the agent's opening first; `plain` takes punctuation and capitals away."""
    turns = [_CALLED["t"], *lines]
    if plain:
        turns = ["".join(ch for ch in text.lower() if ch.isalnum() or ch in " '") for text in turns]
    notation, at_s = [], 0.5
    for index, text in enumerate(turns):
        end_s = at_s + 0.4 * len(text.split()) + 0.5
        notation.append(f"{at_s:.1f}-{end_s:.1f} {'caller' if index % 2 else 'agent'} {text}")
        at_s = end_s + 0.4
    return parse_call("\n".join(notation))


def _turn(role: Role, start_s: float, text: str) -> Turn:
    words = tuple(
        Word(word, start_s + at * WORD_S, start_s + (at + 1) * WORD_S) for at, word in enumerate(text.split())
    )
    return Turn(role, start_s, words[-1].end_s, text, words)
