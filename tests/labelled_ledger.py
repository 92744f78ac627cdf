"""Little calls in `tests/ledger/` with what the phone log must hold of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

from belscore.call import Call
from belscore.hours import Hours
from belscore.scorecard import LedgerEntry
from labelled_situations import little_call

HOME = Path(__file__).parent / "ledger"
# The turns in front of a length of time take some seconds.
TOLERANCE_S = 180.0

_MORNING, _AFTERNOON = (time(8), time(12, 30)), (time(13, 30), time(17))
_LONG = (_MORNING, _AFTERNOON)
_FRIDAY = ((time(8), time(12)),)
_CHRISTMAS = frozenset({date(2025, 12, 25), date(2025, 12, 26)})
HOURS = Hours((_LONG, _LONG, _LONG, _LONG, _FRIDAY, (), ()), _CHRISTMAS)


@dataclass(frozen=True, slots=True)
class Expected:
    kind: str
    who: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """A call with its entries; `blind` ones were written before anything was built, and are not tuned on."""

    name: str
    blind: bool
    call: Call
    hours: Hours | None
    expected: tuple[Expected, ...]
    text: str


def read_cases(path: Path = HOME / "due.txt") -> Iterator[Case]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("#"):
            continue
        part, started, hours, holds, turns = (cell.strip() for cell in line.split(" ; ", 4))
        said = " | ".join(f"{turn.strip()[0]}: {turn.strip()[2:]}" for turn in turns.split(" | "))
        call = replace(
            little_call(f"{path.name}:{number}", said),
            started_at=None if started == "-" else datetime.fromisoformat(started),
        )
        expected = () if holds == "nothing" else tuple(_expected(entry) for entry in holds.split(" + "))
        yield Case(f"{path.name}:{number}", part == "b", call, HOURS if hours == "h" else None, expected, turns)


def _expected(text: str) -> Expected:
    kind, who, due = text.split()
    return Expected(kind, who, None if due == "none" else datetime.fromisoformat(due))


def matches(entry: LedgerEntry, expected: Expected) -> bool:
    return (entry.kind, entry.who) == (expected.kind, expected.who)


def same_moment(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.tzinfo is None) == (other.tzinfo is None) and abs((one - other).total_seconds()) <= TOLERANCE_S


def read_pairs(path: Path = HOME / "topics.txt") -> Iterator[tuple[bool, bool, str, str]]:
    """Pairs of questions: blind, about the same thing, and the two."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            one, other = line[4:].split(" | ")
            yield line[0] == "b", line[2] == "+", one, other
