"""When a promise is kept, said alone in the sentence behind it or in the agent's next turn: `dat is dan vanmiddag`."""

from __future__ import annotations

from collections.abc import Iterator

from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

# The caller's short reaction lies between a promise and the agent's next turn.
NEXT_TURNS = 2

Place = tuple[Utterance, int, int]


def said_alone(view: CallView, promise: Match) -> Iterator[Place]:
    """Sentences behind a promise that hold a moment and nothing of substance beside it."""
    return (place for place in _behind(view, promise) if _is_bare(view, *place))


def _behind(view: CallView, promise: Match) -> Iterator[Place]:
    """The next sentence of the turn; where nothing is booked, the first one of the agent's next turn as well."""
    utterance = promise.utterance
    _, end = utterance.sentence_of(max(promise.start, promise.end - 1))
    yield from ((utterance, low, high) for low, high in utterance.sentences() if low == end)
    if view.situations.appointment is not None:
        return
    for later in view.utterances[utterance.index + 1 : utterance.index + 1 + NEXT_TURNS]:
        if later.role == "agent" and later.tokens:
            yield (later, *later.sentence_of(0))


def _is_bare(view: CallView, utterance: Utterance, low: int, high: int) -> bool:
    if utterance.tokens[high - 1].after == "?":
        return False
    spans = [(moment.start, moment.end) for moment in view.moments(utterance)]
    hard = view.finder.find(view.lexicon.list("termijnen", "hard"), part(utterance, low, high))
    spans += [(low + match.start, low + match.end) for match in hard]
    rest = {utterance.norms[at] for at in range(low, high) if not any(start <= at < end for start, end in spans)}
    return rest <= view.lexicon.fillers | view.lexicon.words("termijnen", "about", "bare")
