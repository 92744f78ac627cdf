"""The feedback page in a real browser: sound, timeline and text move together, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from belscore.store.database import open_store
from belscore.store.users import add_user
from belscore.web.site import LOCAL_NAME
from practice_calls import WITH_FAILS, WITHOUT, add_practice_call, judged
from web_server import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

_FAIL = next(finding for finding in judged(WITH_FAILS)[1].findings if finding.verdict == "fail" and finding.evidence)
_NEAR_S = 0.3


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server in practice mode with two practice calls: of the first its page, the second is for removing."""
    folder = tmp_path_factory.mktemp("server")
    with open_store(folder / "belscore.db") as store:
        with store.write() as connection:
            user = add_user(connection, name=LOCAL_NAME, role="trainee", actor="test", agent="Oefenaar")
        for name in (WITHOUT, WITH_FAILS, WITH_FAILS):
            add_practice_call(store, folder / "recordings", user, name)
    with running(folder, arguments=["--practice"]) as server:
        yield f"{server.address}/gesprekken"


@pytest.fixture
def call_page(browser_page: Page, address: str) -> Page:
    """The page of a call with its sound ready; it does not go on playing by itself."""
    browser_page.goto(f"{address}/2")
    _until(browser_page, "document.getElementById('sound').readyState >= 1")
    return browser_page


def _until(page: Page, condition: str) -> None:
    """Wait for something in the page. As a function: its policy lets no text be run."""
    page.wait_for_function(f"() => {condition}")


def _at(page: Page) -> float:
    return float(page.evaluate("document.getElementById('sound').currentTime"))


def _is_playing(page: Page) -> bool:
    return bool(page.evaluate("!document.getElementById('sound').paused"))


def _from_module(page: Page, module: str, code: str, argument: Any = None) -> Any:
    """What code gives that gets the exports of one of our modules as `it`."""
    address = page.locator(f"link[rel=modulepreload][href$='/{module}']").get_attribute("href")
    run = f"async ([address, argument]) => {{ const it = await import(address); return ({code}); }}"
    return page.evaluate(run, [address, argument])


def test_a_quote_plays_from_where_it_was_said(call_page: Page) -> None:
    call_page.locator(f"#r-{_FAIL.rule_id} .evidence .at").first.click()
    _until(call_page, "!document.getElementById('sound').paused")
    start_s = _FAIL.evidence[0].start_s
    assert start_s <= _at(call_page) + _NEAR_S
    _until(call_page, f"document.getElementById('sound').currentTime > {start_s + 0.2}")


def test_a_mark_plays_its_moment_and_names_its_finding(call_page: Page) -> None:
    call_page.locator(f".mark[href='#r-{_FAIL.rule_id}']").first.click()
    _until(call_page, "!document.getElementById('sound').paused")
    assert abs(_at(call_page) - _FAIL.evidence[0].start_s) < 1
    link = call_page.locator(f"#moment a[href='#r-{_FAIL.rule_id}']")
    link.click()
    assert call_page.locator(f"#r-{_FAIL.rule_id}.target[open]").is_visible()


def test_a_word_plays_from_itself(call_page: Page) -> None:
    word = judged(WITH_FAILS)[0].turns[3].words[0]
    call_page.locator(f".turn [data-t^='{round(word.start_s, 2)} ']").first.click()
    _until(call_page, "!document.getElementById('sound').paused")
    assert abs(_at(call_page) - word.start_s) < 1


def test_clicking_the_timeline_seeks(call_page: Page) -> None:
    box = call_page.locator(".tl-wide").bounding_box()
    assert box is not None
    call_page.locator(".tl-wide").click(position={"x": box["width"] / 2, "y": box["height"] - 30})
    _until(call_page, "!document.getElementById('sound').paused")
    assert abs(_at(call_page) - judged(WITH_FAILS)[0].duration_s / 2) < 1.5


