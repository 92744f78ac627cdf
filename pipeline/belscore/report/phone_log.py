"""The phone log as CSV: a row for each call, and one for each promise and appointment in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from belscore.report.csv import guard
from belscore.scorecard import LedgerEntry, Scorecard, clock

# source, started_at   the recording and its start, ISO 8601    who, whom        roles, or a third party as named
# caller_name, question  as the caller said them                 due, due_at      the term as said; by when, ISO 8601
# kind                 call, promise, appointment                number_given     true, false, empty when unknown
# outcome              of the whole call                         at, quote        m:ss in the recording, and the words
COLUMNS = (
    "source", "started_at", "agent", "department", "caller_name", "question", "outcome", "kind", "who", "whom", "means",
    "about", "due", "due_at", "number_given", "doubtful", "at", "quote",
)  # fmt: skip


def format_phone_log(cards: Sequence[Scorecard]) -> str:
    """The rows of all calls under one header, `,` between cells, empty where unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for card in cards:
        writer.writerows(phone_log_rows(card))
    return text.getvalue()


def phone_log_rows(card: Scorecard) -> list[list[str]]:
    """The row of the call, and those of what was promised and booked in it; cells as in COLUMNS, none a formula."""
    return [[guard(cell) for cell in row] for row in _rows(card)]


def _rows(card: Scorecard) -> Iterable[list[str]]:
    call, log = card.call, card.log
    started_at = call.started_at.isoformat() if call.started_at else ""
    head = [
        call.source, started_at, call.agent or "", call.department or "", log.caller_name or "", log.question or "",
        card.outcome,
    ]  # fmt: skip
    yield [*head, "call", "", "", "", "", "", "", _flag(log.number_given), "", "", ""]
    for entry in card.ledger:
        yield [*head, *_of(entry)]


def _of(entry: LedgerEntry) -> list[str]:
    due_at = entry.due_at.isoformat() if entry.due_at else ""
    return [
        entry.kind, entry.who, entry.whom or "", entry.means or "", entry.about, entry.due or "", due_at,
        _flag(entry.number_given), _flag(entry.doubtful), clock(entry.start_s), entry.what,
    ]  # fmt: skip


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()
