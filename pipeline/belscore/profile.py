"""A practice's own names and greeting, from a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from belscore.errors import RuleError


class Profile(BaseModel):
    """What a practice can set.

    practice    : its names as said on the telephone
    departments : names of departments
    agents      : names of the people who pick up
    formula     : the fixed greeting, with `...` where the name is said
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    practice: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    formula: str = ""


def load_profile(path: Path) -> Profile:
    """Read a profile. Raises RuleError naming the file and the key."""
    try:
        return Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RuleError(f"cannot be read ({error.strerror})", where=str(path), do="name an existing profile") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"not valid TOML ({error})", where=str(path), do="correct the line") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise RuleError(f"{key}: {first['msg']}", where=str(path), do="correct the key") from None
