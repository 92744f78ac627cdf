"""The coach's pages: list of calls, reviews, disputes, samples, reports, rules, and calls handed in by the folder."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from belscore.packaged import packaged_toml
from belscore.report.agreement import agreement_texts
from belscore.store.audit import first_break
from belscore.store.call_list import (
    ListFilters,
    ListOrder,
    agents_and_departments,
    count_calls,
    list_calls,
    place_of,
)
from belscore.store.caller_keys import KEY_VARIABLE, caller_keys
from belscore.store.comments import add_comment, comments_on, open_disputes
from belscore.store.database import open_store
from belscore.store.review_samples import Draw, draw_sample
from belscore.store.reviews import latest_reviews
from belscore.store.tables import audit, calls, uploads
from belscore.store.uploads import find_upload
from belscore.wall_clock import this_second
from belscore.web import rates, report_making
from belscore.web.call_list_pages import PAGE_SIZE
from belscore.web.call_list_query import asked
from made_store import GREETING, filled_file, made_calls
from web_site import Web, web

OTHER = "opening-dagdeel"
# What is for trainees too, or for everybody; all other addresses of these modules are not.
_FOR_ALL = {"/regels", "/regels/{rule_id}"}
_MODULES = ("call_list_pages", "review_pages", "sample_pages", "report_pages", "deliver_pages", "rule_pages")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six calls of Anja with a greeting, four of Bob without, a day apart."""
    folder = tmp_path_factory.mktemp("filled")
    made = made_calls([True] * 6) + made_calls([False] * 4, agent="Bob", department="Poli", first=6)
    filled_file(folder / "belscore.db", made)
    return folder


@pytest.fixture
def site(tmp_path: Path, filled: Path) -> Iterator[Web]:
    for path in filled.iterdir():
        shutil.copy(path, tmp_path)
    rates._limiter().storage.reset()
    report_making._kept.clear()
    with web(tmp_path) as made:
        made.add("anja")
        made.add("carla", "coach")
        made.add("kees", "coach")
        yield made


@pytest.fixture
def coach(site: Web) -> TestClient:
    return site.client("carla")


def _routes() -> list[tuple[str, str]]:
    from importlib import import_module

    found = [route for name in _MODULES for route in import_module(f"belscore.web.{name}").router.routes]
    return [(method, route.path) for route in found for method in sorted(route.methods)]


@pytest.mark.parametrize(("method", "path"), _routes())
def test_only_coaches_get_the_pages_of_coaches(site: Web, method: str, path: str) -> None:
    filled_in = path
    for name, value in {
        "{call_id}": "1", "{sample_id:int}": "1", "{call_id:int}": "1", "{dispute_id}": "1", "{name}": "overview",
        "{form}": "csv", "{rule_id}": GREETING,
    }.items():  # fmt: skip
        filled_in = filled_in.replace(name, value)
    assert "{" not in filled_in
    expected = 200 if path in _FOR_ALL else 403
    assert site.client("anja").request(method, filled_in).status_code == expected
    assert site.client().request(method, filled_in).status_code in (303, 401)


def test_list_shows_newest_calls_first_and_counts_them(site: Web, coach: TestClient) -> None:
    page = coach.get("/gesprekken").text
    assert page.index("9.wav") < page.index("0.wav")
    with site.store.read() as connection:
        assert count_calls(connection, ListFilters()) == 10


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("afdeling=Poli", 4), ("medewerker=Anja", 6), ("van=2026-10-06&tot=2026-10-07", 2), ("richting=outbound", 0),
        (f"regel={GREETING}&oordeel=fail", 4), (f"regel={GREETING}", 10), ("tekst=3.WAV", 1), ("tekst=%25", 0),
        ("score_tot=100", 10), ("score_van=100.5", 10), ("soort=oefenen", 0), ("nagekeken=nee", 10),
        ("afloop=transferred", 0), ("situatie=klacht", 0), ("van=gisteren&pagina=-4&oordeel=slecht", 10),
    ],
)  # fmt: skip
def test_filters_stand_in_the_address(coach: TestClient, query: str, count: int) -> None:
    page = coach.get(f"/gesprekken?{query}").text
    assert page.count('<th scope="row" class="name">') == count


