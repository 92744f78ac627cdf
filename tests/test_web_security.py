"""The pages as an attacker sees them: every address, hostile texts, sessions, floods, and what answers and logs tell.

What each test is for stands in docs/asvs.md, by the numbers of OWASP ASVS 5.0.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from belscore import load_rules, parse_call, score_call
from belscore.errors import BelscoreError
from belscore.reports.catalog import REPORTS
from belscore.store import uploads
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.comments import add_comment
from belscore.store.recordings import Kept
from belscore.store.rule_sets import keep_rules
from belscore.store.tables import audit, jobs, recordings, sessions
from belscore.store.tables import uploads as upload_rows
from belscore.store.users import User, add_user, change_user, find_user, free_agent
from belscore.wall_clock import this_second, utc_second
from belscore.web import passwords, rates, sound_api, streams
from belscore.web.app import ROUTERS
from belscore.web.login_pages import inside
from belscore.web.problems import RefusedError
from belscore.web.site import LOCAL_NAME, SESSION_COOKIE
from made_store import GREETING
from stored_calls import put_in, scored_dialogues, sha256_of
from web_site import PASSWORD, Web, web

Route = tuple[str, str]

# Who may ask for what. An address that stands in none of these lists fails the first test: say who it is for.
OPEN: set[Route] = {
    ("GET", "/static/{digest}/{name}"), ("GET", "/gezond"), ("GET", "/robots.txt"), ("GET", "/inloggen"),
    ("POST", "/inloggen"), ("POST", "/uitloggen"), ("POST", "/taal"), ("GET", "/inloggen/extern"),
    ("GET", "/inloggen/extern/terug"),
}  # fmt: skip
EVERYBODY: set[Route] = {
    ("GET", "/"), ("GET", "/wachtwoord"), ("POST", "/wachtwoord"), ("GET", "/oefenen"), ("GET", "/rollenspel"),
    ("GET", "/rollenspel/{name}"), ("GET", "/rollenspel/{name}/{number}.flac"), ("GET", "/regels"),
    ("GET", "/regels/{rule_id}"), ("POST", "/api/uploads"), ("GET", "/api/uploads/events"),
}  # fmt: skip
# For coaches, and for who made it; for other trainees it is not there.
OWN: set[Route] = {
    ("GET", "/gesprekken/{call_id:int}"), ("POST", "/gesprekken/{call_id:int}/betwisten"),
    ("POST", "/gesprekken/{call_id:int}/verwijderen"), ("GET", "/api/calls/{call_id}"),
    ("GET", "/api/calls/{call_id}/attempts"), ("GET", "/api/calls/{call_id}/scorecard"),
    ("GET", "/api/calls/{call_id}/transcript"), ("GET", "/api/calls/{call_id}/sound"),
    ("GET", "/gesprekken/{call_id}/download/pagina.html"), ("GET", "/gesprekken/{call_id}/download/scorekaart.json"),
    ("GET", "/gesprekken/{call_id}/download/pagina-met-geluid.zip"),
    ("GET", "/gesprekken/{call_id}/download/gesprek.json"), ("PUT", "/api/uploads/{token}/content"),
    ("GET", "/api/uploads/{token}"), ("GET", "/api/uploads/{token}/events"), ("POST", "/api/uploads/{token}/cancel"),
    ("DELETE", "/api/uploads/{token}"),
}  # fmt: skip
COACHES: set[Route] = {
    ("GET", "/aanleveren"), ("POST", "/api/deliveries/plan"), ("POST", "/api/deliveries/known"),
    ("POST", "/api/deliveries/standing"), ("GET", "/rapporten"), ("GET", "/rapporten/{name}"),
    ("GET", "/rapporten/{name}/inhoud"), ("GET", "/rapporten/{name}/download/{form}"), ("GET", "/steekproeven"),
    ("POST", "/steekproeven"), ("GET", "/steekproeven/{sample_id:int}/volgende"),
    ("GET", "/steekproeven/{sample_id:int}/{call_id:int}"), ("GET", "/ijking"), ("GET", "/ijking.csv"),
    ("GET", "/api/calls/{call_id}/reviews"), ("POST", "/api/calls/{call_id}/reviews"),
    ("POST", "/gesprekken/{call_id}/opmerkingen"), ("GET", "/bezwaren"), ("POST", "/bezwaren/{dispute_id}"),
    ("GET", "/gesprekken"), ("GET", "/api/calls/{call_id}/place"),
}  # fmt: skip
ADMINS: set[Route] = {("GET", "/mensen"), ("POST", "/mensen"), ("POST", "/mensen/{name}")}

EVIL = "\"'><x-evil onfocus=alert(1)>{{7*7}}</script></textarea><x-evil>"
FORMULA = "=HYPERLINK(1)"
FOLDER = "/srv/geheime-map"
_CALLS = 12


def _routes() -> set[Route]:
    found = [route for module in ROUTERS for route in import_module(module).router.routes]
    return {(method, route.path) for route in found for method in route.methods}


def _evil_calls(site: Web) -> None:
    """Calls of Anja in which everything that comes from outside is hostile; one of an agent with a formula for name."""
    said = f"""
