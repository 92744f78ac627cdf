"""Handing in recordings: what is sent, by whom, how it ends, and what is left of it on the disk."""

from __future__ import annotations

import asyncio
import json
import os
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from belscore import parse_call, score_call
from belscore.cli.work import Settings
from belscore.encryption.files import SealedWriter
from belscore.errors import BelscoreError, ModelError
from belscore.inputs import CallFile
from belscore.progress import silent
from belscore.scorecard import Language
from belscore.scoring import Scored as ScoredCall
from belscore.store import tables, uploads
from belscore.store.caller_keys import caller_keys
from belscore.store.erasing import forget_calls
from belscore.store.owners import Owner
from belscore.store.recordings import Kept
from belscore.store.uploads import Upload
from belscore.topics import topic_key
from belscore.wall_clock import this_second
from belscore.web import scoring, upload_api
from belscore.web.folders import own_folder, sweep_left
from belscore.web.hearing import make_call_scorer, score_upload
from belscore.web.problems import RefusedError
from belscore.web.scoring import Outcome, Refused, Scored, ScoringQueue, ScoringTask
from belscore.web.settings import Limits
from belscore.web.texts import LANGUAGES, Texts
from belscore.worker_processes import Died, Done, Told
from made_store import judged
from web_server import running
from web_site import Web, web

SOUND = b"RIFF" + bytes(range(256)) * 8
SAMPLE = Path(__file__).parent.parent / "samples" / "calls" / "mono-afspraak.wav"


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path, practice=True, limits=Limits(file_bytes=10_000, user_bytes=30_000, under_way=3)) as made:
        made.site.judging = replace(made.site.judging, no_model=None)
        yield made


@pytest.fixture
def client(pages: Web) -> TestClient:
    return pages.client()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """For tests that leave nothing under way."""
    with web(tmp_path_factory.mktemp("shared"), practice=True, limits=Limits(file_bytes=10_000)) as made:
        made.site.judging = replace(made.site.judging, no_model=None)
        yield made


def announce(client: TestClient, name: str = "klacht.wav", size: int = len(SOUND), **more: object) -> Any:
    return client.post("/api/uploads", json={"name": name, "size_bytes": size, **more})


def announced(client: TestClient, name: str = "klacht.wav", size: int = len(SOUND), **more: object) -> str:
    answer = announce(client, name, size, **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def send(client: TestClient, token: str, body: bytes = SOUND) -> Any:
    return client.put(f"/api/uploads/{token}/content", content=body)


def handed_in(client: TestClient, **more: Any) -> str:
    token = announced(client, **more)
    assert send(client, token).status_code == 204
    return token


def state(client: TestClient, token: str) -> str:
    return str(client.get(f"/api/uploads/{token}").json()["state"])


def left(pages: Web) -> list[str]:
    """Every file under the folder of recordings but for the sound of calls."""
    folder = pages.site.settings.recordings
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if path.parts[0] != "sound")


