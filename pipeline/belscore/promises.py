"""Promises to call back or answer later, and offers that come to nothing. Inventory: `situations/terugbellen.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from belscore.cues_in_turns import MAX_COVER_COST, exactly, uncovered
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.summary import content_words, shared
from belscore.view import CallView

# The subject of a promise stands so many tokens in front of its verb: "het ziekenhuis belt u".
SUBJECT_REACH = 2
# An answer comes within so many turns, a listening signal between them allowed for.
ANSWER_TURNS = 2
# In so many first turns of the agent "ik bel u over uw afspraak" is why the practice calls.
OPENING_TURNS = 2
# A "nee" or "ja" that answers stands this near the start of the turn.
ANSWER_TOKENS = 2
# The other half of `blijft u hangen of bel ik u terug` reaches so far from its `of`.
BRANCH_TOKENS = 6
# A circumstance opens its clause so many tokens in front of the verb: `bij nog een keer braken belt u`.
CIRCUMSTANCE_REACH = 6
# A term right behind `daarom bel ik u` has so many words: `over een kwartier`.
TERM_TOKENS = 4


def find_promises(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Promises of the practice, in order: none that the caller declines, that another party keeps, or on condition.

    data : the situation file `terugbellen.toml`
    """
    others = frozenset(data["third_parties"]) - _opening_words(view)
    said = [
        match
        for match in _said(view, data)
        if others.isdisjoint(_subject(view, match))
        and not _on_condition(view, data, match)
        and not _asked_of_caller(view, data, match)
    ]
    said += [*_affirmed(view, data, said), *_withheld(view, data, said), *_found_out(view, data, said)]
    return sorted([*said, *_told_how(view, data, said)], key=lambda match: match.start_s)


def undeclined(view: CallView, data: Mapping[str, Any], utterances: Sequence[Utterance]) -> list[Match]:
    """Cues of a situation in the agent's turns, less the offers that the caller declines in the next turn."""
    return [match for match in _cues(view, data, utterances) if not _declined(view, data, match)]


def _cues(view: CallView, data: Mapping[str, Any], utterances: Sequence[Utterance]) -> list[Match]:
    """Cues that nothing covers; of `exact` ones no word may be lost, and `sure` ones nothing covers."""
    exact = [match for match in uncovered(view, data, "exact", utterances) if match.cost == 0]
    sure = [match for utterance in utterances for match in exactly(view, data.get("sure", ()), utterance)]
    return [*uncovered(view, data, "cues", utterances), *exact, *sure]


