"""`belscore check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.cli.progress import ProgressBar
from belscore.errors import EXIT_BAD_INPUT, EXIT_FELL_SHORT, EXIT_OK, EXIT_SOME_FAILED, BelscoreError

if TYPE_CHECKING:
    from belscore.cli.work import Settings
    from belscore.samples import Checked, Sample, Source
    from belscore.scorecard import Scorecard

TABLE_NAME = "calls.csv"


@click.command()
@click.argument("paths", metavar="SAMPLES...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--text", is_flag=True, help="Score the .call texts instead of the recordings.")
@click.option("--mutants", is_flag=True, help="Change the words that each verdict rests on, and see that it changes; "
              "needs --text.")  # fmt: skip
@click.option("--update", is_flag=True, help="Write what came out of the texts into the expectations; needs --text.")
@click.option("--format", "format_name", type=click.Choice(["text", "junit"]), default="text", show_default=True)
@options.rules_option
@options.model_option
@options.no_cache_option
@click.option("--calls", "calls_csv", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.csv",
              help="Metadata of the recordings. Default: calls.csv in the folder named, if there is one.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Samples to score at a time.")
@options.quiet_option
@options.debug_option
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[Path, ...],
    text: bool,
    mutants: bool,
    update: bool,
    format_name: str,
    rules_folder: Path | None,
    model: str | None,
    no_cache: bool,
    calls_csv: Path | None,
    jobs: int,
    quiet: bool,
) -> None:
    """Check that sample calls get the verdicts expected of them.

    SAMPLES are folders with recordings or .call texts, each with a NAME.expected.toml beside it.
    """
    from belscore.cli.work import Settings
    from belscore.metadata import read_call_table
    from belscore.samples import compare, find_samples, update_expected

    if (update or mutants) and not text:
        raise click.UsageError("--update and --mutants work on the texts: add --text")
    if update and mutants:
        raise click.UsageError("--update and --mutants do not go together")
    source: Source = "text" if text else "audio"
    samples = [sample for sample in find_samples(paths) if sample.file(source) is not None]
    if not samples:
        kind = ".call text" if text else "recording"
        raise BelscoreError(
            f"no sample has a {kind}", where=str(paths[0]), do="leave --text out" if text else "use --text"
        )
    if mutants:
        ctx.exit(_check_mutants(samples, rules_folder, format_name, quiet=quiet))
    table = (
        None if text else calls_csv or next((path / TABLE_NAME for path in paths if (path / TABLE_NAME).exists()), None)
    )
    cache = options.word_cache(no_cache=no_cache, quiet=quiet)
    settings = Settings(rules_folder, None, model, "auto", read_call_table(table) if table else None, cache=cache)
    with ProgressBar(quiet=quiet) as bar:
        scored, failed = _score(samples, source, settings, jobs, bar)
    if update:
        changed = [sample for sample, card in scored if update_expected(sample, card)]
        click.echo(f"{len(changed)} of {len(scored)} expectations changed" + "".join(f"\n{s.path}" for s in changed))
        ctx.exit((EXIT_SOME_FAILED if scored else EXIT_BAD_INPUT) if failed else EXIT_OK)
    if not scored:
        ctx.exit(EXIT_BAD_INPUT)
    checked = [each for sample, card in scored for each in compare(sample, card, source)]
    _report(checked, format_name, quiet=quiet)
    if failed:
        ctx.exit(EXIT_SOME_FAILED)
    ctx.exit(EXIT_OK if all(each.ok for each in checked) else EXIT_FELL_SHORT)


def _check_mutants(samples: Sequence[Sample], rules_folder: Path | None, format_name: str, *, quiet: bool) -> int:
    """Try every mutant of the samples and tell which survive; the exit code."""
    from belscore.call_mutants import find_mutants
    from belscore.cli.annotations import annotate, shown
    from belscore.inputs import CallFile, read_call
    from belscore.report.mutants import format_mutants, format_mutants_junit, told
    from belscore.rulebook import load_rules

    calls = [(sample, read_call(CallFile.of(sample.text))) for sample in samples if sample.text is not None]
    tried = list(find_mutants(calls, load_rules(rules_folder)))
    survivors = [each for each in tried if each.survives]
    if format_name == "junit":
        click.echo(format_mutants_junit(tried), nl=False)
    else:
        if not quiet:
            click.echo(format_mutants(tried), nl=False)
        for each in tried:
            if not each.killed:
                click.echo(f"{shown(each.sample.path)}: {told(each)}")
        if not quiet:
            excused = sum(not each.killed for each in tried) - len(survivors)
            click.echo(
                f"{len(tried)} mutants, {len(survivors)} survive" + (f", {excused} as expected" if excused else "")
            )
    annotate((each.sample.path, 1, told(each)) for each in survivors)
    return EXIT_FELL_SHORT if survivors else EXIT_OK


def _score(
    samples: Sequence[Sample], source: Source, settings: Settings, jobs: int, bar: ProgressBar
) -> tuple[list[tuple[Sample, Scorecard]], int]:
    """Scorecards in the order of the samples, and how many could not be made."""
    from belscore.cli.work import score_all
    from belscore.inputs import CallFile

    files = [CallFile.of(path) for sample in samples if (path := sample.file(source)) is not None]
    cards: dict[int, Scorecard] = {}
    for place, outcome in score_all(files, settings, jobs=jobs, bar=bar):
        if isinstance(outcome, BelscoreError):
            bar.log(str(outcome))
        else:
            cards[place] = outcome.card
    return [(samples[place], cards[place]) for place in sorted(cards)], len(files) - len(cards)


def _report(checked: Sequence[Checked], format_name: str, *, quiet: bool) -> None:
    from belscore.cli.annotations import annotate, shown
    from belscore.report.samples import format_grid, format_samples_junit
    from belscore.samples import UNKNOWN

    wrong = [each for each in checked if not each.ok]
    if format_name == "junit":
        click.echo(format_samples_junit(checked), nl=False)
    else:
        if not quiet:
            click.echo(format_grid(checked), nl=False)
        for each in wrong:
            if each.expected != UNKNOWN:
                click.echo(f"{shown(each.sample.path)}:{each.line}: {each.item}: {' '.join(each.message.split())}")
        for path, count in Counter(each.sample.path for each in wrong if each.expected == UNKNOWN).items():
            click.echo(f"{shown(path)}: {count} rules have {UNKNOWN}; add them, or run --text --update and review")
        if not quiet:
            names = {each.sample.name for each in checked}
            click.echo(f"{len(names)} samples, {len(checked)} expectations, {len(wrong)} not met")
    annotate((each.sample.path, each.line, f"{each.item}: {each.message}") for each in wrong)
