"""The time axis of a decoded file: sound at its place, holes as silence, all at one sampling rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 16_000
# A stamp that leaps further than this without a stated length to confirm it is damage, not time.
MAX_LEAP_S = 60.0

# Packets of 20 ms are resampled and written together: one by one that takes as long as decoding them.
WRITE_S = 1.0

Samples = npt.NDArray[np.float32]


class RefusedError(Exception):
    """The file cannot be used: what is wrong, and what to do about it."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what = what
        self.do = do


@dataclass(slots=True)
class ChannelWriter:
    """Resamples one channel to SAMPLE_RATE_HZ as it comes and hands it on, a second or more at a time."""

    send: Callable[[Samples], None]
    rate_hz: int
    _stream: Any = field(init=False)
    _waiting: list[Samples] = field(default_factory=list, init=False)
    _waiting_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        import soxr  # type: ignore[import-untyped]

        same = self.rate_hz == SAMPLE_RATE_HZ
        self._stream = None if same else soxr.ResampleStream(self.rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")

    def write(self, samples: Samples, *, last: bool = False) -> None:
        self._waiting.append(samples)
        self._waiting_s += len(samples) / self.rate_hz
        if self._waiting_s < WRITE_S and not last:
            return
        samples = np.concatenate(self._waiting)
        self._waiting, self._waiting_s = [], 0.0
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples, last=last)
        self.send(samples)


@dataclass(slots=True)
class Timeline:
    """Places decoded sound on the time axis: holes become silence, and are counted."""

    rate_hz: int
    writers: tuple[ChannelWriter, ...]
    full_scale: float
    max_duration_s: float
    stated_s: float | None
    written: int = 0
    filled: int = 0
    clipped: int = 0
    values: int = 0

    @property
    def at_s(self) -> float:
        return self.written / self.rate_hz

    def fill(self, seconds: float) -> None:
        """Put silence where sound was lost, in blocks so that a long hole takes no memory."""
        left = round(seconds * self.rate_hz)
        self.filled += left
        while left > 0:
            block = min(left, self.rate_hz)
            self._put(np.zeros((len(self.writers), block), np.float32))
            left -= block

    def append(self, sound: Samples) -> None:
        self.clipped += int(np.count_nonzero(np.abs(sound) >= self.full_scale))
        self.values += sound.size
        self._put(sound)

    def _put(self, sound: Samples) -> None:
        self.written += sound.shape[1]
        if self.at_s > self.max_duration_s:
            hours = self.max_duration_s / 3600
            raise RefusedError(f"longer than the limit of {hours:g} h", "cut it up or raise the limit")
        for writer, channel in zip(self.writers, sound, strict=True):
            writer.write(channel)

    def believable(self, gap_s: float) -> bool:
        """Whether a hole of this length fits the stated length of the file."""
        if self.stated_s is None:
            return gap_s <= MAX_LEAP_S
        return self.at_s + gap_s <= self.stated_s + 1.0

    def close(self) -> None:
        for writer in self.writers:
            writer.write(np.zeros(0, np.float32), last=True)
