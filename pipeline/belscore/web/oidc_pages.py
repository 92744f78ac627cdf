"""Log in elsewhere, and come back."""

from __future__ import annotations

import base64
import json
import logging

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from belscore.errors import BelscoreError
from belscore.store.audit import note
from belscore.store.users import (
    User,
    add_user,
    change_user,
    find_by_subject,
    find_user,
    free_agent,
    has_subject,
    password_hash_of,
    start_session,
)
from belscore.web.login_pages import end_previous, inside, with_session
from belscore.web.oidc import Account, Provider, load_provider
from belscore.web.problems import NotFoundError, RefusedError
from belscore.web.rates import spend
from belscore.web.site import LOCAL_NAME, Site, TheSite, site_of

router = APIRouter(include_in_schema=False)
_log = logging.getLogger(__name__)

# Over TLS the name keeps other hosts from setting it, which needs the path of the whole site.
_COOKIE, _COOKIE_PATH = "belscore_login", "/"
_PATH = "/inloggen/extern"
_LASTS_S = 600
_RATE = "60/10minutes"


@router.get(_PATH)
def begin(request: Request, site: TheSite, verder: str = "/") -> Response:
    """Send somebody to the provider of accounts. What must be known on the way back stays with their browser."""
    provider = _provider(site)
    spend(_RATE, "extern", request.client.host if request.client else "")
    begun = provider.begin(_back(request, site))
    kept = {"state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier, "onward": inside(verder)}
    answer = RedirectResponse(begun.address, 303)
    answer.set_cookie(
        site.settings.cookie(_COOKIE),
        base64.urlsafe_b64encode(json.dumps(kept).encode()).decode(),
        max_age=_LASTS_S,
        httponly=True,
        samesite="lax",
        secure=site.settings.is_secure,
        path=_COOKIE_PATH,
    )
    return answer


@router.get(f"{_PATH}/terug")
def finish(request: Request, site: TheSite) -> Response:
    """Let somebody in who comes back."""
    provider = _provider(site)
    # Each asks the provider, also with a cookie that somebody made up.
    spend(_RATE, "terug", request.client.host if request.client else "")
    try:
        begun = {str(key): str(value) for key, value in _kept(request).items()}
        answer = f"{_back(request, site)}?{request.url.query}"
        account = provider.finish(_back(request, site), answer, begun)
    except (ValueError, KeyError, AttributeError, BelscoreError) as error:
        # Only its kind where it may quote what came: an address holds the code of a login.
        _log.warning("a login elsewhere failed: %s", error.what if isinstance(error, BelscoreError) else type(error))
        raise RefusedError("extern", 401) from None
    with site.store.write() as connection:
        user = _known(connection, account, newcomers=provider.settings.newcomers)
        if user is None or not user.is_active:
            note(connection, "?", "login refused", "somebody with an account elsewhere")
            token = None
        else:
            token = start_session(connection, user)
    if token is None:
        raise RefusedError("stranger", 403)
    end_previous(request, site)
    made = with_session(RedirectResponse(inside(begun.get("onward", "/")), 303), site, token)
    kept = site.settings.cookie(_COOKIE)
    made.delete_cookie(kept, path=_COOKIE_PATH, httponly=True, samesite="lax", secure=site.settings.is_secure)
    return made


def _known(connection: Connection, account: Account, *, newcomers: bool) -> User | None:
    """Who it is here. An account is linked to a name once, and only where that name has no password of its own."""
    user = find_by_subject(connection, account.subject)
    if user is not None or not account.name:
        return user
    named = find_user(connection, account.name)
    if named is not None:
        if named.name == LOCAL_NAME:
            return None
        if has_subject(connection, named.id) or password_hash_of(connection, named.id) is not None:
            return None
        change_user(connection, named, actor=named.name, subject=account.subject)
        return find_by_subject(connection, account.subject)
    if not newcomers:
        return None
    return add_user(
        connection,
        name=account.name,
        role="trainee",
        actor="belscore",
        agent=free_agent(connection, account.shown, account.name),
        subject=account.subject,
    )


def _provider(site: Site) -> Provider:
    if site.settings.oidc is None or site.local is not None:
        raise NotFoundError
    return load_provider(site.settings.oidc)


def _back(request: Request, site: Site) -> str:
    """Where the provider sends browsers back to."""
    origin = site.settings.origin or str(request.base_url).rstrip("/")
    return f"{origin}{_PATH}/terug"


def _kept(request: Request) -> dict[str, object]:
    kept: dict[str, object] = json.loads(
        base64.urlsafe_b64decode(request.cookies.get(site_of(request).settings.cookie(_COOKIE), ""))
    )
    return kept
