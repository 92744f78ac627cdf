"""What the commands of whoever looks after a store say, in Dutch: `texts/beheer.toml`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from belscore.packaged import packaged_toml

if TYPE_CHECKING:
    from rich.console import RenderableType

    from belscore.doctor import Found
    from belscore.store.audit import Row
    from belscore.store.purging import Purged

_AUDIT_COLUMNS = ("at", "actor", "action", "subject", "detail")


def texts(table: str) -> Mapping[str, str]:
    """A table of `texts/beheer.toml`."""
    found: Mapping[str, str] = packaged_toml(__package__, "texts", "beheer.toml")[table]
    return found


def say(table: str, key: str, **values: object) -> str:
    """A text with its values."""
    return texts(table)[key].format(**values)


def count_text(count: int, table: str, key: str) -> str:
    """A number of things: `key_one` for one, `key` for others.

    >>> count_text(1, "things", "calls"), count_text(12000, "things", "calls")
    ('1 gesprek', '12.000 gesprekken')
    """
    return say(table, f"{key}_one") if count == 1 else say(table, key, count=f"{count:,}".replace(",", "."))


def format_purged(purged: Purged, *, dry_run: bool = False) -> str:
    """What was removed, or would be, as one line."""
    parts = [count_text(count, "purge", name) for name, count in zip(purged._fields, purged, strict=True) if count]
    if not parts:
        return say("purge", "nothing")
    return say("purge", "would" if dry_run else "done", what=", ".join(parts))


def audit_view(found: Sequence[Row]) -> RenderableType:
    """Entries of the audit log, for the terminal."""
    from rich.table import Table
    from rich.text import Text

    if not found:
        return Text(say("audit", "none"))
    table = Table(box=None, pad_edge=False)
    for name in _AUDIT_COLUMNS:
        table.add_column(say("audit", name), no_wrap=name in ("at", "actor"))
    for row in found:
        cells = (f"{row.at:%d-%m-%Y %H:%M:%S}", row.actor, row.action, row.subject, _detail(row.detail))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def format_audit_csv(found: Sequence[Row]) -> str:
    """Entries as CSV, with English names of columns."""
    from belscore.report.csv import guard

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", *_AUDIT_COLUMNS))
    writer.writerows([guard(str(cell)) for cell in (row.id, row.at.isoformat(), *row[2:])] for row in found)
    return text.getvalue()


def _detail(text: str) -> str:
    return ", ".join(f"{key}: {value}" for key, value in json.loads(text).items())


def doctor_line(found: Found) -> tuple[str, str, str, str]:
    """State, name of the check, what was found, and what to do, in Dutch; "" when there is nothing to do."""
    values = dict(found.values)
    if "extra" in values:
        values["extra"] = texts("doctor_extra")[str(values["extra"])]
    name = f"{found.check}_{found.key}"
    what = str(values["error"]) if found.key == "error" else say("doctor_what", name, **values)
    do = texts("doctor_do").get(name, "").format(**values) if found.state != "ok" else ""
    return texts("doctor")[found.state], texts("doctor_check")[found.check], what, do


def format_doctor(found: Sequence[Found]) -> str:
    """A line a finding, with what to do below it, and what it comes to."""
    lines = []
    for state, check, what, do in map(doctor_line, found):
        lines.append(f"{state:<7} {check}: {what}")
        lines += [f"{'':<7} {say('doctor', 'do', do=do)}"] if do else []
    wrong = sum(each.state == "wrong" for each in found)
    return "\n".join([*lines, count_text(wrong, "doctor", "not_well") if wrong else say("doctor", "well")]) + "\n"
