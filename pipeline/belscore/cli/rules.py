"""`belscore rules`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.cli.annotations import annotate, shown
from belscore.errors import EXIT_FELL_SHORT, EXIT_OK
from belscore.scorecard import Language

if TYPE_CHECKING:
    from rich.console import RenderableType

    from belscore.rulebook import RuleSet
    from belscore.rulecheck import CheckResult


@click.group()
def rules() -> None:
    """List, show, check, start and compare rules."""


def _load(folder: Path | None, language: Language = "nl") -> RuleSet:
    from belscore.rulebook import load_rules
    from belscore.translation import in_language

    return in_language(load_rules(folder, drafts=True), language)


def _print(view: RenderableType) -> None:
    from belscore.cli.output import terminal_look
    from belscore.report.table import render

    width, colour = terminal_look()
    click.echo(render(view, width=width, colour=colour).lstrip("\n"), nl=False)


@rules.command("list")
@options.rules_option
@options.lang_option
@options.debug_option
def list_(rules_folder: Path | None, language: Language) -> None:
    """Show all rules in their order."""
    from belscore.report.rules import list_view

    _print(list_view(_load(rules_folder, language)))


@rules.command()
@click.argument("rule_id", metavar="ID")
@options.rules_option
@options.lang_option
@options.debug_option
def show(rule_id: str, rules_folder: Path | None, language: Language) -> None:
    """Show a rule: where it comes from, why, what it tells and its examples."""
    from belscore.report.rules import rule_view

    rules = _load(rules_folder, language)
    _print(rule_view(rules, rules.rule(rule_id)))


@rules.command()
@click.argument("rule_id", metavar="ID")
@click.option("--section", metavar="S", help="Section of the scorecard. Default: the one the id begins with.")
@click.option("--kind", metavar="KIND", default="says", show_default=True, help="Kind of check.")
@click.option("--rules", "rules_folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Folder of rules to add it to; may be new.")  # fmt: skip
@options.debug_option
def new(rule_id: str, section: str | None, kind: str, rules_folder: Path | None) -> None:
    """Write a new rule file to fill in, with every key explained."""
    from belscore.rule_skeleton import new_rule

    click.echo(shown(new_rule(rule_id, folder=rules_folder, section=section, kind=kind)))


@rules.command()
@click.argument("rule_ids", metavar="[ID]...", nargs=-1)
@options.rules_option
@click.option("--format", "format_name", type=click.Choice(["text", "junit"]), default="text", show_default=True)
@options.quiet_option
@options.debug_option
@click.pass_context
def check(
    ctx: click.Context, rule_ids: tuple[str, ...], rules_folder: Path | None, format_name: str, quiet: bool
) -> None:
    """Check rules: their form, their examples, variations of these and the sentences they recommend."""
    from belscore.rulecheck import check_rules

    results = check_rules(_load(rules_folder), only=rule_ids)
    failed = [result for result in results if not result.ok]
    if format_name == "junit":
        from belscore.report.junit import format_junit

        click.echo(format_junit(results), nl=False)
    else:
        for result in failed:
            click.echo(f"{shown(result.path)}:{result.line}: {_message(result)}")
        if not quiet:
            click.echo(_summary(results, failed))
    annotate((result.path, result.line, _message(result)) for result in failed)
    ctx.exit(EXIT_FELL_SHORT if failed else EXIT_OK)


@rules.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@options.paths_argument
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@options.model_option
@options.quiet_option
@options.debug_option
@click.pass_context
def diff(
    ctx: click.Context,
    old: str,
    new: str,
    paths: tuple[Path, ...],
    format_name: str,
    model: str | None,
    quiet: bool,
) -> None:
    """Show which verdicts two rule sets give differently on the same calls.

    OLD and NEW are folders of rules or git commits; PATH is as for `score`. Exit code 1 when a verdict differs.
    """
    from belscore.cli.progress import ProgressBar
    from belscore.inputs import find_calls, read_call
    from belscore.report.rule_diff import format_diff, format_diff_json
    from belscore.rule_diff import compare_rule_sets, rule_set

    before, after = rule_set(old), rule_set(new)
    with ProgressBar(quiet=quiet) as bar:
        calls = [read_call(file, model=model, progress=bar) for file in find_calls(paths)]
    changes = compare_rule_sets(before, after, calls)
    click.echo(format_diff_json(changes) if format_name == "json" else format_diff(changes, len(calls)), nl=False)
    ctx.exit(EXIT_FELL_SHORT if changes else EXIT_OK)


def _message(result: CheckResult) -> str:
    return " ".join(f"{result.rule_id}, {result.kind} `{result.name}`: {result.message}".split())


def _summary(results: Sequence[CheckResult], failed: Sequence[CheckResult]) -> str:
    checked = len({result.rule_id for result in results})
    return f"{checked} rules, {len(results)} checks, {len(failed)} failed"
