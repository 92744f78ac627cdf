"""The tables of those who work with calls: batches, samples, reviews, people and what they did. See `tables`."""

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
from belscore.store.sealed_columns import SealedText

# The files of batches. `state`: waiting, running, done, duplicate (the same content as another file), failed. `owner`
# is the run that has it, `lease_until` (UTC) when others may take it from there. `facts` is JSON, of the metadata.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("changed_ns", Text, nullable=False),
    Column("sha256", SHA256, index=True),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("owner", String),
    Column("lease_until", DateTime),
    Column("call_id", Integer, ForeignKey("calls.id", ondelete="SET NULL")),
    Column("facts", Text, nullable=False, default="{}"),
    Column("settings_digest", SHA256),
    Column("added_at", DateTime, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Index("ix_jobs_state_id", "state", "id"),
    CheckConstraint("state in ('waiting', 'running', 'done', 'duplicate', 'failed')", name="state"),
)

# Calls drawn for people to listen to. `how` is JSON: method, strata, filters, as drawn by `seed`.
samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("seed", Integer, nullable=False),
    Column("how", Text, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", DateTime, nullable=False),
)

sample_calls = Table(
    "sample_calls",
    metadata,
    Column("sample_id", Integer, ForeignKey("samples.id", ondelete="CASCADE"), primary_key=True),
    of_call(primary_key=True),
    Column("place", Integer, nullable=False),
    Column("stratum", String, nullable=False, default=""),
    Index("ix_sample_calls_call_id", "call_id"),
)

# What a coach says of a finding after listening; the latest of a coach on a rule of a call counts. `machine` is what
# the program had said, by the rules of `rules_digest`; `verdict` equal to it agrees.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    of_call(),
    Column("rule_id", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("verdict", String(14), nullable=False),
    Column("machine", String(14), nullable=False),
    Column("reason", SealedText("reviews.reason"), nullable=False, default=""),
    Column("rules_digest", SHA256, nullable=False),
    Column("sample_id", Integer, ForeignKey("samples.id", ondelete="SET NULL")),
    Column("made_at", DateTime, nullable=False),
    Index("ix_reviews_call_id_rule_id", "call_id", "rule_id"),
    Index("ix_reviews_rule_id", "rule_id"),
    CheckConstraint("verdict in ('pass', 'fail', 'unsure', 'not_applicable')", name="verdict"),
)

# What an agent or coach writes beside a call or one finding of it; a dispute stays open until somebody answers it.
comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    of_call(),
    Column("rule_id", String),
    Column("author", String, nullable=False),
    Column("author_is", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("text", SealedText("comments.text"), nullable=False),
    Column("answers_id", Integer, ForeignKey("comments.id", ondelete="CASCADE")),
    Column("made_at", DateTime, nullable=False),
    Index("ix_comments_call_id", "call_id"),
    CheckConstraint("author_is in ('agent', 'coach')", name="author_is"),
    CheckConstraint("kind in ('comment', 'dispute', 'answer')", name="kind"),
)

# Coaching talks: from `held_on` on, change is counted. `rules` is a JSON list of the ids of rules to practise.
talks = Table(
    "talks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agent", String, nullable=False, index=True),
    Column("coach", String, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("rules", Text, nullable=False),
    Column("note", SealedText("talks.note"), nullable=False, default=""),
    Column("made_at", DateTime, nullable=False),
)

# Who may see the pages. `name` is what they log in with, in lower case; `agent` the name that their calls carry.
# `password_hash` is Argon2id with its salt; None for who logs in elsewhere (`subject`, as "issuer subject").
# `must_change` when somebody else chose the password.
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("agent", String, nullable=False),
    Column("role", String(10), nullable=False),
    Column("password_hash", String),
    Column("must_change", Boolean, nullable=False, default=False),
    Column("subject", String, unique=True),
    Column("is_active", Boolean, nullable=False, default=True),
    Column("made_at", DateTime, nullable=False),
    CheckConstraint("role in ('trainee', 'coach', 'admin')", name="role"),
    sqlite_autoincrement=True,
)

# Who is logged in: `digest` is the SHA-256 of what stands in the cookie. Moments are UTC.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", SHA256, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Index("ix_sessions_user_id", "user_id"),
)

# Recordings handed in by the pages. `token` names one in addresses and its file in the folder of recordings; `title` is
# what its owner called it, for display alone. `kind`: upload, microphone, roleplay, or call (of the practice, by a
# coach). `state`: receiving, waiting, running, done, failed, cancelled; `stage` and `share` (0..1) how far it is.
# `lease_until` is UTC. `options` is JSON: {"agent_channel", "scenario", ...}.
uploads = Table(
    "uploads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", String(40), nullable=False, unique=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("options", Text, nullable=False, default="{}"),
    Column("state", String(10), nullable=False),
    Column("stage", String(12)),
    Column("share", Float),
    Column("error", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("owner", String),
    Column("lease_until", DateTime),
    Column("call_id", Integer, ForeignKey("calls.id", ondelete="SET NULL"), index=True),
    Column("made_at", DateTime, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Index("ix_uploads_user_id_id", "user_id", "id"),
    Index("ix_uploads_state_id", "state", "id"),
    CheckConstraint("kind in ('upload', 'microphone', 'roleplay', 'call')", name="kind"),
    CheckConstraint("state in ('receiving', 'waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
    sqlite_autoincrement=True,
)

# Who did what, each row sealed by a hash over itself and the row before. `detail` is JSON, of nothing said in a call.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", SHA256, nullable=False),
    Column("digest", SHA256, nullable=False, unique=True),
)

# One row each: `hash_key_check` (tells whether the key of the caller hashes is still the same one), `encryption_key`
# (id of the key that the store is encrypted with), `retention` (JSON, days), `purged_at` (the last purge).
facts = Table(
    "facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)
