"""Write calls as other tools write their transcripts, to read them back: bench/foreign.py and the tests do.

The shapes are those of the tools' own output: WhisperX 3.4, openai-whisper and whisper-ctranslate2 (one shape),
whisper.cpp 1.8 with -oj and -ojf, WebVTT with voice tags or names, SRT with names as WhisperX or people write them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from belscore.call import Call, Role, Word

Naming = Literal["roles", "numbers", "none"]
NAMES: Mapping[Role, str] = {"agent": "Medewerker", "caller": "Beller", "colleague": "Collega", "system": "Systeem"}
# What a subtitle of two lines holds, by the usual guidelines.
CUE_CHARACTERS = 84
_SENTENCE_END = (".", "?", "!")


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment to be written: words of one speaker, and what the file calls that speaker."""

    speaker: str | None
    words: Sequence[Word]

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return max(word.end_s for word in self.words)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def pieces(call: Call, naming: Naming) -> list[Piece]:
    """The turns cut at sentence ends and where a subtitle is full, in order of time."""
    numbers: dict[Role, str] = {}
    found = []
    for turn in call.turns:
        number = numbers.setdefault(turn.role, f"SPEAKER_{len(numbers):02d}")
        speaker = {"roles": NAMES[turn.role], "numbers": number, "none": None}[naming]
        found += [Piece(speaker, words) for words in _cut(turn.words)]
    return sorted(found, key=lambda piece: piece.start_s)


def _cut(words: Sequence[Word]) -> Iterator[list[Word]]:
    part: list[Word] = []
    for word in words:
        if part and len(" ".join(each.text for each in [*part, word])) > CUE_CHARACTERS:
            yield part
            part = []
        part.append(word)
        if word.text.endswith(_SENTENCE_END):
            yield part
            part = []
    if part:
        yield part


def whisperx(call: Call, naming: Naming) -> str:
    """Words with a score; segments and words with a speaker; nothing of a number but its text."""
    segments: list[dict[str, Any]] = []
    for piece in pieces(call, naming):
        who = {"speaker": piece.speaker} if piece.speaker else {}
        words = [
            {"word": word.text}
            if any(map(str.isdigit, word.text))
            else {"word": word.text, "start": word.start_s, "end": word.end_s, "score": word.probability, **who}
            for word in piece.words
        ]
        segments.append({"start": piece.start_s, "end": piece.end_s, "text": f" {piece.text}", "words": words, **who})
    timed = [word for segment in segments for word in segment["words"]]
    return json.dumps({"segments": segments, "word_segments": timed, "language": "nl"})


def whisper(call: Call, naming: Naming, *, with_words: bool = True) -> str:
    """openai-whisper, and whisper-ctranslate2 with its speakers."""
    segments: list[dict[str, Any]] = []
    for number, piece in enumerate(pieces(call, naming)):
        chances = [max(0.01, word.probability) for word in piece.words]
        words = [
            {"word": f" {word.text}", "start": word.start_s, "end": word.end_s, "probability": word.probability}
            for word in piece.words
        ]
        segments.append({
            "id": number, "seek": 0, "start": piece.start_s, "end": piece.end_s, "text": f" {piece.text}",
            "tokens": [50364], "temperature": 0.0, "avg_logprob": sum(map(math.log, chances)) / len(chances),
            "compression_ratio": 1.2, "no_speech_prob": 0.01,
            **({"words": words} if with_words else {}),
            **({"speaker": piece.speaker} if piece.speaker else {}),
        })  # fmt: skip
    return json.dumps(
        {"text": "".join(segment["text"] for segment in segments), "segments": segments, "language": "nl"}
    )


