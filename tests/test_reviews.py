"""Coaches beside the program: reviews, samples to review, and which rules are trusted."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from belscore.cli import main
from belscore.errors import BelscoreError
from belscore.report.agreement import COLUMNS
from belscore.sampling import Candidate, drawn
from belscore.scorecard import Verdict
from belscore.store.audit import first_break
from belscore.store.calls import Judged, put_scorecard
from belscore.store.database import Store, open_store
from belscore.store.review_samples import (
    Draw,
    draw_sample,
    next_sample,
    progress,
    read_sample,
    strata_of,
    to_review,
)
from belscore.store.reviews import Judgement, add_review, judgements, latest_reviews, reviewable
from belscore.store.rule_sets import stored_rules
from belscore.store.tables import audit, calls, reviews
from belscore.trust import RuleTrust, rule_trust, trust_table, untrusted_rules
from made_store import GREETING, filled_file, judged, made_calls


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve calls of Anja, every second one without a greeting, and eight of Bram."""
    anja = made_calls([True, False] * 6)
    bram = made_calls([True] * 8, agent="Bram", department="Prikpost", first=12)
    return filled_file(tmp_path_factory.mktemp("store") / "belscore.db", [*anja, *bram])


@pytest.fixture
def store(full: Path, tmp_path: Path) -> Iterator[Store]:
    with open_store(shutil.copy(full, tmp_path)) as made:
        yield made


def test_nothing_is_left_to_review_of_a_call_that_is_not_there(store: Store) -> None:
    with store.read() as connection, pytest.raises(BelscoreError, match="call 99: no such call"):
        reviewable(connection, 99, "Els")


def review(store: Store, call_id: int, verdict: Verdict | None, *, coach: str = "Els", reason: str = "") -> None:
    with store.write() as connection:
        add_review(connection, call_id=call_id, rule_id=GREETING, coach=coach, verdict=verdict, reason=reason)


def test_review_stands_beside_what_the_machine_said_by_its_rules(store: Store) -> None:
    review(store, 2, "pass", reason="ze zei hallo")
    with store.read() as connection:
        (kept,) = latest_reviews(connection)
        (rules,) = stored_rules(connection).values()
        assert connection.execute(select(audit.c.action, audit.c.actor)).all() == [("review", "Els")]
        assert "hallo" not in connection.execute(select(audit.c.detail)).scalar_one()
        assert first_break(connection) is None
    assert (kept.machine, kept.verdict, kept.agrees, kept.reason) == ("fail", "pass", False, "ze zei hallo")
    assert kept.rules_digest == rules.digest


def test_another_verdict_than_the_machines_needs_a_reason(store: Store) -> None:
    with pytest.raises(BelscoreError, match="the machine says fail; say why"):
        review(store, 2, "pass", reason="  ")
    review(store, 2, "fail")
    review(store, 1, None)


@pytest.mark.parametrize(
    ("call_id", "rule_id", "coach", "message"),
    [(99, GREETING, "Els", "no such call"), (1, "geen-regel", "Els", "has no such rule"), (1, GREETING, " ", "who")],
)
def test_review_of_nothing_or_by_nobody_is_refused(
    store: Store, call_id: int, rule_id: str, coach: str, message: str
) -> None:
    with store.write() as connection, pytest.raises(BelscoreError, match=message):
        add_review(connection, call_id=call_id, rule_id=rule_id, coach=coach, verdict=None)


def test_latest_review_of_a_coach_counts_and_the_earlier_stays(store: Store) -> None:
    review(store, 2, "pass", reason="eerst")
    review(store, 2, "fail")
    review(store, 2, "pass", coach="Jan", reason="anders")
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(reviews)).scalar() == 3
        (judgement,) = judgements(connection)
    assert judgement.by_coach == {"Els": "fail", "Jan": "pass"}
    assert judgement.human is None


