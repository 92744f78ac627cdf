"""The pictures of the manual, docs/pictures/: the pages of `belscore serve` over a made-up month, in Chromium.

    python bench/pictures.py [--only NAME ...] [--store FOLDER]

`pictures_store.py` makes the store up, with the speech model. --store keeps it, and takes it when it is there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pictures_store import addresses, make_store
from web_paint import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

OUT = Path(__file__).parents[1] / "docs" / "pictures"
MOST_BYTES = 1_200_000
_QUALITY = 80
# What sticks to the edge of the window would lie over the picture of a whole page. A Dutch browser asks for a date with
# dd-mm-jjjj; the one that Debian brings speaks English alone.
_STILL = """() => {
  for (const each of document.querySelectorAll("body *")) {
    if (["sticky", "fixed"].includes(getComputedStyle(each).position)) each.style.position = "static";
  }
  for (const each of document.querySelectorAll("input[type=date]")) {
    each.type = "text";
    each.placeholder = "dd-mm-jjjj";
  }
  scrollTo(0, 0);
}"""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: of which page for whom, from the top of one element to the bottom of another.

    address : of the page; {attempt} is Anja's first practice call of a complaint, {retry} her second, {heard} the call
              with a dispute and {sample} the first sample
    top     : selector of the element that the picture begins with; of the last one, where more match
    bottom  : of the element that it ends with; `most` cuts it off at so many pixels
    before  : what is done on the page first
    """

    name: str
    address: str
    user: str
    top: str = "body"
    bottom: str = "main"
    most: int = 760
    width: int = 1280
    before: Callable[[Page], object] = lambda _page: None


def _open_report(page: Page) -> None:
    page.wait_for_selector("#report:not([aria-busy])", timeout=60_000)
    page.wait_for_selector("#report table")


def _agree(page: Page) -> None:
    """Agree with the first finding, so that what is said and what is still to be said both show."""
    page.locator(".review.to-say button:visible:has-text('Eens')").first.click()
    page.locator(".told:not(:empty)").wait_for()


SHOTS = (
    Shot("oefenen", "/oefenen", "Anja"),
    Shot("feedback", "/gesprekken/{attempt}", "Anja", bottom="#timeline", most=1250),
    Shot(
        "vergelijken", "/gesprekken/{retry}?met={attempt}", "Anja", "section:has(> #eerder)", "section:has(> #eerder)"
    ),
    Shot("telefoon-feedback", "/gesprekken/{attempt}", "Anja", width=360, most=760),
    Shot("gesprekken", "/gesprekken", "Els", most=660),
    Shot("telefoon-gesprekken", "/gesprekken", "Els", ".list", width=360, most=620),
    Shot("nakijken", "/gesprekken/{heard}", "Els", "#review", "main", most=816, before=_agree),
    Shot("steekproeven", "/steekproeven", "Els", most=820),
    Shot("ijking", "/ijking", "Els", most=640),
    Shot("bezwaren", "/bezwaren", "Els"),
    Shot("rapport", "/rapporten/scores", "Els", most=1000, before=_open_report),
    Shot("regel", "/regels/naam-herkenning", "Els", most=660),
    Shot("mensen", "/mensen", "Beheer"),
)


def take(browser: Browser, address: str, sessions: Mapping[str, str], shot: Shot, path: Path) -> None:
    """Open the page and write the picture."""
    size = {"width": shot.width, "height": 900}
    context = browser.new_context(viewport=size, locale="nl-NL", color_scheme="light", reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_cookies([{"name": "belscore_session", "value": sessions[shot.user], "url": address}])
    page = context.new_page()
    answer = page.goto(f"{address}{shot.address}", wait_until="load")
    if answer is None or answer.status != 200:
        raise SystemExit(f"{shot.address}: {answer.status if answer else 'no answer'}")
    page.wait_for_timeout(500)
    shot.before(page)
    page.evaluate(_STILL)
    page.wait_for_timeout(300)
    top, bottom = _box(page.locator(shot.top).last), _box(page.locator(shot.bottom).last)
    begin = max(0.0, top["y"] - (12 if shot.top != "body" else 0))
    height = min(bottom["y"] + bottom["height"] + 12 - begin, shot.most)
    clip = {"x": 0, "y": begin, "width": shot.width, "height": height}
    page.screenshot(path=path, type="jpeg", quality=_QUALITY, full_page=True, clip=clip)  # type: ignore[arg-type]
    context.close()


def _box(element: Locator) -> Any:
    box = element.bounding_box()
    if box is None:
        raise SystemExit(f"{element}: not on the page")
    return box


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=[shot.name for shot in SHOTS], default=[shot.name for shot in SHOTS]
    )
    parser.add_argument("--store", type=Path, help="folder of the made-up store, kept for a next time")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the pictures (default: docs/pictures)")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "store"
        if asked.store is None or not asked.store.exists():
            make_store(asked.store or folder)
        if asked.store is not None:
            # What is said on the pages stays out of the kept one.
            shutil.copytree(asked.store, folder)
        _take_all(folder / "belscore.db", asked.out, asked.only)
    total = sum(path.stat().st_size for path in asked.out.glob("*.jpg"))
    print(f"{total / 1000:.0f} kB in {asked.out}")
    if total > MOST_BYTES:
        raise SystemExit(f"the pictures take more than {MOST_BYTES / 1000:.0f} kB together")


def _take_all(store: Path, out: Path, names: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    sessions, numbers = addresses(store)
    found = os.environ.get("BELSCORE_CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-device-scale-factor=1"]
    with served(store) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        for shot in SHOTS:
            if shot.name in names:
                path = out / f"{shot.name}.jpg"
                take(browser, address, sessions, replace(shot, address=shot.address.format(**numbers)), path)
                print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