def test_nobody_can_sort_people(coach: TestClient) -> None:
    page = coach.get("/gesprekken?sorteer=medewerker").text
    assert "sorteer=medewerker" not in page
    assert page.index('value="Anja"') < page.index('value="Bob"')


@pytest.mark.parametrize("by", ["date", "score", "duration"])
@pytest.mark.parametrize("ascending", [False, True])
def test_pages_of_the_list_hold_every_call_once_and_neighbours_follow_it(site: Web, by: Any, ascending: bool) -> None:
    order = ListOrder(by, ascending)
    with site.store.read() as connection:
        parts = [list_calls(connection, ListFilters(), order, start=start, count=3) for start in range(0, 12, 3)]
        ids = [each.id for part in parts for each in part]
        assert sorted(ids) == list(range(1, 11))
        middle = place_of(connection, ListFilters(), order, ids[4])
        assert middle == (5, 10, ids[3], ids[5])
        assert place_of(connection, ListFilters(), order, 99) is None


def test_list_is_the_same_in_every_kind_of_store(store_address: str) -> None:
    made = made_calls([True, False, True]) + made_calls([True], agent="Bob", department="Poli", first=3)
    filled_file(store_address, made)  # type: ignore[arg-type]
    with open_store(store_address) as store, store.read() as connection:
        first = ListOrder(disputes_first=True)
        assert [each.id for each in list_calls(connection, ListFilters(), first, start=0, count=9)] == [4, 3, 2, 1]
        assert place_of(connection, ListFilters(), first, 3) == (2, 4, 4, 2)
        lowest = ListOrder("score", ascending=True)
        assert list_calls(connection, ListFilters(), lowest, start=0, count=1)[0].id == 2
        for filters, count in (
            (ListFilters(text="3.WAV"), 1), (ListFilters(rule=GREETING, verdict="fail"), 1),
            (ListFilters(department="Poli", unreviewed=True, lowest=0, highest=100), 1),
            (ListFilters(since=date(2026, 10, 6), until=date(2026, 10, 7)), 2), (ListFilters(practice=True), 0),
        ):  # fmt: skip
            assert count_calls(connection, filters) == count, filters
        assert agents_and_departments(connection) == (["Anja", "Bob"], ["Balie", "Poli"])


def test_call_that_was_just_reviewed_keeps_its_place_among_the_unreviewed(site: Web, coach: TestClient) -> None:
    coach.post("/api/calls/5/reviews", json={"rules": [GREETING]})
    with site.store.read() as connection:
        assert count_calls(connection, ListFilters(unreviewed=True)) == 9
    place = coach.get("/api/calls/5/place?nagekeken=nee").json()
    assert (place["previous"], place["next"]) == (6, 4)


def test_list_has_pages(site: Web, coach: TestClient) -> None:
    with site.store.write() as connection:
        for number in range(100, 100 + PAGE_SIZE):
            values = {"sha256": f"{number:064}", "source": f"{number}.wav", "direction": "inbound", "duration_s": 1.0}
            known = {"channels": "mixed", "role_confidence": 1.0, "topic": "[]", "practice": False}
            connection.execute(calls.insert().values(**values, **known, added_at=date(2026, 1, 1)))
    assert 'rel="next" href="/gesprekken?pagina=2"' in coach.get("/gesprekken").text
    last = coach.get("/gesprekken?pagina=99").text
    assert "60" in last
    # Without a moment a call comes last, and it has no score to show.
    assert "100.wav" in last


