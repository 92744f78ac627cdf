"""What was said beside what was heard: right words, other words, words lost, added, joined and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from belscore.second_look_sounds import apart, sound

Kind = Literal["right", "other", "lost", "added", "joined", "split"]

# Costs that let a pair of words that sound alike lie beside each other rather than one lost and one added.
LOST = 0.75
ADDED = 0.75
# Two words heard as one, or one as two: the sounds have to be nearly the same.
JOINT = 0.15
MAX_JOINT_APART = 0.25


@dataclass(frozen=True, slots=True)
class Step:
    """Words said[first:last] and heard[start:end] that belong together."""

    kind: Kind
    first: int
    last: int
    start: int
    end: int


def align(said: Sequence[str], heard: Sequence[str]) -> list[Step]:
    """The cheapest way to read one for the other, in order; words are compared as written and by their sounds."""
    keys, others = [sound(word) for word in said], [sound(word) for word in heard]
    best: list[list[tuple[float, Step | None]]] = [[(0.0, None)] * (len(heard) + 1) for _ in range(len(said) + 1)]
    for i in range(len(said) + 1):
        for j in range(len(heard) + 1):
            if i or j:
                best[i][j] = min(
                    (
                        (best[step.first][step.start][0] + cost, step)
                        for step, cost in _steps(said, heard, keys, others, i, j)
                    ),
                    key=lambda option: option[0],
                )
    steps: list[Step] = []
    i, j = len(said), len(heard)
    while (step := best[i][j][1]) is not None:
        steps.append(step)
        i, j = step.first, step.start
    return steps[::-1]


def _steps(
    said: Sequence[str], heard: Sequence[str], keys: Sequence[str], others: Sequence[str], i: int, j: int
) -> list[tuple[Step, float]]:
    options: list[tuple[Step, float]] = []
    if i and j:
        same = said[i - 1] == heard[j - 1]
        cost = 0.0 if same else 0.3 + apart(keys[i - 1], others[j - 1])
        options.append((Step("right" if same else "other", i - 1, i, j - 1, j), cost))
    if i:
        options.append((Step("lost", i - 1, i, j, j), LOST))
    if j:
        options.append((Step("added", i, i, j - 1, j), ADDED))
    if i > 1 and j and heard[j - 1] not in said[i - 2 : i]:
        gap = apart(keys[i - 2] + keys[i - 1], others[j - 1])
        if gap <= MAX_JOINT_APART:
            options.append((Step("joined", i - 2, i, j - 1, j), JOINT + gap))
    if i and j > 1 and said[i - 1] not in heard[j - 2 : j]:
        gap = apart(keys[i - 1], others[j - 2] + others[j - 1])
        if gap <= MAX_JOINT_APART:
            options.append((Step("split", i - 1, i, j - 2, j), JOINT + gap))
    return options
