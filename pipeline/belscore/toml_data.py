"""Read TOML files of rule data: every fault is one line that names the file and the key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from belscore.errors import RuleError

_Model = TypeVar("_Model", bound=BaseModel)


def read_text(path: Path, *, do: str = "restore the file") -> str:
    """The text of a file; `do` is what an error says to do when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RuleError(f"cannot be read ({error.strerror})", where=str(path), do=do) from None
    except UnicodeDecodeError as error:
        raise RuleError(f"not valid TOML ({error})", where=str(path), do="correct the line") from None


def read_toml(path: Path, *, do: str = "restore the file") -> dict[str, Any]:
    """The tables of a file."""
    try:
        return tomllib.loads(read_text(path, do=do))
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"not valid TOML ({error})", where=str(path), do="correct the line") from None


def read_fixed(path: Path) -> dict[str, Any]:
    """The same with lists as tuples, which a phrase finder knows again without reading them."""
    return {key: _fixed(value) for key, value in read_toml(path).items()}


def _fixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fixed(each) for key, each in value.items()}
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


def validated(model: type[_Model], path: Path) -> _Model:
    """The file as a model; of several faults an unknown key is told first, most often a slip of the pen."""
    try:
        return model.model_validate(read_toml(path))
    except ValidationError as error:
        problems = error.errors()
        first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
        key = ".".join(str(part) for part in first["loc"])
        do = "remove the key" if first["type"] == "extra_forbidden" else "correct the value"
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise RuleError(f"{key}: {what}", where=str(path), do=do) from None
