"""`belscore check`: samples against what is expected of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from belscore.cli import main
from belscore.samples import find_samples, read_expected
from belscore.scorecard import Verdict

CALL = """\
@ring_s 4
0.4-4.6 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.
4.9-7.8 caller Goedemorgen, met mevrouw Jansen, hoe laat gaat u open?
8.1-9.9 agent  Dag mevrouw Jansen, om acht uur.
10.2-11.0 caller Dank u wel, dag.
11.2-12.0 agent  Dag mevrouw.
"""


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["check", *args])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One sample whose expectations say what comes out, but for its rule on ringing."""
    (tmp_path / "a.call").write_text(CALL, encoding="utf-8")
    expected = tmp_path / "a.expected.toml"
    expected.write_text('# een gesprek\nsituations = []\noutcome = "unknown"\n\n[verdicts]\n', encoding="utf-8")
    assert run(str(tmp_path), "--text", "--update").exit_code == 0
    text = expected.read_text(encoding="utf-8")
    assert 'opening-belsignalen = "pass"' in text
    text = text.replace('opening-belsignalen = "pass"', 'opening-belsignalen = "fail"  # te lang')
    expected.write_text(text + "\n[measures]\nring_count = { value = 1, tolerance = 0 }\n", encoding="utf-8")
    return tmp_path


def test_what_differs_is_a_line_with_its_place_and_the_exit_code_says_so(folder: Path) -> None:
    result = run(str(folder), "--text")
    assert result.exit_code == 1
    expected = folder / "a.expected.toml"
    lines = expected.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if text.startswith("opening-belsignalen"))
    assert f"{expected}:{line}: opening-belsignalen: expected fail, got pass" in result.stdout
    assert "ring_count: expected 1 ± 0, got nothing" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("2 not met")


def test_the_table_has_a_row_for_each_rule_and_marks_what_differs(folder: Path) -> None:
    rows = {
        line.split()[0]: line.split()[1:] for line in run(str(folder), "--text").stdout.splitlines() if "-" in line[:9]
    }
    assert rows["opening-begroeting"] == ["✓"]
    assert rows["opening-belsignalen"] == ["✓!"]


def test_update_writes_what_came_out_and_leaves_comments(folder: Path) -> None:
    assert run(str(folder), "--text", "--update").exit_code == 0
    text = (folder / "a.expected.toml").read_text(encoding="utf-8")
    assert text.startswith("# een gesprek\n")
    assert read_expected(folder / "a.expected.toml").verdicts["opening-belsignalen"] == "pass"
    assert "[measures]" in text
    again = run(str(folder), "--text", "--update")
    assert again.stdout.startswith("0 of 1 expectations changed")


def test_update_takes_texts_only(folder: Path) -> None:
    assert run(str(folder), "--update").exit_code == 2


def test_a_rule_without_expectation_is_told_once_for_each_sample(folder: Path) -> None:
    expected = folder / "a.expected.toml"
    kept = [line for line in expected.read_text(encoding="utf-8").splitlines() if not line.startswith("naam-")]
    expected.write_text("\n".join(kept) + "\n", encoding="utf-8")
    told = [line for line in run(str(folder), "--text").stdout.splitlines() if "no verdict written down" in line]
    assert len(told) == 1
    assert f"{expected}: 3 rules" in told[0]


def test_junit_has_a_case_for_each_expectation(folder: Path) -> None:
    suite = ElementTree.fromstring(run(str(folder), "--text", "--format", "junit").stdout.encode()).find("testsuite")
    assert suite is not None
    failed = {case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None}
    assert failed == {"opening-belsignalen", "ring_count"}


def test_annotations_for_github(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    errors = [line for line in run(str(folder), "--text").stderr.splitlines() if line.startswith("::error file=")]
    assert len(errors) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[verdicts]\nopening-begroeting = 'goed'\n", "verdicts.opening-begroeting"),
        ("verdict = 1\n[verdicts]\n", "verdict:"),
        ("[verdicts\n", "not valid TOML"),
    ],
)
def test_bad_expectations_are_one_line_with_file_and_key(folder: Path, content: str, told: str) -> None:
    (folder / "a.expected.toml").write_text(content, encoding="utf-8")
    result = run(str(folder), "--text")
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert told in result.stderr
    assert "a.expected.toml" in result.stderr


def test_a_folder_without_samples_is_one_line(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert "holds no *.expected.toml" in result.stderr


def test_a_verdict_that_sound_need_not_give_may_stay_open_but_not_turn_round(tmp_path: Path, repository: Path) -> None:
    """Without recogniser: a recording is stood in for by its text, read as if it were the sound."""
    from dataclasses import replace

    from belscore.samples import compare
    from belscore.scoring import score_file

    source = repository / "samples" / "calls"
    for name in ("afspraak-goed.call", "afspraak-goed.expected.toml"):
        shutil.copy(source / name, tmp_path / name)
    sample = find_samples([tmp_path])[0]
    card = score_file(tmp_path / "afspraak-goed.call")
    excused = replace(sample, expected=sample.expected.model_copy(update={"not_from_audio": ("naam-herkenning",)}))
    fine_from_sound: dict[Verdict, bool] = {"pass": True, "unsure": True, "not_applicable": True, "fail": False}
    for verdict, fine in fine_from_sound.items():
        findings = tuple(
            replace(each, verdict=verdict) if each.rule_id == "naam-herkenning" else each for each in card.findings
        )
        checked = {each.item: each for each in compare(excused, replace(card, findings=findings), "audio")}
        assert checked["naam-herkenning"].ok is fine
