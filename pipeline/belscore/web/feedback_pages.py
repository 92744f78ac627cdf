"""The feedback page of a call, and what its owner can do on it: disagree with a finding, remove a practice call."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from belscore.report.questions import by_tree
from belscore.report.transcript import make_transcript
from belscore.report.wording import wording
from belscore.store.attempts import is_held, is_own
from belscore.store.audit import note
from belscore.store.comments import add_comment
from belscore.store.database import legible
from belscore.store.erasing import forget_calls, sounds_of
from belscore.store.purging import remove_sounds
from belscore.store.scrubbing import owe_scrub
from belscore.store.uploads import upload_of_call
from belscore.web.access import CallId, check_call
from belscore.web.feedback import call_data, history_data, load_feedback
from belscore.web.feedback_coach import TEMPLATE, coach_values
from belscore.web.problems import NotFoundError, RefusedError
from belscore.web.site import TheSite, TheTexts, TheUser, page

router = APIRouter(include_in_schema=False)

_MAX_TEXT = 2000


@router.get("/gesprekken/{call_id:int}")
def feedback(
    request: Request, call_id: CallId, site: TheSite, user: TheUser, texts: TheTexts, met: int | None = None
) -> Response:
    """The page of a call. `met` is the earlier call to compare it with."""
    view = load_feedback(site, user, call_id, texts.language, compare_with=met)
    card, say = view.card, wording(view.card.language)
    values: dict[str, Any] = {
        "view": view,
        "card": card,
        "say": say,
        "data": call_data(view).model_dump(mode="json"),
        "history": history_data(view).model_dump(mode="json"),
        "transcript": make_transcript(view.call, card) if view.call is not None else (),
        "trees": by_tree(say, card),
        "notes": say.remarks(card, view.call.quality.notes if view.call is not None else ()),
        "script_texts": dict(texts.section("feedback_script")),
        "may_remove": view.is_own and view.attempt.practice,
    }
    if user.is_coach:
        values |= coach_values(site, user, view)
    return page(request, TEMPLATE if user.is_coach else "feedback.html.j2", **values)


@router.post("/gesprekken/{call_id:int}/betwisten")
def dispute(
    call_id: CallId,
    site: TheSite,
    user: TheUser,
    rule_id: Annotated[str, Form(max_length=100)],
    text: Annotated[str, Form(max_length=_MAX_TEXT)],
) -> Response:
    """Disagree with a finding: it waits for a coach, see `belscore coach disputes`."""
    with site.store.write() as connection:
        check_call(connection, user, call_id)
        if not is_own(connection, user, call_id):
            raise NotFoundError
        add_comment(
            connection,
            call_id=call_id,
            author=user.agent,
            author_is="agent",
            text=legible(text),
            rule_id=legible(rule_id),
            dispute=True,
        )
    return RedirectResponse(f"/gesprekken/{call_id}#r-{rule_id}", 303)


@router.post("/gesprekken/{call_id:int}/verwijderen")
def remove(call_id: CallId, site: TheSite, user: TheUser) -> Response:
    """Remove a practice call that somebody made, with its sound. The audit log tells that there was one."""
    with site.store.write() as connection:
        check_call(connection, user, call_id)
        upload = upload_of_call(connection, call_id)
        if upload is None or upload.kind == "call" or not is_own(connection, user, call_id):
            raise NotFoundError
        if is_held(connection, call_id, date.today()):
            raise RefusedError("held", 409)
        note(connection, user.name, "removed", f"call {call_id}", {"kind": upload.kind})
        # Files first: what is stopped in between is found again and removed anew.
        remove_sounds(site.settings.recordings, sounds_of(connection, [call_id]))
        forget_calls(connection, [call_id])
        owe_scrub(connection)
    return RedirectResponse("/oefenen", 303)
