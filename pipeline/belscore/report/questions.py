"""What cards and reports show of a practice's question trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich import box
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from belscore.report.wording import MARKS, Wording
from belscore.scorecard import Evidence, QuestionFinding, QuestionVerdict, Scorecard, Verdict

# Verdicts look as those of rules do.
LOOKS: Mapping[QuestionVerdict, Verdict] = {
    "covered": "pass",
    "missing": "fail",
    "unsure": "unsure",
    "not_applicable": "not_applicable",
}
_STYLES: Mapping[QuestionVerdict, str] = {"covered": "green", "missing": "bold red", "unsure": "yellow"}


@dataclass(frozen=True, slots=True)
class Line:
    """An item as a card shows it.

    look  : the verdict of rules that it is drawn as
    told  : what the verdict says, in words
    place : where it was said or may have been; None where nothing is to be shown
    """

    look: Verdict
    mark: str
    title: str
    told: str
    place: Evidence | None


@dataclass(frozen=True, slots=True)
class ItemCount:
    """How often an item of a tree got which verdict in the calls of one department; "" for calls of none."""

    department: str
    tree: str
    item: str
    covered: int
    missing: int
    unsure: int


def by_tree(say: Wording, card: Scorecard) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """(title, items) of every tree that belongs to the call, in the order of the profile."""
    trees = groupby(card.questions, key=lambda each: (each.tree, each.tree_title))
    return tuple((say.table("questions")["tree"].format(title), tuple(_lines(say, own))) for (_, title), own in trees)


def _lines(say: Wording, findings: Iterator[QuestionFinding]) -> Iterator[Line]:
    for each in findings:
        look = LOOKS[each.verdict]
        place = each.evidence[0] if each.evidence and each.verdict in ("covered", "unsure") else None
        yield Line(look, MARKS[look], each.title, _told(say, each), place)


def _told(say: Wording, finding: QuestionFinding) -> str:
    texts = say.table("questions")
    if finding.verdict == "unsure":
        return f"{texts['unsure']}: {finding.reason}" if finding.reason else str(texts["unsure"])
    if finding.verdict == "not_applicable":
        return str(texts["not_applicable"])
    if finding.verdict == "covered" and finding.evidence and finding.evidence[0].role == "caller":
        return str(texts["by_caller"])
    return str(texts[f"{finding.verdict}_{finding.kind}"])


def question_lines(say: Wording, card: Scorecard) -> Iterator[Rule | Padding]:
    """The trees of a card for the terminal."""
    for title, lines in by_tree(say, card):
        yield Padding(Rule(Text(title, style="bold"), align="left", style="dim", characters="─"), (1, 0, 0, 0))
        table = Table.grid(padding=(0, 1))
        table.add_column(width=3, justify="right")
        table.add_column(ratio=1)
        for line in lines:
            verdict = next(verdict for verdict, look in LOOKS.items() if look == line.look)
            text = Text(f"{line.title} ").append(line.told, style="dim")
            if line.place is not None and line.place.quote:
                text.append(f" {say.clock(line.place.start_s)} “{line.place.quote}”", style="italic")
            table.add_row(Text(line.mark, style=_STYLES.get(verdict, "dim")), text)
        yield Padding(table, 0)


def count_by_department(cards: Sequence[Scorecard]) -> tuple[ItemCount, ...]:
    """A count for every department and item of its trees, departments in order of name; () without trees."""
    counts: dict[tuple[str, str, str, str, str], Counter[QuestionVerdict]] = {}
    for card in cards:
        for each in card.questions:
            key = (card.call.department or "", each.tree, each.item, each.tree_title, each.title)
            counts.setdefault(key, Counter())[each.verdict] += 1
    ordered = sorted(counts.items(), key=lambda entry: entry[0][0])  # stable: items stay in the order of the profile
    return tuple(
        ItemCount(department, tree_title, title, count["covered"], count["missing"], count["unsure"])
        for (department, _, _, tree_title, title), count in ordered
    )


def question_table(say: Wording, counts: Sequence[ItemCount]) -> Table:
    """The counts for the terminal, under the table of calls."""
    heads = say.table("questions")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in ("department", "name", "item"):
        table.add_column(heads[head], overflow="fold")
    for head in ("covered", "missing", "unsure_"):
        table.add_column(heads[head], justify="right")
    for each in counts:
        numbers = (str(count) for count in (each.covered, each.missing, each.unsure))
        table.add_row(Text(each.department or "–"), Text(each.tree), Text(each.item), *numbers)
    return table
