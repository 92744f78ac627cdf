"""The process that decodes: started, followed and ended by the one that scores."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from belscore.decode_protocol import MESSAGE, Decoded, ProtocolError, Refusal, message_of, progress_of, read_frames
from belscore.errors import AudioError
from belscore.progress import Progress

# Of the environment the decoder gets what finding Python, its libraries and their text encoding takes; no store's
# address, no key, no token.
_KEPT = (
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH", "PYTHONHOME",
    "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "SYSTEMROOT",
)  # fmt: skip
_SUFFIX_LENGTH = 8


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


def run_decoder(
    sound: IO[bytes],
    suffix: str,
    keep: Callable[[int, bytes], None],
    *,
    where: str,
    limits: DecodeLimits,
    progress: Progress,
) -> Decoded:
    """Decode an open file in a child process.

    suffix : of the file's name
    keep   : called with the number of a channel and samples, little-endian float32 at SAMPLE_RATE_HZ
    where  : the file in messages

    Raises AudioError when the file is refused, or the decoder crashes, takes too long or says what it may not.
    """
    settings = {
        "name": "sound" + (suffix.lower() if suffix[1:].isalnum() and len(suffix) <= _SUFFIX_LENGTH else ""),
        "max_duration_s": limits.max_duration_s,
        "memory_bytes": limits.memory_bytes,
        "cpu_s": limits.cpu_s,
        "parent": os.getpid(),
    }
    late = threading.Event()
    with _started(json.dumps(settings), sound) as child:

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(limits.timeout_s, stop)
        timer.daemon = True
        timer.start()
        try:
            last = _follow(child, keep, progress)
            if last is not None:
                child.kill()  # it has nothing more to say, and need not be waited for
            child.wait()
        except ProtocolError as error:
            child.kill()
            raise AudioError(f"the decoder failed ({error})", where=where, do="convert it to WAV") from None
        except BaseException:
            child.kill()
            raise
        finally:
            timer.cancel()
    if late.is_set():
        raise AudioError(f"decoding took over {limits.timeout_s:g} s", where=where, do="convert it to WAV")
    if isinstance(last, Refusal):
        raise AudioError(last.what, where=where, do=last.do)
    if last is None:
        raise AudioError(f"the decoder stopped ({_ending(child.returncode)})", where=where, do="convert it to WAV")
    return last


def _started(settings: str, sound: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # nosec B603 # our own module, and settings of which none comes from the file
        [sys.executable, "-P", "-m", "belscore.decode_worker", settings],
        stdin=sound,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
    )


def child_environment() -> dict[str, str]:
    """The environment of a confined process. It imports from where this one does."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # One thread: more take 60 ms to start, and could not be confined.
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}


def _follow(
    child: subprocess.Popen[bytes], keep: Callable[[int, bytes], None], progress: Progress
) -> Decoded | Refusal | None:
    """Pass samples and progress on until the child ends; what it said last, None when that was nothing final.

    Raises ProtocolError.
    """
    assert child.stdout is not None
    for kind, content in read_frames(child.stdout):
        if kind != MESSAGE:
            keep(kind - 1, content)
            continue
        message = message_of(content)
        if isinstance(done := message.get("done"), dict):
            return Decoded.checked(done)
        if isinstance(error := message.get("error"), dict):
            return Refusal.checked(error)
        progress("decode", *progress_of(message))
    return None


def _ending(returncode: int) -> str:
    if returncode in {-getattr(signal, "SIGXCPU", 0), -getattr(signal, "SIGKILL", 0)}:
        return "it took too much time or memory"
    return signal.Signals(-returncode).name if returncode < 0 else f"exit code {returncode}"
