"""What tells a situation by all the words of a turn or of a call: the files in `rules/models/`.

`bench/train_turns.py` makes them. A file has the weights of a model of turns (`turn_model`), where labelled turns were
there to learn from, and under `[call]` those of a model of whole calls (`call_model`).
"""

from __future__ import annotations

import base64
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from belscore.errors import RuleError
from belscore.language.call_model import DIMENSIONS, WORDS_ALONE, CallModel, Stack, as_weights
from belscore.language.turn_model import TurnModel


@dataclass(frozen=True, slots=True)
class SituationModel:
    """The models of one situation; at least one of the two."""

    turns: TurnModel | None
    call: CallModel | None


def read_situation_model(data: Mapping[str, Any], path: Path) -> SituationModel:
    """The models of a file. Raises RuleError when there is none, or the weights are not whole."""
    turns = TurnModel(*_numbers(data, path)) if "weights" in data or "call" not in data else None
    return SituationModel(turns, _call_model(data["call"], path) if "call" in data else None)


def _call_model(data: Mapping[str, Any], path: Path) -> CallModel:
    weights, scale, bias = _numbers(data, path)
    if "stack" not in data:
        return CallModel(as_weights(weights), scale, bias, WORDS_ALONE)
    try:
        stack = Stack(**{name: float(value) for name, value in data["stack"].items()})
    except (KeyError, TypeError, ValueError) as error:
        raise _not_whole(error, path) from None
    return CallModel(as_weights(weights), scale, bias, stack)


def _numbers(data: Mapping[str, Any], path: Path) -> tuple[array[int], float, float]:
    """Weights, scale and bias."""
    try:
        weights = array("b", zlib.decompress(base64.b64decode(data["weights"])))
        scale, bias = float(data["scale"]), float(data["bias"])
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise _not_whole(error, path) from None
    if len(weights) != DIMENSIONS:
        raise RuleError(f"has {len(weights)} weights, not {DIMENSIONS}", where=str(path), do="make turn-models")
    return weights, scale, bias


def _not_whole(error: Exception, path: Path) -> RuleError:
    return RuleError(f"no whole model ({error})", where=str(path), do="train it again: make turn-models")


def pack(weights: bytes) -> str:
    """Weights as text for a rule file."""
    return base64.b64encode(zlib.compress(weights, 9)).decode()
