"""Which rules are shown to agree with people, and which are not trusted yet and leave the score.

What people said of a call is held against what the rules say of it now, so that a rule that was mended is judged as it
is. A verdict `unsure` is none: it leaves a pair of verdicts out. Where coaches differ one of them is drawn: were such
calls left out, the hard ones would be, and every rule would seem better than it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from belscore.agreement import (
    Coefficient,
    Pair,
    agreement,
    cohen_kappa,
    fail_precision,
    fail_recall,
    krippendorff_alpha,
)
from belscore.intervals import Share

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from belscore.store.reviews import Judgement

State = Literal["unreviewed", "few", "trusted", "untrusted"]
Basis = Literal["alpha", "percent"]

# K. Krippendorff, "Content analysis" (2004), p. 241: from 0.800 on one can rely on data, between 0.667 and 0.800 for
# tentative conclusions only. A score to practise with is tentative.
MIN_AGREEMENT = 0.667
# Wilson's lower limit of agreeing 20 times out of 20 is 0.84: the fewest, in tens, that can show the 0.83 that
# `least_percent` asks for.
MIN_REVIEWS = 20
# Expected counts under five are too few for chance to be reckoned with (W. G. Cochran, "Some methods for strengthening
# the common chi-squared tests", 1954): a coefficient that divides by chance then hangs on one or two calls.
_MIN_RARE = 5


@dataclass(frozen=True, slots=True)
class RuleTrust:
    """How a rule does against people.

    n         : findings on which the machine and a coach both gave a verdict
    percent   : how often these are the same
    kappa, alpha : of the same pairs, machine and people
    coaches   : alpha among the coaches alone, who need not be the same on each call: what people can be asked
    differing : findings on which the coaches differ
    unsure    : findings on which the machine or all coaches did not say
    basis     : by what `state` was decided, None where it could not
    """

    rule_id: str
    state: State
    basis: Basis | None
    n: int
    percent: Share
    kappa: Coefficient
    alpha: Coefficient
    coaches: Coefficient
    precision: Share
    recall: Share
    differing: int
    unsure: int


def untrusted_rules(
    connection: Connection, *, min_agreement: float = MIN_AGREEMENT, min_reviews: int = MIN_REVIEWS
) -> frozenset[str]:
    """The rules that were reviewed enough and agree too little with people: to be left out of a score."""
    table = trust_table(connection, (), min_agreement=min_agreement, min_reviews=min_reviews)
    return frozenset(each.rule_id for each in table if each.state == "untrusted")


def trust_table(
    connection: Connection,
    rule_ids: Sequence[str],
    *,
    min_agreement: float = MIN_AGREEMENT,
    min_reviews: int = MIN_REVIEWS,
) -> list[RuleTrust]:
    """The state of each of these rules in their order, then of other rules that were reviewed."""
    from belscore.store.reviews import judgements

    found: dict[str, list[Judgement]] = {rule_id: [] for rule_id in rule_ids}
    for each in judgements(connection):
        found.setdefault(each.rule_id, []).append(each)
    return [
        rule_trust(rule_id, reviewed, min_agreement=min_agreement, min_reviews=min_reviews)
        for rule_id, reviewed in found.items()
    ]


def rule_trust(
    rule_id: str, reviewed: Iterable[Judgement], *, min_agreement: float = MIN_AGREEMENT, min_reviews: int = MIN_REVIEWS
) -> RuleTrust:
    """The state of one rule by what was said of it."""
    judged = [each for each in reviewed if each.machine is not None]
    said: list[Pair] = [(each.machine, _person(each)) for each in judged if each.machine is not None]
    pairs = [pair for pair in said if "unsure" not in pair]
    alpha, percent, precision = krippendorff_alpha(pairs), agreement(pairs), fail_precision(pairs)
    state, basis = _state(pairs, alpha, min_agreement, min_reviews)
    return RuleTrust(
        rule_id,
        "unreviewed" if not judged else state,
        basis,
        len(pairs),
        percent,
        cohen_kappa(pairs),
        alpha,
        krippendorff_alpha([_sure(each.by_coach) for each in judged]),
        precision,
        fail_recall(said),
        sum(each.human is None for each in judged),
        len(said) - len(pairs),
    )


def _person(each: Judgement) -> str:
    """What a coach says: the only one, or one that is drawn from those who are sure."""
    coaches = [coach for coach, verdict in each.by_coach.items() if verdict != "unsure"] or [*each.by_coach]
    return each.by_coach[min(coaches, key=lambda coach: _lot(each, coach))]


def _lot(each: Judgement, coach: str) -> bytes:
    return hashlib.sha256(f"{each.call_id}/{each.rule_id}/{coach}".encode()).digest()


def _sure(by_coach: Mapping[str, str]) -> list[str]:
    return [verdict for verdict in by_coach.values() if verdict != "unsure"]


def _state(
    pairs: Sequence[Pair], alpha: Coefficient, min_agreement: float, min_reviews: int
) -> tuple[State, Basis | None]:
    """Decided on what was found, not on a limit of its interval.

    A rule that nobody reviewed counts. By a lower limit a good rule would leave the score for having been looked at, by
    an upper one a bad rule would stay as long as few looked: either would turn on how many reviews there are. That is
    what `min_reviews` is for; the interval is shown beside it.
    """
    if len(pairs) < min_reviews:
        return "few", None
    if alpha.value is not None and _both_vary(pairs):
        return ("trusted" if alpha.value >= min_agreement else "untrusted"), "alpha"
    percent = agreement(pairs).value or 0.0
    good = percent >= least_percent(min_agreement) and not _fails_are_wrong(pairs, min_agreement)
    return ("trusted" if good else "untrusted"), "percent"


def _both_vary(pairs: Sequence[Pair]) -> bool:
    """Whether both the machine and the people have enough verdicts beside their usual one.

    Where not, as in a rule that hardly ever fails or a sample of fails alone, alpha and kappa are near 0 however often
    both agree: the paradox of Feinstein and Cicchetti (1990).
    """
    for rater in zip(*pairs, strict=True):
        if len(rater) - max(rater.count(verdict) for verdict in set(rater)) < _MIN_RARE:
            return False
    return True


def least_percent(min_agreement: float) -> float:
    """The share of equal verdicts that comes to this agreement beyond chance when chance is a coin.

    PABAK of T. Byrt, J. Bishop, J. B. Carlin, "Bias, prevalence and kappa" (1993), and S of Bennett and others (1954)
    for two verdicts: 2 × share - 1. The limit stays one and the same, and rare verdicts do not move it.
    """
    return (1 + min_agreement) / 2


def _fails_are_wrong(pairs: Sequence[Pair], min_agreement: float) -> bool:
    """Whether the few fails show that the rule is wrong when it fails, which the many passes would hide.

    So few that one wrong fail tells nothing: wrong is only what even Wilson's upper limit puts below the limit.
    """
    interval = fail_precision(pairs).interval
    return interval is not None and interval[1] < min_agreement
