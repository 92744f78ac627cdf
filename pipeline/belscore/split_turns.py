"""Sentences that a listening signal of the other cut in two: `dan ga ik u daarover`, `ja`, `morgen opbellen`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import CallView

# Between the two halves lies no longer silence than this.
PAUSE_S = 1.5


def across(view: CallView, role: str, find: Callable[[Sequence[Utterance]], Sequence[Match]]) -> Iterator[Match]:
    """What `find` finds in two halves of a sentence, as a match in the second one; nothing that one half holds."""
    for first, second in _halves(view, role):
        joined = Utterance(second.index, second.turn, (*first.tokens, *second.tokens))
        cut = len(first.tokens)
        for match in find([joined]):
            if match.cost == 0 and match.start < cut < match.end:
                end = match.end - cut
                yield Match(match.phrase, second, 0, end, match.cost, match.probability, match.doubtful)


def _halves(view: CallView, role: str) -> Iterator[tuple[Utterance, Utterance]]:
    """Turns of one with nothing but a signal between them, the first of which ends no sentence."""
    spoken = [utterance for utterance in view.utterances if utterance.tokens]
    for first, signal, second in zip(spoken, spoken[1:], spoken[2:], strict=False):
        if first.role != role or second.role != role or signal.role == role or signal.index not in view.hums:
            continue
        ends = (first.turn.end_s, signal.turn.end_s)
        if not first.tokens[-1].after and second.turn.start_s - max(ends) <= PAUSE_S:
            yield first, second
