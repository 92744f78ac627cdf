"""`belscore score`."""

from __future__ import annotations

from pathlib import Path

import click

from belscore.call import AgentChannel
from belscore.cli import options
from belscore.cli.output import SUFFIXES, Sink, choose_format, file_names, make_sink
from belscore.cli.progress import ProgressBar
from belscore.cli.work import Settings, score_all
from belscore.errors import EXIT_BAD_INPUT, EXIT_FELL_SHORT, EXIT_OK, EXIT_SOME_FAILED, BelscoreError
from belscore.inputs import CallFile, find_calls
from belscore.metadata import read_call_table
from belscore.report.files import write_whole
from belscore.report.wording import wording
from belscore.scorecard import Language

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@options.paths_argument
@click.option("--format", "format_name", type=click.Choice([*SUFFIXES]), help="Default: by --out, else table.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR|FILE", help="Write there instead of to stdout.")
@options.rules_option
@click.option("--profile", type=_FILE, metavar="FILE", help="Names, greeting, hours and weights of the practice.")
@options.model_option
@options.agent_channel_option
@options.no_cache_option
@options.no_second_look_option
@options.redact_option
@click.option("--calls", "calls_csv", type=_FILE, metavar="FILE.csv", help="Metadata of calls, a row for each file.")
@options.lang_option
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Files to score at a time.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="SCORE", help="Exit 1 when a call scores less.")
@click.option("--debug-plots", type=_FOLDER, metavar="DIR", help="Draw what was measured of each call there, as SVG.")
@options.quiet_option
@options.debug_option
@click.pass_context
def score(
    ctx: click.Context,
    paths: tuple[Path, ...],
    format_name: str | None,
    out: Path | None,
    rules_folder: Path | None,
    profile: Path | None,
    model: str | None,
    agent_channel: AgentChannel,
    no_cache: bool,
    no_second_look: bool,
    redact: bool,
    calls_csv: Path | None,
    language: Language,
    jobs: int,
    fail_under: float | None,
    debug_plots: Path | None,
    quiet: bool,
) -> None:
    """Score calls against the rules.

    PATH is a recording, a .call file, call JSON or a folder of them. One call prints its scorecard, more print
    a table.
    """
    table = read_call_table(calls_csv) if calls_csv else None
    cache = options.word_cache(no_cache=no_cache, quiet=quiet)
    look = not no_second_look
    settings = Settings(
        rules_folder, profile, model, agent_channel, table, language=language, cache=cache, second_look=look,
        redact="always" if redact else "no",
    )  # fmt: skip
    with ProgressBar(quiet=quiet) as bar:
        run = _Run(bar, fail_under, plots=debug_plots, debug=options.is_debug(ctx))
        files = find_calls(paths, on_error=run.report)
        if files and table and not quiet:
            _tell_missing_rows(files, settings, bar)
        several = len(files) > 1 or len(paths) > 1
        with make_sink(choose_format(format_name, out), out, [file.path for file in files], several=several) as sink:
            if files:
                run.score(files, settings, jobs, sink, quiet=quiet)
    ctx.exit(run.exit_code)


class _Run:
    """One run over files: what was scored, what failed and what fell short."""

    def __init__(self, bar: ProgressBar, fail_under: float | None, *, plots: Path | None, debug: bool) -> None:
        self._bar, self._fail_under, self._plots, self._debug = bar, fail_under, plots, debug
        self._scored = self._failed = self._short = 0

    def score(self, files: list[CallFile], settings: Settings, jobs: int, sink: Sink, *, quiet: bool) -> None:
        names = file_names([file.path for file in files], ".svg")
        for place, outcome in score_all(files, settings, jobs=jobs, bar=self._bar):
            if isinstance(outcome, BelscoreError):
                self.report(outcome)
                continue
            self._scored += 1
            self._bar.clear()
            sink.add(place, outcome)
            if self._plots is not None:
                from belscore.report.plot import format_plot

                write_whole(self._plots / names[place], format_plot(outcome.call, outcome.card))
            self._compare(outcome.card.call.source, outcome.card.score)
        self._bar.clear()
        written = list(sink.close())
        if written and not quiet:
            say = wording(settings.language)
            key = "written_more" if len(written) > 1 else "written"
            self._bar.log(say[key].format(written[0], len(written) - 1))

    def report(self, error: BelscoreError) -> None:
        self._failed += 1
        if self._debug:
            for note in getattr(error, "__notes__", ()):
                self._bar.log(note)
        self._bar.log(str(error))

    def _compare(self, source: str, score: float | None) -> None:
        """Say when a call falls short; one on which nothing could be judged has not shown that it does not."""
        if self._fail_under is None or (score is not None and score >= self._fail_under):
            return
        self._short += 1
        told = "has no score" if score is None else f"scores {score:g}"
        self._bar.log(f"{source}: {told}, --fail-under is {self._fail_under:g}")

    @property
    def exit_code(self) -> int:
        if self._failed:
            return EXIT_SOME_FAILED if self._scored else EXIT_BAD_INPUT
        return EXIT_FELL_SHORT if self._short else EXIT_OK


def _tell_missing_rows(files: list[CallFile], settings: Settings, bar: ProgressBar) -> None:
    assert settings.table is not None
    missing = [file.path for file in files if settings.table.find(file.path) is None]
    if missing:
        told = wording(settings.language)["no_row"].format(len(missing), len(files), missing[0])
        bar.log(f"{settings.table.path}: {told}")
