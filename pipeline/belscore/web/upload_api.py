"""Handing in a recording: announced first, so that what cannot be taken is refused before it is sent; then sent whole;
then followed, also after a reload, until it is scored.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, NonNegativeFloat, PositiveInt
from sqlalchemy import Connection
from starlette.requests import ClientDisconnect

from belscore.call import Direction
from belscore.encryption.files import SealedWriter
from belscore.encryption.keys import sync_folder
from belscore.errors import BelscoreError
from belscore.inputs import AUDIO_SUFFIXES
from belscore.scenarios import load_scenarios
from belscore.store import uploads
from belscore.store.audit import note
from belscore.store.caller_keys import caller_keys
from belscore.store.uploads import Upload
from belscore.store.users import User
from belscore.web.access import own_upload
from belscore.web.problems import RefusedError
from belscore.web.rates import spend
from belscore.web.site import Site, TheSite, TheTexts, TheUser
from belscore.web.streams import stream_place
from belscore.web.texts import Texts

router = APIRouter(prefix="/api/uploads", tags=["uploads"])

_POLL_S = 0.5
# How often the store hears that an upload still comes (`uploads.QUIET`), and how long a sender may be silent.
_TELL_EVERY_S = 5.0
_SILENT_S = 60.0
# Of one recording, on the way at a time: one that goes on, and some whose connection broke and was not missed yet.
_MOST_SENDERS = 3
# Of a trainee, who hands in some an hour.
_RATE = "60/minute"
_MOST_FOLLOWED = 100
_DAY_S = 86_400
_MIB = 1024 * 1024


class Announced(BaseModel):
    """What somebody wants to hand in.

    name   : of the file on their machine: shown to them again, and its suffix told to the decoder; never a path here
    played : of a role play, the number of each line that was played (from 1), and when it began in the recording
    caller_number : of a call, as the exchange writes it; only its keyed hash is kept
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=300)
    size_bytes: int = Field(gt=0, le=1 << 40)
    kind: Literal["upload", "microphone", "roleplay", "call"] = "upload"
    agent_channel: Literal["left", "right", "auto"] = "auto"
    scenario: str | None = Field(default=None, max_length=60, pattern=r"^[a-z0-9-]+$")
    played: list[tuple[PositiveInt, NonNegativeFloat]] = Field(default_factory=list, max_length=100)
    department: str | None = Field(default=None, max_length=100)
    agent: str | None = Field(default=None, max_length=100)
    direction: Direction | None = None
    started_at: NaiveDatetime | None = None
    ring_s: float | None = Field(default=None, ge=0, le=_DAY_S)
    queue_s: float | None = Field(default=None, ge=0, le=_DAY_S)
    after_s: float | None = Field(default=None, ge=0, le=_DAY_S)
    caller_number: str | None = Field(default=None, max_length=300, repr=False)


class Standing(BaseModel):
    """How far an upload is.

    share    : 0..1 of the stage
    ahead    : how many are scored before it
    is_quiet : it is to be sent, and nothing comes
    error    : what is wrong and what to do
    score    : 0..100 when it is done and anything could be judged
    href     : its page
    """

    token: str
    title: str
    kind: str
    size_bytes: int
    state: str
    stage: str | None
    stage_title: str
    share: float | None
    ahead: int
    is_quiet: bool
    error: str | None
    score: int | None
    call_id: int | None
    href: str | None


def _of_who_asks(token: str, site: TheSite, user: TheUser) -> Upload:
    return own_upload(site, user, token)


TheUpload = Annotated[Upload, Depends(_of_who_asks)]


