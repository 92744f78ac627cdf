"""The manifest of models: what there is, from where, under which sha256, and how well it recognises."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from belscore.confidence import Calibration
from belscore.errors import ModelError

WEIGHTS = "model.bin"
_PACKAGE = Path(__file__).resolve().parent
CHECKOUT = _PACKAGE.parent.parent


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
class Figure:
    """Word errors of a model.

    on              : what it was measured on, in Dutch
    word_error_rate : wrong words by words said, 0 to 1 (and more, when many are made up)
    source          : where it was published, or the command that measured it
    """

    on: str
    word_error_rate: float
    source: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model of the manifest.

    best      : order of recognition quality; the highest one present is used unless another is named; 0 recognises
                nothing
    languages : how many it recognises, Dutch among them; 0 when it recognises none
    calibration : what makes its word probabilities shares of right words; None where it was not measured
    published : figures of others; measured: our own
    wheels    : exact requirements (`name==version`) that carry the files on the package index
    """

    name: str
    title: str
    licence: str
    best: int
    files: tuple[ModelFile, ...]
    languages: int = 0
    calibration: Calibration | None = None
    published: tuple[Figure, ...] = ()
    measured: tuple[Figure, ...] = ()
    wheels: tuple[str, ...] = ()
    hub: Hub | None = None

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    @property
    def weights_sha256(self) -> str:
        return next((file.sha256 for file in self.files if file.name == WEIGHTS), self.files[0].sha256)

    @property
    def digest(self) -> str:
        """Hexadecimal sha256 of the names and contents of all files."""
        return hashlib.sha256(json.dumps([(file.name, file.sha256) for file in self.files]).encode()).hexdigest()


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

    def calibration_of(self, weights_sha256: str) -> Calibration | None:
        """The calibration of the model with these weights, whatever folder it lies in."""
        found = (entry.calibration for entry in self.models.values() if entry.weights_sha256 == weights_sha256)
        return next(found, None)

    def every_entry(self) -> tuple[ModelEntry, ...]:
        return (*self.models.values(), *self.encoders.values())


@cache
def load_manifest(path: Path | None = None) -> Manifest:
    """Read a manifest; None takes the one of the source checkout or of the installed package."""
    if path is None:
        installed = _PACKAGE / "models_manifest.toml"
        path = installed if installed.is_file() else CHECKOUT / "models" / "manifest.toml"
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
    return ModelEntry(
        name,
        table["title"],
        table["licence"],
        table.get("best", 0),
        files,
        languages=table.get("languages", 0),
        calibration=Calibration(**table["calibration"]) if "calibration" in table else None,
        published=tuple(Figure(**each) for each in table.get("published", ())),
        measured=tuple(Figure(**each) for each in table.get("measured", ())),
        wheels=tuple(table.get("wheels", ())),
        hub=Hub(**table["hub"]) if "hub" in table else None,
    )
