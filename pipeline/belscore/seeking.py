"""Whether the caller seeks an appointment, or asks about one that exists. Words: `situations/afspraak.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from belscore.cues_in_turns import clear_of, exactly
from belscore.diary import appointment_moments
from belscore.language.moments import Moment
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

# A wish stands so many tokens in front of its moment, or behind it: `kan het ook op vrijdag om negen uur?`.
WISH_REACH = 3
# How an infinitive ends.
INFINITIVE = "en"


def seeks(view: CallView, data: Mapping[str, Any], utterance: Utterance, before: bool | None) -> bool | None:
    """What the caller's words make of it: a wish holds on, a mere question does not undo it.

    before : what it was; True sought, False not, None while neither shows
    """

    def said(key: str) -> bool:
        return view.finder.any(data[key], utterance)

    if said("moves") or (_prevented(view, data, utterance) and not said("cancel")):
        return True
    if said("no_appointment") or said("recalls"):
        return False
    if said("seeks") or _wants_at(view, data, utterance) or _has_done(data, utterance):
        return True
    dated = any(moment.has_day or moment.has_clock or moment.week for moment in view.moments(utterance))
    if before is None and (said("existing") or said("cancel") or (dated and said("existing_at"))):
        return False
    return before


def _prevented(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    """`dan kan ik niet`, not `die kan ik niet lezen`."""
    behind = [utterance.norms[match.end : match.end + 1] for match in view.finder.find(data["prevented"], utterance)]
    starts = {utterance.norms[moment.start] for moment in view.moments(utterance)}
    return any(not word or word[0] in starts or not word[0].endswith(INFINITIVE) for word in behind)


def _has_done(data: Mapping[str, Any], utterance: Utterance) -> bool:
    """`mijn oren laten uitspuiten`: what somebody has to come for."""
    pairs = pairwise(utterance.norms)
    verbs = [verb for word, verb in pairs if word == data["has_done"] and verb.endswith(INFINITIVE)]
    return any(verb not in data["not_done_here"] for verb in verbs)


def _wants_at(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    """`kan dat vrijdag om negen uur?`, `vrijdag negen uur, kan dat?`: the caller asks for the moment that they name."""
    wants = view.finder.find(data["wants_at"], utterance)
    starts = [moment.start for moment in view.moments(utterance) if moment.has_clock]
    if any(0 <= start - want.end <= WISH_REACH for want in wants for start in starts):
        return True
    behind = exactly(view, data["wants_behind"], utterance)
    if not behind or view.finder.any(data["existing"], utterance):
        return False
    ends = [moment.end for moment in appointment_moments(view, utterance) if moment.has_clock]
    reach = {end: WISH_REACH if utterance.tokens[end - 1].after in ("", ",") else 0 for end in ends}
    return any(0 <= want.start - end <= most for want in behind for end, most in reach.items())


def asks_for_moment(view: CallView, utterance: Utterance) -> bool:
    """The agent asks the caller when to come: `wanneer schikt het?`, not `vanaf welke dag?`."""
    bounds = view.lexicon.table("waarden", "clock")["bounds"]
    covers = view.finder.find(view.lexicon.list("sturing", "not_open"), utterance)
    asked = exactly(view, view.lexicon.list("sturing", "open"), utterance)
    return any(match.start == 0 or utterance.norms[match.start - 1] not in bounds for match in clear_of(asked, covers))


def as_it_stands(view: CallView, data: Mapping[str, Any], moment: Moment) -> bool:
    """`ik sta nu om tien uur`: what is to be moved."""
    utterance = moment.utterance
    low, high = utterance.sentence_of(moment.start)
    return view.finder.any(data["stands_now"], part(utterance, low, max(high, moment.end)))


def asked_of_past(view: CallView, utterance: Utterance) -> bool:
    """`hoe laat was u aan de beurt?`: the time in the answer is no wish."""
    before = next((u for u in reversed(view.of("agent")) if u.index < utterance.index), None)
    if before is None or not set(view.lexicon.list("afspraken", "past", "wishes")).isdisjoint(before.norms):
        return False
    if asks_for_moment(view, before):
        return False
    return not view.lexicon.words("afspraken", "past").isdisjoint(before.norms)
