"""Workflow commands that put what failed beside its line in a pull request."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click


def shown(path: Path) -> str:
    """A path as editors and build servers want it: from the working directory on."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def annotate(failures: Iterable[tuple[Path, int, str]]) -> None:
    """Say what failed, as (file, line, message), on stderr, which build servers read too. GitHub Actions only."""
    if not os.environ.get("GITHUB_ACTIONS"):
        return
    for path, line, message in failures:
        text = " ".join(message.split()).replace("%", "%25")
        click.echo(f"::error file={_escape(shown(path))},line={line}::{text}", err=True)


def _escape(value: str) -> str:
    return value.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
