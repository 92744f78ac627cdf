"""What the finders give: a stretch of words that identifies somebody, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Kind = Literal[
    "name", "phone", "birth_date", "address", "postcode", "email", "iban", "bsn", "policy", "patient", "number"
]

# Where two finders claim the same words the first of these has them: what is proved comes before what is likely.
PRECEDENCE: Sequence[Kind] = (
    "iban", "email", "bsn", "postcode", "birth_date", "phone", "policy", "patient", "address", "number", "name",
)  # fmt: skip


class Found(NamedTuple):
    """Tokens start..end (exclusive) of an utterance.

    said  : what these words say, the same for every way of saying it: digits, letters, folded words
    value : the whole of which that is said here; of a number given in pieces all of it
    """

    kind: Kind
    turn: int
    start: int
    end: int
    said: str
    value: str


def settled(found: Iterable[Found]) -> list[Found]:
    """The stretches without those that overlap one of more precedence, or a longer one of the same; in order."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (PRECEDENCE.index(one.kind), one.start - one.end)):
        if all(each.turn != other.turn or each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda one: (one.turn, one.start))
