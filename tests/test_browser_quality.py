"""Every page for everybody: no serious issue by axe-core, nothing cut off at 360 px, all of it by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from belscore.store.comments import add_comment
from belscore.store.database import open_store
from belscore.store.users import add_user
from belscore.web.passwords import hash_password
from browser import new_page
from stored_calls import put_in, scored_dialogues
from web_server import RunningServer, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PASSWORD = "drie gele fietsen op de dijk"
PAGES = (
    "/oefenen", "/rollenspel", "/rollenspel/klacht", "/gesprekken", "/gesprekken/1", "/gesprekken/3", "/bezwaren",
    "/rapporten", "/rapporten/scores", "/steekproeven", "/ijking", "/regels", "/regels/klacht-begrip", "/aanleveren",
    "/mensen", "/wachtwoord", "/nergens",
)  # fmt: skip
_SERIOUS = ("serious", "critical")
# Everything that can be worked with and is shown, by what a screen reader would call it.
_WORKABLE = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls], [tabindex="0"]')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.disabled
    && !(each.type === 'radio' && !each.checked) && each.tabIndex >= 0)
  .map((each, place) => { each.dataset.place = place; return place; }).length"""
_FOCUSED = "() => document.activeElement?.dataset?.place ?? null"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with some calls, a dispute and an admin, who sees all pages."""
    folder = tmp_path_factory.mktemp("quality")
    with open_store(folder / "belscore.db") as store:
        from belscore.store.tables import calls

        ids = put_in(store, scored_dialogues())
        with store.write() as connection:
            connection.execute(update(calls).values(agent="Anja", department="balie"))
            add_user(
                connection, name="baas", role="admin", actor="test", password_hash=hash_password(PASSWORD, name="baas")
            )
            rule = scored_dialogues()[0][1].findings[0].rule_id
            add_comment(
                connection,
                call_id=ids[0],
                author="Anja",
                author_is="agent",
                text="Dit zei ik wel.",
                rule_id=rule,
                dispute=True,
            )
    with running(folder) as made:
        yield made


def _log_in(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.address}/inloggen")
    page.fill("#name", "baas")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/gesprekken**")


@pytest.fixture(scope="module")
def state(chromium: Browser, server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A browser that is logged in, to begin each test with."""
    path = tmp_path_factory.mktemp("state") / "state.json"
    with new_page(chromium) as page:
        _log_in(page, server)
        page.context.storage_state(path=path)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_issue(chromium: Browser, server: RunningServer, state: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here: run `make test-web`").Axe()
    told = []
    with new_page(chromium, color_scheme=scheme, storage_state=state) as page:
        for address in ("/inloggen", *PAGES):
            page.goto(f"{server.address}{address}")
            page.wait_for_timeout(200)
            found = axe.run(page).response["violations"]
            told += [
                f"{address}: {each['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
                for each in found
                if each["impact"] in _SERIOUS
                for node in each["nodes"][:3]
            ]
    assert not told, "\n".join(told)


def test_nothing_is_cut_off_at_360_px(chromium: Browser, server: RunningServer, state: Path) -> None:
    wide = []
    with new_page(chromium, viewport={"width": 360, "height": 740}, storage_state=state) as page:
        for address in PAGES:
            page.goto(f"{server.address}{address}")
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 360:
                wide.append(f"{address}: {width} px")
    assert not wide


@pytest.mark.parametrize("address", PAGES)
def test_everything_is_reached_with_the_keyboard_alone(
    chromium: Browser, server: RunningServer, state: Path, address: str
) -> None:
    with new_page(chromium, storage_state=state) as page:
        page.goto(f"{server.address}{address}")
        page.wait_for_timeout(200)
        count = page.evaluate(_WORKABLE)
        reached = set()
        for _ in range(min(count + 10, 150)):
            page.keyboard.press("Tab")
            place = page.evaluate(_FOCUSED)
            if place is not None:
                reached.add(int(place))
        missed = set(range(min(count, 140))) - reached
        told = [
            page.locator(f'[data-place="{place}"]').first.evaluate("each => each.outerHTML.slice(0, 150)")
            for place in sorted(missed)[:5]
        ]
        assert not missed, told


@pytest.mark.parametrize("address", PAGES)
def test_page_has_one_heading_a_title_and_a_language(
    chromium: Browser, server: RunningServer, state: Path, address: str
) -> None:
    with new_page(chromium, storage_state=state) as page:
        answer = page.goto(f"{server.address}{address}")
        assert answer is not None
        assert answer.status in (200, 404)
        assert page.locator("h1").count() == 1
        assert page.title().endswith("· belscore")
        assert page.get_attribute("html", "lang") == "nl"
        levels = page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4')].filter(e => e.checkVisibility()).map(e => +e.tagName[1])"
        )
        assert all(after - before <= 1 for before, after in pairwise(levels)), levels
