"""Estimates of reports against scipy, by simulation, and which groups may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats  # type: ignore[import-untyped]

from belscore.reports.early_warning import FALSE_RATE, with_warnings
from belscore.reports.estimates import false_discoveries, median, ratio, wilson
from belscore.reports.groups import shown


@pytest.mark.parametrize(("hits", "of"), [(0, 1), (0, 12), (12, 12), (3, 10), (997, 1000)])
def test_interval_of_a_share_is_wilsons(hits: int, of: int) -> None:
    wanted = stats.binomtest(hits, of).proportion_ci(method="wilson")
    low, high = wilson([hits], [of])
    assert (low[0], high[0]) == pytest.approx((wanted.low, wanted.high))


def test_share_of_nothing_has_no_interval() -> None:
    assert np.isnan(wilson([0], [0])).all()


@pytest.mark.parametrize("number", [6, 7, 8, 9, 20, 21, 100, 30_001])
def test_interval_of_a_median_is_the_narrowest_that_holds(number: int) -> None:
    _, low, high = median(np.arange(number))
    outside = int(low)
    assert high == number - 1 - outside
    assert stats.binom.cdf(outside, number, 0.5) <= 0.025 < stats.binom.cdf(outside + 1, number, 0.5)


@pytest.mark.parametrize("number", [1, 5])
def test_median_of_too_few_has_no_interval(number: int) -> None:
    value, low, high = median(np.arange(number))
    assert value == (number - 1) / 2
    assert np.isnan([low, high]).all()


def test_median_of_nothing_is_missing() -> None:
    assert np.isnan(median([])).all()


def test_score_of_a_group_is_weight_passed_over_weight_judged() -> None:
    found = ratio([6, 3, 0, 5], [6, 6, 0, 5], [0, 0, 0, 1], 3)
    assert found["share"][:2] == pytest.approx([0.75, 1.0])
    assert np.isnan(found["share"][2])
    assert found["calls"].tolist() == [2, 1, 0]


def test_interval_of_equal_calls_with_one_verdict_is_near_wilsons() -> None:
    """With one verdict a call nothing is clustered; Student's t and n - 1 make it somewhat wider."""
    passed = np.repeat([1, 0], [170, 30])
    found = ratio(passed, np.ones(200), np.zeros(200, dtype=int), 1)
    low, high = wilson([170], [200])
    assert found["low"][0] == pytest.approx(low[0], abs=0.002)
    assert found["high"][0] == pytest.approx(high[0], abs=0.002)


def test_verdicts_of_one_call_count_as_one_call() -> None:
    """Calls that pass or fail whole: twenty verdicts in each make the interval no narrower."""
    passed = np.repeat([1, 0], [30, 10])
    one = ratio(passed, np.ones(40), np.zeros(40, dtype=int), 1)
    twenty = ratio(20 * passed, np.full(40, 20), np.zeros(40, dtype=int), 1)
    assert twenty["low"] == pytest.approx(one["low"])
    assert twenty["high"] == pytest.approx(one["high"])


def test_all_passed_is_not_certain() -> None:
    found = ratio(np.full(10, 6), np.full(10, 6), np.zeros(10, dtype=int), 1)
    assert found["high"][0] == pytest.approx(1)
    assert found["low"][0] == pytest.approx(wilson([10], [10])[0][0])


def test_one_call_has_no_interval() -> None:
    assert np.isnan(ratio([3], [6], [0], 1)["low"]).all()


@pytest.mark.parametrize("calls", [10, 40])
def test_interval_of_a_score_holds_its_level(calls: int) -> None:
    """Drawn calls whose verdicts hang together (beta-binomial, 5 to 25 of them): 95 in 100 intervals hold the truth."""
    draw, truth, times = np.random.default_rng(1), 0.85, 2000
    group = np.repeat(np.arange(times), calls)
    judged = draw.integers(5, 26, size=times * calls)
    passed = draw.binomial(judged, draw.beta(8 * truth, 8 * (1 - truth), size=times * calls))
    found = ratio(passed, judged, group, times)
    held = float(((found["low"] <= truth) & (truth <= found["high"])).mean())
    assert 0.93 <= held <= 0.98


def test_adjusted_p_values_are_those_of_benjamini_and_hochberg() -> None:
    values = np.random.default_rng(1).uniform(size=40) ** 3
    assert false_discoveries(values) == pytest.approx(stats.false_discovery_control(values))


def weeks_of(hits: list[int], number: list[int], desk: str = "A") -> pd.DataFrame:
    weeks = pd.date_range("2026-10-05", periods=len(hits), freq="7D")
    return pd.DataFrame({"desk": desk, "week": weeks, "hits": hits, "number": number})


def test_warning_is_the_exact_test_of_two_rates() -> None:
    rows = with_warnings(weeks_of([2, 2, 9], [100, 100, 100]), 10, ["desk"])
    wanted = stats.binomtest(9, 13, 100 / 300, alternative="greater").pvalue
    assert rows["chance"].iloc[2] == pytest.approx(wanted)
    assert rows["before"].iloc[2] == pytest.approx(4 / 200)
    assert rows["warns"].tolist() == [False, False, True]


def test_nothing_warns_on_one_earlier_week_or_too_few() -> None:
    assert not with_warnings(weeks_of([0, 50], [100, 100]), 10, ["desk"])["warns"].any()
    assert not with_warnings(weeks_of([0, 0, 9], [100, 100, 9]), 10, ["desk"])["warns"].any()


def test_less_than_before_does_not_warn() -> None:
    assert not with_warnings(weeks_of([20, 20, 0], [100, 100, 100]), 10, ["desk"])["warns"].any()


def test_desks_where_nothing_changes_seldom_warn() -> None:
    """Of 60 hospitals of 23 desks, each the same all weeks, at most so many warn as the rate says."""
    draw, warned = np.random.default_rng(1), 0
    for _ in range(60):
        desks = [weeks_of(draw.binomial(60, 0.1, size=6).tolist(), [60] * 6, desk=str(each)) for each in range(23)]
        warned += bool(with_warnings(pd.concat(desks), 10, ["desk"])["warns"].any())
    assert warned <= FALSE_RATE * 60


@pytest.mark.parametrize(
    ("numbers", "kept"),
    [
        ([40, 30, 20], [40, 30, 20]),
        ([40, 30, 20, 3], [40, 30]),
        ([40, 30, 4, 5, 3], [40, 30]),
        ([40, 30, 4, 3], [40]),
        ([40, 3], []),
        ([3], []),
        ([10], [10]),
        ([40, 30, 0], [40, 30]),
    ],
)
def test_groups_that_could_be_found_from_the_total_are_hidden_too(numbers: list[int], kept: list[int]) -> None:
    seen = shown(numbers, 10)
    assert [number for number, is_seen in zip(numbers, seen, strict=True) if is_seen] == kept
