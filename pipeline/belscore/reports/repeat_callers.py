"""Report: callers and questions that come back, for each desk and week; nobody's identity is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from belscore.report.wording import wording
from belscore.reports import words
from belscore.reports.early_warning import FALSE_RATE, MIN_EARLIER_WEEKS, with_warnings
from belscore.reports.estimates import wilson
from belscore.reports.grouping import Ask, note_on_moments
from belscore.reports.groups import shown
from belscore.reports.model import Column, Part, Report
from belscore.reports.repeats import find_repeats
from belscore.store.report_data import ReportData

_TEXTS = "repeat-callers"
_EXAMPLES = 3
_NAMED_SITUATIONS = 2


def repeat_callers(data: ReportData, ask: Ask) -> Report:
    """Callers that called again by department and week, and what stands out against earlier weeks."""
    say = words.texts()[_TEXTS]
    incoming = _incoming(data, ask)
    counts = _callers(incoming)
    rows = with_warnings(counts, ask.min_calls, ["department"])
    for end, values in zip(("", "_low", "_high"), _share(rows), strict=True):
        rows[f"share{end}"] = values
    seen = np.zeros(len(rows), dtype=bool)
    for places in rows.groupby("week").indices.values():
        seen[places] = shown(rows["number"].to_numpy()[places], ask.min_calls)
    hidden = int((~seen & (rows["number"] > 0)).sum())
    notes = [words.note("hidden", number=hidden, minimum=ask.min_calls)] if hidden else []
    notes += [*_left_out(data, ask), *note_on_moments(data.calls)]
    rows = rows[seen].sort_values(["week", "department"]).reset_index(drop=True)
    rows["week"] = [words.week(each.date()) for each in rows["week"]]
    rows = rows.rename(columns={"number": "callers", "hits": "again"})
    warned = rows[rows["warns"]].reset_index(drop=True)
    columns = _columns(say)
    warning = [*columns, Column("before", say["before"], "percent"), Column("chance", say["chance"], "chance")]
    parts = [
        Part(say["warnings"], warning, warned, _none_found(counts) if not len(warned) else []),
        _topics(data, ask, incoming),
        Part(say["table"], columns, rows, notes),
    ]
    explanation = [line.format(days=ask.days, rate=f"{100 * FALSE_RATE:.0f}") for line in say["explanation"]]
    return Report("repeat-callers", say["title"], explanation, parts)


def _none_found(counts: pd.DataFrame) -> list[str]:
    """What no warning means: nothing found, or nothing to compare with."""
    say, weeks = words.texts()[_TEXTS], counts["week"].nunique()
    return [say["no_warning"] if weeks > MIN_EARLIER_WEEKS else words.note("few_weeks", table=_TEXTS, number=weeks)]


def _columns(say: dict[str, Any]) -> list[Column]:
    return [
        Column("department", say["department"]),
        Column("week", say["week"]),
        Column("callers", say["callers"], "count"),
        Column("again", say["again"], "count"),
        Column("share", say["share"], "percent", interval=True),
    ]


def _incoming(data: ReportData, ask: Ask) -> pd.DataFrame:
    """Incoming calls of known callers, with `again`, in weeks before which enough days were seen."""
    contacts = data.contacts(ask.days)
    repeats = find_repeats(contacts, ask.days)
    own = contacts[contacts["id"].isin(data.calls["id"]) & (contacts["direction"] == "inbound")]
    unknown = str(words.texts()["unknown"])
    own = own.assign(again=own["id"].isin(repeats.again), department=own["department"].fillna(unknown))
    return own[own["week"] >= _first_seen(data, ask)]


def _first_seen(data: ReportData, ask: Ask) -> pd.Timestamp:
    """From this moment on a call's earlier ones are in the store."""
    return (data.seen[0].normalize() if data.seen else pd.Timestamp.min) + pd.Timedelta(days=ask.days)


