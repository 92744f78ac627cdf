"""For every test: no network, and nothing of the person who runs it is read or written."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from belscore import rulebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from belscore.word_cache import WordCache
    from postgres_server import PostgresServer
    from practice_site import Site

# Modules of helpers that need packages of requirements-checks.lock: looking for doctests imports every module.
collect_ignore = [] if find_spec("joserfc") else ["oidc_provider.py"]
REPOSITORY = Path(__file__).resolve().parent.parent
_LOOPBACK = ("127.", "::1", "localhost")
# A set with its compiled phrases takes tens of megabytes; tests that change rules use two or three in turn.
_SETS_KEPT = 4


def _remembered(load: Callable[..., rulebook.RuleSet]) -> Callable[..., rulebook.RuleSet]:
    """`load_rules` that reads a set again only where a name or a byte of its files differs.

    Reading and compiling a set takes half a second, which hundreds of tests would each spend.
    """
    kept: dict[tuple[object, ...], rulebook.RuleSet] = {}

    @wraps(load)
    def load_rules(folder: Path | None = None, *, drafts: bool = False) -> rulebook.RuleSet:
        root = (folder or rulebook.default_folder()).resolve()
        key = (root, drafts, *(_contents(each) for each in sorted({root, rulebook.default_folder().resolve()})))
        if key in kept:
            kept[key] = kept.pop(key)
        else:
            kept[key] = load(folder, drafts=drafts)
            if len(kept) > _SETS_KEPT:
                del kept[next(iter(kept))]
        return kept[key]

    return load_rules


def _contents(folder: Path) -> tuple[tuple[str, bytes | None], ...]:
    """Every name in a folder, with the bytes of each file of rules; () where there is none."""
    return tuple(
        (str(path), path.read_bytes() if path.suffix == ".toml" and path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    )


# Before any other module of belscore takes it over by name.
pytest.MonkeyPatch().setattr(rulebook, "load_rules", _remembered(rulebook.load_rules))


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home of its own and clients that stay offline, for the tests and for the processes that they start."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in [name for name in os.environ if name.startswith("XDG_")]:
            patch.delenv(name)
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("NUMBA_CACHE_DIR", str(home))
        # What one test recognises no other finds; those of the cache itself make their own.
        patch.setenv("BELSCORE_CACHE", str(home / "cache"))
        patch.setenv("BELSCORE_CACHE_DAYS", "0")
        yield


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A run in the background ignores SIGINT, and hands that down to the processes whose stopping is tested."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """A test that connects to another machine fails where it does so."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            assert isinstance(address, tuple)
            assert str(address[0]).startswith(_LOOPBACK), f"a test connects to {address[0]}"
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


@pytest.fixture
def own_word_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WordCache:
    """A cache of words that nobody has used yet, as the user's own, and nothing told of it so far."""
    from belscore import word_cache

    monkeypatch.setattr(word_cache, "_told", set())
    monkeypatch.setenv("BELSCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("BELSCORE_CACHE_DAYS")
    return word_cache.WordCache(tmp_path / "cache" / "words")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages with trainees and a coach; one for all tests of a module, which make calls of their own."""
    from practice_site import practice_site

    with practice_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server of our own; skips where none can be started."""
    from postgres_server import running_server

    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, with a fake microphone; skips where Playwright or Debian's Chromium is not there."""
    from browser import launched

    with launched() as browser:
        yield browser


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that has seen nothing yet. What goes wrong in its scripts fails the test."""
    from browser import new_page

    with new_page(chromium) as page:
        yield page


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a new store may be made, of each kind; with a key for callers' numbers where the store has no file."""
    if request.param == "sqlite":
        return str(tmp_path / "belscore.db")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    monkeypatch.setenv("BELSCORE_HASH_KEY", "k" * 64)
    return server.new_store()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY
