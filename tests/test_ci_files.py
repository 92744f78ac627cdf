"""What others build on: hooks, workflow and container file name commands, targets and files that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from belscore.cli import main

ROOT = Path(__file__).resolve().parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
WORKFLOW = ROOT / ".github" / "workflows" / "check.yml"
MANUAL = ROOT / "docs" / "ci.md"
CONTAINER = ROOT / "Containerfile"
_USES = re.compile(r"uses: *(\S+)@(\S+)(?: *# *(\S+))?")


def parsed(line: str) -> list[str]:
    """The words of a belscore command line behind its name, up to what a shell takes from it."""
    words = shlex.split(line.split(">")[0], comments=True)
    assert words[0] == "belscore"
    return words[1:]


def command_of(words: list[str]) -> click.Command:
    """The command that the words call; fails the test when there is none, or an option that it does not know."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        name, words = words[0], words[1:]
        found = command.get_command(context, name)
        assert found is not None, name
        command = found
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    assert {word for word in words if word.startswith("-")} <= known
    return command


@pytest.mark.parametrize("entry", re.findall(r"^  entry: (.+)$", HOOKS.read_text(encoding="utf-8"), re.MULTILINE))
def test_a_hook_runs_a_command_that_exists(entry: str) -> None:
    command_of(parsed(entry))


def test_the_manual_shows_the_hooks_there_are() -> None:
    hooks = set(re.findall(r"^- id: (\S+)$", HOOKS.read_text(encoding="utf-8"), re.MULTILINE))
    assert hooks
    assert set(re.findall(r"- id: (\S+)", MANUAL.read_text(encoding="utf-8"))) == hooks


@pytest.mark.parametrize("path", [WORKFLOW, MANUAL], ids=["workflow", "manual"])
def test_actions_are_pinned_to_a_commit_with_their_version_beside_it(path: Path) -> None:
    uses = _USES.findall(path.read_text(encoding="utf-8"))
    assert uses
    for action, commit, version in uses:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), action
        assert re.fullmatch(r"v\d+\.\d+\.\d+", version), action


def test_the_manual_pins_the_actions_that_the_workflow_pins() -> None:
    pins = {found[:2] for found in _USES.findall(WORKFLOW.read_text(encoding="utf-8"))}
    assert {found[:2] for found in _USES.findall(MANUAL.read_text(encoding="utf-8"))} <= pins


def test_the_workflow_makes_targets_that_exist() -> None:
    made = set(re.findall(r"run: make (\S+)", WORKFLOW.read_text(encoding="utf-8")))
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert made
    assert made <= targets


def test_what_make_test_leaves_out_is_run_by_another_check() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    checks = re.findall(r"^checks=\((.+)\)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    recipes = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    run = [re.findall(r'pytest [^\n]*-m "?([^"$]+?)"? \$\(ARGS\)', recipes[name]) for name in checks[0].split()]
    assert "test" in checks[0].split()
    assert '-m "not ($(ELSEWHERE))" $(ARGS)' in recipes["test"]
    [left_out] = re.findall(r"^ELSEWHERE := (.+)$", makefile, re.MULTILINE)
    assert set(left_out.split(" or ")) <= {marker for found in run for each in found for marker in each.split(" or ")}


def test_commands_in_the_workflow_of_the_manual_exist() -> None:
    lines = re.findall(r"run: (belscore .+)$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) >= 3
    for line in lines:
        command_of(parsed(line))


def test_the_image_gets_every_file_that_its_build_needs() -> None:
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert all((ROOT / name).exists() for name in kept)
    assert {"requirements.lock", "pyproject.toml", "pipeline", "rules", "models/manifest.toml"} <= set(kept)
    # What hatchling reads besides the package.
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.findall(r'^readme = "(.+)"|license-files = \["(.+)"\]', project, re.MULTILINE)
    assert {name for pair in needed for name in pair if name} <= set(kept)


def test_the_image_runs_as_an_ordinary_user_and_needs_no_network_to_score() -> None:
    text = CONTAINER.read_text(encoding="utf-8")
    assert text.index("models fetch") < text.rindex("FROM ")
    assert re.search(r"^USER (?!root)\S+$", text, re.MULTILINE)
    assert text.rstrip().endswith('ENTRYPOINT ["belscore"]')
