"""Which situations occur in a call: they decide which rules apply. Inventories in `rules/situations/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from belscore.appointment import Appointment, find_appointment
from belscore.bygone_complaints import is_bygone
from belscore.call_likeness import weigh
from belscore.chosen_moment import is_chosen, puts_several
from belscore.complaint_cues import OPENS, Complaint, find_complaint
from belscore.cues_in_turns import exactly, uncovered, uncovered_by_group
from belscore.frames import frames_of
from belscore.holds import Hold, find_holds
from belscore.insults import called_names, of_kin
from belscore.language.phrases import Match
from belscore.promises import find_promises, plainly
from belscore.transfers import find_transfers
from belscore.view import MIN_PROBABILITY, CallView

# Whom a cue is about may be named right behind it: "niks gehoord van de apotheek".
OWNER_REACH = 4
# Or some words later, where the cue says only how it is taken: "ik ben woest, die prutsers van de gemeente".
CULPRIT_REACH = 12
# The place that `hier` is follows it this close.
HERE_REACH = 8
# What a neighbour did for the caller is told this close behind.
HELPED_REACH = 6
# "in Zwolle hebben ze": who is there is said this close behind the place.
THEY_REACH = 4
# "ze noemde mij een trut": reported words follow this close behind.
REPORT_REACH = 4
# Whom an insult names is said at most so many words earlier.
NAMED_BEFORE = 40
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
    words = {name: weigh(view, each) for name, each in data.items() if name != "klacht"}
    aggression, misheard = ([], False) if words["agressie"] == "refute" else _aggression(view, data["agressie"])
    heard = view.of("colleague")
    promises = [] if words["terugbellen"] == "refute" else find_promises(view, data["terugbellen"])
    handed = words["doorverbinden"] != "refute" or bool(heard)
    transfers = find_transfers(view, data["doorverbinden"], promises) if handed else []
    holds = find_holds(view, data["wachtstand"], transfers)
    open_to = words["afspraak"] != "refute" or puts_several(view)
    appointment = find_appointment(view, data["afspraak"]) if open_to else None
    chosen = bool(words["afspraak"]) and is_chosen(view, appointment)
    appointment = None if words["afspraak"] == "refute" and not chosen else appointment
    present: Mapping[str, Sequence[object]] = {
        "klacht": complaint.cues,
        "afspraak": [appointment] if appointment else [],
        "agressie": aggression,
        "wachtstand": holds,
        "doorverbinden": transfers or heard,
        "terugbellen": promises,
    }
    doubtful = {name for name, said in words.items() if said == "doubt" and (name != "doorverbinden" or not heard)}
    doubtful -= {"afspraak"} if chosen else set()
    doubtful -= {"terugbellen"} if plainly(view, data["terugbellen"], promises) else set()
    doubtful |= {name for name, doubt in (("klacht", complaint.doubtful), ("agressie", misheard)) if doubt}
    return Situations(
        ids=tuple(name for name in ORDER if present[name]),
        complaint=complaint.cues,
        aggression=tuple(aggression),
        holds=tuple(holds),
        transfers=tuple(transfers),
        promises=tuple(promises),
        appointment=appointment,
        doubtful=frozenset(name for name in doubtful if present[name]),
    )


def complaint_of(view: CallView) -> Complaint:
    """The complaint of a call, with the way in which it was found."""
    data = view.knowledge.situations["klacht"]
    found = find_complaint(
        view,
        data,
        own=lambda match: _own_words(view, data, match),
        ours=lambda match: _concerns_practice(view, data, match) and not is_bygone(view, data, match),
    )
    rude = found.path == "call" and (found.evidence or 0.0) < data["evidence"]["opens_rude"]
    return Complaint(evidence=found.evidence) if rude and aggression_cues(view) else found


def _aggression(view: CallView, data: Mapping[str, Any]) -> tuple[list[Match], bool]:
    """The caller's cues that open the situation, and whether their words are doubtful.

    A strong cue opens it alone, or two weak ones whose groups `together` names as a pair: both count, so that the
    first outburst is found where it began. One weak cue leaves it doubtful, where the whole call speaks for it.
    """
    callers = view.of("caller")
    strong = [match for match in uncovered(view, data, "strong", callers) if _meant(view, data, match)]
    strong += [*_framed(view, data), *_called_names(view, data)]
    weak = [
        (group, match)
        for group, match in uncovered_by_group(view, data, data["weak"], callers)
        if _meant(view, data, match)
    ]
    strong += [match for group, match in weak if _rebuked(view, data, group, match)]
    pairs = {frozenset(pair) for pair in data["together"]}
    paired = [
        match
        for group, match in weak
        if any(frozenset((group, other)) in pairs and _apart(match, beside) for other, beside in weak)
        and all(_apart(match, surer) for surer in strong)
    ]
    if not strong and not paired and (likely := _likely(view, data, weak)):
        return likely, True
    doubts = [match.probability < MIN_PROBABILITY for match in strong or paired]
    doubtful = all(doubts) if strong else any(doubts)
    return sorted([*strong, *paired], key=lambda match: match.start_s), doubtful


def _likely(view: CallView, data: Mapping[str, Any], weak: Sequence[tuple[str, Match]]) -> list[Match]:
    """Weak cues that nothing else supports, where all words of the call are those of calls with aggression."""
    evidence = view.likeness.of(data["id"])
    if evidence is None or evidence < data["evidence"]["opens"] or view.likeness.excused(data["id"]):
        return []
    alone = frozenset(data["alone"])
    return sorted([match for group, match in weak if group in alone], key=lambda match: match.start_s)


def aggression_cues(view: CallView) -> list[Match]:
    """Everything the caller says that insults, swears or threatens, weak cues too, in order."""
    data = view.knowledge.situations["agressie"]
    telling = {group for pair in data["together"] for group in pair}
    weak = [cue for group in sorted(telling) for cue in data["weak"][group]]
    said = uncovered(view, {**data, "all": [*data["strong"], *weak]}, "all", view.of("caller"))
    said += [
        match
        for group, match in uncovered_by_group(view, data, data["weak"], view.of("caller"))
        if group not in telling and _rebuked(view, data, group, match)
    ]
    meant = [match for match in said if _meant(view, data, match)]
    return sorted([*meant, *_framed(view, data), *_called_names(view, data)], key=lambda match: match.start_s)


def _rebuked(view: CallView, data: Mapping[str, Any], group: str, match: Match) -> bool:
    """The agent's next turn takes the words for abuse: `u hoeft mij niet uit te schelden`."""
    phrases = [each["phrases"] for each in data["answers"].values() if group in each["groups"]]
    if not phrases or view.finder.any(data["reported"], match.utterance):
        return False
    answer = next((u for u in view.spoken("agent") if u.index > match.utterance.index), None)
    return answer is not None and any(view.finder.any(wanted, answer) for wanted in phrases)


