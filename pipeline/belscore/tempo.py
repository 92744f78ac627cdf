"""Articulation rate: syllables per second of speaking time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from belscore import syllables
from belscore.call import Call, Role, Span, Word, merge_spans
from belscore.language.numbers import NumberReader

# SPEECH.md 1.2: a silence of this length inside a turn is a pause.
MIN_PAUSE_S = 0.25
# SPEECH.md 1.4: words below this probability are not counted.
MIN_PROBABILITY = 0.4
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Tempo:
    """Syllables and the speaking time they were said in."""

    syllables: int
    speech_s: float

    @property
    def rate_sps(self) -> float | None:
        """Syllables per second; None without speech."""
        return self.syllables / self.speech_s if self.speech_s > 0 else None


def speech_time_s(call: Call, role: Role) -> float:
    """Seconds in which a role speaks, pauses left out as far as the sound was measured."""
    return sum(span.duration_s for span in call.speech_of(role))


class Articulation:
    """Syllables and speaking time of a role, over the call or any stretch of it.

    Words inside overlap and doubtful words are left out with their time. Where the words carry measured times the
    pauses between them are left out too; a written transcript has its turns without pauses.
    Definition: SPEECH.md 1.2 (Verhoeven et al. 2004; Rosink et al. 2014).
    """

    def __init__(self, call: Call, role: Role, numbers: NumberReader) -> None:
        """numbers : spells digits out before they are counted"""
        others = [
            span
            for other in ("agent", "caller", "colleague", "system")
            if other != role
            for span in call.speech_of(other)
        ]
        self._busy = _Busy(merge_spans(others))
        self._numbers = numbers
        self._turns = [turn for turn in call.turns_of(role) if turn.words]
        self._whole = [list(self._parts(turn.words)) for turn in self._turns]

    def tempo(self, within: Span | None = None) -> Tempo:
        """Syllables and speaking time over the call or a stretch of it."""
        syllables, speech_s = 0, 0.0
        for turn, whole in zip(self._turns, self._whole, strict=True):
            for part in whole if within is None else self._cut(turn.words, whole, within):
                syllables += part.syllables
                speech_s = speech_s + part.words_s + part.joints_s
        return Tempo(syllables, speech_s)

    def _cut(self, words: Sequence[Word], whole: Sequence[_Part], within: Span) -> Iterable[_Part]:
        inside = [word for word in words if _inside(word, within)]
        return whole if len(inside) == len(words) else self._parts(inside)

    def _parts(self, words: Sequence[Word]) -> Iterator[_Part]:
        for run in _runs(words):
            counted = [word for word in run if word.probability >= MIN_PROBABILITY and not self._busy.covers(word)]
            yield _Part(
                sum([syllables_of(word.text, self._numbers) for word in counted]),
                sum([word.end_s - word.start_s for word in counted]),
                _joints_s(run, counted),
            )


class _Part(NamedTuple):
    """Words in a row without a pause: their syllables, their time and that of the short gaps between them."""

    syllables: int
    words_s: float
    joints_s: float


def syllables_of(text: str, numbers: NumberReader) -> int:
    """Syllables of a transcribed word; digits as one would say them."""
    return _written_syllables(text) if _DIGIT.search(text) is None else _written_syllables(numbers.spell_out(text))


@lru_cache(maxsize=8192)
def _written_syllables(text: str) -> int:
    return sum(syllables.count(part) for part in text.replace("-", " ").split())


def _runs(words: Sequence[Word]) -> Iterable[list[Word]]:
    """Words in a row without a pause between them."""
    run: list[Word] = []
    for word in words:
        if run and word.start_s - run[-1].end_s >= MIN_PAUSE_S:
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _joints_s(run: Sequence[Word], counted: Sequence[Word]) -> float:
    """The short gaps between neighbouring counted words: part of speaking, since no pause."""
    pairs = pairwise(run)
    if len(counted) == len(run):
        return sum([max(0.0, b.start_s - a.end_s) for a, b in pairs])
    kept = {id(word) for word in counted}
    return sum([max(0.0, b.start_s - a.end_s) for a, b in pairs if id(a) in kept and id(b) in kept])


def _inside(word: Word, within: Span) -> bool:
    return word.start_s >= within.start_s and word.end_s <= within.end_s


class _Busy:
    """Stretches in which others make sound, in order and apart, to look words up in."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._starts_s = [span.start_s for span in spans]
        self._ends_s = [span.end_s for span in spans]

    def covers(self, word: Word) -> bool:
        """Whether more than half of the word lies in one of the stretches."""
        first = bisect_right(self._ends_s, word.start_s)
        if first == len(self._ends_s) or self._starts_s[first] >= word.end_s:
            return False
        half_s = 0.5 * (word.end_s - word.start_s)
        for at in range(first, len(self._ends_s)):
            if self._starts_s[at] >= word.end_s:
                break
            if min(word.end_s, self._ends_s[at]) - max(word.start_s, self._starts_s[at]) > half_s:
                return True
        return False
