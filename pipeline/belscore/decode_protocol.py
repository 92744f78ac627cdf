"""What the decoder process says to the one that started it: a pipe of frames, each of a bounded length.

A frame is a kind (one byte), the length of what follows (four bytes) and that: JSON in frames of kind MESSAGE, and
little-endian float32 samples in those of kind 1 (first channel) and 2. The decoder reads files that may be hostile, so
the parent believes nothing that it says before it has looked.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

MAX_CHANNELS = 2
MESSAGE = 0

_HEAD = struct.Struct("<BI")
_MAX_MESSAGE_BYTES = 4096
_MAX_SAMPLES_BYTES = 1 << 20
_MAX_TEXT = 300
# Samples are clipped to full scale before they are resampled, which overshoots it by a little.
_LOUDEST = 4.0


class ProtocolError(Exception):
    """The decoder said what it may not say: it is broken, or taken over by the file."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the decoder tells of a file it has decoded; see `audio.Recording`.

    heard_s : seconds of sound that could be decoded
    """

    channels: int
    source_rate_hz: int
    codec: str
    lost_s: float
    clipped: float
    heard_s: float

    @classmethod
    def checked(cls, told: Mapping[str, Any]) -> Decoded:
        """The message as a value. Raises ProtocolError when anything in it cannot be."""
        return cls(
            channels=int(_number(told, "channels", 1, MAX_CHANNELS)),
            source_rate_hz=int(_number(told, "source_rate_hz", 1, 2**31)),
            codec=_text(told, "codec"),
            lost_s=_number(told, "lost_s", 0, 1e9),
            clipped=_number(told, "clipped", 0, 1),
            heard_s=_number(told, "heard_s", 0, 1e9),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the decoder does not take a file, and what to do about it."""

    what: str
    do: str

    @classmethod
    def checked(cls, told: Mapping[str, Any]) -> Refusal:
        """The message as a value. Raises ProtocolError."""
        return cls(_text(told, "what"), _text(told, "do"))


def progress_of(told: Mapping[str, Any]) -> tuple[float, float | None]:
    """How far the decoder is and how long the file says it is, in seconds. Raises ProtocolError."""
    total_s = _number(told, "total_s", 0, 1e9) if told.get("total_s") is not None else None
    return _number(told, "at_s", 0, 1e9), total_s


def _number(told: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProtocolError(f"{name} is no number")
    if not least <= value <= most:
        raise ProtocolError(f"{name} cannot be {value:g}")
    return value


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
        raise ProtocolError(f"{name} is no text")
    return value


def frame(kind: int, content: bytes) -> bytes:
    return _HEAD.pack(kind, len(content)) + content


def message_frame(message: Mapping[str, Any]) -> bytes:
    return frame(MESSAGE, json.dumps(message).encode())


def sample_frames(channel: int, samples: npt.NDArray[np.float32]) -> Iterator[bytes]:
    """Samples of a channel (0 or 1) as frames."""
    data = samples.astype("<f4", copy=False).tobytes()
    for at in range(0, len(data), _MAX_SAMPLES_BYTES):
        yield frame(channel + 1, data[at : at + _MAX_SAMPLES_BYTES])


def read_frames(pipe: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The frames until the pipe ends, a cut-off one left out. Raises ProtocolError."""
    while len(head := pipe.read(_HEAD.size)) == _HEAD.size:
        kind, length = _HEAD.unpack(head)
        if kind > MAX_CHANNELS or length > (_MAX_SAMPLES_BYTES if kind else _MAX_MESSAGE_BYTES):
            raise ProtocolError(f"a frame of kind {kind} and {length} bytes")
        content = pipe.read(length)
        if len(content) < length:
            return
        if kind:
            _check_samples(content)
        yield kind, content


def _check_samples(content: bytes) -> None:
    if not content or len(content) % 4:
        raise ProtocolError(f"samples of {len(content)} bytes")
    samples = np.frombuffer(content, "<f4")
    # A comparison with NaN is false.
    if not (samples.min() >= -_LOUDEST and samples.max() <= _LOUDEST):
        raise ProtocolError("samples beyond full scale")


def message_of(content: bytes) -> dict[str, Any]:
    """A message as its sender made it. Raises ProtocolError."""
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        raise ProtocolError("a message that is no JSON") from None
    if not isinstance(message, dict):
        raise ProtocolError("a message that is no object")
    return message
