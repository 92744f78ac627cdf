"""How much the caller's turns are like those of a situation, by the model trained for it; `call_likeness` of calls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from belscore.language.phrases import Match, Phrase
from belscore.language.tokens import Utterance
from belscore.language.turn_model import TurnModel
from belscore.view import CallView

# A turn with fewer words is judged together with the one before it: "nee, niks gehoord" is a complaint behind "ik zou
# gebeld worden", and nothing by itself.
MIN_WORDS = 5
# Of a long stretch without a sentence end so many words are quoted.
QUOTED_WORDS = 20
_STEP = 4
# No turn counts for more than this in a whole call.
_SUREST = 0.0025


class TurnLikeness:
    """Probabilities of one call's turns; made by `turn_likeness`."""

    def __init__(self, model: TurnModel, name: str, turns: Sequence[Utterance]) -> None:
        self._model = model
        self._phrase = Phrase(name, (), (), 0, 0, exact=True)
        read = {turn.index: model.read(turn.norms) for turn in turns}
        long = [turn.index for turn in turns if len(turn.norms) >= MIN_WORDS]
        self._alone = {index: model.probability_of(read[index]) for index in long}
        self._paired: dict[int, float] = {}
        self._behind: dict[int, float] = {}
        for one, other in pairwise(turns):
            together = model.probability_of_both(read[one.index], read[other.index])
            self._behind[other.index] = together
            for turn in (one, other):
                self._paired[turn.index] = max(together, self._paired.get(turn.index, 0.0))

    def alone(self, turn: Utterance) -> float:
        """Of a turn by itself; 0.0 for one of a few words."""
        return self._alone.get(turn.index, 0.0)

    def of(self, turn: Utterance) -> float:
        """Of a turn, by itself or with the caller's turn before or behind it."""
        return max(self.alone(turn), self._paired.get(turn.index, 0.0))

    def behind(self, turn: Utterance) -> float:
        """Of a turn with the caller's turn before it; by itself for the first."""
        return self._behind.get(turn.index, self.alone(turn))

    def measures(self, turns: Sequence[Utterance]) -> tuple[float, float]:
        """Logits of the caller's turn most like one, by itself and with the one beside it."""
        indexes = [turn.index for turn in turns]
        paired = [self._paired[index] for index in indexes if index in self._paired]
        alone = [self._alone[index] for index in indexes if index in self._alone]
        return _logit(max(alone, default=0.0)), _logit(max(paired, default=0.0))

    def quote(self, turn: Utterance) -> Match:
        """The sentence of the turn that is most like one."""
        start, end = max(_stretches(turn), key=lambda span: self._model.probability(turn.norms[span[0] : span[1]]))
        probability = min(token.probability for token in turn.tokens[start:end])
        return Match(self._phrase, turn, start, end, 0.0, probability, doubtful=False)


def turn_likeness(view: CallView, data: Mapping[str, Any]) -> TurnLikeness | None:
    """The likeness of the caller's turns to the situation whose data this is; None when it has no model."""
    model = view.knowledge.models.get(data["id"])
    if model is None or model.turns is None:
        return None
    return TurnLikeness(model.turns, data["id"], view.of("caller"))


def _stretches(turn: Utterance) -> Iterator[tuple[int, int]]:
    """Sentences, and parts of those that are long."""
    for start, end in turn.sentences():
        for at in range(start, max(start + 1, end - QUOTED_WORDS + 1), _STEP):
            yield at, min(end, at + QUOTED_WORDS)


def _logit(probability: float) -> float:
    kept = min(max(probability, _SUREST), 1 - _SUREST)
    return math.log(kept / (1 - kept))
