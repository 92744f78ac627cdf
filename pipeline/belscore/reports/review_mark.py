"""Whether people listened to what a figure about a person rests on; until then the report calls it provisional.

A figure about verdicts counts once people reviewed enough of them. Outcomes, times and question trees cannot be
reviewed one by one: by person they stay provisional, whoever listened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from belscore.coaching import MIN_REVIEWED
from belscore.reports import words
from belscore.reports.grouping import Ask, group_calls
from belscore.reports.model import Column, Part, Report
from belscore.store.report_data import ReportData

# Reports that show nothing but verdicts, which people can review.
_OF_VERDICTS = ("scores", "rules")


def mark_people(report: Report, data: ReportData, ask: Ask) -> Report:
    """The report, with the state of review of every figure about a person; as it is where it is about none."""
    say, of_one = words.texts()["review"], data.filters.agent is not None
    if ask.by != "agent" and not of_one:
        return report
    parts = report.parts
    if ask.by == "agent":
        counts = {"scores": _calls_of, "rules": _verdicts_of}.get(report.name)
        parts = [_marked(part, data, counts) for part in parts]
    else:
        note = _note_on_one(report.name, data)
        parts = [replace(part, notes=[note, *part.notes]) for part in parts]
    told = [say["people"].format(minimum=MIN_REVIEWED)]
    told += [] if report.name in _OF_VERDICTS else [say["not_reviewable"]]
    return replace(report, parts=parts, explanation=[*report.explanation, *told])


def listened_calls(data: ReportData) -> NDArray[np.bool_]:
    """Which calls people listened to: all their passes and fails were reviewed, and at least one verdict was."""
    judged = np.isin(data.verdicts.letters, [b"p", b"f"])
    complete: NDArray[np.bool_] = np.logical_and(np.all(~judged | data.reviewed, axis=1), np.any(data.reviewed, axis=1))
    return complete


def _note_on_one(name: str, data: ReportData) -> str:
    number = int(listened_calls(data).sum())
    state = _standing(number if name in _OF_VERDICTS else 0)
    return str(words.texts()["review"]["one"]).format(calls=len(data.calls), reviewed=number, standing=state)


def _marked(part: Part, data: ReportData, counts: Callable[[pd.DataFrame, ReportData], list[int]] | None) -> Part:
    """The part with columns for how much of each row people reviewed; without counts, all is provisional."""
    say, rows = words.texts()["review"], part.rows.copy()
    columns = [*part.columns]
    if counts is not None:
        rows["reviewed"] = counts(rows, data)
        columns.append(Column("reviewed", say["reviewed"], "count"))
    numbers = rows["reviewed"] if counts is not None else [0] * len(rows)
    rows["standing"] = [_standing(number) for number in numbers]
    # Beside the name: in the terminal the last columns are left out first.
    columns.insert(1 + [each.key for each in columns].index("group"), Column("standing", say["standing"]))
    return replace(part, rows=rows, columns=columns)


def _standing(number: int) -> str:
    say = words.texts()["review"]
    return str(say["counts"] if number >= MIN_REVIEWED else say["provisional"])


def _calls_of(rows: pd.DataFrame, data: ReportData) -> list[int]:
    groups = group_calls(data, "agent")
    found = dict(zip(groups.labels, groups.count_rows(listened_calls(data)).tolist(), strict=True))
    return [found[group] for group in rows["group"]]


def _verdicts_of(rows: pd.DataFrame, data: ReportData) -> list[int]:
    groups = group_calls(data, "agent")
    place = {label: number for number, label in enumerate(groups.labels)}
    judged = data.reviewed & np.isin(data.verdicts.letters, [b"p", b"f"])
    counts = {rule.id: groups.count_rows(judged[:, column]) for column, rule in enumerate(data.verdicts.rules)}
    return [int(counts[rule_id][place[group]]) for rule_id, group in zip(rows["rule_id"], rows["group"], strict=True)]
