"""Where a recognised word lies in the recording: held within the speech of its channel, in the right stretch of it.

The recogniser times words by attention, which goes over to the next word a little before its first sound. It is sure
inside a stretch of speech and vague around silence: a word after a pause starts early, one before a pause ends early or
late, and where silence was cut out of a chunk it may fall on either side. So words are moved by that little, and the
first and the last one of a stretch reach to its edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from belscore.call import Span, Word
from belscore.chunks import Chunk, Speech

# A word timed further than this outside all speech of its channel was not said there.
OUTSIDE_MAX_S = 0.5
# What a sign of where a word was said adds to that side, in seconds of overlap: a sentence starts after a pause and
# ends before one, and see SAID_THERE_S.
FAVOUR_S = 0.3
# How early attention goes over to the next word. On synthesised speech, whose word times are known, the median over
# 4,200 words inside turns is 0.06 s, and most words come within 0.15 s of the truth with 0.07 to 0.09 s
# (`make bench-word-times`). Recorded talks have no such truth; by the dip of their level it is 0.03 s.
ATTENTION_EARLY_S = 0.07
# The first word of a stretch begins with it unless there is this much sound before: a breath, or a word that was lost.
FIRST_WORD_MAX_S = 0.3
# The last word of a stretch ends with it unless there is this much sound behind: then words were lost. In a room the
# sound goes on for 0.6 s after the last word (recorded talks, `bench/word_times.py --talks`), 0.8 s one time in ten.
LAST_WORD_MAX_S = 0.8
# Attention leaves words early, not late: one that lasts this far into the next stretch was said there. Of words inside
# turns 95 % end less than this too late once they are moved.
SAID_THERE_S = 0.1
# Length of a word whose own timing lies outside the speech it belongs to.
_MOVED_S = 0.15


def place(words: Sequence[Word], chunk: Chunk, spans: Sequence[Span]) -> list[Word]:
    """Words of a chunk at their times in the recording.

    words : in order, timed on the axis of the chunk
    spans : speech spans of the channel; a word further than `OUTSIDE_MAX_S` from all of them is left out
    """
    speech = chunk.speech(spans)
    inside: list[list[Word]] = [[] for _ in speech]
    at = 0  # no word lies in an earlier stretch than the word before it
    starts_sentence = True
    for early in words:
        word = replace(early, start_s=early.start_s + ATTENTION_EARLY_S, end_s=early.end_s + ATTENTION_EARLY_S)
        found = _stretch(word, speech[at:], starts_sentence)
        starts_sentence = ends_sentence(word)
        if found is None or not any(map(str.isalnum, word.text)):
            continue
        at += found
        inside[at].append(word)
    return [word for own, stretch in zip(inside, speech, strict=True) for word in _in_stretch(own, stretch)]


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
            score += FAVOUR_S
        if ends_sentence(word) and index == near[0]:
            score += FAVOUR_S
        if index and at.start_s < speech[index - 1].span.end_s and at.end_s - span.start_s >= SAID_THERE_S:
            score += FAVOUR_S
        return score

    return max(near, key=fit)


def _in_stretch(words: Sequence[Word], speech: Speech) -> list[Word]:
    """Words of one stretch at their times in the recording, the first and the last one up to its edges."""
    spans = [_held_within(Span(word.start_s, word.end_s), speech) for word in words]
    if spans:
        edges = Span(speech.span.start_s + speech.shift_s, speech.span.end_s + speech.shift_s)
        if spans[0].start_s - edges.start_s <= FIRST_WORD_MAX_S:
            spans[0] = Span(edges.start_s, spans[0].end_s)
        if edges.end_s - spans[-1].end_s <= LAST_WORD_MAX_S:
            spans[-1] = Span(spans[-1].start_s, edges.end_s)
    return [
        replace(word, start_s=round(span.start_s, 3), end_s=round(span.end_s, 3))
        for word, span in zip(words, spans, strict=True)
    ]


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
