"""What the name of a recording says of the call, by a pattern: `{started_at:%Y%m%d-%H%M%S}_{department}_{agent}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from belscore.errors import BelscoreError
from belscore.metadata import READERS

# Matches anything and is left out.
SKIP = "_"
_TEXTS = ("agent", "department", SKIP)
_FORMS = {"direction": "inbound|outbound", "ring_s": r"\d+(?:[.,]\d+)?", "queue_s": r"\d+(?:[.,]\d+)?"}
FIELDS = ("started_at", "agent", "department", "direction", "ring_s", "queue_s", SKIP)
# Of strftime's codes those that are digits of one length.
_DIGITS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3}
_WHERE = "--name-pattern"


class _Part(NamedTuple):
    """A field and what stands before it; `name` is None behind the last one."""

    before: str
    name: str | None
    form: str


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern that names of files, without suffix, are read by as a whole."""

    expression: re.Pattern[str]
    moment_form: str

    def read(self, path: Path) -> dict[str, Any] | None:
        """What the name says, by column of a metadata table; None when it does not follow the pattern."""
        match = self.expression.fullmatch(path.stem)
        if match is None:
            return None
        found: dict[str, Any] = {}
        try:
            for name, text in match.groupdict().items():
                if name == "started_at":
                    found[name] = datetime.strptime(text, self.moment_form)
                elif text:
                    found[name] = READERS[name](text)
        except ValueError:
            return None
        return found


def parse_name_pattern(pattern: str) -> NamePattern:
    """A pattern of fields in braces and the text between them; `{{` stands for a brace, `{_}` for what says nothing.

    An agent and a department may be empty, and hold no part of the text that follows them in the pattern.

    Raises BelscoreError when it can not be read, or would leave open where one field ends and the next begins.
    """
    try:
        parts = [_Part(before, name, form or "") for before, name, form in _parts(pattern)]
    except ValueError as error:
        raise _error(str(error), "write it like {started_at:%Y%m%d-%H%M%S}_{department}_{agent}") from None
    names = [part.name for part in parts if part.name is not None]
    for name in names:
        _check_name(name, names)
    if not any(name != SKIP for name in names):
        raise _error("names no field", f"use {', '.join(f'{{{name}}}' for name in FIELDS)}")
    expression = ""
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        expression += re.escape(part.before)
        if part.name is not None:
            expression += _field(part, following)
    moment_form = next((part.form for part in parts if part.name == "started_at"), "")
    return NamePattern(re.compile(expression, re.DOTALL | re.ASCII), moment_form)


def _parts(pattern: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Text and fields in turn; braces that stand for themselves join the text that follows them."""
    text = ""
    for before, name, form, conversion in Formatter().parse(pattern):
        text += before
        if name is None:
            continue
        if conversion:
            raise ValueError(f"`!{conversion}` means nothing here")
        yield text, name, form
        text = ""
    if text:
        yield text, None, None


def _check_name(name: str, names: list[str]) -> None:
    if name == "caller_number":
        do = "give it with --calls or in a .meta.json file; what stands in a file's name is kept as it is"
        raise _error("a caller's number is not read from names", do)
    if name not in FIELDS:
        raise _error(f"unknown field `{name}`", f"use {', '.join(FIELDS)}")
    if name != SKIP and names.count(name) > 1:
        raise _error(f"`{name}` stands twice", f"write {{{SKIP}}} for what is to be left out")


def _field(part: _Part, following: _Part | None) -> str:
    assert part.name is not None
    if part.name == "started_at":
        return f"(?P<started_at>{_moment(part.form)})"
    if part.form:
        raise _error(f"`:{part.form}` behind `{part.name}` means nothing", "only started_at has a form")
    if part.name not in _TEXTS:
        return f"(?P<{part.name}>{_FORMS[part.name]})"
    if following is None:
        inner = ".*"
    elif following.before:
        inner = f"(?:(?!{re.escape(following.before)}).)*"
    else:
        raise _error(f"`{part.name}` and `{following.name}` touch", "write the text that stands between them")
    return inner if part.name == SKIP else f"(?P<{part.name}>{inner})"


def _moment(form: str) -> str:
    """An expression for what `strptime` reads by a form."""
    expression, codes = "", []
    for text, code in re.findall(r"([^%]*)(?:%(.?))?", form):
        expression += re.escape(text)
        if code:
            codes.append(code)
            if code not in _DIGITS:
                raise _error(f"`%{code}` is not known", f"use {', '.join(f'%{each}' for each in _DIGITS)}")
            expression += rf"\d{{{_DIGITS[code]}}}"
    day = {"m", "d"} <= {*codes} or "j" in codes
    if not day or not {"Y", "y"} & {*codes} or len({*codes}) < len(codes):
        raise _error("`started_at` needs a form with a year, month and day", "write it like {started_at:%Y%m%d-%H%M%S}")
    return expression


def _error(what: str, do: str) -> BelscoreError:
    return BelscoreError(what, where=_WHERE, do=do)
