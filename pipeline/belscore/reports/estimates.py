"""Intervals of 95 % for shares, scores and medians.

An interval tells how far a figure could lie from what more calls of the same kind would show. It tells nothing of
verdicts that are wrong in themselves, and takes calls to be independent of each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, ndtri, stdtrit  # type: ignore[import-untyped]

from belscore import intervals
from belscore.intervals import CONFIDENCE

_TAIL = (1 - CONFIDENCE) / 2
_Z = float(-ndtri(_TAIL))
_Floats = NDArray[np.float64]


def wilson(hits: ArrayLike, of: ArrayLike) -> tuple[_Floats, _Floats]:
    """Score interval of a share, `hits` of `of`; missing where `of` is 0.

    Wilson 1927; the interval that Brown, Cai and DasGupta (2001) advise for small numbers too.

    >>> low, high = wilson([9], [10])
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.596, 0.982)
    """
    number = np.asarray(of, dtype=float)
    share = np.divide(hits, number, out=np.full(number.shape, np.nan), where=number > 0)
    return _wilson(share, number, _Z)


def _wilson(share: _Floats, number: _Floats, z: float) -> tuple[_Floats, _Floats]:
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = intervals.wilson(share, number, z)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def ratio(passed: ArrayLike, judged: ArrayLike, group: ArrayLike, groups: int) -> dict[str, NDArray[Any]]:
    """Share of judged weight that passed, for each group of calls, with its interval: `share`, `low`, `high`, `calls`.

    passed, judged : weight of each call; calls with nothing judged do not count
    group          : number of each call's group, 0 up to `groups`

    The verdicts of a call are not independent, the calls are: a call is a cluster. The variance is that of a ratio
    estimator (Cochran 1977, 6.4; clusters of unequal size). It goes into Wilson's interval by way of the number of
    independent verdicts that has the same variance, held down for few calls by Student's t (Korn and Graubard 1998),
    which keeps its level near 0 and 1 where estimate ± 2 errors does not (Dean and Pagano 2015). That number is at
    least the number of calls when all pass or all fail, where the variance says nothing.
    """
    passed, judged, group = (np.asarray(each) for each in (passed, judged, group))
    counted = judged > 0
    passed, judged, group = passed[counted].astype(float), judged[counted].astype(float), group[counted]

    def total(values: NDArray[Any]) -> _Floats:
        return np.asarray(np.bincount(group, weights=values, minlength=groups), dtype=float)

    calls, all_judged = total(np.ones(len(group))), total(judged)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = total(passed) / all_judged
        variance = calls / (calls - 1) * total((passed - share[group] * judged) ** 2) / all_judged**2
        same = share * (1 - share) / variance
        held = same * (_Z / stdtrit(calls - 1, 1 - _TAIL)) ** 2
    number = np.where(variance > 0, np.clip(held, 1, None), calls)
    low, high = _wilson(share, np.where(calls > 1, number, np.nan), _Z)
    return {"share": share, "low": low, "high": high, "calls": calls.astype(int)}


def median(values: ArrayLike) -> tuple[float, float, float]:
    """Median with an interval from order statistics, whatever the distribution (Hahn and Meeker 1991, 5.2).

    Returns (median, low, high); bounds are missing under six values, where no two of them enclose it often enough.

    >>> median([1, 2, 3, 4, 5, 6])
    (3.5, 1.0, 6.0)
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    number = len(ordered)
    if not number:
        return (float("nan"),) * 3
    # The most values that may lie under the lower bound: P(Bin(n, 1/2) <= outside) <= tail.
    outside = int(np.searchsorted(bdtr(np.arange(number // 2 + 1, dtype=float), number, 0.5), _TAIL, "right")) - 1
    bounds = (ordered[outside], ordered[-1 - outside]) if outside >= 0 else (np.nan, np.nan)
    return float(np.median(ordered)), float(bounds[0]), float(bounds[1])


def false_discoveries(p_values: ArrayLike) -> _Floats:
    """p-values adjusted so that of those under a bound at most that share are expected to be chance.

    Benjamini and Hochberg 1995.
    """
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values)[::-1]
    rank = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum.accumulate(np.minimum(values[order] * len(values) / rank, 1))
    return adjusted
