"""What coaches say beside what the program says: a call to review, reviews side by side, agreement rule by rule."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from belscore.agreement import Coefficient
from belscore.intervals import Share
from belscore.packaged import packaged_toml
from belscore.report.coaching import texts
from belscore.report.csv import guard
from belscore.report.wording import wording
from belscore.scorecard import Finding, Language, Scorecard
from belscore.store.reviews import Review
from belscore.trust import RuleTrust, least_percent

# percent, precision, recall: shares 0..1 with Wilson's interval; kappa, alpha, coaches: with a bootstrap interval.
# Empty where there is none.
COLUMNS = (
    "rule_id", "state", "basis", "n", "percent", "percent_low", "percent_high", "kappa", "kappa_low", "kappa_high",
    "alpha", "alpha_low", "alpha_high", "coaches_alpha", "coaches_low", "coaches_high", "precision", "precision_low",
    "precision_high", "recall", "recall_low", "recall_high", "differing", "unsure",
)  # fmt: skip


def review_view(
    card: Scorecard, findings: Sequence[Finding], *, call_id: int, recording: str, blind: bool = False
) -> RenderableType:
    """A call to listen to: where it is, and what the program says with the words and their times.

    blind : only which rules there are to judge, so that nobody is led by what the program says
    """
    say, own = wording("nl"), texts()["review"]
    head = Text(texts()["sheet"]["call"].format(call_id), style="bold")
    parts: list[RenderableType] = [
        Text(" · ").join([head, *(Text(fact) for fact in say.call_facts(card))]),
        Text(own["recording"].format(recording)),
    ]
    if blind:
        parts += ["", *(Text(f"{finding.rule_id}  {finding.title}") for finding in findings)]
        return Group(*parts, "", Text(own["how_blind"].format(call_id), style="dim"))
    for finding in findings:
        name = f"{say.marks[finding.verdict]} {finding.rule_id}"
        parts += ["", Text(f"{name}  {finding.title}", style="bold")]
        told = finding.reason if finding.verdict == "unsure" and finding.reason else finding.feedback
        parts.append(Text(f"  {say.table('verdicts')[finding.verdict]}: {say.sentence(told)}"))
        for each in finding.evidence:
            said = f"{say.table('roles')[each.role]}: “{each.quote}”" if each.quote else say["moment_missed"]
            parts.append(Text(f"  {say.clock(each.start_s)}–{say.clock(each.end_s + 0.99)}  {said}", style="italic"))
    return Group(*parts, "", Text(own["how"].format(call_id), style="dim"))


def reviews_view(reviews: Sequence[Review]) -> RenderableType:
    """Reviews that count, a row each: what the program said, what the coach says, and why."""
    own, verdicts = texts()["review"], wording("nl").table("verdicts")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in (own["call"], texts()["agreement"]["rule"], own["machine"], own["coach"], own["verdict"]):
        table.add_column(head, overflow="fold")
    table.add_column(own["reason"], overflow="fold", ratio=1)
    for each in sorted(reviews, key=lambda review: (review.call_id, review.rule_id, review.coach)):
        machine = verdicts[each.machine]
        if each.current is not None and each.current != each.machine:
            machine += own["now"].format(verdicts[each.current])
        style = "" if each.agrees else "bold"
        table.add_row(
            f"{each.call_id}", each.rule_id, machine, Text(each.coach), Text(verdicts[each.verdict], style),
            Text(each.reason),
        )  # fmt: skip
    return table


def agreement_view(rows: Sequence[RuleTrust], *, min_agreement: float, min_reviews: int) -> RenderableType:
    """Agreement rule by rule; rules that nobody reviewed in one line below it."""
    heads = texts()["agreement"]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False, show_edge=False)
    names = ("rule", "state", "percent", "kappa", "alpha", "interval", "precision", "recall")
    for name in names:
        table.add_column(heads[name], overflow="fold", justify="left" if name in ("rule", "state") else "right")
    seen = [each for each in rows if each.state != "unreviewed"]
    for each in seen:
        state = Text(texts()["states"][each.state], "bold red" if each.state == "untrusted" else "")
        table.add_row(
            each.rule_id, state, _counts(each.percent), _value(each.kappa), _value(each.alpha), _interval(each),
            _counts(each.precision), _counts(each.recall),
        )  # fmt: skip
    unseen = [each.rule_id for each in rows if each.state == "unreviewed"]
    rest = [Text(f"{texts()['states']['unreviewed']} ({len(unseen)}): {', '.join(unseen)}", "dim")] if unseen else []
    notes = Text("\n".join(agreement_notes(min_agreement, min_reviews)), "dim")
    shown: list[RenderableType] = [table, ""] if seen else []
    return Group(*shown, *rest, "", notes)


def format_agreement_page(
    rows: Sequence[RuleTrust], *, titles: Mapping[str, str], min_agreement: float, min_reviews: int
) -> str:
    """The same as one page, with every interval."""
    from belscore.report.html import render

    names = ("n", "percent", "kappa", "alpha", "precision", "recall", "coaches", "differing", "unsure")
    return render(
        "agreement.html.j2",
        "nl",
        more_style="coaching.css",
        heads=texts()["agreement"],
        names=names,
        rows=[(each, titles.get(each.rule_id, each.rule_id), cells_of(each)) for each in rows],
        notes=agreement_notes(min_agreement, min_reviews),
    )


def format_agreement_csv(rows: Sequence[RuleTrust]) -> str:
    """Agreement as CSV, a row a rule."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in rows:
        writer.writerow(
            [
                guard(each.rule_id), each.state, each.basis, each.n, *_numbers(each.percent), *_numbers(each.kappa),
                *_numbers(each.alpha), *_numbers(each.coaches), *_numbers(each.precision), *_numbers(each.recall),
                each.differing, each.unsure,
            ]
        )  # fmt: skip
    return text.getvalue()


