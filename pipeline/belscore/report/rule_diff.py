"""Verdicts that differ between two rule sets, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from belscore.rule_diff import Change
from belscore.scorecard import Finding, clock

_NO_RULE = "no such rule"


def format_diff(changes: Sequence[Change], calls: int) -> str:
    """The changes call by call with the words each verdict rests on, then how often each change occurs."""
    lines: list[str] = []
    for source, of_call in groupby(changes, key=lambda change: change.source):
        lines.append(source)
        for change in of_call:
            lines.append(f"  {change.rule_id}: {_verdict(change.before)} -> {_verdict(change.after)}")
            lines += [
                f"    {sign} {words}"
                for sign, words in (("-", told(change.before)), ("+", told(change.after)))
                if words
            ]
    counts = Counter((change.rule_id, _verdict(change.before), _verdict(change.after)) for change in changes)
    if counts:
        lines.append("")
    lines += [f"{count:>4} x {rule_id}: {one} -> {other}" for (rule_id, one, other), count in counts.most_common()]
    changed = len({change.source for change in changes})
    lines.append(f"{calls} calls, {len(changes)} verdicts differ in {changed} of them")
    return "\n".join(lines) + "\n"


def format_diff_json(changes: Sequence[Change]) -> str:
    """One JSON object: {"changes": [{"source", "rule_id", "before": finding|null, "after": finding|null}]}."""
    return json.dumps({"changes": [asdict(change) for change in changes]}, ensure_ascii=False, indent=1) + "\n"


def _verdict(finding: Finding | None) -> str:
    return finding.verdict if finding else _NO_RULE


def told(finding: Finding | None) -> str:
    """What the verdict rests on: its quotes with their times, or its reason."""
    if finding is None:
        return ""
    quotes = [f'{clock(each.start_s)} {each.role} "{each.quote}"' for each in finding.evidence if each.quote]
    return " / ".join(quotes) or finding.reason or finding.feedback
