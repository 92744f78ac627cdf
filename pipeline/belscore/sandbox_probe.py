"""What confines the decoder on this machine: a child confines itself as the decoder does, and then tries to get out."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from belscore.decode_child import DEFAULT_LIMITS, child_environment
from belscore.sandbox import Barrier, ProcessLimits, confine

_TIMEOUT_S = 60.0
_DISCARD_PORT = 9  # RFC 863; whether anybody listens makes no difference


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """What holds the decoder.

    barriers : each with why it is missing, "" for one that stands
    escapes  : what a confined child could still do: keys of `attempts`; none is as it should be
    """

    barriers: tuple[Barrier, ...]
    escapes: tuple[str, ...]


def sandbox_report() -> SandboxReport:
    """Try it out in a process of its own; takes as long as starting one. Raises OSError when that says nothing."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(  # nosec B603 # our own module
            [sys.executable, "-P", "-m", "belscore.sandbox_probe", folder, str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
            timeout=_TIMEOUT_S,
            check=False,
        )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise OSError(f"the confined process ended with code {done.returncode}") from None
    return SandboxReport(tuple(Barrier(**each) for each in told["barriers"]), tuple(told["escapes"]))


def attempts(folder: Path, memory_bytes: int) -> Mapping[str, Callable[[], object]]:
    """Ways out, each of which raises OSError or MemoryError where it is closed.

    folder : where a process that may write files can
    """
    return {
        "network": _connect,
        "datagrams": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", _DISCARD_PORT)),
        "read_file": lambda: Path(sys.executable).open("rb"),
        "write_file": lambda: (folder / "escaped").write_bytes(b"x"),
        "start_program": _start_program,
        "memory": lambda: bytearray(memory_bytes),
    }


def _connect() -> None:
    try:
        socket.socket().connect(("127.0.0.1", _DISCARD_PORT))
    except ConnectionRefusedError:
        return  # the network answered


def _start_program() -> None:
    if hasattr(os, "posix_spawn"):
        os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}), 0)
    else:
        os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", ""])  # nosec B606 # what is tried is that it fails


def _is_open(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError):
        return False
    return True


def main() -> None:
    folder, parent = Path(sys.argv[1]), int(sys.argv[2])
    limits = ProcessLimits(DEFAULT_LIMITS.memory_bytes, DEFAULT_LIMITS.cpu_s, parent)
    ways = attempts(folder, limits.memory_bytes)
    barriers = confine(limits)
    told = {
        "barriers": [asdict(each) for each in barriers],
        "escapes": [name for name, attempt in ways.items() if _is_open(attempt)],
    }
    os.write(1, json.dumps(told).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
