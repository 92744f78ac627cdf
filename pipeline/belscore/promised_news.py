"""Promises of news that say nothing of a call: what will be written, when the caller will know, who will be back.

Inventory: `rules/situations/terugbellen.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from belscore.cues_in_turns import MAX_COVER_COST, exactly
from belscore.holds import MIN_GAP_S
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView
from belscore.who_calls import WhoCalls


def promised_news(view: CallView, data: Mapping[str, Any], said: Sequence[Match], who: WhoCalls) -> list[Match]:
    """What `said`, the promises found by their cues, leaves out; one a turn at most for each way of saying it.

    data : the situation file `terugbellen.toml`
    """
    found = [*_withheld(view, data, said), *_found_out(view, data, said), *_told_how(view, data, said)]
    promised = {match.utterance.index for match in (*said, *found)}
    others = [utterance for utterance in view.of("agent")[1:] if utterance.index not in promised]
    known = [match for match in _known_by(view, data, others) if not who.outside(_from(match))]
    return [*found, *known, *_returns(view, data, others)]


def _from(match: Match) -> Sequence[str]:
    """The words behind the verb, to the end of the sentence: `weet u van de specialist of ...`."""
    return match.utterance.norms[match.start : match.utterance.sentence_of(match.start)[1]]


def _known_by(view: CallView, data: Mapping[str, Any], utterances: Sequence[Utterance]) -> list[Match]:
    """`u hoort morgen of het kan`, `binnen een uur weet u wat het kost`: a term beside the verb, and about what."""
    found: list[Match] = []
    for utterance in utterances:
        told = [(match, True) for match in view.finder.find(data["hears_by"], utterance)]
        told += [(match, False) for match in view.finder.find(data["knows_by"], utterance)]
        found += [match for match, either_side in told if _with_term(view, data, match, either_side)][:1]
    return found


def _with_term(view: CallView, data: Mapping[str, Any], match: Match, either_side: bool) -> bool:
    """Behind the verb, or its term, comes what the caller will know.

    either_side : the term may follow; `weet u morgen of ...` asks
    """
    utterance = match.utterance
    _, high = utterance.sentence_of(match.start)
    if match.cost or utterance.tokens[high - 1].after == "?":
        return False
    spans, between = _terms_near(view, match), frozenset(data["between"])
    norms = utterance.norms
    ends = [match.end for _, end in spans if end <= match.start and between >= {*norms[end : match.start]}]
    if either_side:
        ends += [end for start, end in spans if start >= match.end and between >= {*norms[match.end : start]}]
    return any(end < high and norms[end] in data["news"] for end in ends)


def _terms_near(view: CallView, match: Match) -> list[tuple[int, int]]:
    """Places of the terms and moments in the sentence of a match."""
    utterance = match.utterance
    low, high = utterance.sentence_of(match.start)
    hard = view.finder.find(view.lexicon.list("termijnen", "hard"), part(utterance, low, high))
    spans = [(low + each.start, low + each.end) for each in hard if each.cost == 0]
    return spans + [(moment.start, moment.end) for moment in view.moments(utterance) if low <= moment.start < high]


def at_a_time(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """`donderdagochtend hoort u mij weer`, `om vier uur belt mijn collega`: the moment beside it makes it a promise.

    data : the situation file `terugbellen.toml`
    """
    found: list[Match] = []
    for utterance in view.of("agent")[1:]:
        found += [match for match in view.finder.find(data["at_time"], utterance) if _beside_term(view, data, match)]
        found += [match for match in view.finder.find(data["calls_behind"], utterance) if _rung_at(view, data, match)]
        soon = [match for match in view.finder.find(data["calls_at"], utterance) if _rung_soon(view, data, match)]
        found += soon
    return found


def _beside_term(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """A moment in front of the words, inside or behind them, and neither a question nor a denial."""
    utterance, between = match.utterance, frozenset(data["between"])
    norms, (_, high) = utterance.norms, utterance.sentence_of(match.start)
    denied = not view.lexicon.negations.isdisjoint(norms[match.start : match.end + 1])
    denied = denied or not view.lexicon.words("termijnen", "past").isdisjoint(norms[match.start : match.end + 1])
    if match.cost or denied or utterance.tokens[high - 1].after == "?":
        return False
    return any(
        between.issuperset(norms[end : match.start]) and between.issuperset(norms[match.end : start])
        for start, end in _terms_near(view, match)
    )


def _rung_at(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """A moment in front of the verb, and behind whoever calls no more than what it is about."""
    utterance, between = match.utterance, frozenset(data["between"])
    norms, (low, high) = utterance.norms, utterance.sentence_of(match.start)
    if match.cost or utterance.tokens[high - 1].after == "?" or norms[low] in data["supposes"]:
        return False
    at = match.end
    while at < high and norms[at] in data["passing"]:
        at += 1
    result = exactly(view, data["to_caller"], part(utterance, at, high))
    alone = at == high or bool(utterance.tokens[at - 1].after) or norms[at] in data["calls_about"] or bool(result)
    if not alone or not (result or frozenset(data["other_rung"]).isdisjoint(norms[at:high])):
        return False
    if relative_rings(view, data, match):
        return False
    return any(
        end <= match.start and between.issuperset(norms[end : match.start]) for _, end in _terms_near(view, match)
    )


def relative_rings(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`mijn dochter zou bellen - die belt dan vanmiddag maar`: of the caller's house, and nobody of the practice."""
    pronoun = not frozenset(data["refers"]).isdisjoint(match.utterance.norms[match.start : match.end])
    before = view.utterances[match.utterance.index - 1] if match.utterance.index else None
    if not pronoun or before is None or before.role != "caller":
        return False
    theirs = any(own in data["their_own"] and who in data["relatives"] for own, who in pairwise(before.norms))
    staff = frozenset(data["staff"]) - frozenset(data["refers"])
    return theirs and staff.isdisjoint((*before.norms, *match.utterance.norms[: match.start]))