def put_in_parts(
    pages: Web, token: str, *messages: dict[str, Any], after: Callable[[int], None] = lambda _: None
) -> int:
    """Send in parts as a server gets them; `after` is called before each. Returns the status, 0 for none."""
    statuses = [0]
    told = iter(enumerate(messages))

    async def receive() -> dict[str, Any]:
        number, message = next(told)
        after(number)
        return message

    async def answered(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses[0] = message["status"]

    scope = {
        "type": "http", "method": "PUT", "path": f"/api/uploads/{token}/content", "raw_path": b"", "query_string": b"",
        "headers": [(b"host", b"localhost")], "http_version": "1.1", "scheme": "http", "server": ("localhost", 80),
        "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    asyncio.run(pages.app(scope, receive, answered))  # type: ignore[arg-type]
    return statuses[0]


def body(data: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


# ---- what may come


@pytest.mark.parametrize(
    ("name", "size", "status", "code"),
    [
        ("brief.docx", 100, 415, "kind"),
        ("zonder", 100, 415, "kind"),
        (".wav", 100, 415, "kind"),
        ("klacht.wav\u202e", 100, 415, "kind"),
        ("groot.wav", 10_001, 413, "too_large_file"),
        ("leeg.wav", 0, 422, "not_valid"),
        ("", 100, 422, "not_valid"),
        ("x" * 301 + ".wav", 100, 422, "not_valid"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(
    shared: Web, name: str, size: int, status: int, code: str
) -> None:
    answer = announce(shared.client(), name, size)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/etc/../../klacht.wav", "klacht.wav"),
        ("C:\\Users\\anja\\klacht.wav", "klacht.wav"),
        ("a/b\\c.MP3", "c.MP3"),
        ("kla\ncht\t\x00\x1b[31m.wav", "kla cht ?[31m.wav"),
        ("op\u202evaw.mp3", "opvaw.mp3"),
        ("<script>.wav", "<script>.wav"),
        ("klàcht 😀.wav", "klàcht 😀.wav"),
    ],
)
def test_name_is_shown_harmless_and_never_made_a_path(shared: Web, name: str, shown: str) -> None:
    client = shared.client()
    token = handed_in(client, name=name)
    assert client.get(f"/api/uploads/{token}").json()["title"] == shown
    assert left(shared) == [f"incoming/{token}{Path(shown).suffix.lower()}"]
    assert "<script>.wav" not in client.get("/oefenen").text
    client.post(f"/api/uploads/{token}/cancel")


def test_own_limits_count_uploads_and_bytes(client: TestClient) -> None:
    tokens = [announced(client, size=9_000) for _ in range(3)]
    assert announce(client).json()["code"] == "too_many_uploads"
    client.post(f"/api/uploads/{tokens[0]}/cancel")
    announced(client, size=10_000)
    client.post(f"/api/uploads/{tokens[1]}/cancel")
    # 9,000 and 10,000 are under way.
    assert announced(client, size=10_000)


def test_sound_that_is_kept_counts_in_bytes_until_its_call_is_gone(pages: Web, client: TestClient) -> None:
    token = handed_in(client)
    step(pages, scored)
    with pages.store.write() as connection:
        connection.execute(update(tables.recordings).values(size_bytes=25_000))
    assert announce(client, size=6_000).json()["code"] == "quota"
    assert announce(client, size=5_000).status_code == 201
    with pages.store.write() as connection:
        connection.execute(tables.recordings.delete())
    assert announce(client, size=10_000).status_code == 201
    assert state(client, token) == "done"


def test_calls_of_the_practice_are_for_coaches(client: TestClient) -> None:
    assert announce(client, kind="call").json()["code"] == "only_coach"


def test_missing_model_is_told_before_anything_is_sent(pages: Web, client: TestClient, monkeypatch: Any) -> None:
    def none_here(_name: str | None) -> None:
        raise ModelError("no speech model on this machine")

    monkeypatch.setattr("belscore.models.find_model", none_here)
    pages.site.judging = replace(pages.site.judging, no_model=ModelError("no speech model on this machine"))
    answer = announce(client)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_model")
    assert 'id="no-model"' in client.get("/oefenen").text
    # Fetched while the server runs.
    monkeypatch.setattr("belscore.models.find_model", lambda _name: None)
    assert announce(client).status_code == 201


def test_announcing_has_a_rate(client: TestClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(upload_api, "_RATE", "2/minute")
    monkeypatch.setattr("belscore.web.rates._limiter", _own_limiter())
    codes = [announce(client).status_code for _ in range(3)]
    assert codes == [201, 201, 429]


def _own_limiter() -> Callable[[], Any]:
    from limits.storage import MemoryStorage
    from limits.strategies import MovingWindowRateLimiter

    made = MovingWindowRateLimiter(MemoryStorage())
    return lambda: made


# ---- what is sent


@pytest.mark.parametrize(("change", "status"), [(b"x", 413), (None, 400)])
def test_other_number_of_bytes_than_announced_is_refused_and_may_be_sent_again(
    pages: Web, client: TestClient, change: bytes | None, status: int
) -> None:
    wrong = SOUND + change if change else SOUND[:-1]
    token = announced(client)
    assert send(client, token, wrong).status_code == status
    # Without a length stated the bytes themselves are counted.
    assert put_in_parts(pages, token, body(wrong[:100], more=True), body(wrong[100:], more=False)) == status
    assert left(pages) == []
    assert send(client, token).status_code == 204


def test_sender_that_goes_away_leaves_nothing_and_may_come_back(pages: Web, client: TestClient) -> None:
    token = announced(client)
    put_in_parts(pages, token, body(SOUND[:1000], more=True), {"type": "http.disconnect"})
    assert left(pages) == []
    assert state(client, token) == "receiving"
    assert send(client, token).status_code == 204
    assert pages.site.incoming.joinpath(f"{token}.wav").read_bytes() == SOUND


def test_sender_that_falls_silent_is_not_waited_for(pages: Web, client: TestClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(upload_api, "_SILENT_S", 0.05)
    token = announced(client)

    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    class Slow:
        async def stream(self) -> Any:
            yield SOUND[:10]
            await never()

    with pages.store.read() as connection:
        upload = uploads.require_upload(connection, token)
    with pytest.raises(RefusedError):
        asyncio.run(upload_api._write_body(Slow(), pages.site, upload, pages.site.queue.folder / "x.wav"))  # type: ignore[arg-type]
    assert left(pages) == []


def test_of_two_that_send_the_same_the_first_that_is_done_counts(pages: Web, client: TestClient) -> None:
    token = announced(client)
    other = bytes(len(SOUND))

    def between(number: int) -> None:
        if number == 1:
            assert send(client, token).status_code == 204

    assert put_in_parts(pages, token, body(other[:100], more=True), body(other[100:], more=False), after=between) == 409
    assert pages.site.incoming.joinpath(f"{token}.wav").read_bytes() == SOUND
    assert left(pages) == [f"incoming/{token}.wav"]
    assert send(client, token).status_code == 409


def test_one_recording_is_not_sent_by_many_at_once(pages: Web, client: TestClient) -> None:
    token = announced(client)
    pages.site.queue.senders[token] = 3
    assert send(client, token).status_code == 429
    pages.site.queue.senders[token] = 2
    assert send(client, token).status_code == 204
    assert pages.site.queue.senders[token] == 2


def test_cancelled_while_it_is_sent_ends_and_leaves_nothing(pages: Web, client: TestClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(upload_api, "_TELL_EVERY_S", 0.0)
    token = announced(client)

    def between(number: int) -> None:
        if number == 1:
            assert client.post(f"/api/uploads/{token}/cancel").json()["state"] == "cancelled"

    # Refused before all of it came.
    parts = (body(SOUND[:100], more=True), body(SOUND[100:200], more=True), body(b"", more=True))
    assert put_in_parts(pages, token, *parts, after=between) == 409
    assert left(pages) == []


def test_full_disk_is_told_and_leaves_nothing(pages: Web, client: TestClient, monkeypatch: Any) -> None:
    def full(self: SealedWriter, _data: bytes) -> None:
        self.discard()
        raise BelscoreError("No space left on device")

    token = announced(client)
    with monkeypatch.context() as patch:
        patch.setattr(SealedWriter, "write", full)
        answer = send(client, token)
    assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
    assert left(pages) == []
    assert send(client, token).status_code == 204


def test_who_sends_nothing_for_an_hour_is_given_up(pages: Web, client: TestClient) -> None:
    token = announced(client)
    assert client.get(f"/api/uploads/{token}").json()["is_quiet"] is False
    with pages.store.write() as connection:
        before = this_second() - timedelta(hours=2)
        connection.execute(update(tables.uploads).values(changed_at=before))
    assert client.get(f"/api/uploads/{token}").json()["is_quiet"] is True
    step(pages, scored)
    assert state(client, token) == "cancelled"


# ---- whose it is


def test_upload_of_somebody_else_is_not_there(tmp_path: Path) -> None:
    with web(tmp_path) as made:
        made.site.judging = replace(made.site.judging, no_model=None)
        made.add("anja")
        made.add("bram")
        made.add("coach", "coach")
        anja, others = made.client("anja"), [made.client("bram"), made.client("coach")]
        token = announced(anja)
        for other in others:
            asked = [
                other.get(f"/api/uploads/{token}"),
                other.get(f"/api/uploads/{token}/events"),
                send(other, token),
                other.post(f"/api/uploads/{token}/cancel"),
                other.delete(f"/api/uploads/{token}"),
            ]
            assert {answer.status_code for answer in asked} == {404}
            assert token not in other.get("/oefenen").text
            assert token not in other.get(f"/api/uploads/events?token={token}").text
        assert send(anja, token).status_code == 204
        assert made.client().get(f"/api/uploads/{token}").status_code == 401


# ---- scoring


class InlineWorkers:
    """Workers that do the work when results are asked for, in this process."""

    def __init__(self, make: Any, setting: Any, **_more: Any) -> None:
        self.work, self.waiting = make(setting), dict[int, ScoringTask]()

    def submit(self, key: int, item: ScoringTask) -> None:
        self.waiting[key] = item

    def cancel(self, key: int) -> None:
        self.waiting.pop(key, None)

    def results(self, _timeout_s: float) -> Iterator[Done[Outcome] | Died | Told]:
        for key, item in [*self.waiting.items()]:
            outcome = self.work(item)
            if outcome is None:
                yield Told(key, ("transcribe", 0.5))
                continue
            del self.waiting[key]
            yield Died(key, "was killed") if isinstance(outcome, str) else Done(key, outcome)

    def close(self) -> None: ...


def scored(task: ScoringTask) -> Outcome:
    call, card = judged(greeted=True)
    with SealedWriter(task.sound, None) as file:
        file.write(b"sound")
        file.commit()
    return Scored(task.incoming.read_bytes().hex()[:64], call, card, Kept(task.sound.name, 5, is_copy=False))


def queue_of(pages: Web, work: Callable[[ScoringTask], Any], monkeypatch: Any = None) -> ScoringQueue:
    patch = monkeypatch or pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(scoring, "Workers", InlineWorkers)
        made = ScoringQueue(pages.site, make=lambda _setting: work)
    made._woken.set()
    return made


def step(pages: Web, work: Callable[[ScoringTask], Any], times: int = 1) -> None:
    queue = queue_of(pages, work)
    for _ in range(times):
        queue._woken.set()
        queue._step()


def test_what_was_handed_in_becomes_a_call_with_its_sound(pages: Web, client: TestClient) -> None:
    token = handed_in(client)
    step(pages, scored)
    told = client.get(f"/api/uploads/{token}").json()
    assert (told["state"], told["href"]) == ("done", f"/gesprekken/{told['call_id']}")
    card = judged(greeted=True)[1]
    assert told["score"] == round(card.score or 0)
    assert left(pages) == []
    assert [path.name.split("-")[0] for path in pages.site.sounds.iterdir()] == [token.split("-")[0]]
    page = client.get("/oefenen").text
    assert told["href"] in page
    assert f"Score {told['score']} van 100" in page
    # The stream tells the end at once and ends.
    assert client.get(f"/api/uploads/{token}/events").text.endswith("event: end\ndata: end\n\n")


def test_scoring_is_followed_by_stage_and_place_in_the_queue(pages: Web, client: TestClient) -> None:
    first, second, third = (handed_in(client) for _ in range(3))
    assert [client.get(f"/api/uploads/{each}").json()["ahead"] for each in (first, second, third)] == [0, 1, 2]
    step(pages, lambda _task: None)
    told = client.get(f"/api/uploads/{first}").json()
    assert (told["state"], told["stage"], told["share"]) == ("running", "transcribe", 0.5)
    assert client.get(f"/api/uploads/{third}").json()["ahead"] == 2


def test_practising_goes_before_calls_of_the_practice(pages: Web, client: TestClient) -> None:
    bulk, trainee = handed_in(client), handed_in(client)
    with pages.store.write() as connection:
        connection.execute(update(tables.uploads).where(tables.uploads.c.token == bulk).values(kind="call"))
    assert client.get(f"/api/uploads/{bulk}").json()["ahead"] == 1
    step(pages, scored)
    assert (state(client, bulk), state(client, trainee)) == ("waiting", "done")


def test_cancelled_while_it_is_scored_leaves_nothing(pages: Web, client: TestClient) -> None:
    token = handed_in(client)
    queue = queue_of(pages, lambda task: task.sound.write_bytes(b"half") and None)
    pages.site.queue.folder.mkdir(parents=True, exist_ok=True)
    queue.folder.mkdir(parents=True, exist_ok=True)
    queue._step()
    assert state(client, token) == "running"
    assert len(left(pages)) == 2
    assert client.post(f"/api/uploads/{token}/cancel").json()["state"] == "cancelled"
    queue._step()
    assert left(pages) == []
    assert client.delete(f"/api/uploads/{token}").status_code == 204
    assert client.get(f"/api/uploads/{token}").status_code == 404


def test_cancelled_just_before_it_is_kept_gives_no_call(pages: Web, client: TestClient) -> None:
    token = handed_in(client)

    def cancels(task: ScoringTask) -> Outcome:
        made = scored(task)
        client.post(f"/api/uploads/{token}/cancel")
        return made

    step(pages, cancels)
    assert state(client, token) == "cancelled"
    assert (left(pages), [*pages.site.sounds.iterdir()]) == ([], [])
    with pages.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.calls)).scalar() == 0


def test_what_cannot_be_scored_says_so_in_words(pages: Web, client: TestClient) -> None:
    token = handed_in(client)
    step(pages, lambda _task: Refused("no_speech", "for the log"))
    told = client.get(f"/api/uploads/{token}").json()
    assert (told["state"], told["error"][:35]) == ("failed", "Er is geen gesproken Nederlands in ")
    assert left(pages) == []
    assert client.delete(f"/api/uploads/{token}").status_code == 204


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(language: Language) -> None:
    assert {*Texts(language).section("upload_errors")} == {*get_args(scoring.Reason)}


@pytest.mark.model
@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"dit is tekst. " * 50, "not_sound"), (b"RIFF" + bytes(3000), "not_sound"), (None, "no_speech")],
)
def test_real_scorer_tells_what_is_no_sound_from_what_is_no_speech(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    handed = tmp_path / "handed.wav"
    if content is not None:
        handed.write_bytes(content)
    else:
        with wave.open(str(handed), "wb") as silence:
            silence.setparams((1, 2, 16000, 0, "NONE", ""))
            silence.writeframes(bytes(2 * 16000 * 5))
    task = ScoringTask(_upload(), handed, tmp_path / "sound.wav", tmp_path)
    outcome = score_upload(task, make_call_scorer(Settings(cache=False)), None)
    assert isinstance(outcome, Refused)
    assert outcome.reason == reason


def _upload() -> Upload:
    now = this_second()
    return Upload(
        id=1, token="x", user_id=1, agent="Anja", kind="upload", title="x", size_bytes=1, options={}, state="running",
        stage=None, share=None, attempts=0, error=None, call_id=None, score=None, made_at=now, changed_at=now,
    )  # fmt: skip


def test_recording_that_takes_its_worker_along_is_given_up_after_three_times(pages: Web, client: TestClient) -> None:
    token = handed_in(client)
    tried: list[ScoringTask] = []

    def dies(task: ScoringTask) -> str:
        tried.append(task)
        return "died"

    step(pages, dies, times=5)
    assert (state(client, token), len(tried)) == ("failed", uploads.MAX_ATTEMPTS)
    assert left(pages) == []


def test_what_the_exchange_knows_of_a_call_is_kept_with_it(tmp_path: Path) -> None:
    with web(tmp_path) as pages:
        pages.site.judging = replace(pages.site.judging, no_model=None)
        pages.add("carla", "coach")
        client = pages.client("carla")
        token = handed_in(client, kind="call", queue_s=20, after_s=31.5, caller_number="+31 6 12345678")
        step(pages, scored)
        call_id = client.get(f"/api/uploads/{token}").json()["call_id"]
        keys = caller_keys(pages.store)
        words = topic_key(judged(greeted=True)[1], pages.site.judging.rules.knowledge.lexicon)
        with pages.store.read() as connection:
            row = connection.execute(select(tables.calls).where(tables.calls.c.id == call_id)).one()
    assert (row.queue_s, row.after_s, row.practice) == (20, 31.5, False)
    assert row.caller_hash == keys.of_number("0612345678")
    assert json.loads(row.topic) == keys.of_topic(words)


def test_call_that_was_erased_is_not_scored_again(pages: Web, client: TestClient) -> None:
    for number in range(2):
        token = handed_in(client)
        with pages.store.write() as connection:
            connection.execute(update(tables.uploads).where(tables.uploads.c.token == token).values(kind="call"))
        step(pages, scored)
        told = client.get(f"/api/uploads/{token}").json()
        if number == 0:
            assert told["state"] == "done"
            with pages.store.write() as connection:
                forget_calls(connection, [told["call_id"]])
    assert (told["state"], told["error"][:29]) == ("failed", "Deze opname is eerder gewist ")
    assert left(pages) == []


def test_result_that_cannot_be_kept_is_made_again(pages: Web, client: TestClient, monkeypatch: Any) -> None:
    token = handed_in(client)
    queue = queue_of(pages, scored)
    with monkeypatch.context() as patch:
        patch.setattr(scoring, "keep_rules", lambda *_: 1 / 0)
        queue._step()
    assert state(client, token) == "running"
    queue._held_s = None
    queue._step()
    assert state(client, token) == "done"
    assert left(pages) == []


def test_a_call_is_heard_with_what_is_known_of_it_and_leaves_without_what_names_its_caller(
    tmp_path: Path, monkeypatch: Any
) -> None:
    asked: dict[str, Any] = {}
    said = parse_call("0-4 agent Goedemorgen, met Anja.\n4.3-9 caller Mijn nummer is 06 12345678, belt u mij terug?")

    def heard(file: CallFile, **known: Any) -> ScoredCall:
        asked.update(known)
        return ScoredCall(file.path, said, score_call(said), file.path)

    monkeypatch.setattr("belscore.cli.work.score_with_call", heard)
    path = tmp_path / "1.wav"
    scored = make_call_scorer(Settings(cache=False))(path, {"agent": "Bob", "agent_channel": "left"}, silent)
    assert asked["agent_channel"] == "left"
    assert asked["table"].find(path) == {"agent": "Bob"}
    assert asked["known"] is None
    assert "12345678" not in " ".join(turn.text for turn in scored.call.turns)


def test_worker_that_cannot_begin_says_so_of_each_upload(pages: Web, monkeypatch: Any) -> None:
    monkeypatch.setattr("belscore.web.hearing.make_call_scorer", lambda _settings: 1 / 0)
    monkeypatch.setattr(os, "nice", lambda _by: None)
    score = scoring.make_scorer(pages.site.settings.scoring)
    outcome = score(None)  # type: ignore[arg-type]
    assert isinstance(outcome, Refused)
    assert outcome.reason == "internal"
    assert "ZeroDivisionError" in outcome.detail


def test_two_servers_on_one_store_share_the_queue(pages: Web, client: TestClient) -> None:
    for _ in range(3):
        handed_in(client)
    one, other = queue_of(pages, scored), queue_of(pages, scored)
    taken: list[int] = []
    for queue in (one, other, one, other):
        queue._woken.set()
        queue._refill()
        taken += queue._under_way
        queue._step()
    assert len({*taken}) == 3
    with pages.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.calls)).scalar() == 3
        assert not uploads.tokens_under_way(connection)


def test_upload_that_takes_its_server_along_is_given_up_after_three_times(pages: Web, client: TestClient) -> None:
    token = handed_in(client)
    me = Owner.this_process()
    for number in range(uploads.MAX_ATTEMPTS):
        gone = Owner(me.host, me.pid, f"{number}")
        with pages.store.write() as connection:
            assert len(uploads.claim(connection, gone, 1)) == 1
            assert uploads.release_dead(connection, me, "crashed") == 1
    assert state(client, token) == "failed"


def test_start_sweeps_what_killed_servers_left_and_what_no_row_knows(pages: Web, client: TestClient) -> None:
    token, site = handed_in(client), pages.site
    gone = own_folder(site.incoming, Owner(Owner.this_process().host, 2**22 + 1, "dead"))
    gone.mkdir()
    (gone / f".{token}.part").write_bytes(b"half")
    alive = own_folder(site.incoming, Owner(Owner.this_process().host, os.getppid(), "alive"))
    alive.mkdir()
    (site.incoming / "unknown.wav").write_bytes(b"x")
    old, fresh = site.sounds / "old.wav", site.sounds / "fresh.wav"
    for path in (old, fresh):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    sweep_left(pages.store, site.incoming, site.sounds, site.work)
    assert left(pages) == [f"incoming/{token}.wav"]
    assert (gone.exists(), alive.exists(), old.exists(), fresh.exists()) == (False, True, False, True)


def test_list_is_paged_and_newest_first(pages: Web, client: TestClient) -> None:
    with pages.store.write() as connection:
        for number in range(45):
            made = uploads.add_upload(
                connection, user_id=pages.site.local.id if pages.site.local else 0, kind="upload",
                title=f"nummer {number}.wav", size_bytes=1, options={},
            )  # fmt: skip
            uploads.cancel(connection, made.id)
    first, last = client.get("/oefenen").text, client.get("/oefenen?pagina=99").text
    assert first.index("nummer 44.wav") < first.index("nummer 25.wav")
    assert "nummer 24.wav" not in first
    assert "nummer 0.wav" in last
    assert "Bladzijde 3 van 3" in last


# ---- a server that is killed


def test_server_killed_at_work_and_started_again_scores_it_once(tmp_path: Path) -> None:
    with running(tmp_path, seconds=1.5, arguments=["--practice"]) as server:
        made = asked(server.address, "", {"name": "oefening.wav", "size_bytes": SAMPLE.stat().st_size})
        asked(server.address, f"/{made['token']}/content", SAMPLE.read_bytes(), method="PUT")
        until(lambda: asked(server.address, f"/{made['token']}")["stage"] is not None)
        server.kill()
        server.restart()
        told = until(lambda: _if_over(asked(server.address, f"/{made['token']}")))
        assert told["state"] == "done"
        page = urlopen(f"{server.address}/oefenen", timeout=10).read().decode()
        assert page.count("oefening.wav</bdi>") == 1
    folder = tmp_path / "recordings"
    assert [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "sound"] == []
    assert len([*(folder / "sound").iterdir()]) == 1


def asked(address: str, path: str, sent: Any = None, *, method: str | None = None) -> Any:
    data = sent if isinstance(sent, bytes | None) else json.dumps(sent).encode()
    request = Request(f"{address}/api/uploads{path}", data, {"content-type": "application/json"}, method=method)
    with urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def _if_over(standing: Any) -> Any:
    return standing if standing["state"] in ("done", "failed") else None


def until(found: Callable[[], Any]) -> Any:
    for _ in range(1200):
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError("it takes over a minute")


def test_folders_of_recordings_are_for_the_owner_of_the_server_alone(tmp_path: Path) -> None:
    with web(tmp_path / "data") as made:
        for folder in (made.site.incoming, made.site.sounds, made.site.work, made.site.settings.recordings):
            folder.rmdir()
        with TestClient(made.app, base_url="http://localhost"):
            modes = [
                folder.stat().st_mode & 0o777
                for folder in (made.site.settings.recordings, made.site.incoming, made.site.sounds, made.site.work)
            ]
    assert modes == [0o700] * 4