def test_keys_move_play_and_go_from_finding_to_finding(call_page: Page) -> None:
    page, slider = call_page, call_page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    _until(page, "document.getElementById('sound').currentTime > 11.9")
    assert abs(_at(page) - 12) < _NEAR_S
    page.keyboard.press("ArrowLeft")
    assert abs(_at(page) - 10) < _NEAR_S
    assert slider.get_attribute("aria-valuenow") == "10"
    assert not _is_playing(page)
    page.keyboard.press("End")
    assert abs(_at(page) - judged(WITH_FAILS)[0].duration_s) < _NEAR_S
    page.keyboard.press("Home")
    assert _at(page) < _NEAR_S
    page.keyboard.press(" ")
    _until(page, "!document.getElementById('sound').paused")
    page.keyboard.press(" ")
    assert not _is_playing(page)
    marks = sorted({mark["start_s"] for mark in _data(page)["timeline"]["marks"] if mark["start_s"] > 0.3})
    page.keyboard.press("Home")
    page.evaluate("document.getElementById('sound').play = () => Promise.resolve()")
    for start_s in marks[:3]:
        page.keyboard.press("n")
        assert abs(_at(page) - start_s) < 0.01
    page.keyboard.press("p")
    assert abs(_at(page) - marks[1]) < 0.01


def _data(page: Page) -> Any:
    return page.evaluate("JSON.parse(document.getElementById('call-data').textContent)")


def test_letters_are_left_to_who_writes(call_page: Page) -> None:
    finding = call_page.locator(f"#r-{_FAIL.rule_id}")
    finding.locator(".wrong > summary").click()
    finding.locator("textarea").press_sequentially("n p nee")
    assert finding.locator("textarea").input_value() == "n p nee"
    assert _at(call_page) == 0


def test_the_text_follows_the_sound_until_the_reader_scrolls(call_page: Page) -> None:
    page, box = call_page, call_page.locator("#words")
    last = judged(WITH_FAILS)[0].turns[-1].words[0]
    box.evaluate("box => box.style.setProperty('max-height', '220px')")
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    page.evaluate(f"document.getElementById('sound').currentTime = {last.start_s + 0.05}")
    _until(page, f"document.querySelector('[data-t].now')?.textContent === '{last.text}'")
    _until(page, "document.getElementById('words').scrollTop > 100")
    assert page.locator("#follow").is_hidden()
    box.hover()
    page.mouse.wheel(0, -4000)
    _until(page, "document.getElementById('words').scrollTop < 5")
    assert page.locator("#follow").is_visible()
    page.evaluate(f"document.getElementById('sound').currentTime = {last.start_s + 0.3}")
    page.wait_for_timeout(300)
    assert box.evaluate("box => box.scrollTop") < 5
    page.locator("#follow").click()
    _until(page, "document.getElementById('words').scrollTop > 100")
    assert page.locator("#follow").is_hidden()


def test_zooming_keeps_the_place_in_view_and_scrolls(call_page: Page) -> None:
    page = call_page
    page.get_by_role("slider").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    for _ in range(4):
        page.keyboard.press("+")
    scroller = page.locator(".tl-scroll")
    assert scroller.evaluate("each => each.scrollWidth > 3 * each.clientWidth")
    head, frame = page.get_by_role("slider").bounding_box(), scroller.bounding_box()
    assert head is not None
    assert frame is not None
    assert frame["x"] <= head["x"] + head["width"] / 2 <= frame["x"] + frame["width"]
    page.get_by_role("button", name="Hele gesprek").click()
    assert scroller.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_without_its_sound_the_call_can_still_be_walked_through(browser_page: Page, address: str) -> None:
    browser_page.route("**/sound", lambda route: route.abort())
    browser_page.goto(f"{address}/2")
    browser_page.locator("#nosound").wait_for(state="visible")
    browser_page.locator(f"#r-{_FAIL.rule_id} .evidence .at").first.click()
    assert browser_page.locator(".turn.now, .pause.now").count() >= 1
    assert browser_page.locator("#player .play").count() == 0


