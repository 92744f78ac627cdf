"""Both parties on one channel: who said what, from pauses, punctuation, the two voices and what is said.

Stretches of words are laid out between pauses and sentence ends, and the likeliest sequence of speakers over them is
found with the Viterbi algorithm. Its confidence never exceeds one half, so that rules which need certainty about roles
abstain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from belscore.call import Role, Span, Turn, Word
from belscore.cues import load_cues
from belscore.roles import agent_lead, confidence_of
from belscore.rulebook import default_lexicon

if TYPE_CHECKING:
    from belscore.audio import Samples

CONFIDENCE_MAX = 0.5
# Speakers change in silence: gaps between turns are 0.2 s in the median, pauses inside a clause are shorter.
PAUSE_S = 0.3
# A silence this long parts turns even when the same party goes on.
TURN_PAUSE_S = 0.7
OPENING_S = 20.0
# Scores for another speaker after a boundary, in the unit of the cue weights; set on the labelled dialogues.
CHANGE_AFTER_QUESTION = 2.0
CHANGE_AFTER_PAUSE = 1.5
CHANGE_WITHOUT_PAUSE = -1.5
# The practice takes up the telephone.
FIRST_IS_AGENT = 1.5

_PARTIES: tuple[Role, Role] = ("agent", "caller")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words that one party is taken to have said without a break; `change` scores a change of speaker before it."""

    words: tuple[Word, ...]
    change: float

    def turn(self, role: Role) -> Turn:
        text = " ".join(word.text for word in self.words)
        return Turn(role, self.words[0].start_s, max(word.end_s for word in self.words), text, self.words)


def split_voices(words: Sequence[Word], samples: Samples | None = None) -> tuple[tuple[Turn, ...], float]:
    """Turns of agent and caller from the words of one channel, and how sure the roles are (0..0.5).

    words   : in order of time
    samples : (n,) the channel at 16 kHz; None decides by the words alone
    """
    if not words:
        return (), 0.0
    stretches = _stretches(words)
    roles = _roles(stretches, samples)
    turns = _merged(stretches, roles)
    agent = tuple(turn for turn in turns if turn.role == "agent")
    caller = tuple(turn for turn in turns if turn.role == "caller")
    lead = max(0.0, agent_lead(agent, caller)) if agent and caller else 0.0
    return turns, round(CONFIDENCE_MAX * confidence_of(lead), 3)


def _stretches(words: Sequence[Word]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    current: list[Word] = [words[0]]
    change = 0.0
    for before, word in pairwise(words):
        pause_s = word.start_s - before.end_s
        if pause_s >= PAUSE_S or _ends_sentence(before.text):
            stretches.append(_Stretch(tuple(current), change))
            current, change = [], _change(before.text, pause_s)
        current.append(word)
    return [*stretches, _Stretch(tuple(current), change)]


def _change(before: str, pause_s: float) -> float:
    if before.rstrip("\"')").endswith("?"):
        return CHANGE_AFTER_QUESTION
    return CHANGE_AFTER_PAUSE if pause_s >= PAUSE_S else CHANGE_WITHOUT_PAUSE


def _ends_sentence(text: str) -> bool:
    bare = text.rstrip("\"')")
    return bare.endswith(("?", "!")) or (bare.endswith(".") and bare.rstrip(".").lower() not in _abbreviations())


@cache
def _abbreviations() -> frozenset[str]:
    return default_lexicon().words("herkenner", "abbreviations")


def _leanings(stretches: Sequence[_Stretch]) -> list[float]:
    """How much each stretch sounds like the agent (above zero) or the caller (below zero)."""
    cues = load_cues()
    utterances = cues.utterances([stretch.turn("agent") for stretch in stretches])
    start_s = stretches[0].words[0].start_s
    leanings = [
        cues.turn_leaning(utterance, opening=utterance.turn.start_s < start_s + OPENING_S) for utterance in utterances
    ]
    leanings[0] += FIRST_IS_AGENT
    return leanings


def _roles(stretches: Sequence[_Stretch], samples: Samples | None) -> list[Role]:
    """Who says each stretch. Which voice is the agent's is decided by which reading of the whole call fits better."""
    leanings = _leanings(stretches)
    voices = (0.0,) * len(stretches)
    if samples is not None:
        from belscore.voices import voice_leanings

        voices = voice_leanings(samples, [Span(each.words[0].start_s, each.words[-1].end_s) for each in stretches])
    readings = [
        _likeliest(stretches, [text + sign * voice for text, voice in zip(leanings, voices, strict=True)])
        for sign in (1, -1)
    ]
    return max(readings)[1]


def _likeliest(stretches: Sequence[_Stretch], leanings: Sequence[float]) -> tuple[float, list[Role]]:
    """The sequence of speakers with the highest score, and that score (Viterbi over two states)."""
    scores = [leanings[0], -leanings[0]]
    came_from: list[tuple[int, int]] = []
    for stretch, leaning in zip(stretches[1:], leanings[1:], strict=True):
        sources = tuple(
            max((0, 1), key=lambda source: scores[source] + (stretch.change if source != state else 0.0))
            for state in (0, 1)
        )
        scores = [
            scores[source] + (stretch.change if source != state else 0.0) + (leaning if state == 0 else -leaning)
            for state, source in enumerate(sources)
        ]
        came_from.append((sources[0], sources[1]))
    state = 0 if scores[0] >= scores[1] else 1
    states = [state]
    for sources in reversed(came_from):
        state = sources[state]
        states.append(state)
    return max(scores), [_PARTIES[state] for state in reversed(states)]


def _merged(stretches: Sequence[_Stretch], roles: Sequence[Role]) -> tuple[Turn, ...]:
    """Neighbouring stretches of one speaker as one turn, unless a long silence parts them."""
    merged: list[tuple[Role, list[Word]]] = []
    for stretch, role in zip(stretches, roles, strict=True):
        near = bool(merged) and stretch.words[0].start_s - merged[-1][1][-1].end_s < TURN_PAUSE_S
        if near and merged[-1][0] == role:
            merged[-1][1].extend(stretch.words)
        else:
            merged.append((role, list(stretch.words)))
    return tuple(_Stretch(tuple(words), 0.0).turn(role) for role, words in merged)
