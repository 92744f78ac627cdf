"""`belscore rules`: what it shows of rules, and how it reports those that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from belscore.cli import main
from belscore.rulebook import load_rules
from belscore.rulecheck import CheckResult


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def test_every_rule_is_listed_and_can_be_shown() -> None:
    listed = run("rules", "list").stdout
    for rule in load_rules().rules:
        assert rule.id in listed
        shown = run("rules", "show", rule.id)
        assert shown.exit_code == 0
        assert rule.title in shown.stdout
        assert rule.source.document in shown.stdout


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule check that finds one fault."""
    path = Path("rules/wachten/wacht-bedanken.toml")
    results = (
        CheckResult("wacht-bedanken", path, 30, "terug zonder bedankje", "example", True, ""),
        CheckResult("wacht-bedanken", path, 42, "bijna", "example", False, "expected fail,\ngot <pass>"),
    )

    def check(_rules: object, only: Sequence[str] = ()) -> tuple[CheckResult, ...]:
        return tuple(result for result in results if not only or result.rule_id in only)

    monkeypatch.setattr("belscore.rulecheck.check_rules", check)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@pytest.mark.usefixtures("checks")
def test_failed_rule_check_is_a_line_with_its_place() -> None:
    result = run("rules", "check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "rules/wachten/wacht-bedanken.toml:42: wacht-bedanken, example `bijna`: expected fail, got <pass>",
        "1 rules, 2 checks, 1 failed",
    ]
    assert run("rules", "check", "opening-begroeting").exit_code == 0


@pytest.mark.usefixtures("checks")
def test_rule_checks_as_junit_and_annotations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = run("rules", "check", "--format", "junit")
    suite = ElementTree.fromstring(result.stdout)[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert result.stderr.startswith("::error file=rules/wachten/wacht-bedanken.toml,line=42::")
