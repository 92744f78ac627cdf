"""Which situations occur in a call: they decide which rules apply. Inventories in `rules/situations/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from belscore.appointment import Appointment, find_appointment
from belscore.call import Span
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import MIN_PROBABILITY, CallView

MIN_HOLD_GAP_S = 3.0
# How long after the request the gap may begin: the caller's "ja hoor" lies in between.
MAX_REQUEST_TO_GAP_S = 6.0
SHORT_REPLY_TOKENS = 6
# Whom a cue is about may be named right behind it: "niks gehoord van de apotheek".
OWNER_REACH = 4


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait: the request, the gap (with check-ins inside), and the first turn afterwards.

    request : None when the wait is known from the sound only
    back    : the agent's first turn after the wait; None when the call ends in it
    """

    request: Match | None
    span: Span
    check_ins: tuple[Utterance, ...]
    back: Utterance | None


@dataclass(frozen=True, slots=True)
class Situations:
    """What occurs in the call; the cues quote where.

    ids : situations in the order of the rulebook
    """

    ids: tuple[str, ...]
    complaint: tuple[Match, ...]
    aggression: tuple[Match, ...]
    holds: tuple[Hold, ...]
    transfers: tuple[Match, ...]
    promises: tuple[Match, ...]
    appointment: Appointment | None
    doubtful: frozenset[str]

    def __contains__(self, situation: object) -> bool:
        return situation in self.ids


ORDER = ("klacht", "afspraak", "agressie", "wachtstand", "doorverbinden", "terugbellen")


def find_situations(view: CallView) -> Situations:
    """All situations of the call, each with the words that open it."""
    data = view.knowledge.situations
    complaint, complaint_doubtful = _cued(view, data["klacht"])
    aggression, aggression_doubtful = _cued(view, data["agressie"])
    transfers = _uncovered(view, data["doorverbinden"], "cues", view.of("agent"))
    holds = _holds(view, data["wachtstand"], transfers)
    promises = _promises(view, data["terugbellen"])
    appointment = find_appointment(view, data["afspraak"])
    present: Mapping[str, Sequence[object]] = {
        "klacht": complaint,
        "afspraak": [appointment] if appointment else [],
        "agressie": aggression,
        "wachtstand": holds,
        "doorverbinden": transfers or view.of("colleague"),
        "terugbellen": promises,
    }
    doubtful = {name for name, doubt in (("klacht", complaint_doubtful), ("agressie", aggression_doubtful)) if doubt}
    return Situations(
        ids=tuple(name for name in ORDER if present[name]),
        complaint=tuple(complaint),
        aggression=tuple(aggression),
        holds=tuple(holds),
        transfers=tuple(transfers),
        promises=tuple(promises),
        appointment=appointment,
        doubtful=frozenset(doubtful),
    )


def _uncovered(view: CallView, data: Mapping[str, Any], key: str, utterances: Sequence[Utterance]) -> list[Match]:
    """Matches of `data[key]` that no `not` phrase covers."""
    found: list[Match] = []
    for utterance in utterances:
        matches = view.finder.find(data[key], utterance)
        if not matches:
            continue
        covers = view.finder.find(data.get("not", ()), utterance)
        found += [
            match
            for match in matches
            if not any(cover.cost < 0.5 and cover.start <= match.end and match.start <= cover.end for cover in covers)
        ]
    return found


def _cued(view: CallView, data: Mapping[str, Any]) -> tuple[list[Match], bool]:
    """The caller's cues that open a situation, and whether their words are doubtful.

    A strong cue opens it alone; otherwise two weak ones whose groups `together` names as a pair.
    """
    callers = view.of("caller")
    strong = [match for match in _uncovered(view, data, "strong", callers) if _concerns_practice(view, data, match)]
    if strong:
        return strong, all(match.probability < MIN_PROBABILITY for match in strong)
    weak = [
        (group, match)
        for group in data["weak"]
        for match in _uncovered(view, {**data, group: data["weak"][group]}, group, callers)
        if _concerns_practice(view, data, match)
    ]
    pairs = {frozenset(pair) for pair in data["together"]}
    paired = [
        match
        for group, match in weak
        if any(frozenset((group, other)) in pairs and _apart(match, beside) for other, beside in weak)
    ]
    doubtful = any(match.probability < MIN_PROBABILITY for match in paired)
    return sorted(paired, key=lambda match: match.start_s), doubtful


def aggression_cues(view: CallView) -> list[Match]:
    """Everything the caller says that insults, swears or threatens, weak cues too, in order."""
    data = view.knowledge.situations["agressie"]
    merged = {**data, "all": [*data["strong"], *(cue for cues in data["weak"].values() for cue in cues)]}
    return sorted(_uncovered(view, merged, "all", view.of("caller")), key=lambda match: match.start_s)


