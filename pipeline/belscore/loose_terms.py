"""When a promise is kept, said apart from it: alone in the next sentence or turn (`dat is dan vanmiddag`), or not even
to a caller who asks (`wanneer is dat?` - `zo spoedig mogelijk`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
        if later.role == "caller" and on_other_business(view, promise, later):
            return
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


def left_open(view: CallView, promise: Match, asks: Callable[[Utterance], bool]) -> Place | None:
    """What the agent says to a caller who asks when, and that leaves it open: `zo spoedig mogelijk`, `geen idee`.

    asks : whether a turn of the caller asks when

    Only the first time they ask; whether the answer holds a term as well is for the caller of this function.
    """
    turns = view.utterances[promise.utterance.index + 1 :][: NEXT_TURNS + 1]
    asked = next((each for each in turns if each.role == "caller" and each.tokens and asks(each)), None)
    reply = next((each for each in turns if asked and each.index > asked.index and each.tokens), None)
    if reply is None or reply.role != "agent":
        return None
    open_words = (view.lexicon.list("termijnen", key) for key in ("soft", "refused"))
    found = [match for words in open_words for match in view.finder.find(words, reply) if match.cost == 0]
    return (reply, found[0].start, found[0].end) if found else None


def on_other_business(view: CallView, promise: Match, utterance: Utterance) -> bool:
    """`en wanneer is mijn recept klaar?`: all that a turn asks is about a thing that the promise does not name."""
    business = view.lexicon.words("termijnen", "about", "business").intersection(utterance.norms)
    if not business or not business.isdisjoint(sentence_of(promise).norms):
        return False
    sentences = [part(utterance, *span) for span in utterance.sentences()]
    when, calls = view.lexicon.list("vragen", "when"), view.lexicon.words("termijnen", "about", "calls")
    asking = [each for each in sentences if each.tokens[-1].after == "?" or view.finder.any(when, each)]
    return bool(asking) and not any(
        business.isdisjoint(each.norms) or not calls.isdisjoint(each.norms) for each in asking
    )


def unheard_by(view: CallView, utterance: Utterance, last: int) -> bool:
    """`heeft u vrijdag nog niets gehoord, belt u ons dan`: the moment, which ends at `last`, bounds the silence."""
    low, high = utterance.sentence_of(last - 1)
    heard = view.lexicon.words("termijnen", "about", "unheard")
    if heard.isdisjoint(utterance.norms[last:high]):
        return False
    data = view.knowledge.situations["terugbellen"]
    clause = utterance.norms[low:last]
    return any(norm in data["supposes"] for norm in clause) or clause[0] in data["if_verbs"]


def sentence_of(promise: Match) -> Utterance:
    """The sentence in which a promise begins."""
    return part(promise.utterance, *promise.utterance.sentence_of(promise.start))
