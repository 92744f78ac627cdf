"""The pages in a real browser: they load, and are what they should be for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from web_server import running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_practice_mode_opens_on_practising(browser_page: Page, tmp_path: Path) -> None:
    with running(tmp_path, arguments=["--practice"]) as server:
        browser_page.goto(f"{server.address}/")
        assert browser_page.url == f"{server.address}/oefenen"
        assert browser_page.title() == "Oefenen · belscore"
