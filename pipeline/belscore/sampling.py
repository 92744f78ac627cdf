"""Draw calls by a seed: the same ones wherever and in whatever order they are stored. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Allocation = Literal["equal", "proportional"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that may be drawn; `sha256` is of its recording, `stratum` the group it is drawn from."""

    call_id: int
    sha256: str
    stratum: str = ""


def drawn(candidates: Sequence[Candidate], *, size: int, seed: int, allocation: Allocation) -> list[Candidate]:
    """As many calls as asked for, or all when there are fewer; in the order to review them, the strata mixed.

    Every call has a place by the hash of the seed and its content: the first places are a simple random sample, also of
    each stratum, and calls that are added later do not move the others (permanent random numbers: E. Ohlsson,
    "Coordination of samples using permanent random numbers", in "Business survey methods", 1995).
    """
    strata: dict[str, list[Candidate]] = {}
    for each in sorted(candidates, key=lambda each: _place(seed, each.sha256)):
        strata.setdefault(each.stratum, []).append(each)
    sizes = allocated({name: len(calls) for name, calls in strata.items()}, size, allocation)
    chosen = [each for name, calls in strata.items() for each in calls[: sizes[name]]]
    return sorted(chosen, key=lambda each: _place(seed, each.sha256))


def _place(seed: int, sha256: str) -> str:
    return hashlib.sha256(f"{seed}/{sha256}".encode()).hexdigest()


def allocated(available: Mapping[str, int], size: int, allocation: Allocation) -> dict[str, int]:
    """How many to draw from each stratum: as equal, or as proportional, as whole numbers and what there is allow.

    >>> allocated({"a": 2, "b": 50, "c": 48}, 20, "equal")
    {'a': 2, 'b': 9, 'c': 9}
    >>> allocated({"a": 2, "b": 50, "c": 48}, 20, "proportional")
    {'a': 0, 'b': 10, 'c': 10}
    """
    if allocation == "equal":
        return _equal(available, size)
    total = sum(available.values())
    size = min(size, total)
    exact = {name: size * count / total for name, count in available.items()}
    sizes = {name: int(share) for name, share in exact.items()}
    # Largest remainders, as seats are given to parties (Hamilton); names break ties, not the order of rows.
    left = sorted(available, key=lambda name: (sizes[name] - exact[name], name))[: size - sum(sizes.values())]
    return {name: count + (name in left) for name, count in sizes.items()}


def _equal(available: Mapping[str, int], size: int) -> dict[str, int]:
    """What a small stratum does not have, the others give."""
    sizes = dict.fromkeys(available, 0)
    left, open_ = min(size, sum(available.values())), sorted(available, key=lambda name: (available[name], name))
    for place, name in enumerate(open_):
        sizes[name] = min(available[name], left // (len(open_) - place))
        left -= sizes[name]
    return sizes
