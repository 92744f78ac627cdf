"""Ways to change a call so that a verdict should change: words taken out, given to the other party, misheard, moved.

Mutation testing (DeMillo, Lipton and Sayward 1978) with a call in place of a program. Each function gives a new call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from belscore.call import Call, Role, Span, Turn, Word
from belscore.scorecard import Evidence

# Words between two times lie inside them up to rounding.
_ROUNDING_S = 1e-6
# What a recogniser says of a word that it did not understand (`make bench-confusions`: the lowest tenth).
MISHEARD_PROBABILITY = 0.15
GAP_S = 0.3
_OTHER: dict[Role, Role] = {"agent": "caller", "caller": "agent"}
# Every letter becomes another one of its kind: what is left has the rhythm of the words and is none of them.
_VOWELS, _CONSONANTS = "aeiouy", "bcdfghjklmnpqrstvwxz"
_GARBLED = str.maketrans(
    "".join((_VOWELS, _CONSONANTS, "0123456789")),
    "".join((_VOWELS[2:] + _VOWELS[:2], _CONSONANTS[7:] + _CONSONANTS[:7], "aeiouaeiou")),
)


def without(call: Call, quoted: Sequence[Evidence]) -> Call | None:
    """The call without the quoted words; turns left empty go. None when nothing is left."""
    turns = []
    for turn in call.turns:
        inside = _inside(quoted, turn.role)
        words = tuple(word for word in turn.words if not inside(word))
        if words:
            turns.append(_saying(turn, words))
    return replace(call, turns=tuple(turns)) if turns else None


def swapped(call: Call) -> Call:
    """Agent and caller trade places in the whole call."""
    return replace(call, turns=tuple(replace(turn, role=_OTHER.get(turn.role, turn.role)) for turn in call.turns))


def said_by_caller(call: Call, quoted: Sequence[Evidence]) -> Call:
    """The agent's turns that hold quoted words are the caller's."""
    inside = _inside(quoted, "agent")
    turns = [
        replace(turn, role="caller") if turn.role == "agent" and any(map(inside, turn.words)) else turn
        for turn in call.turns
    ]
    return replace(call, turns=tuple(turns))


def misheard(call: Call, quoted: Sequence[Evidence]) -> Call:
    """The quoted words as a recogniser writes down what it did not understand, and with that doubt."""
    turns = []
    for turn in call.turns:
        inside = _inside(quoted, turn.role)
        turns.append(_saying(turn, tuple(_garbled(word) if inside(word) else word for word in turn.words)))
    return replace(call, turns=tuple(turns))


def planted(call: Call, scene: Sequence[Turn], at_s: float) -> Call:
    """The call with turns of another one put in, at the times they have to each other; what comes later moves up.

    scene : in order; `at_s` should lie between two turns
    """
    by_s = at_s + GAP_S - scene[0].start_s
    added = [_moved(turn, by_s) for turn in scene]
    room_s = max(turn.end_s for turn in added) - at_s
    turns = [_moved(turn, room_s) if turn.start_s >= at_s else turn for turn in call.turns]
    return _with_turns(call, [*turns, *added])


def in_a_row(turns: Sequence[Turn]) -> list[Turn]:
    """The turns one after the other from 0 on, with a short pause between them."""
    laid: list[Turn] = []
    for turn in turns:
        laid.append(_moved(turn, (laid[-1].end_s + GAP_S if laid else 0.0) - turn.start_s))
    return laid


def warped(call: Call, span: Span, factor: float) -> Call:
    """Time runs `factor` times as long inside the span; what comes after moves along.

    Makes speech inside it slower or faster, and silence longer or shorter.
    """

    def at(time_s: float) -> float:
        inside_s = min(max(time_s - span.start_s, 0.0), span.duration_s)
        return time_s + inside_s * (factor - 1.0)

    turns = [
        replace(
            turn,
            start_s=at(turn.start_s),
            end_s=at(turn.end_s),
            words=tuple(replace(word, start_s=at(word.start_s), end_s=at(word.end_s)) for word in turn.words),
        )
        for turn in call.turns
    ]
    return _with_turns(replace(call, duration_s=at(call.duration_s)), turns)


def cut_in(call: Call, first: Turn, at: float, overlap_s: float) -> Call | None:
    """The agent's next turn starts while the caller is speaking, what comes behind it moves along.

    at : how far into the caller's turn `first`, as a share of it

    The caller falls silent `overlap_s` after that; what they had still to say is lost, and so are the agent's listening
    signals of that time. None when the agent says nothing afterwards.
    """
    following = next((turn for turn in call.turns_of("agent") if turn.start_s >= first.end_s), None)
    if following is None:
        return None
    cut_s = first.start_s + at * (first.end_s - first.start_s)
    before = [turn for turn in call.turns if turn.start_s < cut_s and turn is not first]
    later = [_moved(turn, cut_s - following.start_s) for turn in call.turns if turn.start_s >= following.start_s]
    words = tuple(word for word in first.words if word.end_s <= cut_s + overlap_s)
    cut = replace(_saying(first, words or first.words[:1]), end_s=cut_s + overlap_s)
    return _with_turns(call, [*before, cut, *later])


def heard_out(call: Call, quoted: Sequence[Evidence]) -> Call:
    """The agent's turns that start inside a quoted stretch wait until nobody speaks."""
    starts = [(each.start_s - GAP_S, each.end_s) for each in quoted]
    turns: list[Turn] = []
    late_s = 0.0
    for turn in call.turns:
        moved = _moved(turn, late_s)
        waits = turn.role == "agent" and any(begin <= turn.start_s <= end for begin, end in starts)
        busy_until_s = max((before.end_s for before in turns if before.role == "caller"), default=0.0)
        if waits and moved.start_s < busy_until_s + GAP_S:
            more_s = busy_until_s + GAP_S - moved.start_s
            moved, late_s = _moved(moved, more_s), late_s + more_s
        turns.append(moved)
    return _with_turns(call, turns)


def _inside(quoted: Sequence[Evidence], role: Role) -> Callable[[Word], bool]:
    """Whether a word lies in a quoted stretch of this party."""
    spans = [(each.start_s - _ROUNDING_S, each.end_s + _ROUNDING_S) for each in quoted if each.role == role]
    return lambda word: any(begin <= word.start_s and word.end_s <= end for begin, end in spans)


def _garbled(word: Word) -> Word:
    return replace(word, text=word.text.lower().translate(_GARBLED), probability=MISHEARD_PROBABILITY)


def _saying(turn: Turn, words: tuple[Word, ...]) -> Turn:
    return replace(turn, words=words, text=" ".join(word.text for word in words))


def _moved(turn: Turn, by_s: float) -> Turn:
    words = tuple(replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s) for word in turn.words)
    return replace(turn, start_s=turn.start_s + by_s, end_s=turn.end_s + by_s, words=words)


def _with_turns(call: Call, turns: Sequence[Turn]) -> Call:
    """The call with other turns; spans that were measured in the sound no longer fit them."""
    ordered = tuple(sorted(turns, key=lambda turn: turn.start_s))
    end_s = max([call.duration_s, *(turn.end_s for turn in ordered)])
    return replace(call, turns=ordered, duration_s=end_s, speech=None)