@router.post("", status_code=201)
def announce(site: TheSite, user: TheUser, texts: TheTexts, asked: Announced) -> Standing:
    """Ask to hand in a recording; its token says where to send it."""
    name = PureWindowsPath(PurePosixPath(asked.name).name).name
    suffix = PureWindowsPath(name).suffix.lower()
    if suffix not in AUDIO_SUFFIXES:
        told = uploads.shown_title(suffix) or "?"
        raise RefusedError("kind", 415, suffix=told, kinds=", ".join(sorted(AUDIO_SUFFIXES)))
    limits = site.settings.limits
    if asked.size_bytes > limits.file_bytes:
        raise RefusedError("too_large_file", 413, limit=limits.file_bytes // _MIB)
    if asked.kind == "call" and not user.is_coach:
        raise RefusedError("only_coach", 403)
    if site.queue.no_model() is not None:
        raise RefusedError("no_model", 503)
    if not user.is_coach:
        spend(_RATE, "announce", str(user.id))
    options: dict[str, Any] = {"suffix": suffix, "agent_channel": asked.agent_channel}
    if asked.kind == "roleplay":
        options |= {"scenario": asked.scenario, "played": _checked(asked)}
    if asked.kind == "call":
        options |= _known(site, asked)
    with site.store.write() as connection:
        _check_quota(site, user, *uploads.used_by(connection, user.id), asked.size_bytes)
        # Files that the page makes itself are named for their owner alone.
        title = name if asked.kind in ("upload", "call") else PureWindowsPath(name).stem
        upload = uploads.add_upload(
            connection, user_id=user.id, kind=asked.kind, title=title, size_bytes=asked.size_bytes, options=options
        )
        return standing(connection, upload, texts)


def _known(site: Site, asked: Announced) -> dict[str, Any]:
    """What is known of a call of the practice. Raises BelscoreError when there is no key for a caller's number."""
    names = {"department", "direction", "started_at", "ring_s", "queue_s", "after_s"}
    known = {"agent": asked.agent, **asked.model_dump(mode="json", include=names, exclude_none=True)}
    hashed = caller_keys(site.store).of_number(asked.caller_number) if asked.caller_number else None
    return {**known, "caller_hash": hashed} if hashed else known


def _checked(asked: Announced) -> list[tuple[int, float]]:
    """The lines of a role play that were played. Raises RefusedError when there are no such lines."""
    found = load_scenarios().get(asked.scenario or "")
    if found is None or not asked.played or any(line > len(found.lines) for line, _ in asked.played):
        raise RefusedError("no_scenario", 422)
    return [*asked.played]


def _check_quota(site: Site, user: User, used_bytes: int, under_way: int, size_bytes: int) -> None:
    limits = site.settings.limits
    most_bytes = limits.coach_bytes if user.is_coach else limits.user_bytes
    most = limits.coach_under_way if user.is_coach else limits.under_way
    if under_way >= most:
        raise RefusedError("too_many_uploads", 429, most=most)
    if used_bytes + size_bytes > most_bytes:
        raise RefusedError("quota", 413, limit=most_bytes // _MIB)


@router.put("/{token}/content", status_code=204, max_body_size=1 << 40)
async def receive(request: Request, site: TheSite, user: TheUser, upload: TheUpload) -> Response:
    """Take the bytes of a recording, as many as were announced. It may be sent again when that broke off.

    Of two who send the same one the first that is done counts.
    """
    if upload.state != "receiving":
        raise RefusedError("not_receiving", 409)
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) != upload.size_bytes:
        raise RefusedError(*(("longer", 413) if int(stated) > upload.size_bytes else ("shorter", 400)))
    final = site.incoming_file(upload)
    path = site.queue.folder / f"{upload.token}-{secrets.token_hex(4)}{final.suffix}"
    senders = site.queue.senders
    if senders[upload.token] >= _MOST_SENDERS:
        raise RefusedError("too_many", 429, seconds=round(_SILENT_S))
    senders[upload.token] += 1
    try:
        await _write_body(request, site, upload, path)
        is_received = await run_in_threadpool(_is_received, site, user, upload, path)
    except (BelscoreError, OSError):
        raise RefusedError("no_room", 507) from None
    finally:
        senders[upload.token] -= 1
        if not senders[upload.token]:
            del senders[upload.token]
        await run_in_threadpool(path.unlink, missing_ok=True)
    if not is_received:
        raise RefusedError("not_receiving", 409)
    site.queue.wake()
    return Response(status_code=204)


async def _write_body(request: Request, site: Site, upload: Upload, path: Path) -> None:
    """Write what is sent to a file that is there when all of it is. Raises RefusedError, BelscoreError."""
    writer = await run_in_threadpool(SealedWriter, path, site.keys)
    got, told_s, chunks = 0, 0.0, request.stream()
    try:
        while got <= upload.size_bytes:
            if time.monotonic() - told_s > _TELL_EVERY_S:
                told_s = time.monotonic()
                if not await run_in_threadpool(_is_wanted, site, upload):
                    raise RefusedError("not_receiving", 409)
            async with asyncio.timeout(_SILENT_S):
                chunk = await anext(chunks, None)
            if chunk is None:
                break
            got += len(chunk)
            await run_in_threadpool(writer.write, chunk)
        if got != upload.size_bytes:
            raise RefusedError(*(("longer", 413) if got > upload.size_bytes else ("shorter", 400)))
        await run_in_threadpool(writer.commit)
    except (ClientDisconnect, TimeoutError):
        raise RefusedError("shorter", 408) from None
    finally:
        # Also when the browser goes away in the middle.
        writer.discard()


def _is_wanted(site: Site, upload: Upload) -> bool:
    with site.store.write() as connection:
        return uploads.heard_of(connection, upload.id)


def _is_received(site: Site, user: User, upload: Upload, path: Path) -> bool:
    """Put the file where a worker takes it, unless it is not wanted any more."""
    final = site.incoming_file(upload)
    with site.store.write() as connection:
        if not uploads.received(connection, upload.id):
            return False
        note(connection, user.name, "recording received", f"upload {upload.id}", {"bytes": upload.size_bytes})
        path.replace(final)
        sync_folder(final.parent)
        return True


@router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(stream_place)])
async def all_events(
    site: TheSite,
    user: TheUser,
    texts: TheTexts,
    token: Annotated[list[str], Query(max_length=_MOST_FOLLOWED)] = [],  # noqa: B006  # how FastAPI is told
) -> AsyncIterator[ServerSentEvent]:
    """How far all uploads of who asks are, told as they change: a browser has six connections for all its pages.

    token : of uploads that were under way when the page last looked

    Ends with an event `end` when none is under way.
    """
    told: dict[str, Standing] = {}
    while True:
        now = await run_in_threadpool(_followed, site, user, {*token, *told}, texts)
        for each in now:
            if told.get(each.token) != each:
                told[each.token] = each
                yield ServerSentEvent(data=each.model_dump(), event="standing")
        if not any(each.state in uploads.UNDER_WAY for each in now):
            yield ServerSentEvent(raw_data="end", event="end")
            return
        await asyncio.sleep(_POLL_S)