def _rung_soon(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`de arts belt zo`, at the end of its sentence, and not the agent, who may ring anybody."""
    utterance = match.utterance
    norms, (low, high) = utterance.norms, utterance.sentence_of(match.start)
    own = view.lexicon.words("aanspreekvorm", "speakers")
    if match.cost or not own.isdisjoint(norms[match.start : match.end]) or norms[low] in data["supposes"]:
        return False
    if relative_rings(view, data, match):
        return False
    rest = [norm for norm in norms[match.end : high] if norm not in data["passing"]]
    return " ".join(rest) in data["soon"] and utterance.tokens[high - 1].after != "?"


def _returns(view: CallView, data: Mapping[str, Any], utterances: Sequence[Utterance]) -> list[Match]:
    """`ik kom zo bij u terug` where nobody waits: the call goes on and ends without a gap."""
    found = [match for utterance in utterances for match in view.finder.find(data["returns"], utterance)[:1]]
    if not found or view.call.times == "text":
        return []
    since = found[0].utterance.index
    later = [utterance.turn for utterance in view.utterances[since:] if utterance.tokens]
    waits = any(other.start_s - one.end_s >= MIN_GAP_S for one, other in pairwise(later))
    left = view.call.duration_s - max(turn.end_s for turn in later) >= MIN_GAP_S
    return [] if waits or left or len(later) == 1 else found


def _withheld(view: CallView, data: Mapping[str, Any], said: Sequence[Match]) -> list[Match]:
    """What the agent may not say now and will write: `dat mag ik zo niet zeggen, u krijgt het op papier`."""
    promised = {match.utterance.index for match in said}
    kept = [u for u in view.of("agent") if u.index not in promised and view.finder.any(data["withheld"], u)]
    return [match for utterance in kept for match in view.finder.find(data["written"], utterance)[:1]]


def _found_out(view: CallView, data: Mapping[str, Any], said: Sequence[Match]) -> list[Match]:
    """What the agent is to find out and will write: `dat vraag ik na, en dan krijgt u de prijs in de mail`."""
    promised = {match.utterance.index for match in said}
    found: list[Match] = []
    for utterance in view.of("agent"):
        asks = [m for m in view.finder.find(data["inquires"], utterance) if m.cost < MAX_COVER_COST]
        if asks and utterance.index not in promised:
            found += [match for match in _sent(view, data, utterance) if match.start >= asks[0].end][:1]
    return found


def _sent(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> list[Match]:
    """`dan krijgt u de prijs een dezer dagen in de mail`: what the caller gets, and in the same sentence how."""
    mails = [m for m in view.finder.find(data["mails"], utterance) if m.cost < MAX_COVER_COST]
    for match in view.finder.find(data["receives"], utterance):
        rest = part(utterance, match.end, utterance.sentence_of(match.start)[1])
        if match.cost == 0 and view.finder.any(data["carriers"], rest):
            mails.append(match)
    return mails


def _told_how(view: CallView, data: Mapping[str, Any], said: Sequence[Match]) -> list[Match]:
    """The agent's answer to a caller who asks how or when they will hear: `per brief, uiterlijk vrijdag`."""
    promised = {match.utterance.index for match in said}
    when = (*view.lexicon.list("termijnen", "hard"), *view.lexicon.list("termijnen", "soft"))
    found: list[Match] = []
    for utterance in view.of("caller"):
        answer = next(iter(view.utterances[utterance.index + 1 : utterance.index + 2]), None)
        if answer is None or answer.role != "agent" or answer.index in promised:
            continue
        no_news = (*data["not_affirmed"], *data["told_elsewhere"])
        if view.finder.any(data["asked_how"], utterance) and not view.finder.any(no_news, answer):
            found += view.finder.find((*data["written"], *data["told_how"], *when), answer)[:1]
    return found
