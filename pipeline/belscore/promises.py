"""Promises to call back or answer later, and offers that come to nothing. Inventory: `situations/terugbellen.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from belscore.cues_in_turns import MAX_COVER_COST, clear_of, exactly, uncovered
from belscore.language.phrases import LONG_WORD_LETTERS, Match
from belscore.language.tokens import Utterance, part
from belscore.other_half import takes_other
from belscore.promised_news import at_a_time, promised_news, relative_rings
from belscore.split_turns import across
from belscore.view import MIN_PROBABILITY, CallView
from belscore.who_calls import WhoCalls

# An answer comes within so many turns, a listening signal between them allowed for.
ANSWER_TURNS = 2
# In so many first turns of the agent "ik bel u over uw afspraak" is why the practice calls.
OPENING_TURNS = 2
# A "nee" or "ja" that answers stands this near the start of the turn.
ANSWER_TOKENS = 2
# A term right behind `daarom bel ik u` has so many words: `over een kwartier`.
TERM_TOKENS = 4


def find_promises(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Promises of the practice, in order: none that the caller declines, that another party keeps, or on condition.

    data : the situation file `terugbellen.toml`
    """
    who = WhoCalls(view, data)
    said = [match for match in _said(view, data) if who.practice(match) and not _on_condition(view, data, match)]
    said = [match for match in said if not _to_another(view, data, match)]
    own = any(not who.mutual(match) for match in said)
    said = [match for match in said if own or not who.mutual(match)]
    said += _affirmed(view, data, said, who)
    news = [match for match in promised_news(view, data, said, who) if not _opens_with(view, data, match)]
    return sorted((m for m in (*said, *news) if not _in_person(view, data, m)), key=lambda match: match.start_s)


def plainly(view: CallView, data: Mapping[str, Any], promises: Sequence[Match]) -> bool:
    """`dan bel ik u straks nog even terug`, well heard: no other words of the call make it less of a promise."""
    heard = [each for each in promises if each.probability >= MIN_PROBABILITY]
    return any(not clear_of([each], exactly(view, data["plain"], each.utterance)) for each in heard)


def undeclined(view: CallView, data: Mapping[str, Any], utterances: Sequence[Utterance]) -> list[Match]:
    """Cues of a situation in the agent's turns, less the offers that the caller declines in the next turn."""
    return [match for match in _cues(view, data, utterances) if not _declined(view, data, match)]


def _cues(view: CallView, data: Mapping[str, Any], utterances: Sequence[Utterance]) -> list[Match]:
    """Cues that nothing covers; of `exact` ones no word may be lost, and `sure` ones nothing covers."""
    exact = [match for match in uncovered(view, data, "exact", utterances) if match.cost == 0]
    sure = [match for utterance in utterances for match in exactly(view, data.get("sure", ()), utterance)]
    sure = [
        match for match in sure if view.lexicon.negations.isdisjoint(match.utterance.norms[match.end : match.end + 1])
    ]
    cues = [match for match in uncovered(view, data, "cues", utterances) if not _ends_otherwise(view, match)]
    cues = [match for match in cues if not _of_another(data, match)]
    return [*cues, *exact, *sure]


def _ends_otherwise(view: CallView, match: Match) -> bool:
    """`laat u haar opnieuw meten` is not `laat u weten`: a short word that was typed is seldom a misspelt other one."""
    if match.cost == 0 or view.recognised:
        return False
    last = match.utterance.norms[match.end - 1]
    return len(last) < LONG_WORD_LETTERS and last not in match.phrase.words and "*" not in match.phrase.text


def _of_another(data: Mapping[str, Any], match: Match) -> bool:
    """`breng de chirurg op de hoogte` is not `breng u op de hoogte`: the caller is not in it, and somebody else is."""
    said = match.utterance.norms[max(0, match.start - 1) : match.end]
    if match.cost == 0 or "objects" not in data or frozenset(data["objects"]).isdisjoint(said):
        return False
    told = frozenset(data["addressed"])
    needs = any(not each.optional and not told.isdisjoint(each.choices) for each in match.phrase.elements)
    return needs and told.isdisjoint(said)


