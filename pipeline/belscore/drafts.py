"""Rules that are still being written: which keys of a file hold nothing but the request to fill them in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# Stands wherever somebody still has to write something; `belscore rules new` puts it there.
FILL_IN = "VUL IN"
_TABLE = re.compile(r"^\s*(\[+)\s*([^\[\]]+?)\s*\]+\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z_][\w-]*)\s*=")


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key still to be filled in, with its line in the file; `examples.2.call` is that of the second example."""

    key: str
    line: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule file that is not done."""

    path: Path
    open_keys: tuple[OpenKey, ...]


def open_keys(text: str) -> tuple[OpenKey, ...]:
    """The keys of a rule file that are still open, in order; comments do not count.

    >>> open_keys('id = "a-b"\\ntitle = "VUL IN"\\n[source]\\nquote = "VUL IN: de woorden"')
    (OpenKey(key='title', line=2), OpenKey(key='source.quote', line=4))
    """
    found: dict[str, OpenKey] = {}
    table, key = "", ""
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            continue
        if header := _TABLE.match(line):
            table = header[2]
            if header[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = f"{table}.{counts[table]}"
        elif named := _KEY.match(line):
            key = named[1]
        if FILL_IN in line.split(" # ")[0]:
            name = f"{table}.{key}" if table else key
            found.setdefault(name, OpenKey(name, number))
    return tuple(found.values())


def read_draft(path: Path, text: str) -> Draft | None:
    """The draft that a file is; None when everything is filled in."""
    keys = open_keys(text)
    return Draft(path, keys) if keys else None
