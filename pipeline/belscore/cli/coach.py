"""`belscore coach`: what an agent and a coach talk about, and what both write beside calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.cli.review import coach_option, opened, say
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from belscore.coaching_sheet import Sheet

_NEW = click.Path(dir_okay=False, path_type=Path)
_PAGES = (".html", ".htm")


@click.group()
def coach() -> None:
    """Coaching sheets, talks, comments and disputes."""


@coach.command()
@click.argument("agent")
@click.option("--out", type=_NEW, metavar="FILE", help="Write there; a page when it ends in .html.")
@options.day_option("--to", "until", about="Last day to look at. Default: the day of the last call.")
@click.option("--days", type=click.IntRange(1), default=60, show_default=True, metavar="N", help="Days to look at.")
@click.option("--min-calls", type=click.IntRange(1), default=10, show_default=True, metavar="N",
              help="Say nothing of a rule with fewer calls.")  # fmt: skip
@options.trust_options
@click.option("--as-agent", is_flag=True, help="What the agent sees.")
@click.option("--call", "call_id", type=int, metavar="CALL", help="One call of the agent instead, with its comments.")
@options.store_option
@options.debug_option
def sheet(
    agent: str,
    out: Path | None,
    until: date | None,
    days: int,
    min_calls: int,
    min_agreement: float | None,
    min_reviews: int | None,
    as_agent: bool,
    call_id: int | None,
    store_address: str | None,
) -> None:
    """Show what AGENT could work on, with clips, what goes well, and what changed since the last talk."""
    from belscore.coaching_sheet import coaching_sheet
    from belscore.store.audit import note_view, this_user
    from belscore.trust import untrusted_rules

    least, needed = options.trust_thresholds(min_agreement, min_reviews)
    with opened(store_address) as store:
        with store.read() as connection:
            if call_id is not None:
                text = _call_text(connection, agent, call_id)
            else:
                untrusted = untrusted_rules(connection, min_agreement=least, min_reviews=needed)
                made = coaching_sheet(
                    connection, agent, until=until, days=days, min_calls=min_calls, untrusted=untrusted
                )
                text = _sheet_text(made, out, as_agent)
        note_view(store, this_user(), f"agent {agent}" if call_id is None else f"call {call_id}")
    if out is None:
        click.echo(text, nl=False)
        return
    from belscore.report.files import write_whole

    write_whole(out, text)


def _sheet_text(sheet: Sheet, out: Path | None, as_agent: bool) -> str:
    from belscore.cli.output import terminal_look
    from belscore.report.coaching import format_sheet, format_sheet_page

    if out is not None and out.suffix.lower() in _PAGES:
        return format_sheet_page(sheet, as_agent=as_agent, page=out)
    return format_sheet(sheet, as_agent=as_agent, width=terminal_look()[0])


def _call_text(connection: Connection, agent: str, call_id: int) -> str:
    """One call as its scorecard, with what was written and said of it. Only one of the agent's own."""
    from belscore.cli.output import terminal_look
    from belscore.report.agreement import reviews_view
    from belscore.report.coaching import comment_line
    from belscore.report.table import format_card, render
    from belscore.store.calls import read_scorecard
    from belscore.store.comments import comments_on, own_call
    from belscore.store.reviews import latest_reviews
    from belscore.store.rule_sets import rule_titles

    own_call(connection, agent, call_id)
    width, colour = terminal_look()
    parts = [format_card(read_scorecard(connection, call_id), width=width, colour=colour)]
    reviews = latest_reviews(connection, call_ids=[call_id])
    parts += [render(reviews_view(reviews), width=width, colour=colour)] if reviews else []
    titles = rule_titles(connection)
    said = [comment_line(each, titles) + "\n" for each in comments_on(connection, [call_id])]
    return "\n".join([*parts, "".join(said)] if said else parts)


