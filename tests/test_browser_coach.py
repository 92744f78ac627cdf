"""The coach's pages in a real browser: the list, reviewing by keyboard, samples, disputes, and a folder of calls."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from belscore.store.comments import add_comment, open_disputes
from belscore.store.database import open_store
from belscore.store.review_samples import Draw, draw_sample
from belscore.store.reviews import Review, latest_reviews
from belscore.store.users import add_user
from belscore.web.passwords import hash_password
from made_store import GREETING, filled_file, made_calls
from web_server import RunningServer, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PASSWORD = "drie gele fietsen op de dijk"
# More than one page of the list.
CALLS = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with 60 calls, a dispute and a sample, and a coach who may log in."""
    folder = tmp_path_factory.mktemp("server")
    made = made_calls([True] * 30) + made_calls([False] * 30, agent="Bob", department="Poli", first=30)
    filled_file(folder / "belscore.db", made)
    with open_store(folder / "belscore.db") as store, store.write() as connection:
        hashed = hash_password(PASSWORD, name="carla")
        add_user(connection, name="carla", role="coach", actor="test", password_hash=hashed)
        add_comment(connection, call_id=31, author="Bob", author_is="agent", text="Ik groette wel.", rule_id=GREETING,
                    dispute=True)  # fmt: skip
        draw_sample(connection, "proef", Draw(2, rule=GREETING, agent="Bob"), made_by="carla")
        draw_sample(connection, "blind", Draw(1, seed=3, rule=GREETING, agent="Anja"), made_by="carla")
    with running(folder, arguments=["--recordings", str(folder / "recordings")]) as started:
        yield started


