"""`belscore cache`."""

from __future__ import annotations

import click

from belscore.cli import options
from belscore.errors import EXIT_BAD_INPUT

_BYTES_PER_MB = 1_000_000


@click.command()
@click.option("--clear", is_flag=True, help="Remove all of it.")
@options.debug_option
@click.pass_context
def cache(ctx: click.Context, clear: bool) -> None:
    """Show and empty what is kept of recordings.

    The words of a recording are kept for some days, so that judging it again recognises nothing anew.
    """
    from belscore.word_cache import user_cache

    kept = user_cache()
    if kept is None:
        ctx.exit(EXIT_BAD_INPUT)
    if clear:
        removed = kept.clear()
        click.echo(f"verwijderd: {_told(*removed)}")
        return
    kept.tidy()
    click.echo(kept.folder)
    bounds = f"hoogstens {kept.days:g} dagen en {kept.megabytes:g} MB".replace(".", ",")
    click.echo(f"{_told(*kept.kept())}; {bounds}")


def _told(entries: int, size_bytes: int) -> str:
    files = "1 bestand" if entries == 1 else f"{entries} bestanden"
    size = f"{size_bytes / _BYTES_PER_MB:.1f} MB" if size_bytes >= _BYTES_PER_MB else f"{size_bytes / 1000:.0f} kB"
    return f"{files}, {size}".replace(".", ",")
