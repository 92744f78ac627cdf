"""The feedback page of a call: who may see it, what it shows, and what its owner can do."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html.parser import HTMLParser

import pytest
from sqlalchemy import delete, select

from belscore import load_rules
from belscore.call_json import parse_call_json
from belscore.scorecard import json_schema
from belscore.store.comments import answer_dispute
from belscore.store.recordings import kept_recording
from belscore.store.tables import calls, kept_calls, transcripts, uploads
from belscore.web import rates
from belscore.web.call_data import CallData
from practice_calls import WITH_FAILS, WITHOUT, judged
from practice_site import Site


@pytest.fixture(autouse=True)
def _often() -> None:
    rates._limiter().storage.reset()


_FAILED = [finding.rule_id for finding in judged(WITH_FAILS)[1].findings if finding.verdict == "fail"]
_ADDRESSES = (
    "/gesprekken/{}", "/api/calls/{}", "/api/calls/{}/attempts", "/api/calls/{}/scorecard", "/api/calls/{}/transcript",
    "/api/calls/{}/sound", "/gesprekken/{}/download/pagina.html", "/gesprekken/{}/download/pagina-met-geluid.zip",
    "/gesprekken/{}/download/scorekaart.json", "/gesprekken/{}/download/gesprek.json",
)  # fmt: skip


@pytest.mark.parametrize("address", _ADDRESSES)
def test_a_trainee_gets_the_same_answer_for_anothers_call_as_for_none(site: Site, address: str) -> None:
    call_id = site.attempt("anja")
    assert site.client("anja").get(address.format(call_id)).status_code == 200
    others, none = (site.client("bram").get(address.format(each)) for each in (call_id, 999))
    assert others.status_code == none.status_code == 404
    assert _told(others.text, call_id) == _told(none.text, 999)
    assert site.client("coach").get(address.format(call_id)).status_code == 200


def _told(text: str, call_id: int) -> str:
    """A page without what differs between any two: its nonce and its own address."""
    return re.sub(rf"/{call_id}\b", "/N", re.sub(r'nonce="[^"]*"', "", text))


@pytest.mark.parametrize("address", _ADDRESSES)
@pytest.mark.parametrize("number", ["0", "-1", str(2**63), str(10**40)])
def test_no_call_has_such_a_number(site: Site, address: str, number: str) -> None:
    assert site.client("anja").get(address.format(number)).status_code in (404, 422)


@pytest.mark.parametrize("act", ["betwisten", "verwijderen"])
@pytest.mark.parametrize("name", ["bram", "coach"])
def test_only_its_owner_acts_on_a_call(site: Site, act: str, name: str) -> None:
    call_id = site.attempt("anja")
    answer = site.client(name).post(f"/gesprekken/{call_id}/{act}", data={"rule_id": _FAILED[0], "text": "Nee."})
    assert answer.status_code == 404
    assert site.client("anja").get(f"/gesprekken/{call_id}").status_code == 200
    assert site.disputes(call_id) == []


class _Page(HTMLParser):
    """Ids, what links and labels refer to, headings in order, and data for scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.refers: set[str] = set()
        self.headings: list[int] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {key: value or "" for key, value in attributes}
        if "id" in known:
            self.ids.append(known["id"])
        self.refers |= {known[key] for key in ("for", "aria-labelledby") if key in known}
        if known.get("href", "").startswith("#"):
            self.refers.add(known["href"][1:])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.inline += [key for key in known if key == "style" or key.startswith("on")]


def test_the_page_holds_together(site: Site) -> None:
    site.attempt("anja", WITHOUT)
    shown = _Page(site.client("anja").get(f"/gesprekken/{site.attempt()}").text)
    assert len(shown.ids) == len({*shown.ids}), "ids that stand twice"
    assert shown.refers <= {*shown.ids}, "links and labels to what is not there"
    assert shown.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(shown.headings, shown.headings[1:], strict=False))
    assert not shown.inline, "the content security policy refuses these"


def test_one_thing_to_practise_comes_first_with_what_to_say(site: Site) -> None:
    text = site.client("anja").get(f"/gesprekken/{site.attempt()}").text
    first = judged(WITH_FAILS)[1].practise_first(1)[0]
    card = text[text.index('class="card fb-first"') :]
    card = card[: card.index("</section>")]
    assert f'href="#r-{first.rule_id}"' in card
    assert first.title in card
    assert card.count('class="what"') == 1
    assert 'class="say"' in card


