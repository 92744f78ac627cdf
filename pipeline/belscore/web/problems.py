"""What goes wrong, as an answer: a page for people, JSON for scripts of the pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from collections.abc import Mapping


_log = logging.getLogger(__name__)


class NotLoggedInError(Exception):
    """Nobody is logged in, and the page is not for everybody."""


class MustChangeError(Exception):
    """Their password was chosen by somebody else: they choose one of their own before anything else."""


class ForbiddenError(Exception):
    """It is for somebody else. What does not exist gets the same answer as what belongs to others: `NotFoundError`."""


class NotFoundError(Exception):
    """There is no such thing, or it belongs to somebody else."""


class TooManyError(Exception):
    """Too many requests; `wait_s` says for how long."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class RefusedError(Exception):
    """What was sent cannot be taken. `key` names a text of the section `problems`, `values` go into it."""

    def __init__(self, key: str, status: int = 400, **values: object) -> None:
        super().__init__(key)
        self.key, self.status, self.values = key, status, values


def wants_json(request: Request) -> bool:
    """Whether a script asks, and not somebody with a browser."""
    return request.url.path.startswith("/api/")


async def _forbidden(request: Request, _error: Exception) -> Response:
    user = getattr(request.state, "user", None)
    _log.warning("%s %r is not for user %s", request.method, request.url.path, user.id if user else "?")
    return answer(request, 403, "forbidden")


def add_problem_answers(app: FastAPI) -> None:
    """Give every error its answer."""

    async def not_logged_in(request: Request, _error: Exception) -> Response:
        if wants_json(request):
            return answer(request, 401, "not_logged_in")
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/inloggen?verder={quote(here)}" if request.method == "GET" else "/inloggen", 303)

    async def must_change(request: Request, _error: Exception) -> Response:
        return answer(request, 403, "must_change") if wants_json(request) else RedirectResponse("/wachtwoord", 303)

    async def too_many(request: Request, error: Exception) -> Response:
        assert isinstance(error, TooManyError)
        _log.warning("%s %r was asked too often", request.method, request.url.path)
        return answer(request, 429, "too_many", {"retry-after": str(error.wait_s)}, seconds=error.wait_s)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)
        return answer(request, error.status, error.key, None, **error.values)

    async def of_belscore(request: Request, error: Exception) -> Response:
        assert isinstance(error, BelscoreError)
        return answer(request, 400, "cannot", what=error.what, do=error.do)

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        key = {404: "not_found", 405: "method", 413: "too_large"}.get(error.status_code, "other")
        return answer(request, error.status_code, key, error.headers)

    async def not_valid(request: Request, _error: Exception) -> Response:
        return answer(request, 422, "not_valid")

    async def internal(request: Request, error: Exception) -> Response:
        # The server that runs us writes the traceback to the log.
        del error
        return answer(request, 500, "internal")

    app.add_exception_handler(NotLoggedInError, not_logged_in)
    app.add_exception_handler(MustChangeError, must_change)
    app.add_exception_handler(ForbiddenError, _forbidden)
    app.add_exception_handler(NotFoundError, _always(404, "not_found"))
    # A number that no database holds names nothing.
    app.add_exception_handler(OverflowError, _always(404, "not_found"))
    app.add_exception_handler(TooManyError, too_many)
    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(BelscoreError, of_belscore)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, not_valid)
    app.add_exception_handler(Exception, internal)


def _always(status: int, key: str):  # type: ignore[no-untyped-def]
    async def handler(request: Request, _error: Exception) -> Response:
        return answer(request, status, key)

    return handler


def answer(
    request: Request, status: int, key: str, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    """Say what is wrong, in the language of who asks."""
    from belscore.web.site import page, texts_of

    told = texts_of(request)(f"problems.{key}", **values)
    if wants_json(request):
        return JSONResponse({"error": told, "code": key}, status, dict(headers or {}))
    made = page(request, "problem.html.j2", status=status, told=told)
    made.headers.update(headers or {})
    return made