@pytest.fixture(scope="module")
def session(server: RunningServer, chromium: Browser) -> dict[str, object]:
    """What a browser keeps of somebody who is logged in."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{server.address}/inloggen")
    page.fill("#name", "carla")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/gesprekken")
    kept = context.storage_state()
    context.close()
    return dict(kept)


@pytest.fixture
def page(chromium: Browser, session: dict[str, object]) -> Iterator[Page]:
    from browser import new_page

    with new_page(chromium, storage_state=session, viewport={"width": 1280, "height": 800}) as made:
        yield made


def _reviews(server: RunningServer, call_id: int) -> list[Review]:
    with open_store(server.folder / "belscore.db") as store, store.read() as connection:
        return latest_reviews(connection, call_ids=[call_id])


def test_choosing_a_filter_changes_the_list_and_its_address(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken")
    page.select_option("#f-afdeling", "Poli")
    page.wait_for_url("**/gesprekken?afdeling=Poli")
    assert page.locator("#calls tbody tr").count() == 30
    assert page.evaluate("document.activeElement.id") == "f-afdeling"
    page.fill("#f-tekst", "31.wav")
    page.press("#f-tekst", "Enter")
    page.wait_for_url("**tekst=31.wav**")
    assert page.locator("#calls tbody tr").count() == 1
    page.locator(".chip", has_text="31.wav").click()
    page.wait_for_url("**/gesprekken?afdeling=Poli")


def test_keys_walk_through_the_list_to_a_call_and_back(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken?sorteer=datum&volgorde=op")
    page.keyboard.press("n")
    page.wait_for_url("**pagina=2**")
    assert page.locator("#calls tbody tr").count() == CALLS - 50
    for key in "jjk":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url("**/gesprekken/51")
    place = page.locator("#review .place")
    place.filter(has_text="51 van 60").wait_for()
    page.keyboard.press("n")
    page.wait_for_url("**/gesprekken/52")
    page.locator("#review a.back[href*='pagina=2']").click()
    page.wait_for_url("**/gesprekken?*pagina=2*")


def test_coach_agrees_by_key_and_goes_on_with_the_next_finding(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken/40")
    standing = page.locator("#review .standing")
    asked = page.locator(".review.to-say").count()
    assert asked > 2
    page.keyboard.press("j")
    page.keyboard.press("a")
    standing.filter(has_text=f"Nog {asked - 1} van de {asked}").wait_for()
    # The next one has the focus: nothing else was agreed with on the way.
    page.keyboard.press("a")
    standing.filter(has_text=f"Nog {asked - 2} van de {asked}").wait_for()
    kept = _reviews(server, 40)
    assert len(kept) == 2
    assert all(each.agrees and each.coach == "carla" for each in kept)


def test_coach_says_otherwise_with_a_reason_by_keyboard_alone(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken/41#r-{GREETING}")
    page.locator(f"#r-{GREETING} > summary").focus()
    page.keyboard.press("o")
    page.keyboard.press("Enter")
    page.locator("#review .told.bad").wait_for()
    assert not _reviews(server, 41)
    page.keyboard.type("ao groette aan het begin")
    page.keyboard.press("Enter")
    page.locator("#review .told:not(.bad)", has_text="Vastgelegd").wait_for()
    [review] = _reviews(server, 41)
    assert (review.verdict, review.machine, review.reason) == ("pass", "fail", "ao groette aan het begin")
    page.reload()
    assert "ao groette aan het begin" in page.locator(f"#r-{GREETING} .said-line").inner_text()


def test_what_was_said_is_changed_by_saying_otherwise(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken/42")
    slot = page.locator(f"[data-review={GREETING}]")
    slot.locator("[data-do=other]").click()
    slot.locator("textarea").fill("toch goed")
    slot.locator("button.primary").click()
    slot.locator(".verdict.pass").wait_for()
    slot.locator("[data-do=agree]").click()
    slot.locator(".verdict.fail").wait_for()
    [review] = _reviews(server, 42)
    assert review.verdict == "fail"


def test_agreeing_with_all_that_is_left_takes_one_press(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken/43")
    page.locator("[data-do=all]").click()
    page.locator("#review .standing", has_text="Alles in dit gesprek").wait_for()
    assert len(_reviews(server, 43)) > 3


def test_sample_goes_from_call_to_call_and_ends(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/steekproeven")
    page.locator("section", has_text="proef").get_by_role("link", name="Volgende gesprek").click()
    for left in (1, 0):
        page.wait_for_url("**/gesprekken/*?steekproef=1")
        at = page.url
        page.locator("#review .sample-left", has_text=f"nog {left + 1} van de 2").wait_for()
        assert page.locator(".review.to-say").count() == 1
        page.keyboard.press("j")
        while page.evaluate("document.activeElement.closest('.finding')?.id") != f"r-{GREETING}":
            page.keyboard.press("j")
        page.keyboard.press("a")
        page.locator("#review .sample-left", has_text=f"nog {left} van de 2").wait_for()
        page.keyboard.press("n")
        page.wait_for_function("(at) => location.href !== at", arg=at)
    page.wait_for_url("**/steekproeven?klaar=proef")


def test_blind_review_shows_the_verdict_of_the_program_only_afterwards(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/steekproeven")
    page.locator("section", has=page.get_by_role("heading", name="blind", exact=True)).get_by_role(
        "link", name="Blind nakijken"
    ).click()
    page.wait_for_url("**/steekproeven/2/*")
    assert page.locator(".verdict").count() == 0
    page.keyboard.press("j")
    page.keyboard.press("2")
    page.locator(".said-line", has_text="Het programma: goed").wait_for()
    call_id = int(page.url.rsplit("/", 1)[1])
    [review] = _reviews(server, call_id)
    assert (review.verdict, review.sample_id) == ("fail", 2)


def test_dispute_is_answered(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken")
    page.get_by_role("link", name="Bezwaren 1").click()
    page.get_by_label("Uw antwoord").fill("Ik hoor de groet ook.")
    page.get_by_label("Uw oordeel").select_option("pass")
    page.get_by_role("button", name="Antwoord").click()
    page.get_by_text("Er is geen open bezwaar.").wait_for()
    with open_store(server.folder / "belscore.db") as store, store.read() as connection:
        assert not open_disputes(connection)
    [review] = _reviews(server, 31)
    assert review.verdict == "pass"


def test_report_comes_into_its_page(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/rapporten/scores?per=week&minimum=1")
    page.locator(".report-body table").first.wait_for()
    assert page.locator(".report-body svg").count() >= 1
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "rapport-scores.csv"


def test_search_box_of_the_rules_works_as_it_is_typed_in(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/regels")
    page.keyboard.press("/")
    page.keyboard.type("dagdeel")
    page.locator("#found", has_text="regels gevonden").wait_for()
    assert page.locator("li[data-told]:visible").count() < 5


def test_folder_is_handed_in_with_its_table_and_nothing_twice(
    page: Page, server: RunningServer, tmp_path: Path, repository: Path
) -> None:
    folder = tmp_path / "oktober"
    (folder / "balie").mkdir(parents=True)
    sound = min((repository / "samples/calls").glob("*.wav"), key=lambda path: path.stat().st_size)
    for number in range(3):
        # Bytes behind the sound: other content, and the same to listen to.
        (folder / "balie" / f"{number}.wav").write_bytes(sound.read_bytes() + b"\0\0" * number)
    shutil.copy(folder / "balie" / "0.wav", folder / "kopie.wav")
    (folder / "leesmij.txt").write_text("geen geluid")
    (folder / "kapot.wav").write_text("geen geluid")
    rows = [f"balie/{number}.wav,Bob,Poli,2026-10-06T09:1{number},inbound,4" for number in range(3)]
    (folder / "gesprekken.csv").write_text("\n".join(["file,agent,department,started_at,direction,ring_s", *rows]))
    page.goto(f"{server.address}/aanleveren")
    page.set_input_files("#folder", folder)
    page.locator("#chosen", has_text="5 opnamen gekozen").wait_for()
    page.locator("#table-told", has_text="gesprekken.csv").wait_for()
    page.locator("#rows tr", has_text="balie/1.wav").filter(has_text="Poli · Bob").wait_for()
    page.locator("#begin").click()
    page.locator("#standing", has_text="1 niet gelukt, 0 onderweg, van 5").wait_for(timeout=30_000)
    told = page.locator("#standing").inner_text()
    assert told.startswith("4 gescoord") or told.startswith("3 gescoord, 1 al gescoord")
    sha256 = hashlib.sha256((folder / "balie" / "1.wav").read_bytes()).hexdigest()
    # Once more, after a reload: all that was scored is told so, and nothing is sent.
    page.reload()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    (folder / "kapot.wav").unlink()
    page.set_input_files("#folder", folder)
    page.locator("#chosen", has_text="4 opnamen gekozen").wait_for()
    page.locator("#begin").click()
    page.locator("#standing", has_text="0 niet gelukt, 0 onderweg, van 4").wait_for()
    page.locator("#rows tr.good").nth(3).wait_for()
    assert not sent
    answer = page.request.post(f"{server.address}/api/deliveries/known", data={"sha256s": [sha256]})
    call_id = answer.json()[sha256]
    page.goto(f"{server.address}/gesprekken?tekst=1.wav&van=2026-10-06&tot=2026-10-06&afdeling=Poli")
    assert page.locator(f"a[href='/gesprekken/{call_id}']").count() == 1


def test_files_are_dropped_and_a_pattern_reads_their_names(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/aanleveren")
    page.fill("#pattern", "{started_at:%Y%m%d-%H%M%S}_{department}_{agent}")
    dropped = page.evaluate_handle(
        """() => {
          const held = new DataTransfer();
          held.items.add(new File(["x"], "20261007-101500_Poli_Bob.wav"));
          held.items.add(new File(["x"], "brief.docx"));
          return held;
        }"""
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    page.locator("#chosen", has_text="1 opnamen gekozen; 1 andere").wait_for()
    page.locator("#rows tr", has_text="2026-10-07 10:15 · Poli · Bob").wait_for()
    page.fill("#pattern", "{agent}{department}")
    page.press("#pattern", "Tab")
    page.locator("#wrong", has_text="patroon").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_pages_fit_and_have_no_serious_fault_for_who_cannot_see_well(
    chromium: Browser, session: dict[str, object], server: RunningServer, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    from browser import new_page

    size = {"width": width, "height": 800}
    addresses = ["/gesprekken?bezwaren=eerst", "/gesprekken/44", "/bezwaren", "/steekproeven", "/ijking",
                 "/rapporten/scores?per=week&minimum=1", "/regels", f"/regels/{GREETING}", "/aanleveren"]  # fmt: skip
    with new_page(chromium, storage_state=session, viewport=size, color_scheme=scheme, bypass_csp=True) as page:
        for address in addresses:
            page.goto(server.address + address, wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            found = Axe().run(page).response["violations"]
            serious = [each for each in found if each["impact"] in ("serious", "critical")]
            told = [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in serious]
            assert not told, (address, told)


def test_keys_can_be_turned_off_and_stay_so(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/gesprekken")
    page.get_by_label("toetsen staan aan").uncheck()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_label("toetsen staan aan").check()
    page.locator("h1").click()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('th') !== null")
