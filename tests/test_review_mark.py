"""A figure about a person is called provisional until people listened to what it rests on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from belscore.coaching import MIN_REVIEWED, Counted, rule_shares
from belscore.coaching_sheet import Practised
from belscore.report.coaching import _went
from belscore.reports.catalog import REPORTS
from belscore.reports.csv_text import format_csv
from belscore.reports.pages import format_page
from report_store import MONDAY, RULES, SmallStore

PROVISIONAL = "voorlopig, niet nagekeken"


@pytest.fixture
def small(tmp_path: Path) -> SmallStore:
    return SmallStore(tmp_path / "belscore.db")


def calls_of(small: SmallStore, count: int, *, agent: str) -> list[int]:
    """Calls of different callers, each with a question, so that every report has something to count."""
    ids = [call_id for number in range(count) for call_id in small.add(agent=agent, caller_hash=f"{agent}{number}")]
    # Days later, so that it is known who called again.
    small.add(agent="Later", started_at=MONDAY + timedelta(days=30))
    for call_id in ids:
        small.ask_question(call_id, "covered")
    return ids


def reviewed_calls(small: SmallStore, count: int, *, agent: str, rules: tuple[str, ...] = RULES) -> None:
    for call_id in calls_of(small, count, agent=agent):
        for rule_id in rules:
            small.review(call_id, rule_id, "pass")


def standing(small: SmallStore, report: str, agent: str) -> list[str]:
    return [row["standing"] for row in small.rows(report, "agent") if row["group"] == agent]


def test_score_of_a_person_is_provisional_until_enough_calls_were_reviewed(small: SmallStore) -> None:
    small.add("ppp", agent="Anja", count=40)
    reviewed_calls(small, MIN_REVIEWED - 1, agent="Anja")
    reviewed_calls(small, MIN_REVIEWED, agent="Bo")
    assert standing(small, "scores", "Anja") == [PROVISIONAL]
    assert standing(small, "scores", "Bo") == ["nagekeken"]
    assert {row["group"]: row["reviewed"] for row in small.rows("scores", "agent")} == {"Anja": 9, "Bo": 10, "Later": 0}


def test_a_call_counts_as_reviewed_only_when_all_its_verdicts_were(small: SmallStore) -> None:
    reviewed_calls(small, MIN_REVIEWED, agent="Anja", rules=RULES[:2])
    assert standing(small, "scores", "Anja") == [PROVISIONAL]


def test_a_verdict_on_which_people_differ_is_not_reviewed(small: SmallStore) -> None:
    for call_id in small.add("pnn", agent="Anja", count=MIN_REVIEWED):
        small.review(call_id, "groet", "pass", by="Els")
        small.review(call_id, "groet", "fail", by="Jan")
    assert standing(small, "scores", "Anja") == [PROVISIONAL]


def test_each_rule_of_a_person_stands_by_its_own_reviews(small: SmallStore) -> None:
    reviewed_calls(small, MIN_REVIEWED, agent="Anja", rules=("naam",))
    rows = {row["rule_id"]: row["standing"] for row in small.rows("rules", "agent") if row["group"] == "Anja"}
    assert rows == {"groet": PROVISIONAL, "naam": "nagekeken", "afscheid": PROVISIONAL}


@pytest.mark.parametrize("name", [name for name, entry in REPORTS.items() if "agent" in entry.by])
def test_every_report_by_person_has_the_mark_in_every_form(small: SmallStore, name: str) -> None:
    calls_of(small, 12, agent="Anja")
    report = small.report(name, "agent")
    assert all(part.rows["standing"].eq(PROVISIONAL).all() and len(part.rows) for part in report.parts)
    assert PROVISIONAL in format_page(report)
    assert PROVISIONAL in format_csv(report)


@pytest.mark.parametrize("name", ["resolution", "handling", "questions"])
def test_what_nobody_can_review_stays_provisional(small: SmallStore, name: str) -> None:
    reviewed_calls(small, 2 * MIN_REVIEWED, agent="Anja")
    assert set(standing(small, name, "Anja")) == {PROVISIONAL}


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_narrowed_to_one_person_tells_it(small: SmallStore, name: str) -> None:
    small.add("ppp", agent="Anja", count=12)
    for part in small.report(name, agent="Anja").parts:
        assert f"Stand: {PROVISIONAL}." in part.notes[0]


def test_report_narrowed_to_one_person_counts_once_reviewed(small: SmallStore) -> None:
    reviewed_calls(small, MIN_REVIEWED, agent="Anja")
    [part] = small.report("scores", agent="Anja").parts
    assert "Van de 10 gesprekken zijn er 10 helemaal nagekeken. Stand: nagekeken." in part.notes[0]


@pytest.mark.parametrize("by", ["department", "week", None])
def test_reports_about_nobody_carry_no_mark(small: SmallStore, by: str | None) -> None:
    small.add("ppp", agent="Anja", count=12)
    report = small.report("scores", by)
    assert "standing" not in report.parts[0].rows
    assert PROVISIONAL not in format_page(report)


@pytest.mark.parametrize(("reviewed", "provisional"), [(MIN_REVIEWED - 1, True), (MIN_REVIEWED, False)])
def test_coaching_sheet_calls_a_share_provisional_until_it_was_reviewed(reviewed: int, provisional: bool) -> None:
    found = [
        Counted(number, MONDAY + timedelta(days=number), "groet", 2, "pass", False, 1, reviewed=number < reviewed)
        for number in range(20)
    ]
    [share] = rule_shares(found)
    assert ("Voorlopig, niet nagekeken" in _went(Practised("groet", "Groet", "", share, ()))) == provisional
