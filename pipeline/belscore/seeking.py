"""Whether the caller seeks an appointment, or asks about one that exists. Words: `situations/afspraak.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from belscore.cues_in_turns import clear_of, exactly
from belscore.diary import appointment_moments
from belscore.language.moments import Moment
from belscore.language.phrases import Match
from belscore.language.tokens import Passage, Utterance, last_before, part
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
    wants = [*_asks_to_come(view, data, utterance), *_wanted_at(view, data, utterance)]
    if said("no_appointment") or _only_recalls(view, data, utterance, wants):
        return False
    if wants or _has_done(data, utterance):
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


def _only_recalls(view: CallView, data: Mapping[str, Any], utterance: Utterance, wants: Sequence[Passage]) -> bool:
    """The caller has forgotten when it is; not where another sentence asks for one: `dan kom ik toch al bij jullie`."""
    recalls = view.finder.find(data["recalls"], utterance)
    if not recalls or not wants:
        return bool(recalls)
    recalled = {utterance.sentence_of(match.start) for match in recalls}
    asked = {utterance.sentence_of(want.start) for want in wants}
    return any(match.cost == 0 for match in recalls) and asked <= recalled


def _asks_to_come(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> list[Match]:
    """Words that ask for an appointment; not `die open plek bij de enkel`, nor in the sentence that cancels one."""
    covers = view.finder.find(data["not_sought"], utterance)
    asked = clear_of(view.finder.find(data["seeks"], utterance), covers)
    cancelled = [utterance.sentence_of(match.start) for match in view.finder.find(data["cancel"], utterance)]
    return [match for match in asked if not any(low <= match.start < high for low, high in cancelled)]


def _wanted_at(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> list[Moment]:
    """`kan dat vrijdag om negen uur?`, `vrijdag negen uur, kan dat?`: the moments that the caller asks for."""
    wants = view.finder.find(data["wants_at"], utterance)
    of = view.lexicon.table("waarden", "clock")["from"]  # "ik wil de afspraak van vrijdag elf uur ..."
    timed = [m for m in view.moments(utterance) if m.has_clock and utterance.norms[max(0, m.start - 1)] != of]
    ahead = [moment for moment in timed if any(0 <= moment.start - want.end <= WISH_REACH for want in wants)]
    behind = exactly(view, data["wants_behind"], utterance)
    if ahead or not behind or view.finder.any(data["existing"], utterance):
        return ahead
    named = [moment for moment in appointment_moments(view, utterance) if moment.has_clock]
    reach = {m.end: WISH_REACH if utterance.tokens[m.end - 1].after in ("", ",") else 0 for m in named}
    return [m for m in named if any(0 <= want.start - m.end <= reach[m.end] for want in behind)]


def asked_for(view: CallView, data: Mapping[str, Any], moment: Moment) -> bool:
    """The caller asks for this moment, and does not only tell of it."""
    utterance = moment.utterance
    asks = utterance.tokens[utterance.sentence_of(moment.end - 1)[1] - 1].after == "?"
    return asks or any(other == moment for other in _wanted_at(view, data, utterance))


def was_to_come(data: Mapping[str, Any], moment: Moment) -> bool:
    """`ik zou donderdag om elf uur komen, maar dan zit ik in Brussel`: how it stood, not what is wished."""
    utterance = moment.utterance
    low, _ = utterance.sentence_of(moment.start)
    _, high = utterance.sentence_of(moment.end - 1)
    but = next((at for at in range(moment.end, high) if utterance.norms[at] in data["but"]), None)
    front = set(utterance.norms[low : moment.start])
    if but is None or front.isdisjoint(data["stood"]):
        return False
    return set(data["wishing"]).isdisjoint(utterance.norms[low:but])


def withdraws(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    """`vrijdag kan ik toch niet`, `laat maar`; not `je gaat er toch niet helemaal in?`."""
    ending = [
        match
        for match in exactly(view, data["withdraws_at_end"], utterance)
        if match.end == len(utterance.tokens) or utterance.tokens[match.end - 1].after
    ]
    covers = exactly(view, data["not_withdrawn"], utterance)
    found = clear_of([*view.finder.find(data["withdraws"], utterance), *ending], covers)
    asked = view.asking.questions(utterance)
    return any(not any(q.start <= match.start < q.end for q in asked) for match in found)


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
    before = last_before(view.of("agent"), utterance.index)
    if before is None or not view.lexicon.words("afspraken", "past", "wishes").isdisjoint(before.norms):
        return False
    if asks_for_moment(view, before):
        return False
    return not view.lexicon.words("afspraken", "past").isdisjoint(before.norms)
