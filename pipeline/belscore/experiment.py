"""Try out an advice: the call as it would have been, to see that the rule then passes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from belscore.call import Call, Turn
from belscore.checks.outcome import Outcome
from belscore.mutations import without
from belscore.notation import spread_words
from belscore.remedy import BESIDE_S, Advice, Target
from belscore.scorecard import Evidence

# A sentence that is put between turns takes this long a syllable group; only its place matters.
SENTENCE_S = 1.5
ANSWER_S = 0.6
GAP_S = 0.2


def followed(call: Call, advice: Advice, outcome: Outcome) -> Call | None:
    """The call with the advised sentence said where it belongs; None when the advice is no sentence.

    Of what is to be left out the last ones go, as many as are too many.
    """
    if advice.place == "measure":
        return None
    if advice.place == "leave":
        return without(call, _too_many(outcome))
    turns = list(call.turns)
    for target, say in zip(advice.targets, advice.says, strict=True):
        if target.turn is None:
            turns.append(_new_turn("agent", target.at_s + BESIDE_S, SENTENCE_S, say))
            continue
        at = next(i for i, turn in enumerate(turns) if turn.role == "agent" and turn.start_s == target.turn.start_s)
        turns[at] = _changed(turns[at], advice.place, target, say)
        if advice.answer:
            turns.append(_new_turn("caller", turns[at].end_s + GAP_S, ANSWER_S, advice.answer))
    return _with_turns(call, turns)


def _too_many(outcome: Outcome) -> Sequence[Evidence]:
    bounds = re.findall(r"\d+", outcome.measured.limit) if outcome.measured else []
    return outcome.evidence[int(bounds[-1]) :] if bounds else outcome.evidence


def _with_turns(call: Call, turns: Sequence[Turn]) -> Call:
    kept = tuple(sorted((turn for turn in turns if turn.words), key=lambda turn: turn.start_s))
    return replace(call, turns=kept, duration_s=max(call.duration_s, *(turn.end_s for turn in kept)))


def _new_turn(role: str, start_s: float, length_s: float, text: str) -> Turn:
    assert role in ("agent", "caller")
    words = spread_words(text, start_s, start_s + length_s)
    return Turn("agent" if role == "agent" else "caller", start_s, start_s + length_s, text, words)


def _changed(turn: Turn, place: str, target: Target, say: str) -> Turn:
    if place in ("instead", "last"):
        return _said(turn, say)
    if place == "words" and target.evidence is not None:
        return _said(turn, turn.text.replace(target.evidence.quote, say))
    return _said(turn, f"{turn.text} {say}" if place == "end" else f"{say} {turn.text}")


def _said(turn: Turn, text: str) -> Turn:
    return replace(turn, text=text, words=spread_words(text, turn.start_s, turn.end_s))