def test_address_of_a_list_reads_back_as_itself() -> None:
    fields = {"tekst": "a b", "van": "2026-10-01", "regel": GREETING, "oordeel": "fail", "score_tot": "59.5",
              "soort": "oefenen", "nagekeken": "nee", "bezwaren": "eerst", "sorteer": "duur", "volgorde": "op",
              "pagina": "3"}  # fmt: skip
    assert asked(fields).values() == fields


def test_disputed_calls_come_first_when_asked(site: Web, coach: TestClient) -> None:
    _dispute(site, 7)
    page = coach.get("/gesprekken?bezwaren=eerst").text
    rows = page[page.index("<tbody>") :]
    assert rows.index("6.wav") < rows.index("9.wav")


def _dispute(site: Web, call_id: int, agent: str = "Bob") -> int:
    with site.store.write() as connection:
        text = "Ik groette wel <b>echt</b>."
        return add_comment(
            connection, call_id=call_id, author=agent, author_is="agent", text=text, rule_id=GREETING, dispute=True
        ).id


def test_agreeing_is_kept_beside_what_the_program_said(site: Web, coach: TestClient) -> None:
    before = coach.get("/api/calls/7/reviews").json()
    state = coach.post("/api/calls/7/reviews", json={"rules": [GREETING]}).json()
    assert state["left"] == before["left"] - 1
    finding = next(each for each in state["findings"] if each["rule_id"] == GREETING)
    assert (finding["machine"], finding["mine"]["verdict"], finding["mine"]["agrees"]) == ("fail", "fail", True)
    with site.store.read() as connection:
        [review] = latest_reviews(connection)
        assert (review.coach, review.verdict, review.machine) == ("carla", "fail", "fail")


def test_saying_otherwise_needs_a_reason_and_the_latest_counts(site: Web, coach: TestClient) -> None:
    refused = coach.post("/api/calls/7/reviews", json={"rules": [GREETING], "verdict": "pass"})
    assert (refused.status_code, refused.json()["code"]) == (400, "reason_needed")
    said = {"rules": [GREETING], "verdict": "pass", "reason": "de groet viel weg"}
    assert coach.post("/api/calls/7/reviews", json=said).status_code == 200
    state = site.client("kees").post("/api/calls/7/reviews", json={"rules": [GREETING]}).json()
    finding = next(each for each in state["findings"] if each["rule_id"] == GREETING)
    assert [(each["coach"], each["reason"]) for each in finding["others"]] == [("carla", "de groet viel weg")]
    assert finding["counts"] is None
    state = coach.post("/api/calls/7/reviews", json={"rules": [GREETING]}).json()
    finding = next(each for each in state["findings"] if each["rule_id"] == GREETING)
    assert (finding["mine"]["verdict"], finding["counts"]) == ("fail", "fail")


def test_unknown_rule_and_unknown_call_are_not_found(coach: TestClient) -> None:
    assert coach.post("/api/calls/7/reviews", json={"rules": ["geen-regel"]}).status_code == 404
    assert coach.post("/api/calls/77/reviews", json={"rules": [GREETING]}).status_code == 404
    assert coach.get("/api/calls/77/reviews").status_code == 404


def test_all_rules_of_one_request_are_kept_or_none(site: Web, coach: TestClient) -> None:
    assert coach.post("/api/calls/7/reviews", json={"rules": [GREETING, "geen-regel"]}).status_code == 404
    with site.store.read() as connection:
        assert not latest_reviews(connection)


def test_coach_page_of_a_call_has_controls_and_its_agent_sees_none(site: Web, coach: TestClient) -> None:
    page = coach.get("/gesprekken/7").text
    assert f'data-review="{GREETING}"' in page
    with site.store.write() as connection:
        connection.execute(calls.update().where(calls.c.id == 7).values(agent="anja"))
    assert "data-review" not in site.client("anja").get("/gesprekken/7").text


def _sample(site: Web, **drawing: Any) -> int:
    with site.store.write() as connection:
        return draw_sample(connection, "proef", Draw(4, **drawing), made_by="carla").id


