"""How long the store keeps what it has, and seeing to it: nobody has to think of it, and a wrong clock deletes nothing.

A lifetime counts from when something came into the store. The defaults: sound and words only as long as coaches need
them to listen back; verdicts and figures a year, to compare a month with the same one a year before; the audit log a
year longer than what it is about, and never less than the six months of the AI Act, art. 26(6) and 19(1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from belscore.wall_clock import this_second

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from belscore.store.database import Store
    from belscore.store.purging import Limits, Purged

Days = Annotated[int, Field(ge=0, le=7305)]
# AI Act, art. 19(1) and 26(6): logs of a system of high risk are kept for six months or more.
MIN_AUDIT_DAYS = 183


class Retention(BaseModel):
    """Days that each kind of thing is kept; `[retention]` of a profile.

    recordings  : sound that the pages keep; 0 keeps none
    transcripts : what was said: transcripts, quotes in scorecards, words of promises and appointments
    scores      : verdicts, figures, and what people wrote beside them; after it nothing is left of a call
    audit       : who did what
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recordings: Days = 30
    transcripts: Days = 30
    scores: Annotated[Days, Field(ge=1)] = 365
    audit: Annotated[Days, Field(ge=MIN_AUDIT_DAYS)] = 730

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if max(self.recordings, self.transcripts) > self.scores:
            raise ValueError("what was said is not kept longer than the scores")
        if self.audit < self.scores:
            raise ValueError("the audit log is kept as long as the scores, or longer")
        return self

    def limits(self, now: datetime) -> Limits:
        """The moments before which things are too old."""
        from belscore.store.purging import Limits

        return Limits(*(now - timedelta(days=getattr(self, name)) for name in Limits._fields))


def noted_retention(connection: Connection) -> Retention:
    """The lifetimes that were last given, else the defaults."""
    from belscore.store.purging import FACT_RETENTION, read_fact

    noted = read_fact(connection, FACT_RETENTION)
    return Retention.model_validate_json(noted) if noted else Retention()


def retention_of(store: Store, given: Retention | None = None, *, actor: str) -> Retention:
    """The lifetimes of a store: those that are given, which are noted, else those last noted, else the defaults.

    So that a command without the profile does not keep to other lifetimes than one with it.
    """
    from belscore.store.audit import note
    from belscore.store.purging import FACT_RETENTION, write_fact

    with store.read() as connection:
        known = noted_retention(connection)
    if given is None or given == known:
        return known
    with store.write() as connection:
        write_fact(connection, FACT_RETENTION, given.model_dump_json())
        note(connection, actor, "retention", "store", given.model_dump())
    return given


def purge(
    store: Store, retention: Retention, *, actor: str, folder: Path | None = None, now: datetime | None = None
) -> Purged:
    """Remove all that is too old, in steps that are whole each; stopped halfway, the same again goes on.

    folder : of kept recordings, see `recordings_folder`; None when there is none

    Raises BelscoreError when the clock runs behind the store.
    """
    from belscore.store.purging import FACT_PURGED_AT, clock_is_behind, purge_all, write_fact
    from belscore.store.scrubbing import is_scrub_owed, scrub

    moment = now or this_second()
    with store.read() as connection:
        clock_is_behind(connection, moment)
    purged = purge_all(store, retention.limits(moment), today=moment.date(), actor=actor, folder=folder)
    with store.read() as connection:
        owed = is_scrub_owed(connection)
    if owed:
        scrub(store)
    with store.write() as connection:
        write_fact(connection, FACT_PURGED_AT, moment.isoformat())
    return purged


@dataclass(slots=True)
class Keeper:
    """Keeps the lifetimes of a store by itself: `daily` may be called as often as one likes.

    given : lifetimes of the profile, None without any
    """

    store: Store
    actor: str
    given: Retention | None = None
    folder: Path | None = None
    _day: date | None = field(default=None, init=False)

    def daily(self) -> Purged | None:
        """Purge when that was not done today, by nobody; None when it was. Raises BelscoreError."""
        from belscore.store.purging import FACT_PURGED_AT, read_fact

        now = this_second()
        if self._day == now.date():
            return None
        self._day = now.date()
        with self.store.read() as connection:
            last = read_fact(connection, FACT_PURGED_AT)
        return None if last and datetime.fromisoformat(last).date() == now.date() else self.now()

    def now(self) -> Purged:
        """Purge. Raises BelscoreError when the clock cannot be trusted: nothing is removed then."""
        from belscore.store.purging import clock_leapt

        moment = this_second()
        retention = retention_of(self.store, self.given, actor=self.actor)
        with self.store.read() as connection:
            clock_leapt(connection, moment)
        return purge(self.store, retention, actor=self.actor, folder=self.folder, now=moment)
