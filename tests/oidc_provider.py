"""A provider of accounts for tests: OpenID Connect on a port of this machine, with whatever is wrong on purpose."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "belscore", "een geheim van de aanbieder"


class Account:
    """Who logs in at the provider, and what is changed in what it says of them."""

    def __init__(self) -> None:
        self.subject, self.name, self.shown = "42", "anja", "Anja de Vries"
        self.changed: dict[str, Any] = {}
        self.key: RSAKey | OctKey | None = None
        self.algorithm = "RS256"


class Provider:
    """Answers as OpenID Connect Core says; checks the client's secret, the code and the PKCE verifier."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.account = issuer, Account()
        self.metadata: dict[str, str] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.metadata,
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse(KeySet([self._key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 303)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        given = base64.b64decode(request.headers.get("authorization", " ").split(" ")[1]).decode()
        if asked is None or asked["code_challenge"] != challenge or given.split(":")[0] != CLIENT:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now, who = int(time.time()), self.account
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": who.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": who.name,
            "name": who.shown,
            **who.changed,
        }
        key = who.key or self._key
        header = {"alg": who.algorithm, "kid": "k1"}
        token = jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider for a block."""
    import socket

    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(made.app, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield made
        server.should_exit = True
        thread.join(20)