def test_every_judged_rule_tells_where_it_comes_from(site: Site) -> None:
    text = site.client("anja").get(f"/gesprekken/{site.attempt()}").text
    rules = load_rules()
    for finding in judged(WITH_FAILS)[1].findings:
        if finding.verdict == "not_applicable":
            continue
        part = text[text.index(f'id="r-{finding.rule_id}"') :]
        part = _plain(part[: part.index('class="why"')] + part[part.index('class="why"') :][:2500])
        assert finding.title in part
        assert _plain(rules.rule(finding.rule_id).source.quote) in part
        assert _plain(finding.why) in part


def _plain(text: str) -> str:
    for escaped, char in (("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(escaped, char)
    return text


def test_doubtful_words_say_so_in_words_too(site: Site) -> None:
    text = site.client("anja").get(f"/gesprekken/{site.attempt()}").text
    doubted = judged(WITH_FAILS)[0].turns[0].words[1]
    assert re.search(
        rf'class="doubt">{re.escape(doubted.text)}</span>(</mark>)?\s*<span class="aside"> \(niet zeker', text
    )


def test_the_api_gives_what_the_timeline_draws(site: Site) -> None:
    call_id = site.attempt()
    told = CallData.model_validate(site.client("anja").get(f"/api/calls/{call_id}").json())
    call, card = judged(WITH_FAILS)
    assert told.score == card.score
    assert told.sound == f"/api/calls/{call_id}/sound"
    assert told.timeline is not None
    assert [each.start_s for each in told.timeline.marks] == sorted(each.start_s for each in told.timeline.marks)
    assert {each.rule_id for each in told.timeline.marks} >= {*_FAILED}
    assert [wave.lane for wave in told.timeline.waves] == [0, 1]
    assert {each.kind for each in told.timeline.speech} == {turn.role for turn in call.turns}


def test_looking_at_anothers_call_is_told_and_at_ones_own_is_not(site: Site) -> None:
    call_id = site.attempt("anja")
    site.client("anja").get(f"/gesprekken/{call_id}")
    assert site.audited("seen", call_id) == []
    coach = site.client("coach")
    coach.get(f"/gesprekken/{call_id}")
    coach.get(f"/api/calls/{call_id}")
    assert site.audited("seen", call_id) == ["coach"] * 2


def test_downloads_are_whole_and_told(site: Site) -> None:
    call_id, client = site.attempt(), site.client("anja")
    base = f"/gesprekken/{call_id}/download"
    html, card, call = (client.get(f"{base}/{name}") for name in ("pagina.html", "scorekaart.json", "gesprek.json"))
    packed = client.get(f"{base}/pagina-met-geluid.zip")
    assert "<audio" not in html.text
    assert card.json()["schema"] == json_schema()["properties"]["schema"]["const"]
    assert parse_call_json(call.text).turns == judged(WITH_FAILS)[0].turns
    with zipfile.ZipFile(io.BytesIO(packed.content)) as made:
        assert made.testzip() is None
        page, sound = sorted(made.namelist())
        assert f'src="gesprek-{call_id}.wav"' in made.read(page).decode()
        assert made.read(sound) == client.get(f"/api/calls/{call_id}/sound").content
    names = {each.headers["content-disposition"] for each in (html, card, call, packed)}
    assert all(re.fullmatch(r'attachment; filename="[a-z]+-\d+\.[a-z]+"', name) for name in names)
    assert site.audited("exported", call_id) == ["anja"] * 4


def test_a_dispute_reaches_the_coach_and_the_answer_comes_back(site: Site) -> None:
    call_id, client = site.attempt(), site.client("anja")
    answer = client.post(
        f"/gesprekken/{call_id}/betwisten", data={"rule_id": _FAILED[0], "text": "Ik zei <b>dat</b> wel."}
    )
    assert answer.headers["location"] == f"/gesprekken/{call_id}#r-{_FAILED[0]}"
    [dispute] = site.disputes(call_id)
    assert (dispute.author, dispute.call_id, dispute.rule_id) == ("anja", call_id, _FAILED[0])
    text = client.get(f"/gesprekken/{call_id}").text
    assert "Ik zei &lt;b&gt;dat&lt;/b&gt; wel." in text
    assert "Wacht op antwoord" in text
    assert f'id="t-{_FAILED[0]}"' not in text, "disputed once at a time"
    with site.store.write() as connection:
        answer_dispute(connection, dispute.id, coach="Carla", text="U hebt gelijk.")
    text = client.get(f"/gesprekken/{call_id}").text
    assert "U hebt gelijk." in text
    assert "Wacht op antwoord" not in text
    assert "U hebt gelijk." in site.client("coach").get(f"/gesprekken/{call_id}").text


@pytest.mark.parametrize("said", [{"rule_id": "geen-regel", "text": "Nee."}, {"rule_id": _FAILED[0], "text": "  "}])
def test_a_dispute_of_nothing_is_refused(site: Site, said: dict[str, str]) -> None:
    call_id = site.attempt()
    assert site.client("anja").post(f"/gesprekken/{call_id}/betwisten", data=said).status_code == 400
    assert site.disputes(call_id) == []


def test_removing_takes_call_sound_and_upload_along(site: Site) -> None:
    call_id, other = site.attempt(), site.attempt()
    files = {each.name for each in site.site.sounds.iterdir()}
    answer = site.client("anja").post(f"/gesprekken/{call_id}/verwijderen")
    assert (answer.status_code, answer.headers["location"]) == (303, "/oefenen")
    assert site.client("anja").get(f"/gesprekken/{call_id}").status_code == 404
    assert site.audited("removed", call_id) == ["anja"]
    with site.store.read() as connection:
        left = {*connection.execute(select(uploads.c.call_id)).scalars()}
        assert call_id not in {*connection.execute(select(calls.c.id)).scalars()}
        sound = kept_recording(connection, other)
    assert call_id not in left
    assert other in left
    assert sound is not None
    gone = files - {each.name for each in site.site.sounds.iterdir()}
    assert len(gone) == 1
    assert sound.name not in gone


def test_a_call_that_is_kept_for_a_claim_is_not_removed(site: Site) -> None:
    from datetime import date, datetime, timedelta

    call_id = site.attempt()
    with site.store.write() as connection:
        until = date.today() + timedelta(days=9)
        values = {"call_id": call_id, "until": until, "reason": "claim", "kept_by": "coach", "made_at": datetime.now()}
        connection.execute(kept_calls.insert().values(**values))
    assert site.client("anja").post(f"/gesprekken/{call_id}/verwijderen").status_code == 409
    assert site.client("anja").get(f"/gesprekken/{call_id}").status_code == 200


def test_without_its_transcript_a_call_still_shows_its_verdicts(site: Site) -> None:
    call_id = site.attempt()
    with site.store.write() as connection:
        connection.execute(delete(transcripts).where(transcripts.c.call_id == call_id))
    answer = site.client("anja").get(f"/gesprekken/{call_id}")
    assert answer.status_code == 200
    assert "niet meer bewaard" in answer.text
    assert f'id="r-{_FAILED[0]}"' in answer.text


def test_in_english_texts_are_english_and_what_was_said_stays_dutch(site: Site) -> None:
    call_id, client = site.attempt(), site.client("anja")
    client.cookies.set("belscore_language", "en")
    text = client.get(f"/gesprekken/{call_id}").text
    rule = load_rules().rule(_FAILED[0])
    assert rule.en is not None
    assert rule.en.title in text
    assert rule.title not in text
    assert "Practise this first" in text
    assert re.search(r'<p class="words" lang="nl">', text)
    assert re.search(r'class="say" lang="nl"', text)


def test_a_finding_that_english_rules_judge_otherwise_keeps_its_dutch_texts(site: Site) -> None:
    call_id, client = site.attempt(), site.client("anja")
    turned = [each for each in judged(WITHOUT)[1].findings if each.rule_id == _FAILED[0]]
    assert turned[0].verdict == "pass"
    _put_another_transcript(site, call_id)
    client.cookies.set("belscore_language", "en")
    text = client.get(f"/gesprekken/{call_id}").text
    opened = re.search(rf'<details class="finding fail" id="r-{_FAILED[0]}"[^>]*>', text)
    assert opened is not None
    assert 'lang="nl"' in opened[0]
    assert load_rules().rule(_FAILED[0]).title in text


def _put_another_transcript(site: Site, call_id: int) -> None:
    """As if the rules had changed since: judged now, the call comes out otherwise."""
    from belscore.store.calls import transcript_row

    with site.store.write() as connection:
        body = transcript_row(judged(WITHOUT)[0])["body"]
        connection.execute(transcripts.update().where(transcripts.c.call_id == call_id).values(body=body))


def test_data_for_scripts_cannot_end_the_script(site: Site) -> None:
    call_id = site.attempt()
    with site.store.write() as connection:
        title = "</script><script>alert(1)</script>"
        connection.execute(uploads.update().where(uploads.c.call_id == call_id).values(title=title))
    text = site.client("anja").get(f"/gesprekken/{call_id}").text
    assert "<script>alert" not in text
    found = re.search(r'id="call-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["title"].startswith("</script>")
