"""The sound of a call, asked how likely other words are in it: forced alignment of both texts, token by token.

A stretch of the agent's channel around a change is encoded once, and read along with the words as recognised and with
each change made (`Recogniser.log_probabilities`). Nothing is drawn at random: the same call gives the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from belscore.call import Call, Span, Word
from belscore.chunks import RATE_HZ
from belscore.second_look import Change, Likelihood, written

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from belscore.decoder import Recogniser
    from belscore.second_look_kept import AnswerCache, Answers

# Sound that is encoded around a change; more costs time, and little of it helps.
WINDOW_S = 4.0
# Words are timed up to so much too late at their start and too early at their end (bench/word_times.py).
BEFORE_S = 0.3
AFTER_S = 0.4
# Fewer tokens are weighed as if there were so many: one lucky token is no proof.
TOKENS_MIN = 3
# Digits behind the point: what is kept with a call is exactly what it was judged by.
DIGITS = 3

Window = tuple[int, int, int]


class SoundOracle:
    """A recording and a speech model. Neither is loaded before something is asked.

    load    : gives the recogniser
    answers : what was answered in earlier runs; None asks anew
    """

    def __init__(self, path: Path, load: Callable[[], Recogniser], *, answers: AnswerCache | None = None) -> None:
        self._path = path
        self._load = load
        self._answers = answers

    @cached_property
    def _channels(self) -> Sequence[NDArray[np.float32]]:
        from belscore.audio import decode

        return decode(self._path).channels

    def likelihoods(self, call: Call, changes: Sequence[Change], windows: int) -> list[Likelihood | None]:
        """See `second_look.Oracle`."""
        agent = self._agent(call)
        if agent is None:
            return [None] * len(changes)
        samples, speech = agent

        def ask() -> Answers:
            from belscore.denoise import reduce_noise

            return self._ask(call, changes, windows, reduce_noise(samples, speech))

        if self._answers is None:
            return [*ask()]
        return [*self._answers.made_once(samples, speech, call, changes, windows, ask)]

    def _ask(self, call: Call, changes: Sequence[Change], windows: int, samples: NDArray[np.float32]) -> Answers:
        by_window: dict[Window, list[Change]] = {}
        for change in changes:
            by_window.setdefault(_window(call, change), []).append(change)
        found: dict[Change, Likelihood] = {}
        recogniser = self._load()
        for window in list(by_window)[:windows]:
            found |= _read_along(call, window, by_window[window], samples, recogniser)
        return tuple(found.get(change) for change in changes)

    def _agent(self, call: Call) -> tuple[NDArray[np.float32], Sequence[Span]] | None:
        """The agent's channel and where somebody speaks on it; None where the call does not tell which that is."""
        names = list(call.sound)
        name = "agent" if "agent" in names else "mixed"
        if name not in names or len(names) != len(self._channels):
            return None
        return self._channels[names.index(name)], call.sound[name].speech


def _window(call: Call, change: Change) -> Window:
    """The words to read along: those around the change in its turn, up to `WINDOW_S` of sound."""
    words = call.turns[change.turn].words
    first, behind = change.start, change.end
    grown = True
    while grown:
        grown = False
        if first and words[behind - 1].end_s - words[first - 1].start_s <= WINDOW_S:
            first, grown = first - 1, True
        if behind < len(words) and words[behind].end_s - words[first].start_s <= WINDOW_S:
            behind, grown = behind + 1, True
    return change.turn, first, behind


def _read_along(
    call: Call, window: Window, changes: Sequence[Change], samples: NDArray[np.float32], recogniser: Recogniser
) -> dict[Change, Likelihood]:
    turn, first, behind = window
    words: Sequence[Word] = call.turns[turn].words[first:behind]
    start_s, end_s = max(0.0, words[0].start_s - BEFORE_S), words[-1].end_s + AFTER_S
    sound = samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    heard = [word.text for word in words]
    puts = [written(call, change) for change in changes]
    texts = [
        [*heard[: change.start - first], *put, *heard[change.end - first :]]
        for change, put in zip(changes, puts, strict=True)
    ]
    as_heard, *as_changed = recogniser.log_probabilities(sound, [heard, *texts])
    found: dict[Change, Likelihood] = {}
    for change, put, row in zip(changes, puts, as_changed, strict=True):
        own = [value for word in row[change.start - first : change.start - first + len(put)] for value in word]
        margin = sum(map(sum, row)) - sum(map(sum, as_heard))
        found[change] = Likelihood(
            round(margin / max(TOKENS_MIN, len(own)), DIGITS), round(sum(own) / len(own), DIGITS)
        )
    return found
