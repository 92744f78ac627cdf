"""The moment a caller asks for, and whether the agent takes it. Words: `situations/afspraak.toml`, `chooses`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from belscore.diary import alternatives, appointment_moments, distinct
from belscore.language.moments import Moment, clash, shares
from belscore.language.tokens import Utterance
from belscore.seeking import as_it_stands, asked_of_past
from belscore.view import CallView

# An answer comes within so many turns.
ANSWER_TURNS = 2
# Of no more words than this a turn is nothing but its yes: `ja hoor`.
BARE_TOKENS = 2


def books(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    """The agent says it is settled, and does not ask."""
    return utterance.tokens[-1].after != "?" and view.finder.any(data["book"], utterance)


def wished(view: CallView, data: Mapping[str, Any], utterance: Utterance, *, sought: bool | None) -> Moment | None:
    """A clock time the caller asks for, in talk about coming, that is not the agent's own words again."""
    said = [moment for moment in appointment_moments(view, utterance) if moment.has_clock]
    if not said or sought is False or view.finder.any(data["cancel"], utterance):
        return None
    if asked_of_past(view, utterance):
        return None
    echo = {
        moment.clock_min
        for earlier in view.utterances[max(0, utterance.index - ANSWER_TURNS) : utterance.index]
        if earlier.role == "agent"
        for moment in view.moments(earlier)
    }
    wanted = [moment for moment in said if moment.clock_min not in echo]
    wanted = [moment for moment in wanted if not as_it_stands(view, data, moment)] or wanted
    before = [u for u in view.of("caller") if u.index <= utterance.index]
    about = sought or any(view.finder.any(data["subject"], u) for u in before)
    return wanted[-1] if wanted and about else None


def takes_wish(
    view: CallView, data: Mapping[str, Any], wish: Moment, utterance: Utterance, said: Sequence[Moment]
) -> bool:
    """The agent takes the moment the caller asked for, at once or with a slip.

    said : what the agent's turn puts
    """
    if utterance.index - wish.utterance.index > ANSWER_TURNS:
        return False
    return _grants(view, data, wish, utterance, said) or _grants_with_slip(view, data, wish, utterance, said)


def _grants(
    view: CallView, data: Mapping[str, Any], wish: Moment, utterance: Utterance, said: Sequence[Moment]
) -> bool:
    chooses, called_on = view.lexicon.table("afspraken", "chooses"), view.called_on
    if view.finder.any(chooses["agent_refuses"], utterance):
        return False
    if said:
        others = [m for m in said if clash(m, wish, called_on) is not None]
        if alternatives(view, utterance) and others and not books(view, data, utterance):
            return False  # "negen uur is net weg, ik heb kwart voor twaalf of woensdag negen uur"
        return any(clash(m, wish, called_on) is None and shares(m, wish, called_on) for m in said)
    if view.finder.any(chooses["agent_accepts"], utterance):
        return True
    bare = len(utterance.tokens) <= BARE_TOKENS and utterance.index not in view.hums
    return bare and any(match.start == 0 for match in view.finder.find(chooses["grants"], utterance))


def _grants_with_slip(
    view: CallView, data: Mapping[str, Any], wish: Moment, utterance: Utterance, said: Sequence[Moment]
) -> bool:
    """`kan het dinsdag om acht uur? - jazeker, dan zet ik u dinsdag om negen uur`: granted, and then said wrong."""
    if len(distinct(said)) != 1:
        return False
    chooses, called_on = view.lexicon.table("afspraken", "chooses"), view.called_on
    grants = [match for match in view.finder.find(chooses["grants"], utterance) if match.start == 0]
    counters = view.finder.any((*chooses["agent_refuses"], *chooses["counters"]), utterance)
    same = wish.has_day and replace(wish, clock_min=None, afternoon=None, daypart=None)
    about = same and shares(said[0], same, called_on) and clash(said[0], same, called_on) is None
    return bool(grants and about and not counters and books(view, data, utterance))