def test_blind_review_shows_no_verdict_before_the_coach_gave_one(site: Web, coach: TestClient) -> None:
    sample = _sample(site, rule=GREETING, agent="Bob")
    address = coach.get(f"/steekproeven/{sample}/volgende?blind=true").headers["location"]
    page = coach.get(address).text
    shown = json.loads(page.split('id="review-data">')[1].split("</script>")[0])
    [finding] = shown["findings"]
    assert (finding["machine"], finding["others"], finding["counts"]) == (None, [], None)
    assert "niet compleet" not in page
    assert 'class="verdict fail"' not in page
    call_id = shown["call_id"]
    said = {"rules": [GREETING], "blind": True, "sample": sample}
    assert coach.post(f"/api/calls/{call_id}/reviews", json=said).json()["code"] == "verdict_needed"
    state = coach.post(f"/api/calls/{call_id}/reviews", json={**said, "verdict": "pass"}).json()
    assert state["findings"][0]["machine"] == "fail"
    assert state["sample"]["left"] == 3
    with site.store.read() as connection:
        [review] = latest_reviews(connection)
        assert (review.verdict, review.sample_id) == ("pass", sample)
        assert "blind" in review.reason


def test_sample_leads_from_call_to_call_until_it_is_done(site: Web, coach: TestClient) -> None:
    sample = _sample(site, rule=GREETING)
    seen, at = [], f"/steekproeven/{sample}/volgende"
    for _ in range(4):
        location = coach.get(at).headers["location"]
        call_id = int(location.split("?")[0].rsplit("/", 1)[1])
        seen.append(call_id)
        state = coach.post(f"/api/calls/{call_id}/reviews", json={"rules": [GREETING], "sample": sample}).json()
        at = state["sample"]["next"]
    assert len(set(seen)) == 4
    assert coach.get(at).headers["location"] == "/steekproeven?klaar=proef"
    assert "4 van de 4 gesprekken klaar" in coach.get("/steekproeven").text


def test_next_call_of_a_sample_may_be_skipped(site: Web, coach: TestClient) -> None:
    sample = _sample(site)
    first = coach.get(f"/steekproeven/{sample}/volgende").headers["location"]
    call_id = first.split("?")[0].rsplit("/", 1)[1]
    assert coach.get(f"/steekproeven/{sample}/volgende?na={call_id}").headers["location"] != first


def test_drawing_takes_the_options_of_the_command_and_tells_what_is_wrong(coach: TestClient) -> None:
    asked_for = {"name": "okt", "size": "3", "by": ["department", "week"], "allocation": "equal", "seed": "7",
                 "since": "2026-10-05", "coaches": ["carla"]}  # fmt: skip
    assert coach.post("/steekproeven", data=asked_for).status_code == 303
    page = coach.get("/steekproeven").text
    assert "apart per: afdeling, week" in page
    again = coach.post("/steekproeven", data=asked_for)
    assert again.status_code == 400
    assert "Er is al een steekproef met deze naam." in again.text
    none = coach.post("/steekproeven", data={"name": "leeg", "department": "geen"})
    assert "Geen gesprek voldoet hieraan." in none.text
    rule = coach.post("/steekproeven", data={"name": "x", "by": "verdict"})
    assert "Kies ook een regel." in rule.text


def test_dispute_is_shown_with_its_quote_and_closed_by_an_answer_and_a_verdict(site: Web, coach: TestClient) -> None:
    dispute = _dispute(site, 7)
    page = coach.get("/bezwaren").text
    assert "tandartspraktijk de vries met Anja" in page
    assert "&lt;b&gt;echt" in page
    assert coach.post(f"/bezwaren/{dispute}", data={"text": "  "}).status_code == 400
    answer = coach.post(f"/bezwaren/{dispute}", data={"text": "U hebt gelijk.", "verdict": "pass"})
    assert answer.headers["location"] == "/bezwaren"
    with site.store.read() as connection:
        assert not open_disputes(connection)
        assert [each.kind for each in comments_on(connection, [7])] == ["dispute", "answer"]
        [review] = latest_reviews(connection)
        assert (review.coach, review.verdict, review.reason) == ("carla", "pass", "U hebt gelijk.")
    assert coach.post(f"/bezwaren/{dispute}", data={"text": "nog eens"}).status_code == 400


