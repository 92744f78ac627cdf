"""A role play in a real browser: a fake microphone answers, the lines are played, and the call gets its page."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from browser import another, new_page
from web_server import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def _murmur(path: Path) -> Path:
    """Somebody who says ten words in five seconds and is silent for the rest of a minute."""
    rng = np.random.default_rng(1)
    word = np.concatenate([rng.normal(0, 4000, 5000), rng.normal(0, 3, 3000)])
    sound = np.concatenate([*[word] * 10, rng.normal(0, 3, 55 * 16000)])
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(np.clip(sound, -32000, 32000).astype("<i2").tobytes())
    return path


def test_caller_answers_after_a_silence_and_by_hand_and_the_call_is_scored(chromium: Browser, tmp_path: Path) -> None:
    with (
        running(tmp_path, arguments=["--practice"]) as server,
        another(chromium, microphone=_murmur(tmp_path / "mic.wav")) as browser,
        new_page(browser) as page,
    ):
        page.goto(f"{server.address}/rollenspel")
        page.click("text=De verkeerde naam")
        page.wait_for_selector("[data-ready]")
        page.keyboard.press("Tab")
        page.click("#start")
        page.wait_for_selector("[data-turn=caller]", timeout=15_000)
        assert page.inner_text("#said").startswith("Dag, u spreekt met mevrouw De Wit.")
        page.wait_for_selector("[data-turn=agent]", timeout=30_000)
        assert page.inner_text("#count") == "1 / 5"
        assert "goede naam" in page.inner_text("#hint")
        page.focus("#next")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-turn=caller]")
        page.click("#stop")
        page.wait_for_selector("#hand-in:visible")
        page.wait_for_function("document.getElementById('heard').duration > 10")
        page.click("#hand-in")
        page.wait_for_url("**/gesprekken/*", timeout=30_000)
        assert "De verkeerde naam" in page.inner_text("h1")


def test_without_a_microphone_it_says_what_to_do(chromium: Browser, tmp_path: Path) -> None:
    with (
        running(tmp_path, arguments=["--practice"]) as server,
        new_page(chromium, permissions=[]) as page,
    ):
        page.add_init_script(
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
        )
        page.goto(f"{server.address}/rollenspel/klacht")
        page.wait_for_selector("[data-ready]")
        page.click("#start")
        page.wait_for_selector("#told.bad")
        assert "Sta hem toe" in page.inner_text("#told")
        assert page.is_visible("#start")
