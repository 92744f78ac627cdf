"""Role plays: the page plays a caller's lines, the trainee answers, and what was said is scored as a call."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Request
from fastapi.responses import Response

from belscore.scenarios import Scenario, load_scenarios
from belscore.web.problems import NotFoundError
from belscore.web.site import TheSite, TheTexts, TheUser, page

router = APIRouter(include_in_schema=False)

# Longer is no practice call.
_LONGEST_S = 15 * 60


@router.get("/rollenspel")
def role_plays(request: Request, user: TheUser) -> Response:  # noqa: ARG001 - for who is logged in
    """What can be played."""
    return page(request, "roleplays.html.j2", scenarios=[*load_scenarios().values()])


@router.get("/rollenspel/{name}")
def role_play(request: Request, name: str, site: TheSite, user: TheUser, texts: TheTexts) -> Response:
    """One role play."""
    scenario = _scenario(name)
    language = texts.language
    data = {
        "id": scenario.id,
        "title": scenario.title[language],
        "user": user.id,
        "longestS": _LONGEST_S,
        "lines": [
            {
                "say": line.say,
                "first": line.first[language],
                "byHand": line.by_hand,
                "sound": f"/rollenspel/{scenario.id}/{number}.flac",
            }
            for number, line in enumerate(scenario.lines, start=1)
        ],
        "texts": dict(texts.section("roleplay")),
    }
    return page(request, "roleplay.html.j2", scenario=scenario, data=data, no_model=site.queue.no_model() is not None)


@router.get("/rollenspel/{name}/{number}.flac")
def line_sound(name: str, number: int, user: TheUser) -> Response:  # noqa: ARG001 - for who is logged in
    """What the caller says."""
    lines = _scenario(name).lines
    if not 1 <= number <= len(lines):
        raise NotFoundError
    return Response(_sound(name, number), media_type="audio/flac", headers={"cache-control": "private, max-age=3600"})


@cache
def _sound(name: str, number: int) -> bytes:
    return load_scenarios()[name].lines[number - 1].sound.read_bytes()


def _scenario(name: str) -> Scenario:
    found = load_scenarios().get(name)
    if found is None:
        raise NotFoundError
    return found
