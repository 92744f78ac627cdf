"""A colleague who will call as well as the agent, and with no term."""

from __future__ import annotations

from belscore.language.phrases import LONG_WORD_LETTERS, Match
from belscore.language.tokens import Utterance, part
from belscore.loose_terms import sentence_of
from belscore.terms import TermReader
from belscore.view import CallView


def of_colleague(view: CallView, reader: TermReader) -> Match | None:
    """`die komt daar bij u op terug`, of a colleague, where all that binds is what the agent will do; for sure where
    the agent says both side by side again: `ik bel u morgen en de verpleegkundige laat van zich horen`."""
    promises = view.situations.promises
    bound = [each for each in promises if reader.own_term(each).kind == "hard" and not _lent(view, reader, each)]
    if not bound or not all(_by_agent(view, each) for each in bound):
        return None
    for promise in promises:
        said = sentence_of(promise)
        named = [norm for norm in _with_referent(view, promise).norms if _colleague(view, norm)][-1:]
        if not named or promise in bound or _by_agent(view, promise) or reader.own_term(promise).kind == "open":
            continue
        later = [u for u in view.of("agent") if u.index > promise.utterance.index]
        apart = [_apart(view, reader, u, named[0]) for u in later if named[0] in u.norms]
        alone = [each for each in bound if each.utterance in later and named[0] not in each.utterance.norms]
        settled = not reader.unanswered(promise) or term_named(view, reader, promise)
        if apart and all(apart) and not alone and not settled and view.crisp([said]):
            return promise
    return None


def _lent(view: CallView, reader: TermReader, promise: Match) -> bool:
    """`ik bel u morgen en de arts belt u ook nog`: the term is that of the agent's own promise in the clause before."""
    own, term = promise.utterance, reader.own_term(promise)
    before = (p for p in view.situations.promises if p.utterance.index == own.index and p.end <= promise.start)
    return reader.apart(promise, term) and not _by_agent(view, promise) and any(_by_agent(view, p) for p in before)


def _with_referent(view: CallView, promise: Match) -> Utterance:
    """The sentence of a promise, with the one before it where a pronoun opens it: `dat weet de arts. Die belt u.`"""
    utterance = promise.utterance
    low, high = utterance.sentence_of(promise.start)
    refers = low > 0 and utterance.norms[low] in view.knowledge.situations["terugbellen"]["refers"]
    return part(utterance, utterance.sentence_of(low - 1)[0] if refers else low, high)


def _apart(view: CallView, reader: TermReader, utterance: Utterance, named: str) -> bool:
    """What the agent will do by a term comes first, and the colleague behind it, with none."""
    at = max(place for place, norm in enumerate(utterance.norms) if norm == named)
    own = [each for each in view.situations.promises if each.utterance.index == utterance.index and each.end <= at]
    timed = any(_by_agent(view, each) and reader.own_term(each).kind == "hard" for each in own)
    return timed and reader.hard_in(utterance, at) is None


def _by_agent(view: CallView, promise: Match) -> bool:
    """`ik bel u`, `u hoort het van mij`."""
    norms = promise.utterance.norms[max(0, promise.start - 2) : promise.end]
    own = view.knowledge.situations["terugbellen"]["of_agent"]
    return not view.lexicon.words("aanspreekvorm", "speakers").isdisjoint(norms) or not set(own).isdisjoint(norms)


def _colleague(view: CallView, norm: str) -> bool:
    """`verpleegkundige`, `longverpleegkundige`: by the word for who works there, or a compound of it."""
    data = view.knowledge.situations["terugbellen"]
    return any(norm == each or (len(each) > LONG_WORD_LETTERS and norm.endswith(each)) for each in data["colleagues"])


def term_named(view: CallView, reader: TermReader, promise: Match) -> bool:
    """The caller answers it with a term of their own: `kan dat voor het weekend?`, or one that the agent takes up."""
    reply = next((u for u in view.of("caller") if u.index > promise.utterance.index), None)
    asked = reply is not None and reader.hard_in(reply) is not None and bool(view.asking.questions(reply))
    return asked or reader.granted(promise) is not None
