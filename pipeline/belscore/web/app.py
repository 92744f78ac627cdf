"""Put the pages together."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from importlib import import_module

from fastapi import FastAPI
from starlette.types import ASGIApp

from belscore import __version__
from belscore.batch.judging import judging_of
from belscore.errors import BelscoreError
from belscore.store.database import Store
from belscore.store.users import User, add_user, find_user, password_hash_of
from belscore.web.folders import sweep_left
from belscore.web.housekeeping import Housekeeping
from belscore.web.problems import add_problem_answers
from belscore.web.safety import Safety
from belscore.web.scoring import ScoringQueue
from belscore.web.settings import MIB, ServeSettings
from belscore.web.site import LOCAL_NAME, Site

# Modules with a `router`, in the order in which they are asked.
ROUTERS = (
    "belscore.web.static",
    "belscore.web.home_pages",
    "belscore.web.login_pages",
    "belscore.web.oidc_pages",
    "belscore.web.people_pages",
    "belscore.web.practise_pages",
    "belscore.web.roleplay_pages",
    "belscore.web.upload_api",
    "belscore.web.sound_api",
    "belscore.web.deliver_pages",
    "belscore.web.report_pages",
    "belscore.web.rule_pages",
    "belscore.web.sample_pages",
    "belscore.web.review_pages",
    "belscore.web.call_list_pages",
    "belscore.web.call_api",
    "belscore.web.downloads",
    "belscore.web.feedback_pages",
)


def make_site(settings: ServeSettings, store: Store) -> Site:
    """Read rules, profile and keys. Raises BelscoreError when one of them is not valid."""
    judging = judging_of(settings.scoring)
    return Site(
        settings, store, store.keys, judging, judging.profile, _local_user(store) if settings.practice else None
    )


def _local_user(store: Store) -> User:
    with store.write() as connection:
        found = find_user(connection, LOCAL_NAME)
        if found is None:
            return add_user(connection, name=LOCAL_NAME, role="trainee", actor="belscore", agent="Oefenaar")
        # Whoever opens the pages is this one: it must be able to do nothing else.
        if found.role != "trainee" or password_hash_of(connection, found.id) is not None:
            do = "use another store, or let people log in"
            raise BelscoreError(f"somebody is called {LOCAL_NAME} here", where=store.name, do=do)
        return found


def make_app(site: Site, *, make_queue: Callable[[Site], ScoringQueue] = ScoringQueue) -> ASGIApp:
    """The whole server as an ASGI application; scoring begins and ends with its lifespan."""
    site.queue = make_queue(site)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # The one above them first: folders that are made on the way are for everybody.
        for folder in (site.settings.recordings, site.incoming, site.sounds, site.work):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep_left(site.store, site.incoming, site.sounds, site.work)
        housekeeping = Housekeeping(site)
        # Rules and modules stay as long as the server: going through them to find garbage stops every page.
        gc.collect()
        gc.freeze()
        site.queue.start()
        housekeeping.start()
        yield
        housekeeping.stop()
        site.queue.stop()
        site.charts.close()

    # No pages of FastAPI's own: they load scripts from elsewhere.
    app = FastAPI(
        title="belscore",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=MIB,
    )
    app.state.site = site
    add_problem_answers(app)
    for module in ROUTERS:
        app.include_router(import_module(module).router)
    hosts = site.settings.hosts
    return Safety(app, hosts=hosts, origin=site.settings.origin)
