"""What `rules check` finds in a rule's texts and phrases: each fault put into a sound rule is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from belscore.cli import main
from belscore.rulebook import load_rules
from belscore.rulecheck import check_rules

SOUND = load_rules().rule("wacht-bedanken").path


def told(tmp_path: Path, *changes: tuple[str, str], own_sections: bool = False) -> list[str]:
    """What the check says of the sound rule with changes, as `line kind message`."""
    text = SOUND.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    folder = tmp_path / "wachten"
    folder.mkdir()
    (folder / SOUND.name).write_text(text, encoding="utf-8")
    if own_sections:
        sections = SOUND.parents[1] / "sections.toml"
        (tmp_path / "sections.toml").write_text(sections.read_text(encoding="utf-8"), encoding="utf-8")
    results = check_rules(load_rules(tmp_path))
    return [f"{each.line} {each.kind} {each.message}" for each in results if not each.ok]


def test_sound_rule_has_no_fault(tmp_path: Path) -> None:
    assert told(tmp_path, own_sections=True) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"bedankt voor uw/je geduld"', '"Bedankt voor uw geduld"', "`Bedankt voor uw geduld` is not in lower case"),
        ('"bedankt voor uw/je geduld"', '"bedankt voor het wachten"', "stands there 2 times"),
        ('"bedankt voor uw/je geduld"', '"bedankt ! geduld"', "`bedankt ! geduld` can "),
        ('"bedankt voor uw/je geduld"', '"bedankt (voor"', "`bedankt (voor` can not be read as a phrase"),
        ('"bedankt voor uw/je geduld"', '"da\'s/dit fijn"', "can never be found, as in `da's fijn`"),
        ('say_instead = "Bedankt voor het wachten."', 'say_instead = "Fijn dat je gewacht hebt."', "says je"),
        ("het wachten, {addressed}.", "het wachten, {adressed}.", "{adressed} is no slot"),
        ("{hold_s} seconds on hold", "a while on hold", "fail has the slots hold_s in one language only"),
        ('title = "Thank the caller for holding"', 'title = ""', "title has no English text"),
        ('name    = "bijna: bedanken', 'name    = "bedanken', "has no near-miss example"),
        ('name    = "sorry dat u moest wachten"', 'name    = "bedankt bij het terugkomen"', "2 examples are named"),
        ('say_instead = "Bedankt voor het wachten."', 'say_instead = "Hier ben ik."', "followed, is judged fail"),
    ],
)  # fmt: skip
def test_fault_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert [each for each in told(tmp_path, (old, new)) if says in each], says


def test_rule_without_english_is_named(tmp_path: Path) -> None:
    text = SOUND.read_text(encoding="utf-8")
    table = text[text.index("[en]") : text.index("# What would have made")]
    advice = text[text.index("[en.would_pass]") :]
    assert any("has no English texts" in each for each in told(tmp_path, (table, ""), (advice, "")))


def test_document_is_looked_up_where_the_set_lists_its_documents(tmp_path: Path) -> None:
    change = ('document = "000 Telefoonetiquette"', 'document = "Ons handboek"')
    found = told(tmp_path, change, own_sections=True)
    assert any("document `Ons handboek` is not among" in each for each in found)


def test_own_rules_may_come_from_an_own_document(tmp_path: Path) -> None:
    assert told(tmp_path, ('document = "000 Telefoonetiquette"', 'document = "Ons handboek"')) == []


def test_fault_is_told_with_its_line_and_exit_code(tmp_path: Path) -> None:
    told(tmp_path, ('"bedankt voor uw/je geduld"', '"Bedankt voor uw geduld"'))
    path = tmp_path / "wachten" / SOUND.name
    line = next(
        at
        for at, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "Bedankt voor uw" in text
    )
    result = CliRunner().invoke(main, ["rules", "check", "--rules", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{path}:{line}: wacht-bedanken, lint `texts`: check.any_of: `Bedankt voor uw")


def test_fault_said_of_avoiding_and_steering_rules_is_taken_out_to_try() -> None:
    kinds = {
        result.rule_id
        for result in check_rules(load_rules(), only=("klacht-niet-verdedigen", "afspraak-sturing"))
        if result.kind == "mutation" and "without the faulty words" in result.name
    }
    assert kinds == {"klacht-niet-verdedigen", "afspraak-sturing"}