def _said(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Undeclined cues; where the practice called, or as the agent opens, words that say why are none."""
    reasons = {**data, "not": [*data["not"], *data["calls_now"]]}
    agents = view.of("agent")
    opening = len(agents) if view.call.direction == "outbound" else OPENING_TURNS
    found = [*undeclined(view, reasons, agents[:opening]), *undeclined(view, data, agents[opening:])]
    coordinated = [match for match in _coordinated(view, data) if not _declined(view, data, match)]
    said = [match for match in found if not _asks_hearing(data, match) and not _says_why(view, data, match)]
    return said + coordinated + [match for match in _at_a_moment(view, data) if not _declined(view, data, match)]


def _at_a_moment(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """`hij belt vanmiddag even`: whom is left out, for a moment follows and nobody else is rung behind it.

    Where the practice called it is to call again: `dan probeer ik het morgen om elf uur weer`.
    """
    found: list[Match] = []
    hard = view.lexicon.list("termijnen", "hard")
    outbound = view.call.direction == "outbound"
    verbs = [*data["calls_at"], *(data["tries_at"] if outbound else ())]
    for utterance in view.of("agent")[1:]:
        for match in view.finder.find(verbs, utterance):
            rest = part(utterance, match.end, utterance.sentence_of(match.end - 1)[1])
            if outbound and not view.finder.any(data["again"], rest):
                continue
            when = [m.start for m in view.finder.find(hard, rest) if m.cost == 0]
            ahead = (moment.start - match.end for moment in view.moments(utterance))
            when += [start for start in ahead if 0 <= start < len(rest.tokens)]
            at = min(when, default=None)
            if match.cost or at is None or not frozenset(data["between"]).issuperset(rest.norms[:at]):
                continue
            if frozenset(data["rings"]).isdisjoint(rest.norms) and rest.norms[at] not in data["same_call"]:
                found.append(match)
    return found


def _says_why(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`daarom bel ik u`: why the practice calls now, unless a later moment follows: `daarom bel ik u morgen`."""
    utterance = match.utterance
    whys = [each for each in view.finder.find(data["calls_why"], utterance) if each.cost < MAX_COVER_COST]
    beside = [why for why in whys if why.start <= match.end and match.start <= why.end]
    if not beside:
        return False
    when = (*view.lexicon.list("termijnen", "hard"), *view.lexicon.list("termijnen", "soft"))
    terms = view.finder.find(when, utterance)
    ahead = {term.start for term in terms if term.end - term.start <= TERM_TOKENS}
    ahead |= {moment.start for moment in view.moments(utterance)}
    ahead -= {at for at, norm in enumerate(utterance.norms) if norm in data["same_call"]}
    return not any(why.end in ahead for why in beside)


def _asks_hearing(data: Mapping[str, Any], match: Match) -> bool:
    """`en hoort u het aan één kant`: the verb opens its clause, so that it asks about the caller's ears."""
    norms, start = match.utterance.norms, match.start
    low, _ = match.utterance.sentence_of(start)
    return norms[start] in data["hears"] and (start == low or norms[start - 1] in data["before_question"])


def _coordinated(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """`de dokter zoekt het uit en belt u morgen`; with `u` as the first subject the caller is to call."""
    staff, formal = frozenset(data["staff"]), view.lexicon.words("aanspreekvorm", "formal")
    prepositions = view.lexicon.words("aanspreekvorm", "prepositions")
    found: list[Match] = []
    for utterance in view.of("agent"):
        for match in view.finder.find(data["coordinated"], utterance):
            low, _ = utterance.sentence_of(match.start)
            before = utterance.norms[low : match.start]
            told = any(
                norm in formal and (at == 0 or before[at - 1] not in prepositions) for at, norm in enumerate(before)
            )
            if not told and not staff.isdisjoint(before) and not view.finder.any(data["by_caller"], utterance):
                found.append(match)
    return found


def _declined(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    following = view.utterances[match.utterance.index + 1 : match.utterance.index + 1 + ANSWER_TURNS]
    answer = next((each for each in following if each.role == "caller" and each.tokens), None)
    if answer is None or any(each.role == "agent" and each.index < answer.index for each in following):
        return False
    if _takes_other(view, match, answer):
        return True
    declines = view.finder.any(data["decline"], answer)
    says_no = not view.lexicon.words("einde", "refusals").isdisjoint(answer.norms[:ANSWER_TOKENS])
    if _is_offer(view, data, match):
        return declines or (
            says_no and not view.finder.any(view.lexicon.table("afspraken", "chooses")["takes"], answer)
        )
    waives = view.finder.find(data.get("waives", ()), answer)
    return (says_no and declines) or any(each.start < ANSWER_TOKENS for each in waives)


def _takes_other(view: CallView, match: Match, answer: Utterance) -> bool:
    """`blijft u hangen, of bel ik u terug?`: the caller takes the other half, in its words or by its place."""
    utterance = match.utterance
    low, high = utterance.sentence_of(match.start)
    joins, formal = view.lexicon.words("afspraken", "alternatives"), view.lexicon.words("aanspreekvorm", "formal")
    places = [at for at in range(low, high) if utterance.norms[at] in joins and not match.start < at < match.end]
    if not places or not view.lexicon.negations.isdisjoint(answer.norms):
        return False
    at = min(places, key=lambda place: min(abs(place - match.start), abs(place - match.end)))
    front, behind = part(utterance, max(low, at - BRANCH_TOKENS), at), part(utterance, at + 1, high)
    behind = part(behind, 0, BRANCH_TOKENS + 2)
    own, other, place = (front, behind, "last") if match.start < at else (behind, front, "first")
    if formal.isdisjoint(other.norms):
        return False
    said, mine = content_words(view, [answer]), content_words(view, [own])
    if shared(said, mine - content_words(view, [other])):
        return False
    by_place = view.finder.any(view.lexicon.table("afspraken", "chooses")[place], answer)
    return by_place or shared(said, content_words(view, [other])) > 0


def _is_offer(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """Put as a question, or in words that leave it to the caller."""
    utterance = match.utterance
    start, end = utterance.sentence_of(match.start)
    asks = any(token.after == "?" for token in utterance.tokens[match.end - 1 : max(end, match.end)])
    return asks or view.finder.any(data.get("offers", ()), part(utterance, start, max(end, match.end)))


def _on_condition(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`als er iets is, bellen wij u`: nothing is promised but for a case that may never come."""
    utterance = match.utterance
    start, end = utterance.sentence_of(match.start)
    return view.finder.any(data["conditions"], part(utterance, start, max(end, match.end)))


def _asked_of_caller(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`bij nog een keer braken belt u`: what stands in front of the verb is no subject, so that it is the caller."""
    utterance, verb = match.utterance, match.end - 2
    formal = view.lexicon.words("aanspreekvorm", "formal")
    if verb < 1 or utterance.norms[verb] not in data["calls"] or utterance.norms[verb + 1] not in formal:
        return False
    low, _ = utterance.sentence_of(match.start)
    for at in range(verb - 1, max(low - 1, verb - 1 - CIRCUMSTANCE_REACH), -1):
        if utterance.tokens[at].after or utterance.norms[at] in data["staff"]:
            return False
        if utterance.norms[at] in data["circumstances"]:
            return True
    return False


def _affirmed(view: CallView, data: Mapping[str, Any], said: Sequence[Match]) -> list[Match]:
    """The agent's yes to a caller who asks whether the practice will call."""
    promised = {match.utterance.index for match in said}
    found: list[Match] = []
    for utterance in view.of("caller"):
        following = view.utterances[utterance.index + 1 : utterance.index + 2]
        if not view.finder.any(data["asked"], utterance):
            continue
        for answer in following:
            if answer.role != "agent" or answer.index in promised:
                continue
            yes = [each for each in view.finder.find(data["affirms"], answer) if each.start < ANSWER_TOKENS]
            if yes and not view.finder.any(data["not_affirmed"], answer):
                found += view.finder.find(data["affirms"], answer)[:1]
    return found


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
        if view.finder.any(data["asked_how"], utterance) and not view.finder.any(data["not_affirmed"], answer):
            found += view.finder.find((*data["written"], *data["told_how"], *when), answer)[:1]
    return found


def _subject(view: CallView, match: Match) -> Sequence[str]:
    """The words of a promise, with those in front that can be its subject where it is not `ik`, `we` or `u`."""
    low, _ = match.utterance.sentence_of(match.start)
    said = match.utterance.norms[match.start : match.end]
    formal = view.lexicon.words("aanspreekvorm", "formal")
    if said[0] in formal or not view.lexicon.words("aanspreekvorm", "speakers").isdisjoint(said):
        return said
    return match.utterance.norms[max(low, match.start - SUBJECT_REACH) : match.end]


def _opening_words(view: CallView) -> frozenset[str]:
    """Words of the agent's first turn: who was called."""
    return frozenset(norm for utterance in view.of("agent")[:1] for norm in utterance.norms)
