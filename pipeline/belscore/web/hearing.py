"""What a worker does with an upload: decode it, score it, and write the sound that pages play."""

from __future__ import annotations

import hashlib
import io
import time
import traceback
import wave
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from belscore.cli.work import Settings
from belscore.encryption.copies import unsealed_copy
from belscore.encryption.files import SealedWriter
from belscore.encryption.keys import KeyRing
from belscore.errors import AudioError, BelscoreError, ModelError, RuleError
from belscore.inputs import CallFile
from belscore.progress import Progress
from belscore.store.recordings import Kept
from belscore.web.roleplay_sound import PlayedLine, staged, with_script
from belscore.web.scoring import Outcome, Reason, Refused, Scored, ScoringTask
from belscore.worker_processes import tell

if TYPE_CHECKING:
    from belscore.audio import Recording
    from belscore.scoring import Scored as ScoredCall

# Scores a plain file: what is known of the call outside its sound, and the hook that hears how far it is.
CallScorer = Callable[[Path, dict[str, Any], Progress], "ScoredCall"]
# Each time is a line in the store.
_TELL_EVERY_S = 0.5
_PEAK = 32767
_BLOCK = 1 << 18


def make_call_scorer(settings: Settings) -> CallScorer:
    """Read rules and profile once, for any number of files."""
    from belscore.cli.work import make_file_scorer
    from belscore.metadata import CallTable, one_call

    # What names a caller leaves no worker, unless the practice says otherwise.
    score_file = make_file_scorer(replace(settings, redact="as_profile"))

    def score(path: Path, facts: dict[str, Any], progress: Progress) -> ScoredCall:
        channel = facts.pop("agent_channel", None)
        lines: list[PlayedLine] = facts.pop("lines", [])
        return score_file(
            CallFile(path, "audio"),
            progress,
            agent_channel=channel,
            table=CallTable(Path(), one_call(path, facts)),
            known=(lambda call: with_script(call, lines)) if lines else None,
        )

    return score


def score_upload(task: ScoringTask, score: CallScorer, keys: KeyRing | None) -> Outcome:
    """Score what somebody handed in; raises nothing."""
    progress = _Teller()
    try:
        with unsealed_copy(task.incoming, keys, task.work) as path:
            return _scored(task, path, score, keys, progress)
    except Exception as error:
        return refused(error, stage=progress.stage)


def refused(error: Exception, *, stage: str) -> Refused:
    """What an error means for who handed a recording in; `stage` is the one in which it came."""
    reason: Reason = "internal"
    if isinstance(error, AudioError):
        # A sound that could be read holds no speech, or no words.
        reason = "not_sound" if stage in ("", "decode") else "no_speech"
    elif isinstance(error, ModelError):
        reason = "no_model"
    elif isinstance(error, OSError | BelscoreError) and not isinstance(error, RuleError):
        reason = "storage"
    told = str(error) if isinstance(error, BelscoreError) else "".join(traceback.format_exception(error)).rstrip()
    return Refused(reason, told)


def _scored(task: ScoringTask, path: Path, score: CallScorer, keys: KeyRing | None, progress: _Teller) -> Scored:
    from belscore.audio import decode

    options = task.upload.options
    # When a practice call was handed in says nothing of the hour it plays in.
    facts = {key: options[key] for key in ("agent_channel", "direction", "department", "ring_s") if key in options}
    facts["agent"] = options.get("agent", task.upload.agent)
    if "started_at" in options:
        facts["started_at"] = datetime.fromisoformat(options["started_at"])
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if task.upload.kind == "roleplay":
        with staged(path, options, task.work) as (call_path, lines):
            scored = score(call_path, {**facts, "lines": lines}, progress)
            size = write_sound(decode(call_path), task.sound, keys)
    else:
        scored = score(path, facts, progress)
        size = write_sound(decode(path), task.sound, keys)
    call = replace(scored.call, source=task.upload.title)
    card = replace(scored.card, call=replace(scored.card.call, source=task.upload.title))
    return Scored(sha256, call, card, Kept(task.sound.name, size, is_copy=False))


def write_sound(recording: Recording, path: Path, keys: KeyRing | None) -> int:
    """Write a recording as WAV of 16 bits, which every browser plays and seeks in exactly; its size in bytes."""
    head = io.BytesIO()
    frames, channels = len(recording.channels[0]), len(recording.channels)
    with wave.open(head, "wb") as made:
        made.setnchannels(channels)
        made.setsampwidth(2)
        made.setframerate(16000)
        made.setnframes(frames)
        # The header is written with the first frames; what it says of their number is corrected below.
        made.writeframes(b"")
    header = _sized(head.getvalue(), frames * channels * 2)
    with SealedWriter(path, keys) as file:
        file.write(header)
        for start in range(0, frames, _BLOCK):
            block = np.stack([channel[start : start + _BLOCK] for channel in recording.channels], axis=1)
            file.write((np.clip(block, -1.0, 1.0) * _PEAK).astype("<i2").tobytes())
        file.commit()
    return len(header) + frames * channels * 2


def _sized(header: bytes, data_bytes: int) -> bytes:
    """A WAV header that says how much follows."""
    riff = (len(header) - 8 + data_bytes).to_bytes(4, "little")
    return header[:4] + riff + header[8:-4] + data_bytes.to_bytes(4, "little")


class _Teller:
    """Passes on how far the work is, now and then."""

    def __init__(self) -> None:
        self.stage, self._told_s = "", 0.0

    def __call__(self, stage: str, completed: float, total: float | None) -> None:
        now_s = time.monotonic()
        if stage == self.stage and now_s - self._told_s < _TELL_EVERY_S:
            return
        self.stage, self._told_s = stage, now_s
        tell((stage, min(1.0, completed / total) if total else None))
