"""Practising in a real browser: from a file or the microphone to the feedback, whatever goes wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from belscore.audio import decode
from belscore.web.hearing import write_sound
from web_server import RunningServer, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

CALLS = Path(__file__).parent.parent / "samples" / "calls"
SAMPLE = CALLS / "klacht-onderbroken.wav"
SHORT = CALLS / "mono-afspraak.wav"
# A machine that does other things too.
_SLOW_MS = 30_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One for most tests: each hands in recordings of its own name."""
    with running(tmp_path_factory.mktemp("server"), seconds=0.5, arguments=["--practice"]) as made:
        yield made


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("slow"), seconds=4, arguments=["--practice"]) as made:
        yield made


@pytest.fixture
def short(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A recording that no other test hands in."""
    made = tmp_path / f"{request.node.name[5:40]}.wav"
    made.write_bytes(SHORT.read_bytes())
    return made


def opened(page: Page, server: RunningServer) -> Page:
    page.set_default_timeout(_SLOW_MS)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{server.address}/oefenen")
    page.locator("#recorder[data-ready], #recorder[data-state='idle']").first.wait_for()
    return page


def choose(page: Page, *paths: Path) -> None:
    page.locator("#files").set_input_files([str(path) for path in paths])


def line(page: Page, title: str, state: str | None = None) -> Locator:
    suffix = f"[data-state='{state}']" if state else ""
    return page.locator(f".attempt{suffix}", has_text=title)


def until_done(page: Page, title: str) -> Locator:
    done = line(page, title, "done")
    done.wait_for()
    assert re.fullmatch(r"Score \d+ van 100", done.locator(".state").inner_text())
    assert re.fullmatch(r"/gesprekken/\d+", done.locator(".feedback").get_attribute("href") or "")
    return done


def said(page: Page, words: str) -> None:
    page.locator("#said", has_text=words).wait_for(state="attached")


def test_several_files_become_feedback_and_what_cannot_be_taken_says_why(
    browser_page: Page, server: RunningServer, tmp_path: Path, short: Path
) -> None:
    page = opened(browser_page, server)
    (tmp_path / "leeg.wav").touch()
    choose(page, SAMPLE, short, CALLS / "afspraak-goed.call", tmp_path / "leeg.wav")
    page.locator("#wrong li").nth(1).wait_for()
    wrong = page.locator("#wrong li").all_inner_texts()
    assert len(wrong) == 2
    assert wrong[0].startswith("afspraak-goed.call: dit soort bestand")
    assert wrong[1].startswith("leeg.wav is leeg.")
    until_done(page, SAMPLE.name)
    until_done(page, short.name)
    said(page, " is klaar. Score ")
    # The list of the server says the same.
    page.reload()
    until_done(page, SAMPLE.name)
    until_done(page, short.name)


def test_files_are_dropped_on_the_zone_and_nowhere_else(browser_page: Page, server: RunningServer, short: Path) -> None:
    page = opened(browser_page, server)
    files = page.evaluate_handle(
        """([name, bytes]) => {
          const made = new DataTransfer();
          made.items.add(new File([Uint8Array.from(bytes)], name));
          return made;
        }""",
        ["gesleept.wav", list(short.read_bytes()[:400_000])],
    )
    before = page.locator(".attempt").count()
    page.locator("#attempts-title").dispatch_event("drop", {"dataTransfer": files})
    page.locator("#drop-zone").dispatch_event("dragover", {"dataTransfer": files})
    assert page.locator("#drop-zone.over").count() == 1
    page.locator("#drop-zone h2").dispatch_event("drop", {"dataTransfer": files})
    until_done(page, "gesleept.wav")
    assert page.locator("#drop-zone.over").count() == 0
    assert page.locator(".attempt").count() == before + 1


def test_reload_at_work_goes_on_following(browser_page: Page, slow_server: RunningServer, short: Path) -> None:
    page = opened(browser_page, slow_server)
    choose(page, short)
    line(page, short.name, "running").wait_for()
    page.reload()
    line(page, short.name, "running").locator("progress").wait_for()
    until_done(page, short.name)


def test_server_killed_at_work_is_waited_for(browser_page: Page, slow_server: RunningServer, short: Path) -> None:
    page = opened(browser_page, slow_server)
    choose(page, short)
    line(page, short.name, "running").wait_for()
    slow_server.kill()
    page.locator("#offline").wait_for()
    slow_server.restart()
    until_done(page, short.name)
    page.locator("#offline").wait_for(state="hidden")


def test_server_killed_while_it_receives_gets_the_rest_when_it_is_back(
    browser_page: Page, slow_server: RunningServer, short: Path
) -> None:
    page = opened(browser_page, slow_server)
    network = page.context.new_cdp_session(page)
    throttled = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}
    network.send("Network.emulateNetworkConditions", throttled)
    choose(page, short)
    line(page, short.name).locator(".state", has_text=re.compile(r"verzenden, [1-9]")).wait_for()
    slow_server.kill()
    line(page, short.name).locator(".state", has_text="poging 1 van 3").wait_for()
    network.send("Network.emulateNetworkConditions", {**throttled, "uploadThroughput": -1})
    slow_server.restart()
    retry = line(page, short.name).get_by_role("button", name="opnieuw proberen")
    # On a busy machine the server takes longer to start than is tried.
    line(page, short.name, "waiting").or_(line(page, short.name, "running")).or_(retry).first.wait_for()
    if retry.is_visible():
        retry.click()
    done = until_done(page, short.name)
    token = done.get_attribute("data-token") or "?"
    left = [path.name for path in (slow_server.folder / "recordings" / "incoming").rglob("*") if token in path.name]
    assert left == []


def test_sending_is_tried_again_and_an_answer_that_was_lost_is_found(
    browser_page: Page, server: RunningServer, short: Path
) -> None:
    page = opened(browser_page, server)
    tries: list[str] = []

    def breaks(route, request):  # type: ignore[no-untyped-def]
        tries.append(request.url)
        if len(tries) == 2:
            # The server gets all of it, and the browser no answer.
            urlopen(Request(request.url, short.read_bytes(), method="PUT"), timeout=20).close()
        route.abort("connectionreset")

    page.route("**/content", breaks)
    choose(page, short)
    line(page, short.name).locator(".state", has_text="poging 1 van 3").wait_for()
    until_done(page, short.name)
    assert len(tries) == 2
    assert len({*tries}) == 1


def test_without_connection_it_says_so_and_goes_on_when_asked(
    browser_page: Page, server: RunningServer, short: Path
) -> None:
    page = opened(browser_page, server)
    # The pauses between tries pass at once.
    page.add_init_script("const wait = setTimeout; window.setTimeout = (work, ms) => wait(work, Math.min(ms, 50));")
    page.reload()
    page.route("**/content", lambda route: route.abort())
    choose(page, short)
    failed = line(page, short.name, "failed")
    failed.locator(".wrong-told", has_text="geen verbinding met de server").wait_for()
    page.unroute("**/content")
    failed.get_by_role("button", name="opnieuw proberen").click()
    until_done(page, short.name)


def test_sending_that_a_reload_broke_off_goes_on_with_the_same_file(
    browser_page: Page, server: RunningServer, short: Path
) -> None:
    page = opened(browser_page, server)
    page.route("**/content", lambda _route: None)
    choose(page, short)
    line(page, short.name, "receiving").and_(page.locator("[data-token]")).wait_for()
    token = line(page, short.name).get_attribute("data-token")
    page.reload()
    page.unroute("**/content")
    line(page, short.name, "receiving").wait_for()
    choose(page, short)
    assert until_done(page, short.name).get_attribute("data-token") == token
    assert line(page, short.name).count() == 1


def test_stop_ends_it_wherever_it_is(browser_page: Page, slow_server: RunningServer, short: Path) -> None:
    page = opened(browser_page, slow_server)
    page.route("**/content", lambda _route: None)
    choose(page, CALLS / "te-snel.opus")
    sent = line(page, "te-snel.opus")
    sent.and_(page.locator("[data-token]")).wait_for()
    sent.get_by_role("button", name="Stop").click()
    line(page, "te-snel.opus", "cancelled").wait_for()
    page.unroute("**/content")
    choose(page, SAMPLE)
    line(page, SAMPLE.name, "running").wait_for()
    choose(page, short)
    waiting = line(page, short.name, "waiting")
    waiting.locator(".state", has_text="1 opname eerder").wait_for()
    waiting.get_by_role("button", name="Stop").click()
    line(page, short.name, "cancelled").wait_for()
    line(page, SAMPLE.name).get_by_role("button", name="Stop").click()
    said(page, f"{SAMPLE.name} is gestopt.")
    for title in ("te-snel.opus", short.name, SAMPLE.name):
        line(page, title).get_by_role("button", name="weghalen").click()
        line(page, title).wait_for(state="detached")
    page.reload()
    assert line(page, short.name).count() == 0


def test_page_works_with_the_keyboard_alone(browser_page: Page, server: RunningServer, short: Path) -> None:
    # Choosers are caught from here on: one that opens in the moment in which that begins is lost.
    browser_page.on("filechooser", lambda _chooser: None)
    page = opened(browser_page, server)
    page.locator("#inhoud").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "choose"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(str(short))
    until_done(page, short.name)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className").endswith("feedback"):
            break
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Bekijk de feedback van {short.name}"


def test_page_fits_a_phone(browser_page: Page, server: RunningServer, tmp_path: Path, short: Path) -> None:
    browser_page.set_viewport_size({"width": 360, "height": 740})
    page = opened(browser_page, server)
    long = tmp_path / f"{'heellangenaam' * 12}.wav"
    long.write_bytes(short.read_bytes())
    choose(page, long, CALLS / "afspraak-goed.call")
    until_done(page, "heellangenaam")
    page.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = [
        button.inner_text()
        for button in page.locator("main button:visible, main a:visible").all()
        if (button.bounding_box() or {"height": 0})["height"] < 24
    ]
    assert small == []


# ---- the microphone


@pytest.fixture(scope="module")
def talking(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears a call."""
    from browser import another

    heard = tmp_path_factory.mktemp("microphone") / "call.wav"
    write_sound(decode(SAMPLE), heard, None)
    with another(chromium, microphone=heard) as browser:
        yield browser


@pytest.fixture
def talking_page(talking: Browser) -> Iterator[Page]:
    from browser import new_page

    with new_page(talking) as page:
        yield page


def record(page: Page, seconds: float) -> None:
    page.locator("#record-start").click()
    page.locator("#recorder[data-state='recording']").wait_for()
    page.wait_for_timeout(seconds * 1000)


def test_recording_is_paused_heard_again_and_handed_in(talking_page: Page, server: RunningServer) -> None:
    page = opened(talking_page, server)
    record(page, 2.5)
    assert page.locator("#record-time").inner_text() in ("0:02", "0:03")
    page.locator("#record-pause").click()
    paused = page.locator("#record-time").inner_text()
    page.wait_for_timeout(1200)
    assert page.locator("#record-time").inner_text() == paused
    page.locator("#record-pause").click()
    page.wait_for_timeout(1000)
    page.locator("#record-stop").click()
    page.locator("#recorder[data-state='stopped']").wait_for()
    heard = page.evaluate(
        """async () => {
          const view = new DataView(await (await new Response(await new Promise((done) => {
            const request = indexedDB.open("belscore-recordings");
            request.onsuccess = () => {
              const all = request.result.transaction("parts").objectStore("parts").getAll();
              all.onsuccess = () => done(new Blob(all.result.map((each) => each.body)));
            };
          })).arrayBuffer()));
          let loudest = 0;
          for (let at = 0; at < view.byteLength; at += 2)
            loudest = Math.max(loudest, Math.abs(view.getInt16(at, true)));
          return [view.byteLength / 32000, loudest];
        }"""
    )
    assert 3 <= heard[0] <= 6
    assert heard[1] > 1000
    page.locator("#record-hand-in").click()
    done = until_done(page, "Opname ")
    assert done.locator(".kind").inner_text() == "Opgenomen"
    page.reload()
    # It lies at the server: nothing is offered again.
    page.locator("#recorder[data-ready][data-state='idle'], #recorder[data-ready]:not([data-state])").wait_for()
    assert page.locator("#record-hand-in").is_hidden()


def test_recording_that_a_reload_broke_off_is_offered_and_gone_on_with(
    talking_page: Page, server: RunningServer
) -> None:
    page = opened(talking_page, server)
    record(page, 4)
    page.reload()
    page.locator("#recorder[data-ready][data-state='stopped']").wait_for()
    assert "niet is ingestuurd" in page.locator("#record-told").inner_text()
    before = page.locator("#record-time").text_content()
    assert before in ("0:02", "0:03", "0:04")
    page.locator("#record-more").click()
    page.locator("#recorder[data-state='recording']").wait_for()
    page.wait_for_timeout(2200)
    page.locator("#record-stop").click()
    page.locator("#recorder[data-state='stopped']").wait_for()
    assert (page.locator("#record-time").text_content() or "") > before
    page.locator("#record-discard").click()
    page.locator("#record-discard", has_text="Echt weggooien?").click()
    page.locator("#recorder[data-state='idle']").wait_for()
    page.reload()
    page.locator("#recorder[data-ready]").wait_for()
    assert page.locator("#record-start").is_visible()


def test_recording_made_without_network_is_handed_in_when_it_is_back(
    talking_page: Page, slow_server: RunningServer
) -> None:
    page = opened(talking_page, slow_server)
    page.context.set_offline(True)
    try:
        record(page, 2.5)
        page.locator("#record-stop").click()
        page.locator("#record-hand-in").click()
        line(page, "Opname ").locator(".state", has_text="poging").wait_for()
    finally:
        page.context.set_offline(False)
    until_done(page, "Opname ")


def test_refused_microphone_says_what_to_do(browser_page: Page, server: RunningServer) -> None:
    browser_page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));"
    )
    page = opened(browser_page, server)
    page.locator("#record-start").click()
    page.locator("#record-told", has_text="kies Toestaan").wait_for()
    assert page.locator("#record-start").is_visible()


def test_page_without_secure_context_says_why_it_cannot_record(browser_page: Page, server: RunningServer) -> None:
    browser_page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false });")
    browser_page.goto(f"{server.address}/oefenen")
    browser_page.locator("#record-told", has_text="alleen via https").wait_for()
    assert browser_page.locator("#record-start").is_hidden()


@pytest.mark.model
def test_recording_becomes_feedback_with_the_real_model(browser_page: Page, tmp_path: Path) -> None:
    with running(tmp_path, made=False, arguments=["--practice"]) as server:
        page = opened(browser_page, server)
        choose(page, SAMPLE)
        page.set_default_timeout(120_000)
        line(page, SAMPLE.name, "running").locator(".state", has_text="woorden herkennen").wait_for()
        until_done(page, SAMPLE.name)


def test_who_comes_first_time_is_told_how_to_begin(browser_page: Page, tmp_path: Path) -> None:
    with running(tmp_path, arguments=["--practice"]) as server:
        page = opened(browser_page, server)
        assert page.locator(".steps li").count() == 3
        assert page.locator("#none").is_visible()
        assert page.get_by_role("link", name="Kies een rollenspel").get_attribute("href") == "/rollenspel"
