"""Which situations occur in a call: they decide which rules apply. Inventories in `rules/situations/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from belscore.appointment import Appointment, find_appointment
from belscore.cues_in_turns import uncovered
from belscore.holds import Hold, find_holds
from belscore.language.phrases import Match
from belscore.view import MIN_PROBABILITY, CallView

# Whom a cue is about may be named right behind it: "niks gehoord van de apotheek".
OWNER_REACH = 4
# "ze noemde mij een trut": reported words follow this close behind.
REPORT_REACH = 4
# One extra word or one lost function word.
MAX_CUE_COST = 0.6


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
    transfers = uncovered(view, data["doorverbinden"], "cues", view.of("agent"))
    holds = find_holds(view, data["wachtstand"], transfers)
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


def _cued(view: CallView, data: Mapping[str, Any]) -> tuple[list[Match], bool]:
    """The caller's cues that open a situation, and whether their words are doubtful.

    A strong cue opens it alone; otherwise two weak ones whose groups `together` names as a pair.
    """
    callers = view.of("caller")
    strong = [match for match in uncovered(view, data, "strong", callers) if _meant(view, data, match)]
    if strong:
        return strong, all(match.probability < MIN_PROBABILITY for match in strong)
    weak = [
        (group, match)
        for group in data["weak"]
        for match in uncovered(view, {**data, group: data["weak"][group]}, group, callers)
        if _meant(view, data, match)
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
    said = [match for match in uncovered(view, merged, "all", view.of("caller")) if _meant(view, data, match)]
    return sorted(said, key=lambda match: match.start_s)


def _meant(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """The phrase with no word of substance missing, in the caller's own words, and about the practice."""
    if match.cost > MAX_CUE_COST:
        return False
    reports = view.finder.find(data.get("reported", ()), match.utterance)
    if any(0 <= match.start - report.end <= REPORT_REACH or report.start == match.end for report in reports):
        return False
    return _concerns_practice(view, data, match)


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
    others = frozenset(data["other_markers"])
    at = next((i for i in range(len(said) - 1, -1, -1) if said[i] in third or said[i] in practice), None)
    return at is None or (said[at] not in third and not (at and said[at - 1] in others))


def _opening_words(view: CallView) -> frozenset[str]:
    """Words of the agent's first turn: who was called."""
    return frozenset(norm for utterance in view.of("agent")[:1] for norm in utterance.norms)


def _promises(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Promises to call back that the caller does not decline in the next turn."""
    kept: list[Match] = []
    for match in uncovered(view, data, "cues", view.of("agent")):
        following = view.utterances[match.utterance.index + 1 : match.utterance.index + 2]
        offered = any(
            token.after == "?"
            for token in match.utterance.tokens[match.end - 1 : match.utterance.sentence_of(match.start)[1]]
        )
        declined = any(view.finder.any(data["decline"], answer) for answer in following if answer.role == "caller")
        if not (declined and (offered or not view.punctuated)):
            kept.append(match)
    return kept
