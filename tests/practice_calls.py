"""Practice calls in a store, as if somebody had handed them in and they had been scored; their sound is a tone."""

from __future__ import annotations

import wave
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import numpy as np

from belscore import load_rules, parse_call, score_call
from belscore.call import Call, Sound
from belscore.recordings_folder import SOUNDS
from belscore.scorecard import Scorecard
from belscore.store import uploads
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.database import Store
from belscore.store.recordings import Kept, keep_recording
from belscore.store.rule_sets import keep_rules
from belscore.store.tables import uploads as upload_rows
from belscore.store.users import User
from stored_calls import sha256_of

SAMPLES = Path(__file__).parent.parent / "samples" / "calls"
# Two rules fail in the one, and pass in the other.
WITH_FAILS, WITHOUT = "klacht-te-vroeg-excuus", "klacht-goed"
_RATE_HZ = 8000
_number = count(1)


@cache
def judged(name: str) -> tuple[Call, Scorecard]:
    """A sample with its scorecard, some of its words in doubt and with waves to draw."""
    call = parse_call((SAMPLES / f"{name}.call").read_text(encoding="utf-8"), source=f"{name}.wav")
    first, *others = call.turns
    words = tuple(replace(word, probability=0.3) if place == 1 else word for place, word in enumerate(first.words))
    heights = tuple(100 + 40 * (place % 17) for place in range(600))
    sounds = {"agent": Sound((), (), heights), "caller": Sound((), (), heights)}
    call = replace(call, turns=(replace(first, words=words), *others), sound=sounds)
    return call, score_call(call, rules=load_rules())


def add_practice_call(
    store: Store,
    recordings: Path,
    user: User,
    name: str = WITH_FAILS,
    *,
    scenario: str | None = None,
    sound: bool = True,
) -> int:
    """Put a sample in as a practice call of somebody; its id."""
    number = next(_number)
    call, card = judged(name)
    call = replace(call, agent=user.agent)
    with store.write() as connection:
        options = {"scenario": scenario} if scenario else {}
        upload = uploads.add_upload(
            connection, user_id=user.id, kind="upload", title=f"{name}.wav", size_bytes=1, options=options
        )
        rules = keep_rules(connection, load_rules())
        call_id = add_call(
            connection, sha256_of(f"practice {number}"), call, Judged(card, rules), Exchange(practice=True)
        )
        done = upload_rows.update().where(upload_rows.c.id == upload.id).values(state="done", call_id=call_id)
        connection.execute(done)
        if sound:
            kept = Kept(
                f"{upload.token}.wav", write_tone(recordings / SOUNDS / f"{upload.token}.wav", call), is_copy=False
            )
            keep_recording(connection, call_id, kept)
    return call_id


def write_tone(path: Path, call: Call) -> int:
    """A tone as long as a call; the size of its file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    moments = np.arange(int(call.duration_s * _RATE_HZ)) / _RATE_HZ
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        file.writeframes((3000 * np.sin(2 * np.pi * 220 * moments)).astype("<i2").tobytes())
    return path.stat().st_size
