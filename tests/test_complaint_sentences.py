"""Complaints and aggression: many ways of saying a thing, with the verdict that the rulebook gives them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from belscore import load_rules, parse_call, score_call
from belscore.errors import RuleError
from belscore.language.lexicon import Lexicon
from belscore.rulebook import RuleSet
from belscore.statements import StatementReader
from belscore.view import CallView, Knowledge
from labelled_situations import alternating_call

SENTENCES = tomllib.loads((Path(__file__).parent / "complaint_sentences.toml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(rule_id, text, verdict, id=f"{rule_id}-{verdict}-{number}")
    for rule_id, table in SENTENCES.items()
    for verdict in ("pass", "fail")
    for number, text in enumerate(table[verdict])
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """Only the rules that have sentences here."""
    every = load_rules()
    return replace(every, rules=tuple(rule for rule in every.rules if rule.id in SENTENCES))


def verdict_of(rules: RuleSet, rule_id: str, text: str, *, plain: bool = False) -> str:
    """The verdict on a sentence behind the story of its rule; ` // ` parts the turns of caller and agent."""
    table = SENTENCES[rule_id]
    lines = text.split(" // ")
    if lines[0].startswith("@"):
        lines[0] = table["stories"][lines[0][1:]]
    else:
        lines = [*table["story"].split(" // "), *lines]
    call = alternating_call(*lines, "Goed.", "Dag meneer.", plain=plain)
    return score_call(call, rules=rules).finding(rule_id).verdict


@pytest.mark.parametrize(("rule_id", "text", "verdict"), CASES)
def test_sentence_gets_the_verdict_of_the_rulebook(rules: RuleSet, rule_id: str, text: str, verdict: str) -> None:
    assert verdict_of(rules, rule_id, text) == verdict


@pytest.mark.parametrize(("rule_id", "text", "verdict"), CASES)
def test_sentence_gets_it_without_punctuation_too(rules: RuleSet, rule_id: str, text: str, verdict: str) -> None:
    if text in SENTENCES[rule_id].get("cased", ()):
        pytest.skip("a name is known by its capital")
    assert verdict_of(rules, rule_id, text, plain=True) == verdict


def test_no_statement_names_a_class_that_is_not_there(rules: RuleSet) -> None:
    view = CallView(parse_call("0.0-1.0 agent Goedemorgen."), rules.knowledge)
    groups = tuple(view.lexicon.table("uitspraken", "statements"))
    assert StatementReader(view, groups).find(view.utterances[0]) == []


def test_an_unknown_class_is_an_error(rules: RuleSet) -> None:
    lexicon = rules.knowledge.lexicon
    tables = {**lexicon.tables, "uitspraken": {"classes": {}, "statements": {"x": [{"parts": ["nergens"]}]}}}
    knowledge = Knowledge(Lexicon(lexicon.folder, tables), rules.knowledge.situations)
    view = CallView(parse_call("0.0-1.0 agent Goedemorgen."), knowledge)
    with pytest.raises(RuleError, match="no class `nergens`"):
        StatementReader(view, ("x",)).find(view.utterances[0])


def test_every_class_is_used(rules: RuleSet) -> None:
    tables = rules.knowledge.lexicon.tables["uitspraken"]
    used = {
        name
        for statements in tables["statements"].values()
        for statement in statements
        for part in (*statement["parts"], *statement.get("unless", ()))
        for name in part.split("|")
    }
    assert set(tables["classes"]) <= used
