"""`belscore rules`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.errors import EXIT_FELL_SHORT, EXIT_OK

if TYPE_CHECKING:
    from rich.console import RenderableType

    from belscore.rulebook import RuleSet
    from belscore.rulecheck import CheckResult


@click.group()
def rules() -> None:
    """List, show and check rules."""


def _load(folder: Path | None) -> RuleSet:
    from belscore.rulebook import load_rules

    return load_rules(folder)


def _print(view: RenderableType) -> None:
    from belscore.cli.output import terminal_look
    from belscore.report.table import render

    width, colour = terminal_look()
    click.echo(render(view, width=width, colour=colour).lstrip("\n"), nl=False)


@rules.command("list")
@options.rules_option
@options.debug_option
def list_(rules_folder: Path | None) -> None:
    """Show all rules in their order."""
    from belscore.report.rules import list_view

    _print(list_view(_load(rules_folder)))


@rules.command()
@click.argument("rule_id", metavar="ID")
@options.rules_option
@options.debug_option
def show(rule_id: str, rules_folder: Path | None) -> None:
    """Show a rule: where it comes from, why, what it tells and its examples."""
    from belscore.report.rules import rule_view

    _print(rule_view(_load(rules_folder).rule(rule_id)))


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
            click.echo(f"{_shown(result.path)}:{result.line}: {_message(result)}")
        if not quiet:
            click.echo(_summary(results, failed))
    if os.environ.get("GITHUB_ACTIONS"):
        _annotate(failed)
    ctx.exit(EXIT_FELL_SHORT if failed else EXIT_OK)


def _message(result: CheckResult) -> str:
    return " ".join(f"{result.rule_id}, {result.kind} `{result.name}`: {result.message}".split())


def _shown(path: Path) -> str:
    """A path as editors and build servers want it: from the working directory on."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _summary(results: Sequence[CheckResult], failed: Sequence[CheckResult]) -> str:
    checked = len({result.rule_id for result in results})
    return f"{checked} rules, {len(results)} checks, {len(failed)} failed"


def _annotate(failed: Sequence[CheckResult]) -> None:
    """Workflow commands that put each failure beside its line in a pull request; on stderr, which is read too."""
    for result in failed:
        place = f"file={_escape(_shown(result.path))},line={result.line}"
        click.echo(f"::error {place}::{_message(result).replace('%', '%25')}", err=True)


def _escape(value: str) -> str:
    return value.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