def _followed(site: Site, user: User, tokens: set[str], texts: Texts) -> list[Standing]:
    with site.store.read() as connection:
        found = uploads.followed(connection, user.id, tokens)
        return [standing(connection, upload, texts) for upload in found]


@router.get("/{token}")
def follow(site: TheSite, upload: TheUpload, texts: TheTexts) -> Standing:
    """How far an upload is."""
    return _standing(site, upload, texts)


@router.get("/{token}/events", response_class=EventSourceResponse, dependencies=[Depends(stream_place)])
async def events(site: TheSite, user: TheUser, upload: TheUpload, texts: TheTexts) -> AsyncIterator[ServerSentEvent]:
    """How far an upload is, told as it changes; ends with an event `end`."""
    told = None
    while True:
        found = await run_in_threadpool(_followed, site, user, {upload.token}, texts)
        now = next((each for each in found if each.token == upload.token), None)
        if now is not None and now != told:
            told = now
            yield ServerSentEvent(data=now.model_dump(), event="standing")
        if now is None or now.state not in uploads.UNDER_WAY:
            yield ServerSentEvent(raw_data="end", event="end")
            return
        await asyncio.sleep(_POLL_S)


@router.post("/{token}/cancel")
def cancel(site: TheSite, user: TheUser, upload: TheUpload, texts: TheTexts) -> Standing:
    """Give an upload up that is not done; what came of it is removed."""
    with site.store.write() as connection:
        is_cancelled = uploads.cancel(connection, upload.id)
        if is_cancelled:
            note(connection, user.name, "recording cancelled", f"upload {upload.id}")
    if is_cancelled:
        # A worker that has it is ended, and removes what it made.
        with contextlib.suppress(OSError):
            site.incoming_file(upload).unlink(missing_ok=True)
        site.queue.wake()
    return _standing(site, own_upload(site, user, upload.token), texts)


@router.delete("/{token}", status_code=204)
def remove(site: TheSite, upload: TheUpload) -> Response:
    """Take one that gave no call off the list."""
    with site.store.write() as connection:
        if not uploads.forget(connection, upload.id):
            raise RefusedError("not_over", 409)
    return Response(status_code=204)


def _standing(site: Site, upload: Upload, texts: Texts) -> Standing:
    with site.store.read() as connection:
        return standing(connection, upload, texts)


def standing(connection: Connection, upload: Upload, texts: Texts) -> Standing:
    """An upload as pages show it."""
    return Standing(
        token=upload.token,
        title=upload.title,
        kind=upload.kind,
        size_bytes=upload.size_bytes,
        state=upload.state,
        stage=upload.stage,
        stage_title=texts.of("stages", upload.stage or upload.state),
        share=upload.share,
        ahead=uploads.waiting_before(connection, upload) if upload.state == "waiting" else 0,
        is_quiet=upload.is_quiet,
        error=texts.of("upload_errors", upload.error) if upload.error is not None else None,
        score=round(upload.score) if upload.score is not None else None,
        call_id=upload.call_id,
        href=f"/gesprekken/{upload.call_id}" if upload.call_id is not None else None,
    )
