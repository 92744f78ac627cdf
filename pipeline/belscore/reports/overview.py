"""Report: the key figures of a period, the trend of the score, what goes well and what to practise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from belscore.reports import words
from belscore.reports.estimates import median, ratio, wilson
from belscore.reports.grouping import Ask, notes_on_verdicts
from belscore.reports.model import Column, Part, Report
from belscore.reports.promises import practice_promises
from belscore.reports.reachability import THREE_RINGS_S, offered_calls
from belscore.reports.repeats import find_repeats
from belscore.reports.resolution import find_resolution
from belscore.reports.rules import going_well, worth_practising
from belscore.reports.scores import score_part
from belscore.store.report_data import ReportData

_RULES = 5


def overview(data: ReportData, ask: Ask) -> Report:
    """One page to begin a talk with."""
    say = words.texts()["overview"]
    figures = pd.DataFrame(_figures(data, ask), columns=["figure", "value", "value_low", "value_high", "format", "of"])
    few = figures["of"] < ask.min_calls
    figures.loc[few, ["value", "value_low", "value_high"]] = np.nan
    columns = [
        Column("figure", say["figure"]),
        Column("value", say["value"], "mixed", interval=True),
        Column("of", say["of"], "count"),
    ]
    notes = [words.note("blank", minimum=ask.min_calls)] if few.any() else []
    trend = score_part(data, replace(ask, by="week"), say["trend"])
    parts = [Part(say["figures"], columns, figures, [*notes, *notes_on_verdicts(data)]), trend, *_rules(data, ask)]
    return Report("overview", say["title"], [*say["explanation"], words.texts()["interval"]["score"]], parts)


_Figure = tuple[str, float, float, float, str, int]


def _figures(data: ReportData, ask: Ask) -> Iterator[_Figure]:
    say, calls = words.texts()["overview"], data.calls
    together = np.zeros(len(calls), dtype=np.int64)
    for name, above, below, factor, form in (
        ("score", "passed", "judged", 100, "points"), ("coverage", "judged", "applicable", 1, "percent")
    ):  # fmt: skip
        found = ratio(calls[above], calls[below], together, 1)
        bounds = [factor * float(found[key][0]) for key in ("share", "low", "high")]
        yield say[name], bounds[0], bounds[1], bounds[2], form, int(found["calls"][0])
    solved = find_resolution(data, ask.days).calls["solved"]
    yield _share(say["resolved"], int(solved.sum()), len(solved))
    offered = offered_calls(data)
    missed = offered["missed"]
    yield _share(say["answered"], int((~missed).sum()), len(offered) if missed.any() else 0)
    rung = offered[~missed & offered["ring_s"].notna()]
    yield _share(say["in_rings"], int((rung["ring_s"] <= THREE_RINGS_S).sum()), len(rung))
    handling_s = (calls["duration_s"] + calls["after_s"]).dropna()
    yield say["handling"], *median(handling_s), "seconds", len(handling_s)
    contacts = data.contacts(ask.days)
    again = contacts["id"].isin(find_repeats(contacts, ask.days).again)
    own = contacts["id"].isin(calls["id"]) & (contacts["direction"] == "inbound")
    called = contacts[own].assign(again=again).groupby("caller_hash")["again"].any()
    yield _share(say["repeated"], int(called.sum()), len(called))
    made = practice_promises(data, ask)
    still = made[made["settled_at"].isna()]
    nothing = float("nan")
    yield say["open"], float(len(still)), nothing, nothing, "count", len(calls)
    yield say["overdue"], float((still["place"] == 0).sum()), nothing, nothing, "count", len(calls)


def _share(title: str, hits: int, of: int) -> _Figure:
    low, high = wilson([hits], [of])
    return title, hits / of if of else float("nan"), float(low[0]), float(high[0]), "percent", of


def _rules(data: ReportData, ask: Ask) -> Iterator[Part]:
    say, of_rules = words.texts()["overview"], words.texts()["rules"]
    columns = [
        Column("rule", of_rules["rule"]),
        Column("judged", of_rules["judged"], "count"),
        Column("share", of_rules["share"], "percent", interval=True),
    ]
    tables: list[tuple[str, str, pd.DataFrame, list[Column]]] = [
        ("well", "well_note", going_well(data, ask.min_calls, _RULES), columns),
        ("practise", "practise_note", worth_practising(data, ask.min_calls, _RULES),
         [*columns, Column("lost", say["lost"], "percent")]),
    ]  # fmt: skip
    for name, remark, rows, shown in tables:
        kept: Any = rows[[key for key in rows if key in {"rule", "judged", "share", "share_low", "share_high", "lost"}]]
        yield Part(say[name], shown, kept, [say[remark]] if len(rows) else [say["no_rule"]])