def test_judgement_is_held_against_what_the_machine_says_now(store: Store) -> None:
    review(store, 2, "pass", reason="ze groette wel")
    with store.write() as connection:
        (rules,) = stored_rules(connection)
        put_scorecard(connection, 2, Judged(judged(True)[1], rules))
    with store.read() as connection:
        (kept,) = latest_reviews(connection)
        assert (kept.machine, kept.current) == ("fail", "pass")
        assert judgements(connection)[0].machine == "pass"


def sha_of(store: Store, draw: Draw) -> list[str]:
    with store.write() as connection:
        sample = draw_sample(connection, f"s{draw}", draw, made_by="Els")
        known = {row.id: row.sha256 for row in connection.execute(select(calls.c.id, calls.c.sha256))}
    return [known[call_id] for call_id in sample.call_ids]


def test_same_seed_draws_the_same_calls_in_whatever_order_they_are_stored(store: Store, tmp_path: Path) -> None:
    made = [*made_calls([True, False] * 6), *made_calls([True] * 8, agent="Bram", department="Prikpost", first=12)]
    first = sha_of(store, Draw(5, seed=7))
    with open_store(filled_file(tmp_path / "other.db", made[::-1])) as other:
        assert sha_of(other, Draw(5, seed=7)) == first
    assert sha_of(store, Draw(5, seed=8)) != first


def test_calls_that_come_later_do_not_move_the_others() -> None:
    before = [Candidate(number, f"{number}") for number in range(40)]
    chosen = drawn(before, size=10, seed=1, allocation="equal")
    after = drawn(
        [*before, *(Candidate(number, f"{number}") for number in range(40, 60))], size=10, seed=1, allocation="equal"
    )
    kept = [each for each in after if each.call_id < 40]
    assert kept == chosen[: len(kept)]
    assert len(kept) > 3


def test_equal_strata_have_enough_of_a_rare_verdict(store: Store) -> None:
    draw = Draw(8, strata=("verdict",), allocation="equal", rule=GREETING)
    with store.write() as connection:
        assert strata_of(connection, draw_sample(connection, "gelijk", draw, made_by="Els")) == {"fail": 4, "pass": 4}


def test_proportional_strata_are_as_the_calls_are(store: Store) -> None:
    with store.write() as connection:
        sample = draw_sample(connection, "evenredig", Draw(10, strata=("agent",)), made_by="Els")
        assert strata_of(connection, sample) == {"Anja": 6, "Bram": 4}


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (Draw(50, rule=GREETING, verdict="fail"), {2, 4, 6, 8, 10, 12}),
        (Draw(50, since=date(2026, 10, 6), until=date(2026, 10, 7)), {2, 3}),
        (Draw(50, department="Prikpost", until=date(2026, 10, 18)), {13, 14}),
        (Draw(50, agent="Anja", rule=GREETING, verdict="pass"), {1, 3, 5, 7, 9, 11}),
    ],
    ids=["verdict", "days", "department", "agent"],
)
def test_only_calls_that_fit_are_drawn(store: Store, draw: Draw, expected: set[int]) -> None:
    with store.write() as connection:
        assert {*draw_sample(connection, "past", draw, made_by="Els").call_ids} == expected
        assert read_sample(connection, "past").draw == draw


def test_sample_without_calls_or_with_a_taken_name_is_refused(store: Store) -> None:
    with store.write() as connection:
        draw_sample(connection, "een", Draw(2), made_by="Els")
        with pytest.raises(BelscoreError, match="there is a sample of this name"):
            draw_sample(connection, "een", Draw(2), made_by="Els")
        with pytest.raises(BelscoreError, match="no call fits"):
            draw_sample(connection, "leeg", Draw(2, agent="Niemand"), made_by="Els")
    with pytest.raises(BelscoreError, match="name the rule"):
        Draw(2, verdict="fail")


