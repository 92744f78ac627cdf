"""`belscore measure`: what the sound of recordings shows, without recognising a word."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import cast

import click

from belscore.errors import EXIT_BAD_INPUT, EXIT_SOME_FAILED, BelscoreError

_SIDES = ("left", "right", "auto")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option(
    "--agent-channel",
    type=click.Choice(_SIDES),
    default="auto",
    show_default=True,
    help="Channel of the agent; with auto the voices are called left and right.",
)
def measure(paths: tuple[Path, ...], agent_channel: str) -> None:
    """Measure speech, interruptions, overlaps and silences from sound alone.

    PATH is a sound file. Prints one JSON line a file.
    """
    from belscore.call import AgentChannel
    from belscore.hearing import measure_file

    failed: list[BelscoreError] = []
    for path in paths:
        try:
            hearing = measure_file(path, agent_channel=cast(AgentChannel, agent_channel))
        except BelscoreError as error:
            failed.append(error)
            click.echo(str(error), err=True)
            continue
        click.echo(json.dumps(hearing.to_dict(), ensure_ascii=False))
    if failed:
        sys.exit(EXIT_BAD_INPUT if len(failed) == len(paths) else EXIT_SOME_FAILED)
