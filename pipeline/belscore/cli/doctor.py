"""`belscore doctor`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from belscore.cli import options
from belscore.errors import EXIT_FELL_SHORT, EXIT_OK

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--profile", type=_FILE, metavar="FILE", help="Check this profile too.")
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", show_default=True,
              help="Form of the result.")  # fmt: skip
@options.store_option
@options.recordings_option
@options.debug_option
@click.pass_context
def doctor(
    ctx: click.Context,
    profile: Path | None,
    format_name: str,
    store_address: str | None,
    recordings_folder: Path | None,
) -> None:
    """Check that everything works, and say what to do.

    Looks at models, decoder, rules, folders, store, permissions, keys, disk and clock. Exit code 1 when something that
    is needed does not work.
    """
    from belscore.doctor import examine, is_well
    from belscore.report.administration import doctor_line, format_doctor

    found = list(examine(store_address, profile, recordings_folder))
    if format_name == "json":
        rows = [
            {"check": each.check, "state": each.state, "key": each.key, "what": what, "do": do}
            for each, (_, _, what, do) in zip(found, map(doctor_line, found), strict=True)
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo(format_doctor(found), nl=False)
    ctx.exit(EXIT_OK if is_well(found) else EXIT_FELL_SHORT)
