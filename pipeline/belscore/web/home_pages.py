"""The front page, and what machines ask for."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from belscore.web.site import TheSite, TheUser

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(user: TheUser) -> Response:
    """Where somebody begins: a coach with the calls, a trainee with practising."""
    return RedirectResponse("/gesprekken" if user.is_coach else "/oefenen", 303)


@router.get("/gezond")
def health(site: TheSite) -> dict[str, str]:
    """Whether the server answers and reaches its store."""
    with site.store.read():
        return {"status": "ok"}


@router.get("/robots.txt")
def robots() -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")
