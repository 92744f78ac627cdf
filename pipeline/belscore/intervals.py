"""Shares of counts with the uncertainty of having counted few, by methods that hold for small counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_Number = TypeVar("_Number", float, "NDArray[np.float64]")


def wilson(share: _Number, of: _Number, z: float) -> tuple[_Number, _Number]:
    """Score interval of a share of `of` counts; by rounding its ends may lie 1e-17 outside 0..1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927); for few counts
    better than the usual one: L. D. Brown, T. T. Cai, A. DasGupta, "Interval estimation for a binomial proportion",
    Statistical Science 16 (2001).
    """
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * (share * (1 - share) / of + z * z / (4 * of**2)) ** 0.5 / (1 + z * z / of)
    return middle - half, middle + half


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`; everything about it is None when there is nothing to count."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the share lies with 95 % confidence, by `wilson`.

        >>> [round(each, 3) for each in Share(10, 10).interval or ()]
        [0.722, 1.0]
        """
        if not self.of:
            return None
        low, high = wilson(self.hits / self.of, float(self.of), _Z)
        return max(0.0, low), min(1.0, high)


def difference(before: Share, after: Share) -> tuple[float, float] | None:
    """Where `after - before` lies with 95 % confidence; None when one of them has no counts.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17 (1998); 56 of 70 against 48 of 80 is the example of its table II.

    >>> [round(each, 4) for each in difference(Share(48, 80), Share(56, 70)) or ()]
    [0.0524, 0.3339]
    """
    first, second = before.interval, after.interval
    if first is None or second is None:
        return None
    old, new = before.hits / before.of, after.hits / after.of
    low = new - old - math.hypot(new - second[0], first[1] - old)
    high = new - old + math.hypot(second[1] - new, old - first[0])
    return low, high
