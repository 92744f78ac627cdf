"""`belscore batch`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from belscore.call import AgentChannel
from belscore.cli import options
from belscore.cli.group import EXIT_INTERRUPTED
from belscore.cli.progress import ProgressBar
from belscore.errors import EXIT_BAD_INPUT, EXIT_OK, EXIT_SOME_FAILED

if TYPE_CHECKING:
    from belscore.batch.executor import Executor
    from belscore.batch.facts import FactSource
    from belscore.batch.standing import Standing, Summary
    from belscore.cli.work import Settings
    from belscore.store.database import Store

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
# A log file wants a line now and then, not one a call.
_LINE_EVERY_S = 60.0


@click.command()
@click.argument("folder", type=_FOLDER)
@options.store_option
@click.option("--calls", "calls_csv", type=_FILE, metavar="FILE.csv", help="Metadata of calls, a row for each file.")
@click.option("--name-pattern", metavar="PATTERN", help="What names of files say, {started_at:%Y%m%d}_{agent}.")
@options.rules_option
@click.option("--profile", type=_FILE, metavar="FILE", help="Names, greeting, hours and weights of the practice.")
@options.model_option
@options.agent_channel_option
@options.no_second_look_option
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Calls to score at a time.")
@click.option("--executor", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Where.")
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), default=1800.0, show_default=True,
              metavar="S", help="Seconds after which a call has hung.")  # fmt: skip
@click.option("--watch", is_flag=True, help="Go on with what is put into the folder, until interrupted.")
@click.option("--retry-failed", is_flag=True, help="Try failed files again.")
@click.option("--again", is_flag=True, help="Score files anew that were done with other settings.")
@click.option("--failed", is_flag=True, help="List failed files with the reason, and score nothing.")
@options.quiet_option
@options.debug_option
@click.pass_context
def batch(
    ctx: click.Context,
    folder: Path,
    store_address: str | None,
    calls_csv: Path | None,
    name_pattern: str | None,
    rules_folder: Path | None,
    profile: Path | None,
    model: str | None,
    agent_channel: AgentChannel,
    no_second_look: bool,
    workers: int | None,
    executor: str,
    time_limit: float,
    watch: bool,
    retry_failed: bool,
    again: bool,
    failed: bool,
    quiet: bool,
) -> None:
    """Score all calls of a folder into the store.

    Run it again to go on where it stopped, or to take what was added. Each call is scored once, by its content.
    """
    from belscore.batch.judging import judging_of
    from belscore.batch.run import Run
    from belscore.batch.wishes import Watching, Wishes
    from belscore.cli.work import Settings
    from belscore.report.batch import format_failures, format_summary
    from belscore.store.audit import this_user
    from belscore.store.database import open_store
    from belscore.store.jobs import failures

    folder = folder.resolve()
    with open_store(store_address, new=not failed) as store, ProgressBar(quiet=quiet) as bar, _stopping() as is_stopped:
        if failed:
            with store.read() as connection:
                for line in format_failures(failures(connection, folder)):
                    click.echo(line)
            return
        # What was said is kept in the store alone, where it can be purged; a cache beside it would outlive that.
        look = not no_second_look
        settings = Settings(rules_folder, profile, model, agent_channel, cache=False, second_look=look)
        facts, judging = _facts(store, calls_csv, name_pattern), judging_of(settings)
        if executor != "local":
            judging = replace(judging, no_model=None)
        keep = _keeper(store, profile, bar, quiet=quiet)
        run = Run(
            store,
            _open_executor(executor, settings, workers or default_workers(), time_limit),
            folder,
            judging,
            facts,
            Wishes(retry_failed, again, Watching() if watch else None),
            actor=this_user(),
            tell=_Teller(bar, quiet=quiet, keep=keep if watch else None),
            complain=lambda error: bar.log(str(error)),
            is_stopped=is_stopped,
        )
        summary = run.run()
        if not summary.was_stopped:
            keep(True)
    click.echo(format_summary(summary))
    ctx.exit(_exit_code(summary))


def _keeper(store: Store, profile: Path | None, bar: ProgressBar, *, quiet: bool) -> Callable[[bool], None]:
    """Keeps the lifetimes of what the store has: now, or when that was not done today. Trouble is told and no more."""
    from belscore.errors import BelscoreError
    from belscore.profile import load_profile
    from belscore.recordings_folder import recordings_folder
    from belscore.report.administration import format_purged
    from belscore.retention import Keeper
    from belscore.store.audit import this_user

    given = load_profile(profile).retention if profile is not None else None
    keeper = Keeper(store, this_user(), given, recordings_folder(store))

    def keep(at_once: bool) -> None:
        try:
            purged = keeper.now() if at_once else keeper.daily()
        except BelscoreError as error:
            bar.log(str(error))
            return
        if purged is not None and any(purged) and not quiet:
            bar.log(format_purged(purged))

    return keep


def default_workers() -> int:
    """As many as there are cores."""
    return os.cpu_count() or 1


def _facts(store: Store, calls_csv: Path | None, name_pattern: str | None) -> FactSource:
    from belscore.batch.facts import FactSource
    from belscore.metadata import read_call_table
    from belscore.name_pattern import parse_name_pattern
    from belscore.store.caller_keys import caller_keys

    table = read_call_table(calls_csv) if calls_csv else None
    pattern = parse_name_pattern(name_pattern) if name_pattern else None
    return FactSource(caller_keys(store), table, pattern)


def _open_executor(name: str, settings: Settings, workers: int, time_limit_s: float) -> Executor:
    if name == "local":
        from belscore.batch.local import LocalExecutor

        return LocalExecutor(settings, workers=workers, time_limit_s=time_limit_s)
    from belscore.batch.on_ray import RayExecutor

    return RayExecutor(settings, workers=workers, time_limit_s=time_limit_s)


def _exit_code(summary: Summary) -> int:
    if summary.was_stopped:
        return EXIT_INTERRUPTED
    if not summary.counts["failed"] and not summary.tally.troubles:
        return EXIT_OK
    is_any = summary.counts["done"] or summary.counts["duplicate"]
    return EXIT_SOME_FAILED if is_any else EXIT_BAD_INPUT


@contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """Hear Ctrl-C and SIGTERM: the first asks the run to end between two steps, another one ends it at once."""
    heard = 0

    def hear(_signal: int, _frame: FrameType | None) -> None:
        nonlocal heard
        heard += 1
        if heard > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: heard > 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Teller:
    """Shows how a run stands: a bar on a terminal, elsewhere a line now and then."""

    def __init__(self, bar: ProgressBar, *, quiet: bool, keep: Callable[[bool], None] | None) -> None:
        """keep : keeps lifetimes, see `_keeper`; None leaves that to the end of the run"""
        self._bar, self._quiet, self._keep = bar, quiet, keep
        self._told_s = time.monotonic()

    def __call__(self, standing: Standing) -> None:
        from belscore.report.batch import format_standing

        if self._keep is not None:
            self._keep(False)
        if self._quiet:
            return
        if sys.stderr.isatty():
            self._bar.show(format_standing(standing), standing.settled, standing.settled + standing.left)
        elif time.monotonic() - self._told_s >= _LINE_EVERY_S:
            self._told_s = time.monotonic()
            self._bar.log(format_standing(standing))
