"""Both parties on one channel: who said what, from pauses, punctuation, the two voices and what is said.

Stretches of words are laid out between pauses and sentence ends and cut further where they are long, so that a change
of speaker without a pause is found too; `voices` tells which party says each. Speech in which no word was recognised is
somebody's too: it lengthens the turn of that voice beside it, or is a turn without words. An announcement before the
greeting is a third voice and left out first; where words hand the caller over, a colleague may take the agent's place.
The confidence of the roles never exceeds one half, so that rules which need certainty about roles abstain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from belscore.call import Role, Span, Turn, Word, merge_spans
from belscore.cues import load_cues
from belscore.roles import agent_lead, confidence_of
from belscore.rulebook import default_lexicon
from belscore.span_index import SpanIndex

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from belscore.audio import Samples
    from belscore.language.tokens import Utterance
    from belscore.speaker_encoder import Encoder
    from belscore.voice_features import Pieces

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
# Between two parts of a stretch: no pause, no end of a sentence.
CHANGE_INSIDE = -6.0
# Where voices are heard, pauses and punctuation weigh half: recognised words leave gaps that are none.
CHANGE_SHARE_WITH_VOICES = 0.5
# Long stretches are cut into parts of at least this length: the least that a voice is told from.
PART_S = 0.6
# The sound of a word may go on for this long behind it: in a room a word dies away (`placing.LAST_WORD_MAX_S`).
EDGE_MAX_S = 0.8
# Speech of this length beside all words is part of the talk; less may be breath or the end of a word.
UNHEARD_S = 0.6
# Speech without words is cut into parts of about this length: two voices may share it.
UNHEARD_PART_S = 1.0
# What stands in a turn of which no word was recognised.
UNHEARD = "…"
# The practice takes up the telephone.
FIRST_IS_AGENT = 1.5

_VOICES: tuple[Role, ...] = ("agent", "caller", "colleague")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words that one party is taken to have said without a break; `change` scores a change of speaker before it."""

    words: tuple[Word, ...]
    change: float

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return max(word.end_s for word in self.words)

    @property
    def span(self) -> Span:
        return Span(self.start_s, self.end_s)

    def turn(self, role: Role) -> Turn:
        text = " ".join(word.text for word in self.words)
        return Turn(role, self.start_s, self.end_s, text, self.words)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a stretch: its words, its span with the sound after the last word, the stretch it is cut from.

    Speech without words is a part too; it counts down from -1 where others have the index of their stretch.
    """

    words: tuple[Word, ...]
    span: Span
    stretch: int

    @property
    def heard(self) -> bool:
        return bool(self.words)


def split_voices(
    words: Sequence[Word],
    samples: Samples | None = None,
    *,
    speech: Sequence[Span] = (),
    encoder: Encoder | None = None,
) -> tuple[tuple[Turn, ...], float]:
    """Turns of agent, caller and announcement from the words of one channel, and how sure the roles are (0..0.5).

    words   : in order of time
    samples : (n,) the channel at 16 kHz; None decides by the words alone
    speech  : spans of the channel in which somebody speaks: turns then reach to the end of the sound
    encoder : what tells voices apart best; None leaves it to timbre, pitch and level
    """
    if not words:
        return (), 0.0
    stretches = _stretches(words)
    parts = _parts(stretches, speech)
    if samples is not None:
        parts = _with_unheard(parts, speech)
    pieces = None if samples is None else _pieces(parts, samples, encoder)
    if pieces is not None and (first := _announced(stretches, parts, pieces)):
        start_s = stretches[first].start_s
        said = [part for part in parts if part.span.start_s < start_s]
        rest = [word for stretch in stretches[first:] for word in stretch.words]
        later = [Span(max(span.start_s, start_s), span.end_s) for span in speech if span.end_s > start_s]
        turns, confidence = split_voices(rest, samples, speech=later, encoder=encoder)
        return (*_merged(said, ["system"] * len(said)), *turns), confidence
    turns = _merged(parts, _roles(stretches, parts, pieces))
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


def _parts(stretches: Sequence[_Stretch], speech: Sequence[Span]) -> list[_Part]:
    """Stretches cut at words into parts of at least PART_S, each reaching to the end of its sound."""
    runs = [(index, run) for index, stretch in enumerate(stretches) for run in _cut(stretch.words)]
    starts_s = [run[0].start_s for _, run in runs[1:]]
    parts: list[_Part] = []
    for (index, run), next_s in zip(runs, [*starts_s, float("inf")], strict=True):
        end_s = max(word.end_s for word in run)
        heard_s = next((span.end_s for span in speech if span.start_s <= end_s <= span.end_s), end_s)
        reach_s = max(end_s, min(heard_s, next_s, end_s + EDGE_MAX_S))
        parts.append(_Part(run, Span(run[0].start_s, reach_s), index))
    return parts


def _with_unheard(parts: Sequence[_Part], speech: Sequence[Span]) -> list[_Part]:
    """The parts and those of speech in which no word was recognised, in order of time."""
    taken = SpanIndex(merge_spans([part.span for part in parts]))
    unheard = [free for span in speech for free in taken.leaves(span) if free.duration_s >= UNHEARD_S]
    added: list[_Part] = []
    for index, free in enumerate(unheard, start=1):
        count = max(1, int(free.duration_s / UNHEARD_PART_S))
        edges_s = [round(free.start_s + free.duration_s * at / count, 3) for at in range(count + 1)]
        added += [_Part((), Span(*edges), -index) for edges in pairwise(edges_s)]
    return sorted([*parts, *added], key=lambda part: part.span)


def _cut(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    cuts = [0]
    for index, word in enumerate(words):
        long_enough = word.start_s - words[cuts[-1]].start_s >= PART_S
        if long_enough and words[-1].end_s - word.start_s >= PART_S / 2:
            cuts.append(index)
    return [words[first:last] for first, last in pairwise([*cuts, len(words)])]


def _ends_sentence(text: str) -> bool:
    bare = text.rstrip("\"')")
    return bare.endswith(("?", "!")) or (bare.endswith(".") and bare.rstrip(".").lower() not in _abbreviations())


@cache
def _abbreviations() -> frozenset[str]:
    return default_lexicon().words("herkenner", "abbreviations")


def _leanings(said: Sequence[Utterance]) -> list[float]:
    """How much each stretch sounds like the agent (above zero) or the caller (below zero)."""
    cues, start_s = load_cues(), said[0].turn.start_s
    leanings = [cues.turn_leaning(each, opening=each.turn.start_s < start_s + OPENING_S) for each in said]
    leanings[0] += FIRST_IS_AGENT
    return leanings


def _pieces(parts: Sequence[_Part], samples: Samples, encoder: Encoder | None) -> Pieces:
    from belscore.voice_features import describe

    return describe(samples, [part.span for part in parts], _breaths(parts), encoder)


def _announced(stretches: Sequence[_Stretch], parts: Sequence[_Part], pieces: Pieces) -> int:
    """How many of the first stretches are an announcement: a voice of its own, and then the agent takes up."""
    import numpy as np

    from belscore.third_voice import announced

    if pieces.coded is None:
        return 0
    stretch_of = np.array([part.stretch for part in parts])[pieces.owner]
    heard = stretch_of >= 0
    first = announced([stretch.span for stretch in stretches], stretch_of[heard], pieces.coded[heard])
    if not first:
        return 0
    # A receptionist who is never heard again is another voice too, but after it the caller speaks.
    cues = load_cues()
    soon = [each.turn("agent") for each in stretches[first:] if each.start_s < stretches[first].start_s + OPENING_S]
    leanings = [cues.turn_leaning(utterance, opening=True) for utterance in cues.utterances(soon)]
    return first if next(filter(None, leanings), 0.0) > 0 else 0


def _roles(stretches: Sequence[_Stretch], parts: Sequence[_Part], pieces: Pieces | None) -> list[Role]:
    """Who says each part: the likelier party, given what is said, the pauses and the voices of the whole call."""
    import numpy as np

    from belscore.third_voice import takes_over
    from belscore.voices import add_third, sequence, tell_apart

    counts = [sum(part.stretch == index for part in parts) for index in range(len(stretches))]
    said = load_cues().utterances([stretch.turn("agent") for stretch in stretches])
    leanings = _leanings(said)
    lean = np.array([leanings[part.stretch] / counts[part.stretch] if part.heard else 0.0 for part in parts])
    scores = np.column_stack([lean, -lean])
    share = 1.0 if pieces is None else CHANGE_SHARE_WITH_VOICES
    changes = [0.0] + [
        CHANGE_INSIDE if part.stretch == before.stretch else share * _change_between(stretches, before, part)
        for before, part in pairwise(parts)
    ]
    if pieces is None:
        likely = sequence(scores[None], np.array(changes))[0][0]
    else:
        likely = tell_apart(pieces, scores, changes)
        since = _handed_over(said, parts)
        if since.any():
            three = add_third(pieces, np.column_stack([scores, lean]), changes, likely, since)
            likely = three if three is not None and takes_over(pieces, three, since) else likely
    return [_VOICES[int(index)] for index in likely.argmax(axis=1)]


def _handed_over(said: Sequence[Utterance], parts: Sequence[_Part]) -> npt.NDArray[np.bool_]:
    """(parts,) what comes after the words that hand the caller over: a colleague may speak there."""
    import numpy as np

    cues = load_cues()
    since_s = next((each.turn.end_s for each in said if cues.hands_over(each)), float("inf"))
    return np.array([part.span.start_s >= since_s for part in parts])


def _change_between(stretches: Sequence[_Stretch], before: _Part, part: _Part) -> float:
    """Score for another speaker where a new stretch, or speech without words, begins."""
    paused = part.span.start_s - before.span.end_s >= PAUSE_S
    by_pause = CHANGE_AFTER_PAUSE if paused else CHANGE_WITHOUT_PAUSE
    if not part.heard:
        return by_pause
    own = stretches[part.stretch].change
    return own if before.heard else max(own, by_pause)


def _breaths(parts: Sequence[_Part]) -> list[Span]:
    """For each part the span of its whole stretch, or of all the speech without words around it."""
    first = {part.stretch: part.span.start_s for part in reversed(parts)}
    last = {part.stretch: part.span.end_s for part in parts}
    return [Span(first[part.stretch], last[part.stretch]) for part in parts]


def _merged(parts: Sequence[_Part], roles: Sequence[Role]) -> tuple[Turn, ...]:
    """Neighbouring parts of one speaker as one turn, unless a long silence parts them."""
    merged: list[tuple[Role, list[_Part]]] = []
    for part, role in zip(parts, roles, strict=True):
        near = bool(merged) and part.span.start_s - merged[-1][1][-1].span.end_s < TURN_PAUSE_S
        if near and merged[-1][0] == role:
            merged[-1][1].append(part)
        else:
            merged.append((role, [part]))
    return tuple(_turn(role, own) for role, own in merged)


def _turn(role: Role, parts: Sequence[_Part]) -> Turn:
    words = tuple(word for part in parts for word in part.words)
    end_s = max(part.span.end_s for part in parts)
    text = " ".join(word.text for word in words) if words else UNHEARD
    return Turn(role, parts[0].span.start_s, end_s, text, words)