0.4-3.0 agent  goedemorgen {EVIL} met Anja
3.3-6.5 caller Met {EVIL}, tot hoe laat zijn jullie open?
6.8-9.5 agent  Tot vijf uur {EVIL}
9.8-11.0 caller Dank u wel.
"""
    call = parse_call(said)
    card = score_call(call)
    with site.store.write() as connection:
        rules = keep_rules(connection, load_rules())
        for number in range(2 * _CALLS):
            agent = EVIL if number < _CALLS else FORMULA
            source = f"{FOLDER}/{number}{EVIL.replace('/', '')}.wav"
            own = replace(call, agent=agent, department=EVIL if agent == EVIL else FORMULA, source=source)
            info = replace(card.call, agent=agent, department=own.department, source=source)
            judged = Judged(replace(card, call=info), rules)
            add_call(connection, sha256_of(f"evil {number}"), own, judged, Exchange())
        words: dict[str, Any] = {"call_id": 1, "rule_id": GREETING, "text": EVIL}
        add_comment(connection, author=EVIL, author_is="agent", dispute=True, **words)
        add_comment(connection, author=EVIL, author_is="coach", **words)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web(tmp_path_factory.mktemp("security")) as made:
        for name in ("anja", "bram", "evil"):
            made.add(name)
        with made.store.write() as connection:
            found = find_user(connection, "evil")
            assert found is not None
            change_user(connection, found, actor="t", agent=EVIL)
        made.add("els", "coach")
        made.add("baas", "admin")
        made.site.queue.no_model = lambda: None  # type: ignore[method-assign]
        _evil_calls(made)
        yield made


@pytest.fixture(autouse=True)
def _often() -> None:
    rates._limiter().storage.reset()


def _filled(path: str, **values: str) -> str:
    """An address with something in the place of each parameter."""
    known = {"name": "overview", "form": "csv", "rule_id": GREETING, "call_id": "1", "sample_id": "1",
             "dispute_id": "1", "token": "x", "number": "1", "digest": "x"} | values  # fmt: skip
    return re.sub(r"\{(\w+)(?::int)?\}", lambda found: known[found[1]], path)


def _user(site: Web, name: str) -> User:
    with site.store.read() as connection:
        found = find_user(connection, name)
    assert found is not None
    return found


def _announced(client: TestClient, name: str = "a.wav", **more: Any) -> str:
    answer = client.post("/api/uploads", json={"name": name, "size_bytes": 10, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


# ---- who may ask for what (ASVS 8.2, 8.3)


def test_it_is_said_of_every_address_who_may_ask_for_it() -> None:
    lists = (OPEN, EVERYBODY, OWN, COACHES, ADMINS)
    assert _routes() == set().union(*lists)
    assert sum(map(len, lists)) == len(_routes())


@pytest.mark.parametrize(("method", "path"), sorted(EVERYBODY | OWN | COACHES | ADMINS))
def test_every_address_but_the_open_ones_needs_a_login(site: Web, method: str, path: str) -> None:
    answer = site.client().request(method, _filled(path))
    if path.startswith("/api/"):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/inloggen")


@pytest.mark.parametrize("path", sorted(path for method, path in OPEN if method == "GET"))
def test_open_addresses_tell_nothing_of_the_practice(site: Web, path: str) -> None:
    answer = site.client().get(_filled(path, name="base.css"))
    assert answer.status_code in (200, 404)
    assert not re.search(r"x-evil|anja|\bels\b|geheime-map|security0", answer.text)


@pytest.mark.parametrize(("method", "path"), sorted(COACHES | ADMINS))
def test_a_trainee_gets_nothing_that_is_for_coaches(site: Web, method: str, path: str) -> None:
    assert site.client("anja").request(method, _filled(path)).status_code == 403


@pytest.mark.parametrize(("method", "path"), sorted(ADMINS))
def test_a_coach_gets_nothing_that_is_for_admins(site: Web, method: str, path: str) -> None:
    assert site.client("els").request(method, _filled(path)).status_code == 403


@pytest.mark.parametrize(("method", "path"), sorted(OWN))
def test_for_another_trainee_it_is_not_there(site: Web, method: str, path: str) -> None:
    token = _announced(site.client("anja"))
    form = {"rule_id": GREETING, "text": "x"} if path.endswith("betwisten") else None
    others = site.client("bram").request(method, _filled(path, token=token), data=form)
    none = site.client("bram").request(method, _filled(path, token="none", call_id="999"), data=form)
    assert others.status_code == none.status_code == 404
    assert site.client("anja").post(f"/api/uploads/{token}/cancel").status_code == 200


def test_who_is_no_coach_any_more_hears_no_call_that_they_handed_in(site: Web) -> None:
    site.add("karel", "coach")
    token = _announced(site.client("karel"), kind="call")
    with site.store.write() as connection:
        done = update(upload_rows).where(upload_rows.c.token == token).values(state="done", call_id=2)
        connection.execute(done)
        change_user(connection, _user(site, "karel"), actor="t", role="trainee")
    client = site.client("karel")
    assert client.get("/gesprekken/2").status_code == 404
    assert client.get("/api/calls/2/sound").status_code == 404


def test_who_comes_in_by_themselves_gets_no_name_that_calls_or_others_carry(site: Web) -> None:
    with site.store.read() as connection:
        assert free_agent(connection, "Nieuw", "nieuw") == "Nieuw"
        assert free_agent(connection, FORMULA, "nieuw") == "nieuw"
        assert free_agent(connection, FORMULA, "anja") == "anja (2)"


def test_content_that_another_handed_in_is_not_known_to_a_trainee(site: Web) -> None:
    asked = {"sha256s": [sha256_of("evil 1")]}
    assert site.client("anja").post("/api/deliveries/known", json=asked).status_code == 403
    # Tokens are not to be guessed, and those of others are as none.
    tokens = {_announced(site.client("bram")) for _ in range(3)}
    assert all(len(token) >= 22 for token in tokens)
    asked_of = "&".join(f"token={token}" for token in tokens)
    stream = site.client("anja").get(f"/api/uploads/events?{asked_of}").text
    assert not any(token in stream for token in tokens)
    for token in tokens:
        site.client("bram").post(f"/api/uploads/{token}/cancel")


# ---- texts of others (ASVS 1.2, 1.3, 3.2)


class _Page(HTMLParser):
    """Elements and attributes of a page, and what its scripts are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.wrong: list[str] = []
        self.data: list[str] = []
        self._is_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.wrong += [f"{tag} {name}" for name in known if name.startswith("on") or name == "style"]
        self.wrong += [f"{tag} {value}" for name, value in known.items() if name in ("href", "src", "action")
                       and not re.match(r"/(?!/)|#|\?|[\w.%-]+(\?|$)", value)]  # fmt: skip
        if tag in ("script", "style"):
            self._is_data = known.get("type") == "application/json"
            is_ours = known.get("src", "").startswith("/static/")
            if not self._is_data and not is_ours and "nonce" not in known:
                self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if self._is_data and self.rawdata:
            self.data.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_data = False


