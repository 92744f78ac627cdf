"""What the sound answered in a second look: noted with the call, given again without the sound, kept between runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from belscore.call import Call, Listened, Span
from belscore.second_look import Change, Likelihood, Oracle
from belscore.word_cache import Kind, WordCache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from belscore.models import ModelFiles

Answers = tuple[Likelihood | None, ...]

_ANSWERS: Kind[Answers] = Kind(b"belscore.answers/1", Answers)

# Start of the turn, its words, which of them, and those asked about.
_Question = tuple[float, str, int, int, tuple[str, ...]]


class NotingOracle:
    """Asks another oracle, and notes what that answers: `listened` is to be kept with the call."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self.listened: tuple[Listened, ...] = ()

    def likelihoods(self, call: Call, changes: Sequence[Change], windows: int) -> Sequence[Likelihood | None]:
        """See `second_look.Oracle`."""
        found = self._oracle.likelihoods(call, changes, windows)
        self.listened += tuple(
            Listened(*_question(call, change), likelihood.margin, likelihood.own)
            for change, likelihood in zip(changes, found, strict=True)
            if likelihood is not None
        )
        return found


class KeptOracle:
    """Answers what was asked when the sound was there, of turns whose words are still the same; nothing else."""

    def __init__(self, listened: Sequence[Listened]) -> None:
        self._known: dict[_Question, Likelihood] = {
            (each.turn_s, each.text, each.start, each.end, each.asked): Likelihood(each.margin, each.own)
            for each in listened
        }

    @property
    def is_open(self) -> bool:
        """Whether anything that was asked may have been said."""
        return any(each.open for each in self._known.values())

    def likelihoods(self, call: Call, changes: Sequence[Change], _windows: int) -> list[Likelihood | None]:
        """See `second_look.Oracle`."""
        return [self._known.get(_question(call, change)) for change in changes]


def kept_oracle(listened: Sequence[Listened]) -> KeptOracle | None:
    """Answers what was kept; None where the sound bore out nothing, so that no verdict can change and none need try."""
    oracle = KeptOracle(listened)
    return oracle if oracle.is_open else None


def _question(call: Call, change: Change) -> _Question:
    turn = call.turns[change.turn]
    return turn.start_s, " ".join(word.text for word in turn.words), change.start, change.end, change.words


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """Answers of one recording beside its words, so that a next run that asks the same loads no model.

    find_files : gives the files of the model
    """

    cache: WordCache
    find_files: Callable[[], ModelFiles]

    def made_once(
        self,
        channel: NDArray[np.float32],
        spans: Sequence[Span],
        call: Call,
        changes: Sequence[Change],
        windows: int,
        ask: Callable[[], Answers],
    ) -> Answers:
        """What was answered to exactly these questions, else what `ask` gives.

        All of them or none: which stretches are read hangs on what else is asked.

        channel, spans : of the agent: samples at 16 kHz, and where somebody speaks
        """
        from belscore.word_key import answers_key

        turns = {
            change.turn: [(word.text, word.start_s, word.end_s) for word in call.turns[change.turn].words]
            for change in changes
        }
        asked = [(change.turn, change.start, change.end, change.words) for change in changes]
        key = answers_key(channel, spans, self.find_files(), questions=(windows, asked, turns))
        return self.cache.made_once(_ANSWERS, key, ask)
