"""What is known about one call outside its sound, in a small JSON file beside it: `NAME.meta.json`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from belscore.call import Direction
from belscore.errors import NotationError
from belscore.inputs import SIDECAR_SUFFIX, read_text
from belscore.metadata import FORMS, READERS, shown


class Sidecar(BaseModel):
    """The columns of a metadata table without `file`, each a text as in a cell there.

    Seconds may be numbers and `answered` true or false too. null, "" and a key that is not there say nothing.
    """

    model_config = ConfigDict(extra="forbid")

    agent: str | None = None
    department: str | None = None
    started_at: datetime | None = None
    direction: Direction | None = None
    ring_s: float | None = None
    queue_s: float | None = None
    after_s: float | None = None
    caller_number: str | None = None
    answered: bool | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _read(cls, value: object, info: ValidationInfo) -> object:
        assert info.field_name is not None
        is_seconds = info.field_name.endswith("_s") and isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is None or (info.field_name == "answered" and isinstance(value, bool)):
            return value
        text = str(value) if is_seconds else value
        if not isinstance(text, str):
            raise ValueError("no text")
        return READERS[info.field_name](text.strip()) if text.strip() else None


def sidecar_of(path: Path) -> Path | None:
    """The file about a call: `gesprek.wav.meta.json` or `gesprek.meta.json` for `gesprek.wav`; None without one."""
    named = (path.with_name(f"{name}{SIDECAR_SUFFIX}") for name in (path.name, path.stem))
    return next((each for each in named if each.is_file()), None)


def read_sidecar(path: Path) -> dict[str, Any]:
    """What a sidecar says, by column.

    Raises NotationError naming the file and the key. The message holds no value: it may be a caller's number.
    """
    try:
        return Sidecar.model_validate_json(read_text(path)).model_dump(exclude_none=True)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        what, do = "unknown key", f"use {', '.join(Sidecar.model_fields)}"
    elif problem["type"] == "json_invalid":
        what, do = f"no valid JSON: {problem['msg'].removeprefix('Invalid JSON: ')}", "correct the file"
    elif not key:
        what, do = "no JSON object", 'write it like {"agent": "Anja"}'
    else:
        what, do = f"{key}: the value is not valid", FORMS.get(key, "write it between quotes")
    raise NotationError(what, where=f"{path}: {shown(key)}" if what == "unknown key" else str(path), do=do)
