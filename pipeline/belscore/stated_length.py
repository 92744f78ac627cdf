"""How long a sound file says it is, and how much of that is missing at its end."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

# Frames follow one another without a time stamp of their own: a hole shows in the bytes, not in the stamps.
UNSTAMPED = frozenset({"mp3", "aac", "amr", "amrnb", "amrwb", "gsm", "g722"})
# Their stated length is a guess from file size and bit rate, unless an MP3 carries a Xing, Info or VBRI tag.
_MP3_LENGTH_TAGS = (b"Xing", b"Info", b"VBRI")
# A tail that misses less than this is encoder padding.
TAIL_S = 0.1
_CHUNK = struct.Struct("<4sI")
_RIFF_HEAD_BYTES = 12
# What a recorder writes that does not know the size yet: nothing, or all that the field holds.
_UNKNOWN_BYTES = frozenset({0, 0xFFFFFFFF})
_MICROSECONDS = 1_000_000


@dataclass(slots=True)
class Ending:
    """What has come by of a file, to tell at its end what is missing.

    stated_s   : length that the file claims; None when it claims none or the claim is a guess
    data_bytes : size that a WAV file claims for its samples; of block codecs its length is no better than a guess
    start_s    : stamp that the file begins at
    passed     : bytes of the sound that have come by
    reached_s  : end of the other tracks as far as they have come by; a picture may go on when the sound has ended
    """

    stated_s: float | None
    data_bytes: int | None
    start_s: float
    passed: int = 0
    reached_s: float = 0.0

    @classmethod
    def of(cls, head: bytes, container: InputContainer, stream: AudioStream) -> Ending:
        """head: the first bytes of the file."""
        start_s = (container.start_time or 0) / _MICROSECONDS
        return cls(_stated_s(head, container, stream), wav_data_bytes(head), start_s)

    def pass_by(self, packet: Packet[Any]) -> None:
        """A packet of another track."""
        if packet.pts is not None and packet.time_base is not None:
            end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self.reached_s = max(self.reached_s, end_s - self.start_s)

    def missing_s(self, at_s: float, *, broken_bytes: int, bytes_per_s: float | None) -> float:
        """Seconds missing at the end; 0.0 where nothing tells of any.

        at_s         : end of the sound
        broken_bytes : packets behind it that could not be decoded
        bytes_per_s  : of the sound that could; None when there was none
        """
        if self.data_bytes is not None and bytes_per_s:
            tail_s = (self.data_bytes - self.passed + broken_bytes) / bytes_per_s
        else:
            tail_s = (self.stated_s or 0.0) - max(at_s, self.reached_s)
        return tail_s if tail_s > TAIL_S else 0.0


def _stated_s(head: bytes, container: InputContainer, stream: AudioStream) -> float | None:
    names = set(container.format.name.split(","))
    if names & UNSTAMPED and not ("mp3" in names and any(tag in head for tag in _MP3_LENGTH_TAGS)):
        return None
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / _MICROSECONDS if container.duration else None


def wav_data_bytes(head: bytes) -> int | None:
    """Size that a RIFF WAVE file states for its samples; None when it states none, or not in its first bytes."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at = _RIFF_HEAD_BYTES
    while at + _CHUNK.size <= len(head):
        name, size = _CHUNK.unpack_from(head, at)
        if name == b"data":
            return None if size in _UNKNOWN_BYTES else size
        at += _CHUNK.size + size + size % 2
    return None