def test_coach_comments_beside_a_call_and_goes_on_within_the_site(coach: TestClient) -> None:
    answer = coach.post("/gesprekken/7/opmerkingen", data={"text": "Mooi rustig.", "verder": "https://elders.nl/"})
    assert answer.headers["location"] == "/"
    assert "Mooi rustig." in coach.get("/gesprekken/7").text
    assert coach.post("/gesprekken/77/opmerkingen", data={"text": "x"}).status_code == 404


def test_calibration_says_what_is_trusted(site: Web, coach: TestClient) -> None:
    for call_id in (1, 7):
        coach.post(f"/api/calls/{call_id}/reviews", json={"rules": [GREETING]})
    page = coach.get("/ijking").text
    assert "2/2" in page
    assert "te weinig" in page
    assert "<dt>Alfa</dt>" in coach.get(f"/regels/{GREETING}").text
    coach.post("/taal", data={"language": "en"})
    page = coach.get("/ijking").text
    assert "too few" in page
    for dutch in ("te weinig", "Gelijk", "Vertrouwd", "oordeel"):
        assert dutch not in page
    assert "<dt>Alpha</dt><dd>too few</dd>" in coach.get(f"/regels/{GREETING}").text
    table = coach.get("/ijking.csv")
    assert table.text.startswith("rule_id,state,")
    assert _exported(site) == ["agreement"]


def _exported(site: Web) -> list[str]:
    with site.store.read() as connection:
        assert first_break(connection) is None
        return [*connection.execute(select(audit.c.subject).where(audit.c.action == "exported")).scalars()]


@pytest.mark.parametrize("name", ["overview", "scores", "rules", "calls", "promises", "hours"])
def test_report_comes_after_its_page_and_is_there_at_once_the_next_time(coach: TestClient, name: str) -> None:
    page = coach.get(f"/rapporten/{name}?van=2026-10-05&minimum=1")
    assert page.status_code == 200
    assert 'aria-busy="true"' in page.text
    body = coach.get(f"/rapporten/{name}/inhoud?van=2026-10-05&minimum=1")
    assert "report-body" in body.text
    assert "style=" not in body.text
    assert 'aria-busy="true"' not in coach.get(f"/rapporten/{name}?van=2026-10-05&minimum=1").text


def test_report_is_made_anew_when_somebody_reviewed_meanwhile(coach: TestClient) -> None:
    coach.get("/rapporten/rules/inhoud")
    said = {"rules": [GREETING], "verdict": "pass", "reason": "toch wel"}
    assert coach.post("/api/calls/7/reviews", json=said).status_code == 200
    assert 'aria-busy="true"' in coach.get("/rapporten/rules").text


def test_report_of_calls_links_to_their_pages_and_to_no_file(coach: TestClient) -> None:
    body = coach.get("/rapporten/calls?meteen=true").text
    assert '<a href="/gesprekken/7">' in body
    assert "file:" not in body


def test_report_without_calls_says_so(coach: TestClient) -> None:
    assert "Er zijn geen gesprekken" in coach.get("/rapporten/scores?meteen=true&afdeling=geen").text
    assert coach.get("/rapporten/scores/download/csv?afdeling=geen").status_code == 404
    assert coach.get("/rapporten/geen").status_code == 404
    assert coach.get("/rapporten/scores/download/pdf").status_code == 404