def _said(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Undeclined cues; where the practice called, or as the agent opens, words that say why are none."""
    reasons = {**data, "not": [*data["not"], *data["calls_now"]]}
    agents = view.of("agent")
    opening = len(agents) if view.call.direction == "outbound" else OPENING_TURNS
    found = [*undeclined(view, reasons, agents[:opening]), *undeclined(view, data, agents[opening:])]
    coordinated = [match for match in _coordinated(view, data) if not _declined(view, data, match)]
    found += [match for match in _by_name(view, data) if not _declined(view, data, match)]
    found += across(view, "agent", lambda turns: undeclined(view, data, turns))
    found = [match for match in found if not _asks_hearing(data, match) and not _asks_behind(data, match)]
    said = [match for match in found if not _says_why(view, data, match)]
    rings = [*_at_a_moment(view, data), *at_a_time(view, data), *_rings_then(view, data)]
    return said + coordinated + [match for match in rings if not _declined(view, data, match)]


def _at_a_moment(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """`hij belt vanmiddag even`: whom is left out, for a moment follows and nobody else is rung behind it.

    Where the practice called it is to call again: `dan probeer ik het morgen om elf uur weer`.
    """
    found: list[Match] = []
    terms = _terms(view)
    outbound = view.call.direction == "outbound"
    verbs = [*data["calls_at"], *(data["tries_at"] if outbound else ())]
    for utterance in view.of("agent")[1:]:
        for match in view.finder.find(verbs, utterance):
            rest = part(utterance, match.end, utterance.sentence_of(match.end - 1)[1])
            if outbound and not view.finder.any(data["again"], rest):
                continue
            when = [(m.start, m.end) for m in view.finder.find(terms, rest) if m.cost == 0]
            ahead = ((moment.start - match.end, moment.end - match.end) for moment in view.moments(utterance))
            when += [(start, end) for start, end in ahead if 0 <= start < len(rest.tokens)]
            at = min((start for start, _ in when), default=None)
            if match.cost or at is None or not frozenset(data["between"]).issuperset(rest.norms[:at]):
                continue
            rings = _rings_other(view, data, rest, when) or _supposed(data, match) or relative_rings(view, data, match)
            if not rings and rest.norms[at] not in data["same_call"]:
                found.append(match)
    return found


def _rings_then(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """`ik zoek het uit en dan bel ik even`: whom ends the sentence unsaid, behind what is found out for the caller.

    Or before a caller who asks when.
    """
    when = view.lexicon.list("vragen", "when")
    found: list[Match] = []
    for utterance in view.of("agent")[1:]:
        for match in exactly(view, data["rings_then"], utterance):
            low, high = utterance.sentence_of(match.start)
            ends = frozenset(data["passing"]).issuperset(utterance.norms[match.end : high])
            if not ends or not frozenset(data["supposes"]).isdisjoint(utterance.norms[low : match.start]):
                continue
            reply = view.utterances[utterance.index + 1 : utterance.index + 2]
            asked = any(each.role == "caller" and view.finder.any(when, each) for each in reply)
            if asked or view.finder.any(data["inquires"], part(utterance, 0, match.start)):
                found.append(match)
    return found


def _rings_other(view: CallView, data: Mapping[str, Any], rest: Utterance, when: Sequence[tuple[int, int]]) -> bool:
    """`ik bel morgen even het ziekenhuis`: somebody else is rung: a preposition or an object follows."""
    if not frozenset(data["rings"]).isdisjoint(rest.norms):
        return not exactly(view, data["to_caller"], rest)
    at = min(start for start, _ in when)
    while at < len(rest.tokens):
        later = max((end for start, end in when if start <= at < end), default=at)
        if later == at and rest.norms[at] not in data["passing"]:
            return rest.norms[at] in data["articles"] and not rest.tokens[at - 1].after
        at = max(later, at + 1)
    return False


def _supposed(data: Mapping[str, Any], match: Match) -> bool:
    """`als er iemand belt, later vandaag`: only supposed."""
    low, _ = match.utterance.sentence_of(match.start)
    return not frozenset(data["supposes"]).isdisjoint(match.utterance.norms[max(low, match.start - 2) : match.start])


def _by_name(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """`Karin belt u daar nog over`: somebody whose name was said before, as its capital inside a sentence tells."""
    names: set[str] = set()
    found: list[Match] = []
    for utterance in view.utterances if view.cased else ():
        starts = {start for start, _ in utterance.sentences()}
        if utterance.role == "agent":
            calls = [match for match in view.finder.find(data["called_by"], utterance) if match.cost == 0]
            heads = [(match, match.start - 1) for match in calls if match.start - 1 in starts]
            found += [match for match, at in heads if utterance.norms[at] in names and not utterance.tokens[at].after]
        names |= {token.norm for at, token in enumerate(utterance.tokens) if token.capital and at not in starts}
    return found


def _says_why(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`daarom bel ik u`: why the practice calls now, unless a later moment follows: `daarom bel ik u morgen`."""
    utterance = match.utterance
    if _opens_with(view, data, match):
        return True
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


def _opens_with(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`u vroeg naar de uitslag, daar bel ik u over terug`, as the practice rang: with nothing of a later moment it is
    the call that is being made."""
    utterance, start, end = match.utterance, match.start, match.end
    opening = view.of("agent")[:OPENING_TURNS]
    if view.call.direction != "outbound" or not opening or utterance.index > opening[-1].index:
        return False
    low, high = utterance.sentence_of(start)
    near = part(utterance, max(low, start - TERM_TOKENS), min(max(high, end), end + TERM_TOKENS))
    said = frozenset(utterance.norms[max(low, start - TERM_TOKENS) : end])
    if said.isdisjoint(data["calling"]) or said.isdisjoint(view.lexicon.words("aanspreekvorm", "speakers")):
        return False
    if not frozenset(data["calling_later"]).isdisjoint(near.norms):
        return False
    terms = [term for term in view.finder.find(_terms(view), near) if near.norms[term.start] not in data["same_call"]]
    first = max(low, start - TERM_TOKENS)
    ahead = (m for m in view.moments(utterance) if first <= m.start < first + len(near.tokens))
    return not terms and all(utterance.norms[moment.start] in data["same_call"] for moment in ahead)


def _asks_hearing(data: Mapping[str, Any], match: Match) -> bool:
    """`en hoort u het aan één kant`: the verb opens its clause, so that it asks about the caller's ears."""
    norms, start = match.utterance.norms, match.start
    low, _ = match.utterance.sentence_of(start)
    return norms[start] in data["hears"] and (start == low or norms[start - 1] in data["before_question"])


def _asks_behind(data: Mapping[str, Any], match: Match) -> bool:
    """`ik mail u de folder, hoe was uw naam?`: the last word opens a question of its own."""
    utterance, last = match.utterance, match.end - 1
    _, high = utterance.sentence_of(last)
    opens = last > match.start and bool(utterance.tokens[last - 1].after) and utterance.norms[last] in data["news"]
    return opens and utterance.tokens[high - 1].after == "?"


def _in_person(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`meer hoort u van de verpleegkundige als u er bent`: heard where the caller goes, and not by telephone."""
    utterance = match.utterance
    low, high = utterance.sentence_of(match.start)
    sentence = part(utterance, low, max(high, match.end))
    if frozenset(data["hears"]).isdisjoint(sentence.norms[max(0, match.start - low - 1) : match.end - low]):
        return False
    if not frozenset(data["not_in_person"]).isdisjoint(sentence.norms):
        return False
    joins, start, end = frozenset(data["joins"]), match.start - low, match.end - low
    places = exactly(view, data["in_person"], sentence)
    return any(joins.isdisjoint((*sentence.norms[p.end : start], *sentence.norms[end : p.start])) for p in places)


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
    if takes_other(view, match, answer):
        return True
    reply = next((u for u in view.utterances[answer.index + 1 :] if u.tokens), None)
    if reply is not None and reply.role == "agent" and exactly(view, data.get("insists", ()), reply):
        return False
    declines = view.finder.any(data["decline"], answer)
    says_no = not view.lexicon.words("einde", "refusals").isdisjoint(answer.norms[:ANSWER_TOKENS])
    if _is_offer(view, data, match):
        return declines or (
            says_no and not view.finder.any(view.lexicon.table("afspraken", "chooses")["takes"], answer)
        )
    waives = view.finder.find(data.get("waives", ()), answer)
    return (says_no and declines) or any(each.start < ANSWER_TOKENS for each in waives)


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
    found = view.finder.find(data["conditions"], part(utterance, start, max(end, match.end)))
    joins = data["joins"]
    return any(each.start == 0 or start + each.start < match.end or _norm_before(each) not in joins for each in found)


def _norm_before(match: Match) -> str:
    """`en als er iets is`: what joins it to the clause in front of it."""
    return match.utterance.norms[match.start - 1]


def _to_another(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`ik stuur de uitslag naar uw huisarts`: what is written goes to somebody else, and not to the caller as well."""
    utterance = match.utterance
    start, end = utterance.sentence_of(match.start)
    if frozenset(data["writes"]).isdisjoint(utterance.norms[match.start : match.end]):
        return False
    sentence = part(utterance, start, max(end, match.end))
    addressed = frozenset(data["addressed"]).isdisjoint(sentence.norms)
    return addressed and bool(exactly(view, data["to_others"], sentence))


def _affirmed(view: CallView, data: Mapping[str, Any], said: Sequence[Match], who: WhoCalls) -> list[Match]:
    """The agent's yes to a caller who asks whether the practice will call."""
    promised = {match.utterance.index for match in said}
    found: list[Match] = []
    for utterance in view.of("caller"):
        following = view.utterances[utterance.index + 1 : utterance.index + 2]
        asked = view.finder.find(data["asked"], utterance)
        asked = asked and clear_of(asked, exactly(view, data["for_caller"], utterance))
        if all(who.outside(who.subject(match)) for match in asked):
            continue
        for answer in following:
            if answer.role != "agent" or answer.index in promised:
                continue
            yes = [each for each in view.finder.find(data["affirms"], answer) if each.start < ANSWER_TOKENS]
            if yes and not view.finder.any(data["not_affirmed"], answer):
                found += [_with_term(view, match) for match in view.finder.find(data["affirms"], answer)[:1]]
    return found


def _with_term(view: CallView, yes: Match) -> Match:
    """`ja hoor. Vanmiddag om vier uur`: the yes is a sentence of its own, and in the next one stands when."""
    utterance = yes.utterance
    _, start = utterance.sentence_of(yes.start)
    alone = view.lexicon.fillers.issuperset(utterance.norms[yes.end : start])
    if not alone or start == len(utterance.tokens):
        return yes
    _, end = utterance.sentence_of(start)
    ends = [start + match.end for match in view.finder.find(_terms(view), part(utterance, start, end))]
    ends += [moment.end for moment in view.moments(utterance) if start <= moment.start < end]
    asks = utterance.tokens[end - 1].after == "?"
    return replace(yes, end=max(ends)) if ends and not asks else yes


def _terms(view: CallView) -> tuple[str, ...]:
    """Words that tell when, whether they bind or not."""
    return tuple(term for kind in ("hard", "soft", "open") for term in view.lexicon.list("termijnen", kind))
