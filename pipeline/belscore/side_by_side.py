"""Both channels of a recording at the same time: numpy and scipy let other threads run while they compute."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from belscore.timeline import SAMPLE_RATE_HZ

Result = TypeVar("Result")

# Of a longer recording the channels come one after the other: what both need at once would be too much memory.
_TOGETHER_MAX_S = 1800.0


def side_by_side(
    work: Callable[..., Result], channels: Sequence[Sequence[float] | Any], *others: Iterable[Any]
) -> list[Result]:
    """`work` on each channel, samples (n,) at SAMPLE_RATE_HZ, with what else belongs to it; results in order."""
    if len(channels) < 2 or len(channels[0]) > _TOGETHER_MAX_S * SAMPLE_RATE_HZ:
        return [work(*each) for each in zip(channels, *others, strict=True)]
    with ThreadPoolExecutor(len(channels)) as pool:
        return list(pool.map(work, channels, *others))
