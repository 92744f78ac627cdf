"""Coaches agree with findings or say otherwise, write beside a call, and answer disputes. What it said first stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from belscore.errors import BelscoreError
from belscore.report.wording import wording
from belscore.scorecard import Finding, Language, Verdict
from belscore.store.call_reviews import ReviewedFinding, bodies_of, heads_of, reviewed_findings
from belscore.store.calls import unpack_card
from belscore.store.comments import Comment, add_comment, answer_dispute, open_disputes
from belscore.store.database import legible
from belscore.store.review_samples import Sample, read_samples, sample_with, to_review
from belscore.store.reviews import Review, add_review, agreed
from belscore.store.users import User
from belscore.translation import in_language
from belscore.web.access import check_call
from belscore.web.login_pages import inside
from belscore.web.problems import NotFoundError, RefusedError
from belscore.web.site import Site, TheCoach, TheSite, TheTexts, page, texts_of
from belscore.web.texts import Texts

router = APIRouter()

_MAX_TEXT = 4000
_TEXT = Form(max_length=4 * _MAX_TEXT)


class Said(BaseModel):
    """What one coach says of a finding."""

    coach: str
    verdict: Verdict
    verdict_title: str
    reason: str
    agrees: bool
    at: datetime


class FindingState(BaseModel):
    """A finding with what coaches say of it.

    machine, others : null and empty as long as a coach who reviews blind has not said theirs
    counts          : the verdict that reports count; null where coaches differ
    is_asked        : whether the coach is asked about it
    """

    rule_id: str
    title: str
    machine: Verdict | None
    machine_title: str | None
    mine: Said | None
    others: list[Said]
    counts: Verdict | None
    is_asked: bool


class SampleState(BaseModel):
    """How far the coach is with a sample: calls that are left, and where the next one is."""

    id: int
    name: str
    left: int
    of: int
    next: str


class ReviewState(BaseModel):
    """A call as a coach reviews it: `left` of `asked` findings are still to be said."""

    call_id: int
    findings: list[FindingState]
    asked: int
    left: int
    sample: SampleState | None


class Asked(BaseModel):
    """What a coach says of findings of a call.

    verdict : null agrees with the program
    reason  : needed for another verdict than the program's, unless `blind`
    sample  : id of the sample that it is said in; null for the newest that has the call
    blind   : the coach has not seen the program's verdicts
    """

    model_config = ConfigDict(extra="forbid")

    rules: list[str] = Field(min_length=1, max_length=200)
    verdict: Verdict | None = None
    reason: str = Field(default="", max_length=_MAX_TEXT)
    sample: int | None = None
    blind: bool = False


@router.get("/api/calls/{call_id}/reviews", tags=["reviews"])
def reviews(
    call_id: int, site: TheSite, user: TheCoach, texts: TheTexts, sample: int | None = None, blind: bool = False
) -> ReviewState:
    """What the program and coaches say of a call."""
    with site.store.read() as connection:
        check_call(connection, user, call_id)
        chosen = find_sample(connection, sample, user, call_id)
        return review_state(connection, site, texts, user, call_id, chosen, blind=blind)


@router.post("/api/calls/{call_id}/reviews", tags=["reviews"])
def say(call_id: int, site: TheSite, user: TheCoach, texts: TheTexts, said: Asked) -> ReviewState:
    """Agree with findings, or say otherwise. What is said later counts; all of it is kept."""
    reason = legible(said.reason)
    with site.store.write() as connection:
        check_call(connection, user, call_id)
        chosen = find_sample(connection, said.sample, user, call_id)
        machine = {each.rule_id: each.machine for each in reviewed_findings(connection, call_id)}
        if said.blind and said.verdict is None:
            raise RefusedError("verdict_needed")
        for rule_id in dict.fromkeys(said.rules):
            if rule_id not in machine:
                raise NotFoundError
            differs = said.verdict is not None and said.verdict != machine[rule_id]
            if differs and not reason.strip() and not said.blind:
                raise RefusedError("reason_needed")
            add_review(
                connection,
                call_id=call_id,
                rule_id=rule_id,
                coach=user.name,
                verdict=said.verdict,
                # Who has not seen what the program says cannot say why it is wrong.
                reason=reason or (texts("review.blind_reason") if differs else ""),
                sample_id=chosen.id if chosen else None,
            )
        return review_state(connection, site, texts, user, call_id, chosen, blind=said.blind)


def review_values(
    site: Site, texts: Texts, user: User, call_id: int, *, sample: int | None = None, blind: bool = False
) -> dict[str, Any]:
    """What `coach_review.html.j2` uses, by name."""
    with site.store.read() as connection:
        chosen = find_sample(connection, sample, user, call_id)
        state = review_state(connection, site, texts, user, call_id, chosen, blind=blind)
    return {
        "review": state,
        "review_of": {each.rule_id: each for each in state.findings},
        "review_texts": dict(texts.section("review_script")),
        "verdict_texts": dict(wording(texts.language).table("verdicts")),
        "blind": blind,
    }


def find_sample(connection: Connection, sample_id: int | None, user: User, call_id: int) -> Sample | None:
    """The sample that was named if it has the call, else the newest in which this coach reviews it."""
    for sample in read_samples(connection) if sample_id is not None else ():
        if sample.id == sample_id and call_id in sample.call_ids:
            return sample
    return sample_with(connection, call_id, user.name)


def review_state(
    connection: Connection, site: Site, texts: Texts, user: User, call_id: int, sample: Sample | None, *, blind: bool
) -> ReviewState:
    """How a coach is with a call; blind leaves out what they have not judged themselves."""
    only = sample.draw.rule if sample is not None else None
    titles = {rule.id: rule.title for rule in in_language(site.judging.rules, texts.language).rules}
    found = reviewed_findings(connection, call_id)
    if blind:
        # A rule that is not asked about would tell the program's verdict of one that was.
        found = [each for each in found if each.is_asked(only)]
    states = [_finding(each, user, titles, texts.language, only, blind=blind) for each in found]
    asked = [each for each in states if each.is_asked]
    return ReviewState(
        call_id=call_id,
        findings=states,
        asked=len(asked),
        left=sum(each.mine is None for each in asked),
        sample=_sample(connection, sample, user, call_id, blind=blind) if sample is not None else None,
    )


def _sample(connection: Connection, sample: Sample, user: User, call_id: int, *, blind: bool) -> SampleState:
    following = f"/steekproeven/{sample.id}/volgende?na={call_id}" + ("&blind=true" if blind else "")
    left = len(to_review(connection, sample, user.name))
    return SampleState(id=sample.id, name=sample.name, left=left, of=len(sample.call_ids), next=following)


def _finding(
    each: ReviewedFinding, user: User, titles: dict[str, str], language: Language, only: str | None, *, blind: bool
) -> FindingState:
    names = wording(language).table("verdicts")
    mine = each.said.get(user.name)
    hidden = blind and mine is None
    said = agreed([review.verdict for review in each.said.values()]) if each.said else each.machine
    return FindingState(
        rule_id=each.rule_id,
        title=titles.get(each.rule_id, each.title),
        machine=None if hidden else each.machine,
        machine_title=None if hidden else names[each.machine],
        mine=_said(mine, names) if mine is not None else None,
        others=[] if hidden else [_said(review, names) for coach, review in each.said.items() if coach != user.name],
        counts=None if hidden else said,
        is_asked=each.is_asked(only),
    )


def _said(review: Review, names: Mapping[str, str]) -> Said:
    return Said(
        coach=review.coach,
        verdict=review.verdict,
        verdict_title=names[review.verdict],
        reason=review.reason,
        agrees=review.agrees,
        at=review.made_at,
    )


@router.post("/gesprekken/{call_id}/opmerkingen", include_in_schema=False)
def comment(
    call_id: int,
    site: TheSite,
    user: TheCoach,
    text: Annotated[str, _TEXT],
    rule: Annotated[str, Form(max_length=200)] = "",
    verder: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Write beside a call, or one finding of it. Its agent reads it too."""
    written = legible(text)[:_MAX_TEXT]
    if written.strip():
        with site.store.write() as connection:
            check_call(connection, user, call_id)
            add_comment(
                connection, call_id=call_id, author=user.name, author_is="coach", text=written, rule_id=rule or None
            )
    return RedirectResponse(inside(verder or f"/gesprekken/{call_id}"), 303)


