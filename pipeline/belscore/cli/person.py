"""`belscore export-person` and `belscore erase-person`: what somebody may ask by the AVG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from belscore.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from belscore.store.person_erasure import Plan

_Command = TypeVar("_Command", bound="Callable[..., Any]")
_NEW = click.Path(dir_okay=False, path_type=Path)


def _person_options(command: _Command) -> _Command:
    agent = click.option("--agent", metavar="NAME", help="An agent or coach, as the calls have the name.")
    caller = click.option("--caller", metavar="NUMBER", help="A caller: the number, or its hash in the store.")
    return agent(caller(command))


@click.command("export-person")
@_person_options
@click.option("--out", type=_NEW, required=True, metavar="FILE.zip", help="Write there.")
@options.store_option
@options.recordings_option
@options.debug_option
def export_person(
    agent: str | None, caller: str | None, out: Path, store_address: str | None, recordings_folder: Path | None
) -> None:
    """Write down all that the store has of somebody.

    A page and a table to read, all of it as data, and the words and sound of their calls that are still there.
    """
    from belscore.recordings_folder import recordings_folder as default_folder
    from belscore.report.administration import count_text, say
    from belscore.rights import export_person as export
    from belscore.rights import person_of
    from belscore.store.audit import this_user
    from belscore.store.database import open_store

    with open_store(store_address, new=False) as store:
        person = person_of(store, agent=agent, caller=caller)
        folder = recordings_folder or default_folder(store)
        count = export(store, person, out, actor=this_user(), folder=folder)
    who = agent or say("person", "caller")
    click.echo(say("person", "exported", count=count_text(count, "things", "calls"), who=who, path=out))


@click.command("erase-person")
@_person_options
@click.option("--yes", is_flag=True, help="Do it; without this, only tell what would go.")
@options.store_option
@options.recordings_option
@options.debug_option
def erase_person(
    agent: str | None, caller: str | None, yes: bool, store_address: str | None, recordings_folder: Path | None
) -> None:
    """Take somebody out of the store.

    Of a caller all calls go. Of an agent the name goes, with all words of their calls; the figures stay, nameless.
    """
    from belscore.recordings_folder import recordings_folder as default_folder
    from belscore.report.administration import say
    from belscore.rights import erase_person as erase
    from belscore.rights import person_of
    from belscore.store.audit import this_user
    from belscore.store.database import open_store
    from belscore.store.person_erasure import plan

    who = agent or say("person", "caller")
    with open_store(store_address, new=False) as store:
        person = person_of(store, agent=agent, caller=caller)
        if not yes:
            with store.read() as connection:
                planned = plan(connection, person)
            click.echo(say("person", "would_erase", who=who, what=_what(planned)))
            _tell_kept(planned)
            click.echo(say("person", "go_on"))
            return
        done = erase(store, person, actor=this_user(), folder=recordings_folder or default_folder(store))
    click.echo(say("person", "erased", who=who, what=_what(done.plan)))
    _tell_kept(done.plan)
    for path in done.left:
        click.echo(say("person", "still_there", path=path))
    click.echo(say("person", "log_stays"))
    click.echo(say("person", "elsewhere"))


def _what(planned: Plan) -> str:
    from belscore.report.administration import count_text, say

    counts = {"whole": len(planned.whole), "nameless": len(planned.nameless), "others": planned.others}
    parts = [count_text(count, "person", name) for name, count in counts.items() if count]
    return say("person", "and").join(parts) or say("audit", "none")


def _tell_kept(planned: Plan) -> None:
    from belscore.report.administration import count_text

    if planned.kept:
        click.echo(count_text(len(planned.kept), "person", "kept"))
