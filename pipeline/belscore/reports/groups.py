"""Which groups may be shown: none under the minimum, and none that could be found by subtracting the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def shown(numbers: Sequence[int] | NDArray[np.int64], minimum: int) -> NDArray[np.bool_]:
    """Which groups have enough calls; more are hidden when those hidden could be told from the total.

    A total less the groups shown is what the hidden ones have together. One hidden group would thus be known exactly,
    and a few tiny ones would give a figure of less than the minimum. So the smallest of the rest go too, until at least
    two are hidden that have the minimum together (complementary suppression; Hundepool et al. 2012, ch. 4). Groups
    without any calls hide nothing.

    >>> shown([40, 30, 20, 3], 10).tolist(), shown([40, 30, 4, 5, 3], 10).tolist(), shown([40, 30], 10).tolist()
    ([True, True, False, False], [True, True, False, False, False], [True, True])
    """
    counts = np.asarray(numbers, dtype=np.int64)
    seen = counts >= minimum
    hidden = ~seen & (counts > 0)
    for place in np.argsort(counts, kind="stable"):
        number, together = int(hidden.sum()), int(counts[hidden].sum())
        if not number or (number >= 2 and together >= minimum):
            break
        if seen[place]:
            seen[place], hidden[place] = False, True
    return seen
