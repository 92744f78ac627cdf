"""Agreement of raters, held against the worked examples of those who thought the coefficients out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from belscore.agreement import (
    Coefficient,
    Pair,
    agreement,
    cohen_kappa,
    fail_precision,
    fail_recall,
    krippendorff_alpha,
)
from belscore.intervals import Share, difference

# Cohen 1960, table 2: how often judge A (down) and judge B (across) placed 200 cases in three categories.
COHEN = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
# Krippendorff 2011, sections A to C: a string an observer, a place a unit, "." what an observer did not rate.
BINARY = ("0100000010", "1110010000")
NOMINAL = ("aabbdcccedda", "babbbccceddd")
MISSING = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def pairs_of(table: Sequence[Sequence[int]]) -> list[Pair]:
    return [
        (f"{row}", f"{column}") for row, line in enumerate(table) for column, n in enumerate(line) for _ in range(n)
    ]


def units_of(*observers: str) -> list[list[str]]:
    assert len({len(observer) for observer in observers}) == 1
    return [[value for value in column if value != "."] for column in zip(*observers, strict=True)]


def test_kappa_of_cohens_example() -> None:
    kappa = cohen_kappa(pairs_of(COHEN))
    assert kappa.value == pytest.approx(0.492, abs=5e-4)
    assert kappa.units == 200
    assert agreement(pairs_of(COHEN)).value == pytest.approx(0.70)


def test_kappa_below_chance_of_cohens_other_example() -> None:
    table = ((25, 13, 12), (12, 2, 16), (3, 15, 2))
    assert cohen_kappa(pairs_of(table)).value == pytest.approx(-0.09, abs=5e-3)


def test_bootstrap_interval_of_kappa_is_near_the_one_of_large_samples() -> None:
    """Standard error of Fleiss, Cohen and Everitt (1969) of this table: 0.0529, so 0.388 to 0.595."""
    kappa = cohen_kappa(pairs_of(COHEN))
    assert kappa.low == pytest.approx(0.388, abs=0.02)
    assert kappa.high == pytest.approx(0.595, abs=0.02)


@pytest.mark.parametrize(
    ("observers", "alpha"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743)], ids=["binary", "nominal", "missing"]
)
def test_alpha_of_krippendorffs_examples(observers: tuple[str, ...], alpha: float) -> None:
    assert krippendorff_alpha(units_of(*observers)).value == pytest.approx(alpha, abs=5e-4)


def test_units_with_one_verdict_tell_nothing() -> None:
    units = units_of(*MISSING)
    assert krippendorff_alpha([*units, ["5"], []]) == krippendorff_alpha(units)
    assert krippendorff_alpha(units).units == 11


def test_alpha_is_the_same_in_any_order_and_by_the_same_seed() -> None:
    units = units_of(*NOMINAL)
    assert krippendorff_alpha(units[::-1]) == krippendorff_alpha(units)
    assert krippendorff_alpha(units, seed=2).value == krippendorff_alpha(units).value
    assert krippendorff_alpha(units, seed=2) != krippendorff_alpha(units)


@pytest.mark.parametrize("coefficient", [cohen_kappa, krippendorff_alpha])
def test_no_coefficient_where_nobody_ever_said_anything_else(coefficient: Callable[..., Coefficient]) -> None:
    assert coefficient([("pass", "pass")] * 50) == Coefficient(None, None, None, 50, "one_verdict")


@pytest.mark.parametrize("coefficient", [cohen_kappa, krippendorff_alpha])
def test_no_coefficient_of_too_few_calls(coefficient: Callable[..., Coefficient]) -> None:
    pairs = [("pass", "pass"), ("fail", "fail"), ("fail", "pass")] * 3
    assert coefficient(pairs) == Coefficient(None, None, None, len(pairs), "too_few")
    assert coefficient([*pairs, ("pass", "pass")]).value is not None


@pytest.mark.parametrize("coefficient", [cohen_kappa, krippendorff_alpha])
def test_no_interval_when_the_rare_verdict_is_often_not_drawn_again(coefficient: Callable[..., Coefficient]) -> None:
    found = coefficient([*[("pass", "pass")] * 98, ("fail", "fail"), ("pass", "fail")])
    assert found.value is not None
    assert (found.low, found.high, found.reason) == (None, None, "rare")


@pytest.mark.parametrize("coefficient", [cohen_kappa, krippendorff_alpha])
def test_no_interval_that_is_sure_of_itself_when_no_difference_was_seen(
    coefficient: Callable[..., Coefficient],
) -> None:
    found = coefficient([("pass", "pass"), ("fail", "fail")] * 10)
    assert found == Coefficient(1.0, None, None, 20, "no_difference")


def test_kappa_is_nothing_when_one_rater_never_varies() -> None:
    assert cohen_kappa([*[("fail", "fail")] * 19, ("fail", "pass")]).value == pytest.approx(0)


def test_precision_and_recall_of_fail() -> None:
    pairs = [("fail", "fail")] * 8 + [("fail", "pass")] * 2 + [("pass", "fail")] * 3 + [("unsure", "fail")]
    pairs += [("fail", "unsure"), ("pass", "pass")]
    assert fail_precision(pairs) == Share(8, 10)
    assert fail_recall(pairs) == Share(8, 12)


def test_wilson_interval_of_published_example() -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I: 15 of 148."""
    assert Share(15, 148).interval == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert Share(0, 0).interval is None
    assert Share(0, 20).interval == pytest.approx((0, 0.1611), abs=5e-5)


def test_difference_of_shares_without_counts_is_unknown() -> None:
    assert difference(Share(0, 0), Share(3, 4)) is None
    assert difference(Share(10, 10), Share(0, 20)) == pytest.approx((-1, -0.6791), abs=5e-4)
