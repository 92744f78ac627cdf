"""The sound of a call, for the players of the pages: any part of it at once, opened as it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from belscore.encryption.files import SealedFile, open_sealed
from belscore.errors import BelscoreError
from belscore.store.agent_calls import batch_file_of
from belscore.store.attempts import is_own
from belscore.store.audit import note, note_view
from belscore.store.recordings import Kept, keep_recording, kept_recording
from belscore.store.users import User
from belscore.web.access import CallId, check_call
from belscore.web.problems import NotFoundError, TooManyError
from belscore.web.site import Site, TheSite, TheUser

router = APIRouter(prefix="/api/calls", tags=["calls"])

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_AT_A_TIME = 256 * 1024
# Decoding takes up to 2 GB: one at a time, and who waits holds a thread of the server.
_COPYING = BoundedSemaphore(1)
_WAIT_S = 20


@router.get("/{call_id}/sound")
def sound(request: Request, call_id: CallId, site: TheSite, user: TheUser) -> Response:
    """The recording as WAV; `Range` asks for a part of it (RFC 9110, 14.2)."""
    path = sound_file(site, user, call_id)
    _note_heard(site, user, call_id)
    try:
        file = open_sealed(path, site.keys)
    except BelscoreError:
        raise NotFoundError from None
    return ranged(request, file)


def _note_heard(site: Site, user: User, call_id: int) -> None:
    """Tell the audit log that somebody listens to a call of another: players ask for many parts, it says so once."""
    with site.store.read() as connection:
        mine = is_own(connection, user, call_id)
    if not mine:
        note_view(site.store, user.name, f"call {call_id}, sound")


def sound_file(site: Site, user: User, call_id: int) -> Path:
    """Where the sound of a call lies, sealed. Made now when its recording lies elsewhere. Raises NotFoundError."""
    with site.store.read() as connection:
        check_call(connection, user, call_id)
        kept = kept_recording(connection, call_id)
        elsewhere = batch_file_of(connection, call_id) if kept is None else None
    if kept is None:
        if elsewhere is None or not elsewhere.is_file():
            raise NotFoundError
        if not _COPYING.acquire(timeout=_WAIT_S):
            raise TooManyError(_WAIT_S)
        try:
            kept = _copied_once(site, user, call_id, elsewhere)
        finally:
            _COPYING.release()
    return site.sounds / kept.name


def _copied_once(site: Site, user: User, call_id: int, elsewhere: Path) -> Kept:
    """The copy; players ask for many parts at once, and whoever waited finds what the first made."""
    with site.store.read() as connection:
        kept = kept_recording(connection, call_id)
    if kept is not None:
        return kept
    kept = _copied(site, call_id, elsewhere)
    with site.store.write() as connection:
        keep_recording(connection, call_id, kept)
        note(connection, user.name, "recording copied to listen", f"call {call_id}")
    return kept


def _copied(site: Site, call_id: int, recording: Path) -> Kept:
    from belscore.audio import decode
    from belscore.web.hearing import write_sound

    name = f"call-{call_id}.wav"
    try:
        size = write_sound(decode(recording), site.sounds / name, site.keys)
    except BelscoreError:
        raise NotFoundError from None
    return Kept(name, size, is_copy=True)


def ranged(request: Request, file: SealedFile) -> Response:
    """The part of a file that was asked for; closes it."""
    size = file.size_bytes
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    start, end = _bounds(found, size) if found else (0, size)
    headers = {"accept-ranges": "bytes", "content-length": str(max(0, end - start))}
    if start >= end:
        file.close()
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    if found:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    body = _parts(file, start, end)
    return StreamingResponse(body, 206 if found else 200, headers, media_type="audio/wav")


def _bounds(found: re.Match[str], size: int) -> tuple[int, int]:
    """First byte and the one after the last; an empty range where nothing can be given."""
    first, last = found.groups()
    if not first:
        count = int(last or 0)
        return (max(0, size - count), size) if count else (0, 0)
    return int(first), min(size, int(last) + 1) if last else size


def _parts(file: SealedFile, start: int, end: int) -> Iterator[bytes]:
    with file:
        for at in range(start, end, _AT_A_TIME):
            yield file.read(at, min(_AT_A_TIME, end - at))
