"""Who may see the pages: logging in and out, roles, passwords, and requests from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from belscore.profile import Profile
from belscore.store import users
from belscore.store.tables import audit, sessions
from belscore.store.users import MOST_SESSIONS
from belscore.wall_clock import utc_second
from belscore.web import rates
from belscore.web.passwords import hash_password, is_right
from belscore.web.people_pages import first_password
from belscore.web.site import SESSION_COOKIE
from web_site import PASSWORD, Web, web


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Web]:
    rates._limiter().storage.reset()
    with web(tmp_path) as made:
        made.add("anja")
        made.add("coach", "coach")
        made.add("baas", "admin")
        yield made


@pytest.mark.parametrize("address", ["/", "/oefenen", "/mensen", "/wachtwoord", "/api/uploads/x", "/api/calls/1/sound"])
def test_nothing_is_shown_to_who_is_not_logged_in(site: Web, address: str) -> None:
    answer = site.client().get(address)
    assert answer.status_code in (303, 401)
    assert answer.headers.get("location", "").startswith("/inloggen") or answer.json()["code"] == "not_logged_in"


def test_login_goes_on_where_somebody_wanted_to_be_and_logout_ends_it(site: Web) -> None:
    client = site.client()
    assert client.get("/oefenen?p=2").headers["location"] == "/inloggen?verder=/oefenen%3Fp%3D2"
    answer = client.post("/inloggen", data={"name": " Anja ", "password": PASSWORD, "verder": "/oefenen?p=2"})
    assert answer.headers["location"] == "/oefenen?p=2"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/oefenen").status_code == 200
    token = client.cookies[SESSION_COOKIE]
    assert client.post("/uitloggen").headers["location"] == "/inloggen"
    client.cookies.set(SESSION_COOKIE, token)
    assert client.get("/oefenen").status_code == 303


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.nl/", "//elsewhere.nl", "/\\elsewhere.nl", "javascript:1"])
def test_login_leads_to_no_other_site(site: Web, elsewhere: str) -> None:
    answer = site.client().post("/inloggen", data={"name": "anja", "password": PASSWORD, "verder": elsewhere})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(("name", "password"), [("anja", "niet het wachtwoord"), ("niemand", PASSWORD)])
def test_wrong_name_and_wrong_password_look_alike_and_no_password_is_logged(
    site: Web, name: str, password: str
) -> None:
    answer = site.client().post("/inloggen", data={"name": name, "password": password})
    assert answer.status_code == 401
    assert "horen niet bij elkaar" in answer.text
    assert SESSION_COOKIE not in answer.cookies
    with site.store.read() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.subject, audit.c.detail)).all()
    assert any(row.action == "login refused" for row in rows)
    assert all(password not in "".join(row) for row in rows)


def test_guessing_is_slowed_down_by_name_and_the_right_password_waits_too(site: Web) -> None:
    client = site.client()
    for _ in range(10):
        assert client.post("/inloggen", data={"name": "anja", "password": "x" * 12}).status_code == 401
    answer = client.post("/inloggen", data={"name": "ANJA", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert site.client("coach").get("/oefenen").status_code == 200


def test_session_ends_when_it_is_not_used_and_after_a_working_day(site: Web) -> None:
    for column, age in (("seen_at", users.IDLE), ("made_at", users.LONGEST)):
        client = site.client("anja")
        assert client.get("/oefenen").status_code == 200
        with site.store.write() as connection:
            past = utc_second() - age - timedelta(seconds=1)
            connection.execute(update(sessions).values(**{column: past}))
        assert client.get("/oefenen").status_code == 303


def test_cookie_in_the_store_is_of_no_use(site: Web) -> None:
    client = site.client("anja")
    with site.store.read() as connection:
        kept = connection.execute(select(sessions.c.digest)).scalar_one()
    assert kept != client.cookies[SESSION_COOKIE]
    other = site.client()
    other.cookies.set(SESSION_COOKIE, kept)
    assert other.get("/oefenen").status_code == 303


@pytest.mark.parametrize("name", ["anja", "coach"])
def test_only_an_admin_manages_people(site: Web, name: str) -> None:
    client = site.client(name)
    assert client.get("/mensen").status_code == 403
    assert client.post("/mensen", data={"name": "x", "role": "admin"}).status_code == 403
    assert client.post("/mensen/anja", data={"role": "admin"}).status_code == 403
    with site.store.read() as connection:
        assert users.require_user(connection, "anja").role == "trainee"


def test_who_gets_a_first_password_must_choose_their_own(site: Web) -> None:
    admin = site.client("baas")
    shown = admin.post("/mensen", data={"name": "Bram", "role": "coach", "agent": "Bram de Wit"}).text
    first = shown.split('class="password">')[1].split("<")[0]
    assert first not in admin.get("/mensen").text
    client = site.client()
    assert client.post("/inloggen", data={"name": "bram", "password": first}).status_code == 303
    assert client.get("/oefenen").headers["location"] == "/wachtwoord"
    assert client.get("/api/uploads/x").json()["code"] == "must_change"
    wish = {"password": first, "chosen": "vier paarse ezels in de wei", "once_more": "vier paarse ezels in de wei"}
    assert client.post("/wachtwoord", data=wish).headers["location"] == "/"
    assert client.get("/oefenen").status_code == 200


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ("kort", "te makkelijk"),
        ("anja anja anja anja", "te makkelijk"),
        ("qwertyuiop12", "te makkelijk"),
        ("belscore-2026", "te makkelijk"),
        ("wilgenhof2026!", "te makkelijk"),
        ("poes1poes1poes1", "te makkelijk"),
        (PASSWORD, "ander wachtwoord"),
    ],
)
def test_weak_password_is_refused_with_the_reason(site: Web, chosen: str, told: str) -> None:
    site.site.profile = Profile(practice=("De Wilgenhof",))
    wish = {"password": PASSWORD, "chosen": chosen, "once_more": chosen}
    answer = site.client("anja").post("/wachtwoord", data=wish)
    assert answer.status_code == 400
    assert told in answer.text
    assert site.client("anja").get("/oefenen").status_code == 200


def test_the_oldest_session_ends_when_there_are_too_many(site: Web) -> None:
    clients = [site.client("anja")]
    with site.store.write() as connection:
        # Sessions of the same second have no order.
        connection.execute(update(sessions).values(made_at=utc_second() - timedelta(minutes=1)))
    clients += [site.client("anja") for _ in range(MOST_SESSIONS)]
    assert clients[0].get("/oefenen").status_code == 303
    assert {each.get("/oefenen").status_code for each in clients[1:]} == {200}


def test_another_password_logs_out_everywhere_else(site: Web) -> None:
    here, elsewhere = site.client("anja"), site.client("anja")
    chosen = "vier paarse ezels in de wei"
    here.post("/wachtwoord", data={"password": PASSWORD, "chosen": chosen, "once_more": chosen})
    assert here.get("/oefenen").status_code == 200
    assert elsewhere.get("/oefenen").status_code == 303


def test_who_is_stopped_is_out_at_once_and_the_last_admin_stays(site: Web) -> None:
    client, admin = site.client("anja"), site.client("baas")
    assert admin.post("/mensen/anja", data={"active": "false"}).status_code == 303
    assert client.get("/oefenen").status_code == 303
    assert site.client().post("/inloggen", data={"name": "anja", "password": PASSWORD}).status_code == 401
    assert admin.post("/mensen/baas", data={"active": "false"}).status_code == 400
    assert admin.post("/mensen/baas", data={"role": "coach"}).status_code == 400
    assert admin.get("/mensen").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.nl"},
        {"origin": "null"},
    ],
)
def test_request_from_another_site_is_refused(site: Web, headers: dict[str, str]) -> None:
    client = site.client("baas")
    answer = client.post("/mensen", data={"name": "x", "role": "admin"}, headers=headers)
    assert answer.status_code == 403
    with site.store.read() as connection:
        assert users.find_user(connection, "x") is None


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://localhost"}, {}])
def test_request_from_our_own_pages_is_taken(site: Web, headers: dict[str, str]) -> None:
    answer = site.client("baas").post("/mensen", data={"name": "x", "role": "trainee"}, headers=headers)
    assert answer.status_code == 200


def test_every_answer_has_its_headers_also_errors(site: Web) -> None:
    client = site.client("anja")
    nonces = set()
    for address in ("/oefenen", "/nergens", "/mensen", "/static/x/base.css", "/api/uploads/x"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        nonces.add(policy)
    assert len(nonces) == 5
    assert client.get("/oefenen").headers["cache-control"] == "no-store"


def test_server_answers_to_its_own_names_only(tmp_path: Path) -> None:
    with web(tmp_path, practice=True, hosts=("localhost", "127.0.0.1", "::1")) as made:
        client = made.client()
        assert client.get("/oefenen").status_code == 200
        assert client.get("/oefenen", headers={"host": "[::1]:8020"}).status_code == 200
        for host in ("elsewhere.nl", "localhost.elsewhere.nl", ""):
            assert client.get("/oefenen", headers={"host": host}).status_code == 421


def test_over_tls_the_cookie_keeps_to_it(tmp_path: Path) -> None:
    with web(tmp_path, origin="https://belscore.praktijk.nl", hosts=("belscore.praktijk.nl", "localhost")) as made:
        made.add("anja")
        answer = made.client().post("/inloggen", data={"name": "anja", "password": PASSWORD})
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_language_is_chosen_and_kept(site: Web) -> None:
    client = site.client("anja")
    assert '<html lang="nl">' in client.get("/oefenen").text
    assert client.post("/taal", data={"language": "en", "verder": "/oefenen"}).headers["location"] == "/oefenen"
    assert '<html lang="en">' in client.get("/oefenen").text


def test_large_form_is_refused_before_it_is_read(site: Web) -> None:
    answer = site.client().post("/inloggen", data={"name": "a", "password": "x" * (2 << 20)})
    assert answer.status_code == 413


def test_passwords_are_hashed_with_argon2id_and_first_ones_are_accepted() -> None:
    password = first_password()
    kept = hash_password(password, name="anja")
    assert kept.startswith("$argon2id$")
    assert is_right(password, kept)
    assert not is_right(password + "x", kept)
    assert not is_right(password, None)
    assert not is_right(password, "geen hash")
