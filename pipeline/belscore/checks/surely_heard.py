"""Whether a moment or a number was heard well enough to hold a difference against the agent."""

from __future__ import annotations

from dataclasses import replace

from belscore.agreements import Thing
from belscore.checks.slips import same_moment
from belscore.language.moments import Moment
from belscore.language.tokens import Utterance
from belscore.view import CallView

# Of words at 0.6 the default model has about half right, from 0.8 on three in four (bench/wer.py). Words of a moment
# support each other; digits do not.
SURE_MOMENT = 0.6
SURE_NUMBER = 0.8


def sure(view: CallView, value: Thing) -> bool:
    """A value was well heard, or heard the same in two turns: a recogniser does not make one mistake twice."""
    if not view.recognised:
        return True
    if isinstance(value, Moment):
        same = {m.utterance.index for u in view.utterances for m in view.moments(u) if same_moment(m, value)}
        return len(same) > 1 or (_heard(view, value) >= SURE_MOMENT and view.crisp([_with_neighbours(value)]))
    utterance, number = value
    twice = {u.index for u in view.utterances for value in view.values(u) if value.digits == number.digits}
    return len(twice) > 1 or min(t.probability for t in utterance.tokens[number.start : number.end]) >= SURE_NUMBER


def _heard(view: CallView, moment: Moment) -> float:
    """How surely the words that carry the moment were heard, 0..1: what only links them changes nothing."""
    tokens = moment.utterance.tokens[moment.start : moment.end]
    linking = view.lexicon.words("waarden", "linking")
    carrying = [token.probability for token in tokens if token.norm not in linking]
    return min(carrying, default=moment.probability)


def _with_neighbours(moment: Moment) -> Utterance:
    """The words of a moment with the one on each side; cut down in time too, so that a lost `half` leaves a hole."""
    utterance = moment.utterance
    start, end = max(0, moment.start - 1), min(moment.end + 1, len(utterance.tokens))
    tokens = utterance.tokens[start:end]
    times = (tokens[0].start_s, tokens[-1].end_s)
    words = tuple(word for word in utterance.turn.words if times[0] <= word.start_s and word.end_s <= times[1])
    turn = replace(utterance.turn, start_s=times[0], end_s=times[1], words=words)
    return replace(utterance, turn=turn, tokens=tokens)
