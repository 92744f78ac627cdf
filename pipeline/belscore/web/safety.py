"""What every answer of the server carries, and which requests it refuses before anything looks at them.

- Requests that change something and come from a page of another site (OWASP ASVS 5, 3.5.1): told by `Sec-Fetch-Site`,
  or by `Origin` where a browser does not send that (Filippo Valsorda's method, "Cross-Site Request Forgery", 2025).
- Requests for another host than the server's own names, as a page makes that has its name point here (DNS rebinding).
- A content security policy with a nonce for each answer, and the other headers of OWASP's secure headers project.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_OWN = ("same-origin", "none")
_SHOWN = 200


class Safety:
    """Middleware around the whole application; the nonce of an answer stands in `request.state.nonce`."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] = (), origin: str | None = None) -> None:
        """
        hosts  : names by which the server may be asked, without port; empty for any
        origin : the address that browsers see when something stands in between; None for the one they ask for
        """
        self.app = app
        self._hosts = {host.lower() for host in hosts}
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), nonce, is_secure=self._is_secure)
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            text, status = refused
            # What an attacker may write is quoted, and cut: one line each.
            asked = (scope["method"], scope["path"][:_SHOWN], Headers(scope=scope).get("host", "")[:_SHOWN])
            _log.warning("%s %r for the host %r is refused with %d", *asked, status)
            await PlainTextResponse(text, status)(scope, receive, send_safely)
            return
        await self.app(scope, receive, send_safely)

    @property
    def _is_secure(self) -> bool:
        return self._origin is not None and self._origin.startswith("https:")

    def _refused(self, scope: Scope) -> tuple[str, int] | None:
        """What is wrong with a request, with the status; None when nothing is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts and (urlsplit(f"//{host}").hostname or "") not in self._hosts:
            return "Onbekend adres: open de pagina's onder hun eigen naam.\n", 421
        if scope["method"] in _SAFE_METHODS or not self._is_foreign(headers, host):
            return None
        return "Geweigerd: dit verzoek komt van een andere site.\n", 403

    def _is_foreign(self, headers: Headers, host: str) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site not in _OWN
        # No browser of these years leaves both out.
        return origin is not None and origin != self._origin and urlsplit(origin).netloc != host


def _add_headers(headers: MutableHeaders, nonce: str, *, is_secure: bool) -> None:
    headers.setdefault("content-security-policy", policy(nonce))
    headers["x-content-type-options"] = "nosniff"
    headers["x-frame-options"] = "DENY"
    headers["referrer-policy"] = "same-origin"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
    headers["permissions-policy"] = "microphone=(self), camera=(), geolocation=(), browsing-topics=()"
    # What patients said stays in no cache; files of the program name themselves otherwise.
    headers.setdefault("cache-control", "no-store")
    if is_secure:
        headers["strict-transport-security"] = "max-age=31536000"


def policy(nonce: str) -> str:
    """The content security policy of a page: scripts and styles of our own, nothing from elsewhere.

    >>> "script-src 'self' 'nonce-x'" in policy("x")
    True
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "font-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