@router.get("/bezwaren", include_in_schema=False)
def disputes(request: Request, site: TheSite, user: TheCoach) -> Response:  # noqa: ARG001 - asks for a coach
    """Disputes that nobody answered, oldest first, each with the finding that it is about."""
    return _disputes(request, site)


def _disputes(request: Request, site: Site, *, wrong: str = "", at: int | None = None, text: str = "") -> Response:
    texts = texts_of(request)
    with site.store.read() as connection:
        found = open_disputes(connection)
        ids = {each.call_id for each in found}
        heads, bodies = heads_of(connection, ids), bodies_of(connection, ids)
    cards = {call_id: _findings_of(body, call_id) for call_id, body in bodies.items()}
    titles = {rule.id: rule.title for rule in in_language(site.judging.rules, texts.language).rules}
    told = [(each, heads[each.call_id], cards.get(each.call_id, {}).get(each.rule_id or "")) for each in found]
    return page(
        request,
        "disputes.html.j2",
        status=400 if wrong else 200,
        disputes=told,
        titles=titles,
        say=wording(texts.language),
        wrong=wrong,
        at=at,
        text=text,
    )


def _findings_of(body: bytes, call_id: int) -> dict[str, Finding]:
    try:
        return {each.rule_id: each for each in unpack_card(body, where=f"call {call_id}").findings}
    except BelscoreError:
        return {}


@router.post("/bezwaren/{dispute_id}", include_in_schema=False)
def answer(
    request: Request,
    dispute_id: int,
    site: TheSite,
    user: TheCoach,
    text: Annotated[str, _TEXT] = "",
    verdict: Annotated[Literal["pass", "fail", "unsure", "not_applicable", ""], Form()] = "",
) -> Response:
    """Answer a dispute, and say what the verdict is if the coach listened."""
    written = legible(text).strip()[:_MAX_TEXT]
    if not written:
        return _disputes(request, site, wrong="disputes.empty", at=dispute_id)
    with site.store.write() as connection:
        disputed = next((each for each in open_disputes(connection) if each.id == dispute_id), None)
        if disputed is not None:
            _settle(connection, disputed, user, written, verdict or None)
    if disputed is None:
        return _disputes(request, site, wrong="disputes.gone")
    return RedirectResponse("/bezwaren", 303)


def _settle(connection: Connection, disputed: Comment, user: User, text: str, verdict: Verdict | None) -> None:
    answer_dispute(connection, disputed.id, coach=user.name, text=text)
    if verdict is not None and disputed.rule_id is not None:
        add_review(
            connection,
            call_id=disputed.call_id,
            rule_id=disputed.rule_id,
            coach=user.name,
            verdict=verdict,
            reason=text,
        )
