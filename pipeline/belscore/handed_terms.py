"""A moment at which the agent hands something on, in front of the promise that somebody else will call."""

from __future__ import annotations

from itertools import pairwise

from belscore.cues_in_turns import exactly
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

# Who hands it on stands so many words in front of the moment at most.
SUBJECT_REACH = 10


def own_clause(view: CallView, promise: Match, term: tuple[int, int]) -> tuple[int, bool] | None:
    """Where the promise's own clause begins, behind one with the moment, and whether that one tells of a thing sent."""
    sent = _behind_sending(view, promise, term)
    at = _behind_handing(view, promise, term) if sent is None else sent
    return None if at is None else (at, sent is not None)


def _behind_handing(view: CallView, promise: Match, term: tuple[int, int]) -> int | None:
    """Where the promise's own clause begins: `ik geef het vandaag door, en dan belt hij u zo spoedig mogelijk`.

    term : token range of the moment in front of it, that of what the agent does

    None where the moment may be that of the promise: the agent calls themselves, or tells when the other is there.
    """
    about, norms = "about", promise.utterance.norms
    joins = view.lexicon.words("termijnen", about, "joins") | view.lexicon.words("termijnen", about, "next")
    speakers = view.lexicon.words("aanspreekvorm", "speakers")
    at = next((at for at in range(term[1], promise.end) if norms[at] in joins), None)
    if at is None:
        return None
    low, high = promise.utterance.sentence_of(promise.start)
    own = [place for place in range(max(low, term[0] - SUBJECT_REACH), at) if norms[place] in speakers]
    if not own or not view.lexicon.words("termijnen", about, "tells").isdisjoint(norms[own[-1] : term[0]]):
        return None
    said = frozenset(norms[at : max(high, promise.end)])
    others = {*view.knowledge.situations["terugbellen"]["staff"], *view.lexicon.words("termijnen", "past", "passive")}
    hands = not view.lexicon.words("termijnen", about, "hands").isdisjoint(norms[low:at])
    by_others = not said.isdisjoint(others) and said.isdisjoint(speakers)
    return at if hands or by_others else None


def _behind_sending(view: CallView, promise: Match, term: tuple[int, int]) -> int | None:
    """Where the promise's own clause begins: `de brief gaat morgen weg, en u krijgt nog een belletje`.

    None where that clause takes the moment up: `en dan bel ik u`.
    """
    norms, (low, _) = promise.utterance.norms, promise.utterance.sentence_of(promise.start)
    joins = view.lexicon.words("termijnen", "about", "joins")
    at = next((at for at in range(term[1], promise.start) if norms[at] in joins), None)
    if at is None or not view.lexicon.words("termijnen", "about", "next").isdisjoint(norms[at : promise.end]):
        return None
    sent = exactly(view, view.lexicon.list("termijnen", "about", "sent"), part(promise.utterance, low, at))
    return at if sent else None


def since_contrast(view: CallView, match: Match) -> int:
    """Where the sentence of a match begins, without what it is set against: `het is vol vandaag, maar het komt`.

    `morgen is hij er weer, maar dan belt hij u` takes the moment up.
    """
    low, _ = match.utterance.sentence_of(match.start)
    contrasts, resumes = (view.lexicon.list("termijnen", "clause_ends", key) for key in ("contrasts", "resumes"))
    norms = match.utterance.norms
    behind = [at + 1 for at in range(low, match.start) if norms[at] in contrasts and norms[at + 1] not in resumes]
    return behind[-1] if behind else low


def contact_before(view: CallView, utterance: Utterance, front: tuple[int, int], end: int) -> bool:
    """The moment may be that of the call: `belt u mij vrijdag`; not in `laat u weten of ik vrijdag mag komen`.

    front : token range of the clause up to the moment; it ends at `end`
    """
    contacts, tells = (view.lexicon.words("termijnen", "about", key) for key in ("contacts", "tells"))
    norms = utterance.norms
    if _is_away(view, utterance, front[1], end):
        return False
    opens = [at for at in range(*front) if norms[at] in tells]
    asked = bool(opens) and not contacts.isdisjoint(norms[front[0] : opens[-1]])
    return not asked or not contacts.isdisjoint(norms[opens[-1] : end])


def _is_away(view: CallView, utterance: Utterance, at: int, end: int) -> bool:
    """`donderdag zit ik op de trekker, dan hoor ik niks`: the caller is away; `elke nacht`: no moment."""
    norms, words = utterance.norms, view.lexicon.words
    if norms[at - 1 : at] and norms[at - 1] in words("termijnen", "not_ahead", "repeated"):
        return True
    negated = view.lexicon.negations | words("termijnen", "about", "nothing")
    own, behind = set(norms[at:end]), norms[end : utterance.sentence_of(at)[1]]
    if behind[:1] == ("dan",) and not words("termijnen", "about", "contacts").isdisjoint(behind):
        own |= set(behind)
    return not negated.isdisjoint(own) and words("termijnen", "about", "not_away").isdisjoint(own)


def clauses(utterance: Utterance) -> list[tuple[int, int]]:
    """Token ranges between any two marks of punctuation."""
    ends = [at + 1 for at, token in enumerate(utterance.tokens) if token.after or at + 1 == len(utterance.tokens)]
    return list(pairwise([0, *ends]))