def test_several_coaches_review_the_same_calls_each_at_their_own_pace(store: Store) -> None:
    draw = Draw(3, rule=GREETING, coaches=("Els", "Jan"))
    with store.write() as connection:
        sample = draw_sample(connection, "samen", draw, made_by="Els")
        assert next_sample(connection, "Piet") is None
        assert to_review(connection, sample, "Els") == to_review(connection, sample, "Jan") == [*sample.call_ids]
        for call_id in sample.call_ids[:2]:
            add_review(connection, call_id=call_id, rule_id=GREETING, coach="Els", verdict=None, sample_id=sample.id)
        assert to_review(connection, sample, "Els") == [sample.call_ids[2]]
        assert [(each.coach, each.done, each.of) for each in progress(connection, sample)] == [
            ("Els", 2, 3),
            ("Jan", 0, 3),
        ]


def test_call_is_done_when_all_its_judged_rules_are(store: Store) -> None:
    with store.write() as connection:
        sample = draw_sample(connection, "geheel", Draw(1), made_by="Els")
        (call_id,) = sample.call_ids
        rules = reviewable(connection, call_id, "Els")
        assert rules[0] == GREETING
        assert len(rules) > 3
        for rule_id in rules:
            assert to_review(connection, sample, "Els") == [call_id]
            add_review(connection, call_id=call_id, rule_id=rule_id, coach="Els", verdict=None)
        assert to_review(connection, sample, "Els") == []


def trust(*said: tuple[int, Verdict, Verdict], coaches: int = 1) -> RuleTrust:
    """The state of a rule that got (how often, machine, human)."""
    by_coach: list[tuple[Verdict, Verdict]] = [(machine, human) for n, machine, human in said for _ in range(n)]
    return rule_trust(
        "regel",
        [
            Judgement(number, "regel", machine, {f"coach {one}": human for one in range(coaches)})
            for number, (machine, human) in enumerate(by_coach)
        ],
    )


def test_rule_right_99_times_in_100_is_trusted_though_it_hardly_ever_fails() -> None:
    found = trust((99, "pass", "pass"), (1, "fail", "pass"))
    assert found.kappa.value == pytest.approx(0)
    assert (found.state, found.basis) == ("trusted", "percent")


def test_rule_whose_few_fails_are_wrong_is_not_trusted_however_often_it_passes_rightly() -> None:
    assert trust((97, "pass", "pass"), (3, "fail", "pass")).state == "untrusted"


def test_sample_of_fails_alone_is_judged_by_how_many_are_right() -> None:
    right = trust((88, "fail", "fail"), (12, "fail", "pass"))
    assert right.alpha.value is not None
    assert right.alpha.value < 0
    assert right.state == "trusted"
    assert trust((60, "fail", "fail"), (40, "fail", "pass")).state == "untrusted"


@pytest.mark.parametrize(("wrong", "state"), [(3, "trusted"), (10, "untrusted")])
def test_alpha_decides_where_both_vary(wrong: int, state: str) -> None:
    found = trust((30, "pass", "pass"), (20 - wrong, "fail", "fail"), (wrong, "fail", "pass"))
    assert (found.state, found.basis) == (state, "alpha")


def test_few_reviews_and_none_decide_nothing() -> None:
    assert trust((19, "fail", "pass")).state == "few"
    assert trust().state == "unreviewed"


def test_unsure_is_no_verdict_of_either() -> None:
    found = trust((10, "pass", "pass"), (12, "unsure", "fail"), (9, "pass", "unsure"))
    assert (found.n, found.unsure, found.state) == (10, 21, "few")
    assert found.recall.of == 12


def test_calls_on_which_coaches_differ_still_count_against_the_machine() -> None:
    differ: dict[str, Verdict] = {"Els": "pass", "Jan": "fail"}
    said = [Judgement(number, "regel", "pass", {"Els": "pass", "Jan": "pass"}) for number in range(30)]
    said += [Judgement(number, "regel", "pass", differ) for number in range(30, 60)]
    found = rule_trust("regel", said)
    assert (found.n, found.differing) == (60, 30)
    assert 35 <= found.percent.hits <= 55
    assert found.coaches.value == pytest.approx(1 - 30 * 119 / (30 * 90), abs=0.01)