_PAGES = ("/gesprekken", "/gesprekken/1", "/gesprekken/1?met=2", "/bezwaren", "/steekproeven", "/ijking", "/aanleveren",
          "/rapporten/scores?meteen=true", "/rapporten/overview?per=agent&meteen=true", "/oefenen", "/rollenspel",
          "/regels", f"/regels/{GREETING}", "/wachtwoord")  # fmt: skip


@pytest.mark.parametrize("address", _PAGES)
@pytest.mark.parametrize("name", ["els", "evil"])
def test_text_of_others_stays_text(site: Web, address: str, name: str) -> None:
    answer = site.client(name).get(address)
    if answer.status_code == 403:
        return
    assert answer.status_code == 200
    page = _Page(answer.text)
    assert "x-evil" not in page.tags
    assert page.wrong == []
    for data in page.data:
        json.loads(data)
    assert "49" not in re.findall(r"evil onfocus=alert\(1\)&gt;(\d+)", answer.text)


def test_hostile_text_is_there_to_be_seen(site: Web) -> None:
    shown = [address for address in _PAGES if "&lt;x-evil" in site.client("els").get(address).text]
    assert {"/gesprekken", "/gesprekken/1", "/bezwaren", "/aanleveren"} <= {*shown}


@pytest.mark.parametrize("what", ["tekst", "van", "afdeling", "medewerker", "regel", "situatie", "score_van", "pagina"])
@pytest.mark.parametrize("path", ["/gesprekken", "/rapporten/scores", "/regels", "/steekproeven", "/inloggen"])
def test_what_an_address_asks_stays_text(site: Web, path: str, what: str) -> None:
    names = {"/regels": "zoek", "/steekproeven": "klaar", "/inloggen": "verder"}
    client = site.client() if path == "/inloggen" else site.client("els")
    answer = client.get(path, params={names.get(path, what): EVIL})
    assert answer.status_code == 200
    assert "x-evil" not in _Page(answer.text).tags


