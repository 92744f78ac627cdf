"""JSON of whisper, faster-whisper, whisper-ctranslate2, WhisperX, OpenAI's interface and whisper.cpp.

The first five write `segments` with times in seconds; a word is `word` (or `text`) with a `probability`, `score` or
`confidence`. whisper.cpp writes `transcription` with `offsets` in milliseconds and, with `-ojf`, the tokens. Times of
words and tokens are known to come out wrong or missing: those that cannot be are left out, while a segment must have
times that can be.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, ValidationError

from belscore.call import LATEST_S
from belscore.errors import NotationError
from belscore.foreign.segments import Segment, Timed, Transcript, words_of_line

DO = "write JSON as whisper, WhisperX or whisper.cpp do, or of schema belscore.call/1"
# whisper.cpp's tokens that are no text: [_BEG_], [_TT_550].
_SPECIAL = re.compile(r"\[_\w+_?\]")


def _or_none(value: object) -> object:
    """A time of a word or a probability that is none, such as NaN and what is below zero, is not known."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
    return value if usable else None


def _label(value: object) -> object:
    return str(value) if isinstance(value, int) else value


Maybe = Annotated[float | None, BeforeValidator(_or_none)]
Seconds = Annotated[float, Field(ge=0, le=LATEST_S, allow_inf_nan=False)]
Milliseconds = Annotated[float, Field(ge=0, le=1000 * LATEST_S, allow_inf_nan=False)]
Label = Annotated[str | None, BeforeValidator(_label)]


class _Word(BaseModel):
    text: str = Field(validation_alias=AliasChoices("word", "text"))
    start: Maybe = None
    end: Maybe = None
    probability: Maybe = Field(None, validation_alias=AliasChoices("probability", "score", "confidence"))
    speaker: Label = None


class _Segment(BaseModel):
    start: Seconds
    end: Seconds
    text: str
    words: list[_Word] | None = None
    avg_logprob: float | None = None
    speaker: Label = None


class _Whisper(BaseModel):
    segments: list[_Segment]
    language: str | None = None
    duration: Maybe = None


class _Offsets(BaseModel):
    start: Milliseconds = Field(alias="from")
    end: Milliseconds = Field(alias="to")


class _Token(BaseModel):
    text: str
    p: Maybe = None
    offsets: dict[str, Any] | None = None


class _Piece(BaseModel):
    offsets: _Offsets
    text: str
    tokens: list[_Token] | None = None
    speaker: Label = None


class _Result(BaseModel):
    language: str | None = None


class _WhisperCpp(BaseModel):
    transcription: list[_Piece]
    result: _Result = _Result()


def looks_like_transcript(data: object) -> bool:
    """Whether parsed JSON is of one of the kinds that are read here; the shape is looked at, not every value."""
    if isinstance(data, dict):
        for key, wanted in (("segments", {"start", "text"}), ("transcription", {"offsets", "text"})):
            if isinstance(data.get(key), list):
                return _all_have(data[key], wanted)
    return isinstance(data, list) and bool(data) and _all_have(data, {"start", "text"})


def _all_have(items: list[object], wanted: set[str]) -> bool:
    return all(isinstance(item, dict) and wanted <= item.keys() for item in items)


def load_json(text: str, *, source: str) -> object:
    """The values of JSON text; whisper.cpp leaves control characters in strings. Raises NotationError with the line."""
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        where = f"{source}:{error.lineno}:{error.colno}"
        raise NotationError(f"no valid JSON: {error.msg}", where=where, do="write the file anew") from None
    except RecursionError:
        raise NotationError("no valid JSON: nested too deeply", where=source, do=DO) from None


def read_json(data: object, *, source: str) -> Transcript:
    """Parsed JSON as a transcript. Raises NotationError naming the field."""
    if not looks_like_transcript(data):
        what = "JSON without `segments` or `transcription` that have times and text"
        raise NotationError(what, where=source, do=DO)
    if isinstance(data, list):
        data = {"segments": data}
    try:
        if isinstance(data, dict) and "transcription" in data and "segments" not in data:
            return _from_whisper_cpp(_WhisperCpp.model_validate(data))
        return _from_whisper(_Whisper.model_validate(data), source)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise NotationError(f"{place}: {first['msg']}", where=source, do=DO) from None


def _from_whisper(model: _Whisper, source: str) -> Transcript:
    segments = []
    for index, each in enumerate(model.segments):
        if each.end < each.start:
            what = f"segments.{index}: the segment ends at {each.end:g} s, before it starts"
            raise NotationError(what, where=source, do="correct the times")
        words = _joined([Timed(w.text, w.start, w.end, w.probability, w.speaker) for w in each.words or ()])
        probability = None if each.avg_logprob is None else _probability(each.avg_logprob)
        segments.append(Segment(each.start, each.end, _lines(each.text, words, each.speaker), probability))
    return Transcript(tuple(segments), model.duration, model.language or "")


def _from_whisper_cpp(model: _WhisperCpp) -> Transcript:
    segments = []
    for each in model.transcription:
        # With --max-len the last segment of a window may end before it starts: its start is what counts.
        start_s, end_s = each.offsets.start / 1000, max(each.offsets.start, each.offsets.end) / 1000
        tokens = [token for token in each.tokens or () if not _SPECIAL.fullmatch(token.text)]
        words = _joined([Timed(token.text, *_token_times_s(token), token.p) for token in tokens])
        speaker = None if each.speaker in (None, "", "?") else f"speaker {each.speaker}"
        segments.append(Segment(start_s, end_s, _lines(each.text, words, speaker)))
    return Transcript(tuple(segments), None, model.result.language or "")


def _lines(text: str, words: Sequence[Timed], speaker: str | None) -> tuple[tuple[Timed, ...], ...]:
    """The timed words, each with its own speaker or the segment's; those of the text where the two do not agree."""
    spelled = text.split()
    if spelled and len(spelled) != len(words):
        return tuple(words_of_line(line, speaker) for line in text.splitlines() if line.strip())
    told = spelled or [word.text for word in words]
    pairs = zip(told, words, strict=True)
    return (tuple(replace(word, text=text, speaker=word.speaker or speaker) for text, word in pairs),)


def _token_times_s(token: _Token) -> tuple[float | None, float | None]:
    given = (_or_none((token.offsets or {}).get(key)) for key in ("from", "to"))
    start_s, end_s = (value / 1000 if isinstance(value, int | float) else None for value in given)
    return start_s, end_s


def _probability(log_probability: float) -> float | None:
    return math.exp(min(0.0, log_probability)) if math.isfinite(log_probability) else None


def _joined(pieces: Sequence[Timed]) -> tuple[Timed, ...]:
    """Pieces as words: where some begin with a space, one without belongs to the word before it."""
    spaced = any(piece.text[:1].isspace() for piece in pieces)
    groups: list[list[Timed]] = []
    for piece in pieces:
        if groups and spaced and not piece.text[:1].isspace():
            groups[-1].append(piece)
        elif piece.text.strip():
            groups.append([piece])
    return tuple(_one_word(group) for group in groups)


def _one_word(pieces: Sequence[Timed]) -> Timed:
    """The mean of the tokens is what whisper itself gives a word."""
    known = _known(piece.probability for piece in pieces)
    starts_s, ends_s = _known(piece.start_s for piece in pieces), _known(piece.end_s for piece in pieces)
    return Timed(
        "".join(piece.text for piece in pieces).strip(),
        starts_s[0] if starts_s else None,
        ends_s[-1] if ends_s else None,
        min(1.0, sum(known) / len(known)) if known else None,
        next((piece.speaker for piece in pieces if piece.speaker), None),
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
