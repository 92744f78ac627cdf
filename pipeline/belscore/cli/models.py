"""`belscore models`."""

from __future__ import annotations

import click

from belscore.cli import options
from belscore.cli.progress import ProgressBar

_STATES = {"present": "aanwezig", "missing": "niet opgehaald", "damaged": "beschadigd"}
_BYTES_PER_MB = 1_000_000


@click.group()
def models() -> None:
    """List, fetch and verify speech models."""


@models.command("list")
@options.debug_option
def list_() -> None:
    """Show the models and which of them are on this machine."""
    from rich import box
    from rich.table import Table

    from belscore.cli.output import terminal_look
    from belscore.models import list_models
    from belscore.report.table import render

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("Naam", "Model", "Licentie", "Grootte", "Staat"):
        table.add_column(column, overflow="fold", justify="right" if column == "Grootte" else "left")
    for model in list_models():
        state = _STATES[model.state] + (", standaard" if model.is_default else "")
        size = f"{model.size_bytes / _BYTES_PER_MB:.0f} MB"
        table.add_row(model.name, model.title, model.licence, size, state)
    width, colour = terminal_look()
    click.echo(render(table, width=width, colour=colour).lstrip("\n"), nl=False)


@models.command()
@click.argument("name", required=False)
@options.quiet_option
@options.debug_option
def fetch(name: str | None, quiet: bool) -> None:
    """Fetch a model and check every byte of it; without NAME the default one and what tells voices apart."""
    from belscore.model_fetch import fetch_encoders, fetch_model

    with ProgressBar(quiet=quiet) as bar:
        files = fetch_model(name, bar)
        failures = () if name else fetch_encoders(bar)
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