def test_name_of_a_file_stays_text_and_never_a_path(site: Web) -> None:
    client = site.client("anja")
    token = _announced(client, f"../../{EVIL.replace('/', '')}.wav")
    page = client.get("/oefenen").text
    assert "&lt;x-evil" in page
    assert "x-evil" not in _Page(page).tags
    with site.store.read() as connection:
        upload = uploads.require_upload(connection, token)
    path = site.site.incoming_file(upload)
    assert (path.parent, path.name) == (site.site.incoming, f"{token}.wav")
    client.post(f"/api/uploads/{token}/cancel")


@pytest.mark.parametrize("form", ["pagina.html", "scorekaart.json", "gesprek.json"])
def test_downloads_are_attachments_of_our_name_without_folders(site: Web, form: str) -> None:
    answer = site.client("els").get(f"/gesprekken/1/download/{form}")
    kind, ending = answer.headers["content-type"], form.split(".")[1]
    assert re.fullmatch(rf'attachment; filename="[a-z]+-1\.{ending}"', answer.headers["content-disposition"])
    assert kind == f"{'text/html' if ending == 'html' else 'application/json'}; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert FOLDER not in answer.text
    if ending == "html":
        assert "x-evil" not in _Page(answer.text).tags


@pytest.mark.parametrize("address", ["/api/calls/1/scorecard", "/api/calls/1/transcript", "/api/calls/1",
                                     "/gesprekken/1", "/gesprekken", "/rapporten/scores?meteen=true"])  # fmt: skip
def test_no_answer_tells_in_which_folder_recordings_lie(site: Web, address: str) -> None:
    assert FOLDER not in site.client("els").get(address).text
    assert FOLDER not in site.client("evil").get(address).text


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_no_cell_of_a_report_starts_a_formula(site: Web, name: str) -> None:
    client, fields = site.client("els"), {"minimum": "1"}
    if "agent" in REPORTS[name].by:
        fields["per"] = "agent"
    table = client.get(f"/rapporten/{name}/download/csv", params=fields)
    assert table.status_code == 200, table.text
    for row in csv.reader(io.StringIO(table.text.lstrip("\ufeff")), delimiter=";"):
        assert [cell for cell in row if re.match(r"[=@\t\r]|[+-](?![\d,.]+%?$)", cell) and cell != "-"] == []
    book = load_workbook(io.BytesIO(client.get(f"/rapporten/{name}/download/xlsx", params=fields).content))
    assert [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"] == []


def test_a_dispute_leads_back_to_our_own_page_whatever_the_rule_is_called(site: Web) -> None:
    form = {"rule_id": "x\r\nset-cookie: a=b", "text": "x"}
    answer = site.client("evil").post("/gesprekken/1/betwisten", data=form)
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.nl", "/\\evil.nl", "\\\\evil.nl", "https:evil.nl", "///evil.nl", "/\t/evil.nl", "javascript:alert(1)",
     " //evil.nl", "/\r\nx: y", "http:///evil.nl", "\x01//evil.nl", "data:text/html,x", "//evil.nl@localhost/"],
)  # fmt: skip
def test_no_address_leads_to_another_site(site: Web, elsewhere: str) -> None:
    assert inside(elsewhere) == "/"
    answer = site.client().post("/taal", data={"language": "nl", "verder": elsewhere})
    assert answer.headers["location"] == "/"


# ---- headers, methods, names of the server (ASVS 3.3, 3.4, 3.5, 4.1, 13.4)


@pytest.mark.parametrize(("method", "path"), sorted(_routes()))
def test_every_answer_carries_the_headers(site: Web, method: str, path: str) -> None:
    answer = site.client("els").request(method, _filled(path))
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)
    assert "http" not in str(policy)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    if answer.content:
        assert "content-type" in answer.headers
    if not path.startswith(("/static", "/rollenspel/{name}/")):
        assert answer.headers["cache-control"] in ("no-store", "no-cache")


@pytest.mark.parametrize("path", ["/oefenen", "/gesprekken/1", "/api/calls/1/sound", "/mensen", "/inloggen"])
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PATCH", "OPTIONS", "PROPFIND"])
def test_other_methods_are_refused(site: Web, method: str, path: str) -> None:
    assert site.client("baas").request(method, path).status_code == 405


def test_a_method_is_not_written_over(site: Web) -> None:
    client = site.client("anja")
    token = _announced(client)
    override = {"x-http-method-override": "DELETE", "x-method-override": "DELETE"}
    assert client.get(f"/api/uploads/{token}?_method=DELETE", headers=override).status_code == 200
    assert client.get(f"/api/uploads/{token}").json()["state"] == "receiving"
    client.post(f"/api/uploads/{token}/cancel")


def test_forwarded_names_and_addresses_change_nothing(site: Web) -> None:
    headers = {"x-forwarded-host": "evil.nl", "forwarded": "host=evil.nl", "x-original-url": "/mensen"}
    answer = site.client().get("/oefenen", headers=headers)
    assert answer.headers["location"] == "/inloggen?verder=/oefenen"
    assert "evil" not in str(answer.headers)


