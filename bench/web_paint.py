"""How soon a page of `belscore serve` shows: first and largest contentful paint in Chromium, with an empty cache.

Without --store a call of ten minutes is made up (labelled dialogues one after the other, with noise for sound), and its
feedback page is measured. With it, any page over that store, as a coach sees it; the store itself is copied first.

    python bench/web_paint.py
    python bench/web_paint.py --store STORE --page /gesprekken [--runs 7] [--slow 4]

Times are in ms from the request. --slow makes the browser's processor so many times slower, as that of a cheap phone.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from belscore import load_rules, parse_call, score_call
from belscore.call import Call, Sound, Turn, Word
from belscore.recordings_folder import FOLDER_NAME, SOUNDS
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.database import open_store
from belscore.store.recordings import Kept, keep_recording
from belscore.store.rule_sets import keep_rules
from belscore.store.users import add_user, find_user, start_session

DIALOGUES = Path(__file__).parents[1] / "tests/dialogues"
MINUTES = 10.0
RATE_HZ = 16_000
LIMIT_MS = 1000.0
_POINTS = 1200
_COACH = "meting"
_ADDRESS = re.compile(r"http://\S+")
# What the browser measured of itself; the largest paint is told until the page is left alone.
_MEASURED = """() => new Promise((done) => {
  const told = {largest: 0};
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) told.largest = each.startTime;
  }).observe({type: "largest-contentful-paint", buffered: true});
  setTimeout(() => {
    const [page] = performance.getEntriesByType("navigation");
    const first = performance.getEntriesByName("first-contentful-paint")[0];
    done({...told, first: first ? first.startTime : NaN, response: page.responseEnd,
          ready: page.domContentLoadedEventEnd, bytes: page.encodedBodySize,
          elements: document.querySelectorAll("*").length});
  }, 700);
})"""


def long_call(minutes: float = MINUTES) -> Call:
    """Labelled dialogues one after the other until the time is full."""
    turns: list[Turn] = []
    offset_s = 0.5
    for path in sorted(DIALOGUES.glob("*.call"))[::7]:
        said = parse_call(path.read_text(encoding="utf-8"))
        turns += [_later(turn, offset_s) for turn in said.turns]
        offset_s = max(turn.end_s for turn in turns) + 2.0
        if offset_s >= 60 * minutes:
            break
    draw = np.random.default_rng(1)
    sounds = {
        role: Sound((), (), tuple(int(each) for each in draw.integers(0, 600, _POINTS))) for role in ("agent", "caller")
    }
    turns = [turn for turn in turns if turn.end_s < 60 * minutes]
    return Call("lang.wav", 60 * minutes, tuple(turns), agent="Meting", sound=sounds)


def _later(turn: Turn, by_s: float) -> Turn:
    words = tuple(Word(word.text, word.start_s + by_s, word.end_s + by_s, word.probability) for word in turn.words)
    return replace(turn, start_s=turn.start_s + by_s, end_s=turn.end_s + by_s, words=words)


def make_store(folder: Path) -> int:
    """A store with the long call and its sound; returns how many words it has."""
    rules, call = load_rules(), long_call()
    sounds = folder / FOLDER_NAME / SOUNDS
    sounds.mkdir(parents=True)
    noise = np.random.default_rng(2).integers(-900, 900, size=(int(call.duration_s * RATE_HZ), 2), dtype=np.int16)
    with wave.open(str(sounds / "lang.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(noise.tobytes())
    with open_store(folder / "bench.db") as store, store.write() as connection:
        judged = Judged(score_call(call, rules=rules), keep_rules(connection, rules))
        call_id = add_call(connection, "0" * 64, call, judged, Exchange())
        keep_recording(connection, call_id, Kept("lang.wav", (sounds / "lang.wav").stat().st_size, is_copy=False))
    return sum(len(turn.words) for turn in call.turns)


def coach_session(path: Path) -> str:
    """Let a coach in without a password: what stands in the cookie."""
    with open_store(path) as store, store.write() as connection:
        user = find_user(connection, _COACH) or add_user(connection, name=_COACH, role="coach", actor="bench")
        return start_session(connection, user)


@contextmanager
def served(store: Path) -> Iterator[str]:
    """A server on the store; its address."""
    command = [sys.executable, "-c", "from belscore.cli import main; main()", "serve", "--store", str(store)]
    process = subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in islice(process.stderr, 50):
            if found := _ADDRESS.search(line):
                yield found[0].rstrip("/")
                return
        raise SystemExit("the server did not start")
    finally:
        process.terminate()
        process.wait(20)


def measure(address: str, page: str, session: str, *, runs: int, slow: float) -> list[dict[str, Any]]:
    """Open a page so many times, each in surroundings of its own. The first, which warms the server, is left out."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("BELSCORE_CHROMIUM") or shutil.which("chromium")
    measured = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(runs + 1):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "belscore_session", "value": session, "url": address}])
            tab = context.new_page()
            context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": slow})
            answer = tab.goto(f"{address}{page}")
            if answer is None or answer.status != 200:
                raise SystemExit(f"{page}: {answer.status if answer else 'no answer'}")
            measured.append(tab.evaluate(_MEASURED))
            context.close()
        browser.close()
    return measured[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="SQLite store; a call of ten minutes is made up without one")
    parser.add_argument("--page", default="/gesprekken/1", help="address of the page (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--slow", type=float, default=1.0, help="slow the processor of the browser down by this")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        store = Path(made) / "bench.db"
        if asked.store is None:
            print(f"made up: {MINUTES:.0f} minutes, {make_store(Path(made))} words")
        else:
            shutil.copy(asked.store, store)
        session = coach_session(store)
        with served(store) as address:
            told = measure(address, asked.page, session, runs=asked.runs, slow=asked.slow)
    kib, load = told[0]["bytes"] / 1024, os.getloadavg()[0]
    print(f"{asked.page}: {kib:.0f} KiB, {told[0]['elements']} elements; load of the machine {load:.1f}")
    for key, name in (
        ("response", "answer"),
        ("first", "first paint"),
        ("largest", "largest paint"),
        ("ready", "ready"),
    ):
        times = [each[key] for each in told]
        print(f"  {name:14} median {statistics.median(times):6.0f} ms, worst {max(times):6.0f} ms")
    if statistics.median(each["first"] for each in told) > LIMIT_MS:
        raise SystemExit(f"first paint takes longer than {LIMIT_MS:.0f} ms")


if __name__ == "__main__":
    main()