def _called_names(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    return [match for match in called_names(view, data, view.of("caller")) if _meant(view, data, match)]


def _framed(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """What frames find that opens the situation alone."""
    frames = frames_of(data, view.finder, view.lexicon)
    found = [match for utterance in view.of("caller") for match in frames.find(utterance).get(OPENS, ())]
    return [match for match in found if _meant(view, data, match)]


def _meant(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """The phrase in the caller's own words, into the telephone, and about the practice."""
    if view.finder.any(data["asides"], match.utterance):
        return False
    return _own_words(view, data, match) and not _at_others(view, data, match)


def _at_others(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`die prutsers van de verzekering`: an insult of somebody outside the practice, to nobody on the line."""
    owners = view.knowledge.situations["klacht"]
    utterance = match.utterance
    low, high = utterance.sentence_of(match.start)
    tags = {at for tag in view.finder.find(data["tags"], utterance) for at in range(tag.start, tag.end)}
    if any(utterance.norms[at] in data["speaks_to"] for at in range(low, high) if at not in tags):
        return False
    shown = {*utterance.norms[max(0, match.start - 1) : match.start + 1]}
    shown |= {*utterance.norms[match.end : match.end + 1]} & {*data["are_others"]}
    if shown.isdisjoint((*data["names_others"], *data["are_others"])):
        return of_kin(view, data, match)
    if _pointed_out(view, data, match) or of_kin(view, data, match):
        return True
    behind = utterance.norms[match.end : match.end + OWNER_REACH]
    theirs = behind[:1] and behind[0] in data["belongs"]
    said = [u for u in view.of("caller") if u.index <= utterance.index]
    kinds = {each.utterance.norms[each.end - 1] for u in said for each in exactly(view, data["others"], u)}
    owners = {**owners, "third_parties": (*owners["third_parties"], *kinds)}
    named = frozenset(owners["third_parties"]) - _opening_words(view)
    earlier = [norm for u in said[:-1] for norm in u.norms][-NAMED_BEFORE:]
    near = [*earlier, *utterance.norms[: match.start], *(behind if theirs else ())]
    return not named.isdisjoint(near) and not _concerns_practice(view, owners, match)


def _pointed_out(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`stelletje kwakzalvers, die lui op internet`: whom it names is told behind it and is not of the practice."""
    practice = frozenset(view.knowledge.situations["klacht"]["practice_words"])
    return any(
        0 <= shown.start - match.end <= 1
        and practice.isdisjoint(match.utterance.norms[shown.start : shown.end + OWNER_REACH])
        for shown in view.finder.find(data["points_at"], match.utterance)
    )


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
    third = (parties | frozenset(data.get("places", ()))) - _opening_words(view)
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

    def owns(at: int) -> bool:
        return (said[at] in third and not _rides(data, said, at)) or (
            said[at] in practice and not _elsewhere(data, said, at, third) and not _only_said(data, said, at)
        )

    parties = third | practice
    named = next((at for at in range(heard - 1, -1, -1) if said[at] in parties and owns(at)), None)
    if named is None:
        # "Ik ben zo kwaad. Die verzekering van mij ...": who it is about comes only then.
        feels = not frozenset(data["feels"]).isdisjoint(match.utterance.norms[match.start : match.end])
        told = [at for at in range(heard, len(said)) if owns(at) and not _bound_for(data, said, at)]
        culprit = feels and told and said[told[0]] in third and told[0] < len(earlier) + match.end + CULPRIT_REACH
        return not culprit or any(said[at] in practice for at in told)
    return said[named] not in third and not (named and said[named - 1] in data["other_markers"])


def _rides(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """`met de trein`, `de buurvrouw bracht mij`, `ik bel voor mijn buurvrouw`: how they came, who helped, for whom."""
    if said[at] in data["helpers"]:
        helped = not set(data["helped"]).isdisjoint(said[at + 1 : at + 1 + HELPED_REACH])
        return helped or not set(data["called_for"]).isdisjoint(said[max(0, at - 2) : at])
    if said[at] in data["places"]:
        they = {*said[max(0, at - 3) : at], *said[at + 1 : at + THEY_REACH]}
        told = bool(they & set(data["places_they"])) or said[at + 1 : at + 2] in [[verb] for verb in data["places_did"]]
        return said[at - 1] not in data["places_in"] or not told
    if said[at] in data["errands"]:
        return not set(data["errands_before"]).isdisjoint(said[max(0, at - 2) : at])
    return said[at] in data["rides"] and not set(data["rides_before"]).isdisjoint(said[max(0, at - 2) : at])


def _tagged(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """`weet u`, `begrijpt u`, `u spreekt met`: a tag speaks to whoever listens."""
    if said[at] not in data["tag_words"]:
        return False
    return bool(at and said[at - 1] in data["tag_verbs"]) or not set(data["introduces"]).isdisjoint(
        said[at + 1 : at + 2]
    )


def _due_at(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """`te laat bij de dokter`, `om negen uur bij jullie`: where the caller has to be and when."""
    when = set(data["due_before"])
    return any(said[i] in data["bound_before"] and said[i - 1] in when for i in range(max(1, at - 2), at))


def _only_said(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """A word of the practice that lays nothing at its door."""
    if said[at] in data["here"] and said[at - 1] in data["hereof"]:
        return True
    return (
        _tagged(data, said, at) or _due_at(data, said, at) or _introduced(data, said, at) or _any_role(data, said, at)
    )


def _any_role(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """`een tandarts`, `die dokter`: whoever was named before; `kan de dokter langskomen`: who is asked for."""
    role = said[at] in data["roles"]
    asked = role and said[at - 1] in data["roles_asked"] and said[at - 2] in data["asks_for"]
    return asked or (role and said[at - 1] in data["roles_of_others"])


def _introduced(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """`mevrouw Postma hier`: who rings."""
    return said[at] in data["here"] and at >= 2 and said[at - 2] in data["named_by"]


def _bound_for(data: Mapping[str, Any], said: Sequence[str], at: int) -> bool:
    """`ik sta hier vast`, `een afspraak bij de tandarts`, `naar jullie toe`: where the caller is or has to be."""
    return said[at] in data["here"] or not set(data["bound_before"]).isdisjoint(said[max(0, at - 2) : at])


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
    """Words of the agent's first turn: who was called, and what belongs to the same house."""
    said = frozenset(norm for utterance in view.of("agent")[:1] for norm in utterance.norms)
    belongs = view.knowledge.situations["klacht"]["belongs"]
    return said.union(word for word, houses in belongs.items() if not said.isdisjoint(houses))
