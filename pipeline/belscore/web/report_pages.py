"""Reports, for coaches: the same tables, groups and filters as `belscore report`, and as CSV or Excel."""

from __future__ import annotations

from typing import get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from belscore.call import Direction
from belscore.report.wording import wording
from belscore.reports import words
from belscore.reports.catalog import REPORTS
from belscore.reports.csv_text import format_csv
from belscore.reports.workbook import format_workbook
from belscore.rule_schema import Situation
from belscore.store.audit import note, note_view
from belscore.store.call_list import agents_and_departments
from belscore.web.access import MAY_EXPORT
from belscore.web.problems import NotFoundError, RefusedError
from belscore.web.report_making import Made, ReportQuery, asked, kept_report, made_report
from belscore.web.site import Site, TheCoach, TheSite, TheTexts, language_of, page, texts_of
from belscore.web.texts import Texts

router = APIRouter(include_in_schema=False)

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/rapporten")
def reports(user: TheCoach) -> Response:  # noqa: ARG001 - asks for a coach
    """The reports begin with the overview."""
    return RedirectResponse("/rapporten/overview", 303)


@router.get("/rapporten/{name}")
def report(request: Request, site: TheSite, user: TheCoach, name: str, meteen: bool = False) -> Response:
    """A report. What takes seconds to make comes after the page; `meteen` waits for it, where no script runs."""
    query = asked(name, request.query_params, language_of(request))
    made = made_report(site, query) if meteen else kept_report(site, query)
    if made is not None:
        _note_view(site, user.name, query)
    texts = texts_of(request)
    with site.store.read() as connection:
        agents, departments = agents_and_departments(connection)
    say = wording(texts.language)
    return page(
        request,
        "report.html.j2",
        query=query,
        values=query.values(),
        made=made,
        entry=REPORTS[name],
        reports=[(each, title_of(each, texts)) for each in REPORTS],
        title=title_of(name, texts),
        choices={
            "per": [(each, texts.of("groups", each)) for each in REPORTS[name].by],
            "afdeling": [(each, each) for each in departments],
            "medewerker": [(each, each) for each in agents],
            "richting": [(each, say.table("directions")[each]) for each in get_args(Direction)],
            "situatie": [(each, say.situation(each)) for each in get_args(Situation)],
        },
        default_by=texts.of("groups", REPORTS[name].default or "all"),
    )


@router.get("/rapporten/{name}/inhoud")
def report_body(request: Request, site: TheSite, user: TheCoach, name: str) -> Response:
    """What stands in the page of a report, once it is made."""
    query = asked(name, request.query_params, language_of(request))
    made = made_report(site, query)
    _note_view(site, user.name, query)
    texts = texts_of(request)
    return HTMLResponse(shown(made, texts, title_of(name, texts)))


def shown(made: Made, texts: Texts, title: str) -> str:
    """A report as its page shows it."""
    from belscore.report.templating import environment

    return environment(__package__).get_template("report_parts.html.j2").render(made=made, t=texts, title=title)


@router.get("/rapporten/{name}/download/{form}", dependencies=[MAY_EXPORT])
def download(request: Request, site: TheSite, user: TheCoach, texts: TheTexts, name: str, form: str) -> Response:
    """The report as CSV or as an Excel workbook. The audit log tells who took it along."""
    query = asked(name, request.query_params, language_of(request))
    if form not in _TYPES:
        raise NotFoundError
    made = made_report(site, query)
    if made.report is None:
        raise RefusedError("no_calls", 404)
    with words.in_language(query.language):
        body = format_csv(made.report).encode() if form == "csv" else format_workbook([made.report])
    with site.store.write() as connection:
        note(connection, user.name, "exported", f"report {name}", {"form": form, **_about(query)})
    headers = {"content-disposition": f'attachment; filename="{texts("reports.file")}-{name}.{form}"'}
    return Response(body, media_type=_TYPES[form], headers=headers)


def title_of(name: str, texts: Texts) -> str:
    """What a report is called in the list of reports."""
    return texts.of("report_names", name)


def _note_view(site: Site, actor: str, query: ReportQuery) -> None:
    note_view(site.store, actor, f"report {query.name}", _about(query))


def _about(query: ReportQuery) -> dict[str, str]:
    agent = query.filters.agent
    return {"agent": agent} if agent else {}
