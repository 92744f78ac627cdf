"""What the store has of somebody, to read: a Dutch page and a table of calls. The words are in `texts/beheer.toml`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from belscore.report.administration import count_text, say, texts
from belscore.report.csv import guard
from belscore.report.html import render
from belscore.report.wording import wording

# Of each call, in the table and on the page.
_COLUMNS = ("id", "started_at", "department", "direction", "duration_s", "score", "source")
# Parts of `store.persons.all_of` beside the calls, as they are told.
_PARTS = (
    "missed_calls", "talks", "reviews_by_them", "comments_by_them", "promises_settled_by_them", "samples_drawn_by_them",
    "calls_kept_by_them", "drawn_into_samples", "users", "uploads", "audit",
)  # fmt: skip


def format_calls(told: Mapping[str, Any]) -> str:
    """A row a call, as CSV with Dutch names of columns."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(texts("person")[name] for name in _COLUMNS)
    for call in told["calls"]:
        writer.writerow([guard(_cell(name, value)) for name, value in zip(_COLUMNS, _values(call), strict=True)])
    return text.getvalue()


def format_overview(subject: str, told: Mapping[str, Any]) -> str:
    """One page that says what there is, where it stands in the file, how long it is kept and what may be asked.

    subject : whom it is about, for its title
    """
    text = texts("person")
    parts = [(text[name], _table(told[name])) for name in _PARTS if told.get(name)]
    return render(
        "person.html.j2",
        "nl",
        more_style="coaching.css",
        subject=subject,
        text=text,
        made=say("person", "made", when=wording("nl").day(datetime.fromisoformat(told["made_at"]).date())),
        count=count_text(len(told["calls"]), "things", "calls"),
        columns=[text[name] for name in _COLUMNS],
        rows=[
            [_cell(name, value) for name, value in zip(_COLUMNS, _values(call), strict=True)] for call in told["calls"]
        ],
        written=[
            (call["id"], each)
            for call in told["calls"]
            for each in [*_said(call.get("comments", ()), "text"), *_said(call.get("reviews", ()), "reason")]
        ],
        ledger=[(call["id"], each) for call in told["calls"] for each in _said(call.get("ledger", ()), "what")],
        parts=parts,
    )


def _values(call: Mapping[str, Any]) -> list[Any]:
    card = call.get("scorecard") or {}
    return [card.get("score") if name == "score" else call.get(name) for name in _COLUMNS]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "started_at":
        return f"{datetime.fromisoformat(value):%d-%m-%Y %H:%M}"
    if name == "direction":
        return texts("person").get(str(value), str(value))
    return f"{value:.1f}".replace(".", ",") if isinstance(value, float) else str(value)


def _said(rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return [row[name] for row in rows if row[name]]


def _table(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Names of columns and cells, as they lie in the store."""
    names = [name for name in rows[0] if any(row.get(name) not in (None, "") for row in rows)]
    return names, [["" if row.get(name) is None else str(row[name]) for name in names] for row in rows]