def _callers(incoming: pd.DataFrame) -> pd.DataFrame:
    """Callers (`number`) and those that called again (`hits`) by department and week, weeks without any too."""
    once = incoming.groupby(["department", "week", "caller_hash"], as_index=False)["again"].any()
    of_week: Any = once.groupby(["department", "week"])["again"]
    return pd.DataFrame({"number": of_week.size(), "hits": of_week.sum()}).reset_index()


def _share(rows: pd.DataFrame) -> tuple[Any, Any, Any]:
    number = rows["number"].to_numpy(dtype=float)
    return (rows["hits"] / np.where(number > 0, number, np.nan), *wilson(rows["hits"], number))


def _left_out(data: ReportData, ask: Ask) -> list[str]:
    calls = data.calls
    inbound = calls[calls["direction"] == "inbound"]
    weeks = inbound["week"].dropna()
    early = weeks[weeks < _first_seen(data, ask)].nunique()
    unknown = int(inbound["caller_hash"].isna().sum())
    notes = [words.note("first_weeks", table=_TEXTS, days=ask.days, number=early)] if early else []
    return [*notes, words.note("unknown", table=_TEXTS, number=unknown, total=len(inbound))] if unknown else notes


def _topics(data: ReportData, ask: Ask, incoming: pd.DataFrame) -> Part:
    """Topics that a desk hears more often in a week than before, with some of the calls."""
    say = words.texts()[_TEXTS]
    rows = with_warnings(_topic_counts(incoming), ask.min_calls, ["department", "topic"])
    rows = rows[rows["warns"] & (rows["hits"] >= ask.min_calls)].sort_values(["week", "department", "chance"])
    rows = rows.reset_index(drop=True)
    for end, values in zip(("", "_low", "_high"), _share(rows), strict=True):
        rows[f"share{end}"] = values
    heard = [_heard(incoming, row) for row in rows.to_dict("records")]
    rows["listen"] = [", ".join(str(each) for each in ids[:_EXAMPLES]) for ids in heard]
    rows["topic"] = [
        say["topic_name"].format(number=place + 1, what=_mostly(data, ids)) for place, ids in enumerate(heard)
    ]
    rows["week"] = [words.week(each.date()) for each in rows["week"]]
    columns = [
        Column("department", say["department"]),
        Column("week", say["week"]),
        Column("topic", say["topic"]),
        Column("number", say["calls"], "count"),
        Column("share", say["share"], "percent", interval=True),
        Column("before", say["before"], "percent"),
        Column("chance", say["chance"], "chance"),
        Column("listen", say["listen"]),
    ]
    return Part(say["topics"], columns, rows, [say["topic_note"]] if len(rows) else [say["no_topic"]])


def _topic_counts(incoming: pd.DataFrame) -> pd.DataFrame:
    """Calls (`number`) and those with a topic word (`hits`), for every word of a desk in every week of it."""
    number = incoming.groupby(["department", "week"]).size().rename("number").reset_index()
    told = incoming[["department", "week", "topic"]].assign(topic=incoming["topic"].map(list)).explode("topic").dropna()
    hits = told.groupby(["department", "topic", "week"]).size().rename("hits").reset_index()
    words_of = hits[["department", "topic"]].drop_duplicates()
    every = number.merge(words_of, on="department").merge(hits, on=["department", "topic", "week"], how="left")
    return every.fillna({"hits": 0}).astype({"hits": int})


def _heard(incoming: pd.DataFrame, row: dict[Any, Any]) -> list[int]:
    own = incoming[(incoming["department"] == row["department"]) & (incoming["week"] == row["week"])]
    return [int(each) for each in own.loc[[row["topic"] in topic for topic in own["topic"]], "id"]]


def _mostly(data: ReportData, ids: Sequence[int]) -> str:
    found = data.situations.loc[data.situations["call_id"].isin(ids), "situation"].value_counts()
    named = [wording(words.language()).situation(str(each)) for each in found.index[:_NAMED_SITUATIONS]]
    return ", ".join(named) or str(words.texts()[_TEXTS]["plain"])
