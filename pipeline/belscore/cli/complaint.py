"""`belscore complaint`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.call import AgentChannel
from belscore.cli import options
from belscore.cli.output import refuse_overwriting
from belscore.cli.progress import ProgressBar
from belscore.errors import BelscoreError
from belscore.inputs import CallFile, read_text
from belscore.metadata import read_call_table
from belscore.report.files import write_whole

if TYPE_CHECKING:
    from belscore.complaint_file import ComplaintFile
    from belscore.word_cache import WordCache

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)
_PAGES = (".html", ".htm")


@click.command()
@click.argument("call", type=click.Path(path_type=Path))
@click.option("--choices", type=_NEW, metavar="FILE", help="Which lines are shared; written when it is not there yet.")
@click.option("--share", metavar="LIST", help="Share these lines by number: 1,3-5.")
@click.option("--out", type=_NEW, metavar="FILE", help="Write what is shared there instead of to stdout.")
@click.option("--format", "format_name", type=click.Choice(["html", "text"]), help="Default: by --out, else text.")
@options.rules_option
@options.model_option
@options.agent_channel_option
@options.no_cache_option
@click.option("--calls", "calls_csv", type=_FILE, metavar="FILE.csv", help="Metadata of calls, a row for each file.")
@options.store_option
@options.quiet_option
@options.debug_option
def complaint(
    call: Path,
    choices: Path | None,
    share: str | None,
    out: Path | None,
    format_name: str | None,
    rules_folder: Path | None,
    model: str | None,
    agent_channel: AgentChannel,
    no_cache: bool,
    calls_csv: Path | None,
    store_address: str | None,
    quiet: bool,
) -> None:
    """Draw up the facts of a complaint, and share some of them.

    CALL is a recording, a .call file, call JSON, or the number of a call in the store. Alone it lists all lines. With
    --choices and a name that is not there yet it writes them to be chosen from; given again, or with --share, it
    writes what is shared and nothing else.
    """
    _check(call, choices, share, out, format_name)
    with ProgressBar(quiet=quiet) as bar:
        if str(call).isdecimal() and not call.exists():
            file = _read_stored(int(str(call)), rules_folder, store_address)
        else:
            cache = options.word_cache(no_cache=no_cache, quiet=quiet)
            file = _read(call, rules_folder, model, agent_channel, calls_csv, cache, bar)
        bar.clear()
        told = _give(file, choices, share, out, format_name)
        if told and not quiet:
            bar.log(told)


def _check(call: Path, choices: Path | None, share: str | None, out: Path | None, format_name: str | None) -> None:
    """Raise BelscoreError for options that contradict each other, before a recording is listened to."""
    if choices is not None and share is not None:
        raise BelscoreError("choose either by file or by number", where="--share", do="leave out --choices or --share")
    new = choices is not None and not choices.exists()
    if (out is not None or format_name is not None) and (new or (choices is None and share is None)):
        where = "--out" if out is not None else "--format"
        raise BelscoreError("nothing is chosen yet", where=where, do="choose with --choices FILE or --share 1,3-5")
    for target in (out, choices if new else None):
        if target is not None:
            refuse_overwriting(target, [path for path in (call, choices) if path is not None])
    if choices is not None and choices.exists() and choices.resolve() == call.resolve():
        raise BelscoreError("this is the call itself", where="--choices", do="name another file")


def _read(
    path: Path,
    rules_folder: Path | None,
    model: str | None,
    agent_channel: AgentChannel,
    calls_csv: Path | None,
    cache: WordCache | bool,
    bar: ProgressBar,
) -> ComplaintFile:
    from belscore.complaint_file import complaint_file
    from belscore.rulebook import load_rules
    from belscore.scoring import score_with_call

    rules = load_rules(rules_folder)
    table = read_call_table(calls_csv) if calls_csv is not None else None
    bar.label(path.name)
    scored = score_with_call(
        CallFile.of(path), rules=rules, model=model, agent_channel=agent_channel, table=table, cache=cache, progress=bar
    )
    return complaint_file(scored.call, scored.card, rules)


def _read_stored(call_id: int, rules_folder: Path | None, store_address: str | None) -> ComplaintFile:
    """The complaint file of a call in the store, from its transcript; the audit log notes that it was drawn up."""
    from belscore.complaint_file import complaint_file
    from belscore.engine import score_call
    from belscore.rulebook import load_rules
    from belscore.store import audit
    from belscore.store.calls import read_call
    from belscore.store.database import open_store

    rules = load_rules(rules_folder)
    with open_store(store_address, new=False) as store:
        with store.read() as connection:
            call = read_call(connection, call_id)
        file = complaint_file(call, score_call(call, rules=rules), rules)
        with store.write() as connection:
            audit.note(connection, audit.this_user(), "complaint file", f"call {call_id}")
    return file


def _give(
    file: ComplaintFile, choices: Path | None, share: str | None, out: Path | None, format_name: str | None
) -> str:
    """Write the list, the choice file or what is shared; returns what to tell of it, "" for nothing."""
    from belscore.complaint_choices import choose_numbers, read_choices, write_choices
    from belscore.complaint_texts import say
    from belscore.report.complaint import export, format_list

    if choices is not None and not choices.exists():
        write_whole(choices, write_choices(file))
        return say("written").format(choices)
    if choices is None and share is None:
        click.echo(format_list(file), nl=False)
        return ""
    if choices is not None:
        chosen = read_choices(read_text(choices), file, where=str(choices))
    else:
        chosen = choose_numbers(file, share or "")
    page = format_name == "html" or (format_name is None and out is not None and out.suffix.lower() in _PAGES)
    text = export(file, chosen, "html" if page else "text")
    if out is None:
        click.echo(text, nl=False)
        return ""
    write_whole(out, text)
    return say("exported").format(out)