def whisper_cpp(call: Call, naming: Naming, *, full: bool = True) -> str:
    """Times in milliseconds and, with `full`, tokens; a segment lasts until the next one starts.

    Its speakers are channels, 0 and 1: those of any other naming are not written.
    """
    found = pieces(call, naming)
    ends_s = [*(max(after.start_s, piece.start_s) for piece, after in pairwise(found)), found[-1].end_s]
    rows = []
    for piece, end_s in zip(found, ends_s, strict=True):
        tokens = [token for word in piece.words for token in _tokens(word)]
        begin = {"text": "[_BEG_]", "offsets": {"from": 0, "to": 0}, "id": 50363, "p": 0.9, "t_dtw": -1}
        rows.append({
            "timestamps": {"from": _clock(piece.start_s, ","), "to": _clock(end_s, ",")},
            "offsets": {"from": round(1000 * piece.start_s), "to": round(1000 * end_s)},
            "text": f" {piece.text}",
            **({"tokens": [begin, *tokens]} if full else {}),
            **({"speaker": piece.speaker.removeprefix("SPEAKER_0")} if naming == "numbers" and piece.speaker else {}),
        })  # fmt: skip
    head = {"systeminfo": "AVX = 1", "model": {"type": "base"}, "params": {"language": "nl"}}
    return json.dumps({**head, "result": {"language": "nl"}, "transcription": rows})


def _tokens(word: Word) -> list[dict[str, Any]]:
    """A word as two tokens where it is long."""
    half = len(word.text) // 2 if len(word.text) > 5 else len(word.text)
    offsets = {"from": round(1000 * word.start_s), "to": round(1000 * word.end_s)}
    parts = [f" {word.text[:half]}", *([word.text[half:]] if word.text[half:] else [])]
    return [{"text": part, "offsets": offsets, "id": 1, "p": word.probability, "t_dtw": -1} for part in parts]


def vtt(call: Call, naming: Naming, *, voices: bool = True) -> str:
    """WebVTT with voice tags and cue settings, or with names in front of the text."""
    blocks = ["WEBVTT - gesprek\n", "NOTE gemaakt voor een test\n", "STYLE\n::cue { color: white }\n"]
    for number, piece in enumerate(pieces(call, naming)):
        times = f"{_clock(piece.start_s, '.')} --> {_clock(piece.end_s, '.')} align:start"
        named = f"<v {piece.speaker}>{piece.text}</v>" if voices else f"{piece.speaker}: {piece.text}"
        blocks.append(f"{number}\n{times}\n{named if piece.speaker else piece.text}\n")
    return "\n".join(blocks)


def srt(call: Call, naming: Naming, *, brackets: bool = False) -> str:
    """SRT with a byte order mark and the line ends of Windows; names as people write them, or in brackets."""
    blocks = []
    for number, piece in enumerate(pieces(call, naming), start=1):
        times = f"{_clock(piece.start_s, ',')} --> {_clock(piece.end_s, ',')}"
        name = f"[{piece.speaker}]: " if brackets else f"{piece.speaker}: "
        blocks.append(f"{number}\n{times}\n{name if piece.speaker else ''}{piece.text}\n")
    return "\ufeff" + "\n".join(blocks).replace("\n", "\r\n")


def _clock(seconds: float, mark: str) -> str:
    total = round(1000 * seconds)
    return f"{total // 3_600_000:02d}:{total // 60_000 % 60:02d}:{total // 1000 % 60:02d}{mark}{total % 1000:03d}"


WRITERS: Mapping[str, Callable[[Call, Naming], str]] = {
    "WhisperX JSON": whisperx,
    "whisper JSON": whisper,
    "whisper JSON, no words": lambda call, naming: whisper(call, naming, with_words=False),
    "whisper.cpp -ojf": whisper_cpp,
    "whisper.cpp -oj": lambda call, naming: whisper_cpp(call, naming, full=False),
    "WebVTT, voices": vtt,
    "WebVTT, names": lambda call, naming: vtt(call, naming, voices=False),
    "SRT, names": srt,
    "SRT, brackets": lambda call, naming: srt(call, naming, brackets=True),
}
