"""Logging in with accounts elsewhere, at a real provider on this machine that can be made to lie."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from belscore.errors import BelscoreError
from belscore.store import users
from belscore.web.oidc import load_provider
from web_site import Web, web

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from oidc_provider import Provider

pytestmark = pytest.mark.extra


@pytest.fixture
def account_service() -> Iterator[Provider]:
    pytest.importorskip("authlib", reason="no Authlib here: run `make test-web`")
    from oidc_provider import provider

    with provider() as made:
        yield made


def _settings(folder: Path, issuer: str, **more: Any) -> Path:
    (folder / "secret").write_text("een geheim van de aanbieder\n")
    lines = [f'issuer = "{issuer}"', 'client_id = "belscore"', 'client_secret_file = "secret"']
    lines += [
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in more.items()
    ]
    path = folder / f"oidc-{len(list(folder.glob('oidc-*')))}.toml"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def site(tmp_path: Path, account_service: Provider) -> Iterator[Web]:
    with web(tmp_path, oidc=_settings(tmp_path, account_service.issuer)) as made:
        with made.store.write() as connection:
            users.add_user(connection, name="anja", role="coach", actor="test", agent="Anja")
        made.add("bram")
        yield made


def _go_there_and_back(client: TestClient, change: str = "") -> Any:
    import httpx

    there = client.get("/inloggen/extern?verder=/wachtwoord")
    back = httpx.get(there.headers["location"]).headers["location"]
    parts = urlsplit(back.replace(change.split("=>")[0], change.split("=>")[1]) if change else back)
    return client.get(f"{parts.path}?{parts.query}")


def test_account_is_let_in_as_the_user_of_its_name_and_stays_that_one(site: Web, account_service: Provider) -> None:
    client = site.client()
    assert "/inloggen/extern" in client.get("/inloggen").text
    answer = _go_there_and_back(client)
    assert answer.headers["location"] == "/wachtwoord"
    assert client.get("/mensen").status_code == 403
    account_service.account.name = "een andere naam"
    again = site.client()
    assert _go_there_and_back(again).status_code == 303
    with site.store.read() as connection:
        assert users.require_user(connection, "anja").role == "coach"
        assert users.find_user(connection, "een andere naam") is None


def test_account_of_somebody_else_gets_no_name_that_is_linked_or_has_a_password(
    site: Web, account_service: Provider
) -> None:
    assert _go_there_and_back(site.client()).status_code == 303
    account_service.account.subject = "43"
    assert _go_there_and_back(site.client()).status_code == 403
    account_service.account.name = "bram"
    assert _go_there_and_back(site.client()).status_code == 403
    account_service.account.name = "niemand"
    assert _go_there_and_back(site.client()).status_code == 403


def test_newcomer_becomes_a_trainee_where_the_practice_says_so(tmp_path: Path, account_service: Provider) -> None:
    with web(tmp_path, oidc=_settings(tmp_path, account_service.issuer, newcomers=True)) as made:
        assert _go_there_and_back(made.client()).status_code == 303
        with made.store.read() as connection:
            user = users.require_user(connection, "anja")
        assert (user.role, user.agent) == ("trainee", "Anja de Vries")


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "een ander"},
        {"iss": "https://elsewhere.nl"},
        {"nonce": "een andere"},
        {"nonce": None},
        {"exp": int(time.time()) - 3600},
        {"sub": None},
    ],
)
def test_account_is_refused_when_what_is_said_of_it_is_not_right(
    site: Web, account_service: Provider, changed: dict[str, Any]
) -> None:
    account_service.account.changed = changed
    answer = _go_there_and_back(site.client())
    assert answer.status_code == 401
    assert "niet gelukt" in answer.text


def test_account_is_refused_when_it_was_signed_by_another_key(
    site: Web, account_service: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    from joserfc.jwk import OctKey, RSAKey

    account_service.account.key = RSAKey.generate_key(2048, private=True)
    assert _go_there_and_back(site.client()).status_code == 401
    assert "the login was refused (BadSignatureError)" in caplog.text
    assert "code-" not in caplog.text
    account_service.account.key, account_service.account.algorithm = OctKey.generate_key(256), "HS256"
    assert _go_there_and_back(site.client()).status_code == 401


def test_answer_of_another_login_is_refused(site: Web) -> None:
    assert _go_there_and_back(site.client(), "state==>state=x").status_code == 401
    assert _go_there_and_back(site.client(), "code==>code=x").status_code == 401
    client = site.client()
    there = client.get("/inloggen/extern")
    assert there.status_code == 303
    assert site.client().get("/inloggen/extern/terug?code=code-0&state=x").status_code == 401


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_provider_that_sends_us_on_without_tls_is_refused(site: Web, account_service: Provider, name: str) -> None:
    account_service.metadata = {name: "http://login.praktijk.nl/x"}
    answer = site.client().get("/inloggen/extern")
    assert answer.status_code == 400
    assert "TLS" in answer.text


def test_provider_that_does_not_answer_is_told(tmp_path: Path) -> None:
    pytest.importorskip("authlib", reason="no Authlib here: run `make test-web`")
    with web(tmp_path, oidc=_settings(tmp_path, "http://127.0.0.1:1")) as made:
        answer = made.client().get("/inloggen/extern")
        assert answer.status_code == 400
        assert "does not answer" in answer.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('issuer = "http://elsewhere.nl"\nclient_id = "x"', "TLS"),
        ('client_id = "x"', "issuer"),
        ('issuer = "https://x.nl"\nclient_id = "x"\nanders = 1', "anders"),
        ("issuer = ", "TOML"),
        ('issuer = "https://x.nl"\nclient_id = "x"\nclient_secret_file = "niet"', "No such file"),
    ],
)
def test_settings_that_are_not_right_are_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    pytest.importorskip("authlib", reason="no Authlib here: run `make test-web`")
    path = tmp_path / "oidc.toml"
    path.write_text(text)
    with pytest.raises(BelscoreError, match=told):
        load_provider(path)