def agreement_texts(language: Language = "nl") -> Mapping[str, Mapping[str, str]]:
    """What is said of agreement: heads in `agreement`, states of rules in `states`, `reasons` of no figure."""
    return texts() if language == "nl" else packaged_toml(__package__, "texts", f"coachen_{language}.toml")


def cells_of(each: RuleTrust, language: Language = "nl") -> dict[str, str]:
    """What a row shows, by the name of its column."""
    return {
        "state": agreement_texts(language)["states"][each.state],
        "n": f"{each.n}",
        "percent": _share(each.percent, language),
        "kappa": _coefficient(each.kappa, language),
        "alpha": _coefficient(each.alpha, language),
        "precision": _share(each.precision, language),
        "recall": _share(each.recall, language),
        "coaches": _coefficient(each.coaches, language) if each.coaches.units else "–",
        "differing": f"{each.differing}",
        "unsure": f"{each.unsure}",
    }


def agreement_notes(min_agreement: float, min_reviews: int, language: Language = "nl") -> list[str]:
    """From when on a rule is trusted, and what the columns mean."""
    heads, say = agreement_texts(language)["agreement"], wording(language)
    least = say.percent(least_percent(min_agreement))
    return [heads["limits"].format(_decimal(min_agreement, 3, language), min_reviews, least), heads["legend"]]


def _numbers(figure: Coefficient | Share) -> list[str]:
    low, high = (figure.interval or (None, None)) if isinstance(figure, Share) else (figure.low, figure.high)
    return ["" if value is None else f"{value:.4f}" for value in (figure.value, low, high)]


def _share(share: Share, language: Language) -> str:
    if share.value is None or share.interval is None:
        return "–"
    low, high = share.interval
    upper = wording(language)["percent"].format(f"{100 * high:.0f}")
    return f"{share.hits}/{share.of} ({100 * low:.0f}–{upper})"


def _coefficient(figure: Coefficient, language: Language) -> str:
    """Value and interval; where there is none, why."""
    reasons = agreement_texts(language)["reasons"]
    if figure.value is None:
        return reasons[figure.reason or "too_few"]
    value, low, high = (
        None if each is None else _decimal(each, language=language) for each in (figure.value, figure.low, figure.high)
    )
    return f"{value} ({reasons[figure.reason or 'rare']})" if low is None or high is None else f"{value} ({low}–{high})"


def _counts(share: Share) -> str:
    return f"{share.hits}/{share.of}" if share.of else "–"


def _value(figure: Coefficient) -> str:
    return "–" if figure.value is None else _decimal(figure.value)


def _interval(each: RuleTrust) -> str:
    """The interval of alpha; of the share of equal verdicts where alpha has none."""
    if each.alpha.low is not None and each.alpha.high is not None:
        return f"{_decimal(each.alpha.low)}–{_decimal(each.alpha.high)}"
    limits = each.percent.interval
    return f"{100 * limits[0]:.0f}–{100 * limits[1]:.0f} %" if limits else "–"


def _decimal(value: float, decimals: int = 2, language: Language = "nl") -> str:
    return f"{value + 0.0:.{decimals}f}".replace(".", wording(language)["decimal"])
