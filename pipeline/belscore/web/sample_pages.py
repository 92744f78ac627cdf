"""Samples to review: draw one, see how far coaches are, and go through its calls, blind or not; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from belscore.call import Call
from belscore.errors import BelscoreError
from belscore.report.agreement import agreement_notes, agreement_texts, cells_of, format_agreement_csv
from belscore.report.wording import wording
from belscore.rule_schema import Situation
from belscore.sampling import Allocation
from belscore.scorecard import Scorecard, Verdict
from belscore.store.audit import note, note_view
from belscore.store.call_list import agents_and_departments
from belscore.store.calls import read_call, read_scorecard
from belscore.store.database import legible
from belscore.store.review_samples import Draw, Sample, Stratum, draw_sample, progress, read_samples, to_review
from belscore.store.users import User, list_users
from belscore.translation import in_language
from belscore.trust import MIN_AGREEMENT, MIN_REVIEWS, RuleTrust, trust_table
from belscore.web.access import MAY_EXPORT
from belscore.web.call_api import shown_card
from belscore.web.problems import NotFoundError, RefusedError
from belscore.web.review_pages import review_values
from belscore.web.site import Site, TheCoach, TheSite, language_of, page, texts_of

router = APIRouter(include_in_schema=False)

_MOST = 5000
_TEXT = Form(max_length=200)


@router.get("/steekproeven")
def samples(request: Request, site: TheSite, user: TheCoach, klaar: str = "") -> Response:
    """All samples with how far coaches are, and the form that draws one."""
    return _samples(request, site, user, done=klaar)


def _samples(
    request: Request,
    site: Site,
    user: User,
    *,
    wrong: str = "",
    fields: Mapping[str, object] | None = None,
    done: str = "",
) -> Response:
    texts = texts_of(request)
    say = wording(texts.language)
    with site.store.read() as connection:
        found = [
            (each, progress(connection, each), len(to_review(connection, each, user.name)))
            for each in read_samples(connection)
        ]
        agents, departments = agents_and_departments(connection)
        coaches = [each.name for each in list_users(connection) if each.is_coach and each.is_active]
    rules = in_language(site.judging.rules, texts.language).rules
    return page(
        request,
        "samples.html.j2",
        status=400 if wrong else 200,
        samples=found,
        agents=[(each, each) for each in agents],
        departments=[(each, each) for each in departments],
        coaches=coaches,
        situations=[(each, say.situation(each)) for each in get_args(Situation)],
        rules=[(rule.id, rule.title) for rule in rules],
        titles={rule.id: rule.title for rule in rules},
        strata=get_args(Stratum),
        say=say,
        wrong=wrong,
        fields=fields or {"name": f"{date.today():%Y-%m-%d}", "size": 50, "seed": 1},
        done=done,
    )


@router.post("/steekproeven")
def draw(
    request: Request,
    site: TheSite,
    user: TheCoach,
    name: Annotated[str, _TEXT],
    size: Annotated[int, Form(ge=1, le=_MOST)] = 50,
    seed: Annotated[int, Form(ge=0, le=2**31 - 1)] = 1,
    by: Annotated[list[Stratum] | None, Form()] = None,
    allocation: Annotated[Allocation, Form()] = "proportional",
    since: Annotated[str, _TEXT] = "",
    until: Annotated[str, _TEXT] = "",
    department: Annotated[str, _TEXT] = "",
    agent: Annotated[str, _TEXT] = "",
    situation: Annotated[str, _TEXT] = "",
    rule: Annotated[str, _TEXT] = "",
    verdict: Annotated[Verdict | None, Form()] = None,
    coaches: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Draw a sample with the options of `belscore review sample`."""
    fields = {
        "name": name, "size": size, "seed": seed, "by": by or [], "allocation": allocation, "since": since,
        "until": until, "department": department, "agent": agent, "situation": situation, "rule": rule,
        "verdict": verdict, "coaches": coaches or [],
    }  # fmt: skip
    try:
        asked = Draw(
            size,
            seed,
            tuple(by or ()),
            allocation,
            _day(since),
            _day(until),
            legible(department) or None,
            legible(agent) or None,
            situation or None,
            rule or None,
            verdict if rule else None,
            tuple(legible(each) for each in coaches or ()),
        )
        with site.store.write() as connection:
            draw_sample(connection, legible(name.strip()), asked, made_by=user.name)
    except BelscoreError as error:
        return _samples(request, site, user, wrong=_wrong(request, error), fields=fields)
    return RedirectResponse("/steekproeven", 303)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise RefusedError("not_valid", 422) from None


