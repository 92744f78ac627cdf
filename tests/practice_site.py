"""The pages inside a test's own process, with trainees whose practice calls it can make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from belscore.store.comments import Comment, open_disputes
from belscore.store.tables import audit
from belscore.store.users import find_user
from practice_calls import WITH_FAILS, add_practice_call
from web_site import Web, web

TRAINEES = ("anja", "bram", "cor", "dina", "els", "finn")


class Site(Web):
    """A server with a trainee, another one, and a coach."""

    def attempt(self, name: str = "anja", sample: str = WITH_FAILS, *, scenario: str | None = None) -> int:
        with self.store.read() as connection:
            user = find_user(connection, name)
        assert user is not None
        return add_practice_call(self.store, self.site.settings.recordings, user, sample, scenario=scenario)

    def audited(self, action: str, call_id: int) -> list[str]:
        """Who did something to a call."""
        which = (audit.c.action == action, audit.c.subject == f"call {call_id}")
        with self.store.read() as connection:
            return [*connection.execute(select(audit.c.actor).where(*which).order_by(audit.c.id)).scalars()]

    def disputes(self, call_id: int) -> list[Comment]:
        with self.store.read() as connection:
            return [each for each in open_disputes(connection) if each.call_id == call_id]


@contextmanager
def practice_site(folder: Path) -> Iterator[Site]:
    """A server for a block, with TRAINEES and somebody named coach."""
    with web(folder) as made:
        made.__class__ = Site
        assert isinstance(made, Site)
        for name in TRAINEES:
            made.add(name)
        made.add("coach", "coach")
        yield made
