"""`belscore rescore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.cli.progress import ProgressBar
from belscore.errors import EXIT_OK, EXIT_SOME_FAILED

if TYPE_CHECKING:
    from datetime import date

    from belscore.rescoring import Rescoring

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@options.store_option
@options.rules_option
@click.option("--profile", type=_FILE, metavar="FILE", help="Names, greeting, hours and weights of the practice.")
@options.period_options
@click.option("--department", "departments", multiple=True, metavar="NAME", help="Only calls of it; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Calls too that were judged by these rules already.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option(
    "--format", "format_name", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that judge.")
@options.quiet_option
@options.debug_option
@click.pass_context
def rescore(
    ctx: click.Context,
    store_address: str | None,
    rules_folder: Path | None,
    profile: Path | None,
    since: date | None,
    until: date | None,
    departments: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    format_name: str,
    jobs: int,
    quiet: bool,
) -> None:
    """Judge the calls in the store again by other rules.

    Judges their transcripts and shows what changes. Stopped halfway, the same command goes on where it was.
    """
    from belscore.rescoring import JudgedBy
    from belscore.rescoring import rescore as judge_again
    from belscore.store.audit import this_user
    from belscore.store.database import open_store
    from belscore.store.rescored import Choice

    if since and until and since > until:
        raise click.UsageError("--from lies after --to")
    choice = Choice(since, until, departments)
    with open_store(store_address, new=False) as store, ProgressBar(quiet=quiet) as bar:
        result = judge_again(
            store,
            JudgedBy(rules_folder, profile),
            choice,
            actor=this_user(),
            dry_run=dry_run,
            everything=everything,
            jobs=jobs,
            progress=bar.files_done,
        )
        for line in dict.fromkeys(map(str, result.failed)):
            bar.log(line)
    click.echo(_written(result, format_name, dry_run=dry_run), nl=False)
    ctx.exit(EXIT_SOME_FAILED if result.failed else EXIT_OK)


def _written(result: Rescoring, format_name: str, *, dry_run: bool) -> str:
    from belscore.report.rescoring import format_rescoring_csv, format_rescoring_json, rescoring_view

    if format_name == "json":
        return format_rescoring_json(result, dry_run=dry_run)
    if format_name == "csv":
        return format_rescoring_csv(result)
    from belscore.cli.output import terminal_look
    from belscore.report.table import render

    width, colour = terminal_look()
    return render(rescoring_view(result, dry_run=dry_run), width=width, colour=colour)
