"""What judging stored calls again changes: as tables for people, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from belscore.packaged import packaged_toml
from belscore.report.csv import guard
from belscore.report.rule_diff import told
from belscore.report.wording import score, wording
from belscore.rescoring import Moved, Rescoring, VerdictChange
from belscore.scorecard import Verdict

# rule_id, before, after  the change; before or after is empty where the rules have no such rule
# calls                   how many calls it occurs in
# call, source            one of them; words_before and words_after are what its verdicts rest on
COLUMNS = ("rule_id", "before", "after", "calls", "call", "source", "words_before", "words_after")
_MOVED_SHOWN = 5


def _texts() -> Mapping[str, str]:
    texts: Mapping[str, str] = packaged_toml(__package__, "texts", "herbeoordelen.toml")["rescore"]
    return texts


def rescoring_view(result: Rescoring, *, dry_run: bool) -> RenderableType:
    """What was judged, which verdicts change with examples, and whose scores move."""
    say = _texts()
    counts = (
        ("as_before", result.as_before),
        ("no_words", result.without_transcript),
        ("left", len(result.left)),
        ("failed", len(result.failed)),
    )
    parts: list[RenderableType] = [Text(say["tried" if dry_run else "done"].format(result.judged, result.total))]
    parts += [Text(say[key].format(count)) for key, count in counts if count]
    if result.changes:
        parts += [Text(""), Text(say["changes"].format(result.changed_calls), style="bold"), _changes(result)]
        parts += [*_examples(result)]
    elif result.judged:
        parts += [Text(""), Text(say["no_change"])]
    if result.moved:
        parts += [Text(""), *_moved(result.moved)]
    return Group(*parts)


def _changes(result: Rescoring) -> RenderableType:
    say = _texts()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say["rule"], no_wrap=True)
    table.add_column(say["before"], no_wrap=True)
    table.add_column(say["after"], no_wrap=True)
    table.add_column(say["calls"], justify="right", no_wrap=True)
    for change, count in _most_first(result):
        table.add_row(Text(change.rule_id), _name(change.before), _name(change.after), str(count))
    return table


def _examples(result: Rescoring) -> Iterator[RenderableType]:
    say = _texts()
    yield Text(say["examples"], style="bold")
    for change, _ in _most_first(result):
        yield Text(say["change"].format(change.rule_id, _name(change.before), _name(change.after)))
        for example in result.examples[change]:
            yield Padding(Text(say["example"].format(example.call_id, example.source)), (0, 0, 0, 2))
            for sign, words in (("-", told(example.before)), ("+", told(example.after))):
                if words:
                    yield Padding(Text(f"{sign} {words}", style="dim"), (0, 0, 0, 4))


def _name(verdict: Verdict | None) -> str:
    name: str = wording("nl").table("verdicts")[verdict] if verdict else _texts()["no_rule"]
    return name


def _most_first(result: Rescoring) -> list[tuple[VerdictChange, int]]:
    return sorted(result.changes.items(), key=lambda each: (-each[1], each[0].rule_id, str(each[0])))


def _moved(moved: Sequence[Moved]) -> Iterator[RenderableType]:
    say = _texts()
    known = [(each.before, each.after) for each in moved if each.before is not None and each.after is not None]
    if known:
        higher = sum(after > before for before, after in known)
        means = [sum(scores) / len(known) for scores in zip(*known, strict=True)]
        now, was = (wording("nl").number(mean) for mean in reversed(means))
        yield Text(say["moved"].format(len(moved), higher, len(known) - higher, now, was), style="bold")
    else:
        yield Text(say["moved_to"].format(len(moved)), style="bold")
    yield Text(say["moved_most"])
    for each in most_moved(moved):
        yield Text("  " + say["moved_line"].format(each.call_id, each.source, score(each.after), score(each.before)))


def most_moved(moved: Sequence[Moved], limit: int = _MOVED_SHOWN) -> list[Moved]:
    """Those whose score changed most; a call that got its first score or lost it comes last."""

    def by(each: Moved) -> float:
        return abs(each.after - each.before) if each.after is not None and each.before is not None else 0.0

    return sorted(moved, key=lambda each: (-by(each), each.call_id))[:limit]


def format_rescoring_json(result: Rescoring, *, dry_run: bool) -> str:
    """One JSON object: counts, `changes` with their examples, and all calls of which the score moved."""
    changes = [
        {**asdict(change), "calls": count, "examples": [asdict(each) for each in result.examples[change]]}
        for change, count in _most_first(result)
    ]
    data: dict[str, Any] = {
        "dry_run": dry_run,
        "judged": result.judged,
        "as_before": result.as_before,
        "without_transcript": result.without_transcript,
        "left": result.left,
        "failed": [str(error) for error in result.failed],
        "changed_calls": result.changed_calls,
        "changes": changes,
        "moved": [asdict(each) for each in result.moved],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def format_rescoring_csv(result: Rescoring) -> str:
    """A row for each change of a verdict, with one call in which it occurs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for change, count in _most_first(result):
        example = result.examples[change][0]
        words = (guard(told(example.before)), guard(told(example.after)))
        writer.writerow(
            (change.rule_id, change.before, change.after, count, example.call_id, guard(example.source), *words)
        )
    return text.getvalue()
