"""The second opinion of models on what the agent says, where the phrases of a rule find nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from belscore import load_rules, score_call
from belscore.call import Call, Word
from belscore.rulebook import RuleSet
from belscore.scorecard import Finding
from belscore.situations import ORDER
from labelled_situations import little_call
from slot_lines import SlotLine, read_slots

RULES = load_rules()
BLAME, CHECK_UP = "klacht-geen-schuld-anderen", "klacht-nazorg"
STORY = "C: Met De Wit. Weer een aanmaning, en ik heb allang betaald. Schandalig is het. | A: {} | C: Ja. | A: Dag."
BLAMED = "Het factoringbedrijf waar wij mee werken maakt er de laatste tijd helaas een potje van."
CHECKED = "De dokter laat zaterdagochtend telefonisch bij u navragen of het intussen naar behoren verloopt."


def by_phrases(rules: RuleSet) -> RuleSet:
    return replace(rules, rules=tuple(replace(rule, likeness=None) for rule in rules.rules))


def found(rule: str, said: str, rules: RuleSet = RULES) -> Finding:
    return score_call(little_call("x", STORY.format(said)), rules=rules).finding(rule)


def test_every_rule_with_a_likeness_has_its_model_and_every_model_its_use() -> None:
    told = {rule.id for rule in RULES.rules if rule.likeness is not None}
    assert told
    for rule in told:
        assert RULES.knowledge.models[rule].turns is not None
    of_situations = {*ORDER, "problemen"}
    assert set(RULES.knowledge.models) == told | of_situations


def test_blame_that_no_phrase_knows_fails_with_its_sentence() -> None:
    assert found(BLAME, f"Dat is vervelend. {BLAMED}", by_phrases(RULES)).verdict == "pass"
    finding = found(BLAME, f"Dat is vervelend. {BLAMED}")
    assert finding.verdict == "fail"
    assert [evidence.quote for evidence in finding.evidence] == [BLAMED]
    assert "factoringbedrijf" in finding.feedback


def test_a_check_afterwards_that_no_phrase_knows_passes() -> None:
    assert found(CHECK_UP, CHECKED, by_phrases(RULES)).verdict == "fail"
    assert found(CHECK_UP, CHECKED).verdict == "pass"


def test_words_heard_with_doubt_make_it_unsure() -> None:
    call = little_call("x", STORY.format(BLAMED))
    assert score_call(_heard(call, 0.9), rules=RULES).finding(BLAME).verdict == "fail"
    finding = score_call(_heard(call, 0.3), rules=RULES).finding(BLAME)
    assert finding.verdict == "unsure"


def test_what_the_agent_says_before_the_caller_speaks_does_not_count() -> None:
    call = little_call("x", f"- A: {BLAMED} | C: Met De Wit, ik heb een klacht. | A: Wat vervelend. | C: Ja. | A: Dag.")
    assert score_call(call, rules=RULES).finding(BLAME).verdict == "pass"


def test_a_rule_set_without_models_goes_by_its_phrases() -> None:
    bare = replace(RULES, knowledge=replace(RULES.knowledge, models={}))
    assert found(BLAME, BLAMED, bare).verdict == "pass"


def _heard(call: Call, probability: float) -> Call:
    def word(each: Word) -> Word:
        return replace(each, probability=probability)

    turns = (
        replace(t, words=tuple(map(word, t.words))) if t.role == "agent" and BLAMED in t.text else t for t in call.turns
    )
    return replace(call, turns=tuple(turns))


SLOTS = sorted((Path(__file__).parent / "slots").glob("*.txt"))


@pytest.mark.parametrize("path", SLOTS, ids=lambda path: path.stem)
def test_lines_of_a_writer(path: Path) -> None:
    """The models know these lines; what they make of writers that they do not know is in the README."""
    told = {rule.id for rule in RULES.rules if rule.likeness is not None}
    lines = [line for line in read_slots(iter([path])) if line.about in told]
    assert len(lines) == 32 * len(told)
    shown = [line for line in lines if line.label == "fail"]
    wrong = [line for line in lines if line.label == "pass" and _verdict(line) == "fail"]
    assert len(wrong) <= 10, [line.said for line in wrong]
    assert sum(_verdict(line) == "fail" for line in shown) >= 0.5 * len(shown)


def _verdict(line: SlotLine) -> str:
    return line.found(score_call(line.call(), rules=RULES))