def test_pages_of_the_framework_are_not_there(site: Web) -> None:
    for address in ("/docs", "/redoc", "/openapi.json", "/.git/config", "/static/", "/static/x/", "/debug", "/metrics"):
        assert site.client("baas").get(address).status_code == 404


def test_static_files_are_looked_up_by_name_alone(site: Web) -> None:
    for name in ("..%2f..%2fapp.py", "..%5capp.py", "%2fetc%2fpasswd", "base.css%00.js", ".", "..%2fbase.css"):
        assert site.client().get(f"/static/x/{name}").status_code == 404


# ---- sessions and passwords (ASVS 6, 7)


def test_a_login_ends_the_session_that_was_there(site: Web) -> None:
    client = site.client("anja")
    before = client.cookies[SESSION_COOKIE]
    assert client.post("/inloggen", data={"name": "bram", "password": PASSWORD}).status_code == 303
    assert client.cookies[SESSION_COOKIE] != before
    old = site.client()
    old.cookies.set(SESSION_COOKIE, before)
    assert old.get("/oefenen").status_code == 303


def test_a_session_that_somebody_chose_is_none(site: Web) -> None:
    client = site.client()
    client.cookies.set(SESSION_COOKIE, "gekozen")
    client.post("/inloggen", data={"name": "anja", "password": PASSWORD})
    other = site.client()
    other.cookies.set(SESSION_COOKIE, "gekozen")
    assert other.get("/oefenen").status_code == 303


def _session_of(site: Web, name: str, **moments: timedelta) -> TestClient:
    """A browser with a session that was made and seen so long from now."""
    client = site.client(name)
    digest = hashlib.sha256(client.cookies[SESSION_COOKIE].encode()).hexdigest()
    moved = {f"{what}_at": utc_second() + ahead for what, ahead in moments.items()}
    with site.store.write() as connection:
        connection.execute(update(sessions).where(sessions.c.digest == digest).values(**moved))
    return client


@pytest.mark.parametrize("what", ["made", "seen"])
def test_a_session_of_the_future_is_none(site: Web, what: str) -> None:
    """The clock was set back since: the session would live for longer than it may."""
    for ahead, status in ((timedelta(minutes=59), 200), (timedelta(minutes=61), 303), (timedelta(days=400), 303)):
        assert _session_of(site, "anja", **{what: ahead}).get("/oefenen").status_code == status


def test_a_session_of_the_future_does_not_wait_for_its_time(site: Web) -> None:
    client = _session_of(site, "anja", made=timedelta(days=1), seen=timedelta(days=1))
    digest = hashlib.sha256(client.cookies[SESSION_COOKIE].encode()).hexdigest()
    site.client("bram")
    with site.store.read() as connection:
        assert digest not in [*connection.execute(select(sessions.c.digest)).scalars()]


def test_another_role_ends_all_sessions(site: Web) -> None:
    site.add("rol", "coach")
    client = site.client("rol")
    assert client.get("/gesprekken").status_code == 200
    site.client("baas").post("/mensen/rol", data={"role": "trainee"})
    assert client.get("/gesprekken").status_code == 303
    assert site.client("rol").get("/gesprekken").status_code == 403


def test_over_tls_no_other_host_can_set_a_cookie(tmp_path: Path) -> None:
    with web(tmp_path, origin="https://belscore.praktijk.nl", hosts=("localhost",)) as made:
        made.add("anja")
        client = TestClient(made.app, base_url="https://localhost", follow_redirects=False)
        answers = [client.post("/inloggen", data={"name": "anja", "password": PASSWORD}),
                   client.post("/taal", data={"language": "en"})]  # fmt: skip
        for answer in answers:
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-belscore_")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {*cookie.split("; ")}
            assert "Domain" not in cookie
        assert '<html lang="en">' in client.get("/oefenen").text
        # A cookie of the plain name may come from elsewhere.
        token = client.cookies[f"__Host-{SESSION_COOKIE}"]
        client.cookies.clear()
        client.cookies.set(SESSION_COOKIE, token)
        assert client.get("/oefenen").status_code == 303


