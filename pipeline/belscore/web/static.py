"""Scripts, styles and pictures of the pages. Their address has a digest of them, so that browsers keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import Response

from belscore.web.problems import NotFoundError

router = APIRouter()

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _all() -> dict[str, bytes]:
    folder = files(__package__).joinpath("static")
    return {
        each.name: each.read_bytes()
        for each in folder.iterdir()
        if any(each.name.endswith(suffix) for suffix in _TYPES)
    }


@cache
def _digest() -> str:
    """Over all files: modules import each other by name, so that one that changes changes the address of all."""
    told = hashlib.sha256()
    for name, body in sorted(_all().items()):
        told.update(name.encode() + b"\0" + body)
    return told.hexdigest()[:16]


def static_address(name: str) -> str:
    """The address of a file. KeyError when there is none."""
    _all()[name]
    return f"/static/{_digest()}/{name}"


@router.get("/static/{digest}/{name}", include_in_schema=False)
def static_file(request: Request, digest: str, name: str) -> Response:
    """One of the files that come with the program: the name is looked up among them, no path is made of it."""
    body = _all().get(name)
    if body is None:
        raise NotFoundError
    kind = next(kind for suffix, kind in _TYPES.items() if name.endswith(suffix))
    lasts = _FOR_EVER if digest == _digest() else "no-cache"
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"cache-control": lasts, "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)
