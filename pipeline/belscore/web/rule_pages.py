"""The rules, for everybody: what each asks, where it comes from, examples, and how it stands in this practice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from belscore.errors import RuleError
from belscore.intervals import Share
from belscore.report.agreement import cells_of
from belscore.report.rules import applies_line
from belscore.report.wording import wording
from belscore.rule_schema import Example
from belscore.rulebook import Rule, RuleSet, default_folder
from belscore.scorecard import Verdict
from belscore.translation import in_language
from belscore.trust import RuleTrust, trust_table
from belscore.web.problems import NotFoundError
from belscore.web.site import Site, TheSite, TheUser, language_of, page

router = APIRouter(include_in_schema=False)

# Examples in the order in which they teach: what passes, what does not, what almost does.
_ORDER: tuple[Verdict, ...] = ("pass", "fail", "unsure", "not_applicable")
# Each word is looked for in the texts of every rule.
_LONGEST_SEARCH = 200
# How rules call an example that words alone would take for the other verdict.
_NEAR_MISS = "bijna"
# The rows of `bench/rule_cards.py`: the words as they were said, and misheard.
_NOISES = ("0.00", "0.10", "0.25")


@dataclass(frozen=True, slots=True)
class Figures:
    """How a rule did on the labelled dialogues, by `bench/rule_cards.py`; a row for each share of misheard words."""

    precision: Share
    recall: Share
    right: Share


@router.get("/regels")
def rules(request: Request, site: TheSite, user: TheUser, zoek: str = "") -> Response:
    """All rules in rulebook order, or those that have all words of a search."""
    found = _rules(request, site)
    search = zoek[:_LONGEST_SEARCH]
    wanted = search.casefold().split()
    shown = {rule.id for rule in found.rules if all(word in _told(rule) for word in wanted)}
    trust = _trust(site) if user.is_coach else {}
    return page(
        request,
        "rules.html.j2",
        sections=[(each, [rule for rule in found.rules if rule.section == each.id]) for each in found.sections],
        shown=shown,
        total=len(found.rules),
        search=search,
        trust=trust,
        is_coach=user.is_coach,
        say=wording(language_of(request)),
    )


@router.get("/regels/{rule_id}")
def rule(request: Request, site: TheSite, user: TheUser, rule_id: str) -> Response:
    """One rule. Raises NotFoundError."""
    found = _rules(request, site)
    try:
        chosen = found.rule(rule_id)
    except RuleError:
        raise NotFoundError from None
    order = [each.id for each in found.rules]
    place = order.index(rule_id)
    say = wording(found.language)
    trust = _trust(site).get(rule_id) if user.is_coach else None
    return page(
        request,
        "rule.html.j2",
        rule=chosen,
        section=next((each.title for each in found.sections if each.id == chosen.section), chosen.section),
        applies=applies_line(say, chosen),
        examples=sorted(chosen.examples, key=_example_place),
        near_miss=_NEAR_MISS,
        figures=_figures(rule_id),
        is_current=_is_current(site),
        trust=trust,
        cells=cells_of(trust, found.language) if trust is not None else {},
        is_coach=user.is_coach,
        before=found.rules[place - 1] if place else None,
        after=found.rules[place + 1] if place + 1 < len(order) else None,
        say=say,
    )


def _rules(request: Request, site: Site) -> RuleSet:
    """The rules as the practice's profile makes them, in the language of who reads."""
    return in_language(site.judging.rules, language_of(request))


def _told(rule: Rule) -> str:
    return " ".join((rule.id, rule.title, rule.why, rule.source.quote)).casefold()


def _example_place(example: Example) -> tuple[int, bool]:
    return _ORDER.index(example.verdict), example.name.startswith(_NEAR_MISS)


def _trust(site: Site) -> Mapping[str, RuleTrust]:
    with site.store.read() as connection:
        return {each.rule_id: each for each in trust_table(connection, [r.id for r in site.judging.rules.rules])}


def _figures(rule_id: str) -> list[tuple[str, Figures]]:
    """What was measured of a rule; [] where nothing was."""
    counts = _measured().get("rules", {}).get(rule_id, {}).get("counts", {})
    return [(noise, _figures_of(counts[noise])) for noise in _NOISES if noise in counts]


def _is_current(site: Site) -> bool:
    """Whether the figures are of these rules. A profile changes the digest and no check: they still hold then."""
    return _measured().get("rules_digest") in (_own_digest(), site.judging.rules.digest)


def _figures_of(counts: Mapping[str, int]) -> Figures:
    hits, wrong, missed = (counts.get(name, 0) for name in ("tp", "fp", "fn"))
    return Figures(
        Share(hits, hits + wrong),
        Share(hits, hits + missed),
        Share(counts.get("applicable_right", 0), counts.get("applicable", 0)),
    )


@lru_cache(maxsize=1)
def _own_digest() -> str:
    from belscore.rulebook import load_rules

    return load_rules().digest


@lru_cache(maxsize=1)
def _measured() -> dict[str, Any]:
    """`bench/results/rules.json` of a source tree; {} where belscore is installed without it."""
    path: Path = default_folder().parent / "bench" / "results" / "rules.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