def _wrong(request: Request, error: BelscoreError) -> str:
    """What `Draw` and `draw_sample` refuse, in the language of the page."""
    texts = texts_of(request)
    keys = {"there is a sample of this name": "taken", "no call fits": "nothing", "a sample needs a name": "nameless"}
    return texts(f"samples.{keys.get(error.what, 'needs_rule')}")


def sample_of(connection: Connection, sample_id: int) -> Sample:
    """The sample of an id. Raises NotFoundError."""
    found = next((each for each in read_samples(connection) if each.id == sample_id), None)
    if found is None:
        raise NotFoundError
    return found


@router.get("/steekproeven/{sample_id:int}/volgende")
def next_call(site: TheSite, user: TheCoach, sample_id: int, na: int | None = None, blind: bool = False) -> Response:
    """Go to the next call of a sample that the coach has findings to say of, behind the one they were at."""
    with site.store.read() as connection:
        sample = sample_of(connection, sample_id)
        left = to_review(connection, sample, user.name)
    if not left:
        return RedirectResponse(f"/steekproeven?{urlencode({'klaar': sample.name})}", 303)
    order = {call_id: place for place, call_id in enumerate(sample.call_ids)}
    at = order.get(na, -1) if na is not None else -1
    chosen = next((call_id for call_id in left if order[call_id] > at), left[0])
    if blind:
        return RedirectResponse(f"/steekproeven/{sample.id}/{chosen}", 303)
    return RedirectResponse(f"/gesprekken/{chosen}?steekproef={sample.id}", 303)


@router.get("/steekproeven/{sample_id:int}/{call_id:int}")
def blind_review(request: Request, site: TheSite, user: TheCoach, sample_id: int, call_id: int) -> Response:
    """A call of a sample without what the program says of it, as `belscore review next --blind` shows it."""
    texts = texts_of(request)
    with site.store.read() as connection:
        sample = sample_of(connection, sample_id)
        if call_id not in sample.call_ids:
            raise NotFoundError
        card = read_scorecard(connection, call_id)
        call = _transcript(connection, call_id)
    note_view(site.store, user.name, f"call {call_id}")
    say = wording(texts.language)
    return page(
        request,
        "coach_blind.html.j2",
        sample=sample,
        call=call,
        call_id=call_id,
        card=_without_verdicts(card),
        say=say,
        rules={rule.id: rule for rule in in_language(site.judging.rules, texts.language).rules},
        **review_values(site, texts, user, call_id, sample=sample_id, blind=True),
    )


def _transcript(connection: Connection, call_id: int) -> Call | None:
    try:
        return read_call(connection, call_id)
    except BelscoreError:
        return None


def _without_verdicts(card: Scorecard) -> Scorecard:
    card = shown_card(card)
    return replace(card, findings=(), sections=(), score=None, questions=(), remarks=())


@router.get("/ijking")
def calibration(request: Request, site: TheSite, user: TheCoach) -> Response:  # noqa: ARG001 - asks for a coach
    """Rule by rule, how far program and people agree, and whether the rule is trusted."""
    rows, language = _trust(site), language_of(request)
    titles = {rule.id: rule.title for rule in in_language(site.judging.rules, language).rules}
    return page(
        request,
        "calibration.html.j2",
        rows=[(each, cells_of(each, language)) for each in rows if each.state != "unreviewed"],
        unreviewed=[each.rule_id for each in rows if each.state == "unreviewed"],
        titles=titles,
        heads=agreement_texts(language)["agreement"],
        notes=agreement_notes(MIN_AGREEMENT, MIN_REVIEWS, language),
    )


@router.get("/ijking.csv", dependencies=[MAY_EXPORT])
def calibration_csv(site: TheSite, user: TheCoach) -> Response:
    """The same as CSV."""
    rows = _trust(site)
    with site.store.write() as connection:
        note(connection, user.name, "exported", "agreement", {"form": "csv"})
    headers = {"content-disposition": 'attachment; filename="ijking.csv"'}
    return Response(format_agreement_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _trust(site: Site) -> list[RuleTrust]:
    with site.store.read() as connection:
        return trust_table(connection, [rule.id for rule in site.judging.rules.rules])
