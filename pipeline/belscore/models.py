"""Which models are on this machine, which one is used, and whether their files are the right ones.

A model is a folder of files. Each file is checked against its sha256 in full when it is fetched and by `verify_model`;
afterwards a stamp beside the files remembers sizes and times, so that loading stays quick.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from belscore.errors import ModelError
from belscore.model_folder import check_folder
from belscore.model_manifest import CHECKOUT, WEIGHTS, ModelEntry
from belscore.model_manifest import load_manifest as load_manifest
from belscore.progress import Progress, silent

FOLDER_VARIABLE = "BELSCORE_MODELS"
_STAMP = ".verified.json"
_FETCH = "run `belscore models fetch"

State = Literal["present", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model ready to load: its name, its folder and the sha256 of its weights."""

    name: str
    folder: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model of the manifest on this machine; `folder` is None when it is missing."""

    entry: ModelEntry
    state: State
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that is used, and why.

    files  : None when there is none
    named  : it was asked for, by name or as a folder; otherwise it is the best one present
    better : models of the manifest that are better, the best one first; none of them is present and undamaged
    """

    files: ModelFiles | None
    named: bool
    better: tuple[ModelStatus, ...]


def folders() -> tuple[Path, ...]:
    """Folders that may hold models, in the order in which they are looked through."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return (Path(chosen).expanduser(),)
    checkout = CHECKOUT / "models"
    return (checkout, _user_folder()) if (checkout / "manifest.toml").is_file() else (_user_folder(),)


def _user_folder() -> Path:
    """The per-user data folder of the platform (XDG base directories on Linux)."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "belscore" / "models"


def writable_folder() -> Path:
    """The first folder that models can be written to, made when it is not there yet."""
    for folder in folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    where = ", ".join(map(str, folders()))
    raise ModelError("no folder for models can be written to", where=where, do=f"set {FOLDER_VARIABLE} to one")


def find_model(name_or_path: str | None = None) -> ModelFiles:
    """The model to load: by name, as a folder, or the best one present when None.

    Raises ModelError when it is not there, incomplete, or its files are not those of the manifest.
    """
    if name_or_path is None:
        best = choose_model().files
        if best is None:
            raise ModelError("no speech model on this machine", do=f"{_FETCH}`")
        return best
    path = Path(name_or_path).expanduser()
    if name_or_path not in load_manifest().models and path.exists():
        check_folder(path)
        weights = path / WEIGHTS
        return ModelFiles(str(path), path, _cached_sha256(weights, *_size_and_time(weights)))
    return present(load_manifest().entry(name_or_path))


def choose_model(name_or_path: str | None = None) -> Choice:
    """The model that `find_model` takes, with the reason. Raises ModelError when the one named cannot be used."""
    if name_or_path is not None:
        return Choice(find_model(name_or_path), True, ())
    better: list[ModelStatus] = []
    for entry in sorted(load_manifest().models.values(), key=lambda entry: -entry.best):
        status = _status(entry)
        if status.state == "present" and status.folder is not None:
            return Choice(ModelFiles(entry.name, status.folder, entry.weights_sha256), False, tuple(better))
        better.append(status)
    return Choice(None, False, tuple(better))


def find_encoder() -> Path | None:
    """The folder of the speaker encoder; None when it is not on this machine, or damaged."""
    for entry in load_manifest().encoders.values():
        status = _status(entry)
        if status.state == "present":
            return status.folder
    return None


def present(entry: ModelEntry) -> ModelFiles:
    """A model of the manifest that is on this machine; ModelError when it is missing, incomplete or damaged."""
    folder = _folder_of(entry)
    if folder is None:
        raise ModelError(f"model `{entry.name}` is not on this machine", do=f"{_FETCH} {entry.name}`")
    wrong = _quick_check(entry, folder)
    if wrong is not None:
        raise ModelError(wrong, where=str(folder), do=f"{_FETCH} {entry.name}` to fetch it again")
    return ModelFiles(entry.name, folder, entry.weights_sha256)


def _folder_of(entry: ModelEntry) -> Path | None:
    return next((folder / entry.name for folder in folders() if (folder / entry.name).is_dir()), None)


def _quick_check(entry: ModelEntry, folder: Path) -> str | None:
    """What is wrong with the files; in full only when the stamp does not vouch for them."""
    if wrong := _wrong_size(entry, folder):
        return wrong
    return None if _stamp(entry, folder) == _read_stamp(folder) else full_check(entry, folder)


def _wrong_size(entry: ModelEntry, folder: Path) -> str | None:
    for file in entry.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.size_bytes:
            return f"{file.name} is missing or has the wrong size"
    return None


def full_check(entry: ModelEntry, folder: Path, progress: Progress = silent) -> str | None:
    """Compare every byte with the manifest; what is wrong, or None. A clean result leaves a stamp beside the files."""
    if wrong := _wrong_size(entry, folder):
        return wrong
    done = 0
    for file in entry.files:
        if sha256_of(folder / file.name) != file.sha256:
            return f"{file.name} has the wrong sha256"
        done += file.size_bytes
        progress("fetch", done, entry.size_bytes)
    try:
        (folder / _STAMP).write_text(json.dumps(_stamp(entry, folder)), encoding="utf-8")
    except OSError:
        # A read-only folder has no stamp: the files are then checked in full at every start.
        return None
    return None


def _stamp(entry: ModelEntry, folder: Path) -> dict[str, list[int | str]]:
    return {file.name: [*_size_and_time(folder / file.name), file.sha256] for file in entry.files}


def _read_stamp(folder: Path) -> object:
    try:
        return json.loads((folder / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _size_and_time(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


@cache
def _cached_sha256(path: Path, size_bytes: int, mtime_ns: int) -> str:  # noqa: ARG001 - part of the cache's key
    return sha256_of(path)


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_models() -> tuple[ModelStatus, ...]:
    """Every model of the manifest and whether it is on this machine, judged by sizes and stamp."""
    return tuple(_status(entry) for entry in load_manifest().every_entry())


def _status(entry: ModelEntry) -> ModelStatus:
    folder = _folder_of(entry)
    if folder is None:
        return ModelStatus(entry, "missing", None)
    return ModelStatus(entry, "damaged" if _quick_check(entry, folder) else "present", folder)


def verify_model(name: str, progress: Progress = silent) -> ModelFiles:
    """Check every byte of a model against the manifest. Raises ModelError when it is missing or differs."""
    entry = load_manifest().any_entry(name)
    folder = _folder_of(entry)
    if folder is None:
        raise ModelError(f"model `{name}` is not on this machine", do=f"{_FETCH} {name}`")
    wrong = full_check(entry, folder, progress)
    if wrong is not None:
        raise ModelError(wrong, where=str(folder), do=f"{_FETCH} {name}` to fetch it again")
    return ModelFiles(name, folder, entry.weights_sha256)
