"""From words to turns: what each party says in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from belscore.call import Role, Span, Turn, Word

# A silence of this length ends a turn. Pauses inside a turn of conversation rarely reach it; gaps between speakers are
# 0.2 s in the median (Heldner and Edlund 2010).
PAUSE_S = 0.7
# Around a listening signal of the other party a speaker may stay silent this long and still be in the same turn.
PAUSE_WITH_SIGNAL_S = 1.2
# A listening signal is short: at most a second and three words ("ja, ja hoor").
SIGNAL_S = 1.0
SIGNAL_WORDS = 3
# The other party takes over when it starts in a pause of at least this length; in a shorter one both just collide.
TAKEOVER_PAUSE_S = 0.25
# Sound of the same party this close to a turn's first or last word belongs to the turn; more may be a word not heard.
EDGE_MAX_S = 0.8


def make_turns(
    words: Mapping[Role, Sequence[Word]],
    *,
    speech: Mapping[Role, Sequence[Span]] | None = None,
    pause_s: float = PAUSE_S,
) -> tuple[Turn, ...]:
    """Turns of all parties in order of start time.

    words   : words per party, in order
    speech  : measured speech spans per party: a turn then reaches to the edges of the sound it lies in
    pause_s : a silence from this length on ends a turn

    A turn also ends where another party takes over in a shorter pause. A listening signal is a turn of its own and
    does not end the turn it falls in.
    """
    runs = {role: _runs(spoken, pause_s) for role, spoken in words.items()}
    turns: list[Turn] = []
    for role, own in runs.items():
        others = [run for other, theirs in runs.items() if other != role for run in theirs]
        split = [part for run in own for part in _split_at_takeover(run, others)]
        made = [_turn(role, run) for run in _joined_around_signals(split, others)]
        turns.extend(_to_edges(made, () if speech is None else speech.get(role, ())))
    return tuple(sorted(turns, key=lambda turn: (turn.start_s, turn.end_s)))


def is_signal(words: Sequence[Word]) -> bool:
    """Whether a run of words is as short as a listening signal."""
    return len(words) <= SIGNAL_WORDS and words[-1].end_s - words[0].start_s <= SIGNAL_S


def _runs(words: Sequence[Word], pause_s: float) -> list[list[Word]]:
    """Words of one party, parted at its own pauses."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and word.start_s - runs[-1][-1].end_s < pause_s:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _split_at_takeover(run: list[Word], others: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """Part a run where another party starts something longer than a signal in one of its pauses."""
    starts_s = [other[0].start_s for other in others if not is_signal(other)]
    split = [[run[0]]]
    for before, word in pairwise(run):
        pause = Span(before.end_s, word.start_s)
        taken = pause.duration_s >= TAKEOVER_PAUSE_S and any(pause.start_s <= at_s < pause.end_s for at_s in starts_s)
        if taken:
            split.append([word])
        else:
            split[-1].append(word)
    return split


def _joined_around_signals(runs: Sequence[list[Word]], others: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """Join runs of one party when all that stands in the pause between them is a listening signal."""
    joined: list[list[Word]] = []
    for run in runs:
        if joined and _only_signals(Span(joined[-1][-1].end_s, run[0].start_s), others):
            joined[-1].extend(run)
        else:
            joined.append(list(run))
    return joined


def _only_signals(pause: Span, others: Sequence[Sequence[Word]]) -> bool:
    if not 0 <= pause.duration_s <= PAUSE_WITH_SIGNAL_S:
        return False
    inside = [other for other in others if pause.overlap_s(Span(other[0].start_s, other[-1].end_s)) > 0]
    return bool(inside) and all(is_signal(other) for other in inside)


def _turn(role: Role, words: Sequence[Word]) -> Turn:
    text = " ".join(word.text for word in words)
    return Turn(role, words[0].start_s, max(word.end_s for word in words), text, tuple(words))


def _to_edges(turns: Sequence[Turn], spans: Sequence[Span]) -> list[Turn]:
    """Turns of one party stretched to the edges of its speech: the recogniser stops where the last sound fades."""
    stretched: list[Turn] = []
    for index, turn in enumerate(turns):
        after_s = stretched[-1].end_s if stretched else 0.0
        before_s = turns[index + 1].start_s if index + 1 < len(turns) else float("inf")
        first = next((span for span in spans if span.start_s <= turn.start_s <= span.end_s), turn.span)
        last = next((span for span in spans if span.start_s <= turn.end_s <= span.end_s), turn.span)
        start_s = (
            first.start_s if turn.start_s - first.start_s <= EDGE_MAX_S and first.start_s >= after_s else turn.start_s
        )
        end_s = last.end_s if last.end_s - turn.end_s <= EDGE_MAX_S and last.end_s <= before_s else turn.end_s
        stretched.append(replace(turn, start_s=start_s, end_s=end_s))
    return stretched
