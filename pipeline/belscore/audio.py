"""A sound file as samples: decoded in a child process, broken places filled with silence, always 16 kHz."""

from __future__ import annotations

import json
import mmap
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from belscore.decode_worker import MAX_CHANNELS
from belscore.errors import AudioError
from belscore.progress import Progress, silent
from belscore.timeline import SAMPLE_RATE_HZ

__all__ = ["DEFAULT_LIMITS", "SAMPLE_RATE_HZ", "DecodeLimits", "Recording", "Samples", "decode"]

Samples = npt.NDArray[np.float32]

# Two channels are one sound when a common gain leaves under 2 % of the power over. Leak of one speaker into the other
# channel, even at -6 dB both ways, stays at a squared correlation of 0.64.
SAME_SOUND_CORRELATION_SQUARED = 0.98
_BLOCK = 60 * SAMPLE_RATE_HZ
_TEXT_BYTES = 512


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What decoding one file may take.

    min_duration_s : shorter is no call
    max_duration_s : longer is refused
    memory_bytes   : address space of the decoding process; the samples themselves go to a temporary file
    timeout_s      : wall clock
    cpu_s          : processor time
    """

    min_duration_s: float = 0.3
    max_duration_s: float = 4 * 3600.0
    memory_bytes: int = 2 * 1024**3
    timeout_s: float = 900.0
    cpu_s: int = 600


DEFAULT_LIMITS = DecodeLimits()


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
    """Decode a sound file, or the sound of a video file, in a child process.

    A broken packet is skipped and its time filled with silence, so that what follows stays where it was. Two channels
    that carry the same sound come back as one.

    Raises AudioError: no such file, empty, no sound in it, unsupported codec, more than two channels, too short,
    too long, or the decoder crashed or took too long.
    """
    where = str(path)
    _check_file(path, where)
    with tempfile.TemporaryFile() as left, tempfile.TemporaryFile() as right:
        files = (left, right)
        done = _run_worker(path, files, limits, progress)
        if done["heard_s"] < limits.min_duration_s:
            raise AudioError(f"{done['heard_s']:.1f} s is no call", where=where, do="give a whole recording")
        channels = tuple(_mapped(file) for file in files[: done["channels"]])
    if len(channels) == MAX_CHANNELS and _same_sound(*channels):
        channels = channels[:1]
    return Recording(
        source=where,
        channels=channels,
        source_rate_hz=done["source_rate_hz"],
        codec=done["codec"],
        duration_s=round(len(channels[0]) / SAMPLE_RATE_HZ, 3),
        lost_s=done["lost_s"],
        clipped=done["clipped"],
    )


def _check_file(path: Path, where: str) -> None:
    try:
        if not path.exists():
            raise AudioError("no such file", where=where, do="check the path")
        if not path.is_file():
            raise AudioError("is no file", where=where, do="give a sound file")
        with path.open("rb") as file:
            head = file.read(_TEXT_BYTES)
    except OSError as error:
        raise AudioError(f"cannot be read ({error.strerror})", where=where, do="check its permissions") from None
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


def _run_worker(path: Path, files: tuple[IO[bytes], ...], limits: DecodeLimits, progress: Progress) -> dict[str, Any]:
    """Run the decoder; its last word on success. Raises AudioError."""
    where = str(path)
    fds = tuple(file.fileno() for file in files)
    settings = {
        "path": str(path.resolve()),
        "fds": fds,
        "max_duration_s": limits.max_duration_s,
        "memory_bytes": limits.memory_bytes,
        "cpu_s": limits.cpu_s,
    }
    command = [sys.executable, "-P", "-m", "belscore.decode_worker", json.dumps(settings)]
    late = threading.Event()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=fds, text=True
    ) as child:

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(limits.timeout_s, stop)
        timer.daemon = True
        timer.start()
        try:
            last = _follow(child, progress)
        except BaseException:
            child.kill()
            raise
        finally:
            timer.cancel()
    if late.is_set():
        raise AudioError(f"decoding took over {limits.timeout_s:g} s", where=where, do="convert it to WAV")
    if "error" in last:
        raise AudioError(last["error"]["what"], where=where, do=last["error"]["do"])
    if "done" not in last:
        raise AudioError(f"the decoder stopped ({_ending(child.returncode)})", where=where, do="convert it to WAV")
    done: dict[str, Any] = last["done"]
    return done


def _follow(child: subprocess.Popen[str], progress: Progress) -> dict[str, Any]:
    """Pass the child's progress on until it ends; its last message, {} when it said nothing final."""
    last: dict[str, Any] = {}
    assert child.stdout is not None
    for line in child.stdout:
        try:
            message = json.loads(line)
        except json.JSONDecodeError:
            continue
        if "at_s" in message:
            progress("decode", message["at_s"], message["total_s"])
        else:
            last = message
    return last


def _ending(returncode: int) -> str:
    if returncode == -signal.SIGXCPU or returncode == -signal.SIGKILL:
        return "it took too much time or memory"
    return signal.Signals(-returncode).name if returncode < 0 else f"exit code {returncode}"


def _mapped(file: IO[bytes]) -> Samples:
    """The file as an array, paged in as it is read: three hours of stereo are 1.4 GB that need not be in memory."""
    return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), dtype="<f4")


def _same_sound(left: Samples, right: Samples) -> bool:
    power_left = power_right = product = 0.0
    for at in range(0, len(left), _BLOCK):
        one, other = left[at : at + _BLOCK].astype(np.float64), right[at : at + _BLOCK].astype(np.float64)
        power_left += float(one @ one)
        power_right += float(other @ other)
        product += float(one @ other)
    if power_left == 0.0 or power_right == 0.0:
        return power_left == power_right
    return product > 0 and product**2 > SAME_SOUND_CORRELATION_SQUARED * power_left * power_right
