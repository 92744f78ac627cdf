"""The web API against its own description: whatever schemathesis thinks of, no answer is an error of the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from belscore.web.site import SESSION_COOKIE
from stored_calls import put_in, scored_dialogues
from web_site import Web, web

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

pytestmark = pytest.mark.extra
schemathesis = pytest.importorskip("schemathesis", reason="no schemathesis here: run `make test-web`")

_EXAMPLES = 25


class _Described:
    """The server, with its description where schemathesis looks for it."""

    def __init__(self, site: Web) -> None:
        self.site = site
        described = site.fastapi.openapi()
        # What is not described here is not for scripts.
        self.body = json.dumps(described).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/openapi.json":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
            )
            await send({"type": "http.response.body", "body": self.body})
            return
        await self.site.app(scope, receive, send)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web(tmp_path_factory.mktemp("schema")) as made:
        made.add("els", "coach")
        put_in(made.store, scored_dialogues()[:3])
        yield made


def test_every_answer_is_one_that_is_described(site: Web) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", _Described(site))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 6
    told = [problem for operation in operations for problem in _problems(site, operation)]
    assert not told, "\n".join(told)


def _problems(site: Web, operation: Any) -> list[str]:
    """What is wrong with the answers to requests of one kind."""
    if operation.path.endswith("/events"):
        # It ends when an upload does: tested in test_web_uploads.
        return []
    headers = {"cookie": f"{SESSION_COOKIE}={site.client('els').cookies[SESSION_COOKIE]}", "host": "localhost"}
    told: list[str] = []

    @hypothesis.settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(headers=headers)
        where = f"{case.method} {case.formatted_path}"
        if answer.status_code >= 500:
            told.append(f"{where}: {answer.status_code} {answer.content[:200]!r}")
        elif answer.status_code < 300:
            try:
                case.validate_response(answer)
            except (AssertionError, ExceptionGroup) as error:
                told.append(f"{where}: {error}")

    ask()
    return told
