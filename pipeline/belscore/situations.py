"""Which situations occur in a call: they decide which rules apply. Inventories in `rules/situations/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from belscore.appointment import Appointment, find_appointment
from belscore.complaint_cues import OPENS, Complaint, find_complaint
from belscore.cues_in_turns import uncovered, uncovered_by_group
from belscore.frames import frames_of
from belscore.holds import Hold, find_holds
from belscore.language.phrases import Match
from belscore.promises import find_promises, undeclined
from belscore.view import MIN_PROBABILITY, CallView

# Whom a cue is about may be named right behind it: "niks gehoord van de apotheek".
OWNER_REACH = 4
# The place that `hier` is follows it this close.
HERE_REACH = 8
# "ze noemde mij een trut": reported words follow this close behind.
REPORT_REACH = 4
# The moment to which an appointment is moved follows this close: "door naar vrijdag".
MOMENT_REACH = 2
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
    complaint = complaint_of(view)
    aggression, aggression_doubtful = _aggression(view, data["agressie"])
    transfers = _transfers(view, data["doorverbinden"])
    holds = find_holds(view, data["wachtstand"], transfers)
    promises = find_promises(view, data["terugbellen"])
    appointment = find_appointment(view, data["afspraak"])
    present: Mapping[str, Sequence[object]] = {
        "klacht": complaint.cues,
        "afspraak": [appointment] if appointment else [],
        "agressie": aggression,
        "wachtstand": holds,
        "doorverbinden": transfers or view.of("colleague"),
        "terugbellen": promises,
    }
    doubtful = {name for name, doubt in (("klacht", complaint.doubtful), ("agressie", aggression_doubtful)) if doubt}
    return Situations(
        ids=tuple(name for name in ORDER if present[name]),
        complaint=complaint.cues,
        aggression=tuple(aggression),
        holds=tuple(holds),
        transfers=tuple(transfers),
        promises=tuple(promises),
        appointment=appointment,
        doubtful=frozenset(doubtful),
    )


def _transfers(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Undeclined cues, less those that move an appointment: `dan schuif ik u door, vrijdag om tien uur`."""
    shifting = frozenset(data["shifting"])
    found: list[Match] = []
    for match in undeclined(view, data, view.of("agent")):
        starts = [moment.start for moment in view.moments(match.utterance)]
        moved = any(match.start <= at <= match.end + MOMENT_REACH for at in starts)
        if not moved or shifting.isdisjoint(match.utterance.norms[match.start : match.end]):
            found.append(match)
    return found


def complaint_of(view: CallView) -> Complaint:
    """The complaint of a call, with the way in which it was found."""
    data = view.knowledge.situations["klacht"]
    return find_complaint(
        view,
        data,
        own=lambda match: _own_words(view, data, match),
        ours=lambda match: _concerns_practice(view, data, match),
    )


def _aggression(view: CallView, data: Mapping[str, Any]) -> tuple[list[Match], bool]:
    """The caller's cues that open the situation, and whether their words are doubtful.

    A strong cue opens it alone, or two weak ones whose groups `together` names as a pair: both count, so that the
    first outburst is found where it began.
    """
    callers = view.of("caller")
    strong = [match for match in uncovered(view, data, "strong", callers) if _meant(view, data, match)]
    strong += _framed(view, data)
    weak = [
        (group, match)
        for group, match in uncovered_by_group(view, data, data["weak"], callers)
        if _meant(view, data, match)
    ]
    pairs = {frozenset(pair) for pair in data["together"]}
    paired = [
        match
        for group, match in weak
        if any(frozenset((group, other)) in pairs and _apart(match, beside) for other, beside in weak)
        and all(_apart(match, surer) for surer in strong)
    ]
    doubts = [match.probability < MIN_PROBABILITY for match in strong or paired]
    doubtful = all(doubts) if strong else any(doubts)
    return sorted([*strong, *paired], key=lambda match: match.start_s), doubtful


def aggression_cues(view: CallView) -> list[Match]:
    """Everything the caller says that insults, swears or threatens, weak cues too, in order."""
    data = view.knowledge.situations["agressie"]
    merged = {**data, "all": [*data["strong"], *(cue for cues in data["weak"].values() for cue in cues)]}
    said = [match for match in uncovered(view, merged, "all", view.of("caller")) if _meant(view, data, match)]
    return sorted([*said, *_framed(view, data)], key=lambda match: match.start_s)


