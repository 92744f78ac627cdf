"""Twenty people who hand in a call at once, while pages are asked for again and again: bench/web_load.py [PEOPLE].

Starts `belscore serve` with the default model on a store of its own, lets PEOPLE users (20) each send a sample of
about a minute and follow it as the page does, and prints as JSON how many were accepted and scored, how long that
took, and how long the pages took meanwhile (median, 95th percentile and longest, in ms) and before. Exits 1 when
something was not scored, or a page took over LIMIT_MS.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from belscore.store.database import open_store
from belscore.store.users import Role, add_user, start_session
from belscore.web.site import SESSION_COOKIE

SAMPLE = Path(__file__).parent.parent / "samples" / "calls" / "afspraak-goed.wav"
# Issue 8: pages answer under it while twenty people hand in.
LIMIT_MS = 300.0
QUIET_S = 10.0
PAUSE_S = 0.05
LONGEST_S = 3600.0


def add_people(store: Path, count: int) -> tuple[list[str], str]:
    """Sessions of `count` trainees, and of a coach."""
    with open_store(store) as opened, opened.write() as connection:

        def session(name: str, role: Role) -> str:
            return start_session(connection, add_user(connection, name=name, role=role, actor="bench"))

        return [session(f"leerling {number}", "trainee") for number in range(count)], session("coach", "coach")


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """The address of a server on a store."""
    command = [str(Path(sys.executable).with_name("belscore")), "serve", "--store", str(store), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().strip().rstrip("/")
        finally:
            process.terminate()


def browser(address: str, session: str) -> httpx.Client:
    return httpx.Client(base_url=address, cookies={SESSION_COOKIE: session}, timeout=60)


def hand_in(address: str, session: str) -> dict[str, Any]:
    """Announce, send and follow one recording; what came of it, and when it was accepted."""
    began_s = time.perf_counter()
    with browser(address, session) as client:
        asked = {"name": SAMPLE.name, "size_bytes": SAMPLE.stat().st_size}
        token = client.post("/api/uploads", json=asked).raise_for_status().json()["token"]
        client.put(f"/api/uploads/{token}/content", content=SAMPLE.read_bytes()).raise_for_status()
        accepted_s = time.perf_counter() - began_s
        told: dict[str, Any] = {}
        with client.stream("GET", f"/api/uploads/events?token={token}", timeout=LONGEST_S) as events:
            for line in events.iter_lines():
                if line.startswith("data: {"):
                    told = json.loads(line.removeprefix("data: "))
                elif line == "event: end":
                    break
    return {**told, "accepted_s": accepted_s, "scored_s": time.perf_counter() - began_s}


def ask_pages(address: str, asked: Sequence[tuple[str, str]], until: threading.Event) -> dict[str, list[float]]:
    """Ask for pages in turn until told to stop; how long each took, in ms."""
    took: dict[str, list[float]] = {path: [] for path, _ in asked}
    clients = {session: browser(address, session) for _, session in asked}
    while not until.is_set():
        for path, session in asked:
            began_s = time.perf_counter()
            clients[session].get(path).raise_for_status()
            took[path].append((time.perf_counter() - began_s) * 1000)
            time.sleep(PAUSE_S)
    return took


def told_of(took: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    return {
        path: {
            "asked": len(each),
            "median_ms": round(statistics.median(each), 1),
            "p95_ms": round(sorted(each)[int(len(each) * 0.95)], 1),
            "max_ms": round(max(each), 1),
        }
        for path, each in took.items()
    }


def measure(address: str, trainees: list[str], coach: str) -> dict[str, Any]:
    first = hand_in(address, trainees[0])
    pages = [("/oefenen", trainees[0]), (str(first["href"]), trainees[0]), ("/gesprekken", coach)]
    with browser(address, coach) as client:
        pages = [(path, who) for path, who in pages if client.get(path).status_code == 200]
    with ThreadPoolExecutor(len(trainees) + 1) as threads:
        quiet = threading.Event()
        threading.Timer(QUIET_S, quiet.set).start()
        before = ask_pages(address, pages, quiet)
        over, began_s = threading.Event(), time.perf_counter()
        meanwhile = threads.submit(ask_pages, address, pages, over)
        made = [*threads.map(lambda session: hand_in(address, session), trainees)]
        all_s = time.perf_counter() - began_s
        over.set()
    return {
        "people": len(trainees),
        "scored": sum(each["state"] == "done" for each in made),
        "accepted_within_s": round(max(each["accepted_s"] for each in made), 1),
        "alone_s": round(first["scored_s"], 1),
        "all_scored_s": round(all_s, 1),
        "pages_before": told_of(before),
        "pages_meanwhile": told_of(meanwhile.result()),
        "load_average": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "belscore.db"
        trainees, coach = add_people(store, people)
        with serving(store) as address:
            result = measure(address, trainees, coach)
    print(json.dumps(result, indent=1))
    slowest = max(each["max_ms"] for each in result["pages_meanwhile"].values())
    sys.exit(0 if result["scored"] == people and slowest <= LIMIT_MS else 1)


if __name__ == "__main__":
    main()
