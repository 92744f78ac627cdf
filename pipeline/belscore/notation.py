"""Read and write the `.call` notation: a call as lines of text, for rule examples, tests and samples."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast, get_args

from belscore import syllables
from belscore.call import LATEST_S, ROLES, Call, Channels, Direction, EndedBy, Role, Turn, Word
from belscore.errors import NotationError

_TURN = re.compile(r"(?P<start>\d+(?:\.\d+)?)-(?P<end>\d+(?:\.\d+)?)(?P<gap>\s+)(?P<role>\S+)(?:\s+(?P<text>.*))?$")
_META = re.compile(r"@(?P<key>\S+)(?:\s+(?P<value>.*))?$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_CHOICES: dict[str, tuple[str, ...]] = {
    "direction": get_args(Direction),
    "channels": get_args(Channels),
    "ended_by": get_args(EndedBy),
}
_TEXT_KEYS = ("practice", "agent", "department")
_KEYS = (*_CHOICES, "started_at", "ring_s", *_TEXT_KEYS)


@dataclass(slots=True)
class _Reading:
    """Where the reader is and what it has found."""

    source: str
    meta: dict[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    ring_s: float | None = None
    turns: list[Turn] = field(default_factory=list)

    def error(self, line: int, column: int, what: str, do: str) -> NotationError:
        return NotationError(what, where=f"{self.source}:{line}:{column}", do=do)


def parse_call(text: str, *, source: str = "<text>") -> Call:
    """Read a call in `.call` notation.

    source : name for display and error messages

    Word times inside a turn are spread by syllables; word probabilities are 1.0.
    Raises NotationError naming source, line and column.
    """
    reading = _Reading(source)
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        line = _COMMENT.sub("", raw).rstrip()
        body = line.lstrip()
        column = len(line) - len(body) + 1
        if not body:
            continue
        if body.startswith("@"):
            _read_meta(reading, body, number, column)
        else:
            reading.turns.append(_read_turn(reading, body, number, column))
    if not reading.turns:
        raise NotationError("no turns", where=source, do="write lines like `0.4-4.1 agent Goedemorgen, ...`")
    turns = tuple(sorted(reading.turns, key=lambda turn: turn.start_s))
    meta = reading.meta
    return Call(
        source=source,
        duration_s=max(turn.end_s for turn in turns),
        turns=turns,
        direction=cast(Direction, meta.get("direction", "inbound")),
        started_at=reading.started_at,
        ring_s=reading.ring_s,
        ended_by=cast("EndedBy | None", meta.get("ended_by")),
        channels=cast(Channels, meta.get("channels", "separate")),
        practice=meta.get("practice"),
        agent=meta.get("agent"),
        department=meta.get("department"),
    )


def _read_meta(reading: _Reading, body: str, line: int, column: int) -> None:
    match = _META.match(body)
    key = match["key"] if match else ""
    value = (match["value"] or "").strip() if match else ""
    if key not in _KEYS:
        raise reading.error(line, column, f"unknown key @{key}", f"use one of {', '.join('@' + k for k in _KEYS)}")
    if not value:
        raise reading.error(line, column, f"@{key} has no value", f"write `@{key} VALUE`")
    if key in reading.meta:
        raise reading.error(line, column, f"@{key} stands twice", "remove one of the lines")
    value_column = column + len(body) - len(value)
    choices = _CHOICES.get(key)
    if choices and value not in choices:
        raise reading.error(line, value_column, f"@{key} is `{value}`", f"use {' or '.join(choices)}")
    reading.meta[key] = value
    if key == "started_at":
        try:
            reading.started_at = datetime.fromisoformat(value)
        except ValueError:
            what = f"@started_at is `{value}`"
            raise reading.error(line, value_column, what, "write it like 2025-10-06T09:12") from None
    elif key == "ring_s":
        reading.ring_s = _read_seconds(reading, value, line, value_column)


def _read_seconds(reading: _Reading, value: str, line: int, column: int) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LATEST_S:
        raise reading.error(line, column, f"`{value}` is no number of seconds", "write it like 8 or 8.5")
    return seconds


def _read_turn(reading: _Reading, body: str, line: int, column: int) -> Turn:
    match = _TURN.match(body)
    if match is None:
        raise reading.error(line, column, "no turn", "write it like `0.4-4.1 agent Goedemorgen, ...`")
    start_s, end_s, role = float(match["start"]), float(match["end"]), match["role"]
    if end_s > LATEST_S:
        raise reading.error(line, column, "the turn ends after more than a day", "write the times in seconds")
    if round(end_s, 3) <= round(start_s, 3):
        raise reading.error(line, column, f"the turn ends at {end_s:g}, before it starts", "put the earlier time first")
    if role not in ROLES:
        what = f"unknown role `{role}`"
        raise reading.error(line, column + match.start("role"), what, f"use one of {', '.join(ROLES)}")
    text = " ".join((match["text"] or "").split())
    if not text:
        raise reading.error(line, column + match.end("role"), "the turn has no text", "write what was said")
    return Turn(cast(Role, role), start_s, end_s, text, spread_words(text, start_s, end_s))


def spread_words(text: str, start_s: float, end_s: float) -> tuple[Word, ...]:
    """Give the words of a turn times in proportion to their syllables (at least one each).

    text : words parted by white space
    """
    tokens = text.split()
    weights = [max(1, syllables.count(token)) for token in tokens]
    step_s = (end_s - start_s) / max(1, sum(weights))
    words, at_s = [], start_s
    for token, weight in zip(tokens, weights, strict=True):
        words.append(Word(token, round(at_s, 3), round(at_s + weight * step_s, 3)))
        at_s += weight * step_s
    return tuple(words)


def format_call(call: Call) -> str:
    """Write a call in `.call` notation; `parse_call` reads it back, to the millisecond and without probabilities."""
    return "\n".join([*_meta_lines(call), *(_turn_line(turn) for turn in call.turns if _on_one_line(turn.text))]) + "\n"


def _meta_lines(call: Call) -> Iterable[str]:
    if call.direction != "inbound":
        yield f"@direction {call.direction}"
    if call.started_at is not None:
        is_whole = not call.started_at.second and not call.started_at.microsecond
        yield f"@started_at {call.started_at.isoformat(timespec='minutes' if is_whole else 'auto')}"
    if call.ring_s is not None:
        yield f"@ring_s {_written_s(call.ring_s)}"
    if call.channels != "separate":
        yield f"@channels {call.channels}"
    if call.ended_by is not None:
        yield f"@ended_by {call.ended_by}"
    for key in _TEXT_KEYS:
        value = _on_one_line(getattr(call, key) or "")
        if value:
            yield f"@{key} {value}"


def _turn_line(turn: Turn) -> str:
    return f"{_written_s(turn.start_s)}-{_written_s(turn.end_s)} {turn.role:<9} {_on_one_line(turn.text)}"


def _on_one_line(text: str) -> str:
    """Text in which nothing starts a comment."""
    return " ".join(re.sub(r"(^|\s)#+", r"\1", " ".join(text.split())).split())


def _written_s(seconds: float) -> str:
    """Seconds to the millisecond, without zeros that say nothing."""
    return f"{seconds:.3f}".rstrip("0").removesuffix(".")
