"""Who may see what: a trainee their own, a coach everything. Others' things and what is not there look alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy import Connection, select

from belscore.store import uploads
from belscore.store.tables import calls
from belscore.store.uploads import Upload
from belscore.store.users import User
from belscore.web.problems import NotFoundError
from belscore.web.rates import spend
from belscore.web.site import Site, TheUser

# The number of a call in an address; greater ones no database has.
CallId = Annotated[int, Path(ge=1, le=2**31 - 1)]
# By hand nobody takes more along; who needs all has `belscore export-person` and the like (ASVS 2.4.1).
_EXPORTS = "60/10minutes"


def _may_export(user: TheUser) -> None:
    """Count one file that somebody takes along. Raises TooManyError."""
    spend(_EXPORTS, "export", str(user.id))


MAY_EXPORT = Depends(_may_export)


def own_upload(site: Site, user: User, token: str) -> Upload:
    """An upload of who asks. Raises NotFoundError."""
    with site.store.read() as connection:
        upload = uploads.find_upload(connection, token)
    if upload is None or upload.user_id != user.id:
        raise NotFoundError
    return upload


def check_call(connection: Connection, user: User, call_id: int) -> None:
    """Raise NotFoundError unless somebody may see a call: a coach any, others what they made or said as its agent."""
    row = connection.execute(select(calls.c.agent, calls.c.practice).where(calls.c.id == call_id)).first()
    if row is None:
        raise NotFoundError
    if user.is_coach or (not row.practice and row.agent is not None and row.agent == user.agent):
        return
    # Who handed in calls of the practice did so as a coach, and need not be one any more.
    upload = uploads.upload_of_call(connection, call_id)
    if not row.practice or upload is None or upload.user_id != user.id:
        raise NotFoundError
