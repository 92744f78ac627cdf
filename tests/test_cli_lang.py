"""English texts: every rule has them, they say the same, and no verdict depends on the language."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from belscore.cli import main
from belscore.engine import score_call
from belscore.inputs import CallFile, read_call
from belscore.notation import parse_call
from belscore.report.html import format_page
from belscore.report.table import format_card
from belscore.rule_lint import _pairs, problems
from belscore.rulebook import Rule, load_rules
from belscore.scorecard import Scorecard
from belscore.translation import in_language

DUTCH = load_rules()
ENGLISH = in_language(DUTCH, "en")
SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "calls").glob("*.call"))
# Words that only Dutch uses, of the headings and the texts of rules.
DUTCH_WORDS = {"je", "niet", "beller", "medewerker", "gesprek", "onderdeel", "regels", "waarom", "oefen", "van", "goed"}


def texts(language: str) -> dict[str, Any]:
    return tomllib.loads(files("belscore.report").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8"))


def both(path: Path) -> tuple[Scorecard, Scorecard]:
    call = read_call(CallFile.of(path))
    return score_call(call, rules=DUTCH), score_call(call, rules=ENGLISH)


@pytest.mark.parametrize("rule", DUTCH.rules, ids=lambda rule: rule.id)
def test_every_text_of_a_rule_stands_in_english_with_the_same_slots(rule: Rule) -> None:
    assert rule.en is not None
    for key, dutch, english in _pairs(rule, rule.en):
        assert bool(dutch) == bool(english), key
        assert dutch != english or not dutch, key
    assert [each.message for each in problems(rule, DUTCH)] == []


def test_sections_and_reasons_stand_in_english() -> None:
    assert all(section.english for section in DUTCH.sections)
    tables = DUTCH.knowledge.lexicon.tables["redenen"]
    assert tables["reasons"].keys() == tables["en"].keys()
    assert tables["needed"].keys() == tables["needed_en"].keys()
    assert tables["needed"].keys() <= tables["reasons"].keys()


def test_reports_say_the_same_things_in_both_languages() -> None:
    dutch, english = texts("nl"), texts("en")
    assert dutch.keys() == english.keys()
    for table in dutch.keys() - {"sayings", "units"}:
        assert dutch[table].keys() == english[table].keys(), table
        for key, text in dutch[table].items():
            assert str(text).count("{") == str(english[table][key]).count("{"), key


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_verdicts_evidence_and_what_to_say_are_the_same_in_both_languages(path: Path) -> None:
    dutch, english = both(path)
    for one, other in zip(dutch.findings, english.findings, strict=True):
        assert (one.rule_id, one.verdict, one.weight) == (other.rule_id, other.verdict, other.weight)
        assert (one.evidence, one.measured, one.say_instead) == (other.evidence, other.measured, other.say_instead)
        assert one.title != other.title
        assert one.why != other.why
    assert (dutch.score, dutch.coverage, dutch.ledger) == (english.score, english.coverage, english.ledger)
    assert dutch.rules_digest == english.rules_digest
    assert dutch.to_dict().keys() == english.to_dict().keys()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_english_card_leaves_no_dutch_but_what_was_said(path: Path) -> None:
    _, card = both(path)
    said = {word for finding in card.findings for evidence in finding.evidence for word in evidence.quote.split()}
    for finding in card.findings:
        for text in (finding.title, finding.why, finding.reason or ""):
            assert not DUTCH_WORDS & set(text.lower().replace("'je'", "").split()), finding.rule_id
    headings = [line for line in format_card(card).splitlines() if "──" in line]
    assert headings
    assert not DUTCH_WORDS & {word.lower() for line in headings for word in line.split()} - said


def test_page_and_terminal_speak_english() -> None:
    call = parse_call("0-4 agent Goedemorgen, praktijk De Vries.\n4.3-8 caller Goedemorgen, met Jansen, een vraag.")
    card = score_call(call, rules=ENGLISH)
    page = format_page(call, card)
    assert '<html lang="en">' in page
    for dutch in ("scorekaart", "Oefen", "Waarom", "medewerker", "beller", "Niet van toepassing", "Het gesprek"):
        assert dutch not in page, dutch
    assert "Practise this first" in format_card(card)
    assert "at most" in format_card(card)


def run(*args: str) -> str:
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_what_is_told_on_stderr_is_english_too(tmp_path: Path) -> None:
    out = tmp_path / "a.html"
    result = CliRunner().invoke(main, ["score", str(SAMPLES[0]), "--lang", "en", "--out", str(out)])
    assert result.stderr == f"written: {out}\n"
    folder = ["score", str(SAMPLES[0].parent), "--lang", "en", "--format", "html", "--out", str(tmp_path / "cards")]
    assert f"and {len(SAMPLES)} more" in CliRunner().invoke(main, [*folder[:1], *map(str, SAMPLES), *folder[2:]]).stderr
    assert "Not right" in (tmp_path / "cards" / "index.html").read_text(encoding="utf-8")


def test_commands_take_the_language() -> None:
    assert "Thank the caller for holding" in run("rules", "show", "wacht-bedanken", "--lang", "en")
    assert "Thank the caller for holding" in run("rules", "list", "--lang", "en")
    assert "Bedank de beller" in run("rules", "list")
    path = str(SAMPLES[0])
    assert "out of 100" in run("score", path, "--lang", "en")
    data = json.loads(run("score", path, "--lang", "en", "--format", "json"))
    assert (data["schema"], data["language"]) == ("belscore.scorecard/1", "en")
    assert data["findings"][0]["title"].startswith("Answer with")
