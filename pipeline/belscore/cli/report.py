"""`belscore report`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from belscore.cli import options
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from belscore.reports.grouping import Ask
    from belscore.reports.model import Report
    from belscore.scorecard import Language
    from belscore.store.database import Store
    from belscore.store.report_data import ReportData
    from belscore.translation import RuleTitle

# As in `reports.catalog`, `reports.grouping`, `store.promises` and `call`, without importing them for the help; a test
# holds them together.
NAMES = (
    "overview", "scores", "rules", "resolution", "reachability", "handling", "hours", "repeat-callers", "promises",
    "questions", "calls", "phone-log", "all",
)  # fmt: skip
BY = ("agent", "department", "week", "situation", "outcome", "direction")
HOWS = ("kept", "late", "void")
DIRECTIONS = ("inbound", "outbound")
_FORMAT_OF = {".csv": "csv", ".xlsx": "xlsx", ".html": "html", ".htm": "html", ".txt": "table"}
# Tables are wide: where nobody looks at a terminal they get its most columns.
_WIDTH = 120
_WORKBOOK, _INDEX = "rapporten.xlsx", "index.html"


@click.command()
@click.argument("name", metavar="[NAME]", default="overview", type=click.Choice(NAMES))
@options.store_option
@click.option("--by", type=click.Choice(BY), help="What to group by; people come by name, never by rank.")
@options.period_options
@click.option("--department", metavar="NAME", help="Only calls of this department.")
@click.option("--agent", metavar="NAME", help="Only calls of this agent.")
@click.option("--direction", type=click.Choice(DIRECTIONS), help="Only calls that came in, or went out.")
@click.option("--situation", metavar="NAME", help="Only calls with this situation, such as klacht.")
@click.option("--min-calls", type=click.IntRange(1), default=10, show_default=True, help="No figure rests on fewer.")
@click.option("--days", type=click.IntRange(1, 92), default=7, show_default=True, help="Who calls again within so many "
              "days, called again.")  # fmt: skip
@click.option("--format", "format_name", type=click.Choice(["table", "csv", "xlsx", "html"]),
              help="Default: by --out, else table.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE|DIR", help="Write there; `all` wants a folder.")
@options.trust_options
@options.lang_option
@click.option("--settle", metavar="ID", help="Note how a promise ended; with `promises` and --how.")
@click.option("--how", type=click.Choice(HOWS), help="Kept, kept too late, or void.")
@options.debug_option
def report(
    name: str,
    store_address: str | None,
    format_name: str | None,
    out: Path | None,
    language: Language,
    settle: str | None,
    how: str | None,
    **asked: Any,
) -> None:
    """Tables and pages from the store: scores, rules, reachability and more.

    NAME is overview (default), scores, rules, resolution, reachability, handling, hours, repeat-callers, promises,
    questions, calls, phone-log, or all.
    """
    from belscore.reports import words
    from belscore.reports.grouping import Ask
    from belscore.store.audit import note_view, this_user
    from belscore.store.database import open_store
    from belscore.store.report_data import Filters, ReportData

    if (settle is None) != (how is None) or (settle is not None and name != "promises"):
        raise click.UsageError("--settle and --how go together, with the report promises")
    since, until = asked["since"], asked["until"]
    if since and until and since > until:
        raise click.UsageError("--from lies after --to")
    ask = Ask(datetime.now(), asked["by"], asked["min_calls"], asked["days"])
    narrowed = {key: asked[key] for key in ("department", "agent", "direction", "situation")}
    trust = options.trust_thresholds(asked["min_agreement"], asked["min_reviews"])
    with open_store(store_address, new=False) as store:
        if settle is not None and how is not None:
            _settle(store, settle, how)
            return
        with store.read() as connection, words.in_language(language):
            filters, untrusted = Filters(since, until, **narrowed), _untrusted(connection, trust)
            data = ReportData(connection, filters, untrusted=untrusted, titles=_titles(language))
            _refuse_nothing(data, store.name)
            if name == "all":
                _write_all(data, ask, store.name, out, format_name)
            else:
                _write(_made(name, data, ask, store.name), format_name, out)
        about = {"agent": asked["agent"], "to": "file" if out else "screen"}
        note_view(store, this_user(), f"report {name}", {key: value for key, value in about.items() if value})


def _untrusted(connection: Connection, trust: tuple[float, int]) -> frozenset[str]:
    from belscore.trust import untrusted_rules

    min_agreement, min_reviews = trust
    return untrusted_rules(connection, min_agreement=min_agreement, min_reviews=min_reviews)


def _titles(language: Language) -> Mapping[str, RuleTitle]:
    from belscore.rulebook import load_rules
    from belscore.translation import titles_in

    return titles_in(load_rules(), language) if language != "nl" else {}


def _refuse_nothing(data: ReportData, store: str) -> None:
    if not data.total:
        raise BelscoreError("no calls in the store yet", where=store, do="score some with `belscore batch`")
    if not len(data.calls) and not len(data.missed):
        raise BelscoreError("no calls fit what was asked", where=store, do="widen --from, --to or the other filters")


def _settle(store: Store, named: str, how: str) -> None:
    from belscore.store.audit import this_user
    from belscore.store.promises import settle
    from belscore.wall_clock import this_second

    with store.write() as connection:
        done = settle(connection, named, how, actor=this_user(), at=this_second())  # type: ignore[arg-type]
    before = f" (was {done.before})" if done.before else ""
    click.echo(f"{named}: {how}{before}: {done.source}: {done.what}")


def _made(name: str, data: ReportData, ask: Ask, store: str) -> Report:
    from dataclasses import replace

    from belscore.reports.catalog import make_report
    from belscore.reports.filters import filter_lines

    return replace(make_report(name, data, ask), filters=filter_lines(data, ask, store))


def _write(made: Report, format_name: str | None, out: Path | None) -> None:
    form = format_name or (_FORMAT_OF.get(out.suffix.lower(), "table") if out else "table")
    if out is not None and out.is_dir():
        raise BelscoreError("is a folder", where=str(out), do="name a file, or ask for `all`")
    if form == "xlsx":
        if out is None:
            raise BelscoreError(
                "a workbook does not go to the screen", where="--format xlsx", do="name a file with --out"
            )
        from belscore.reports.workbook import write_workbook

        write_workbook(out, [made])
        return
    text = _text(made, form, out)
    if out is None:
        click.echo(text, nl=False)
        return
    from belscore.report.files import write_whole

    write_whole(out, text)


def _text(made: Report, form: str, out: Path | None) -> str:
    if form == "csv":
        from belscore.reports.csv_text import format_csv

        return format_csv(made)
    if form == "html":
        from belscore.reports.pages import format_page

        return format_page(made, page=out)
    from belscore.cli.output import terminal_look
    from belscore.reports.terminal import format_report

    width, colour = terminal_look() if out is None and sys.stdout.isatty() else (_WIDTH, False)
    return format_report(made, width=width, colour=colour)


def _write_all(data: ReportData, ask: Ask, store: str, out: Path | None, format_name: str | None) -> None:
    """A page for every report, a list of them and a workbook, in a folder."""
    from dataclasses import replace

    from belscore.report.files import write_whole
    from belscore.reports.catalog import ALL
    from belscore.reports.filters import filter_lines
    from belscore.reports.pages import format_list, format_page
    from belscore.reports.workbook import write_workbook

    if out is None or out.is_file() or format_name is not None or ask.by is not None:
        raise click.UsageError("`all` wants a folder with --out, and neither --format nor --by")
    made = [
        (f"{name}-{by}.html" if by else f"{name}.html", _made(name, data, replace(ask, by=by), store))
        for name, by in ALL
    ]
    for page, each in made:
        write_whole(out / page, format_page(each, page=out / page, index=_INDEX))
    write_workbook(out / _WORKBOOK, [each for _, each in made])
    facts = filter_lines(data, replace(ask, by=None), store)
    write_whole(out / _INDEX, format_list(facts, [(each.title, page) for page, each in made], _WORKBOOK))
    click.echo(str(out / _INDEX))
