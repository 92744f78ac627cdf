"""The scorecard in the terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segments
from rich.table import Table
from rich.text import Text

from belscore.report.questions import question_lines
from belscore.report.sections import SectionFindings, by_section, idle_line
from belscore.report.wording import Wording, wording
from belscore.scorecard import Evidence, Finding, LedgerEntry, Scorecard, Verdict
from belscore.visible import visible

MIN_WIDTH, MAX_WIDTH = 80, 120
_BAR_CELLS = 24
_SHOWN_QUOTES = 3
_STYLES: Mapping[Verdict, str] = {
    "pass": "green",
    "fail": "bold red",
    "unsure": "yellow",
    "not_applicable": "dim",
}


def format_card(card: Scorecard, *, notes: Sequence[str] = (), width: int = 100, colour: bool = False) -> str:
    """One scorecard as text of at most `width` columns (held between 80 and 120), with or without colours.

    notes : remarks on the recording, as in `Call.quality`
    """
    return render(card_view(card, notes), width=width, colour=colour)


def render(view: RenderableType, *, width: int, colour: bool) -> str:
    """Anything rich can draw, as text without trailing blanks."""
    stream = io.StringIO()
    columns = min(MAX_WIDTH, max(MIN_WIDTH, width))
    terminal = {"force_terminal": True, "color_system": "standard"} if colour else {"color_system": None}
    console = Console(
        file=stream, width=columns, legacy_windows=False, highlight=False, markup=False, emoji=False, **terminal
    )
    segments = (each._replace(text=visible(each.text)) for each in console.render(view))
    console.print(Segments(segments))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def card_view(card: Scorecard, notes: Sequence[str] = ()) -> RenderableType:
    """The scorecard as something rich can draw."""
    say = wording(card.language)
    remarks = say.remarks(card, list(notes))
    parts: list[RenderableType] = [_head(say, card), "", _score(say, card), *(Text(r, style="yellow") for r in remarks)]
    practise = card.practise_first()
    if practise:
        parts += ["", _practise(say, practise)]
    sections = by_section(card)
    for section in sections:
        if section.judged:
            parts += ["", _section_title(say, section.title, section.score), *_section(say, section)]
    if idle_line(say, sections):
        parts += ["", _title(say["not_applicable"]), _idle(idle_line(say, sections))]
    parts += question_lines(say, card)
    parts += ["", _title(say["measures"]), Padding(_measures(say, card), (0, 0, 0, 2))]
    if card.ledger:
        parts += ["", _title(say["agreed"]), *(_promise(say, entry) for entry in card.ledger)]
    return Group(*parts)


def _head(say: Wording, card: Scorecard) -> RenderableType:
    facts = Text(" · ".join(say.call_facts(card)))
    situations = Text(" · ".join(say.situation_facts(card)))
    question = [Text(say.question(card))] if card.log.question else []
    return Group(Text(card.call.source, style="bold", overflow="fold"), facts, situations, *question)


def _score(say: Wording, card: Scorecard) -> RenderableType:
    line = Text(say.sentence(say.score_line(card)).rstrip("."), style="bold")
    if card.score is not None:
        filled = round(_BAR_CELLS * card.score / 100)
        line.append("  " + "█" * filled, style="green not bold")
        line.append("░" * (_BAR_CELLS - filled), style="dim not bold")
    coverage = say.coverage_line(card)
    return Group(line, Text(coverage[0].upper() + coverage[1:]), Text(say.counts_line(card), style="dim"))


def _title(text: str) -> RenderableType:
    return Rule(Text(text, style="bold"), align="left", style="dim", characters="─")


def _section_title(say: Wording, title: str, score: float | None) -> RenderableType:
    label = Text(title, style="bold")
    if score is not None:
        label.append(f"  {say.score(score)} {say['of_100']}", style="not bold dim")
    return Rule(label, align="left", style="dim", characters="─")


def _practise(say: Wording, findings: tuple[Finding, ...]) -> RenderableType:
    lines = Table.grid(padding=(0, 1))
    lines.add_column(justify="right", width=3)
    lines.add_column()
    for place, finding in enumerate(findings, start=1):
        lines.add_row(f"{place}.", Text(finding.title, style="bold"))
        if finding.say_instead:
            lines.add_row("", Text(f"{say['say']}: “{finding.say_instead}”", style="cyan"))
        elif finding.would_pass or finding.feedback:
            lines.add_row("", Text(say.sentence(finding.would_pass or finding.feedback)))
    return Group(_title(say["practise_first"]), lines)


def _section(say: Wording, section: SectionFindings) -> Iterator[RenderableType]:
    for finding in section.judged:
        yield from _finding(say, finding)
    if section.idle:
        yield _idle(f"{say['not_applicable']}: " + "; ".join(finding.title for finding in section.idle))


def _idle(text: str) -> RenderableType:
    return _marked(Text("–", style="dim"), Text(text, style="dim"))


def _finding(say: Wording, finding: Finding) -> Iterator[RenderableType]:
    style = _STYLES[finding.verdict]
    title = Table.grid(expand=True)
    title.add_column(ratio=1)
    title.add_column(justify="right", no_wrap=True)
    title.add_row(
        Text(finding.title, style="bold" if finding.verdict == "fail" else ""),
        Text(f" {say.weight(finding.weight)}", style="dim"),
    )
    yield _marked(Text(say.marks[finding.verdict], style=style), title)
    for line in _details(say, finding):
        yield Padding(line, (0, 0, 0, 4))


def _details(say: Wording, finding: Finding) -> Iterator[RenderableType]:
    if finding.reason and finding.verdict == "unsure":
        yield Text(f"{say['not_judged']}: {finding.reason}", style="yellow")
    if finding.feedback and finding.verdict != "unsure":
        yield Text(say.sentence(finding.feedback))
    measured = say.measured(finding)
    if measured:
        yield Text(measured, style="dim")
    quotes = say.quotes(finding)
    for evidence in quotes[:_SHOWN_QUOTES]:
        yield _quote(say, evidence)
    if len(quotes) > _SHOWN_QUOTES:
        yield Text(say["and_more_times"].format(len(quotes) - _SHOWN_QUOTES), style="dim")
    if finding.verdict == "fail" and finding.would_pass:
        yield Text(f"{say['better']}: {finding.would_pass}", style="cyan")
    elif finding.verdict == "fail" and finding.say_instead:
        yield Text(f"{say['say_rather']}: “{finding.say_instead}”", style="cyan")
    elif finding.verdict == "unsure" and finding.would_pass:
        yield Text(finding.would_pass, style="dim")


def _quote(say: Wording, evidence: Evidence) -> RenderableType:
    said = f"{say.table('roles')[evidence.role]}: “{evidence.quote}”" if evidence.quote else say["moment_missed"]
    line = Table.grid(padding=(0, 1))
    line.add_column(min_width=5, justify="right", style="dim")
    line.add_column(style="italic")
    line.add_row(say.clock(evidence.start_s), Text(said))
    return line


def _marked(mark: Text, content: RenderableType) -> RenderableType:
    line = Table.grid(padding=(0, 1), expand=True)
    line.add_column(width=3, justify="right")
    line.add_column(ratio=1)
    line.add_row(mark, content)
    return line


def _measures(say: Wording, card: Scorecard) -> RenderableType:
    facts = say.measure_facts(card.measures)
    if not facts:
        return Text(say["too_little"], style="dim")
    return Text(" · ").join(Text(f"{name} ").append(value, style="bold") for name, value in facts)


def _promise(say: Wording, entry: LedgerEntry) -> RenderableType:
    return _marked(Text("•"), Text(f"{say.clock(entry.start_s)} {say.promise(entry)}"))
