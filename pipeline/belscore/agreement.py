"""How far raters agree beyond chance, and how far a rule's `fail` can be relied on. Pure: lists of verdicts in.

A unit is what was rated, one rule in one call. A coefficient that cannot be had is None and says why: it is never 1.0
because nothing could go wrong, nor not-a-number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from belscore.intervals import CONFIDENCE, Share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

Pair = tuple[str, str]
Why = Literal["too_few", "one_verdict", "no_difference", "rare"]
# Krippendorff's own worked examples have ten units and up; below that one unit more moves a coefficient by tenths.
MIN_UNITS = 10
# Percentile limits want a thousand resamples and more: B. Efron, R. Tibshirani, "An introduction to the bootstrap"
# (1993), section 13.3 and 14.3.
RESAMPLES = 2000
SEED = 1
# With more resamples than this in which the coefficient does not exist, the others are no sample of it any more.
_MAX_UNDEFINED = 0.05


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Agreement beyond chance: 1 is always, 0 what chance brings, below 0 less than that.

    low, high : 95 % bootstrap interval over calls
    units     : calls that it rests on
    reason    : why there is no value (`too_few`, `one_verdict`: nobody ever said anything else) or only no interval:
                `rare`, too few of a verdict; `no_difference`, drawing calls again never shows one that was not seen:
                look at the interval of `agreement` then
    """

    value: float | None
    low: float | None
    high: float | None
    units: int
    reason: Why | None = None


def agreement(pairs: Sequence[Pair]) -> Share:
    """How often two raters said the same."""
    return Share(sum(first == second for first, second in pairs), len(pairs))


def cohen_kappa(pairs: Sequence[Pair], *, seed: int = SEED) -> Coefficient:
    """Agreement of two raters beyond that of two who keep their own rates of each verdict.

    J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960).
    It is low for a verdict that nearly always occurs however often the raters agree (A. R. Feinstein, D. V. Cicchetti,
    "High agreement but low kappa", 1990): read it beside `agreement`.
    """
    return _coefficient([tuple(pair) for pair in pairs], _ordered_pairs, _kappa_of, seed)


def krippendorff_alpha(units: Sequence[Sequence[str]], *, seed: int = SEED) -> Coefficient:
    """Agreement of any number of raters, who need not have rated all.

    units : of each unit the verdicts that it got; units with fewer than two tell nothing and are left out

    K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), nominal data.
    """
    pairable = [tuple(sorted(unit)) for unit in units if len(unit) > 1]
    return _coefficient(pairable, _coincidences, _alpha_of, seed)


def fail_precision(pairs: Sequence[Pair]) -> Share:
    """Of what the machine failed, how much people failed too. `pairs` are (machine, human)."""
    people = [human for machine, human in pairs if machine == "fail" and human != "unsure"]
    return Share(people.count("fail"), len(people))


def fail_recall(pairs: Sequence[Pair]) -> Share:
    """Of what people failed, how much the machine failed too; its `unsure` is a miss. `pairs` are (machine, human)."""
    machine = [machine for machine, human in pairs if human == "fail"]
    return Share(machine.count("fail"), len(machine))


def _coefficient(
    units: Sequence[tuple[str, ...]],
    table_of: Callable[[tuple[str, ...], Sequence[str]], Table],
    value_of: Callable[[Table], Table],
    seed: int,
) -> Coefficient:
    """The coefficient of all units, and its interval from units drawn again.

    Units with the same verdicts are alike: drawing units is drawing how many there are of each kind, so that a thousand
    calls take no longer than twenty.
    """
    import numpy as np

    count = len(units)
    if count < MIN_UNITS:
        return Coefficient(None, None, None, count, "too_few")
    kinds = sorted(Counter(units).items())
    verdicts = sorted({verdict for unit in units for verdict in unit})
    if len(verdicts) < 2:
        return Coefficient(None, None, None, count, "one_verdict")
    tables = np.array([table_of(kind, verdicts) for kind, _ in kinds])
    counts = np.array([often for _, often in kinds])
    value = float(value_of(np.tensordot(counts[None], tables, axes=1))[0])
    if all(len(set(unit)) == 1 for unit in units):
        return Coefficient(value, None, None, count, "no_difference")
    draws = np.random.default_rng(seed).multinomial(count, counts / count, size=RESAMPLES)
    resampled = value_of(np.tensordot(draws, tables, axes=1))
    defined = resampled[~np.isnan(resampled)]
    if len(defined) < (1 - _MAX_UNDEFINED) * RESAMPLES:
        return Coefficient(value, None, None, count, "rare")
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Coefficient(value, float(low), float(high), count)


def _ordered_pairs(unit: tuple[str, ...], verdicts: Sequence[str]) -> Table:
    """[verdicts, verdicts]: a one at what the first rater said and what the second did."""
    import numpy as np

    table = np.zeros((len(verdicts), len(verdicts)))
    table[verdicts.index(unit[0]), verdicts.index(unit[1])] = 1
    return table


def _coincidences(unit: tuple[str, ...], verdicts: Sequence[str]) -> Table:
    """[verdicts, verdicts]: the pairs of values in a unit, in both orders, that weigh as much as it has values."""
    import numpy as np

    said = np.array([unit.count(verdict) for verdict in verdicts], dtype=float)
    table: Table = (np.outer(said, said) - np.diag(said)) / (len(unit) - 1)
    return table


def _kappa_of(tables: Table) -> Table:
    """Kappa of each table [draws, first, second]; nan where chance alone agrees always."""
    import numpy as np

    total = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / total
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / total**2
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa: Table = np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)
    return kappa


def _alpha_of(tables: Table) -> Table:
    """Alpha of each table of coincidences [draws, verdicts, verdicts]; nan where only one verdict occurs."""
    import numpy as np

    total = tables.sum(axis=(1, 2))
    often = tables.sum(axis=2)
    observed = total - np.trace(tables, axis1=1, axis2=2)
    chance = (total**2 - (often**2).sum(axis=1)) / (total - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha: Table = np.where(chance > 0, 1 - observed / chance, np.nan)
    return alpha
