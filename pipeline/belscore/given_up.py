"""Moments that the agent says are taken out of the diary: `donderdag drie uur haal ik eruit`, `de tiende vervalt`.

Words: `dropped` in `lexicon/afspraken.toml`.
"""

from __future__ import annotations

from belscore.language.moments import Moment
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

# That it is taken out is said so many words in front of the moment, or behind it.
REACH = 6


def gives_up(view: CallView, moment: Moment) -> bool:
    """What is said of the moment takes it out; not `dinsdag om tien uur is er iets vervallen`, which is free now."""
    utterance = moment.utterance
    if _is_replaced(view, moment):
        return True
    low, high = _said_of(view, moment)
    low, high = max(low, moment.start - REACH), min(high, moment.end + REACH)
    if utterance.tokens[utterance.sentence_of(high - 1)[1] - 1].after == "?":
        return False
    said, words = utterance.norms[low:high], view.lexicon.table("afspraken", "dropped")
    if not set(words["others"]).isdisjoint(said) or view.finder.any(words["granted"], part(utterance, low, high)):
        return False
    book = view.knowledge.situations["afspraak"]["book"]
    return takes_out(view, part(utterance, low, high)) and not view.finder.any(book, part(utterance, low, high))


def _is_replaced(view: CallView, moment: Moment) -> bool:
    """`om drie uur in plaats van om twee`: with no more than a preposition between."""
    replaced = tuple(view.lexicon.table("afspraken", "dropped")["replaced"])
    front = moment.utterance.norms[max(0, moment.start - len(replaced) - 1) : moment.start]
    return replaced in (front[-len(replaced) :], front[:-1])


def takes_out(view: CallView, piece: Utterance) -> bool:
    """`is eruit`, `streep ik door`, `laat ik schieten`: the words alone, whatever they are said of."""
    said, words = frozenset(piece.norms), view.lexicon.table("afspraken", "dropped")
    if not said.isdisjoint(words["words"]):
        return True
    return any(particle in said and not said.isdisjoint(verbs) for particle, verbs in words["apart"].items())


def _said_of(view: CallView, moment: Moment) -> tuple[int, int]:
    """Tokens of the clause around a moment, up to the moments on both sides; behind it commas end nothing.

    `u stond dinsdag om elf uur, die haal ik eruit, en dan wordt het donderdag`: of Thursday nothing is taken out.
    """
    utterance, joins = moment.utterance, view.lexicon.words("afspraken", "clause_joins")
    low, _ = utterance.sentence_of(moment.start)
    _, high = utterance.sentence_of(moment.end - 1)
    for at in range(low, moment.start):
        if utterance.tokens[at].after or utterance.norms[at] in joins:
            low = at + 1
    others = view.moments(utterance)
    low = max([low, *(other.end for other in others if other.end <= moment.start)])
    high = min([high, *(other.start for other in others if other.start >= moment.end)])
    high = next((at for at in range(moment.end, high) if utterance.norms[at] in joins), high)
    return low, max(high, moment.end)
