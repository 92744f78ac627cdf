"""How samples did against what is expected of them: a table of rules by samples, and JUnit."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.report.junit import Case, junit_xml
from belscore.report.wording import MARKS
from belscore.samples import Checked

_LEGEND = (
    f"{MARKS['pass']} pass  {MARKS['fail']} fail  {MARKS['unsure']} unsure  {MARKS['not_applicable']} not applicable  "
    "= another value as expected  ! not what was expected"
)


def format_grid(checked: Sequence[Checked]) -> str:
    """A row for each rule and measure, a column for each sample: what came out, marked where that was not expected."""
    samples = list(dict.fromkeys(each.sample.name for each in checked))
    items = list(dict.fromkeys(each.item for each in checked))
    cells = {(each.item, each.sample.name): each for each in checked}
    width = max(map(len, items), default=0)
    lines = [" ".join([f"{'':{width}}", *(f"{number:<2}" for number in range(1, len(samples) + 1))])]
    lines += [" ".join([f"{item:{width}}", *(_cell(cells.get((item, name))) for name in samples)]) for item in items]
    lines += ["", _LEGEND, *(f"{number:>2} {name}" for number, name in enumerate(samples, start=1))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _cell(checked: Checked | None) -> str:
    if checked is None:
        return "  "
    mark = next((mark for verdict, mark in MARKS.items() if verdict == checked.got), "=" if checked.ok else "")
    return f"{mark}{' ' if checked.ok else '!'}".rjust(2)


def format_samples_junit(checked: Sequence[Checked]) -> str:
    """A test case for each expectation; those of a sample share its name as class name."""
    cases = [
        Case(each.sample.name, each.item, str(each.sample.path), each.line, "" if each.ok else each.message)
        for each in checked
    ]
    return junit_xml("samples", cases)
