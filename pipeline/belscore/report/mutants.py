"""Mutants of the samples: how many of each rule changed the verdict, which did not, and JUnit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from textwrap import shorten
from typing import get_args

from belscore.call_mutants import Change, Mutant
from belscore.report.junit import Case, junit_xml

MOST_CHARACTERS = 100


def format_mutants(mutants: Sequence[Mutant]) -> str:
    """A row for each rule: of how many mutants of each kind the verdict changed."""
    counts: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for each in mutants:
        counts[each.rule_id, each.change].append(each.killed)
    changes = [change for change in get_args(Change) if any(each.change == change for each in mutants)]
    rules = list(dict.fromkeys(each.rule_id for each in mutants))
    width = max(map(len, rules), default=0)
    lines = [" ".join([f"{'':{width}}", *(f"{change:>16}" for change in changes)])]
    for rule_id in rules:
        cells = (_cell(counts.get((rule_id, change), [])) for change in changes)
        lines.append(" ".join([f"{rule_id:{width}}", *(f"{cell:>16}" for cell in cells)]).rstrip())
    return "\n".join(lines) + "\n"


def _cell(killed: Sequence[bool]) -> str:
    return f"{sum(killed)}/{len(killed)}" if killed else ""


def told(mutant: Mutant) -> str:
    """A survivor in a line."""
    quote = f' ("{shorten(mutant.quote, MOST_CHARACTERS, placeholder=" ...")}")' if mutant.quote else ""
    excuse = f"; expected: {mutant.excuse}" if mutant.excuse else ""
    return f"{mutant.name}: {mutant.verdict} stays {mutant.got}{quote}{excuse}"


def format_mutants_junit(mutants: Sequence[Mutant]) -> str:
    """A test case for each mutant; those of a sample share its name as class name."""
    cases = [
        Case(each.sample.name, each.name, str(each.sample.path), 1, told(each) if each.survives else "")
        for each in mutants
    ]
    return junit_xml("mutants", cases)
