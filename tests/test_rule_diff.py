"""`belscore rules diff`: what another rule set does to the same calls."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belscore.cli import main
from changed_rules import copy_changed

CALL = """\
0.4-4.6 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.
4.9-7.8 caller Goedemorgen, met mevrouw Jansen, hoe laat gaat u open?
8.1-9.9 agent  Om acht uur, mevrouw Jansen.
10.2-11.0 caller Dank u wel, dag.
11.2-12.0 agent  Doei.
"""


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["rules", "diff", *args])


@pytest.fixture
def call(tmp_path: Path) -> str:
    path = tmp_path / "gesprek.call"
    path.write_text(CALL, encoding="utf-8")
    return str(path)


@pytest.fixture
def changed(tmp_path: Path, repository: Path) -> Path:
    """The rules, with `doei` as good a farewell as any, and one rule less."""
    return copy_changed(repository / "rules", tmp_path / "rules")


def test_changed_verdicts_are_shown_with_their_words(call: str, changed: Path, repository: Path) -> None:
    result = run(str(repository / "rules"), str(changed), call)
    assert result.exit_code == 1
    assert "afsluiting-afscheid: fail -> pass" in result.stdout
    assert '+ 0:11 agent "Doei' in result.stdout
    assert "opening-dagdeel: not_applicable -> no such rule" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 calls, 2 verdicts differ in 1 of them"


def test_the_same_as_json(call: str, changed: Path, repository: Path) -> None:
    changes = json.loads(run(str(repository / "rules"), str(changed), call, "--format", "json").stdout)["changes"]
    assert {each["rule_id"] for each in changes} == {"afsluiting-afscheid", "opening-dagdeel"}


def test_equal_rule_sets_differ_in_nothing(call: str, repository: Path) -> None:
    result = run(str(repository / "rules"), str(repository / "rules"), call)
    assert result.exit_code == 0
    assert result.stdout == "1 calls, 0 verdicts differ in 0 of them\n"


def test_a_commit_stands_for_its_rules(
    call: str, changed: Path, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *identity, "-C", str(tmp_path), *arguments], check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "rules")
    git("commit", "--quiet", "-m", "rules")
    monkeypatch.chdir(tmp_path)
    assert run("HEAD", str(changed), call).exit_code == 0
    assert "afsluiting-afscheid: pass -> fail" in run("HEAD", str(repository / "rules"), call).stdout


def test_neither_folder_nor_commit_is_one_line(call: str, repository: Path) -> None:
    result = run("geen-map", str(repository / "rules"), call)
    assert result.exit_code == 2
    assert result.stderr.startswith("geen-map: no such folder, and no commit here with one")
