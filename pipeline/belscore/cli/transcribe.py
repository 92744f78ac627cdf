"""`belscore transcribe`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.call import AgentChannel
from belscore.cli import options
from belscore.cli.group import print_error
from belscore.cli.output import file_names, refuse_overwriting
from belscore.cli.progress import ProgressBar
from belscore.cli.work import describe
from belscore.errors import EXIT_BAD_INPUT, EXIT_OK, EXIT_SOME_FAILED, BelscoreError
from belscore.inputs import find_calls, read_call
from belscore.report.files import write_whole

if TYPE_CHECKING:
    from belscore.call import Call


@click.command()
@options.paths_argument
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR|FILE", help="Write there instead of to stdout.")
@options.model_option
@options.agent_channel_option
@options.no_cache_option
@options.redact_option
@options.quiet_option
@options.debug_option
@click.pass_context
def transcribe(
    ctx: click.Context,
    paths: tuple[Path, ...],
    out: Path | None,
    model: str | None,
    agent_channel: AgentChannel,
    no_cache: bool,
    redact: bool,
    quiet: bool,
) -> None:
    """Write out recordings as call JSON, without judging them.

    One recording gives an object, more give a line each, or with --out DIR a file each.
    """
    errors: list[BelscoreError] = []
    cache = options.word_cache(no_cache=no_cache, quiet=quiet)
    with ProgressBar(quiet=quiet) as bar:

        def report(error: BelscoreError) -> None:
            errors.append(error)
            bar.clear()
            print_error(error, debug=options.is_debug(ctx))

        files = [file.path for file in find_calls(paths, on_error=report)]
        targets = _targets(files, out, several=len(files) > 1 or len(paths) > 1)
        done = 0
        for path, target in zip(files, targets, strict=True):
            bar.label(path.name)
            try:
                call = read_call(path, model=model, agent_channel=agent_channel, cache=cache, progress=bar)
                call = _redacted(call) if redact else call
            except Exception as error:
                report(describe(error, path))
                continue
            bar.clear()
            _write(call, target, whole=len(files) == 1)
            done += 1
            if target is not None and not quiet:
                bar.log(f"geschreven: {target}")
    ctx.exit(EXIT_OK if not errors else EXIT_SOME_FAILED if done else EXIT_BAD_INPUT)


def _redacted(call: Call) -> Call:
    from belscore.redaction import redact

    return redact(call).call


def _targets(files: list[Path], out: Path | None, *, several: bool) -> list[Path | None]:
    """Where each call goes; None for stdout. Raises BelscoreError when it would take the place of a call."""
    if out is None:
        return [None] * len(files)
    if several and (out.is_file() or out.suffix.lower() == ".json"):
        raise BelscoreError("several calls do not fit one file", where="--out", do="name a folder")
    one_file = not several and not out.is_dir() and out.suffix.lower() == ".json"
    targets = [out] if one_file else [out / name for name in file_names(files, ".json")]
    for target in targets:
        refuse_overwriting(target, files)
    return [*targets]


def _write(call: Call, target: Path | None, *, whole: bool) -> None:
    from belscore.call_json import call_to_dict

    data = call_to_dict(call)
    if target is None and not whole:
        click.echo(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
        return
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    if target is None:
        click.echo(text, nl=False)
    else:
        write_whole(target, text)
