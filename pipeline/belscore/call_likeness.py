"""How much a whole call is like those in which a situation occurs, by the models trained for it (`rules/models/`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from belscore.language.call_model import SPEAKERS, joined, turn_places
from belscore.language.tokens import Utterance
from belscore.turn_likeness import TurnLikeness
from belscore.view import CallView

# A long call is judged in stretches: labelled dialogues, from which the models learn, have at most about so many turns.
STRETCH_TURNS = 16
STRETCH_STEP = 8
# Situations in which something is agreed upon.
AGREES = frozenset(("afspraak", "terugbellen"))
# With fewer distinct words than all but the shortest labelled dialogues have there is no whole call to judge.
MIN_DISTINCT_WORDS = 50


class CallLikeness:
    """Probabilities of one call; `CallView.likeness`."""

    def __init__(self, view: CallView) -> None:
        self._view, self._knowledge = view, view.knowledge
        self._recognised = view.recognised
        self._spoken = [turn for turn in view.utterances if turn.tokens and turn.role in SPEAKERS]

    def of(self, situation: str, turns: TurnLikeness | None = None) -> float | None:
        """Probability that the situation occurs, by all that both say; None without a model, or where little is said.

        turns : what is known of the caller's turns, where the model weighs them too

        The highest of the stretches into which a long call falls.
        """
        model = self._knowledge.models.get(situation)
        if model is None or model.call is None or not self._stretches:
            return None
        column = self._knowledge.call_models.columns[situation]
        best = 0.0
        for stretch, logits in self._stretches:
            measures = turns.measures(stretch) if turns else (0.0, 0.0)
            best = max(best, model.call.probability(float(logits[column]), *measures))
        return best

    def may_agree(self, found: Collection[str]) -> bool:
        """Whether something may have been agreed in a situation beside those that were found by their cues."""
        return not self.likely.isdisjoint(AGREES.difference(found))

    @cached_property
    def likely(self) -> frozenset[str]:
        """Situations that all the words speak for: no list may have those that tell of it, or they were misheard.

        That so much was misheard is commoner than other wordings are: among recognised words less will do.
        """
        kind = "likely_misheard" if self._recognised else "likely"
        bounds = {name: data.get("evidence", {}).get(kind) for name, data in self._knowledge.situations.items()}
        found = {name for name, bound in bounds.items() if bound and (self.of(name) or 0.0) >= bound}
        return frozenset(name for name in found if not self.excused(name))

    def excused(self, situation: str) -> bool:
        """`sorry dat ik zo zit te vloeken`: the caller says that the words were for nobody on the line."""
        excuses = self._knowledge.situations[situation].get("excuses", ())
        return bool(excuses) and bool(self._view.find(excuses, self._view.of("caller")))

    @cached_property
    def _stretches(self) -> tuple[tuple[Sequence[Utterance], NDArray[np.float64]], ...]:
        """Turns with what each model finds in the words of all of them; () where too little is said."""
        spoken = self._spoken
        if len({norm for turn in spoken for norm in turn.norms}) < MIN_DISTINCT_WORDS:
            return ()
        places = [turn_places(turn.role, turn.norms) for turn in spoken]
        starts = range(0, max(1, len(spoken) - STRETCH_TURNS + STRETCH_STEP), STRETCH_STEP)
        spans = [slice(start, start + STRETCH_TURNS) for start in starts]
        models = self._knowledge.call_models
        return tuple((spoken[span], models.logits(joined(places[span]))) for span in spans)


def weigh(view: CallView, data: Mapping[str, Any]) -> Literal["", "refute", "doubt"]:
    """What all the words of the call make of the cues of a situation, whatever those are.

    data : the file of the situation, with under `evidence` the probabilities under which the words of the call refute
           its cues, or make them doubtful; "" without
    """
    wanted = data.get("evidence")
    likely = view.likeness.of(data["id"]) if wanted else None
    if wanted is None or likely is None or likely >= wanted["doubts"]:
        return ""
    return "refute" if likely < wanted["refutes"] else "doubt"
