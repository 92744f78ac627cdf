"""Every command and option is documented, and what the documents show exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from belscore import parse_call, score_call
from belscore.cli import main
from belscore.report.csv import COLUMNS
from belscore.report.wording import wording

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs" / "gebruik.md"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def leaf_commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Each command that does something, with the words that call it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from leaf_commands(child, (*path, name))


def options_of(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def section(heading: str) -> str:
    """The part of the manual under the heading of a top-level command."""
    parts = re.split(r"^## ", MANUAL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return next(part for part in parts if part.split("\n")[0].endswith(f"`{heading}`"))


COMMANDS = list(leaf_commands(main))


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_command_and_its_options_are_in_the_manual(path: tuple[str, ...], command: click.Command) -> None:
    text = section(path[0])
    assert f"belscore {' '.join(path)} " in text or f"belscore {' '.join(path)}\n" in text
    for option in options_of(command):
        for name in (*option.opts, *option.secondary_opts):
            assert f"`{name}" in text, name
        if isinstance(option.type, click.Choice):
            choices = [str(choice) for choice in option.type.choices]
            assert "|".join(choices) in text.replace("\\|", "|"), option.opts


def test_options_of_the_program_itself_are_in_the_manual() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    for option in (*options_of(main), main.get_help_option(click.Context(main, help_option_names=["-h", "--help"]))):
        assert option is not None
        assert all(f"{name}`" in text for name in option.opts), option.opts


def test_columns_of_the_csv_are_in_the_manual_in_their_order() -> None:
    assert ", ".join(COLUMNS) in " ".join(MANUAL.read_text(encoding="utf-8").split())


def test_worked_example_of_the_score_is_what_the_program_computes() -> None:
    text = MANUAL.read_text(encoding="utf-8").split("### Hoe de score tot stand komt")[1].split("\n### ")[0]
    card = score_call(parse_call(_BLOCK.findall(text)[0]))
    shown = re.findall(r"^\| `([a-z-]+)` \| (\d) \| `(\w+)` \|$", text, re.MULTILINE)
    judged = [finding for finding in card.findings if finding.verdict != "not_applicable"]
    assert shown == [(each.rule_id, str(each.weight), each.verdict) for each in judged]
    weights = {
        verdict: [int(weight) for _, weight, given in shown if given == verdict] for verdict in ("pass", "unsure")
    }
    for added in weights.values():
        assert f"{' + '.join(map(str, added))} = {sum(added)}" in text
    total, failed = sum(weights["pass"]), sum(int(weight) for _, weight, given in shown if given == "fail")
    assert f"100 × {total} ÷ {total + failed} = {str(card.score).replace('.', ',')}" in text
    share = f"{total + failed} ÷ {total + failed + sum(weights['unsure'])}"
    assert f"{share} = {wording('nl').percent(card.coverage)}" in text
    opening = next(section for section in card.sections if section.id == "opening")
    assert f"{opening.title} heeft {opening.score:.0f} van 100" in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_commands_that_a_document_shows_exist(document: Path) -> None:
    known = dict(COMMANDS)
    for line in "\n".join(_BLOCK.findall(document.read_text(encoding="utf-8"))).splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True) if "belscore " in line else []
        if not words or Path(words[0]).name != "belscore" or words[1].startswith("-"):
            continue
        path = next((tuple(words[1 : 1 + n]) for n in (2, 1) if tuple(words[1 : 1 + n]) in known), None)
        assert path is not None, f"{document.name}: {line}"
        names = {name for option in options_of(known[path]) for name in option.opts} | {"--help", "-h"}
        shown = {word.split("=")[0] for word in words if word.startswith("-") and word != "-"}
        assert shown <= names, f"{document.name}: {line}"
