"""Log in and out, and choose a language."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from belscore.store.audit import note
from belscore.store.users import (
    LONGEST,
    change_user,
    end_session,
    find_user,
    login_name,
    password_hash_of,
    start_session,
)
from belscore.web.oidc import load_provider
from belscore.web.passwords import MAX_LENGTH, hash_password, is_outdated, is_right
from belscore.web.rates import forgive, spend
from belscore.web.site import LANGUAGE_COOKIE, SESSION_COOKIE, Site, TheSite, page, user_or_none
from belscore.web.texts import LANGUAGES

router = APIRouter(include_in_schema=False)

# Of one name, and from one address: a practice stands behind one.
_NAME_RATE, _ADDRESS_RATE = "10/10minutes", "100/10minutes"
_YEAR_S = 365 * 24 * 3600


def inside(address: str) -> str:
    """An address of this site to go on to; the front page for any other.

    Browsers take a backslash for a slash, and two or more in front for the name of another site.

    >>> inside("/gesprekken?p=2"), inside("//elsewhere.nl/x"), inside("///elsewhere.nl"), inside("https://elsewhere.nl")
    ('/gesprekken?p=2', '/', '/', '/')
    """
    read = address.replace("\\", "/")
    parts = urlsplit(read)
    is_ours = read.startswith("/") and not read.startswith("//") and not parts.scheme and not parts.netloc
    return address if is_ours and address.isprintable() else "/"


@router.get("/inloggen")
def login_page(request: Request, site: TheSite, verder: str = "/") -> Response:
    """The form."""
    if site.local is not None or user_or_none(request) is not None:
        return RedirectResponse(inside(verder), 303)
    return _form(request, site, verder)


@router.post("/inloggen")
def login(
    request: Request,
    site: TheSite,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=4 * MAX_LENGTH)],
    verder: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Check name and password. What is wrong of the two is not told."""
    kept_name, address = login_name(name), request.client.host if request.client else ""
    spend(_ADDRESS_RATE, "address", address)
    spend(_NAME_RATE, "name", kept_name)
    token = _logged_in(site, kept_name, password)
    if token is None:
        return _form(request, site, verder, name=name, status=401)
    forgive(_NAME_RATE, "name", kept_name)
    end_previous(request, site)
    return with_session(RedirectResponse(inside(verder), 303), site, token)


def _form(request: Request, site: Site, onward: str, *, name: str = "", status: int = 200) -> Response:
    outside = load_provider(site.settings.oidc).settings.title if site.settings.oidc is not None else None
    return page(
        request,
        "login.html.j2",
        status=status,
        onward=inside(onward),
        name=name,
        is_wrong=status != 200,
        outside=outside,
    )


def _logged_in(site: Site, name: str, password: str) -> str | None:
    with site.store.read() as connection:
        user = find_user(connection, name)
        kept = password_hash_of(connection, user.id) if user is not None and user.is_active else None
    right = is_right(password, kept)
    with site.store.write() as connection:
        if user is None or not right:
            # Not the name as it was written: people type passwords in the wrong place.
            note(connection, user.name if user else "?", "login refused", f"user {user.name if user else '?'}")
            return None
        if kept is not None and is_outdated(kept):
            change_user(connection, user, actor=user.name, password_hash=hash_password(password, name=user.name))
        return start_session(connection, user)


def with_session(answer: Response, site: Site, token: str) -> Response:
    """An answer that leaves its reader logged in."""
    answer.set_cookie(
        site.settings.cookie(SESSION_COOKIE),
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=site.settings.is_secure,
        path="/",
    )
    return answer


def end_previous(request: Request, site: Site) -> None:
    """End the session that a browser came with, if any."""
    token = request.cookies.get(site.settings.cookie(SESSION_COOKIE))
    if token:
        with site.store.write() as connection:
            end_session(connection, token)


@router.post("/uitloggen")
def logout(request: Request, site: TheSite) -> Response:
    """Forget the session, here and in the browser."""
    end_previous(request, site)
    answer = RedirectResponse("/inloggen", 303)
    kept = site.settings.cookie(SESSION_COOKIE)
    answer.delete_cookie(kept, path="/", httponly=True, samesite="lax", secure=site.settings.is_secure)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@router.post("/taal")
def choose_language(
    site: TheSite, language: Annotated[str, Form(max_length=5)], verder: Annotated[str, Form(max_length=2000)] = "/"
) -> Response:
    """Show the pages in another language."""
    answer = RedirectResponse(inside(verder), 303)
    if language in LANGUAGES:
        answer.set_cookie(
            site.settings.cookie(LANGUAGE_COOKIE),
            language,
            max_age=_YEAR_S,
            samesite="lax",
            secure=site.settings.is_secure,
            httponly=True,
        )
    return answer