def test_report_is_made_in_the_language_of_who_reads_it(site: Web, coach: TestClient) -> None:
    asked_for = "/rapporten/rules/inhoud?minimum=1"
    rule = site.site.judging.rules.rule(GREETING)
    assert rule.en is not None
    assert rule.title in coach.get(asked_for).text
    coach.post("/taal", data={"language": "en"})
    body = coach.get(asked_for).text
    assert rule.en.title in body
    assert rule.title not in body
    assert "What these figures say" in body
    assert 'lang="nl"' not in body
    assert "regel" not in coach.get("/rapporten/rules/download/csv?minimum=1").text
    # Who reads Dutch does not get what was made for somebody else.
    assert rule.title in site.client("kees").get(asked_for).text


def test_pictures_of_a_report_are_drawn_by_the_process_for_it(
    site: Web, coach: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.site.charts, "draw", lambda *_: "<svg>drawn elsewhere</svg>")
    assert "<svg>drawn elsewhere</svg>" in coach.get("/rapporten/scores/inhoud?minimum=1").text


def test_reports_are_exported_and_the_audit_log_tells(site: Web, coach: TestClient) -> None:
    table = coach.get("/rapporten/scores/download/csv?minimum=1")
    assert table.text.startswith("group,")
    book = coach.get("/rapporten/scores/download/xlsx?medewerker=Bob&minimum=1")
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    assert len(load_workbook(io.BytesIO(book.content)).sheetnames) >= 2
    assert _exported(site) == ["report scores", "report scores"]


def test_everybody_reads_the_rules_and_only_coaches_how_far_they_are_trusted(site: Web, coach: TestClient) -> None:
    anja = site.client("anja")
    assert GREETING in anja.get("/regels").text
    page = anja.get(f"/regels/{GREETING}").text
    assert "bijna: de balie is geen naam" in page
    assert "Begroet de patiëntvriendelijk" in page
    assert "Stand in deze praktijk" not in page
    assert "Stand in deze praktijk" in coach.get(f"/regels/{GREETING}").text
    assert anja.get("/regels/geen-regel").status_code == 404


def test_every_rule_has_a_page(site: Web) -> None:
    anja = site.client("anja")
    for rule in site.site.judging.rules.rules:
        assert anja.get(f"/regels/{rule.id}").status_code == 200, rule.id


def test_rules_are_searched_by_all_words(site: Web) -> None:
    page = site.client("anja").get("/regels?zoek=groet+praktijk").text
    shown = [line for line in page.splitlines() if "data-told" in line and "<li hidden" not in line]
    assert 0 < len(shown) < 10
    assert any(GREETING in line for line in shown)


NUMBER = "+31 6 12345678"
TABLE = (
    "file;agent;department;started_at;direction;ring_s;queue_s;after_s;caller_number\n"
    f"a/1.wav;Anja;Balie;6-10-2026 09:12;inbound;8,5;20;31,5;{NUMBER}\nx.wav\n"
)


def test_table_and_names_say_what_is_known_of_the_files_of_a_folder(coach: TestClient) -> None:
    folder = {"paths": ["okt/a/1.wav", "okt/20261007-101500_Poli_Bob.wav"], "table": TABLE,
              "pattern": "{started_at:%Y%m%d-%H%M%S}_{department}_{agent}"}  # fmt: skip
    plan = coach.post("/api/deliveries/plan", json=folder).json()
    assert plan["unused"] == 1
    first, second = plan["facts"]
    assert (first["agent"], first["started_at"], first["ring_s"]) == ("Anja", "2026-10-06T09:12:00", 8.5)
    assert (first["queue_s"], first["after_s"], first["caller_number"]) == (20, 31.5, NUMBER)
    assert second["caller_number"] is None
    assert (second["agent"], second["department"], second["started_at"]) == ("Bob", "Poli", "2026-10-07T10:15:00")


