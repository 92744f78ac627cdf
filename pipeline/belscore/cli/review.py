"""`belscore review`: coaches listen, agree or say otherwise, and how far the program agrees with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from belscore.cli import options
from belscore.errors import BelscoreError
from belscore.scorecard import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType
    from sqlalchemy import Connection

    from belscore.sampling import Allocation
    from belscore.store.database import Store
    from belscore.store.review_samples import Sample, Stratum
    from belscore.trust import RuleTrust

_Command = TypeVar("_Command", bound="Callable[..., Any]")
_VERDICTS = ["pass", "fail", "unsure", "not_applicable"]
_NEW = click.Path(dir_okay=False, path_type=Path)


def coach_option(command: _Command) -> _Command:
    help_text = "Who does this. Default: BELSCORE_COACH."
    return click.option("--coach", required=True, envvar="BELSCORE_COACH", metavar="NAME", help=help_text)(command)


def say(key: str, *values: object) -> str:
    """A Dutch text of these commands."""
    from belscore.report.coaching import texts

    return texts()["review"][key].format(*values)


def show(view: RenderableType) -> None:
    from belscore.cli.output import terminal_look
    from belscore.report.table import render

    width, colour = terminal_look()
    click.echo(render(view, width=width, colour=colour), nl=False)


def opened(store_address: str | None) -> Store:
    from belscore.store.database import open_store

    return open_store(store_address, new=False)


@click.group()
def review() -> None:
    """Let coaches listen, and see how far the program agrees with them."""


@review.command()
@click.argument("name")
@click.option("--size", type=click.IntRange(1), default=50, show_default=True, metavar="N", help="How many calls.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="The same seed draws the same calls.")
@click.option("--by", "strata", multiple=True, help="Draw from these groups apart; more than once for their cross.",
              type=click.Choice(["department", "agent", "verdict", "situation", "week"]))  # fmt: skip
@click.option("--allocation", type=click.Choice(["proportional", "equal"]), default="proportional", show_default=True,
              help="How many from each group.")  # fmt: skip
@options.period_options
@click.option("--department", metavar="NAME", help="Calls of this department.")
@click.option("--agent", metavar="NAME", help="Calls of this agent.")
@click.option("--situation", metavar="ID", help="Calls with this situation.")
@click.option("--rule", metavar="ID", help="Calls in which this rule was judged, and nothing else of them.")
@click.option("--verdict", type=click.Choice(_VERDICTS), help="Calls in which the rule got this verdict.")
@click.option("--for", "coaches", multiple=True, metavar="NAME", help="Who reviews it; more than once: all the same.")
@coach_option
@options.store_option
@options.debug_option
def sample(
    name: str,
    strata: tuple[Stratum, ...],
    allocation: Allocation,
    coaches: tuple[str, ...],
    coach: str,
    store_address: str | None,
    **drawing: Any,
) -> None:
    """Draw a sample of calls to review and keep it under NAME."""
    from belscore.store.review_samples import Draw, draw_sample, strata_of

    draw = Draw(strata=strata, allocation=allocation, coaches=coaches, **drawing)
    with opened(store_address) as store, store.write() as connection:
        drawn = draw_sample(connection, name, draw, made_by=coach)
        groups = strata_of(connection, drawn) if strata else {}
    click.echo(say("drawn", drawn.name, len(drawn.call_ids), draw.seed))
    for group, count in groups.items():
        click.echo(say("stratum", group or say("no_stratum"), count))


@review.command("next")
@click.option("--sample", "sample_name", metavar="NAME", help="Of this sample. Default: the newest with calls left.")
@click.option("--blind", is_flag=True, help="Only which rules to judge, not what the program says of them.")
@coach_option
@options.store_option
@options.debug_option
def next_(sample_name: str | None, blind: bool, coach: str, store_address: str | None) -> None:
    """Show the next call to listen to: where its recording is, and what the program says of it."""
    from belscore.report.agreement import review_view
    from belscore.store.agent_calls import recording_of
    from belscore.store.audit import note_view
    from belscore.store.calls import read_scorecard
    from belscore.store.review_samples import next_sample, read_sample, to_review

    with opened(store_address) as store, store.read() as connection:
        chosen = read_sample(connection, sample_name) if sample_name else next_sample(connection, coach)
        left = to_review(connection, chosen, coach) if chosen else []
        if chosen is None or not left:
            click.echo(say("done"))
            return
        call_id = left[0]
        card = read_scorecard(connection, call_id)
        wanted = set(_open_rules(connection, call_id, coach, chosen))
        findings = [finding for finding in card.findings if finding.rule_id in wanted]
        recording = recording_of(connection, call_id)
    with opened(store_address) as store:
        note_view(store, coach, f"call {call_id}")
    click.echo(say("left", chosen.name, len(left), len(chosen.call_ids)))
    show(review_view(card, findings, call_id=call_id, recording=recording, blind=blind))


def _open_rules(connection: Connection, call_id: int, coach: str, sample: Sample | None) -> list[str]:
    """The rules of a call that a coach has said nothing of: of its sample's rule only, if it has one."""
    from belscore.store.reviews import reviewable

    only = sample.draw.rule if sample is not None else None
    return reviewable(connection, call_id, coach, only=only)