def test_passwords_are_hashed_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    most, now, lock = [0], [0], threading.Lock()

    class Slow:
        def verify(self, _kept: str, _password: str) -> bool:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.02)
            with lock:
                now[0] -= 1
            return True

    monkeypatch.setattr(passwords, "_hasher", Slow)
    threads = [threading.Thread(target=passwords.is_right, args=("x", "hash")) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert 1 < most[0] <= 4


@pytest.mark.parametrize("name", ["niemand", "anja", "zonder"])
def test_whoever_it_is_one_password_is_checked(site: Web, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.store.write() as connection:
        if find_user(connection, "zonder") is None:
            add_user(connection, name="zonder", role="trainee", actor="t")
    passwords._nobody()
    real, checked = passwords._hasher(), []

    class Counted:
        def verify(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return real.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counted)
    assert site.client().post("/inloggen", data={"name": name, "password": "x" * 12}).status_code == 401
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


def test_login_from_another_site_is_refused(site: Web) -> None:
    form = {"name": "anja", "password": PASSWORD}
    answer = site.client().post("/inloggen", data=form, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_logging_out_empties_what_a_browser_keeps(site: Web) -> None:
    client = site.client("evil")
    token = client.cookies[SESSION_COOKIE]
    answer = client.post("/uitloggen")
    assert '"cache"' in answer.headers["clear-site-data"]
    client.cookies.set(SESSION_COOKIE, token)
    assert client.get("/api/calls/1/sound").status_code == 401
    assert client.get("/gesprekken/1").status_code == 303


# ---- practice mode: nobody logs in (ASVS 8.3, 13.2)


def test_in_practice_mode_whoever_comes_is_a_trainee_and_no_more(tmp_path: Path) -> None:
    with web(tmp_path, practice=True, hosts=("localhost",)) as made:
        _evil_calls(made)
        client = made.client()
        for method, path in sorted(COACHES | ADMINS):
            assert client.request(method, _filled(path)).status_code == 403
        assert client.get("/gesprekken/1").status_code == 404
        assert client.get("/oefenen", headers={"host": "evil.nl"}).status_code == 421
        assert client.post("/api/uploads", json={}, headers={"origin": "http://evil.nl"}).status_code == 403
        assert client.post("/inloggen", data={"name": LOCAL_NAME, "password": ""}).status_code in (401, 422)


@pytest.mark.parametrize(("role", "has_password"), [("admin", False), ("coach", False), ("trainee", True)])
def test_practice_mode_takes_nobodys_place(tmp_path: Path, role: Any, has_password: bool) -> None:
    with web(tmp_path) as made, made.store.write() as connection:
        kept = "hash" if has_password else None
        add_user(connection, name=LOCAL_NAME, role=role, actor="t", password_hash=kept)
    with pytest.raises(BelscoreError, match=LOCAL_NAME):
        Web(tmp_path, practice=True)


# ---- floods and endless things (ASVS 2.4, 5.2, 15.2)


def test_one_person_holds_so_many_streams_of_events(site: Web) -> None:
    user, followers = _user(site, "anja"), site.site.queue.followers

    async def open_all() -> int:
        held = [streams.stream_place(site.site, user) for _ in range(streams.MOST_STREAMS)]
        for each in held:
            await anext(each)
        with pytest.raises(RefusedError):
            await anext(streams.stream_place(site.site, user))
        most = followers[user.id]
        for each in held:
            await each.aclose()
        return most

    assert asyncio.run(open_all()) == streams.MOST_STREAMS
    assert user.id not in followers


@pytest.mark.parametrize("path", ["/api/uploads/events", "/api/uploads/{}/events"])
def test_a_stream_too_many_is_refused_and_one_that_ends_counts_no_more(site: Web, path: str) -> None:
    client, user = site.client("anja"), _user(site, "anja")
    token = _announced(client)
    client.post(f"/api/uploads/{token}/cancel")
    assert "event: end" in client.get(path.format(token)).text
    assert user.id not in site.site.queue.followers
    site.site.queue.followers[user.id] = streams.MOST_STREAMS
    try:
        assert client.get(path.format(token)).status_code == 429
        assert site.client("bram").get("/api/uploads/events").status_code == 200
    finally:
        del site.site.queue.followers[user.id]


def test_so_much_is_taken_along_and_no_more(site: Web) -> None:
    client = site.client("els")
    paths = ("/api/calls/1/transcript", "/gesprekken/2/download/scorekaart.json", "/ijking.csv")
    answers = [client.get(path).status_code for path in paths * 21]
    assert answers == [200] * 60 + [429] * 3
    assert client.get("/api/calls/1").status_code == 200
    assert site.client("baas").get("/ijking.csv").status_code == 200


def test_a_recording_that_lies_elsewhere_is_decoded_once_at_a_time(
    site: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "5.wav").write_bytes(b"RIFF")
    job = {"path": str(tmp_path / "5.wav"), "size_bytes": 4, "changed_ns": "1", "state": "done", "call_id": 5}
    with site.store.write() as connection:
        connection.execute(jobs.insert().values(**job, added_at=this_second(), changed_at=this_second()))
    decoded: list[int] = []

    def copied(_site: object, call_id: int, _recording: Path) -> Kept:
        decoded.append(call_id)
        time.sleep(0.1)
        return Kept(f"call-{call_id}.wav", 4, is_copy=True)

    monkeypatch.setattr(sound_api, "_copied", copied)
    with ThreadPoolExecutor(4) as threads:
        heard = [*threads.map(lambda _: sound_api.sound_file(site.site, _user(site, "els"), 5), range(4))]
    assert ({each.name for each in heard}, decoded) == ({"call-5.wav"}, [5])
    monkeypatch.setattr(sound_api, "_WAIT_S", 0)
    with site.store.write() as connection:
        connection.execute(recordings.delete().where(recordings.c.call_id == 5))
    with sound_api._COPYING:
        assert site.client("els").get("/api/calls/5/sound").status_code == 429
    assert decoded == [5]


def test_a_browser_that_goes_away_frees_its_stream(site: Web) -> None:
    client, user = site.client("anja"), _user(site, "anja")
    token = _announced(client)
    held: list[int] = []

    async def ask() -> None:
        told = asyncio.Event()

        async def receive() -> Any:
            await told.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message.get("body"):
                held.append(site.site.queue.followers[user.id])
                told.set()

        cookie = f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}".encode()
        scope: Any = {"type": "http", "method": "GET", "path": "/api/uploads/events", "raw_path": b"",
                      "query_string": b"", "headers": [(b"host", b"localhost"), (b"cookie", cookie)],
                      "http_version": "1.1", "scheme": "http", "server": ("localhost", 80),
                      "client": ("127.0.0.1", 1), "root_path": "", "asgi": {"version": "3.0", "spec_version": "2.0"},
                      }  # fmt: skip
        async with asyncio.timeout(10):
            await site.app(scope, receive, send)

    asyncio.run(ask())
    assert held[0] == 1
    assert user.id not in site.site.queue.followers
    client.post(f"/api/uploads/{token}/cancel")


@pytest.mark.parametrize(("path", "field"), [("/regels", "zoek"), ("/gesprekken", "tekst"), ("/gesprekken", "van")])
@pytest.mark.parametrize("asked", ["e " * 15_000, "%" * 20_000, "((a+)+)+$" * 2000, "1e999999999", "٣" * 5000])
def test_a_long_question_is_answered_quickly(site: Web, path: str, field: str, asked: str) -> None:
    client = site.client("els")
    began_s = time.process_time()
    assert client.get(path, params={field: asked}).status_code == 200
    assert time.process_time() - began_s < 0.5


@pytest.mark.parametrize("pattern", ["{agent}-" + "{_}-" * 60, "{agent}" + "x{_}" * 40, "{started_at:%Y%m%d}" * 9])
def test_a_hostile_pattern_of_names_does_not_hold_the_server(site: Web, pattern: str) -> None:
    folder = {"paths": ["a-" * 400 + f"{number}.wav" for number in range(20)], "pattern": pattern}
    began_s = time.process_time()
    assert site.client("els").post("/api/deliveries/plan", json=folder).status_code in (200, 422)
    assert time.process_time() - began_s < 2.0


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-0,1-1,2-2", "bytes=" + ",".join(["0-1"] * 500), "bytes=5-1", "bytes=-0", "bytes=99999999999999-",
     "bytes=a-b", "items=0-1", "bytes=" + "9" * 5000 + "-"],
)  # fmt: skip
def test_ranges_give_one_part_or_none(asked: str, tmp_path: Path) -> None:
    from starlette.requests import Request

    from belscore.encryption.files import open_sealed
    from belscore.web.sound_api import ranged

    path = tmp_path / "a.wav"
    path.write_bytes(bytes(100))
    request = Request({"type": "http", "headers": [(b"range", asked.encode())]})
    file = open_sealed(path, None)
    answer = ranged(request, file)
    file.close()
    assert answer.status_code in (200, 416)
    assert answer.headers.get("content-type", "") in ("audio/wav", "")


