"""Rules in the terminal: the list of them, and one with everything a coach asks about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from belscore.report import wording

if TYPE_CHECKING:
    from belscore.rulebook import Rule, RuleSet


def list_view(rules: RuleSet) -> RenderableType:
    """All rules in rulebook order, under the titles of their sections."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Nr", justify="right", no_wrap=True)
    table.add_column("Regel", no_wrap=True)
    table.add_column("Weegt", justify="right", no_wrap=True)
    table.add_column("Wat wordt beoordeeld")
    titles = {section.id: section.title for section in rules.sections}
    last = None
    for rule in rules.rules:
        if rule.section != last:
            table.add_row("", Text(titles.get(rule.section, rule.section), style="bold"), "", "")
            last = rule.section
        table.add_row(str(rule.number), f"  {rule.id}", str(rule.weight), Text(rule.title))
    return table


def rule_view(rule: Rule) -> RenderableType:
    """One rule with its source, reason, feedback and examples."""
    weight = wording.WEIGHTS.get(rule.weight) or "weegt gewoon"
    parts: list[RenderableType] = [
        Text(rule.title, style="bold"),
        Text(f"{rule.id} · regel {rule.number} · {weight} ({rule.weight})", style="dim"),
        "",
        Text(rule.why),
        "",
        Text("Bron", style="bold"),
        Padding(Text(f"“{rule.source.quote}”", style="italic"), (0, 0, 0, 2)),
        Padding(Text(rule.source.document, style="dim"), (0, 0, 0, 2)),
        "",
        Text("Terugkoppeling", style="bold"),
        *_feedback(rule),
    ]
    for example in rule.examples:
        mark = wording.MARKS[example.verdict]
        title = f"Voorbeeld: {example.name}"
        parts += ["", Text(title, style="bold"), Text(f"  {mark} {wording.VERDICTS[example.verdict]}")]
        parts.append(Padding(Text(example.call.strip()), (0, 0, 0, 4)))
    return Group(*parts)


def _feedback(rule: Rule) -> Iterator[RenderableType]:
    feedback = rule.feedback
    for mark, text in (("✓", feedback.passed), ("✗", feedback.fail), ("→", feedback.say_instead)):
        if text:
            yield Padding(Text(f"{mark} {text}"), (0, 0, 0, 2))
