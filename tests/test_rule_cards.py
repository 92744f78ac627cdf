"""The rule cards tell what the rules, the measured results and the card texts say, of every rule."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

import rule_cards
from belscore import load_rules
from belscore.rulebook import RuleSet

RULES = load_rules()
RESULTS = rule_cards.read_results()
TEXTS = rule_cards.read_texts()
IDS = [rule.id for rule in RULES.rules]


@pytest.fixture(scope="module")
def cards() -> dict[str, str]:
    """The part of the page about each rule."""
    parts = re.split(r"^### \d+\. `([a-z-]+)`", rule_cards.PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_page_is_up_to_date() -> None:
    made = rule_cards.page(RULES, RESULTS, TEXTS)
    assert rule_cards.PAGE.read_text(encoding="utf-8") == made, "run: python bench/rule_cards.py"


def test_every_rule_has_a_card_in_its_order_and_nothing_else_has(cards: dict[str, str]) -> None:
    assert [*cards] == IDS
    assert {*TEXTS["rules"]} == {*RESULTS["rules"]} == {*IDS}


@pytest.mark.parametrize("rule_id", IDS)
def test_card_tells_definition_source_bounds_limits_and_figures(cards: dict[str, str], rule_id: str) -> None:
    card, rule = cards[rule_id], RULES.rule(rule_id)
    quote = " ".join(rule.source.quote.split())
    assert f"- **Bron**: {rule.source.document}: “{quote}”" in card
    assert TEXTS["rules"][rule_id]["judges"] in card
    assert TEXTS["rules"][rule_id]["limits"], "no rule is without limits"
    assert all(f"  - {limit}" in card for limit in TEXTS["rules"][rule_id]["limits"])
    assert all(f"| {head} |" in card for head in rule_cards.HEADS.values())
    assert ("`samples/calls`" in card) == (RESULTS["rules"][rule_id]["on"] == "samples")


@pytest.mark.parametrize("rule_id", IDS)
def test_every_number_of_a_check_stands_on_its_card(cards: dict[str, str], rule_id: str) -> None:
    numbers = [
        value
        for value in RULES.rule(rule_id).check.model_dump().values()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    bounds = cards[rule_id].split("- **Grenzen**: ")[1].split("\n")[0]
    assert all(f"{value:g}".replace(".", ",") in bounds for value in numbers)


def test_changed_bound_or_quote_makes_the_page_old() -> None:
    def with_rule(rule_id: str, **changes: Any) -> RuleSet:
        changed = [replace(rule, **changes) if rule.id == rule_id else rule for rule in RULES.rules]
        return replace(RULES, rules=tuple(changed))

    rule = RULES.rule("wacht-duur")
    old = rule_cards.page(RULES, RESULTS, TEXTS)
    longer = rule.check.model_copy(update={"longest_s": 90.0})
    assert rule_cards.page(with_rule(rule.id, check=longer), RESULTS, TEXTS) != old
    source = rule.source.model_copy(update={"quote": "iets anders"})
    assert rule_cards.page(with_rule(rule.id, source=source), RESULTS, TEXTS) != old


def test_changed_result_makes_the_page_old() -> None:
    changed = json.loads(json.dumps(RESULTS))
    changed["rules"]["wacht-duur"]["counts"]["0.00"]["tp"] += 1
    assert rule_cards.page(RULES, changed, TEXTS) != rule_cards.page(RULES, RESULTS, TEXTS)


def test_bound_without_a_dutch_name_is_refused() -> None:
    bounds = {key: text for key, text in TEXTS["bounds"].items() if key != "longest_s"}
    with pytest.raises(KeyError, match="longest_s"):
        rule_cards.page(RULES, RESULTS, {**TEXTS, "bounds": bounds})


def test_results_name_their_command_and_the_rules_that_were_measured() -> None:
    assert RESULTS["command"] == rule_cards.COMMAND
    assert re.fullmatch(r"[0-9a-f]{64}", RESULTS["rules_digest"])
    assert len(list(rule_cards.FOLDER.glob("*.call"))) == RESULTS["dialogues"]


def test_wrong_verdicts_are_counted_as_wrong() -> None:
    for rule_id, each in RESULTS["rules"].items():
        clean = each["counts"][rule_cards.CLEAN]
        assert clean["labels"] - clean.get("right", 0) == len(each["wrong"]), rule_id
