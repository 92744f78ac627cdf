"""A call beside the earlier ones of the same person: which there are, and what is compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from belscore import load_rules
from belscore.store.reviews import add_review
from belscore.store.rule_sets import keep_rules
from belscore.store.tables import scorecards
from belscore.web import rates
from belscore.web.call_data import HistoryData
from practice_calls import WITH_FAILS, WITHOUT, judged
from practice_site import Site


@pytest.fixture(autouse=True)
def _often() -> None:
    rates._limiter().storage.reset()


_FAILED = [finding.rule_id for finding in judged(WITH_FAILS)[1].findings if finding.verdict == "fail"]


def test_earlier_attempts_are_ones_own_and_of_the_same_scenario_first(site: Site) -> None:
    first = site.attempt("cor", WITHOUT, scenario="klacht")
    site.attempt("bram", WITHOUT, scenario="klacht")
    between = site.attempt("cor", WITHOUT, scenario="afspraak")
    last = site.attempt("cor", scenario="klacht")
    told = HistoryData.model_validate(site.client("cor").get(f"/api/calls/{last}/attempts").json())
    assert [each.id for each in told.attempts] == [first, between, last]
    assert [each.is_this for each in told.attempts] == [False, False, True]
    assert told.changes is not None
    assert told.changes.before == first
    before, now = ({each.rule_id: each.verdict for each in judged(name)[1].findings} for name in (WITHOUT, WITH_FAILS))
    assert [each.id for each in told.changes.worse] == [
        each for each in now if (before[each], now[each]) == ("pass", "fail")
    ]
    assert told.changes.worse
    assert told.changes.better == []
    other = site.client("cor").get(f"/api/calls/{last}/attempts?compare_with={between}").json()
    assert other["changes"]["before"] == between


def test_no_more_than_ten_earlier_attempts_are_shown(site: Site) -> None:
    ids = [site.attempt("dina") for _ in range(13)]
    told = site.client("dina").get(f"/api/calls/{ids[-1]}/attempts").json()
    assert [each["id"] for each in told["attempts"]] == ids[-11:]


def test_what_a_coach_said_counts_in_the_comparison(site: Site) -> None:
    before, now = site.attempt("els"), site.attempt("els", WITHOUT)
    changed = site.client("els").get(f"/api/calls/{now}/attempts").json()["changes"]
    better = [each["id"] for each in changed["better"]]
    assert better
    with site.store.write() as connection:
        add_review(connection, call_id=before, rule_id=better[0], coach="Carla", verdict="pass", reason="Wel gezegd.")
    changed = site.client("els").get(f"/api/calls/{now}/attempts").json()["changes"]
    assert [each["id"] for each in changed["better"]] == better[1:]


def test_a_rule_that_was_changed_in_between_is_not_compared(site: Site) -> None:
    before, now = site.attempt("finn"), site.attempt("finn", WITHOUT)
    client = site.client("finn")
    was = client.get(f"/api/calls/{now}/attempts").json()["changes"]
    rules = load_rules()
    changed = tuple(replace(each, weight=each.weight + 1) if each.id == _FAILED[0] else each for each in rules.rules)
    with site.store.write() as connection:
        rule_set = keep_rules(connection, replace(rules, rules=changed, digest="f" * 64))
        connection.execute(scorecards.update().where(scorecards.c.call_id == before).values(rule_set_id=rule_set))
    told = client.get(f"/api/calls/{now}/attempts").json()["changes"]
    assert _FAILED[0] in {each["id"] for each in was["better"]}
    assert _FAILED[0] not in {each["id"] for each in told["better"]}
    assert (told["compared"], told["left_out"]) == (was["compared"] - 1, 1)
