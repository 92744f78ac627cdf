"""Where a recognised word lies in the recording: held within the speech of its channel, in the right stretch of it.

The recogniser times words by attention. It is sure inside a stretch of speech and vague around silence: a word after a
pause starts early, one before a pause ends late, and where silence was cut out of a chunk it may fall on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from belscore.call import Span, Word
from belscore.chunks import Chunk, Speech

# A word timed further than this outside all speech of its channel was not said there.
OUTSIDE_MAX_S = 0.5
# What the punctuation adds to the side it speaks for, in seconds of overlap: a sentence starts after a pause and ends
# before one.
SENTENCE_EDGE_S = 0.3
# Length of a word whose own timing lies outside the speech it belongs to.
_MOVED_S = 0.15


def place(words: Sequence[Word], chunk: Chunk, spans: Sequence[Span]) -> list[Word]:
    """Words of a chunk at their times in the recording.

    words : in order, timed on the axis of the chunk
    spans : speech spans of the channel; a word further than `OUTSIDE_MAX_S` from all of them is left out
    """
    speech = chunk.speech(spans)
    placed: list[Word] = []
    at = 0  # no word lies in an earlier stretch than the word before it
    starts_sentence = True
    for word in words:
        found = _stretch(word, speech[at:], starts_sentence)
        starts_sentence = ends_sentence(word)
        if found is None or not any(map(str.isalnum, word.text)):
            continue
        at += found
        span = _held_within(Span(word.start_s, word.end_s), speech[at])
        placed.append(replace(word, start_s=round(span.start_s, 3), end_s=round(span.end_s, 3)))
    return placed


def ends_sentence(word: Word) -> bool:
    return word.text.rstrip("\"')”’").endswith((".", "?", "!"))


def _stretch(word: Word, speech: Sequence[Speech], starts_sentence: bool) -> int | None:
    """Index of the stretch of speech that the word belongs to; None when all lie too far away."""
    at = Span(word.start_s, word.end_s)
    near = [index for index, (span, _) in enumerate(speech) if _distance_s(span, at) <= OUTSIDE_MAX_S]
    if not near:
        return None

    def fit(index: int) -> float:
        span = speech[index].span
        score = span.overlap_s(at) - _distance_s(span, at)
        if starts_sentence and index == near[-1]:
            score += SENTENCE_EDGE_S
        if ends_sentence(word) and index == near[0]:
            score += SENTENCE_EDGE_S
        return score

    return max(near, key=fit)


def _held_within(at: Span, speech: Speech) -> Span:
    """The time of a word in the recording, cut off at the edges of its stretch."""
    span, shift_s = speech
    start_s, end_s = max(at.start_s, span.start_s), min(at.end_s, span.end_s)
    if end_s <= start_s:
        before = at.end_s <= span.start_s
        start_s = span.start_s if before else max(span.start_s, span.end_s - _MOVED_S)
        end_s = min(span.end_s, start_s + _MOVED_S)
    return Span(start_s + shift_s, end_s + shift_s)


def _distance_s(span: Span, at: Span) -> float:
    return max(span.start_s - at.end_s, at.start_s - span.end_s, 0.0)


def in_order(words: Sequence[Word]) -> list[Word]:
    """Words by start time, none starting before the one ahead of it ends."""
    ordered: list[Word] = []
    for word in sorted(words, key=lambda word: word.start_s):
        start_s = max(word.start_s, ordered[-1].end_s) if ordered else word.start_s
        ordered.append(replace(word, start_s=start_s, end_s=max(start_s, word.end_s)))
    return ordered
