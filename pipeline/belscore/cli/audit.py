"""`belscore audit`: who saw, changed and exported what, and whether the log of it is whole."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.errors import EXIT_FELL_SHORT, EXIT_OK, BelscoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from belscore.store.audit import Row

_DIGEST = re.compile("[0-9a-f]{64}")


@click.group()
def audit() -> None:
    """Show and verify the log of who did what."""


@audit.command("list")
@options.day_option("--since", "since", about="First day to show.")
@click.option("--actor", metavar="NAME", help="What this person did.")
@click.option("--about", metavar="SUBJECT", help="What was done about this, such as `call 12` or `agent Anja`.")
@click.option(
    "--limit", type=click.IntRange(1), default=200, show_default=True, metavar="N", help="The latest so many."
)
@click.option("--format", "format_name", type=click.Choice(["table", "json", "csv"]), default="table",
              show_default=True, help="Form of the result.")  # fmt: skip
@options.store_option
@options.debug_option
def list_entries(
    since: date | None, actor: str | None, about: str | None, limit: int, format_name: str, store_address: str | None
) -> None:
    """Show entries, oldest first."""
    from belscore.store.audit import entries
    from belscore.store.database import open_store

    with open_store(store_address, new=False) as store, store.read() as connection:
        found = entries(connection, since=since, actor=actor, about=about, limit=limit)
    click.echo(_written(found, format_name), nl=False)


def _written(found: Sequence[Row], format_name: str) -> str:
    from belscore.report.administration import audit_view, format_audit_csv

    if format_name == "json":
        rows = [{**row._asdict(), "at": row.at.isoformat(), "detail": json.loads(row.detail)} for row in found]
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    if format_name == "csv":
        return format_audit_csv(found)
    from belscore.cli.output import terminal_look
    from belscore.report.table import render

    width, colour = terminal_look()
    return render(audit_view(found), width=width, colour=colour)


@audit.command()
@click.option("--anchor", metavar="DIGEST", help="What this command told before, as it was kept elsewhere.")
@options.store_option
@options.debug_option
@click.pass_context
def verify(ctx: click.Context, anchor: str | None, store_address: str | None) -> None:
    """Check that no entry was changed or taken away.

    It tells the digest of the last entry: kept elsewhere, nobody can write the whole log anew unnoticed.
    """
    from belscore.report.administration import count_text, say
    from belscore.store.audit import count_entries, first_break, has_digest, last_digest
    from belscore.store.database import open_store

    if anchor is not None and not _DIGEST.fullmatch(anchor):
        raise BelscoreError("is no digest", where="--anchor", do="give the 64 characters that `audit verify` told")
    with open_store(store_address, new=False) as store, store.read() as connection:
        broken, last, count = first_break(connection), last_digest(connection), count_entries(connection)
        is_there = anchor is None or has_digest(connection, anchor)
    if broken is not None:
        click.echo(say("audit", "broken", id=broken))
    elif not is_there:
        click.echo(say("audit", "no_anchor"))
    else:
        click.echo(say("audit", "whole", count=count_text(count, "things", "rows")))
    if last is not None and broken is None:
        click.echo(say("audit", "last", digest=last))
    ctx.exit(EXIT_OK if broken is None and is_there else EXIT_FELL_SHORT)