@review.command()
@click.argument("call_id", metavar="CALL", type=int)
@click.argument("rules", metavar="[RULE]...", nargs=-1)
@coach_option
@options.store_option
@options.debug_option
def agree(call_id: int, rules: tuple[str, ...], coach: str, store_address: str | None) -> None:
    """Agree with the program on rules of a call; without rules on all that `next` shows of it and is left."""
    from belscore.store.review_samples import sample_with
    from belscore.store.reviews import add_review

    with opened(store_address) as store, store.write() as connection:
        of = sample_with(connection, call_id, coach)
        chosen = rules or tuple(_open_rules(connection, call_id, coach, of))
        if not chosen:
            click.echo(say("nothing"), err=True)
        for rule_id in chosen:
            kept = add_review(
                connection, call_id=call_id, rule_id=rule_id, coach=coach, verdict=None, sample_id=of.id if of else None
            )
            click.echo(say("noted", call_id, rule_id, kept.verdict, kept.machine))


@review.command()
@click.argument("call_id", metavar="CALL", type=int)
@click.argument("rule_id", metavar="RULE")
@click.argument("verdict", type=click.Choice(_VERDICTS))
@click.option("--reason", default="", metavar="TEXT", help="Why; needed when the program says otherwise.")
@coach_option
@options.store_option
@options.debug_option
def override(call_id: int, rule_id: str, verdict: Verdict, reason: str, coach: str, store_address: str | None) -> None:
    """Say what the verdict on a rule of a call is; what the program said stays beside it."""
    from belscore.store.review_samples import sample_with
    from belscore.store.reviews import add_review

    with opened(store_address) as store, store.write() as connection:
        of = sample_with(connection, call_id, coach)
        kept = add_review(
            connection,
            call_id=call_id,
            rule_id=rule_id,
            coach=coach,
            verdict=verdict,
            reason=reason,
            sample_id=of.id if of else None,
        )
    click.echo(say("noted", call_id, rule_id, kept.verdict, kept.machine))


@review.command("list")
@click.option("--rule", metavar="ID", help="Reviews of this rule.")
@click.option("--by", "coach", metavar="NAME", help="Reviews by this coach.")
@click.option("--overridden", is_flag=True, help="Reviews that say otherwise than the program.")
@options.store_option
@options.debug_option
def list_(rule: str | None, coach: str | None, overridden: bool, store_address: str | None) -> None:
    """Show the samples and how far coaches are, and the reviews beside what the program said."""
    from belscore.report.agreement import reviews_view
    from belscore.store.review_samples import progress, read_samples
    from belscore.store.reviews import latest_reviews

    with opened(store_address) as store, store.read() as connection:
        samples = [(each, progress(connection, each)) for each in read_samples(connection)]
        found = latest_reviews(connection, rule_id=rule, coach=coach)
    for each, done in samples:
        click.echo(say("drawn", each.name, len(each.call_ids), each.draw.seed))
        for line in done:
            click.echo(say("progress", line.coach, line.done, line.of))
    if not samples:
        click.echo(say("no_samples"))
    found = [each for each in found if not overridden or not each.agrees]
    if found:
        click.echo()
        show(reviews_view(found))
    else:
        click.echo(say("no_reviews"))


@review.command()
@options.trust_options
@click.option(
    "--format", "format_name", type=click.Choice(["table", "csv", "html"]), help="Default: by --out, else table."
)
@click.option("--out", type=_NEW, metavar="FILE", help="Write there instead of to stdout.")
@options.store_option
@options.debug_option
def agreement(
    min_agreement: float | None,
    min_reviews: int | None,
    format_name: str | None,
    out: Path | None,
    store_address: str | None,
) -> None:
    """Show for each rule how far the program and people agree, and whether the rule is trusted."""
    from belscore.report.files import write_whole
    from belscore.store.rule_sets import rule_titles
    from belscore.trust import trust_table

    least, needed = options.trust_thresholds(min_agreement, min_reviews)
    with opened(store_address) as store, store.read() as connection:
        titles = rule_titles(connection)
        rows = trust_table(connection, [*titles], min_agreement=least, min_reviews=needed)
    if not rows:
        raise BelscoreError("it holds no calls", where=store.name, do="fill it with `belscore batch`")
    form = format_name or ({".csv": "csv", ".html": "html"}.get(out.suffix.lower(), "table") if out else "table")
    text = _agreement_text(form, rows, titles, least, needed, to_file=out is not None)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)


def _agreement_text(
    form: str, rows: Sequence[RuleTrust], titles: dict[str, str], least: float, needed: int, *, to_file: bool
) -> str:
    from belscore.cli.output import terminal_look
    from belscore.report import agreement as report
    from belscore.report.table import MAX_WIDTH, render

    if form == "csv":
        return report.format_agreement_csv(rows)
    if form == "html":
        return report.format_agreement_page(rows, titles=titles, min_agreement=least, min_reviews=needed)
    width, colour = (MAX_WIDTH, False) if to_file else terminal_look()
    view = report.agreement_view(rows, min_agreement=least, min_reviews=needed)
    return render(view, width=width, colour=colour)
