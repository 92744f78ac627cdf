"""Templates of pages, and what goes into them, from the folder `templates` of a package."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache
def asset(package: str, name: str) -> str:
    """The text of a file in a package's `templates`."""
    return files(package).joinpath("templates", name).read_text(encoding="utf-8")


@lru_cache
def environment(package: str) -> Environment:
    """Jinja for the templates of a package: everything is escaped, and a name that is missing is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(lambda name: asset(package, name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
