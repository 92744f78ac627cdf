"""Who may log in, for admins; and a password of one's own, for everybody."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from belscore.errors import BelscoreError
from belscore.store.users import (
    ROLES,
    Role,
    User,
    add_user,
    change_user,
    list_users,
    password_hash_of,
    require_user,
    start_session,
)
from belscore.web.login_pages import with_session
from belscore.web.passwords import MAX_LENGTH, MIN_LENGTH, hash_password, is_right
from belscore.web.problems import NotFoundError, RefusedError
from belscore.web.rates import spend
from belscore.web.site import Site, TheAdmin, TheNewcomer, TheSite, page

router = APIRouter(include_in_schema=False)

_RATE = "10/10minutes"
# Without letters and digits that look alike: it is read out, or written on paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4
_NAME = Form(max_length=100)
_PASSWORD = Form(max_length=4 * MAX_LENGTH)


def first_password() -> str:
    """A password to hand to somebody, which they must change: some 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


@router.get("/mensen")
def people(request: Request, site: TheSite, user: TheAdmin) -> Response:
    """Everybody who may log in."""
    return _people(request, site, user)


@router.post("/mensen")
def add(
    request: Request,
    site: TheSite,
    user: TheAdmin,
    name: Annotated[str, _NAME],
    role: Annotated[Role, Form()],
    agent: Annotated[str, _NAME] = "",
) -> Response:
    """Add somebody with a first password, which is shown once."""
    password = first_password()
    try:
        with site.store.write() as connection:
            made = add_user(
                connection,
                name=name,
                role=role,
                actor=user.name,
                agent=agent.strip() or None,
                password_hash=hash_password(password, name=name),
                must_change=True,
            )
    except BelscoreError:
        return _people(request, site, user, wrong="people.taken", name=name, agent=agent, status=400)
    return _people(request, site, user, first=(made.name, password))


@router.post("/mensen/{name}")
def change(
    request: Request,
    site: TheSite,
    user: TheAdmin,
    name: str,
    role: Annotated[Role | None, Form()] = None,
    agent: Annotated[str, _NAME] = "",
    active: Annotated[bool | None, Form()] = None,
    new_password: Annotated[bool, Form()] = False,
) -> Response:
    """Change what somebody may do, or give them another first password."""
    password = first_password() if new_password else None
    try:
        with site.store.write() as connection:
            found = require_user(connection, name)
            change_user(
                connection,
                found,
                actor=user.name,
                role=role if role != found.role else None,
                agent=agent.strip() if agent.strip() not in ("", found.agent) else None,
                is_active=active if active != found.is_active else None,
                password_hash=hash_password(password, name=found.name) if password else None,
                must_change=True if password else None,
            )
    except BelscoreError as error:
        if error.where == name:
            return _people(request, site, user, wrong="people.last_admin", status=400)
        raise NotFoundError from None
    if password is not None:
        return _people(request, site, user, first=(found.name, password))
    return RedirectResponse("/mensen", 303)


def _people(
    request: Request,
    site: Site,
    user: User,
    *,
    first: tuple[str, str] | None = None,
    wrong: str | None = None,
    name: str = "",
    agent: str = "",
    status: int = 200,
) -> Response:
    with site.store.read() as connection:
        found = list_users(connection)
    people = [each for each in found if site.local is None or each.id != site.local.id]
    return page(
        request,
        "people.html.j2",
        status=status,
        people=people,
        me=user.name,
        roles=ROLES,
        first=first,
        wrong=wrong,
        name=name,
        agent=agent,
    )


@router.get("/wachtwoord")
def own_password(request: Request, site: TheSite, user: TheNewcomer) -> Response:
    """The form for a password of one's own."""
    return _own_password(request, site, user)


@router.post("/wachtwoord")
def change_own_password(
    request: Request,
    site: TheSite,
    user: TheNewcomer,
    password: Annotated[str, _PASSWORD],
    chosen: Annotated[str, _PASSWORD],
    once_more: Annotated[str, _PASSWORD],
) -> Response:
    """Choose another password; every other session of theirs ends."""
    spend(_RATE, "own password", user.name)
    with site.store.read() as connection:
        kept = password_hash_of(connection, user.id)
    if not is_right(password, kept):
        return _own_password(request, site, user, wrong="password.wrong")
    if chosen != once_more:
        return _own_password(request, site, user, wrong="password.differ")
    if chosen == password:
        return _own_password(request, site, user, wrong="password.same")
    try:
        made = hash_password(chosen, name=user.name, words=site.known_words)
    except BelscoreError:
        return _own_password(request, site, user, wrong="password.weak")
    with site.store.write() as connection:
        change_user(connection, user, actor=user.name, password_hash=made, must_change=False)
        token = start_session(connection, user)
    return with_session(RedirectResponse("/", 303), site, token)


def _own_password(request: Request, site: Site, user: User, wrong: str | None = None) -> Response:
    with site.store.read() as connection:
        if site.local is not None or password_hash_of(connection, user.id) is None:
            raise RefusedError("no_password", 404)
    status = 400 if wrong else 200
    return page(request, "password.html.j2", status=status, wrong=wrong, must=user.must_change, least=MIN_LENGTH)
