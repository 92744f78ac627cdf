"""Practise: hand in a recording, follow it, and find back what was made before."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from belscore.inputs import AUDIO_SUFFIXES
from belscore.store import uploads
from belscore.store.uploads import Kind, Upload
from belscore.web.settings import MIB
from belscore.web.site import TheSite, TheTexts, TheUser, page
from belscore.web.upload_api import Standing, standing

router = APIRouter(include_in_schema=False)

PER_PAGE = 20
_KINDS: tuple[Kind, ...] = ("upload", "microphone", "roleplay")
# Beside everything that is sound: what phones call a film holds sound too.
_ACCEPT = ("audio/*", "video/mp4", "video/webm", "video/3gpp")
# Longer is no call to practise with; at 48 kHz it stays under the least limit on one file that is of use.
_LONGEST_S = 30 * 60


class Attempt(NamedTuple):
    """A line of the list."""

    upload: Upload
    standing: Standing


@router.get("/oefenen")
def practise(
    request: Request, site: TheSite, user: TheUser, texts: TheTexts, pagina: Annotated[int, Query(ge=1, le=10**6)] = 1
) -> Response:
    """What can be practised, and what was made before."""
    with site.store.read() as connection:
        count = uploads.count_attempts(connection, user.id, kinds=_KINDS)
        pages = max(1, -(-count // PER_PAGE))
        number = min(pagina, pages)
        made = uploads.attempts_of(connection, user.id, kinds=_KINDS, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        attempts = [Attempt(upload, standing(connection, upload, texts)) for upload in made]
    limits = site.settings.limits
    return page(
        request,
        "practise.html.j2",
        attempts=attempts,
        number=number,
        pages=pages,
        is_first_time=not count,
        no_model=site.queue.no_model() is not None,
        limit_mb=limits.file_bytes // MIB,
        suffixes=sorted(AUDIO_SUFFIXES),
        accept=",".join((*_ACCEPT, *sorted(AUDIO_SUFFIXES))),
        data={
            "user": user.id,
            "fileBytes": limits.file_bytes,
            "suffixes": sorted(AUDIO_SUFFIXES),
            "longestS": _LONGEST_S,
            "standings": [attempt.standing.model_dump() for attempt in attempts],
            "texts": {**texts.section("practise"), **texts.section("record")},
            "stages": texts.section("stages"),
        },
    )
