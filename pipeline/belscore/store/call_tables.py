"""The tables of calls: what was said and judged, where their sound lies, and how long they are kept. See `tables`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from belscore.store.schema import SHA256, metadata, of_call
from belscore.store.sealed_columns import SealedBinary, SealedText

# Versions of the rules, as calls were judged by them. `rules` is JSON: [{"id", "section", "title", "weight", "off"}] in
# rulebook order, `sections` [{"id", "title"}]; `digest` is the scorecards' rules_digest, made with the profile.
rule_sets = Table(
    "rule_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", SHA256, nullable=False, unique=True),
    Column("belscore", String, nullable=False),
    Column("rules", Text, nullable=False),
    Column("sections", Text, nullable=False),
    Column("first_used_at", DateTime, nullable=False),
)

# A recorded call, once by its content. `sha256` is of the file's bytes; `caller_hash` a keyed hash of the caller's
# number (`caller_keys`), never the number; `topic` a JSON list of keyed hashes of the words that say what it is about.
# `queue_s` is time in a queue before it was picked up; `after_s` the time worked on it after hanging up. `practice` is
# no call of the practice but one that a trainee made to learn from: reports and samples leave it out.
calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", SHA256, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("agent", String, index=True),
    Column("department", String, index=True),
    Column("started_at", DateTime, index=True),
    Column("direction", String(10), nullable=False),
    Column("ring_s", Float),
    Column("queue_s", Float),
    Column("after_s", Float),
    Column("duration_s", Float, nullable=False),
    Column("hold_s", Float),
    Column("channels", String(10), nullable=False),
    Column("role_confidence", Float, nullable=False),
    Column("ended_by", String(10)),
    Column("caller_hash", SHA256, index=True),
    Column("topic", Text, nullable=False, default="[]"),
    Column("practice", Boolean, nullable=False, default=False),
    Column("added_at", DateTime, nullable=False),
    # In the orders of a list: its pages are read as they stand.
    Index("ix_calls_practice_started_at", "practice", "started_at"),
    Index("ix_calls_practice_duration_s", "practice", "duration_s"),
    # An id never comes to mean another call: the audit log outlives what it tells of. PostgreSQL does so by itself.
    sqlite_autoincrement=True,
)

# Call JSON `belscore.call/1`, packed (`blobs`). Gone when its time is up; the rest of the call stays.
transcripts = Table(
    "transcripts",
    metadata,
    of_call(primary_key=True),
    Column("body", SealedBinary("transcripts.body"), nullable=False),
    Column("model", String, nullable=False),
    Column("made_at", DateTime, nullable=False, index=True),
)

# Every judging of a call; `current` is the one that counts. `verdicts` has a letter for each rule of the set, in its
# order: p(ass), f(ail), u(nsure), n(ot applicable). `body` is scorecard JSON, packed, of the current one only.
scorecards = Table(
    "scorecards",
    metadata,
    Column("id", Integer, primary_key=True),
    of_call(),
    Column("rule_set_id", Integer, ForeignKey("rule_sets.id"), nullable=False),
    Column("current", Boolean, nullable=False),
    Column("score", Float),
    Column("coverage", Float, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("in_hours", Boolean),
    Column("verdicts", String, nullable=False),
    Column("trees_digest", SHA256),
    Column("body", SealedBinary("scorecards.body")),
    Column("made_at", DateTime, nullable=False),
    Index("ix_scorecards_call_id_current", "call_id", "current"),
    Index("ix_scorecards_current_outcome", "current", "outcome"),
    # With the call: sorting a list by score then reads no row, and with it no body.
    Index("ix_scorecards_current_score_call_id", "current", "score", "call_id"),
)

# Situations, findings, ledger and questions are those of the current scorecard.
situations = Table(
    "situations",
    metadata,
    of_call(primary_key=True),
    Column("situation", String, primary_key=True),
    Index("ix_situations_situation", "situation"),
)

findings = Table(
    "findings",
    metadata,
    of_call(primary_key=True),
    Column("rule_id", String, primary_key=True),
    Column("verdict", String(14), nullable=False),
    Column("weight", Integer, nullable=False),
    Index("ix_findings_rule_id_verdict_call_id", "rule_id", "verdict", "call_id"),
    CheckConstraint("verdict in ('pass', 'fail', 'unsure', 'not_applicable')", name="verdict"),
)

# Promises and appointments. What people noted of one (`settled_*`) outlives a new judging of the call.
ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    of_call(),
    Column("kind", String(20), nullable=False),
    Column("who", String(20), nullable=False),
    Column("whom", SealedText("ledger.whom")),
    Column("means", String(20)),
    Column("what", SealedText("ledger.what"), nullable=False),
    Column("about", SealedText("ledger.about"), nullable=False, default=""),
    Column("due", SealedText("ledger.due")),
    Column("due_at", DateTime, index=True),
    Column("start_s", Float, nullable=False),
    Column("number_given", Boolean),
    Column("doubtful", Boolean, nullable=False, default=False),
    Column("settled_at", DateTime),
    Column("settled_by", String),
    Column("settled_how", String(20)),
    Index("ix_ledger_call_id", "call_id"),
    sqlite_autoincrement=True,
)

# What question trees of the profile asked of the call.
questions = Table(
    "questions",
    metadata,
    of_call(primary_key=True),
    Column("tree", String, primary_key=True),
    Column("item", String, primary_key=True),
    Column("tree_title", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("verdict", String(14), nullable=False),
)

# Calls that the exchange counted and nobody picked up: there is no recording, only the row of the metadata.
missed_calls = Table(
    "missed_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", SHA256, nullable=False, unique=True),
    Column("started_at", DateTime, index=True),
    Column("department", String),
    Column("ring_s", Float),
    Column("queue_s", Float),
    Column("caller_hash", SHA256, index=True),
    Column("added_at", DateTime, nullable=False),
)

# The sound of calls as the pages play it: WAV, sealed (`encryption`), in the folder of recordings under `name`.
# `is_copy` when it was made of a file that lies elsewhere and can be made again.
recordings = Table(
    "recordings",
    metadata,
    of_call(primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("is_copy", Boolean, nullable=False),
    Column("made_at", DateTime, nullable=False, index=True),
)

# Calls that are kept longer than their time, for a complaint or a claim: `reason` is for who asks why.
kept_calls = Table(
    "kept_calls",
    metadata,
    of_call(primary_key=True),
    Column("until", Date, nullable=False),
    Column("reason", SealedText("kept_calls.reason"), nullable=False),
    Column("kept_by", String, nullable=False),
    Column("made_at", DateTime, nullable=False),
)

# The content of calls that were taken out: a recording that still lies in a folder is not scored into the store again.
erased_calls = Table(
    "erased_calls",
    metadata,
    Column("sha256", SHA256, primary_key=True),
    Column("erased_at", DateTime, nullable=False),
)
