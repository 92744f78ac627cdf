"""What can be wrong with an installation, looked at in order: each check says what it found, and the texts what to do.

The words stand in `report/texts/beheer.toml`, by the name of the check and what it found.
"""

from __future__ import annotations

import importlib.util
import math
import struct
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import disk_usage
from typing import Literal

from belscore.errors import BelscoreError

State = Literal["ok", "note", "wrong"]
# A recording of an hour takes 230 MB while it is decoded.
LEAST_FREE_BYTES = 1_000_000_000
# Nothing can be written any more soon.
NO_ROOM_BYTES = 100_000_000
# belscore did not exist before: a clock that says so has lost its battery.
FIRST_YEAR = 2026
_LAST_YEAR = 2100
_CLOCK_SLIP_S = 1.0
_TEST_SOUND_S = 3.0
_RATE_HZ = 8000
_TONE_HZ = 440.0
# Package -> what it is for, by the text of that name.
_EXTRAS = {"psycopg": "postgres", "ray": "cluster", "authlib": "oidc"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found.

    check  : its name
    key    : which of its texts says it
    values : for that text, and for what to do
    """

    check: str
    state: State
    key: str = "ok"
    values: dict[str, object] = field(default_factory=dict)


def examined(check: str, look: Callable[[], Iterator[Found]]) -> Iterator[Found]:
    """What a check finds; an error that it did not expect is a finding too."""
    try:
        yield from look()
    except BelscoreError as error:
        yield Found(check, "wrong", "error", {"error": str(error)})
    except Exception as error:
        yield Found(check, "wrong", "error", {"error": f"{type(error).__name__}: {error}"})


def examine(store: str | None, profile: Path | None, recordings: Path | None) -> Iterator[Found]:
    """All checks in order.

    store : as `open_store` takes it
    """
    from belscore import __version__
    from belscore.doctor_store import examine_store

    started = time.time() - time.monotonic()
    python = ".".join(map(str, sys.version_info[:3]))
    yield Found("program", "ok", values={"belscore": __version__, "python": python})
    for check, look in (
        ("models", _models), ("decoder", _decoder), ("sandbox", _sandbox),
        ("rules", lambda: _rules(profile)), ("cache", _cache),
        ("temp", _temp), ("extras", _extras),
    ):  # fmt: skip
        yield from examined(check, look)
    yield from examine_store(store, recordings)
    yield from examined("clock", lambda: _clock(started))


def is_well(found: Sequence[Found]) -> bool:
    return all(each.state != "wrong" for each in found)


def room(check: str, folder: Path, *, least_bytes: float = LEAST_FREE_BYTES) -> Found:
    """Whether there is room in a folder."""
    free = disk_usage(folder).free
    values: dict[str, object] = {"folder": folder, "free_gb": f"{free / 1e9:.1f}".replace(".", ",")}
    if free < NO_ROOM_BYTES:
        return Found(check, "wrong", "full", values)
    return Found(check, "note", "little", values) if free < least_bytes else Found(check, "ok", "room", values)


def _models() -> Iterator[Found]:
    from belscore.models import choose_model, find_encoder, verify_model

    chosen = choose_model().files
    if chosen is None:
        yield Found("models", "wrong", "none")
        return
    verify_model(chosen.name)
    yield Found("models", "ok", values={"name": chosen.name, "folder": chosen.folder})
    if find_encoder() is None:
        yield Found("models", "note", "no_encoder")


def _decoder() -> Iterator[Found]:
    """A made sound through the child process in which recordings are decoded."""
    from belscore.audio import decode

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "toon.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(_RATE_HZ)
            count = int(_TEST_SOUND_S * _RATE_HZ)
            tone = (int(8000 * math.sin(2 * math.pi * _TONE_HZ * place / _RATE_HZ)) for place in range(count))
            file.writeframes(b"".join(struct.pack("<h", sample) for sample in tone))
        heard = decode(path)
    is_whole = abs(heard.duration_s - _TEST_SOUND_S) < 0.1
    yield Found("decoder", "ok" if is_whole else "wrong", "ok" if is_whole else "short")


def _sandbox() -> Iterator[Found]:
    """What holds the decoder, so that a file from outside cannot do harm."""
    from belscore.sandbox_probe import sandbox_report

    report = sandbox_report()
    missing = [barrier.name for barrier in report.barriers if barrier.missing]
    if report.escapes:
        yield Found("sandbox", "note", "open", {"escapes": ", ".join(report.escapes)})
    elif missing:
        yield Found("sandbox", "ok", "some", {"missing": ", ".join(missing)})
    else:
        yield Found("sandbox", "ok", values={"count": len(report.barriers)})


def _rules(profile: Path | None) -> Iterator[Found]:
    from belscore.profile import load_profile
    from belscore.rulebook import load_rules

    rules = load_rules()
    yield Found("rules", "ok", values={"count": len(rules.rules)})
    if profile is not None:
        load_profile(profile, rules)
        yield Found("rules", "ok", "profile", {"path": profile})


def _cache() -> Iterator[Found]:
    from belscore.word_cache import user_cache

    kept = user_cache(tells=False)
    if kept is None:
        yield Found("cache", "note", "no_home")
    elif not kept.is_usable():
        yield Found("cache", "note", "unusable", {"folder": kept.folder})
    else:
        yield Found("cache", "ok", values={"folder": kept.folder, "files": kept.kept().entries})


def _temp() -> Iterator[Found]:
    folder = Path(tempfile.gettempdir())
    with tempfile.TemporaryFile() as file:
        file.write(b"\0")
    yield room("temp", folder)


def _extras() -> Iterator[Found]:
    for package, extra in _EXTRAS.items():
        is_there = importlib.util.find_spec(package) is not None
        yield Found("extras", "ok", "there" if is_there else "absent", {"package": package, "extra": extra})


def _clock(started: float) -> Iterator[Found]:
    """The year, the zone against that of Dutch practices, and whether the clock was set while we looked.

    started : seconds between the clock and the one that nobody can set, when the examination began
    """
    from belscore.wall_clock import home

    now = datetime.now()
    if not FIRST_YEAR <= now.year <= _LAST_YEAR:
        yield Found("clock", "wrong", "year", {"year": now.year})
        return
    slip_s = time.time() - time.monotonic() - started
    if abs(slip_s) > _CLOCK_SLIP_S:
        yield Found("clock", "note", "slipped", {"seconds": f"{slip_s:+.0f}"})
    at_home = datetime.now(UTC).astimezone(home()).replace(tzinfo=None)
    hours = round((now - at_home).total_seconds() / 3600)
    if home() is None:
        yield Found("clock", "note", "no_zones")
    elif hours:
        yield Found("clock", "note", "zone", {"hours": f"{hours:+d}"})
    else:
        yield Found("clock", "ok", values={"now": f"{now:%d-%m-%Y %H:%M}"})
