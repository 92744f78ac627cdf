"""`belscore rules new`: the skeleton names all there is, says what is open, and passes once it is filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import BaseModel

from belscore.cli import main
from belscore.drafts import FILL_IN, open_keys
from belscore.rule_schema import English, Feedback, RuleFile, WouldPass
from belscore.rule_skeleton import _models, check_kinds, skeleton
from belscore.rulebook import load_rules

# What somebody who starts a rule writes, by key.
FILLED = {
    "title": "Zeg dat je terug bent met een bedankje",
    "why": "Wie wacht, wil merken dat dat gezien wordt.",
    "source.document": "000 Telefoonetiquette",
    "source.quote": "Bedankt voor het wachten",
    "feedback.pass": "Je bedankte na {hold_s} seconden.",
    "feedback.fail": "Je bedankte niet na {hold_s} seconden.",
    "feedback.say_instead": "Dank u voor het wachten.",
    "would_pass.text": 'Zeg om {at}: \\"{say}\\"',
    "would_pass.place": "start",
    "en.title": "Say thank you when you come back",
    "en.why": "Callers who wait want to be noticed.",
    "en.pass": "You said thank you after {hold_s} seconds.",
    "en.fail": "You did not say thank you after {hold_s} seconds.",
    "en.would_pass.text": 'At {at}, say: \\"{say}\\"',
    "examples.1.name": "bedankt",
    "examples.2.name": "bedankt, zonder leestekens",
    "examples.3.name": "niets gezegd",
    "examples.4.name": "niets gezegd, zonder leestekens",
    "examples.5.name": "bijna: bedankt in de tweede beurt",
}
HOLD = "0.4-4.0 agent Heeft u een ogenblik?\n4.3-5.0 caller Ja hoor.\n"
CALLS = (
    HOLD + "20.0-23.0 agent Dank u voor het wachten, het is gevonden.\n",
    HOLD.lower().replace("?", "") + "20.0-23.0 agent dank u voor het wachten het is er\n",
    HOLD + "20.0-23.0 agent Het is gevonden.\n",
    HOLD + "20.0-23.0 agent ik heb het hier staan\n",
    HOLD + "20.0-21.0 agent Ja.\n21.3-22.0 caller Ja?\n22.3-25.0 agent Dank u voor het wachten.\n",
)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def filled(text: str) -> str:
    """The skeleton with sensible content at every open key."""
    lines = text.splitlines()
    for each in open_keys(text):
        if each.key in FILLED:
            key = each.key.rsplit(".", maxsplit=1)[-1]
            lines[each.line - 1] = f'{key} = "{FILLED[each.key]}"'
    body = "\n".join(lines)
    body = body.replace('within = { turns = "VUL IN: geheel getal" }', 'within = { turns = 2, after = "hold_end" }')
    body = body.replace('any_of = ["VUL IN: tekst"]', 'any_of = ["dank u voor het wachten"]')
    body = body.replace("# situation = ", 'situation = "wachtstand" # ')
    parts = body.split('call    = """\n')
    calls = [call + part[part.index('"""') :] for call, part in zip(CALLS, parts[1:], strict=True)]
    return 'call    = """\n'.join([parts[0], *calls]) + "\n"


def keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_skeleton_names_every_key_and_every_check_with_its_parameters() -> None:
    text = skeleton("wacht-nieuw", number=99)
    for key in keys_of(RuleFile) | keys_of(Feedback) | keys_of(WouldPass) | keys_of(English):
        assert key in text, key
    for kind in check_kinds():
        line = next(line for line in text.splitlines() if line.split()[:2] == ["#", kind])
        assert all(f"{key}" in line for key in keys_of(_models()[kind]) - {"kind"}), kind


@pytest.mark.parametrize("kind", check_kinds())
def test_skeleton_of_every_kind_is_open_at_its_required_parameters(kind: str) -> None:
    keys = {each.key for each in open_keys(skeleton("wacht-nieuw", number=99, kind=kind))}
    for name, field in _models()[kind].model_fields.items():
        assert (f"check.{name}" in keys) == (field.is_required() and name != "kind")


def test_check_says_what_is_still_to_be_filled_in_and_nothing_else(tmp_path: Path) -> None:
    made = run("rules", "new", "wacht-nieuw", "--rules", str(tmp_path))
    assert made.exit_code == 0
    path = tmp_path / "wachten" / "wacht-nieuw.toml"
    assert made.stdout.strip() == str(path)
    result = run("rules", "check", "--rules", str(tmp_path), "--quiet")
    assert result.exit_code == 1
    lines = path.read_text(encoding="utf-8").splitlines()
    told = result.stdout.splitlines()
    assert len(told) == len(open_keys("\n".join(lines)))
    for line in told:
        place, message = line.split(": ", maxsplit=1)
        assert FILL_IN in "".join(lines[int(place.rsplit(":")[-1]) - 1 :][:4])
        assert message.startswith("wacht-nieuw, open `")


def test_a_rule_that_is_not_done_is_not_scored_with(tmp_path: Path) -> None:
    run("rules", "new", "wacht-nieuw", "--rules", str(tmp_path))
    (tmp_path / "a.call").write_text("0-2 agent Goedemorgen.")
    result = run("score", str(tmp_path / "a.call"), "--rules", str(tmp_path))
    assert result.exit_code == 2
    assert "still to be filled in: title, why" in result.stderr
    assert result.stderr.count("\n") == 1


def test_finished_skeleton_passes_the_check(tmp_path: Path) -> None:
    run("rules", "new", "wacht-nieuw", "--rules", str(tmp_path))
    path = tmp_path / "wachten" / "wacht-nieuw.toml"
    path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
    result = run("rules", "check", "--rules", str(tmp_path))
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1), result.stdout
    assert load_rules(tmp_path).rule("wacht-nieuw").section == "wachten"


def test_section_and_number_follow_from_what_is_there(tmp_path: Path) -> None:
    assert run("rules", "new", "wacht-een", "--rules", str(tmp_path)).exit_code == 0
    assert run("rules", "new", "anders-twee", "--section", "klacht", "--rules", str(tmp_path)).exit_code == 0
    first, second = tmp_path / "wachten" / "wacht-een.toml", tmp_path / "klacht" / "anders-twee.toml"
    numbers = [int(path.read_text().split("number = ")[1].split()[0]) for path in (first, second)]
    assert numbers == [len(load_rules().rules) + 1, numbers[0] + 1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Wacht-nieuw"], "`Wacht-nieuw` is no rule id"),
        (["wacht"], "`wacht` is no rule id"),
        (["../wacht-nieuw"], "is no rule id"),
        (["iets-anders"], "does not say its section"),
        (["iets-anders", "--section", "elders"], "no section `elders`"),
        (["wacht-nieuw", "--kind", "mood"], "no check kind `mood`"),
        (["wacht-oud"], "the rule is there already"),
    ],
)
def test_what_cannot_be_started_is_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    run("rules", "new", "wacht-oud", "--rules", str(tmp_path))
    before = (tmp_path / "wachten" / "wacht-oud.toml").read_bytes()
    result = run("rules", "new", *arguments, "--rules", str(tmp_path))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert says in result.stderr
    assert [path.name for path in tmp_path.rglob("*.toml")] == ["wacht-oud.toml"]
    assert (tmp_path / "wachten" / "wacht-oud.toml").read_bytes() == before
