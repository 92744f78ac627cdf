"""`belscore purge`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from datetime import date

    from belscore.retention import Retention
    from belscore.store.database import Store

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DAYS = click.IntRange(0)


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what would go, and remove nothing.")
@click.option("--profile", type=_FILE, metavar="FILE", help="Its [retention] says how long things are kept.")
@click.option("--sound-days", "recordings", type=_DAYS, metavar="N", help="Days that sound is kept.")
@click.option("--word-days", "transcripts", type=_DAYS, metavar="N", help="Days that what was said is kept.")
@click.option("--score-days", "scores", type=_DAYS, metavar="N", help="Days that verdicts and figures are kept.")
@click.option("--audit-days", "audit", type=_DAYS, metavar="N", help="Days that the audit log is kept.")
@click.option("--keep", "call_id", type=int, metavar="CALL", help="Keep this call longer instead, for a complaint.")
@options.day_option("--until", "until", about="The last day to keep it.")
@click.option("--reason", default="", metavar="TEXT", help="Why it is kept.")
@options.store_option
@options.recordings_option
@options.debug_option
def purge(
    dry_run: bool,
    profile: Path | None,
    call_id: int | None,
    until: date | None,
    reason: str,
    store_address: str | None,
    recordings_folder: Path | None,
    **days: int | None,
) -> None:
    """Remove what has been kept for its time.

    It also happens by itself, after each batch and once a day while the pages are served. Lifetimes that are given are
    noted in the store, and hold from then on.
    """
    from belscore.store.database import open_store

    with open_store(store_address, new=False) as store:
        if call_id is not None:
            _keep(store, call_id, until, reason)
            return
        given = _given(store, profile, days)
        _purge(store, given, recordings_folder, dry_run=dry_run)


def _keep(store: Store, call_id: int, until: date | None, reason: str) -> None:
    from belscore.store.audit import this_user
    from belscore.store.kept import keep_call

    if until is None:
        raise BelscoreError(
            "it is not said for how long", where=f"--keep {call_id}", do="name the last day with --until"
        )
    with store.write() as connection:
        keep_call(connection, call_id, until=until, reason=reason, actor=this_user())
    _tell_kept(call_id, until)


def _tell_kept(call_id: int, until: date) -> None:
    from belscore.report.administration import say
    from belscore.report.wording import wording

    click.echo(say("purge", "kept", call=call_id, until=wording("nl").day(until)))


def _given(store: Store, profile: Path | None, days: dict[str, int | None]) -> Retention | None:
    """The lifetimes of the profile with those of the options in their place; None when there are neither."""
    from pydantic import ValidationError

    from belscore.profile import load_profile
    from belscore.retention import Retention, noted_retention

    given = load_profile(profile).retention if profile is not None else None
    changed = {name: value for name, value in days.items() if value is not None}
    if not changed:
        return given
    with store.read() as connection:
        known = given or noted_retention(connection)
    try:
        return Retention.model_validate({**known.model_dump(), **changed})
    except ValidationError as error:
        what = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BelscoreError(what, where="lifetimes", do="give other days") from None


def _purge(store: Store, given: Retention | None, folder: Path | None, *, dry_run: bool) -> None:
    from belscore.recordings_folder import recordings_folder as default_folder
    from belscore.report.administration import format_purged, say
    from belscore.retention import noted_retention, retention_of
    from belscore.retention import purge as remove
    from belscore.store.audit import this_user
    from belscore.store.kept import kept_until
    from belscore.store.purging import count_due
    from belscore.wall_clock import this_second

    folder, now = folder or default_folder(store), this_second()
    if dry_run:
        with store.read() as connection:
            retention = given or noted_retention(connection)
            purged = count_due(connection, retention.limits(now), now.date(), folder)
            kept = kept_until(connection, now.date())
        for call_id, until in kept.items():
            _tell_kept(call_id, until)
    else:
        retention = retention_of(store, given, actor=this_user())
        purged = remove(store, retention, actor=this_user(), folder=folder, now=now)
    click.echo(say("purge", "lifetimes", **retention.model_dump()), err=True)
    click.echo(format_purged(purged, dry_run=dry_run))
