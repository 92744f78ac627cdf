"""Chromium for tests: Debian's, driven by Playwright, without a network and with a fake microphone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@contextmanager
def launched(*, microphone: Path | None = None) -> Iterator[Browser]:
    """A browser; `microphone` is a WAV file that its microphone hears. Skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright here: run `make test-web`")
    found = os.environ.get("BELSCORE_CHROMIUM") or which("chromium") or which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium here: run `make test-web`, or name one in BELSCORE_CHROMIUM")
    heard = [f"--use-file-for-fake-audio-capture={microphone}"] if microphone else []
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=[*_ARGUMENTS, *_MICROPHONE, *heard])
        yield browser
        browser.close()


@contextmanager
def another(browser: Browser, *, microphone: Path) -> Iterator[Browser]:
    """A second browser beside one that runs: Playwright is started once for all."""
    found = os.environ.get("BELSCORE_CHROMIUM") or which("chromium") or which("chromium-browser")
    heard = f"--use-file-for-fake-audio-capture={microphone}"
    made = browser.browser_type.launch(executable_path=found, args=[*_ARGUMENTS, *_MICROPHONE, heard])
    yield made
    made.close()


@contextmanager
def new_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in surroundings of its own; what its scripts throw, and what its policy refuses, fails the test."""
    context = browser.new_context(**{"locale": "nl-NL", "permissions": ["microphone"], **options})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if "Content Security Policy" in told.text else None)
    yield page
    context.close()
    assert not wrong, wrong
