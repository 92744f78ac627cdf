"""A sound file as samples: decoded in a child process, broken places filled with silence, always 16 kHz."""

from __future__ import annotations

import mmap
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from belscore.decode_child import DEFAULT_LIMITS, DecodeLimits, run_decoder
from belscore.decode_protocol import MAX_CHANNELS, ProtocolError
from belscore.errors import AudioError
from belscore.progress import Progress, silent
from belscore.timeline import SAMPLE_RATE_HZ

__all__ = ["DEFAULT_LIMITS", "SAMPLE_RATE_HZ", "DecodeLimits", "Recording", "Samples", "decode"]

Samples = npt.NDArray[np.float32]

# Two channels are one sound when a common gain, of whatever sign, leaves under a tenth of the power over: MP3 of 16
# kbit/s with one channel softer leaves 9 %, leak of one speaker into the other's channel at -6 dB both ways 36 %.
SAME_SOUND_CORRELATION_SQUARED = 0.9
# And in nearly every second: of a caller who is soft beside what leaks of the agent, the seconds tell, not the sum
# (coded mono over 0.98, one way at -6 dB with the caller 15 dB softer 0.69).
_ALIKE_IN_A_SECOND = 0.7
_ALIKE_SECONDS = 0.95
# Seconds this far under the loudest hold nothing but noise.
_SOUNDING = 10**-3
_BLOCK = 60 * SAMPLE_RATE_HZ
_TEXT_BYTES = 512
# Samples beyond the limit on the length that the decoder may have sent before it saw that it is too long.
_SPARE_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A decoded call.

    source         : path, for display
    channels       : one or two arrays (n,), float32 in -1..1 at SAMPLE_RATE_HZ; read-only, backed by a temporary file
                     that the system removes with the last reference
    source_rate_hz : sampling rate of the file
    codec          : name of the codec, as `pcm_alaw`
    duration_s     : length on the time axis, lost places included, a missing tail not
    lost_s         : seconds that could not be decoded, a missing tail included where its length is stated
    clipped        : share 0..1 of the samples at full scale
    """

    source: str
    channels: tuple[Samples, ...]
    source_rate_hz: int
    codec: str
    duration_s: float
    lost_s: float
    clipped: float

    @property
    def is_mixed(self) -> bool:
        """Whether both parties share one channel."""
        return len(self.channels) == 1


def decode(path: Path, *, limits: DecodeLimits = DEFAULT_LIMITS, progress: Progress = silent) -> Recording:
    """Decode a sound file, or the sound of a video file, in a confined child process.

    A broken packet is skipped and its time filled with silence, so that what follows stays where it was. Two channels
    that carry the same sound come back as one.

    Raises AudioError: no such file, empty, no sound in it, unsupported codec, more than two channels, too short,
    too long, or the decoder crashed or took too long.
    """
    where = str(path)
    with _opened(path, where) as sound, _Scratch(where, limits.max_duration_s) as scratch:
        done = run_decoder(sound, path.suffix, scratch.add, where=where, limits=limits, progress=progress)
        if done.heard_s < limits.min_duration_s:
            raise AudioError(f"{done.heard_s:.1f} s is no call", where=where, do="give a whole recording")
        channels = scratch.channels(done.channels)
    if len(channels) == MAX_CHANNELS and _same_sound(*channels):
        channels = channels[:1]
    return Recording(
        source=where,
        channels=channels,
        source_rate_hz=done.source_rate_hz,
        codec=done.codec,
        duration_s=round(len(channels[0]) / SAMPLE_RATE_HZ, 3),
        lost_s=done.lost_s,
        clipped=done.clipped,
    )


def _opened(path: Path, where: str) -> IO[bytes]:
    """The file, open at its start. Raises AudioError for what cannot be a recording."""
    try:
        # Opening a named pipe would wait for whoever writes to it.
        file = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115 (the caller closes it)
    except FileNotFoundError:
        raise AudioError("no such file", where=where, do="check the path") from None
    except IsADirectoryError:
        raise AudioError("is no file", where=where, do="give a sound file") from None
    except (OSError, ValueError) as error:
        raise _unreadable(error, where) from None
    try:
        _check_content(file, where)
    except BaseException:
        file.close()
        raise
    return file


def _without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(error: Exception, where: str) -> AudioError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return AudioError(f"cannot be read ({reason})", where=where, do="check its name and its permissions")


def _check_content(file: IO[bytes], where: str) -> None:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise AudioError("is no file", where=where, do="give a sound file")
    try:
        head = file.read(_TEXT_BYTES)
        file.seek(0)
    except OSError as error:
        raise _unreadable(error, where) from None
    if not head:
        raise AudioError("is empty", where=where, do="export the recording again")
    # Headerless formats (G.722, GSM) would play any text as noise.
    if all(byte >= 0x20 or byte in b"\t\n\r\f" for byte in head) and _is_text(head):
        raise AudioError("is text, not sound", where=where, do="give the recording itself")


def _is_text(head: bytes) -> bool:
    try:
        head[: head.rfind(b" ") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Scratch:
    """Temporary files that samples are put in as they come, one a channel; the system removes them."""

    def __init__(self, where: str, max_duration_s: float) -> None:
        self._where = where
        self._left = [round((max_duration_s + _SPARE_S) * SAMPLE_RATE_HZ) * 4] * MAX_CHANNELS
        self._files = [tempfile.TemporaryFile(buffering=0) for _ in range(MAX_CHANNELS)]  # noqa: SIM115

    def __enter__(self) -> _Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    def add(self, channel: int, samples: bytes) -> None:
        """Samples of a channel, little-endian float32. Raises ProtocolError for more than a call can have."""
        self._left[channel] -= len(samples)
        if self._left[channel] < 0:
            raise ProtocolError("more samples than the longest recording has")
        left = memoryview(samples)
        try:
            while left:
                left = left[self._files[channel].write(left) :]
        except OSError as error:
            do = f"make room in the temporary folder ({tempfile.gettempdir()})"
            raise AudioError(f"its samples cannot be kept ({error.strerror})", where=self._where, do=do) from None

    def channels(self, count: int) -> tuple[Samples, ...]:
        """The samples as arrays of the same length. Raises AudioError when they are not."""
        found = tuple(_mapped(file) for file in self._files[:count] if file.tell())
        if len(found) != count or len({len(each) for each in found}) != 1:
            raise AudioError("the decoder lost samples", where=self._where, do="convert it to WAV")
        return found


def _mapped(file: IO[bytes]) -> Samples:
    """The file as an array, paged in as it is read: three hours of stereo are 1.4 GB that need not be in memory."""
    return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), dtype="<f4")


def _same_sound(left: Samples, right: Samples) -> bool:
    parts = [_powers(left[at : at + _BLOCK], right[at : at + _BLOCK]) for at in range(0, len(left), _BLOCK)]
    power_left, power_right, product = np.concatenate(parts, axis=1)
    both = float(power_left.sum()), float(power_right.sum())
    if 0.0 in both:
        return both[0] == both[1]
    if float(product.sum()) ** 2 <= SAME_SOUND_CORRELATION_SQUARED * both[0] * both[1]:
        return False
    share = np.maximum(power_left / both[0], power_right / both[1])
    sounding = share > _SOUNDING * share.max()
    alike = product**2 > _ALIKE_IN_A_SECOND * power_left * power_right
    return bool(alike[sounding].mean() >= _ALIKE_SECONDS)


def _powers(left: Samples, right: Samples) -> npt.NDArray[np.float64]:
    """(3, seconds) power of either channel and of their product, second by second."""
    starts = np.arange(0, len(left), SAMPLE_RATE_HZ)
    one, other = left.astype(np.float64), right.astype(np.float64)
    return np.array([np.add.reduceat(part, starts) for part in (one * one, other * other, one * other)])
