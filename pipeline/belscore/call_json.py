"""Call JSON, schema `belscore.call/1`: what transcription writes and what other transcribers can hand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from belscore.call import (
    LATEST_S,
    Call,
    Channels,
    Direction,
    EndedBy,
    Engine,
    Listened,
    Quality,
    Removed,
    Role,
    Sound,
    Span,
    Times,
    Turn,
    Word,
)
from belscore.errors import NotationError
from belscore.notation import spread_words

SCHEMA = "belscore.call/1"


def _ordered(span: tuple[float, float]) -> tuple[float, float]:
    if span[1] < span[0]:
        raise ValueError("the span ends before it starts")
    return span


Seconds = Annotated[float, Field(ge=0, le=LATEST_S, allow_inf_nan=False)]
SpanModel = Annotated[tuple[Seconds, Seconds], AfterValidator(_ordered)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


# No `_Model`: a call has hundreds, and these are made in two thirds of the time.
@dataclass(slots=True, config=ConfigDict(extra="forbid"))
class WordModel:
    text: str
    start_s: Seconds
    end_s: Seconds
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0


class TurnModel(_Model):
    role: Role
    start_s: Seconds
    end_s: Seconds
    text: str
    words: list[WordModel] | None = None


class QualityModel(_Model):
    lost_s: float = 0.0
    rate_hz: int | None = None
    level_dbov: dict[str, float] = {}
    clipped: float | None = None
    notes: list[str] = []


class SoundModel(_Model):
    speech: list[SpanModel] = []
    nuclei: list[Seconds] = []
    peaks: list[Annotated[int, Field(ge=0)]] = []


class EngineModel(_Model):
    belscore: str = ""
    model: str = ""
    model_sha256: str = ""
    faster_whisper: str = ""


class ListenedModel(_Model):
    turn_s: Seconds
    text: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    asked: list[str]
    margin: Annotated[float, Field(allow_inf_nan=False)]
    own: Annotated[float, Field(allow_inf_nan=False)]


class RemovedModel(_Model):
    turn: Annotated[int, Field(ge=0)]
    word: Annotated[int, Field(ge=0)]
    kind: str
    number: Annotated[int, Field(ge=1)]
    stand_in: list[WordModel]


class CallModel(_Model):
    """The source of the published JSON Schema."""

    schema_: Literal["belscore.call/1"] = Field(alias="schema")
    source: str
    duration_s: Annotated[float, Field(gt=0, le=LATEST_S, allow_inf_nan=False)]
    direction: Direction = "inbound"
    started_at: datetime | None = None
    ring_s: Seconds | None = None
    ended_by: EndedBy | None = None
    channels: Channels = "separate"
    role_confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    turns: list[TurnModel]
    speech: dict[Role, list[SpanModel]] | None = None
    holds: list[SpanModel] = []
    rings: list[SpanModel] = []
    practice: str | None = None
    agent: str | None = None
    department: str | None = None
    quality: QualityModel = QualityModel()
    sound: dict[Role | Literal["mixed"], SoundModel] = {}
    times: Times = "sound"
    engine: EngineModel = EngineModel()
    listened: list[ListenedModel] = []
    removed: list[RemovedModel] = []
    held: dict[str, str] = {}


def parse_call_json(text: str | bytes, *, source: str = "<json>") -> Call:
    """Read call JSON. Raises NotationError that names the field and what is wrong with it."""
    try:
        model = CallModel.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        message = first["msg"].removeprefix("Value error, ")
        raise NotationError(f"{place}: {message}", where=source, do=f"write JSON of schema {SCHEMA}") from None
    turns = [_turn(turn, index, source) for index, turn in enumerate(model.turns)]
    return Call(
        source=model.source or source,
        duration_s=model.duration_s,
        turns=tuple(sorted(turns, key=lambda turn: turn.start_s)),
        direction=model.direction,
        started_at=model.started_at,
        ring_s=model.ring_s,
        ended_by=model.ended_by,
        channels=model.channels,
        role_confidence=model.role_confidence,
        speech=None if model.speech is None else {role: _spans(spans) for role, spans in model.speech.items()},
        holds=_spans(model.holds),
        rings=_spans(model.rings),
        practice=model.practice,
        agent=model.agent,
        department=model.department,
        quality=Quality(**{**model.quality.model_dump(), "notes": tuple(model.quality.notes)}),
        sound={
            key: Sound(_spans(each.speech), tuple(sorted(each.nuclei)), tuple(each.peaks))
            for key, each in model.sound.items()
        },
        times=model.times,
        engine=Engine(**model.engine.model_dump()),
        listened=tuple(Listened(**{**each.model_dump(), "asked": tuple(each.asked)}) for each in model.listened),
        removed=tuple(
            Removed(each.turn, each.word, each.kind, each.number, _words(each.stand_in)) for each in model.removed
        ),
        held=tuple(model.held.items()),
    )


def _spans(spans: list[tuple[float, float]]) -> tuple[Span, ...]:
    return tuple(Span(*span) for span in spans)


def _turn(model: TurnModel, index: int, source: str) -> Turn:
    if model.end_s < model.start_s:
        do = "put the earlier time first"
        raise NotationError(f"turns.{index}: the turn ends before it starts", where=source, do=do)
    words = spread_words(model.text, model.start_s, model.end_s) if model.words is None else _words(model.words)
    return Turn(model.role, model.start_s, model.end_s, model.text, words)


def _words(models: Sequence[WordModel]) -> tuple[Word, ...]:
    return tuple([Word(word.text, word.start_s, word.end_s, word.probability) for word in models])


def call_to_dict(call: Call) -> dict[str, Any]:
    """The call as plain JSON values; `parse_call_json` reads it back."""
    return {
        "schema": SCHEMA,
        "source": call.source,
        "duration_s": call.duration_s,
        "direction": call.direction,
        "started_at": call.started_at.isoformat() if call.started_at else None,
        "ring_s": call.ring_s,
        "ended_by": call.ended_by,
        "channels": call.channels,
        "role_confidence": call.role_confidence,
        "turns": [_turn_to_dict(turn) for turn in call.turns],
        "speech": None if call.speech is None else {role: [*map(list, spans)] for role, spans in call.speech.items()},
        "holds": [*map(list, call.holds)],
        "rings": [*map(list, call.rings)],
        "practice": call.practice,
        "agent": call.agent,
        "department": call.department,
        "quality": {
            "lost_s": call.quality.lost_s,
            "rate_hz": call.quality.rate_hz,
            "level_dbov": dict(call.quality.level_dbov),
            "clipped": call.quality.clipped,
            "notes": list(call.quality.notes),
        },
        "sound": {
            key: {"speech": [*map(list, each.speech)], "nuclei": [*each.nuclei], "peaks": [*each.peaks]}
            for key, each in call.sound.items()
        },
        "engine": {
            "belscore": call.engine.belscore,
            "model": call.engine.model,
            "model_sha256": call.engine.model_sha256,
            "faster_whisper": call.engine.faster_whisper,
        },
        **({"times": call.times} if call.times != "sound" else {}),
        # Only where something was asked: that is of few calls, and none that was just transcribed.
        **({"listened": [{**asdict(each), "asked": [*each.asked]} for each in call.listened]} if call.listened else {}),
        **({"removed": [_removed_to_dict(each) for each in call.removed]} if call.removed else {}),
        **({"held": dict(call.held)} if call.held else {}),
    }


def _turn_to_dict(turn: Turn) -> dict[str, Any]:
    words = [_word_to_dict(word) for word in turn.words]
    return {"role": turn.role, "start_s": turn.start_s, "end_s": turn.end_s, "text": turn.text, "words": words}


def _word_to_dict(word: Word) -> dict[str, Any]:
    return {"text": word.text, "start_s": word.start_s, "end_s": word.end_s, "probability": round(word.probability, 3)}


def _removed_to_dict(removed: Removed) -> dict[str, Any]:
    return {**asdict(removed), "stand_in": [_word_to_dict(word) for word in removed.stand_in]}


def json_schema() -> dict[str, Any]:
    """JSON Schema of `belscore.call/1`, made from the model that validates it."""
    return CallModel.model_json_schema(by_alias=True)
