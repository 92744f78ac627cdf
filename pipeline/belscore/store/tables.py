"""The tables of the store.

Moments are wall-clock times where the practice is, without a zone: what a telephone exchange writes and people read.
What was said in a call stands in `transcripts.body` and `scorecards.body`, in `ledger`, `comments` and the reasons of
`reviews`, and nowhere else; with a key these are encrypted (`sealed_columns`). Only texts that the program itself
chooses have a greatest length: PostgreSQL refuses what is longer. A change here needs a migration
(`migrations/versions`); a test compares the two.
"""

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
    MetaData,
    String,
    Table,
    Text,
)

from belscore.store.sealed_columns import SealedBinary, SealedText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SHA256 = String(64)


def _of_call(*, primary_key: bool = False) -> Column[int]:
    reference = ForeignKey("calls.id", ondelete="CASCADE")
    return Column("call_id", Integer, reference, primary_key=primary_key, nullable=False)


# Versions of the rules, as calls were judged by them. `rules` is JSON: [{"id", "section", "title", "weight", "off"}] in
# rulebook order, `sections` [{"id", "title"}]; `digest` is the scorecards' rules_digest, made with the profile.
rule_sets = Table(
    "rule_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", _SHA256, nullable=False, unique=True),
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
    Column("sha256", _SHA256, nullable=False, unique=True),
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
    Column("caller_hash", _SHA256, index=True),
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
    _of_call(primary_key=True),
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
    _of_call(),
    Column("rule_set_id", Integer, ForeignKey("rule_sets.id"), nullable=False),
    Column("current", Boolean, nullable=False),
    Column("score", Float),
    Column("coverage", Float, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("in_hours", Boolean),
    Column("verdicts", String, nullable=False),
    Column("trees_digest", _SHA256),
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
    _of_call(primary_key=True),
    Column("situation", String, primary_key=True),
    Index("ix_situations_situation", "situation"),
)

findings = Table(
    "findings",
    metadata,
    _of_call(primary_key=True),
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
    _of_call(),
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
    _of_call(primary_key=True),
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
    Column("sha256", _SHA256, nullable=False, unique=True),
    Column("started_at", DateTime, index=True),
    Column("department", String),
    Column("ring_s", Float),
    Column("queue_s", Float),
    Column("caller_hash", _SHA256, index=True),
    Column("added_at", DateTime, nullable=False),
)

# The files of batches. `state`: waiting, running, done, duplicate (the same content as another file), failed. `owner`
# is the run that has it, `lease_until` (UTC) when others may take it from there. `facts` is JSON, of the metadata.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("changed_ns", Text, nullable=False),
    Column("sha256", _SHA256, index=True),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("owner", String),
    Column("lease_until", DateTime),
    Column("call_id", Integer, ForeignKey("calls.id", ondelete="SET NULL")),
    Column("facts", Text, nullable=False, default="{}"),
    Column("settings_digest", _SHA256),
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
    _of_call(primary_key=True),
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
    _of_call(),
    Column("rule_id", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("verdict", String(14), nullable=False),
    Column("machine", String(14), nullable=False),
    Column("reason", SealedText("reviews.reason"), nullable=False, default=""),
    Column("rules_digest", _SHA256, nullable=False),
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
    _of_call(),
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
    Column("digest", _SHA256, primary_key=True),
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

# The sound of calls as the pages play it: WAV, sealed (`encryption`), in the folder of recordings under `name`.
# `is_copy` when it was made of a file that lies elsewhere and can be made again.
recordings = Table(
    "recordings",
    metadata,
    _of_call(primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("is_copy", Boolean, nullable=False),
    Column("made_at", DateTime, nullable=False, index=True),
)

# Calls that are kept longer than their time, for a complaint or a claim: `reason` is for who asks why.
kept_calls = Table(
    "kept_calls",
    metadata,
    _of_call(primary_key=True),
    Column("until", Date, nullable=False),
    Column("reason", SealedText("kept_calls.reason"), nullable=False),
    Column("kept_by", String, nullable=False),
    Column("made_at", DateTime, nullable=False),
)

# The content of calls that were taken out: a recording that still lies in a folder is not scored into the store again.
erased_calls = Table(
    "erased_calls",
    metadata,
    Column("sha256", _SHA256, primary_key=True),
    Column("erased_at", DateTime, nullable=False),
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
    Column("previous", _SHA256, nullable=False),
    Column("digest", _SHA256, nullable=False, unique=True),
)

# One row each: `hash_key_check` (tells whether the key of the caller hashes is still the same one), `encryption_key`
# (id of the key that the store is encrypted with), `retention` (JSON, days), `purged_at` (the last purge).
facts = Table(
    "facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)
