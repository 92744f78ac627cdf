"""Reports on stores so small that every figure is counted by hand."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook  # type: ignore[import-untyped]

from belscore.cli import main
from belscore.cli import report as command
from belscore.errors import BelscoreError
from belscore.reports import words
from belscore.reports.catalog import ALL, REPORTS
from belscore.reports.grouping import BY
from belscore.reports.model import Column
from belscore.reports.pages import format_page
from belscore.store.promises import HOWS, settle
from belscore.store.tables import audit, ledger
from belscore.wall_clock import wall_clock
from report_store import MONDAY, NOW, SmallStore

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def small(tmp_path: Path) -> SmallStore:
    return SmallStore(tmp_path / "belscore.db")


def by_group(rows: list[dict[Any, Any]], key: str = "group") -> dict[str, dict[Any, Any]]:
    return {row[key]: row for row in rows}


class TestScores:
    def test_score_is_pooled_weight_and_coverage_what_was_judged(self, small: SmallStore) -> None:
        small.add("ppp")
        small.add("fpu")
        [row] = small.rows("scores", "department")
        assert row["score"] == pytest.approx(100 * (6 + 2) / (6 + 5))
        assert row["coverage"] == pytest.approx(11 / 12)
        assert (row["calls"], row["judged_calls"]) == (2, 2)

    def test_call_with_nothing_judged_counts_as_a_call_without_score(self, small: SmallStore) -> None:
        small.add("ppp")
        small.add("nnu")
        [row] = small.rows("scores", "department")
        assert (row["calls"], row["judged_calls"], row["score"]) == (2, 1, 100)

    def test_only_the_current_scorecard_counts(self, small: SmallStore) -> None:
        [call_id] = small.add("ppp")
        small.replaced(call_id, "fff")
        [row] = small.rows("scores", "department")
        assert (row["calls"], row["score"]) == (1, 100)

    def test_situations_overlap_and_calls_without_one_are_in_none(self, small: SmallStore) -> None:
        small.add("ppp", of=["klacht", "afspraak"])
        small.add("fff", of=["klacht"])
        small.add("ppp")
        rows = by_group(small.rows("scores", "situation"))
        assert {name: row["calls"] for name, row in rows.items()} == {"klacht": 2, "afspraak": 1}
        assert rows["klacht"]["score"] == 50

    def test_calls_without_department_are_named_unknown_and_come_last(self, small: SmallStore) -> None:
        small.add(department=None)
        small.add(department="zorg")
        small.add(department="Balie")
        assert [row["group"] for row in small.rows("scores", "department")] == ["Balie", "zorg", "onbekend"]


class TestPeople:
    def test_people_come_by_name_whatever_their_score(self, small: SmallStore) -> None:
        small.add("fff", agent="anja")
        small.add("ppp", agent="Bo")
        small.add("fpp", agent="Cor")
        report = small.report("scores", "agent")
        assert report.parts[0].rows["group"].tolist() == ["anja", "Bo", "Cor"]
        assert not report.parts[0].charts

    @pytest.mark.parametrize("name", [name for name in REPORTS if name != "phone-log"])
    def test_nobody_is_named_unless_asked(self, small: SmallStore, name: str) -> None:
        [call_id, *_] = small.add(agent="Anja Bakker", count=3, caller_hash="c")
        small.promise(call_id, due_at=NOW - DAY)
        assert "Anja" not in format_page(small.report(name))

    def test_all_reports_together_name_nobody(self) -> None:
        assert "agent" not in {by for _, by in ALL}
        assert "phone-log" not in {name for name, _ in ALL}

    def test_there_is_no_option_to_rank(self) -> None:
        assert not [each.name for each in command.report.params if "rank" in str(each.name) or "sort" in str(each.name)]


class TestMinimum:
    def test_small_groups_are_left_out_and_told(self, small: SmallStore) -> None:
        for name, count in (("A", 12), ("B", 11), ("C", 6), ("D", 5)):
            small.add(count=count, department=name)
        report = small.report("scores", "department", min_calls=10)
        assert report.parts[0].rows["group"].tolist() == ["A", "B"]
        assert any("2 groepen zijn weggelaten: minder dan 10" in note for note in report.parts[0].notes)

    def test_a_single_small_group_takes_the_smallest_other_with_it(self, small: SmallStore) -> None:
        for name, count in (("A", 12), ("B", 11), ("C", 3)):
            small.add(count=count, department=name)
        assert [row["group"] for row in small.rows("scores", "department", min_calls=10)] == ["A"]

    def test_a_figure_on_few_of_the_groups_calls_is_not_shown(self, small: SmallStore) -> None:
        small.add("ppp", count=3)
        small.add("nnu", count=9)
        [row] = small.rows("scores", "department", min_calls=10)
        assert row["calls"] == 12
        assert pd.isna(row["score"])
        assert pd.isna(row["judged_calls"])

    def test_key_figures_on_few_calls_are_not_shown(self, small: SmallStore) -> None:
        small.add(count=3)
        assert all(pd.isna(row["value"]) for row in small.rows("overview", min_calls=10))

    def test_rules_judged_in_few_calls_are_left_out(self, small: SmallStore) -> None:
        small.add("pfn", count=10)
        assert [row["rule_id"] for row in small.rows("rules", min_calls=10)] == ["groet", "naam"]

    @pytest.mark.parametrize("name", [name for name in REPORTS if name not in ("calls", "phone-log", "promises")])
    def test_no_report_gives_a_share_on_fewer_calls(self, small: SmallStore, name: str) -> None:
        small.add(count=9, caller_hash="c", ring_s=3.0, queue_s=4.0, hold_s=1.0, after_s=2.0)
        [other] = small.add(department="Lab")
        small.ask_question(other, "covered")
        small.miss(2)
        for part in small.report(name, min_calls=20).parts:
            for column in part.columns:
                if column.interval and len(part.rows):
                    assert part.rows[column.key].isna().all(), column.key


class TestPeopleGoFirst:
    def test_an_agreed_review_replaces_the_verdict(self, small: SmallStore) -> None:
        [call_id] = small.add("fpp")
        small.review(call_id, "groet", "pass")
        small.review(call_id, "groet", "pass", by="Dina")
        assert small.rows("scores", "department")[0]["score"] == 100
        assert by_group(small.rows("rules"), "rule_id")["groet"]["passed"] == 1
        assert small.rows("calls")[0]["score"] == 100

    def test_the_latest_review_of_a_reviewer_counts(self, small: SmallStore) -> None:
        [call_id] = small.add("ppp")
        small.review(call_id, "naam", "fail", after_h=2)
        small.review(call_id, "naam", "pass", after_h=1)
        assert small.rows("scores", "department")[0]["score"] == pytest.approx(100 * 4 / 6)

    def test_reviewers_who_differ_leave_no_verdict(self, small: SmallStore) -> None:
        [call_id] = small.add("ppp")
        small.review(call_id, "groet", "fail")
        small.review(call_id, "groet", "pass", by="Dina")
        report = small.report("scores", "department")
        [row] = report.parts[0].rows.to_dict("records")
        assert row["score"] == 100
        assert row["coverage"] == pytest.approx(3 / 6)
        assert any(note.startswith("Van 1 oordeel ") for note in report.parts[0].notes)

    def test_an_untrusted_rule_leaves_every_score_and_is_named(self, small: SmallStore) -> None:
        small.add("fpp", count=2)
        report = small.report("scores", "department", untrusted=["groet"])
        assert report.parts[0].rows["score"].tolist() == [100]
        assert "1 regel is nog niet betrouwbaar en telt in geen enkele score mee: “Groet”." in report.parts[0].notes
        both = small.report("scores", "department", untrusted=["groet", "naam"])
        assert any(note.startswith("2 regels zijn") and "“Naam”" in note for note in both.parts[0].notes)
        rows = by_group(small.rows("rules", untrusted=["groet"]), "rule_id")
        assert rows["groet"]["status"] == "nog niet betrouwbaar"
        assert pd.isna(rows["groet"]["share"])
        assert rows["naam"]["share"] == 1
        assert small.rows("calls", untrusted=["groet"])[0]["score"] == 100
        practise = small.report("overview", untrusted=["groet"]).parts[3]
        assert not len(practise.rows)


class TestRules:
    def test_counts_of_each_verdict_and_share_of_those_judged(self, small: SmallStore) -> None:
        for verdicts in ("pnn", "pnn", "fnn", "unn", "nnn"):
            small.add(verdicts)
        row = by_group(small.rows("rules"), "rule_id")["groet"]
        counts = {key: row[key] for key in ("judged", "passed", "failed", "unsure", "idle")}
        assert counts == {"judged": 3, "passed": 2, "failed": 1, "unsure": 1, "idle": 1}
        assert row["share"] == pytest.approx(2 / 3)

    def test_what_to_practise_is_what_costs_most_points(self, small: SmallStore) -> None:
        small.add("fpf", count=2)
        small.add("ppf", count=3)
        practise = small.report("overview").parts[3].rows
        assert practise["rule"].tolist() == ["Groet", "Afscheid"]
        assert practise["lost"].tolist() == pytest.approx([6 / 11, 5 / 11])


class TestMoments:
    def test_weeks_begin_on_monday_and_know_the_iso_year(self, small: SmallStore) -> None:
        for moment in ("2026-12-27T23:59:59", "2026-12-28T00:00:00", "2027-01-03T23:59:59", "2027-01-04T00:00:00"):
            small.add(started_at=datetime.fromisoformat(moment))
        rows = small.rows("scores", "week")
        assert [row["calls"] for row in rows] == [1, 2, 1]
        assert rows[1]["group"] == "week 53 (28 dec – 3 jan 2027)"

    def test_calls_without_a_moment_are_in_no_week_and_outside_every_period(self, small: SmallStore) -> None:
        small.add(started_at=None)
        small.add()
        assert [row["group"] for row in small.rows("scores", "week")][-1] == "onbekend"
        assert len(small.rows("calls", since=date(2026, 1, 1))) == 1

    def test_first_and_last_day_are_counted_whole(self, small: SmallStore) -> None:
        for moment in ("2026-10-04T23:59:59", "2026-10-05T00:00:00", "2026-10-06T23:59:59", "2026-10-07T00:00:00"):
            small.add(started_at=datetime.fromisoformat(moment))
        rows = small.rows("calls", since=date(2026, 10, 5), until=date(2026, 10, 6))
        assert [row["started_at"].day for row in rows] == [5, 6]

    def test_hours_are_those_on_the_wall_on_both_sides_of_the_change_of_clocks(self, small: SmallStore) -> None:
        for moment in ("2026-10-24T07:30:00+00:00", "2026-10-25T08:30:00+00:00"):
            small.add(started_at=wall_clock(datetime.fromisoformat(moment)))
        rows = small.rows("hours")
        assert [(row["weekday"], row["hour"]) for row in rows] == [("zaterdag", "09–10"), ("zondag", "09–10")]

    def test_a_caller_a_week_later_on_the_wall_called_again_though_the_clock_changed(self, small: SmallStore) -> None:
        first = wall_clock(datetime.fromisoformat("2026-10-20T07:30:00+00:00"))
        again = wall_clock(datetime.fromisoformat("2026-10-27T08:30:00+00:00"))
        small.add(started_at=first, caller_hash="c")
        small.add(started_at=again, caller_hash="c")
        small.add(started_at=datetime(2026, 11, 20))
        [row] = small.rows("resolution")
        assert row["again"] == 0.5

    def test_calls_a_day_are_over_all_days_of_the_period(self, small: SmallStore) -> None:
        small.add(count=3)
        small.add(started_at=MONDAY + 14 * DAY)
        small.miss(2, queue_s=90.0)
        [row] = small.rows("hours")
        assert (row["calls"], row["per_day"], row["missed"], row["longest"]) == (6, 2.0, 2, 90.0)
        assert row["missed_share"] == pytest.approx(2 / 6)


class TestResolution:
    def later(self, small: SmallStore) -> None:
        """A call long after, so that the days after the others are over."""
        small.add(started_at=MONDAY + 60 * DAY, department="Later")

    def first(self, small: SmallStore) -> dict[str, Any]:
        return by_group(small.rows("resolution", "department"))["Balie"]

    def test_solved_is_answered_or_booked(self, small: SmallStore) -> None:
        for place, outcome in enumerate(("answered", "appointment", "transferred", "callback", "broken_off")):
            small.add(outcome=outcome, caller_hash=str(place))
        self.later(small)
        row = self.first(small)
        assert (row["calls"], row["solved"]) == (5, 0.4)
        assert (row["transferred"], row["callback"], row["broken_off"]) == (0.2, 0.2, 0.2)

    @pytest.mark.parametrize(
        ("again", "solved"),
        [
            ({"topic": ["t", "x"], "started_at": MONDAY + 7 * DAY}, 0.0),
            ({"topic": ["t"], "started_at": MONDAY + 7 * DAY + timedelta(seconds=1)}, 1.0),
            ({"topic": ["other"], "started_at": MONDAY + DAY}, 1.0),
            ({"topic": ["t"], "started_at": MONDAY + DAY, "direction": "outbound"}, 1.0),
            ({"topic": ["t"], "started_at": MONDAY + DAY, "caller_hash": "other"}, 1.0),
        ],
    )
    def test_the_same_caller_about_the_same_within_the_days_undoes_it(
        self, small: SmallStore, again: dict[str, Any], solved: float
    ) -> None:
        small.add(caller_hash="c")
        small.add(**{"caller_hash": "c", "department": "Elders", **again})
        self.later(small)
        assert self.first(small)["solved"] == solved

    def test_what_cannot_be_told_is_left_out_and_counted(self, small: SmallStore) -> None:
        small.add(caller_hash=None)
        small.add(caller_hash="a", outcome="unknown")
        small.add(caller_hash="b")
        small.add(caller_hash="b", topic=[], started_at=MONDAY + DAY, department="Elders")
        small.add(caller_hash="d", started_at=MONDAY + 58 * DAY)
        small.add(caller_hash="e")
        self.later(small)
        report = small.report("resolution", "department")
        assert by_group(report.parts[0].rows.to_dict("records"))["Balie"]["calls"] == 1
        told = "2 gesprekken zonder bekend nummer, 1 waarvan de 7 dagen nog niet voorbij zijn, 1 waarvan de afloop"
        assert any(told in note and "en 1 waarna" in note for note in report.parts[0].notes)

    def test_calls_before_and_after_the_period_are_looked_at(self, small: SmallStore) -> None:
        small.add(caller_hash="c")
        small.add(caller_hash="c", started_at=MONDAY + 2 * DAY)
        self.later(small)
        [row] = small.rows("resolution", since=date(2026, 10, 5), until=date(2026, 10, 5))
        assert (row["calls"], row["solved"]) == (1, 0.0)


class TestReachability:
    def test_answered_of_those_offered_and_within_three_rings_of_those_known(self, small: SmallStore) -> None:
        for ring_s in (15.0, 15.1, None):
            small.add(ring_s=ring_s, queue_s=10.0)
        small.add(direction="outbound", ring_s=40.0)
        small.miss(1, ring_s=60.0)
        [row] = small.rows("reachability")
        assert (row["offered"], row["missed"], row["answered"]) == (4, 1, 0.75)
        assert (row["ring_calls"], row["in_rings"]) == (2, 0.5)
        assert (row["queue_calls"], row["queue"]) == (3, 10.0)

    def test_without_missed_calls_it_does_not_say_that_all_were_answered(self, small: SmallStore) -> None:
        small.add()
        report = small.report("reachability")
        assert report.parts[0].rows["answered"].isna().all()
        assert any("geen gemiste gesprekken bekend" in note for note in report.parts[0].notes)

    def test_missed_callers_spoken_to_within_a_day_were_reached(self, small: SmallStore) -> None:
        for caller in ("a", "b", "c"):
            small.miss(caller_hash=caller)
        small.miss()
        small.add(started_at=MONDAY + DAY, caller_hash="a", direction="outbound")
        small.add(started_at=MONDAY + DAY + timedelta(seconds=1), caller_hash="b")
        row = by_group(small.rows("reachability"))["Balie"]
        assert (row["known_missed"], row["reached"]) == (3, pytest.approx(1 / 3))

    def test_missed_calls_have_no_agent(self, small: SmallStore) -> None:
        small.add(agent="Anja")
        with pytest.raises(BelscoreError, match="choose one of: department, week"):
            small.report("reachability", "agent")


def test_a_narrow_interval_is_written_with_a_decimal() -> None:
    column = Column("score", "score", "points", interval=True)
    assert words.cell({"score": 84.12, "score_low": 83.6, "score_high": 84.6}, column) == "84,1 (83,6–84,6)"
    assert words.cell({"score": 84.12, "score_low": 80.2, "score_high": 88.0}, column) == "84 (80–88)"


def test_handling_is_recording_and_after_work_and_hold_is_of_those_held(small: SmallStore) -> None:
    small.add(duration_s=100.0, hold_s=40.0, after_s=20.0)
    small.add(duration_s=50.0, hold_s=0.0, after_s=None)
    [row] = small.rows("handling", "department")
    assert (row["talk"], row["hold"], row["hold_share"]) == (55.0, 40.0, 0.5)
    assert (row["after_calls"], row["after"], row["handling"], row["mean"]) == (1, 20.0, 120.0, 120.0)


class TestRepeatCallers:
    def fill(self, small: SmallStore, again: dict[int, int]) -> None:
        """Weeks of 30 callers each; `again` of week -> how many of them call twice."""
        small.add(started_at=MONDAY - 7 * DAY, caller_hash="first", topic=["z"])
        for week in range(5):
            for caller in range(30):
                who = f"{week}-{caller}"
                small.add(started_at=MONDAY + 7 * week * DAY, caller_hash=who)
                if caller < again.get(week, 1):
                    small.add(started_at=MONDAY + 7 * week * DAY + HOUR, caller_hash=who)

    def test_callers_are_counted_once_a_week_where_they_call_again(self, small: SmallStore) -> None:
        small.add(started_at=MONDAY - 7 * DAY, caller_hash="first", topic=["z"])
        for hour in range(4):
            small.add(started_at=MONDAY + hour * HOUR, caller_hash="c", department="Lab" if hour == 3 else "Balie")
        rows = by_group(small.rows("repeat-callers", part=2), "department")
        assert (rows["Balie"]["callers"], rows["Balie"]["again"]) == (1, 1)
        assert (rows["Lab"]["callers"], rows["Lab"]["again"]) == (1, 1)

    def test_a_week_far_above_earlier_ones_warns(self, small: SmallStore) -> None:
        self.fill(small, {4: 15})
        [row] = small.rows("repeat-callers", min_calls=10)
        assert row["week"].startswith("week 45")
        assert (row["callers"], row["again"], row["before"]) == (30, 15, pytest.approx(4 / 120))

    def test_a_week_like_the_others_does_not(self, small: SmallStore) -> None:
        self.fill(small, {4: 3})
        assert small.rows("repeat-callers", min_calls=10) == []

    def test_a_period_too_short_for_a_warning_says_so(self, small: SmallStore) -> None:
        self.fill(small, {4: 15})
        report = small.report("repeat-callers", min_calls=10, since=(MONDAY + 28 * DAY).date())
        assert "hier is maar 1 week:" in report.parts[0].notes[0]

    def test_the_first_days_of_the_store_are_no_earlier_weeks(self, small: SmallStore) -> None:
        small.add(caller_hash="a")
        small.add(caller_hash="b", started_at=MONDAY + 7 * DAY)
        weeks = [row["week"] for row in small.rows("repeat-callers", part=2)]
        assert len(weeks) == 1
        assert weeks[0].startswith("week 42")

    def test_a_topic_that_comes_up_warns_and_names_calls(self, small: SmallStore) -> None:
        small.add(started_at=MONDAY - 7 * DAY, caller_hash="first", topic=["z"])
        for week in range(4):
            for caller in range(30):
                is_new = week == 3 and caller < 12
                small.add(
                    started_at=MONDAY + 7 * week * DAY, caller_hash=f"{week}-{caller}",
                    topic=["new" if is_new else f"t{caller}"], of=["klacht"] if is_new else [],
                )  # fmt: skip
        [row] = small.rows("repeat-callers", part=1, min_calls=10)
        assert row["number"] == 30
        assert row["share"] == pytest.approx(12 / 30)
        assert "klacht" in row["topic"]
        assert len(row["listen"].split(", ")) == 3

    def test_no_page_tells_who_called(self, small: SmallStore) -> None:
        small.add(caller_hash="0123456789abcdef" * 4, count=2)
        for name in REPORTS:
            assert "0123456789abcdef" not in format_page(small.report(name))


class TestPromises:
    def test_past_term_first_then_today_later_and_without_term(self, small: SmallStore) -> None:
        [call_id] = small.add()
        terms = (None, NOW + DAY, NOW + HOUR, NOW - HOUR, NOW - 3 * DAY)
        for place, due_at in enumerate(terms):
            small.promise(call_id, due_at=due_at, start_s=10.0 * place)
        small.promise(call_id, due_at=NOW - DAY, kind="appointment", start_s=90)
        small.promise(call_id, due_at=NOW - DAY, who="caller", start_s=95)
        rows = small.rows("promises")
        assert [row["state"] for row in rows] == ["over tijd", "over tijd", "vandaag", "later", "zonder termijn"]
        assert [row["late_days"] for row in rows][:2] == [3, 0]

    def test_a_later_call_to_the_same_number_is_told(self, small: SmallStore) -> None:
        [call_id] = small.add(caller_hash="c")
        small.add(caller_hash="c", direction="outbound", started_at=MONDAY + HOUR)
        small.promise(call_id, due_at=MONDAY + 2 * HOUR)
        [row] = small.rows("promises")
        assert row["called"] == MONDAY + HOUR
        assert row["state"] == "over tijd"

    def test_settling_takes_it_off_the_list_and_into_the_audit_log(self, small: SmallStore) -> None:
        [call_id] = small.add()
        small.promise(call_id, due_at=MONDAY)
        with small.store.write() as connection:
            settle(connection, f"{call_id}-27", "late", actor="Cor", at=NOW)
        report = small.report("promises")
        assert not len(report.parts[0].rows)
        assert "1 zijn afgevinkt (0 nagekomen, 1 te laat, 0 vervallen)" in report.parts[0].notes[0]
        with small.store.read() as connection:
            row = connection.execute(ledger.select()).one()
            noted = connection.execute(audit.select()).one()
        assert (row.settled_by, row.settled_how, row.settled_at) == ("Cor", "late", NOW)
        assert (noted.action, noted.actor, noted.subject) == ("settle_promise", "Cor", f"call {call_id}")
        assert "terug" not in noted.detail

    @pytest.mark.parametrize("named", ["1-28", "2-27", "27", "x", "1-27; drop"])
    def test_what_is_no_promise_is_not_settled(self, small: SmallStore, named: str) -> None:
        [call_id] = small.add()
        small.promise(call_id, due_at=MONDAY)
        with small.store.write() as connection, pytest.raises(BelscoreError, match="promise"):
            settle(connection, named, "kept", actor="Cor", at=NOW)

    def test_an_appointment_is_not_settled_as_a_promise(self, small: SmallStore) -> None:
        [call_id] = small.add()
        small.promise(call_id, due_at=MONDAY, kind="appointment")
        with small.store.write() as connection, pytest.raises(BelscoreError, match="no such promise"):
            settle(connection, f"{call_id}-27", "kept", actor="Cor", at=NOW)


def test_questions_count_calls_by_group_and_leave_doubt_out_of_the_share(small: SmallStore) -> None:
    for verdict in ("covered", "covered", "missing", "unsure", "not_applicable"):
        [call_id] = small.add()
        small.ask_question(call_id, verdict)
    [row] = small.rows("questions", "department")
    counts = {key: row[key] for key in ("calls", "covered", "missing", "unsure")}
    assert counts == {"calls": 4, "covered": 2, "missing": 1, "unsure": 1}
    assert row["share"] == pytest.approx(2 / 3)


def test_phone_log_has_a_row_for_the_call_and_one_for_each_promise(small: SmallStore) -> None:
    log = {"caller_name": "Jansen", "question": 'Ik vraag "log": waarom', "number_given": True}
    [call_id] = small.add(log=log, agent="Anja")
    small.promise(call_id, due_at=MONDAY + HOUR)
    rows = small.rows("phone-log")
    assert [row["kind"] for row in rows] == ["call", "promise"]
    assert [row["question"] for row in rows] == ['Ik vraag "log": waarom'] * 2
    assert (rows[1]["at"], rows[1]["quote"]) == ("0:27", "Ik bel u terug.")


class TestForms:
    @pytest.fixture
    def filled(self, small: SmallStore, tmp_path: Path) -> SmallStore:
        recording = tmp_path / "opname 1.wav"
        recording.write_bytes(b"")
        for week in range(3):
            common: dict[str, Any] = {
                "started_at": MONDAY + 7 * week * DAY,
                "ring_s": 4.0,
                "queue_s": 8.0,
                "after_s": 5.0,
            }
            small.add("ppf", count=12, caller_hash=f"c{week}", hold_s=2.0, department="=Balie & <b>", **common)
            small.add("pfp", count=12, source=str(recording), department="Lab", of=["klacht"], **common)
        small.promise(1, due_at=MONDAY, what="=cmd()", about="\x07bel")
        small.miss(4, queue_s=30.0)
        return small

    def run(self, small: SmallStore, *arguments: str) -> str:
        result = CliRunner().invoke(main, ["report", "--store", str(small.path), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    @pytest.mark.parametrize("name", REPORTS)
    def test_every_report_as_table_csv_and_page(self, filled: SmallStore, name: str) -> None:
        assert words.texts()[name]["title"].split(" {")[0].rstrip(",") in self.run(filled, name)
        rows = list(csv.reader(io.StringIO(self.run(filled, name, "--format", "csv"))))
        assert len({len(row) for row in rows}) == 1
        assert not [cell for row in rows for cell in row if cell.startswith("=")]
        assert self.run(filled, name, "--format", "html").startswith("<!doctype html>")

    def test_pages_load_nothing_and_run_nothing(self, filled: SmallStore, tmp_path: Path) -> None:
        out = tmp_path / "rapporten"
        self.run(filled, "all", "--out", str(out))
        pages = sorted(out.glob("*.html"))
        assert len(pages) == len(ALL) + 1
        for page in pages:
            text = page.read_text(encoding="utf-8")
            loaded = re.findall(r'(?:src|href|url\()\s*=?\s*["\']?(?:https?:)?//', text)
            assert not loaded, page
            assert "<script" not in text
            assert " style=" not in text
            assert "default-src 'none'" in html.unescape(text)
            assert "<b>" not in text

    def test_links_of_the_list_lead_somewhere(self, filled: SmallStore, tmp_path: Path) -> None:
        out = tmp_path / "rapporten"
        self.run(filled, "all", "--out", str(out))
        links = re.findall(r'href="([^":]+)"', (out / "index.html").read_text(encoding="utf-8"))
        assert len(links) == len(ALL) + 1
        assert all((out / link).is_file() for link in links)

    def test_every_picture_has_its_figures_in_a_table(self, filled: SmallStore) -> None:
        page = self.run(filled, "scores", "--format", "html")
        assert page.count("<svg") == page.count('aria-describedby="t0"') == 1
        assert '<table id="t0">' in page

    def test_workbook_has_formats_links_and_no_formula(self, filled: SmallStore, tmp_path: Path) -> None:
        out = tmp_path / "r.xlsx"
        self.run(filled, "scores", "--out", str(out))
        book = load_workbook(out)
        first, sheet = book.worksheets
        assert first.title == "Toelichting"
        assert [cell.value for cell in sheet[1]][:5] == ["afdeling", "gesprekken", "met score", "score", "score, van"]
        assert (sheet["D2"].number_format, sheet["G2"].number_format) == ("0.0", "0.0%")
        assert sheet.freeze_panes == "B2"
        assert sheet.column_dimensions["A"].width > 9
        assert (sheet["A2"].value, sheet["A2"].data_type) == ("=Balie & <b>", "s")
        inside = [cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink]
        assert inside == ["'Scores per afdeling'!A1"]

    def test_workbook_of_calls_links_to_recordings(self, filled: SmallStore, tmp_path: Path) -> None:
        out = tmp_path / "r.xlsx"
        self.run(filled, "calls", "--out", str(out))
        sheet = load_workbook(out).worksheets[1]
        linked = {cell.hyperlink.target for row in sheet.iter_rows() for cell in row if cell.hyperlink}
        assert linked == {"opname%201.wav"}
        assert sheet["B2"].value == MONDAY
        assert sheet["B2"].number_format == "dd-mm-yyyy hh:mm"

    def test_workbook_of_promises_survives_what_was_said(self, filled: SmallStore, tmp_path: Path) -> None:
        out = tmp_path / "r.xlsx"
        self.run(filled, "promises", "--out", str(out))
        cells = [cell for row in load_workbook(out).worksheets[1].iter_rows(min_row=2) for cell in row]
        assert {"=cmd()", "bel"} <= {cell.value for cell in cells}
        assert not [cell for cell in cells if cell.data_type == "f"]

    def test_filters_stand_above_the_report(self, filled: SmallStore) -> None:
        given = ("--from", "2026-10-05", "--to", "11-10-2026", "--department", "Lab", "--situation", "klacht")
        text = " ".join(self.run(filled, "scores", *given).split())
        assert "gesprekken 12 · periode 5 okt 2026 – 5 okt 2026 · vanaf 5 okt 2026 · tot en met 11 okt 2026" in text
        assert "afdeling Lab · situatie klacht" in text

    def test_a_promise_is_settled_on_the_command_line(self, filled: SmallStore) -> None:
        told = self.run(filled, "promises", "--settle", "1-27", "--how", "kept")
        assert told.startswith("1-27: kept: gesprek.wav")
        assert "1-27" not in self.run(filled, "promises", "--format", "csv")


class TestRefusals:
    def run(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["report", *arguments])
        return result.exit_code, result.output.strip()

    def test_an_empty_store_is_one_clear_line(self, small: SmallStore) -> None:
        code, told = self.run("--store", str(small.path))
        assert (code, len(told.splitlines())) == (2, 1)
        assert "no calls in the store yet" in told

    def test_a_store_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        code, told = self.run("--store", str(tmp_path / "none.db"))
        assert code == 2
        assert "there is no store" in told
        assert not (tmp_path / "none.db").exists()

    def test_a_choice_without_calls_says_so(self, small: SmallStore) -> None:
        small.add()
        code, told = self.run("--store", str(small.path), "--department", "Elders")
        assert code == 2
        assert "no calls fit" in told

    @pytest.mark.parametrize(
        "arguments",
        [
            ("scores", "--settle", "1-27", "--how", "kept"),
            ("promises", "--settle", "1-27"),
            ("all",),
            ("scores", "--from", "2026-10-02", "--to", "2026-10-01"),
            ("hours", "--by", "week"),
            ("scores", "--format", "xlsx"),
        ],
    )
    def test_what_cannot_be_is_refused(self, small: SmallStore, arguments: tuple[str, ...]) -> None:
        small.add()
        assert self.run("--store", str(small.path), *arguments)[0] == 2


def test_choices_of_the_command_are_those_of_the_reports() -> None:
    assert (*REPORTS, "all") == command.NAMES
    assert BY == command.BY
    assert HOWS == command.HOWS
    assert set(REPORTS) <= set(words.texts())
