"""Which half of `blijft u hangen, of bel ik u terug?` the caller takes."""

from __future__ import annotations

from typing import NamedTuple

from belscore.content import content_words, shared
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

# A half reaches so far from its `of`; the one behind it, which opens with its verb, two words further.
BRANCH_TOKENS = 6
VERB_TOKENS = 2


class _Halves(NamedTuple):
    """The half with the offer, the other one, and by which name of its place the caller takes that."""

    own: Utterance
    other: Utterance
    place: str


def takes_other(view: CallView, match: Match, answer: Utterance) -> bool:
    """The caller takes the half without the offer: in its words, by its place, or as the agent's next words tell."""
    halves = _halves(view, match)
    if halves is None or view.lexicon.words("aanspreekvorm", "formal").isdisjoint(halves.other.norms):
        return False
    mine, theirs = content_words(view, [halves.own]), content_words(view, [halves.other])
    clause = _first_clause(answer)
    if view.lexicon.negations.isdisjoint(clause.norms) and _names_only(view, clause, theirs, mine):
        return True
    if not view.lexicon.negations.isdisjoint(answer.norms):
        return False
    said = content_words(view, [answer])
    if shared(said - theirs, mine - theirs):
        return False
    by_place = view.finder.any(view.lexicon.table("afspraken", "chooses")[halves.place], answer)
    if by_place or shared(said, theirs) > 0:
        return True
    reply = next((u for u in view.utterances[answer.index + 1 :] if u.tokens), None)
    return reply is not None and reply.role == "agent" and _names_only(view, reply, theirs, mine)


def _halves(view: CallView, match: Match) -> _Halves | None:
    """The two halves, in a sentence around its `of` or in two of which the second opens with it."""
    utterance = match.utterance
    low, high = utterance.sentence_of(match.start)
    joins = view.lexicon.words("afspraken", "alternatives")
    norms, tokens = utterance.norms, utterance.tokens
    inside = range(match.start + 1, match.end)
    places = [at for at in range(low, high) if norms[at] in joins and (at not in inside or tokens[at - 1].after)]
    asks = tokens[high - 1].after == "?"
    if asks and norms[high : high + 1] and norms[high] in joins and _offers(view, utterance, high):
        places.append(high)
    if not places:
        return None
    at = min(places, key=lambda place: min(abs(place - match.start), abs(place - match.end)))
    first = utterance.sentence_of(at - 1)[0] if at else 0
    last = utterance.sentence_of(at)[1]
    front = part(utterance, max(first, at - BRANCH_TOKENS), at)
    behind = part(utterance, at + 1, min(last, at + 1 + BRANCH_TOKENS + VERB_TOKENS))
    return _Halves(front, behind, "last") if match.start < at else _Halves(behind, front, "first")


def _offers(view: CallView, utterance: Utterance, start: int) -> bool:
    """`of wilt u liever Bert spreken?`, not `of bent u dan aan het werk?`."""
    offers = view.knowledge.situations["terugbellen"]["other_offer"]
    return view.finder.any(offers, part(utterance, start, utterance.sentence_of(start)[1]))


def _first_clause(answer: Utterance) -> Utterance:
    """`doe Bert maar, anders zit ik hier de hele dag`: up to the first mark."""
    end = next((at + 1 for at, token in enumerate(answer.tokens) if token.after), len(answer.tokens))
    return part(answer, 0, end)


def _names_only(view: CallView, said: Utterance, theirs: frozenset[str], mine: frozenset[str]) -> bool:
    """Words of the one half, letter by letter, and none of the other."""
    words = content_words(view, [said])
    return not words.isdisjoint(theirs - mine) and not shared(words - theirs, mine - theirs)
