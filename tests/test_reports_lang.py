"""Reports in English: the same figures, and no Dutch but names and what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from belscore.cli import main
from belscore.packaged import packaged_toml
from belscore.reports import words
from belscore.reports.catalog import REPORTS, make_report
from belscore.reports.csv_text import format_csv
from belscore.reports.filters import filter_lines
from belscore.reports.grouping import Ask
from belscore.reports.model import Column, Report
from belscore.reports.pages import format_page
from belscore.rulebook import load_rules
from belscore.scorecard import Language
from belscore.store.report_data import Filters, ReportData
from belscore.translation import RuleTitle, titles_in
from report_store import MONDAY, NOW, RULES, SmallStore

TITLES = {name: RuleTitle(f"The {name}".replace("groet", "greeting"), "Section") for name in RULES}
# Words that only Dutch uses, of all these reports.
DUTCH = re.compile(
    r"\b(het|een|van|niet|gesprek(ken)?|regels?|oordeel|oordelen|afdeling|medewerker|beller|deel|onbekend|en|dat|wordt|"
    r"maandag|okt|beoordeeld|goed|telt|onderdeel|inkomend|beantwoord)\b",
    re.IGNORECASE,
)
# A rule of a source document is quoted.
QUOTED = re.compile(r"'[^']*belsignalen'")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> SmallStore:
    """Something for every report to say."""
    small = SmallStore(tmp_path_factory.mktemp("lang") / "belscore.db")
    known: dict[str, Any] = {"ring_s": 6.0, "queue_s": 20.0, "after_s": 30.0, "hold_s": 4.0, "caller_hash": "a" * 64}
    first = small.add("ppp", 6, of=["afspraak"], agent="Anja", **known)[0]
    small.add("fpu", 5, agent="Bob", department=None, outcome="callback", **known)
    small.add("pnf", 3, started_at=MONDAY + timedelta(days=1), **known)
    small.add("ppp", started_at=None, department="Lab")
    small.miss(4, ring_s=9.0, queue_s=40.0, caller_hash="a" * 64)
    small.promise(first, due_at=NOW - timedelta(days=2))
    small.promise(first, due_at=None, start_s=30.0)
    small.review(first, "naam", "fail")
    small.review(first, "naam", "pass", by="Dina")
    small.ask_question(first, "covered")
    return small


def made(small: SmallStore, name: str, by: str | None, titles: Mapping[str, RuleTitle], **filters: Any) -> Report:
    with small.store.read() as connection:
        data = ReportData(connection, Filters(**filters), untrusted=["groet"], titles=titles)
        ask = Ask(NOW, by, 1)
        report = make_report(name, data, ask)
        return Report(report.name, report.title, report.explanation, report.parts, filter_lines(data, ask, "s"))


def written(report: Report) -> Iterator[str]:
    """All that the program itself says in a report."""
    yield report.title
    yield from report.explanation
    yield from (f"{name} {value}" for name, value in report.filters)
    for part in report.parts:
        yield part.title
        yield from part.notes
        yield from (column.title for column in part.columns)
        yield from (chart.title for chart in part.charts)
        for key in ("group", "rule", "section", "status", "week", "weekday", "topic", "state", "figure", "standing"):
            yield from (str(each) for each in part.rows.get(key, ()))


CASES = [(name, by) for name, entry in REPORTS.items() for by in (entry.by or (None,))]


@pytest.mark.parametrize(("name", "by"), CASES)
def test_english_reports_have_the_same_figures_and_no_dutch(filled: SmallStore, name: str, by: str | None) -> None:
    dutch = made(filled, name, by, {})
    with words.in_language("en"):
        english = made(filled, name, by, TITLES)
    for one, other in zip(dutch.parts, english.parts, strict=True):
        figures = [*one.rows.select_dtypes(["number", "bool", "datetime"]).columns]
        assert len(one.rows) == len(other.rows)
        pd.testing.assert_frame_equal(one.rows[figures], other.rows[figures])
        assert [chart.value for chart in one.charts] == [chart.value for chart in other.charts]
        assert len(one.notes) == len(other.notes)
    found = {text: each.group() for text in written(english) if (each := DUTCH.search(QUOTED.sub("", text)))}
    assert not found
    assert any(DUTCH.search(text) for text in written(dutch))


def test_figures_are_written_as_the_language_does(filled: SmallStore) -> None:
    assert words.cell({"a": 0.5, "a_low": 0.491, "a_high": 0.509}, COLUMN) == "50,0 % (49,1–50,9)"
    with words.in_language("en"):
        assert words.cell({"a": 0.5, "a_low": 0.491, "a_high": 0.509}, COLUMN) == "50.0% (49.1–50.9)"
        page = format_page(made(filled, "scores", "week", TITLES))
    assert '<html lang="en">' in page
    assert "week 41 (5 Oct – 11 Oct 2026)" in page
    assert words.language() == "nl"


COLUMN = Column("a", "A", "percent", interval=True)


def test_texts_have_the_same_keys_and_slots_in_both_languages() -> None:
    dutch, english = (packaged_toml("belscore.reports", "texts", f"{each}.toml") for each in ("nl", "en"))
    assert _shape(dutch) == _shape(english)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_remark_with_a_number_has_a_singular(language: Language) -> None:
    with words.in_language(language):
        tables = {key: table for key, table in words.texts().items() if isinstance(table, dict)}
        remarks = [
            (name, key) for name, table in tables.items() for key, text in table.items()
            if isinstance(text, str) and text.endswith(".") and "{number}" in text
        ]  # fmt: skip
        assert len(remarks) >= 8
        for name, key in remarks:
            many = words.note(key, table=name, number=2, minimum=5, rules="x", days=7, total=9)
            one = words.note(key, table=name, number=1, minimum=5, rules="x", days=7, total=9)
            assert "2" in many
            # "One of the nine calls" is the same in both.
            assert key == "unknown" or one != many.replace("2", "1"), key


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shape(each) for key, each in value.items()}
    return [_shape(each) for each in value] if isinstance(value, list) else sorted(re.findall(r"\{\w*\}", value))


def test_rules_carry_their_english_titles_on_the_command_line(filled: SmallStore, tmp_path: Path) -> None:
    rules = load_rules()
    titles = titles_in(rules, "en")
    assert titles["wacht-bedanken"].title == "Thank the caller for holding"
    assert titles.keys() == {rule.id for rule in rules.rules}
    assert titles_in(rules, "nl") == {}
    asked = ["report", "rules", "--store", str(filled.path), "--min-calls", "1"]
    english = CliRunner().invoke(main, [*asked, "--lang", "en"])
    assert english.exit_code == 0, english.output
    assert "Rules" in english.stdout.splitlines()[0]
    assert CliRunner().invoke(main, asked).stdout.startswith("Regels")
    # Excel too, the first sheet and its heads.
    book = tmp_path / "rules.xlsx"
    assert CliRunner().invoke(main, [*asked, "--lang", "en", "--out", str(book)]).exit_code == 0
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    assert load_workbook(book).sheetnames[0] == "Explanation"
    assert format_csv(made(filled, "rules", None, TITLES)).count("The greeting") == 1
