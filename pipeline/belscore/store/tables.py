"""The tables of the store: of calls (`call_tables`) and of those who work with them (`work_tables`).

Moments are wall-clock times where the practice is, without a zone: what a telephone exchange writes and people read.
What was said in a call stands in `transcripts.body` and `scorecards.body`, in `ledger`, `comments` and the reasons of
`reviews`, and nowhere else; with a key these are encrypted (`sealed_columns`). Only texts that the program itself
chooses have a greatest length: PostgreSQL refuses what is longer. A change here needs a migration
(`migrations/versions`); a test compares the two.
"""

from __future__ import annotations

from belscore.store.call_tables import (
    calls,
    erased_calls,
    findings,
    kept_calls,
    ledger,
    missed_calls,
    questions,
    recordings,
    rule_sets,
    scorecards,
    situations,
    transcripts,
)
from belscore.store.schema import metadata
from belscore.store.work_tables import (
    audit,
    comments,
    facts,
    jobs,
    reviews,
    sample_calls,
    samples,
    sessions,
    talks,
    uploads,
    users,
)

__all__ = (
    "audit",
    "calls",
    "comments",
    "erased_calls",
    "facts",
    "findings",
    "jobs",
    "kept_calls",
    "ledger",
    "metadata",
    "missed_calls",
    "questions",
    "recordings",
    "reviews",
    "rule_sets",
    "sample_calls",
    "samples",
    "scorecards",
    "sessions",
    "situations",
    "talks",
    "transcripts",
    "uploads",
    "users",
)