def test_paper_has_everything_and_no_player(call_page: Page) -> None:
    call_page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    call_page.emulate_media(media="print")
    assert call_page.locator("#player").is_hidden()
    assert call_page.locator("audio").is_hidden()
    assert call_page.locator(".keep").is_hidden()
    for part in (".tl-drawing", ".why dl", ".turn >> nth=-1", ".fb-first .say", ".earlier table"):
        assert call_page.locator(part).first.is_visible(), part
    box = call_page.locator("#words")
    assert box.evaluate("box => box.scrollHeight <= box.clientHeight + 1")
    call_page.emulate_media(media="screen")
    call_page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert call_page.locator(".finding.pass[open]").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out(chromium: Browser, address: str, width: int) -> None:
    from browser import new_page

    with new_page(chromium, viewport={"width": width, "height": 800}) as page:
        page.goto(f"{address}/2")
        page.locator(".tl-drawing").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = page.evaluate("""() => [...document.querySelectorAll("button, a, summary, h1, h2, h3, p")]
            .filter((each) => !each.closest(".scroll, .tl-scroll, .words-box, .aside") && each.checkVisibility())
            .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== "inline")
            .map((each) => each.outerHTML.slice(0, 90))""")
        assert cut == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(chromium: Browser, address: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here: run `make test-web`")
    from browser import new_page

    # Axe is put into the page, which its policy would refuse.
    with new_page(chromium, color_scheme=scheme, bypass_csp=True) as page:
        page.goto(f"{address}/2")
        page.locator(".tl-drawing").wait_for()
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        found = axe.Axe().run(page).response["violations"]
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    assert not grave, [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in grave]


def test_removing_asks_first(browser_page: Page, address: str) -> None:
    browser_page.goto(f"{address}/3")
    browser_page.locator("#remove").click()
    browser_page.get_by_role("button", name="Niet verwijderen").click()
    assert browser_page.locator("#remove-dialog").is_hidden()
    browser_page.locator("#remove").click()
    browser_page.get_by_role("button", name="Verwijderen", exact=True).click()
    browser_page.wait_for_url("**/oefenen")
    answer = browser_page.goto(f"{address}/3")
    assert answer is not None
    assert answer.status == 404


def test_a_dispute_is_written_on_the_page(browser_page: Page, address: str) -> None:
    browser_page.goto(f"{address}/2")
    passed = next(each for each in judged(WITH_FAILS)[1].findings if each.verdict == "unsure" or each is _FAIL)
    finding = browser_page.locator(f"#r-{passed.rule_id}")
    finding.locator(".wrong > summary").click()
    finding.get_by_label("Wat klopt er niet?").fill("Ik zei dat wel.")
    finding.get_by_role("button", name="Naar de coach sturen").click()
    finding.get_by_text("Wacht op antwoord van de coach.").wait_for()
    assert finding.get_by_text("Ik zei dat wel.").is_visible()


# ---- the modules by themselves


def test_marks_that_would_cover_each_other_stand_above_each_other(call_page: Page) -> None:
    marks = [{"verdict": verdict, "start_s": start_s} for verdict, start_s in
             [("pass", 0), ("fail", 0.5), ("unsure", 1), ("pass", 1.2), ("pass", 1.4), ("pass", 60)]]  # fmt: skip
    placed = _from_module(call_page, "timeline.js", "it.placeMarks(argument, 10)", marks)
    assert [(each["at"], each["row"], len(each["marks"])) for each in placed] == [
        (0, 2, 1), (0.5, 0, 1), (1, 1, 1), (1.2, 3, 2), (60, 0, 1),
    ]  # fmt: skip
    assert sum(len(each["marks"]) for each in placed) == len(marks)
    apart = _from_module(call_page, "timeline.js", "it.placeMarks(argument, 200)", marks)
    assert {each["row"] for each in apart} == {0}


@pytest.mark.parametrize(
    ("duration_s", "px_per_s", "expected"),
    [(72, 16, [0, 5, 10]), (600, 1.8, [0, 60, 120]), (600, 80, [0, 1, 2]), (3, 0.1, [0])],
)
def test_ticks_stand_where_people_count(
    call_page: Page, duration_s: float, px_per_s: float, expected: list[int]
) -> None:
    made = _from_module(call_page, "timeline.js", "it.ticks(argument[0], argument[1])", [duration_s, px_per_s])
    assert made[:3] == expected


def test_the_word_of_a_moment_is_found(call_page: Page) -> None:
    found = _from_module(
        call_page, "transcript.js", "argument.map((at) => it.lastBefore([0.5, 1, 2.5], at))", [0, 0.5, 0.9, 2.4, 2.5, 9]
    )
    assert found == [-1, 0, 0, 1, 2, 2]


def test_the_chart_leaves_out_calls_without_a_score(call_page: Page) -> None:
    attempts = [{"score": score} for score in (0, None, 100)]
    made = _from_module(call_page, "compare.js", "it.points(argument).map((each) => [each.x, each.y])", attempts)
    assert [x for x, _ in made] == sorted(x for x, _ in made)
    assert len(made) == 2
    assert made[0][1] > made[1][1]


@pytest.mark.parametrize(("seconds", "written"), [(0, "0:00"), (71.9, "1:11"), (3725, "1:02:05")])
def test_the_clock_writes_as_reports_do(call_page: Page, seconds: float, written: str) -> None:
    assert _from_module(call_page, "player.js", "it.clock(argument)", seconds) == written
