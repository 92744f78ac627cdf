"""Transcripts of recordings, with the words kept between runs: what was recognised once is not recognised again.

Only the recogniser is remembered. Speech spans, turns, roles and measures are made anew, so that a change there shows.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

import jiwer
import numpy as np
from numpy.typing import NDArray

from belscore import chunks, decoder, gates, placing, rulebook, transcribe
from belscore.call import Call, Role, Span, Word
from belscore.progress import Progress, silent
from belscore.report.files import write_whole
from mishearing import digits
from wer import normalise

# What makes words of sound, besides the model: these modules, and the lexicon that the gates read.
MAKERS = (transcribe, chunks, decoder, gates, placing)
LEXICON = "herkenner.toml"
HEARD_ROLES: tuple[Role, ...] = ("agent", "caller")


@contextmanager
def remembered(folder: Path) -> Iterator[Counter[str]]:
    """While it lasts, transcription keeps words in a folder; yields how often they were `known` and how often `new`."""
    recognise, tally = transcribe.recognise, Counter[str]()

    def from_memory(
        channels: Sequence[NDArray[np.float32]],
        spans: Sequence[Sequence[Span]],
        recogniser: decoder.Recogniser,
        *,
        hotwords: Sequence[str] = (),
        progress: Progress = silent,
    ) -> tuple[tuple[Word, ...], ...]:
        path = folder / f"{_key(channels, spans, recogniser.files.sha256, hotwords)}.words.json"
        tally["known" if path.exists() else "new"] += 1
        if path.exists():
            return tuple(tuple(Word(*row) for row in channel) for channel in json.loads(path.read_text("utf-8")))
        words = recognise(channels, spans, recogniser, hotwords=hotwords, progress=progress)
        rows = [[(word.text, word.start_s, word.end_s, word.probability) for word in channel] for channel in words]
        write_whole(path, json.dumps(rows, ensure_ascii=False))
        return words

    with patch.object(transcribe, "recognise", from_memory):
        yield tally


def _key(
    channels: Sequence[NDArray[np.float32]], spans: Sequence[Sequence[Span]], model: str, hotwords: Sequence[str]
) -> str:
    times = [[(round(span.start_s, 6), round(span.end_s, 6)) for span in channel] for channel in spans]
    digest = hashlib.sha256(f"{_makers()} {model} {times} {list(hotwords)}".encode())
    for channel in channels:
        digest.update(np.ascontiguousarray(channel).tobytes())
    return digest.hexdigest()[:16]


@cache
def _makers() -> str:
    files = [Path(str(module.__file__)) for module in MAKERS]
    files += sorted(rulebook.default_folder().rglob(LEXICON))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def words_misheard(said: Call, heard: Call) -> tuple[int, int]:
    """How many of the words of agent and caller were not heard rightly, and how many they said; a number is one
    however it is written."""
    wrong = total = 0
    for role in HEARD_ROLES:
        reference, hypothesis = (
            [digits(word) for turn in call.turns_of(role) for word in normalise(turn.text)] for call in (said, heard)
        )
        if reference:
            hits = jiwer.process_words(" ".join(reference), " ".join(hypothesis)).hits
            wrong, total = wrong + len(reference) - hits, total + len(reference)
    return wrong, total
