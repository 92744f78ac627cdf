"""Whether something comes back more often at a desk in a week than in its own earlier weeks, by more than chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import bdtr  # type: ignore[import-untyped]

from belscore.reports.estimates import false_discoveries

# Of the warnings given, so large a part may be chance.
FALSE_RATE = 0.05
# One earlier week may be an odd one.
MIN_EARLIER_WEEKS = 2


def with_warnings(counts: pd.DataFrame, minimum: int, by: list[str]) -> pd.DataFrame:
    """Rows with `before` (share in the earlier weeks), `chance` (adjusted p-value) and `warns`; in order of week.

    counts  : `week`, `hits` of `number`, and the columns `by` that say of what; a row a week, weeks without hits too
    minimum : weeks, and the weeks before them together, need so many in `number`

    Given the hits of this week and before together, those of this week are binomial when the rate did not change: the
    exact test of two Poisson rates (Przyborowski and Wilenski 1940), one-sided, which for shares keeps its level with
    room to spare. Of all weeks tested the p-values are adjusted together (Benjamini and Hochberg 1995).
    """
    rows = counts.sort_values([*by, "week"], kind="stable", ignore_index=True)
    earlier = rows.groupby(by, sort=False)[["hits", "number"]].cumsum() - rows[["hits", "number"]]
    weeks = rows.groupby(by, sort=False).cumcount()
    rows["before"] = earlier["hits"] / earlier["number"].where(earlier["number"] > 0)
    tested = ((weeks >= MIN_EARLIER_WEEKS) & (rows["number"] >= minimum) & (earlier["number"] >= minimum)).to_numpy()
    rows["chance"] = np.nan
    if tested.any():
        hits, number = rows["hits"].to_numpy()[tested], rows["number"].to_numpy()[tested]
        hits_before, number_before = earlier["hits"].to_numpy()[tested], earlier["number"].to_numpy()[tested]
        part = number / (number + number_before)
        under = bdtr(np.maximum(hits - 1, 0).astype(float), hits + hits_before, part)
        rows.loc[tested, "chance"] = false_discoveries(np.where(hits > 0, 1 - under, 1.0))
    rows["warns"] = rows["chance"] <= FALSE_RATE
    return rows
