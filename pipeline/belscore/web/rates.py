"""How often the same thing may be tried: a moving window in the memory of the server."""

from __future__ import annotations

import math
import time
from functools import cache

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from belscore.web.problems import TooManyError


@cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


@cache
def _parsed(rate: str) -> RateLimitItem:
    return parse(rate)


def spend(rate: str, *whose: str) -> None:
    """Count one try. Raises TooManyError when there were too many.

    rate : as "10/minute"; whose : what they are counted for
    """
    item = _parsed(rate)
    if not _limiter().hit(item, *whose):
        reset_s = _limiter().get_window_stats(item, *whose).reset_time
        raise TooManyError(max(1, math.ceil(reset_s - time.time())))


def forgive(rate: str, *whose: str) -> None:
    """Forget what was counted: it went well."""
    _limiter().clear(_parsed(rate), *whose)
