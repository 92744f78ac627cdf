"""Texts and tables that come with the package, each read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def packaged_text(package: str, *parts: str) -> str:
    """The text of a file below a package's folder."""
    return files(package).joinpath(*parts).read_text(encoding="utf-8")


@cache
def packaged_toml(package: str, *parts: str) -> Mapping[str, Any]:
    """The tables of a TOML file below a package's folder."""
    return tomllib.loads(packaged_text(package, *parts))
