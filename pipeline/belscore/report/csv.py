"""Findings as CSV: one row a rule of a call, for spreadsheets and statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from belscore.scorecard import Finding, Scorecard

# source        file the call came from          role, start_s, end_s, quote   the first evidence
# started_at    ISO 8601                         measured, unit, limit         what a measuring rule found
# score         of the whole call, 0..100        reason                        why a rule was not judged
# verdict       pass, fail, unsure, not_applicable
COLUMNS = (
    "source", "agent", "department", "started_at", "score", "rule_id", "section", "title", "verdict", "weight",
    "role", "start_s", "end_s", "quote", "measured", "unit", "limit", "reason", "feedback",
)  # fmt: skip

# A cell that starts with one of these is run as a formula by spreadsheets (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def format_csv(cards: Sequence[Scorecard]) -> str:
    """All findings of all cards under one header, `,` between cells, `.` in numbers, empty where unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for card in cards:
        writer.writerows(_rows(card))
    return text.getvalue()


def _rows(card: Scorecard) -> Iterable[list[object]]:
    for finding in card.findings:
        yield [guard(value) if isinstance(value, str) else value for value in _values(card, finding)]


def _values(card: Scorecard, finding: Finding) -> Sequence[object]:
    call = card.call
    first = finding.evidence[0] if finding.evidence else None
    evidence = (first.role, first.start_s, first.end_s, first.quote) if first else (None, None, None, None)
    value = finding.measured
    measured = (value.value, value.unit, value.limit) if value else (None, None, None)
    started_at = call.started_at.isoformat() if call.started_at else None
    return (
        call.source, call.agent, call.department, started_at, card.score, finding.rule_id, finding.section,
        finding.title, finding.verdict, finding.weight, *evidence, *measured, finding.reason, finding.feedback,
    )  # fmt: skip


def guard(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe in front where it could.

    >>> guard("=1+1"), guard(" @cmd"), guard("Dag mevrouw")
    ("'=1+1", "' @cmd", 'Dag mevrouw')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS) else text