def test_rules_that_are_not_trusted_leave_by_name(store: Store) -> None:
    for call_id in range(1, 21):
        wrong = call_id <= 12
        machine = "fail" if wrong and call_id % 2 == 0 else "pass"
        review(store, call_id, ("pass" if machine == "fail" else "fail") if wrong else None, reason="anders gehoord")
    with store.read() as connection:
        assert untrusted_rules(connection) == {GREETING}
        assert untrusted_rules(connection, min_reviews=21) == frozenset()
        states = {each.rule_id: each.state for each in trust_table(connection, ["opening-rustig"])}
    assert states == {"opening-rustig": "unreviewed", GREETING: "untrusted"}


def run(store: Store, *args: str, coach: str = "Els") -> Result:
    return CliRunner().invoke(main, args, env={"BELSCORE_STORE": store.name, "BELSCORE_COACH": coach})


def test_coach_draws_listens_agrees_and_says_otherwise(store: Store, tmp_path: Path) -> None:
    drawing = run(
        store, "review", "sample", "okt", "--rule", GREETING, "--verdict", "fail", "--for", "Els", "--size", "2"
    )
    assert drawing.stdout == "steekproef okt: 2 gesprekken, seed 1\n"
    shown = run(store, "review", "next").stdout
    assert "steekproef okt: nog 2 van de 2 gesprekken" in shown
    assert "“tandartspraktijk de vries met Anja”" in shown
    assert "0:00–0:0" in shown
    with store.read() as connection:
        first, second = read_sample(connection, "okt").call_ids
    assert f"opname: {first - 1}.wav" in shown
    assert run(store, "review", "agree", f"{first}").stdout.startswith(f"vastgelegd: gesprek {first}, {GREETING}: fail")
    refused = run(store, "review", "override", f"{second}", GREETING, "pass")
    assert refused.exit_code == 2
    assert "--reason" in refused.stderr
    assert run(store, "review", "override", f"{second}", GREETING, "pass", "--reason", "Ze groette.").exit_code == 0
    assert run(store, "review", "next").stdout == "klaar: er is niets meer na te luisteren\n"
    listed = run(store, "review", "list", "--overridden").stdout
    assert "Els: 2 van de 2 gesprekken klaar" in listed
    assert "Ze groette." in listed
    out = tmp_path / "eens.csv"
    assert run(store, "review", "agreement", "--out", f"{out}", "--min-reviews", "2").exit_code == 0
    rows = {row["rule_id"]: row for row in csv.DictReader(out.read_text(encoding="utf-8").splitlines())}
    assert (rows[GREETING]["n"], rows[GREETING]["precision"], rows[GREETING]["state"]) == ("2", "0.5000", "untrusted")
    assert rows["opening-rustig"]["state"] == "unreviewed"


def test_agreement_as_table_and_page_shows_the_state_of_every_rule(store: Store) -> None:
    for call_id in range(1, 21):
        review(store, call_id, None)
    table = run(store, "review", "agreement").stdout
    assert f"{GREETING}  vertrouwd" in table
    assert "niet nagekeken" in table
    page = run(store, "review", "agreement", "--format", "html").stdout
    assert "20/20" in page
    assert "geen verschil" in page
    assert "http" not in page.replace("http-equiv", "")


def test_coach_must_be_named(store: Store) -> None:
    result = CliRunner().invoke(main, ["review", "next", "--store", store.name], env={"BELSCORE_COACH": None})
    assert result.exit_code == 2
    assert "--coach" in result.stderr


def test_blind_review_shows_neither_verdict_nor_words(store: Store) -> None:
    run(store, "review", "sample", "blind", "--rule", GREETING, "--verdict", "fail", "--size", "1")
    shown = run(store, "review", "next", "--blind").stdout
    assert GREETING in shown
    assert ".wav" in shown
    assert not any(word in shown for word in ("niet goed", "✗", "vries", "groet:"))


def test_columns_of_the_csv_are_in_the_manual(repository: Path) -> None:
    assert ", ".join(COLUMNS) in " ".join((repository / "docs/gebruik.md").read_text(encoding="utf-8").split())