def _framed(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """What frames find that opens the situation alone."""
    frames = frames_of(data, view.finder, view.lexicon)
    found = [match for utterance in view.of("caller") for match in frames.find(utterance).get(OPENS, ())]
    return [match for match in found if _meant(view, data, match)]


def _meant(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """The phrase in the caller's own words, and about the practice."""
    return _own_words(view, data, match) and not _at_others(view, data, match)


def _at_others(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`die prutsers van de verzekering`: an insult of somebody outside the practice, to nobody on the line."""
    owners = view.knowledge.situations["klacht"]
    utterance = match.utterance
    sentence = utterance.norms[slice(*utterance.sentence_of(match.start))]
    if not match.start or utterance.norms[match.start - 1] not in data["names_others"]:
        return False
    if not frozenset(data["speaks_to"]).isdisjoint(sentence):
        return False
    behind = utterance.norms[match.end : match.end + OWNER_REACH]
    theirs = behind[:1] and behind[0] in data["belongs"]
    named = frozenset(owners["third_parties"]) - _opening_words(view)
    near = [*utterance.norms[: match.start], *(behind if theirs else ())]
    return not named.isdisjoint(near) and not _concerns_practice(view, owners, match)


def _own_words(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """The phrase with no word of substance missing, and not what somebody else said."""
    if match.cost > MAX_CUE_COST:
        return False
    reports = view.finder.find(data.get("reported", ()), match.utterance)
    return not any(0 <= match.start - report.end <= REPORT_REACH or report.start == match.end for report in reports)


def _apart(one: Match, other: Match) -> bool:
    """Two cues that share no word and are not the same phrase said twice."""
    if one.phrase.text == other.phrase.text:
        return False
    return one.utterance.index != other.utterance.index or one.end <= other.start or other.end <= one.start


def _concerns_practice(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """Whether the last party the caller named before the cue is not some third one."""
    parties = frozenset(data.get("third_parties", ()))
    third = parties - _opening_words(view)
    if not third:
        return True
    spoken_to = view.finder.find(data.get("addressed", ()), match.utterance)
    if any(match.start - OWNER_REACH <= each.start and each.end <= match.end for each in spoken_to):
        return True
    practice = frozenset(data["practice_words"]) | (parties - third)
    earlier = [norm for u in view.of("caller") if u.index < match.utterance.index for norm in u.norms]
    _, sentence_end = match.utterance.sentence_of(match.end - 1)
    said = [*earlier, *match.utterance.norms]
    heard = len(earlier) + min(match.end + OWNER_REACH, sentence_end)
    owners = [
        at
        for at, norm in enumerate(said)
        if (norm in third and not _rides(data, said, at))
        or (norm in practice and not _elsewhere(data, said, at, third))
    ]
    named = [at for at in owners if at < heard]
    if not named:
        # "Ik ben zo kwaad. Die verzekering van mij ...": who it is about comes only then.
        feels = not frozenset(data["feels"]).isdisjoint(match.utterance.norms[match.start : match.end])
        return not (feels and owners) or any(said[at] in practice for at in owners)
    at = named[-1]
    others = frozenset(data["other_markers"])
    return said[at] not in third and not (at and said[at - 1] in others)


def _rides(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """`met de trein gekomen`: only how the caller came."""
    return said[at] in data["rides"] and not set(data["rides_before"]).isdisjoint(said[max(0, at - 2) : at])


def _elsewhere(data: Mapping[str, Any], said: Sequence[str], at: int, third: frozenset[str]) -> bool:
    """`hier al een uur op het station`, `die parkeerwachter hier`: `hier` is at a place of others, or theirs."""
    if said[at] not in data["here"]:
        return False
    if at and said[at - 1] in third:
        return True
    places = frozenset(data["places_before"])
    return any(
        said[i] in third and not places.isdisjoint(said[max(at, i - 2) : i])
        for i in range(at + 1, min(len(said), at + 1 + HERE_REACH))
    )


def _opening_words(view: CallView) -> frozenset[str]:
    """Words of the agent's first turn: who was called."""
    return frozenset(norm for utterance in view.of("agent")[:1] for norm in utterance.norms)
