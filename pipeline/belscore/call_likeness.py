"""How much a whole call is like those in which a situation occurs, by the models trained for it (`rules/models/`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from belscore.language.call_model import SPEAKERS, Places, TurnPlaces, joined, turn_places
from belscore.language.tokens import Utterance
from belscore.turn_likeness import TurnLikeness
from belscore.view import CallView

# A long call is judged in stretches: labelled dialogues, from which the models learn, have at most about so many turns.
STRETCH_TURNS = 16
STRETCH_STEP = 8
# With fewer distinct words than all but the shortest labelled dialogues have there is no whole call to judge.
MIN_DISTINCT_WORDS = 50

Cue = TypeVar("Cue")


class CallLikeness:
    """Probabilities of one call; `CallView.likeness`."""

    def __init__(self, view: CallView) -> None:
        self._models = view.knowledge.models
        self._spoken = [turn for turn in view.utterances if turn.tokens and turn.role in SPEAKERS]

    def of(self, situation: str, turns: TurnLikeness | None = None) -> float | None:
        """Probability that the situation occurs, by all that both say; None without a model, or where little is said.

        turns : what is known of the caller's turns, where the model weighs them too

        The highest of the stretches into which a long call falls.
        """
        model = self._models.get(situation)
        if model is None or model.call is None or not self._stretches:
            return None
        best = 0.0
        for stretch, said in self._stretches:
            measures = turns.measures(stretch) if turns else (0.0, 0.0)
            best = max(best, model.call.probability(said, *measures))
        return best

    @cached_property
    def _stretches(self) -> tuple[tuple[Sequence[Utterance], tuple[Places, ...]], ...]:
        """Turns with the features of all of them; () where too little is said."""
        spoken = self._spoken
        if len({norm for turn in spoken for norm in turn.norms}) < MIN_DISTINCT_WORDS:
            return ()
        places: list[TurnPlaces] = [turn_places(turn.role, turn.norms) for turn in spoken]
        starts = range(0, max(1, len(spoken) - STRETCH_TURNS + STRETCH_STEP), STRETCH_STEP)
        ends = [(start, start + STRETCH_TURNS) for start in starts]
        return tuple((spoken[start:end], joined(places[start:end])) for start, end in ends)


def settled(view: CallView, data: Mapping[str, Any], cues: Sequence[Cue]) -> tuple[list[Cue], bool]:
    """Cues of a situation as all the words of the call leave them, and whether those leave them doubtful.

    data : the file of the situation, with under `evidence` the probabilities under which the words of the call refute
           the cues, or make them doubtful
    """
    likely = view.likeness.of(data["id"]) if cues and "evidence" in data else None
    if likely is None:
        return list(cues), False
    wanted = data["evidence"]
    return ([], False) if likely < wanted["refutes"] else (list(cues), likely < wanted["doubts"])
