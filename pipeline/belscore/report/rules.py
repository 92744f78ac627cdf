"""Rules in the terminal: the list of them, and one with everything a coach asks about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from belscore.report.wording import Wording, wording

if TYPE_CHECKING:
    from belscore.rulebook import Rule, RuleSet

# Of long lists of phrases the first ones tell what they are about; the file has them all.
_SHOWN_PHRASES = 6


def list_view(rules: RuleSet) -> RenderableType:
    """All rules in rulebook order, under the titles of their sections."""
    heads = wording(rules.language).table("rules")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(heads["number"], justify="right", no_wrap=True)
    table.add_column(heads["rule"], no_wrap=True)
    table.add_column(heads["weight"], justify="right", no_wrap=True)
    table.add_column(heads["judged"])
    titles = {section.id: section.title for section in rules.sections}
    last = None
    for rule in rules.rules:
        if rule.section != last:
            table.add_row("", Text(titles.get(rule.section, rule.section), style="bold"), "", "")
            last = rule.section
        table.add_row(str(rule.number), f"  {rule.id}", str(rule.weight), Text(rule.title))
    return table


def rule_view(rules: RuleSet, rule: Rule) -> RenderableType:
    """One rule with its source, reason, when it applies, what is checked, its texts and its examples."""
    say = wording(rules.language)
    heads = say.table("rules")
    title = next((section.title for section in rules.sections if section.id == rule.section), rule.section)
    facts = (
        rule.id,
        heads["place"].format(rule.number),
        heads["section"].format(title),
        f"{say.weight(rule.weight) or heads['usual']} ({rule.weight})",
    )
    return Group(
        Text(rule.title, style="bold"),
        Text(" · ".join(facts), style="dim"),
        "",
        Text(rule.why),
        *_block(heads["source"], [Text(f"“{rule.source.quote}”", style="italic"), Text(rule.source.document)]),
        *_block(heads["applies"], [Text(applies_line(say, rule))]),
        *_block(heads["check"], list(_parameters(heads["and_more"], rule.check.model_dump(exclude_defaults=True)))),
        *_block(heads["feedback"], list(_feedback(rule))),
        *_block(heads["better"], list(_would_pass(rule))),
        *(line for example in rule.examples for line in _example(say, heads, example.name, example)),
    )


def _block(title: str, lines: list[Text]) -> list[RenderableType]:
    if not lines:
        return []
    return ["", Text(title, style="bold"), *(Padding(line, (0, 0, 0, 2)) for line in lines)]


def applies_line(say: Wording, rule: Rule) -> str:
    """When a rule applies, and when it does not after all, in a line."""
    applies = rule.applies
    parts = [
        say["situation"].format(say.situation(applies.situation)) if applies.situation else "",
        str(say.table("directions")[applies.direction]) if applies.direction else "",
    ]
    exemptions = ", ".join(say.table("exemptions")[each] for each in applies.unless)
    told = [part for part in parts if part] or [say.table("rules")["always"]]
    return "; ".join([*told, *([say.table("rules")["unless"].format(exemptions)] if exemptions else [])])


def _parameters(more: str, parameters: Mapping[str, Any]) -> Iterator[Text]:
    """`key  value`, keys under each other, long lists cut short."""
    width = max(map(len, parameters), default=0)
    for key, value in parameters.items():
        line = Text(f"{key:<{width}}  ", style="dim")
        yield line.append(_value(value, more), style="not dim")


def _value(value: Any, more: str) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(each, more)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        shown = " | ".join(_value(each, more) for each in value[:_SHOWN_PHRASES])
        left = len(value) - _SHOWN_PHRASES
        return f"{shown} {more.format(left)}" if left > 0 else shown
    return str(value)


def _feedback(rule: Rule) -> Iterator[Text]:
    feedback = rule.feedback
    for mark, text in (("✓", feedback.passed), ("✗", feedback.fail), ("→", feedback.say_instead)):
        if text:
            yield Text(f"{mark} {text}")
    for name, text in feedback.variants.items():
        yield Text(f"✗ {name}: {text}")


def _would_pass(rule: Rule) -> Iterator[Text]:
    remedy = rule.would_pass
    for text in (remedy.text, *remedy.say[:1], *(each.text for each in remedy.variants.values())):
        if text:
            yield Text(text)


def _example(say: Wording, heads: Mapping[str, Any], name: str, example: Any) -> Iterator[RenderableType]:
    yield ""
    yield Text(heads["example"].format(name), style="bold")
    yield Text(f"  {say.marks[example.verdict]} {say.table('verdicts')[example.verdict]}")
    yield Padding(Text(example.call.strip()), (0, 0, 0, 4))
