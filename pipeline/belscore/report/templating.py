"""Templates of pages, and what goes into them, from the folder `templates` of a package."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from belscore.packaged import packaged_text

if TYPE_CHECKING:
    from jinja2 import Environment


def asset(package: str, name: str) -> str:
    """The text of a file in a package's `templates`."""
    return packaged_text(package, "templates", name)


def digest(text: str) -> str:
    """How a content security policy names a style or a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def style_policy(style: str) -> str:
    """Content security policy of a page that is only read: its own style, no script, nothing from elsewhere."""
    return f"default-src 'none'; style-src '{digest(style)}'; img-src data:; base-uri 'none'; form-action 'none'"


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
