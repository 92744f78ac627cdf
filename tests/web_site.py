"""The pages inside a test's own process: no port, no workers, a made scorer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from belscore.batch.judging import judging_of
from belscore.cli.work import Settings
from belscore.reports.charts import draw
from belscore.reports.model import Chart, Part
from belscore.store.database import Store, open_store
from belscore.store.users import Role, User, add_user
from belscore.web import app, passwords
from belscore.web.app import make_app, make_site
from belscore.web.chart_process import ChartProcess
from belscore.web.passwords import hash_password
from belscore.web.safety import Safety
from belscore.web.scoring import ScoringQueue
from belscore.web.settings import ServeSettings

PASSWORD = "drie gele fietsen op de dijk"


class Web:
    """A server with its store. `client` gives a browser of its own, logged in or not."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.store: Store = open_store(folder / "belscore.db")
        made = ServeSettings(str(folder / "belscore.db"), folder / "recordings", Settings(cache=False), **settings)
        self.site = make_site(made, self.store)
        self.site.charts = _DrawnHere()
        self.app = make_app(self.site, make_queue=_Idle)

    @property
    def fastapi(self) -> FastAPI:
        """The application inside its middleware."""
        assert isinstance(self.app, Safety)
        assert isinstance(self.app.app, FastAPI)
        return self.app.app

    def add(self, name: str, role: Role = "trainee") -> User:
        """Somebody who may log in with PASSWORD."""
        with self.store.write() as connection:
            return add_user(connection, name=name, role=role, actor="test", password_hash=_hash())

    def client(self, name: str | None = None) -> TestClient:
        """A browser; logged in when somebody is named."""
        client = TestClient(self.app, base_url="http://localhost", follow_redirects=False)
        if name is not None:
            answer = client.post("/inloggen", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return client


@cache
def _hash() -> str:
    return hash_password(PASSWORD, name="iemand")


@cache
def _quick_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)


# A good hash takes a third of a second, and many tests log in.
passwords._hasher = _quick_hasher
# Reading the rules takes a second; they are the same for all tests.
vars(app)["judging_of"] = cache(judging_of)


class _DrawnHere(ChartProcess):
    """Draws in this process: to start another takes seconds."""

    def draw(self, part: Part, chart: Chart) -> str:
        return draw(part, chart)


class _Idle(ScoringQueue):
    """Scores nothing: tests put calls into the store themselves."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@contextmanager
def web(folder: Path, **settings: Any) -> Iterator[Web]:
    """A server for a block, over before the store is closed."""
    made = Web(folder, **settings)
    for part in (made.site.incoming, made.site.sounds, made.site.work):
        part.mkdir(parents=True)
    with made.store:
        yield made
