"""How many streams of events one person may hold: each asks the store twice a second."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from belscore.web.problems import RefusedError
from belscore.web.site import TheSite, TheUser

# A page holds one, and some people have many pages open.
MOST_STREAMS = 20
_WAIT_S = 60


async def stream_place(site: TheSite, user: TheUser) -> AsyncGenerator[None]:
    """Counts a stream of events for as long as it is open. Raises RefusedError when somebody holds many."""
    followers = site.queue.followers
    if followers[user.id] >= MOST_STREAMS:
        raise RefusedError("too_many", 429, seconds=_WAIT_S)
    followers[user.id] += 1
    try:
        yield
    finally:
        followers[user.id] -= 1
        if not followers[user.id]:
            del followers[user.id]
