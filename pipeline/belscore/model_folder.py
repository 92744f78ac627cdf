"""Whether a folder of the user's own holds a Whisper model that can be used here, without a network.

CTranslate2 and faster-whisper find out late or not at all what a folder lacks: without `tokenizer.json` they go to the
Hugging Face hub, without `config.json` the first recording fails, and a large-v3 without `preprocessor_config.json`
gets the wrong features.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from belscore.errors import ModelError
from belscore.model_manifest import WEIGHTS

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
FEATURES = "preprocessor_config.json"
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
# Weights that PyTorch and transformers write.
_TRANSFORMERS = ("*.safetensors", "pytorch_model*.bin", "*.safetensors.index.json")
# Sizes of Whisper's vocabularies (`n_vocab` of its published models): the English-only ones have 51,864 tokens, the
# multilingual ones 51,865, and from large-v3 on, which hears in 128 mel bands instead of 80, 51,866.
_MULTILINGUAL_TOKENS = 51_865
_LARGE_V3_TOKENS = 51_866
_LARGE_V3_MEL_BANDS = 128
_CONVERT = (
    "convert it with `ct2-transformers-converter --model {folder} --output_dir NEW --quantization float16 --copy_files "
    "tokenizer.json preprocessor_config.json` (of ctranslate2; needs transformers and torch) and give the new folder"
)


def check_folder(folder: Path) -> None:
    """Look at what a model folder holds. Raises ModelError that says what is wrong and how to mend it."""
    if not folder.is_dir():
        raise ModelError("is a file, not a model", where=str(folder), do="give the folder it is in")
    if not (folder / WEIGHTS).is_file():
        raise _no_weights(folder)
    _check_config(folder)
    tokens = _tokens(folder)
    if tokens < _MULTILINGUAL_TOKENS:
        raise ModelError("knows English only", where=str(folder), do="use a multilingual model")
    if not (folder / TOKENIZER).is_file():
        do = f"copy {TOKENIZER} of the model it was made from into it"
        raise ModelError(f"has no {TOKENIZER}, which would have to come from the network", where=str(folder), do=do)
    if tokens == _LARGE_V3_TOKENS and _mel_bands(folder) != _LARGE_V3_MEL_BANDS:
        do = f"copy {FEATURES} of the model it was made from into it"
        raise ModelError(f"has no {FEATURES} with {_LARGE_V3_MEL_BANDS} mel bands", where=str(folder), do=do)


def _no_weights(folder: Path) -> ModelError:
    if any(next(folder.glob(pattern), None) for pattern in _TRANSFORMERS):
        return ModelError("is a model of transformers", where=str(folder), do=_CONVERT.format(folder=folder))
    inside = next((path.parent for path in sorted(folder.glob(f"*/{WEIGHTS}"))), None)
    if inside is not None:
        return ModelError(f"has no {WEIGHTS}", where=str(folder), do=f"did you mean {inside}?")
    return ModelError(f"has no {WEIGHTS}", where=str(folder), do="give a CTranslate2 Whisper folder")


def _check_config(folder: Path) -> None:
    config = _read_json(folder / CONFIG)
    if not isinstance(config, dict) or not config.get("alignment_heads"):
        do = f"convert the model again, or copy {CONFIG} of the model of the same size into it"
        wrong = "no alignment_heads, so words would get no times" if config is not None else "is missing or unreadable"
        raise ModelError(wrong, where=str(folder / CONFIG), do=do)


def _tokens(folder: Path) -> int:
    """The number of tokens in the vocabulary."""
    path = next((folder / name for name in _VOCABULARIES if (folder / name).is_file()), None)
    if path is None:
        raise ModelError("has no vocabulary.json or vocabulary.txt", where=str(folder), do="convert the model again")
    if path.suffix == ".txt":
        with path.open("rb") as lines:
            return _count(lines)
    tokens = _read_json(path)
    if not isinstance(tokens, list | dict):
        raise ModelError("is unreadable", where=str(path), do="convert the model again")
    return len(tokens)


def _count(lines: Iterable[bytes]) -> int:
    return sum(1 for _ in lines)


def _mel_bands(folder: Path) -> int | None:
    features = _read_json(folder / FEATURES)
    bands = features.get("feature_size") if isinstance(features, dict) else None
    return bands if isinstance(bands, int) else None


def _read_json(path: Path) -> object:
    """What a JSON file holds; None when it is not there or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
