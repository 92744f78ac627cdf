"""Which recognition gives which words: a key over the sound, the speech spans, the model, and what makes the words.

And which questions of a second look get which answers from the sound.
Rules, profile and report have no part in it. A test walks the imports of `transcribe` and holds `MAKERS` complete.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from belscore.call import Span
from belscore.model_manifest import load_manifest
from belscore.models import ModelFiles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PACKAGE = Path(__file__).parent
# Modules of belscore that have a part in which words come out, when, and how sure.
MAKERS = ("transcribe", "chunks", "confidence", "decoder", "denoise", "device", "gates", "placing", "strays")
# And of those that ask the sound for other words, besides the recogniser.
ASKERS = ("second_look", "second_look_sound")
# Of this module only what they use: everything meets in `call`, and most of it has nothing to do with words.
PARTS = {"call": ("Span", "Word", "merge_spans")}
# Files of the rules folder that they read.
DATA = ("lexicon/herkenner.toml",)
# Packages that compute for them. Another release of any of them may round otherwise, and so hear another word.
PACKAGES = ("faster-whisper", "ctranslate2", "tokenizers", "numpy", "scipy")
# Besides the weights, what faster-whisper reads of a model: settings, features, vocabulary, tokens.
_MODEL_FILES = ("*.json", "*.txt")


def words_key(
    channels: Sequence[NDArray[np.float32]],
    spans: Sequence[Sequence[Span]],
    files: ModelFiles,
    *,
    hotwords: Sequence[str] = (),
) -> str:
    """64 hexadecimal digits that differ wherever `transcribe.recognise` may give other words.

    channels, spans, hotwords : as `recognise` takes them
    files                     : of the model; it need not be loaded

    Neither the name of the recording nor who asks is part of it. A function that is put in the place of another while
    the program runs goes unseen: such a trial takes no cache. Raises ModelError when the device asked for is not there.
    """
    told = {
        "calibration": str(load_manifest().calibration_of(files.sha256)),
        "hotwords": list(hotwords),
        **_sound(channels, spans),
    }
    return _key(told, channels, files, MAKERS)


def answers_key(channel: NDArray[np.float32], spans: Sequence[Span], files: ModelFiles, *, questions: object) -> str:
    """64 hexadecimal digits that differ wherever the sound may answer the questions of a second look otherwise.

    channel, spans : of the agent: samples at 16 kHz, and where somebody speaks
    files          : of the model; it need not be loaded
    questions      : all that is asked, in JSON values, in order
    """
    asking = _digest([], [_PACKAGE / f"{name}.py" for name in ASKERS])
    told = {"asking": asking, "questions": questions, **_sound([channel], [spans])}
    return _key(told, [channel], files, (*MAKERS, *ASKERS))


def _sound(channels: Sequence[NDArray[np.float32]], spans: Sequence[Sequence[Span]]) -> dict[str, object]:
    return {
        "spans": [[(float(start_s), float(end_s)) for start_s, end_s in channel] for channel in spans],
        "samples": [len(channel) for channel in channels],
    }


def _key(
    told: dict[str, object], channels: Sequence[NDArray[np.float32]], files: ModelFiles, modules: Sequence[str]
) -> str:
    """A key over what is told, the samples, the model and how the modules are set."""
    import numpy as np

    from belscore.device import choose_device

    recognition = {
        "makers": makers_digest(),
        "settings": _settings(modules),
        "device": choose_device(),
        "model": _model_digest(files),
    }
    digest = hashlib.sha256(json.dumps({**recognition, **told}).encode())
    for channel in channels:
        digest.update(np.ascontiguousarray(channel, np.float32).data)
    return digest.hexdigest()


@cache
def makers_digest() -> str:
    """sha256 over sources, data and package releases that make words."""
    from importlib.metadata import version

    from belscore.rulebook import default_folder

    sources = [_PACKAGE / f"{name}.py" for name in MAKERS]
    data = [default_folder() / name for name in DATA]
    parts = [text for name, defined in PARTS.items() for text in _definitions(_PACKAGE / f"{name}.py", defined)]
    return _digest([*(f"{name}=={version(name)}" for name in PACKAGES), *parts], [*sources, *data])


def _definitions(path: Path, names: Iterable[str]) -> list[str]:
    """Classes and functions of a module, without comments."""
    tree = ast.parse(path.read_bytes())
    defined = (node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef))
    return [ast.unparse(node) for node in defined if node.name in names]


def _settings(names: Iterable[str]) -> dict[str, str]:
    """The numbers and words that modules name in capitals, as they stand now: a trial may have set others."""
    modules = [import_module(f"belscore.{name}") for name in names]
    return {
        f"{module.__name__}.{name}": repr(sorted(value, key=repr) if isinstance(value, frozenset) else value)
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int | float | str | tuple | frozenset)
    }


@cache
def _model_digest(files: ModelFiles) -> str:
    """sha256 over a model; its weights are known by theirs already, the rest is a few MB."""
    found = {path for pattern in _MODEL_FILES for path in files.folder.glob(pattern)}
    return _digest([files.sha256], sorted(path for path in found if not path.name.startswith(".")))


def _digest(lines: Iterable[str], paths: Iterable[Path]) -> str:
    digest = hashlib.sha256("\n".join(lines).encode())
    for path in paths:
        digest.update(f"\n{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()
