"""A call for scripts: facts with the timeline, the earlier calls of the same person, and its JSON as files have it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request

from belscore.call import Call
from belscore.call_json import call_to_dict
from belscore.scorecard import Scorecard
from belscore.store.audit import note
from belscore.store.calls import read_call, read_scorecard
from belscore.store.recordings import shown_source
from belscore.web.access import MAY_EXPORT, CallId, check_call
from belscore.web.call_data import CallData, HistoryData
from belscore.web.feedback import call_data, history_data, load_feedback
from belscore.web.site import TheSite, TheUser, language_of

router = APIRouter(prefix="/api/calls", tags=["calls"])


def shown_call(call: Call) -> Call:
    """A call as it leaves the server."""
    return replace(call, source=shown_source(call.source))


def shown_card(card: Scorecard) -> Scorecard:
    """A scorecard as it leaves the server."""
    return replace(card, call=replace(card.call, source=shown_source(card.call.source)))


@router.get("/{call_id}")
def facts(request: Request, call_id: CallId, site: TheSite, user: TheUser) -> CallData:
    """A call with its score and everything that its timeline shows, in the language of who asks."""
    return call_data(load_feedback(site, user, call_id, language_of(request)))


@router.get("/{call_id}/attempts")
def attempts(
    request: Request, call_id: CallId, site: TheSite, user: TheUser, compare_with: int | None = None
) -> HistoryData:
    """The call beside at most ten earlier ones of the same person.

    compare_with : id of the earlier call that rules are compared with; the first of the same scenario otherwise
    """
    return history_data(load_feedback(site, user, call_id, language_of(request), compare_with=compare_with))


@router.get("/{call_id}/scorecard", dependencies=[MAY_EXPORT])
def scorecard(call_id: CallId, site: TheSite, user: TheUser) -> dict[str, Any]:
    """Scorecard JSON, schema `belscore.scorecard/1`, as it was judged."""
    with site.store.write() as connection:
        check_call(connection, user, call_id)
        card = read_scorecard(connection, call_id)
        note(connection, user.name, "exported", f"call {call_id}", {"as": "scorecard"})
    return shown_card(card).to_dict()


@router.get("/{call_id}/transcript", dependencies=[MAY_EXPORT])
def transcript(call_id: CallId, site: TheSite, user: TheUser) -> dict[str, Any]:
    """Call JSON, schema `belscore.call/1`: words with their times, turns, and what was measured in the sound."""
    with site.store.write() as connection:
        check_call(connection, user, call_id)
        call = read_call(connection, call_id)
        note(connection, user.name, "exported", f"call {call_id}", {"as": "transcript"})
    return call_to_dict(shown_call(call))
