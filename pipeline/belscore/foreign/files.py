"""Which files of a folder are transcripts of other tools, and of which call: tools write several beside each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

CUE_SUFFIXES = frozenset({".vtt", ".srt"})
# Of several transcripts of one call that which tells most is read: JSON has words and how sure they are.
_BEST_FIRST = (".json", ".vtt", ".srt")
# What tools put behind the name of a recording: gesprek.nl.srt, gesprek.nl-NL.vtt.
_LANGUAGE = re.compile(r"\.(nl|nld|dut)(-[a-z]{2})?$", re.IGNORECASE)
# Keys without which JSON is no transcript: told before all of it is read.
_KEYS = re.compile(r'"(segments|transcription|start)"\s*:')


def call_name(path: Path, audio_suffixes: Collection[str]) -> str:
    """The name of the call that a file is about: gesprek.wav.srt and gesprek.nl.vtt are about gesprek."""
    name = _LANGUAGE.sub("", path.stem)
    inner = Path(name)
    return inner.stem if inner.suffix.lower() in audio_suffixes else name


def is_transcript_json(text: str) -> bool:
    """Whether JSON text has the shape of a transcript of another tool."""
    if _KEYS.search(text) is None:
        return False
    from belscore.foreign.reading import is_transcript

    return is_transcript(text)


def best_of_each(paths: Iterable[Path], audio_suffixes: Collection[str]) -> set[Path]:
    """Of the transcripts of each call the one that tells most."""
    best: dict[str, Path] = {}
    for path in sorted(paths, key=lambda path: (_BEST_FIRST.index(path.suffix.lower()), path)):
        best.setdefault(call_name(path, audio_suffixes), path)
    return set(best.values())


def decoded(raw: bytes) -> str:
    """The text of a transcript, whatever wrote it.

    UTF-8, UTF-16 with a byte order mark, or Windows-1252, in which no letter with an accent is right UTF-8. In UTF-8
    otherwise bytes that are none stand for an unknown letter: whisper.cpp cuts letters in two (its issue 3760).
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    text = raw.decode("utf-8-sig", errors="replace")
    if "\ufffd" in text and not any("\x7f" < letter != "\ufffd" for letter in text):
        return raw.decode("cp1252", errors="replace")
    return text
