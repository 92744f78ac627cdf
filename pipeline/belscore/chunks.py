"""Pack the speech of one channel into chunks that fit the recogniser's window, and map times back.

The recogniser always encodes a window of 30 s, however little speech is in it, so speech that lies far apart is put
side by side. Each piece keeps a margin of real sound, and its place in the recording is remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from belscore.call import Span, merge_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 16_000
# Whisper's window is 30 s; the last half second stays free so that no word touches its edge.
CHUNK_MAX_S = 29.5
# Sound kept around a speech span: voice activity detection clips weak onsets and final fricatives.
MARGIN_S = 0.25
# Spans closer than this stay one piece: the pause between them is real sound and needs no mapping.
JOIN_GAP_S = 1.0
# A span longer than a window is cut at its quietest moment within this share of the window's end.
CUT_SEARCH_S = 8.0
_CUT_FRAME_S = 0.1


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the recording inside a chunk.

    span  : where it lies in the recording
    at_s  : where it starts in the chunk
    """

    span: Span
    at_s: float

    @property
    def end_at_s(self) -> float:
        return self.at_s + self.span.duration_s

    @property
    def shift_s(self) -> float:
        """What to add to a time in the chunk to get the time in the recording."""
        return self.span.start_s - self.at_s


class Speech(NamedTuple):
    """A speech span on the time axis of a chunk; adding `shift_s` gives the time in the recording."""

    span: Span
    shift_s: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """Pieces of one channel, in order and without gaps: what is decoded in one go."""

    channel: int
    pieces: tuple[Piece, ...]

    @property
    def duration_s(self) -> float:
        return self.pieces[-1].end_at_s

    def samples(self, channel: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sound of the chunk, cut from the samples of its channel (16 kHz)."""
        cuts = [channel[_index(piece.span.start_s) : _index(piece.span.end_s)] for piece in self.pieces]
        return np.concatenate(cuts)

    def speech(self, spans: Sequence[Span]) -> tuple[Speech, ...]:
        """Speech spans of the channel as far as they lie in the chunk, on its own time axis, in order."""
        return tuple(
            Speech(
                Span(max(start_s, within.start_s) - piece.shift_s, min(end_s, within.end_s) - piece.shift_s),
                piece.shift_s,
            )
            for piece in self.pieces
            for within in (piece.span,)
            for start_s, end_s in spans
            if min(end_s, within.end_s) > max(start_s, within.start_s)
        )


def _index(at_s: float) -> int:
    return round(at_s * RATE_HZ)


def pack(spans: Sequence[Span], samples: NDArray[np.float32], *, channel: int = 0) -> tuple[Chunk, ...]:
    """Chunks of at most `CHUNK_MAX_S` that together hold every speech span once, in order.

    spans   : speech spans of the channel, in seconds
    samples : the channel at 16 kHz

    Chunks begin and end in silence; only a span longer than a window is cut inside, at its quietest moment.
    """
    chunks: list[Chunk] = []
    pieces: list[Piece] = []
    for span in _stretches(spans, samples):
        at_s = pieces[-1].end_at_s if pieces else 0.0
        if pieces and at_s + span.duration_s > CHUNK_MAX_S:
            chunks.append(Chunk(channel, tuple(pieces)))
            pieces, at_s = [], 0.0
        pieces.append(Piece(span, at_s))
    if pieces:
        chunks.append(Chunk(channel, tuple(pieces)))
    return tuple(chunks)


def parts(chunk: Chunk) -> tuple[Chunk, ...]:
    """The chunk taken apart: each piece by itself."""
    return tuple(Chunk(chunk.channel, (Piece(piece.span, 0.0),)) for piece in chunk.pieces)


def _stretches(spans: Sequence[Span], samples: NDArray[np.float32]) -> list[Span]:
    """Speech spans with margins: near ones joined, those longer than a window cut."""
    end_s = len(samples) / RATE_HZ
    stretches: list[Span] = []
    for group in _groups(merge_spans(spans)):
        start_s, stop_s = max(0.0, group[0].start_s - MARGIN_S), min(end_s, group[-1].end_s + MARGIN_S)
        while stop_s - start_s > CHUNK_MAX_S:
            cut_s = _quietest_s(samples, Span(start_s + CHUNK_MAX_S - CUT_SEARCH_S, start_s + CHUNK_MAX_S))
            stretches.append(Span(start_s, cut_s))
            start_s = cut_s
        if stop_s > start_s:
            stretches.append(Span(start_s, stop_s))
    return stretches


def _groups(spans: Sequence[Span]) -> list[list[Span]]:
    """Neighbouring spans together as long as the gap is short and the group fits a chunk."""
    room_s = CHUNK_MAX_S - 2 * MARGIN_S
    groups: list[list[Span]] = []
    for span in spans:
        near = bool(groups) and span.start_s - groups[-1][-1].end_s < JOIN_GAP_S
        touching = bool(groups) and span.start_s - groups[-1][-1].end_s < 2 * MARGIN_S
        fits = bool(groups) and span.end_s - groups[-1][0].start_s <= room_s
        if near and (fits or touching):
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _quietest_s(samples: NDArray[np.float32], within: Span) -> float:
    """Middle of the frame with the least energy inside a stretch of the recording."""
    frame = _index(_CUT_FRAME_S)
    part = samples[_index(within.start_s) : _index(within.end_s)]
    count = len(part) // frame
    if count == 0:
        return within.end_s
    energy = np.square(part[: count * frame].reshape(count, frame), dtype=np.float64).sum(axis=1)
    return within.start_s + (int(np.argmin(energy)) + 0.5) * _CUT_FRAME_S