@pytest.mark.parametrize("kind", ["text/html", "multipart/form-data; boundary=x", "image/svg+xml", ""])
def test_what_a_sender_calls_the_content_makes_no_difference(site: Web, kind: str) -> None:
    client = site.client("anja")
    token = _announced(client)
    answer = client.put(f"/api/uploads/{token}/content", content=b"<script>x</", headers={"content-type": kind})
    assert answer.status_code == 413
    client.post(f"/api/uploads/{token}/cancel")


@pytest.mark.parametrize("more", [{"user_id": 1}, {"state": "done"}, {"call_id": 1}, {"token": "x"}, {"agent": []}])
def test_fields_that_are_not_asked_for_are_refused(site: Web, more: dict[str, Any]) -> None:
    asked = {"name": "a.wav", "size_bytes": 10, **more}
    assert site.client("anja").post("/api/uploads", json=asked).status_code == 422


# ---- what answers, logs and the audit log tell (ASVS 14.2, 16)


def test_an_error_tells_neither_where_nor_how(site: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    from belscore.web import call_api

    for error in (BelscoreError("cannot", where=f"{FOLDER}/x.db", do="wait"), RuntimeError(f"{FOLDER} SELECT 1")):

        def broken(*_: object, raised: Exception = error, **__: object) -> None:
            raise raised

        monkeypatch.setattr(call_api, "load_feedback", broken)
        client = TestClient(site.app, base_url="http://localhost", raise_server_exceptions=False)
        client.cookies = site.client("evil").cookies
        answer = client.get("/api/calls/1")
        assert answer.status_code in (400, 500)
        assert FOLDER not in answer.text
        assert "Traceback" not in answer.text
        assert "content-security-policy" in answer.headers


def test_an_error_of_the_database_tells_no_values(site: Web) -> None:
    with pytest.raises((DBAPIError, BelscoreError)) as caught, site.store.write() as connection:
        connection.execute(text("INSERT INTO nergens VALUES (:said)"), {"said": "wat mevrouw zei"})
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert all("mevrouw" not in str(each) for each in chain)


def test_who_is_refused_stands_in_the_log_on_one_line(site: Web, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "belscore.web.problems"):
        site.client("anja").get("/rapporten/x%0aINFO alles goed")
    [line] = [each.getMessage() for each in caplog.records if each.name == "belscore.web.problems"]
    assert "\n" not in line
    assert f"user {_user(site, 'anja').id}" in line


def test_who_asks_too_often_or_from_another_site_stands_in_the_log(site: Web, caplog: pytest.LogCaptureFixture) -> None:
    form = {"name": "anja", "password": "een geheim dat niet klopt"}
    with caplog.at_level(logging.WARNING, "belscore.web"):
        for _ in range(11):
            site.client().post("/inloggen", data=form)
        site.client().post("/inloggen", data=form, headers={"sec-fetch-site": "cross-site"})
        site.client().get("/oefenen", headers={"host": "evil.example\nINFO"})
    told = [each.getMessage() for each in caplog.records]
    assert [line for line in told if "asked too often" in line] == ["POST '/inloggen' was asked too often"]
    assert "POST '/inloggen' for the host 'localhost' is refused with 403" in told
    assert not [line for line in told if "\n" in line or "geheim" in line]


def test_listening_to_anothers_call_is_told_once_and_to_ones_own_is_not(site: Web) -> None:
    from belscore.store.recordings import keep_recording

    (site.site.sounds / "s.wav").write_bytes(bytes(100))
    with site.store.write() as connection:
        keep_recording(connection, 3, Kept("s.wav", 100, is_copy=False))
    for _ in range(3):
        for name in ("els", "evil"):
            answer = site.client(name).get("/api/calls/3/sound", headers={"range": "bytes=0-9"})
            assert answer.status_code == 206
            assert answer.headers["cache-control"] == "no-store"
    with site.store.read() as connection:
        heard = select(audit.c.actor).where(audit.c.subject == "call 3, sound", audit.c.action == "view")
        assert [*connection.execute(heard).scalars()] == ["els"]


@pytest.mark.parametrize(
    ("path", "action", "subject"),
    [
        ("/gesprekken/4", "seen", "call 4"),
        ("/gesprekken/4/download/pagina.html", "exported", "call 4"),
        ("/gesprekken/4/download/gesprek.json", "exported", "call 4"),
        ("/api/calls/4/transcript", "exported", "call 4"),
        ("/rapporten/scores?meteen=true", "view", "report scores"),
        ("/rapporten/scores/download/csv", "exported", "report scores"),
        ("/ijking.csv", "exported", "agreement"),
    ],
)
def test_what_a_coach_sees_and_takes_along_is_told(site: Web, path: str, action: str, subject: str) -> None:
    assert site.client("els").get(path).status_code == 200
    with site.store.read() as connection:
        told = select(audit.c.id).where(audit.c.actor == "els", audit.c.action == action, audit.c.subject == subject)
        assert connection.execute(told).first() is not None


def test_no_secret_of_a_session_stands_in_the_store_or_the_audit_log(site: Web) -> None:
    token = site.client("anja").cookies[SESSION_COOKIE]
    with site.store.read() as connection:
        kept = [*connection.execute(select(sessions.c.digest)).scalars()]
        told = [str(tuple(row)) for row in connection.execute(select(audit))]
    assert token not in kept
    assert not any(token in each or PASSWORD in each or "argon2" in each for each in told)


def test_source_that_a_call_names_itself_is_no_path_to_play(tmp_path: Path) -> None:
    """Call JSON of another program may name any file of the server as its recording."""
    sound = Path(__file__).parents[1] / "samples" / "calls" / "afspraak-goed.wav"
    with web(tmp_path) as made:
        made.add("els", "coach")
        call, card = scored_dialogues()[0]
        (call_id,) = put_in(made.store, [(replace(call, source=str(sound)), card)])
        client = made.client("els")
        assert client.get(f"/api/calls/{call_id}/sound").status_code == 404
        assert client.get(f"/api/calls/{call_id}").json()["sound"] is None
