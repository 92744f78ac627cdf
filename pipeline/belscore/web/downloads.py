"""A call to take along: as one page, as a page with its sound beside it, or as JSON. Each is told in the audit log."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from belscore.encryption.files import SealedFile, open_sealed
from belscore.errors import BelscoreError
from belscore.report.html import format_page
from belscore.store.audit import note
from belscore.store.calls import read_call, read_scorecard
from belscore.store.users import User
from belscore.web.access import MAY_EXPORT, CallId, check_call
from belscore.web.call_api import scorecard, shown_call, shown_card, transcript
from belscore.web.english import in_english
from belscore.web.problems import NotFoundError
from belscore.web.site import Site, TheSite, TheUser, language_of
from belscore.web.sound_api import sound_file

router = APIRouter(prefix="/gesprekken/{call_id}/download", include_in_schema=False, dependencies=[MAY_EXPORT])

_AT_A_TIME = 256 * 1024


@router.get("/pagina.html")
def as_page(request: Request, call_id: CallId, site: TheSite, user: TheUser) -> Response:
    """The page in one file, without sound."""
    return _file(_page(request, site, user, call_id, "page", None), f"gesprek-{call_id}.html", "text/html")


@router.get("/pagina-met-geluid.zip")
def with_sound(request: Request, call_id: CallId, site: TheSite, user: TheUser) -> Response:
    """The page with its sound beside it; nothing of it is written to disk in the clear."""
    try:
        sound = open_sealed(sound_file(site, user, call_id), site.keys)
    except BelscoreError:
        raise NotFoundError from None
    try:
        text = _page(request, site, user, call_id, "page with sound", f"gesprek-{call_id}.wav")
    except BaseException:
        sound.close()
        raise
    name = f"gesprek-{call_id}"
    headers = {"content-disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(_zipped(name, text, sound), headers=headers, media_type="application/zip")


@router.get("/scorekaart.json")
def as_scorecard(call_id: CallId, site: TheSite, user: TheUser) -> Response:
    """Scorecard JSON, `belscore.scorecard/1`."""
    return _file(_json(scorecard(call_id, site, user)), f"scorekaart-{call_id}.json", "application/json")


@router.get("/gesprek.json")
def as_call(call_id: CallId, site: TheSite, user: TheUser) -> Response:
    """Call JSON, `belscore.call/1`."""
    return _file(_json(transcript(call_id, site, user)), f"gesprek-{call_id}.json", "application/json")


def _page(request: Request, site: Site, user: User, call_id: int, kind: str, recording: str | None) -> str:
    with site.store.write() as connection:
        check_call(connection, user, call_id)
        call, card = read_call(connection, call_id), read_scorecard(connection, call_id)
        note(connection, user.name, "exported", f"call {call_id}", {"as": kind})
    if language_of(request) == "en" and card.language != "en":
        card = in_english(call, card, site.judging.rules, site.profile).card
    return format_page(shown_call(call), shown_card(card), recording=recording)


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _file(text: str, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


class _Pipe:
    """What was written since it was last taken; `zipfile` writes to it without going back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Everything is there at once."""

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _zipped(name: str, text: str, sound: SealedFile) -> Iterator[bytes]:
    pipe = _Pipe()
    with sound, zipfile.ZipFile(pipe, "w") as made:  # type: ignore[call-overload]
        made.writestr(zipfile.ZipInfo(f"{name}/{name}.html"), text, zipfile.ZIP_DEFLATED)
        yield pipe.take()
        with made.open(zipfile.ZipInfo(f"{name}/{name}.wav"), "w") as file:
            for at in range(0, sound.size_bytes, _AT_A_TIME):
                file.write(sound.read(at, min(_AT_A_TIME, sound.size_bytes - at)))
                yield pipe.take()
    yield pipe.take()