@coach.command()
@click.argument("agent")
@options.day_option("--on", "held_on", about="The day of the talk.", required=True)
@click.option("--rules", default="", metavar="ID,ID", help="The rules to practise from then on.")
@click.option("--note", default="", metavar="TEXT", help="What was agreed; the agent reads it too.")
@coach_option
@options.store_option
@options.debug_option
def talk(agent: str, held_on: date, rules: str, note: str, coach: str, store_address: str | None) -> None:
    """Record a talk with AGENT; from its day on, change is counted."""
    from belscore.report.wording import wording
    from belscore.store.talks import add_talk

    chosen = [rule_id.strip() for rule_id in rules.split(",") if rule_id.strip()]
    with opened(store_address) as store, store.write() as connection:
        add_talk(connection, agent=agent, coach=coach, held_on=held_on, rules=chosen, text=note)
    click.echo(say("talk_noted", agent, wording("nl").day(held_on)))


@coach.command()
@click.argument("call_id", metavar="CALL", type=int)
@click.argument("text")
@click.option("--agent", metavar="NAME", help="Who writes: the agent of the call.")
@click.option("--coach", metavar="NAME", help="Who writes: a coach.")
@click.option("--rule", metavar="ID", help="The rule it is about.")
@options.store_option
@options.debug_option
def comment(
    call_id: int, text: str, agent: str | None, coach: str | None, rule: str | None, store_address: str | None
) -> None:
    """Write TEXT beside a call, as its agent or as a coach."""
    from belscore.store.comments import add_comment

    author = agent or coach
    if author is None or (agent and coach):
        raise BelscoreError("one person writes", where="--agent, --coach", do="give one of the two")
    with opened(store_address) as store, store.write() as connection:
        kept = add_comment(
            connection,
            call_id=call_id,
            author=author,
            author_is="agent" if agent else "coach",
            text=text,
            rule_id=rule,
        )
    click.echo(_kept("comment", kept.id, call_id))


@coach.command()
@click.argument("call_id", metavar="CALL", type=int)
@click.argument("rule_id", metavar="RULE")
@click.argument("text")
@click.option("--agent", required=True, metavar="NAME", help="Who disputes it: the agent of the call.")
@options.store_option
@options.debug_option
def dispute(call_id: int, rule_id: str, text: str, agent: str, store_address: str | None) -> None:
    """Dispute the verdict on a rule of one's own call; TEXT says why."""
    from belscore.store.comments import add_comment

    with opened(store_address) as store, store.write() as connection:
        kept = add_comment(
            connection, call_id=call_id, author=agent, author_is="agent", text=text, rule_id=rule_id, dispute=True
        )
    click.echo(_kept("dispute", kept.id, call_id))


@coach.command()
@click.argument("dispute_id", metavar="DISPUTE", type=int)
@click.argument("text")
@coach_option
@options.store_option
@options.debug_option
def answer(dispute_id: int, text: str, coach: str, store_address: str | None) -> None:
    """Answer a dispute with TEXT, which closes it; the verdict itself is changed with `belscore review override`."""
    from belscore.store.comments import answer_dispute

    with opened(store_address) as store, store.write() as connection:
        kept = answer_dispute(connection, dispute_id, coach=coach, text=text)
    click.echo(_kept("answer", kept.id, kept.call_id))


@coach.command()
@options.store_option
@options.debug_option
def disputes(store_address: str | None) -> None:
    """Show the disputes that nobody answered."""
    from belscore.report.coaching import comment_line
    from belscore.store.comments import open_disputes
    from belscore.store.rule_sets import rule_titles

    with opened(store_address) as store, store.read() as connection:
        found, titles = open_disputes(connection), rule_titles(connection)
    for each in found:
        click.echo(comment_line(each, titles))
    if not found:
        click.echo(say("no_disputes"))


def _kept(kind: str, comment_id: int, call_id: int) -> str:
    from belscore.report.coaching import texts

    return say("kept", texts()["kinds"][kind], comment_id, call_id)
