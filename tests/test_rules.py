"""Every rule of the set: its inline examples, mutations, the sentence to say instead, and its texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from belscore import load_rules, parse_call, score_call
from belscore.errors import RuleError
from belscore.rulecheck import check_rules

RULES = load_rules()


@pytest.mark.parametrize("rule_id", [rule.id for rule in RULES.rules])
def test_rule_passes_every_check(rule_id: str) -> None:
    results = check_rules(RULES, [rule_id])
    assert {result.kind for result in results} >= {"lint", "example", "would_pass"}
    assert [f"{each.path.name}:{each.line}: {each.name}: {each.message}" for each in results if not each.ok] == []


def test_one_finding_for_every_rule_in_rulebook_order() -> None:
    card = score_call(parse_call("0-2 agent Goedemorgen."))
    assert [finding.rule_id for finding in card.findings] == [rule.id for rule in RULES.rules]
    assert [rule.number for rule in RULES.rules] == sorted(rule.number for rule in RULES.rules)


def test_score_and_coverage_add_up() -> None:
    card = score_call(
        parse_call(
            "0-3 agent Goedemorgen, tandartspraktijk De Vries.\n"
            "3.3-6 caller Met Jansen, tot hoe laat zijn jullie open?\n"
            "6.3-8 agent Tot vijf uur, meneer Jansen.\n"
            "8.3-9 caller Dank u, dag.\n"
            "9.2-10 agent Dag meneer Jansen."
        )
    )
    weight = {
        verdict: sum(finding.weight for finding in card.findings if finding.verdict == verdict)
        for verdict in ("pass", "fail", "unsure")
    }
    assert weight["fail"] > 0
    assert weight["unsure"] > 0
    assert card.score == pytest.approx(100 * weight["pass"] / (weight["pass"] + weight["fail"]), abs=0.05)
    judged = weight["pass"] + weight["fail"]
    assert card.coverage == pytest.approx(judged / (judged + weight["unsure"]), abs=0.0005)


def test_a_call_in_which_nothing_can_be_judged_has_no_score() -> None:
    card = score_call(parse_call("0-2 system Toets een voor de receptie."))
    assert card.score is None


def test_evidence_lies_inside_the_call_and_quotes_it() -> None:
    for rule in RULES.rules:
        for example in rule.examples:
            call = parse_call(example.call)
            for finding in score_call(call, rules=RULES).findings:
                for evidence in finding.evidence:
                    assert 0 <= evidence.start_s <= evidence.end_s <= call.duration_s + 1.0, finding.rule_id


def test_verdicts_on_unsure_roles_are_unsure() -> None:
    from dataclasses import replace

    call = parse_call("0-3 agent Goedemorgen, tandartspraktijk De Vries.\n3.3-6 caller Met Jansen.")
    assert score_call(call).finding("opening-begroeting").verdict == "fail"
    finding = score_call(replace(call, role_confidence=0.4)).finding("opening-begroeting")
    assert (finding.verdict, bool(finding.reason)) == ("unsure", True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("weight = 3", "weigth = 3"), "weigth: unknown key"),
        (("weight = 3", "weight = 9"), "weight:"),
        (('kind = "greeting"', 'kind = "mood"'), "check"),
        (('id     = "opening-begroeting"', 'id     = "opening-anders"'), "id is"),
        (("[source]", "[source"), "not valid TOML"),
    ],
)
def test_a_bad_rule_is_named_with_file_and_key(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    source = RULES.rule("opening-begroeting").path
    text = source.read_text(encoding="utf-8")
    assert change[0] in text
    folder = tmp_path / "opening"
    folder.mkdir()
    (folder / source.name).write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(RuleError) as error:
        load_rules(tmp_path)
    assert source.name in str(error.value)
    assert says in str(error.value)


def test_the_digest_changes_with_a_rule(tmp_path: Path) -> None:
    source = RULES.rule("opening-begroeting").path
    folder = tmp_path / "opening"
    folder.mkdir()
    copy = folder / source.name
    copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    before = load_rules(tmp_path).digest
    copy.write_text(source.read_text(encoding="utf-8").replace("weight = 3", "weight = 2"), encoding="utf-8")
    assert load_rules(tmp_path).digest != before
