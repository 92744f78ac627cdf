"""The list of calls, for coaches: filtered by its address, a page at a time. Nobody is ranked in it."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from belscore.call import Direction
from belscore.report.wording import wording
from belscore.rule_schema import Situation
from belscore.scorecard import Outcome, Verdict
from belscore.store.call_list import agents_and_departments, count_calls, list_calls, place_of
from belscore.store.comments import open_disputes
from belscore.translation import in_language
from belscore.web.call_list_query import ListQuery, asked
from belscore.web.problems import NotFoundError
from belscore.web.site import Site, TheCoach, TheSite, page, texts_of
from belscore.web.texts import Texts

router = APIRouter()

PAGE_SIZE = 50


class Place(BaseModel):
    """Where a call is in a list of calls: `number` of `of`, and the calls beside it."""

    number: int
    of: int
    previous: int | None
    next: int | None


@router.get("/gesprekken", include_in_schema=False)
def calls(request: Request, site: TheSite, user: TheCoach) -> Response:  # noqa: ARG001 - asks for a coach
    """One page of the list."""
    query = asked(request.query_params)
    with site.store.read() as connection:
        total = count_calls(connection, query.filters)
        last = max(1, -(-total // PAGE_SIZE))
        query = ListQuery(query.filters, query.order, min(query.page, last))
        start = (query.page - 1) * PAGE_SIZE
        listed = list_calls(connection, query.filters, query.order, start=start, count=PAGE_SIZE)
        agents, departments = agents_and_departments(connection)
        disputes = len(open_disputes(connection))
    texts = texts_of(request)
    return page(
        request,
        "calls.html.j2",
        query=query,
        values=query.values(),
        chips=_chips(query, texts, site),
        calls=listed,
        total=total,
        start=start,
        last=last,
        disputes=disputes,
        choices=_choices(site, texts, agents, departments),
        say=wording(texts.language),
        number=_grouped,
    )


def _grouped(number: int) -> str:
    """A count as people read it: a thin space stands between thousands.

    >>> _grouped(30000).replace(chr(0x202f), "_")
    '30_000'
    """
    return f"{number:,}".replace(",", "\u202f")


@router.get("/api/calls/{call_id}/place", tags=["calls"])
def place(request: Request, call_id: int, site: TheSite, user: TheCoach) -> Place:  # noqa: ARG001 - asks for a coach
    """Where a call is in a list; the query is that of the list's address."""
    query = asked(request.query_params)
    with site.store.read() as connection:
        found = place_of(connection, query.filters, query.order, call_id)
    if found is None:
        raise NotFoundError
    return Place(**found._asdict())


def _choices(site: Site, texts: Texts, agents: list[str], departments: list[str]) -> dict[str, list[tuple[str, str]]]:
    """What each field can be chosen from, as value and title."""
    say = wording(texts.language)
    outcomes: tuple[str, ...] = get_args(Outcome)
    return {
        "afdeling": [(each, each) for each in departments],
        "medewerker": [(each, each) for each in agents],
        "richting": [(each, say.table("directions")[each]) for each in get_args(Direction)],
        "situatie": [(each, say.situation(each)) for each in get_args(Situation)],
        "afloop": [(each, say.table("outcomes")[each] or texts("calls.no_outcome")) for each in outcomes],
        "regel": [(rule.id, rule.title) for rule in in_language(site.judging.rules, texts.language).rules],
        "oordeel": [(each, say.table("verdicts")[each]) for each in get_args(Verdict)],
    }


def _chips(query: ListQuery, texts: Texts, site: Site) -> list[dict[str, Any]]:
    """The filters that are on, each with the address of the list without it."""
    choices = _choices(site, texts, [], [])
    values = query.values()
    told: list[dict[str, Any]] = []
    for name, value in values.items():
        if name in ("sorteer", "volgorde", "pagina", "oordeel"):
            continue
        title = dict(choices.get(name, [])).get(value, value)
        if name == "regel" and "oordeel" in values:
            title = f"{title}: {dict(choices['oordeel'])[values['oordeel']]}"
        label = texts(f"calls.chip_{name}", value=title)
        gone = ("regel", "oordeel") if name == "regel" else (name,)
        told.append({"label": label, "without": query.without(*gone)})
    return told
