"""Mutation of whole calls: the changes do what they say, and a verdict that stands whatever is said is found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from belscore import load_rules, mutations, parse_call, score_call
from belscore.call import Call, Span, Turn
from belscore.call_mutants import Mutant, find_mutants
from belscore.checks import CHECKS
from belscore.checks.outcome import Outcome
from belscore.inputs import read_call
from belscore.report.mutants import format_mutants, format_mutants_junit, told
from belscore.rulebook import Rule, RuleSet
from belscore.samples import Sample, find_samples
from belscore.scorecard import Evidence
from belscore.view import CallView

RULES = load_rules()
SAMPLES = find_samples([Path(__file__).resolve().parent.parent / "samples"])
TEXT = (
    "0-4 agent Goedemorgen, praktijk De Vries, u spreekt met Anja.\n"
    "4.5-10.5 caller Met Bakker, ik wil graag een afspraak voor de controle van mijn zoon.\n"
    "6-6.3 agent ja\n"
    "11-15 agent Schikt het dinsdag om half drie?"
)
CALL = parse_call(TEXT)
GREETING = Evidence("agent", 0.0, CALL.turns[0].words[0].end_s, "Goedemorgen,")


def texts(call: Call) -> list[str]:
    return [turn.text for turn in call.turns]


def sample(name: str) -> tuple[Sample, Call]:
    found = next(each for each in SAMPLES if each.name == name)
    assert found.text is not None
    return found, read_call(found.text)


def only(*rule_ids: str) -> RuleSet:
    return replace(RULES, rules=tuple(RULES.rule(rule_id) for rule_id in rule_ids))


def of(mutants: list[Mutant], rule_id: str) -> dict[str, bool]:
    return {each.change: each.killed for each in mutants if each.rule_id == rule_id}


@pytest.fixture(scope="module")
def tried() -> list[Mutant]:
    """Every mutant of every sample, with the rules as they are."""
    return list(find_mutants([sample(each.name) for each in SAMPLES], RULES))


# ---- the changes


def test_quoted_words_are_taken_out_and_nothing_else() -> None:
    gone = mutations.without(CALL, [GREETING])
    assert gone is not None
    assert texts(gone)[0] == "praktijk De Vries, u spreekt met Anja."
    assert texts(gone)[1:] == texts(CALL)[1:]


def test_a_turn_of_which_all_words_go_goes_and_an_empty_call_is_none() -> None:
    whole = [Evidence(turn.role, turn.start_s, turn.end_s, turn.text) for turn in CALL.turns]
    gone = mutations.without(CALL, whole[:1])
    assert gone is not None
    assert texts(gone) == texts(CALL)[1:]
    assert mutations.without(CALL, whole) is None


def test_what_the_caller_says_at_the_same_time_stays() -> None:
    during = Evidence("agent", 6.0, 6.3, "ja")
    gone = mutations.without(CALL, [during])
    assert gone is not None
    assert texts(gone) == [TEXT.splitlines()[at].split(" ", 2)[2] for at in (0, 1, 3)]


def test_a_turn_is_given_to_the_caller_whole() -> None:
    given = mutations.said_by_caller(CALL, [GREETING])
    assert [turn.role for turn in given.turns] == ["caller", "caller", "agent", "agent"]
    assert texts(given) == texts(CALL)


def test_misheard_words_are_other_ones_and_doubtful() -> None:
    heard = mutations.misheard(CALL, [GREETING])
    word, before = heard.turns[0].words[0], CALL.turns[0].words[0]
    assert word.text != before.text
    assert len(word.text) == len(before.text)
    assert word.probability < 0.5
    assert heard.turns[0].words[1:] == CALL.turns[0].words[1:]


def test_a_scene_is_put_between_turns_and_what_follows_moves_up() -> None:
    scene = mutations.in_a_row([parse_call("100-103 agent Dat kan niet.").turns[0]] * 2)
    assert [(round(turn.start_s, 2), round(turn.end_s, 2)) for turn in scene] == [(0.0, 3.0), (3.3, 6.3)]
    more = mutations.planted(CALL, scene, 10.5)
    assert [(turn.role, round(turn.start_s, 2)) for turn in more.turns[3:]] == [
        ("agent", 10.8), ("agent", 14.1), ("agent", 17.6),
    ]  # fmt: skip
    assert more.duration_s == pytest.approx(21.6)


def test_time_runs_slower_inside_a_span_and_the_same_outside() -> None:
    slow = mutations.warped(CALL, Span(4.0, 4.5), 20.0)
    assert [round(turn.start_s, 2) for turn in slow.turns] == [0.0, 14.0, 15.5, 20.5]
    assert [round(turn.end_s - turn.start_s, 2) for turn in slow.turns] == [4.0, 6.0, 0.3, 4.0]
    fast = mutations.warped(CALL, Span(0.0, CALL.duration_s), 0.5)
    assert fast.duration_s == CALL.duration_s / 2
    assert fast.turns[0].words[-1].end_s == pytest.approx(2.0)


def test_the_agent_cuts_in_and_the_caller_falls_silent() -> None:
    cut = mutations.cut_in(CALL, CALL.turns[1], 0.5, 1.0)
    assert cut is not None
    caller, agent = cut.turns_of("caller")[0], cut.turns_of("agent")[-1]
    assert (caller.end_s, agent.start_s) == (8.5, 7.5)
    assert len(caller.words) < len(CALL.turns[1].words)
    assert mutations.cut_in(parse_call("0-4 caller Hallo, is daar iemand?"), CALL.turns[1], 0.5, 1.0) is None


def test_who_cut_in_waits_until_nobody_speaks() -> None:
    cut = mutations.cut_in(CALL, CALL.turns[1], 0.5, 1.0)
    assert cut is not None
    agent = cut.turns_of("agent")[-1]
    waited = mutations.heard_out(cut, [Evidence("agent", agent.start_s, agent.end_s, "")])
    assert waited.turns_of("agent")[-1].start_s == pytest.approx(8.8)


def test_both_parties_trade_places_and_a_colleague_stays() -> None:
    call = replace(CALL, turns=(*CALL.turns, Turn("colleague", 16.0, 17.0, "Met Jan.", ())))
    assert [turn.role for turn in mutations.swapped(call).turns] == ["caller", "agent", "caller", "caller", "colleague"]


# ---- on the samples


@pytest.mark.slow
def test_no_mutant_of_the_samples_survives(tried: list[Mutant]) -> None:
    assert [f"{each.sample.name}: {told(each)}" for each in tried if each.survives] == []


@pytest.mark.slow
def test_every_verdict_of_the_samples_has_a_mutant(tried: list[Mutant]) -> None:
    have = {(each.sample.name, each.rule_id) for each in tried}
    missing = {
        (each.name, rule_id)
        for each in SAMPLES
        for rule_id, verdict in each.expected.verdicts.items()
        if verdict in ("pass", "fail") and (each.name, rule_id) not in have
    }
    # Nobody can say a name once more that was never said.
    assert {rule_id for _, rule_id in missing} <= {"naam-maximaal-drie"}
    assert len(missing) <= 2


@pytest.mark.slow
def test_every_rule_has_mutants_of_a_pass_and_of_a_fail(tried: list[Mutant]) -> None:
    have = {(each.rule_id, each.verdict) for each in tried}
    assert have == {(rule.id, verdict) for rule in RULES.rules for verdict in ("pass", "fail")}


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_a_verdict_that_stands_whatever_is_said_is_found_out(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """What mutation is for: a rule edit after which the verdict no longer hangs on the call."""
    original = CHECKS[rule.check.kind]
    first: dict[str, Outcome] = {}

    def stuck(params: Any, view: CallView) -> Outcome:
        return first.setdefault(view.call.source, original(params, view))

    monkeypatch.setitem(cast(dict[str, Any], CHECKS), rule.check.kind, stuck)
    monkeypatch.setattr("belscore.engine.second_opinion", lambda _rule, outcome, _view: outcome)
    shown = [each for each in SAMPLES if each.expected.verdicts[rule.id] == "fail"][:1]
    shown += [each for each in SAMPLES if each.expected.verdicts[rule.id] == "pass"][:2]
    mutants = list(find_mutants([sample(each.name) for each in shown], only(rule.id)))
    assert mutants
    # Without the words that make a wait or a transfer the rule does not come into it, or is unsure where all others
    # still tell of one.
    assert all(each.got in ("not_applicable", "unsure") for each in mutants if each.killed)
    assert any(each.survives for each in mutants) or rule.applies.situation or rule.check.kind == "hold_request"


def test_a_fault_that_is_no_longer_seen_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    original = CHECKS["counts_name"]

    def generous(params: Any, view: CallView) -> Outcome:
        return replace(original(params, view), verdict="pass")

    monkeypatch.setitem(cast(dict[str, Any], CHECKS), "counts_name", generous)
    mutants = list(find_mutants([sample("afspraak-goed")], only("naam-maximaal-drie")))
    assert of(mutants, "naam-maximaal-drie") == {"planted": False}


def test_a_survivor_is_excused_by_its_name_with_the_reason() -> None:
    found, _ = sample("afspraak-goed")
    excused = replace(
        found, expected=found.expected.model_copy(update={"survivors": {"opening-begroeting:removed": "gebeurt"}})
    )
    survivor = Mutant(excused, "opening-begroeting", "removed", "Goedemorgen", "pass", "pass", killed=False)
    assert not survivor.survives
    assert "expected: gebeurt" in told(survivor)
    assert replace(survivor, change="misheard").survives


# ---- reports


def test_table_counts_and_junit_names_every_survivor() -> None:
    found, _ = sample("afspraak-goed")
    dead = Mutant(found, "opening-begroeting", "removed", "Goedemorgen", "pass", "fail", killed=True)
    alive = Mutant(found, "opening-begroeting", "misheard", "Goedemorgen " * 40, "pass", "pass", killed=False)
    table = format_mutants([dead, dead, alive]).splitlines()
    assert table[0].split() == ["removed", "misheard"]
    assert table[1].split() == ["opening-begroeting", "2/2", "0/1"]
    xml = format_mutants_junit([dead, alive])
    assert 'tests="2" failures="1"' in xml
    assert len(told(alive)) < 200


@pytest.mark.slow
def test_verdicts_before_the_change_are_those_of_the_scorecard(tried: list[Mutant]) -> None:
    found, call = sample("klacht-goed")
    card = score_call(call)
    for each in tried:
        if each.sample.name == found.name:
            assert each.verdict == card.finding(each.rule_id).verdict
