"""Log in with the practice's own accounts: OpenID Connect Core 1, authorization code with PKCE (RFC 7636).

Needs the extra `oidc`. The library makes and checks what is cryptographic; this says which provider, and who it is.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

SECRET_VARIABLE = "BELSCORE_OIDC_SECRET"
# What providers sign with; never `none`, and never a shared secret.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_TIMEOUT_S = 10.0
_LEEWAY_S = 60
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class OidcFile(BaseModel):
    """The settings file.

    issuer        : address of the provider, as https://login.praktijk.nl/realm
    client_id     : what the provider calls belscore; `client_secret_file` holds the secret, else BELSCORE_OIDC_SECRET
    title         : what stands on the button
    name_claim    : what of the account must be the name of a user here, to link the two at a first login
    newcomers     : whether somebody who is not known here is let in, as a trainee
    """

    model_config = ConfigDict(extra="forbid")

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_file: Path | None = None
    title: str = Field(default="Inloggen met het account van de praktijk", max_length=80)
    name_claim: str = "preferred_username"
    newcomers: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Who somebody is by the provider; `subject` never comes to mean somebody else."""

    subject: str
    name: str
    shown: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that was begun: where the browser goes, and what must be known when it comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider of accounts."""

    def __init__(self, settings: OidcFile, secret: str | None) -> None:
        self.settings, self._secret = settings, secret

    def begin(self, redirect_uri: str) -> Begun:
        """Begin a login. Raises BelscoreError when the provider does not answer."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        found = self._metadata()
        with self._client(redirect_uri) as client:
            address, state = client.create_authorization_url(
                found["authorization_endpoint"], nonce=nonce, code_verifier=verifier
            )
        return Begun(address, state, nonce, verifier)

    def finish(self, redirect_uri: str, answer: str, begun: Mapping[str, str]) -> Account:
        """Who came back, by what the provider sent along. Raises BelscoreError when any of it is not right.

        answer : the whole address that the browser came back to
        begun  : `state`, `nonce` and `verifier` of the login that was begun
        """
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError
        from joserfc.errors import JoseError

        found = self._metadata()
        try:
            with self._client(redirect_uri, state=begun["state"]) as client:
                token = client.fetch_token(
                    found["token_endpoint"], authorization_response=answer, code_verifier=begun["verifier"]
                )
                claims = self._claims(str(token["id_token"]), found, begun["nonce"])
        except (AuthlibBaseError, HTTPError, JoseError, KeyError, ValueError) as error:
            raise self._told(f"the login was refused ({type(error).__name__})") from None
        name = str(claims.get(self.settings.name_claim) or "")
        shown = str(claims.get("name") or name or claims["sub"])
        return Account(f"{self.settings.issuer} {claims['sub']}", name, shown)

    def _claims(self, id_token: str, found: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """What the provider says of somebody; signature, issuer, audience, times and nonce checked."""
        from joserfc import jwt
        from joserfc.jwk import KeySet

        published: Any = self._get(found["jwks_uri"])
        keys = KeySet.import_key_set(published)
        token = jwt.decode(id_token, keys, algorithms=[*_ALGORITHMS])
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(token.claims)
        claims: Mapping[str, Any] = token.claims
        return claims

    def _metadata(self) -> Mapping[str, Any]:
        found = self._get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            raise self._told("the provider calls itself otherwise")
        asked = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if not all(is_private(str(found.get(each, ""))) for each in asked):
            raise self._told("the provider names an address that is not reached over TLS")
        return found

    def _get(self, address: str) -> dict[str, Any]:
        import httpx

        try:
            answer = httpx.get(address, timeout=_TIMEOUT_S)
            answer.raise_for_status()
            data: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError):
            raise self._told("the provider does not answer as it should") from None
        return data

    def _client(self, redirect_uri: str, **more: str) -> OAuth2Client:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            self.settings.client_id,
            self._secret,
            scope="openid profile email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
            **more,
        )

    def _told(self, what: str) -> BelscoreError:
        do = "try again; if it goes on, tell who manages the accounts"
        return BelscoreError(what, where=self.settings.issuer, do=do)


def is_private(address: str) -> bool:
    """Whether nobody on the way can read what is sent to an address: TLS, or this very machine.

    >>> is_private("https://login.praktijk.nl"), is_private("http://127.0.0.1:80/x"), is_private("http://login.praktijk.nl")
    (True, True, False)
    """
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


@lru_cache
def load_provider(path: Path) -> Provider:
    """Read the settings file. Raises BelscoreError when it is not valid, or the extra is not installed."""
    where = str(path)
    try:
        import authlib.integrations.httpx_client  # noqa: F401
    except ImportError:
        raise BelscoreError("needs more packages", where=where, do="install belscore with the extra `oidc`") from None
    try:
        settings = OidcFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        secret = os.environ.get(SECRET_VARIABLE)
        if settings.client_secret_file is not None:
            secret = (path.parent / settings.client_secret_file).read_text(encoding="utf-8").strip()
    except ValidationError as error:
        first = error.errors()[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise BelscoreError(what, where=where, do="see `belscore serve` in docs/gebruik.md") from None
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or f"is no TOML ({error})"
        raise BelscoreError(what, where=where, do="correct the file") from None
    if not is_private(settings.issuer):
        raise BelscoreError("the issuer is not reached over TLS", where=where, do="write an https:// address")
    return Provider(settings, secret)
