"""A moment at which the agent hands something on, in front of the promise that somebody else will call."""

from __future__ import annotations

from belscore.language.phrases import Match
from belscore.view import CallView

# Who hands it on stands so many words in front of the moment at most.
SUBJECT_REACH = 10


def behind_handing(view: CallView, promise: Match, term: tuple[int, int]) -> int | None:
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
    return None if said.isdisjoint(others) or not said.isdisjoint(speakers) else at