def _apart(one: Match, other: Match) -> bool:
    """Two cues that share no word and are not the same phrase said twice."""
    if one.phrase.text == other.phrase.text:
        return False
    return one.utterance.index != other.utterance.index or one.end <= other.start or other.end <= one.start


def _concerns_practice(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """Whether the last party the caller named before the cue is not some third one."""
    third = frozenset(data.get("third_parties", ())) - _opening_words(view)
    if not third:
        return True
    practice = frozenset(data["practice_words"])
    earlier = [norm for u in view.of("caller") if u.index < match.utterance.index for norm in u.norms]
    said = [*earlier, *match.utterance.norms[: match.end + OWNER_REACH]]
    owner = next((norm for norm in reversed(said) if norm in third or norm in practice), "")
    return owner not in third


def _opening_words(view: CallView) -> frozenset[str]:
    """Words of the agent's first turn: who was called."""
    return frozenset(norm for utterance in view.of("agent")[:1] for norm in utterance.norms)


def _promises(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Promises to call back that the caller does not decline in the next turn."""
    kept: list[Match] = []
    for match in _uncovered(view, data, "cues", view.of("agent")):
        following = view.utterances[match.utterance.index + 1 : match.utterance.index + 2]
        offered = any(
            token.after == "?"
            for token in match.utterance.tokens[match.end - 1 : match.utterance.sentence_of(match.start)[1]]
        )
        declined = any(view.finder.any(data["decline"], answer) for answer in following if answer.role == "caller")
        if not (declined and (offered or not view.punctuated)):
            kept.append(match)
    return kept


def _holds(view: CallView, data: Mapping[str, Any], transfers: Sequence[Match]) -> list[Hold]:
    """Waits the agent asked for, each with the silence behind the request; gaps split by a check-in are one."""
    transferring = {match.utterance.index for match in transfers}
    requests = [match for match in _requests(view, data) if match.utterance.index not in transferring]
    holds: list[Hold] = []
    for request in requests:
        if holds and request.start_s < holds[-1].span.end_s:
            continue
        hold = _hold_after(view, data, request)
        if hold is not None:
            holds.append(hold)
    return holds


def _requests(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    found = _uncovered(view, data, "request", view.of("agent"))
    seen = {match.utterance.index for match in found}
    for match in _uncovered(view, data, "request_alone", view.of("agent")):
        utterance = match.utterance
        start, end = utterance.sentence_of(match.start)
        alone = all(
            norm in view.lexicon.fillers
            for norm in (*utterance.norms[start : match.start], *utterance.norms[match.end : end])
        )
        if alone and utterance.index not in seen:
            found.append(match)
            seen.add(utterance.index)
    return sorted(found, key=lambda match: match.start_s)


def _hold_after(view: CallView, data: Mapping[str, Any], request: Match) -> Hold | None:
    at_s = request.utterance.turn.end_s
    start_s: float | None = None
    check_ins: list[Utterance] = []
    for utterance in view.utterances[request.utterance.index + 1 :]:
        if utterance.role == "system" or utterance.turn.end_s <= at_s:
            continue
        gap_s = utterance.turn.start_s - at_s
        if gap_s >= MIN_HOLD_GAP_S:
            if start_s is None:
                if at_s - request.end_s > MAX_REQUEST_TO_GAP_S:
                    return None
                start_s = at_s
            if utterance.role != "agent":
                at_s = utterance.turn.end_s
                continue
            if not _is_check_in(view, data, utterance):
                return Hold(request, Span(start_s, utterance.turn.start_s), tuple(check_ins), utterance)
            check_ins.append(utterance)
        elif utterance.role == "agent" and start_s is None:
            if utterance.index not in view.hums and not _is_request(view, data, utterance):
                return None
        elif utterance.role == "agent" and not _is_check_in(view, data, utterance):
            return Hold(request, Span(start_s or at_s, utterance.turn.start_s), tuple(check_ins), utterance)
        elif start_s is None and len(utterance.tokens) > SHORT_REPLY_TOKENS:
            return None
        at_s = max(at_s, utterance.turn.end_s)
    if start_s is not None:
        return Hold(request, Span(start_s, at_s), tuple(check_ins), None)
    if view.call.duration_s - at_s >= MIN_HOLD_GAP_S:
        return Hold(request, Span(at_s, view.call.duration_s), (), None)
    return None


def _is_check_in(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    return view.finder.any(data["check_in"], utterance)


def _is_request(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    return bool(view.finder.any(data["request"], utterance))