@pytest.mark.parametrize("wrong", [{"table": "file,hoogte\na,1\n"}, {"pattern": "{agent}{department}"}])
def test_wrong_table_or_pattern_is_told(coach: TestClient, wrong: dict[str, str]) -> None:
    answer = coach.post("/api/deliveries/plan", json={"paths": ["1.wav"], **wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "table")


def test_what_is_known_of_a_call_goes_with_its_upload(site: Web, coach: TestClient) -> None:
    site.site.queue.no_model = lambda: None  # type: ignore[method-assign]
    facts = {"agent": "Bob", "department": "Poli", "direction": "outbound", "started_at": "2026-10-06T09:12:00",
             "ring_s": 8.5, "queue_s": 20.0, "after_s": 31.5}  # fmt: skip
    asked_for = {"name": "1.wav", "size_bytes": 4, "kind": "call", "caller_number": NUMBER, **facts}
    answer = coach.post("/api/uploads", json=asked_for)
    assert answer.status_code == 201, answer.text
    token = answer.json()["token"]
    with site.store.read() as connection:
        upload = find_upload(connection, token)
    assert upload is not None
    assert {name: upload.options[name] for name in facts} == facts
    assert upload.options["caller_hash"] == caller_keys(site.store).of_number("0612345678")
    assert "12345678" not in str(upload.options)
    [standing] = coach.post("/api/deliveries/standing", json={"tokens": [token]}).json()
    assert (standing["state"], standing["is_known"]) == ("receiving", False)
    # Of others nobody hears.
    assert site.client("kees").post("/api/deliveries/standing", json={"tokens": [token]}).json() == []


def test_number_without_a_key_for_its_hash_is_refused_before_anything_is_sent(
    coach: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "short")
    plan = coach.post("/api/deliveries/plan", json={"paths": ["a/1.wav"], "table": TABLE})
    assert plan.status_code == 400
    assert "key is too short" in plan.json()["error"]
    assert NUMBER not in plan.text
    assert coach.post("/api/deliveries/plan", json={"paths": ["b.wav"], "table": TABLE}).status_code == 200


def test_content_that_was_scored_is_known(site: Web, coach: TestClient) -> None:
    with site.store.read() as connection:
        sha256 = connection.execute(select(calls.c.sha256).where(calls.c.id == 3)).scalar_one()
    assert coach.post("/api/deliveries/known", json={"sha256s": [sha256, "0" * 64]}).json() == {sha256: 3}


def test_texts_have_the_same_keys_in_both_languages() -> None:
    told, english = agreement_texts("nl"), agreement_texts("en")
    for section in ("agreement", "states", "reasons"):
        assert told[section].keys() == english[section].keys(), section
    dutch, english = (packaged_toml("belscore.web", "texts", f"{language}.toml") for language in ("nl", "en"))
    assert dutch.keys() == english.keys()
    for section in dutch:
        assert dutch[section].keys() == english[section].keys(), section


@pytest.mark.parametrize("address", ["/gesprekken", "/bezwaren", "/steekproeven", "/ijking", "/rapporten/scores",
                                     "/regels", f"/regels/{OTHER}", "/aanleveren"])  # fmt: skip
def test_pages_are_there_in_english(coach: TestClient, address: str) -> None:
    coach.post("/taal", data={"language": "en"})
    page = coach.get(address)
    assert page.status_code == 200
    assert '<html lang="en">' in page.text


def test_upload_of_content_that_came_before_is_told_as_known(site: Web, coach: TestClient) -> None:
    site.site.queue.no_model = lambda: None  # type: ignore[method-assign]
    tokens = []
    with site.store.read() as connection:
        newest = connection.execute(select(calls.c.id).order_by(calls.c.id.desc())).scalars().first()
    for _ in range(2):
        answer = coach.post("/api/uploads", json={"name": "1.wav", "size_bytes": 4, "kind": "call"})
        tokens.append(answer.json()["token"])
    with site.store.write() as connection:
        # Scored within the second in which it was announced.
        connection.execute(calls.update().where(calls.c.id == newest).values(added_at=this_second()))
        connection.execute(uploads.update().values(call_id=newest, state="done"))
    told = coach.post("/api/deliveries/standing", json={"tokens": tokens}).json()
    assert {each["token"]: each["is_known"] for each in told} == {tokens[0]: False, tokens[1]: True}
