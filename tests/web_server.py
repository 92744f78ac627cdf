"""Servers of the pages for tests: real processes on a free port of this machine, with a real or a made scorer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_START_S = 60.0
_ADDRESS = re.compile(r"http://\S+")


class RunningServer:
    """A server process; `address` is where it answers, without a slash at the end.

    Run with a made scorer it scores nothing: every recording gets the words of a sample, after `seconds`.
    """

    def __init__(self, folder: Path, *, made: bool = True, seconds: float = 0.3, arguments: Sequence[str] = ()) -> None:
        """
        folder    : for store and recordings; a server on the same folder goes on with what the one before left
        made      : whether scoring is only played
        arguments : of `belscore serve`
        """
        self.folder, self._seconds = folder, seconds
        module = ["made_server"] if made else ["belscore.cli"]
        self._command = [sys.executable, "-m", *module] if made else [sys.executable, "-c", _MAIN]
        self._command += ["serve", "--store", str(folder / "belscore.db"), "--port", "0", *arguments]
        self.start()

    def start(self) -> None:
        tests = Path(__file__).parent
        paths = os.pathsep.join([str(tests), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": paths, "BELSCORE_MADE_S": str(self._seconds)}
        self.process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True, env=environment)
        self.told: list[str] = []
        started = threading.Event()

        def listen() -> None:
            assert self.process.stderr is not None
            for line in self.process.stderr:
                self.told.append(line)
                if _ADDRESS.search(line):
                    started.set()
            started.set()

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()
        started.wait(_START_S)
        found = _ADDRESS.search("".join(self.told))
        if found is None:
            self.process.kill()
            raise AssertionError(f"the server did not start: {''.join(self.told)}")
        self.address = found[0].rstrip("/")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self._end()

    def stop(self) -> None:
        """Ask it to end, and wait for that."""
        self.process.terminate()
        self._end()

    def restart(self) -> None:
        """Start it again, on the port it had, so that open pages find it."""
        port = self.address.rsplit(":", 1)[1]
        self._command[self._command.index("--port") + 1] = port
        self.start()

    def _end(self) -> None:
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        self._listener.join(20)
        assert self.process.stderr is not None
        self.process.stderr.close()


_MAIN = "from belscore.cli import main; main()"


@contextmanager
def running(
    folder: Path, *, made: bool = True, seconds: float = 0.3, arguments: Sequence[str] = ()
) -> Iterator[RunningServer]:
    """A server for a block."""
    server = RunningServer(folder, made=made, seconds=seconds, arguments=arguments)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
