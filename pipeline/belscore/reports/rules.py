"""Report: how often each rule went well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from belscore.reports import words
from belscore.reports.estimates import wilson
from belscore.reports.grouping import Ask, Groups, group_calls, notes_on_verdicts
from belscore.reports.groups import shown
from belscore.reports.model import Chart, Column, Part, Report
from belscore.store.effective import CountedRule
from belscore.store.report_data import ReportData

_COUNTS = {"passed": b"p", "failed": b"f", "unsure": b"u", "idle": b"n"}


def rules(data: ReportData, ask: Ask) -> Report:
    """Verdicts of each rule, over all calls or for each group."""
    say = words.texts()["rules"]
    title = say["title_by"].format(by=ask.by_name) if ask.by else say["title"]
    rows = rule_table(data, ask.by)
    seen, hidden = _seen(rows, ask)
    kept = rows[seen | ~rows["trusted"]].reset_index(drop=True)
    for key in (*_COUNTS, "judged", "share", "share_low", "share_high"):
        kept[key] = kept[key].where(kept["trusted"])
    kept["status"] = np.where(kept["trusted"], words.texts()["trusted"], words.texts()["untrusted"])
    notes = [words.note("hidden", table="rules", number=hidden, minimum=ask.min_calls)] if hidden else []
    columns = [
        Column("rule", say["rule"]),
        Column("group", ask.by_name) if ask.by else Column("section", say["section"]),
        Column("share", say["share"], "percent", interval=True),
        Column("judged", say["judged"], "count"),
        Column("passed", say["passed"], "count"),
        Column("failed", say["failed"], "count"),
        Column("unsure", say["unsure"], "count"),
        Column("idle", say["idle"], "count"),
        Column("weight", say["weight"], "count"),
        Column("status", say["status"]),
        Column("rule_id", say["rule_id"]),
    ]
    chart = _chart(ask, say["picture"])
    explanation = [*say["explanation"], words.texts()["interval"]["score"]]
    part = Part(title, columns, kept, [*notes, *notes_on_verdicts(data)], [chart] if chart else [])
    return Report("rules", title, explanation, [part])


def _seen(rows: pd.DataFrame, ask: Ask) -> tuple[NDArray[np.bool_], int]:
    """Rows with enough judged calls, and how many others had any; among the groups of a rule none can be inferred."""
    seen = np.zeros(len(rows), dtype=bool)
    for places in rows.groupby("rule_id", sort=False).indices.values():
        seen[places] = shown(rows["judged"].to_numpy()[places], ask.min_calls)
    return seen, int((~seen & (rows["judged"] > 0) & rows["trusted"]).sum())


def rule_table(data: ReportData, by: str | None) -> pd.DataFrame:
    """Counts and share of each rule in each group, nothing left out: what a report shows is up to it."""
    groups = group_calls(data, by)
    frames = [_of_rule(rule, column, data, groups) for column, rule in enumerate(data.verdicts.rules)]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["rule_id", "trusted", *_COUNTS])
    rows["judged"] = rows["passed"] + rows["failed"]
    rows["share"] = rows["passed"] / rows["judged"].where(rows["judged"] > 0)
    rows["share_low"], rows["share_high"] = wilson(rows["passed"], rows["judged"])
    return rows


def _of_rule(rule: CountedRule, column: int, data: ReportData, groups: Groups) -> pd.DataFrame:
    letters = data.verdicts.letters[groups.row, column]
    counts: dict[str, Any] = {name: groups.count(letters == letter) for name, letter in _COUNTS.items()}
    of_rule = {"rule_id": rule.id, "rule": rule.title, "section": rule.section, "weight": rule.weight}
    return pd.DataFrame({"group": groups.labels, **of_rule, "trusted": rule.trusted, **counts})


def _chart(ask: Ask, title: str) -> Chart | None:
    if ask.by is None:
        return Chart("bars", "rule", "share", title=title)
    return None if ask.by == "agent" else Chart("heat", "group", "share", "rule", title)


def worth_practising(data: ReportData, min_calls: int, limit: int) -> pd.DataFrame:
    """The rules that cost most points together, with `lost`, their part of all points lost."""
    rows = rule_table(data, None)
    rows = rows[rows["trusted"]]
    lost = rows["failed"] * rows["weight"]
    rows = rows.assign(lost=lost / max(1, lost.sum()))[(rows["judged"] >= min_calls) & (lost > 0)]
    return rows.sort_values("lost", ascending=False, kind="stable").head(limit).reset_index(drop=True)


def going_well(data: ReportData, min_calls: int, limit: int) -> pd.DataFrame:
    """The rules that go well most surely: by the lower bound of their share."""
    rows = rule_table(data, None)
    rows = rows[rows["trusted"] & (rows["judged"] >= min_calls)]
    return rows.sort_values("share_low", ascending=False, kind="stable").head(limit).reset_index(drop=True)
