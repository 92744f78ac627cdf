"""How long coaches wait for their pages over a store of 30,000 calls: the list by every filter, and the reports.

The store is copied first. Each page is asked once to warm the server, then so many times; times are in ms at the
client, on the same machine, beside the processor time of the server, which holds on a busy machine too. Of the reports
it tells how long the list takes while each is being made.

    python bench/month.py build/month.db
    python bench/web_list.py build/month.db [--runs 15] [--no-reports]
    python bench/web_paint.py --store build/month.db --page /gesprekken
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from pathlib import Path

import httpx

from belscore.reports.catalog import REPORTS
from web_paint import coach_session, served

LIST_MS, MEANWHILE_MS = 100.0, 300.0
PAGES = (
    "/gesprekken",
    "/gesprekken?pagina=300",
    "/gesprekken?pagina=600",
    "/gesprekken?sorteer=score",
    "/gesprekken?sorteer=score&volgorde=op&pagina=300",
    "/gesprekken?sorteer=duur",
    "/gesprekken?afdeling=Polikliniek+07",
    "/gesprekken?medewerker=Medewerker+07-1",
    "/gesprekken?van=2026-10-12&tot=2026-10-18",
    "/gesprekken?regel=opening-begroeting&oordeel=fail",
    "/gesprekken?situatie=klacht&sorteer=score",
    "/gesprekken?score_van=40&score_tot=60",
    "/gesprekken?afloop=appointment&richting=inbound",
    "/gesprekken?tekst=-27",
    "/gesprekken?nagekeken=nee&bezwaren=eerst",
)
OTHERS = (
    "/api/calls/15000/place",
    "/api/calls/15000/place?sorteer=score",
    "/bezwaren",
    "/steekproeven",
    "/ijking",
    "/regels",
)


def timed(client: httpx.Client, address: str) -> float:
    """Milliseconds until the whole answer is there."""
    start_s = time.perf_counter()
    answer = client.get(address)
    took_ms = 1000 * (time.perf_counter() - start_s)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return took_ms


def told(client: httpx.Client, page: str, runs: int) -> float:
    """Print how long a page takes, and give the median."""
    timed(client, page)
    before_ms = server_ms()
    times = [timed(client, page) for _ in range(runs)]
    of_server = (server_ms() - before_ms) / runs
    median = statistics.median(times)
    print(f"{page:56} median {median:4.0f} ms, worst {max(times):4.0f} ms, processor {of_server:3.0f} ms")
    return median


def server_ms() -> float:
    """Processor time that child processes have used so far, in ms (proc(5), fields 4, 14 and 15)."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                ticks += int(fields[11]) + int(fields[12])
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def of_report(client: httpx.Client, address: str, name: str) -> float:
    """Ask for a report, and for the list all the while; the longest time of the list."""
    times: list[float] = []
    done = threading.Event()

    def look() -> None:
        with httpx.Client(base_url=address, cookies=client.cookies, timeout=60) as other:
            while not done.is_set():
                times.append(timed(other, "/gesprekken"))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        took_ms = timed(client, f"/rapporten/{name}/inhoud")
    finally:
        done.set()
        looking.join()
    again_ms = timed(client, f"/rapporten/{name}/inhoud")
    print(
        f"{'/rapporten/' + name:30} made in {took_ms:6.0f} ms, again {again_ms:4.0f} ms; "
        f"the list meanwhile: median {statistics.median(times):4.0f} ms, worst {max(times):4.0f} ms, of {len(times)}"
    )
    return max(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--no-reports", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "bench.db"
        # Also what its log holds, when a server has it open.
        with sqlite3.connect(asked.store) as source, sqlite3.connect(store) as copy:
            source.backup(copy)
        key = asked.store.with_name(asked.store.name + ".hash-key")
        if key.exists():
            shutil.copy(key, store.with_name(store.name + ".hash-key"))
        cookies = {"belscore_session": coach_session(store)}
        with served(store) as address, httpx.Client(base_url=address, cookies=cookies, timeout=60) as client:
            print(f"load of the machine {os.getloadavg()[0]:.1f}")
            took = {page: told(client, page, asked.runs) for page in (*PAGES, *OTHERS)}
            slow = [page for page in PAGES if took[page] > LIST_MS]
            made = () if asked.no_reports else REPORTS
            slow += [name for name in made if of_report(client, address, name) > MEANWHILE_MS]
    if slow:
        raise SystemExit(f"too slow: {', '.join(slow)}")


if __name__ == "__main__":
    main()
