"""A made-up model to fetch: a manifest, wheels of it, and servers that play package index and hub and can break off."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import re
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from belscore import model_fetch, models
from belscore.model_staging import Staging

WEIGHTS = bytes(range(256)) * 40
CONFIG = b'{"alignment_heads": []}'
REPO = "someone/toy"
REVISION = "0123456789abcdef0123456789abcdef01234567"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel_name(part: int) -> str:
    return f"toy_model_part{part}-1.0.0-py3-none-any.whl"


def write_wheel(folder: Path, part: int, members: dict[str, bytes]) -> None:
    name = f"toy_model_part{part}"
    info = f"{name}-1.0.0.dist-info"
    with zipfile.ZipFile(folder / wheel_name(part), "w") as wheel:
        for member, data in members.items():
            wheel.writestr(f"{name}/{member}", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-model-part{part}\nVersion: 1.0.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def toy_table(weights: bytes, *, on_hub: bool = False) -> str:
    """The model in a manifest: in two wheels, or on the hub."""
    hub = f'hub = {{ repo = "{REPO}", revision = "{REVISION}" }}'
    wheels = 'wheels = ["toy-model-part1==1.0.0", "toy-model-part2==1.0.0"]'
    return f"""
default = "toy"
[models.toy]
title = "Toy"
licence = "MIT"
languages = 99
best = 1
{hub if on_hub else wheels}
[[models.toy.measured]]
on = "een proef"
word_error_rate = 0.5
source = "make bench-toy"
[models.toy.files."config.json"]
bytes = {len(CONFIG)}
sha256 = "{sha256(CONFIG)}"
members = ["toy_model_part1/config.json"]
[models.toy.files."model.bin"]
bytes = {len(weights)}
sha256 = "{sha256(weights)}"
members = ["toy_model_part1/model.bin.1", "toy_model_part2/model.bin.2"]
[models.better]
title = "Better"
licence = "Apache-2.0"
languages = 2
best = 2
hub = {{ repo = "someone/better", revision = "{REVISION}" }}
[[models.better.published]]
on = "telefoongesprekken"
word_error_rate = 0.239
source = "een artikel"
[models.better.files."model.bin"]
bytes = 3
sha256 = "{sha256(b"abc")}"
"""


ENCODER = f"""
[encoders.voices]
title = "Voices"
licence = "MIT"
wheels = ["toy-model-part2==1.0.0"]
[encoders.voices.files."weights.f32"]
bytes = 10
sha256 = "{sha256(WEIGHTS[6100:6106] + WEIGHTS[6010:6014])}"
members = ["toy_model_part2/model.bin.2"]
parts = [[100, 6], [10, 4]]
"""


class Shop:
    """A folder of wheels that pip is pointed at, a manifest, and an empty folder for models."""

    def __init__(
        self, root: Path, patch: pytest.MonkeyPatch, *, weights: bytes = WEIGHTS, on_hub: bool = False
    ) -> None:
        self.root = root
        self.wheels = root / "wheels"
        self.models = root / "models"
        self.manifest = root / "manifest.toml"
        self.weights = weights
        self.wheels.mkdir()
        write_wheel(self.wheels, 1, {"config.json": CONFIG, "model.bin.1": weights[:6000]})
        write_wheel(self.wheels, 2, {"model.bin.2": weights[6000:]})
        self.manifest.write_text(toy_table(weights, on_hub=on_hub), encoding="utf-8")
        read = models.load_manifest.__wrapped__
        patch.setattr(models, "load_manifest", lambda path=None: read(path or self.manifest))
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(self.wheels))
        patch.setenv(models.FOLDER_VARIABLE, str(self.models))

    def add(self, table: str) -> None:
        self.manifest.write_text(self.manifest.read_text(encoding="utf-8") + table, encoding="utf-8")

    def put(self, folder: Path, weights: bytes | None = None) -> Path:
        """Write the files of the model to a folder, as on another machine."""
        folder.mkdir(parents=True)
        (folder / "config.json").write_bytes(CONFIG)
        (folder / "model.bin").write_bytes(self.weights if weights is None else weights)
        return folder

    def left_over(self) -> list[str]:
        return sorted(path.name for path in self.models.iterdir()) if self.models.is_dir() else []

    def part(self) -> Path:
        """The file in which the weights come in from the hub or a folder."""
        return self._staging().parts / "model.bin"

    def leave_part(self, content: bytes) -> None:
        """Leave part of the weights behind, as an interrupted fetch does."""
        self._staging().open()
        self.part().write_bytes(content)

    def leave_wheel(self, requirement: str, content: bytes) -> None:
        """Leave a wheel behind, as an interrupted fetch does."""
        self._staging().open()
        (self._staging().wheels / f"{requirement}.whl").write_bytes(content)

    def _staging(self) -> Staging:
        return model_fetch._staging(self.models, models.load_manifest().entry("toy"))

    def fetch_in_a_process(self, *arguments: str) -> subprocess.Popen[str]:
        """A fetch of its own. arguments: the source, and the largest file that may be written; "" takes no notice."""
        command = [sys.executable, "-c", _FETCH, str(self.manifest), *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


_FETCH = """
import sys
from pathlib import Path
from belscore import model_fetch, models
from belscore.model_staging import Staging
from belscore.errors import ModelError
manifest, source, largest = (*sys.argv[1:], "", "")[:3]
if largest:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
read = models.load_manifest.__wrapped__
models.load_manifest = lambda path=None: read(path or Path(manifest))
from belscore.model_fetch import fetch_model
try:
    fetch_model("toy", lambda *_: print("running", flush=True), source=source or None)
except ModelError as error:
    sys.exit(f"refused: {error}")
"""


@dataclass
class Wire:
    """An HTTP server of files on this machine that counts what it sends.

    elsewhere : paths that are answered with another address
    stop_at   : bytes of a path after which an answer breaks off, once; what comes after that is refused
    hanging   : instead of breaking off, say no more until the other side goes away, which sets `gone`
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[str, int]] = field(default_factory=list)
    stop_at: dict[str, int] = field(default_factory=dict)
    hanging: bool = False
    gone: threading.Event = field(default_factory=threading.Event)
    refusing: bool = False

    def repair(self) -> None:
        """Answer whole again, and count anew."""
        self.stop_at.clear()
        self.refusing = False
        self.sent.clear()
        self.asked.clear()


@contextlib.contextmanager
def served() -> Iterator[Wire]:
    """Serve files for as long as the context lasts."""
    wire = Wire()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path in wire.elsewhere:
                self.send_response(302)
                self.send_header("Location", wire.elsewhere[path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if wire.refusing or path not in wire.files:
                self.send_error(503 if wire.refusing else 404)
                return
            content = wire.files[path]
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            first = int(asked[1]) if asked else 0
            wire.asked.append((path, first))
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Type", "text/html" if path.endswith("/") else "application/octet-stream")
            self.send_header("Content-Length", str(len(content) - first))
            self.end_headers()
            last = wire.stop_at.pop(path, len(content))
            self.wfile.write(content[first:last])
            wire.sent[path] += last - first
            if last < len(content):
                self._break_off()

        def _break_off(self) -> None:
            self.close_connection = True
            wire.refusing = not wire.hanging
            if wire.hanging:
                self.connection.settimeout(60)
                with contextlib.suppress(OSError):
                    self.connection.recv(1)
                    wire.gone.set()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    wire.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
