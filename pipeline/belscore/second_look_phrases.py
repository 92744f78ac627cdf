"""Which words a second look expects where: phrases that a check looked for, where recognised words sound like them.

Phrases are taken apart at gaps, open places and blanks; what is left of them, with the choices at each place, is a
segment. A segment is held against the recognised words by its sounds and not by its letters, since a recogniser that
mishears writes other words that sound alike: `tochter bellt u` for `dokter belt u`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from belscore.call import Word
from belscore.language.lexicon import Lexicon
from belscore.language.phrases import Element, compile_phrase
from belscore.language.tokens import plain_norms
from belscore.second_look_sounds import apart, sound

# A segment of fewer words resembles too much; so does one of fewer letters.
MIN_WORDS = 2
MIN_LETTERS = 6
# So much of a segment, by letters, must resemble some word of the turn before its order is looked at.
MIN_COVERED = 0.62
# Words whose keys are less alike than this are not taken for each other (normalised Levenshtein similarity).
MIN_ALIKE = 0.34
# An optional word is taken to be said when some word of the turn is so like it.
OPTIONAL_ALIKE = 0.75
# Likeness 0..100 of the sounds of a segment and of the best stretch of the turn, from which on it is measured well.
MIN_RATIO = 60.0
# Sounds of a phrase that lie further than this from the words heard (`apart`) are not looked at: those that the sound
# bore out on the dialogues it was set on lay within 0.23 (bench/second_look.py).
APART_MAX = 0.24
# Nor those whose words put in lie this far from the ones they replace: the rest of a long phrase does not make
# `wachten` of `bellen`.
REPLACED_APART_MAX = 0.6

# Other choices at one place of a phrase that are tried beside the likest: `uw dossier` beside `je dossier`.
WAYS = 2

# The choices at a place of a phrase, and whether it may be left out.
Place = tuple[tuple[str, ...], bool]


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of a phrase that follow each other, none of them open."""

    places: tuple[Place, ...]

    def choices(self, word: str) -> tuple[str, ...]:
        """What may stand in the place of a word, itself included."""
        return next((choices for choices, _ in self.places if word in choices), (word,))


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Words start..end (exclusive) of a turn in whose place `said` may have been said; `apart` tells how unlike."""

    start: int
    end: int
    said: tuple[str, ...]
    segment: Segment
    apart: float


class PhraseBook:
    """The segments of phrases, and a quick way to find what resembles them."""

    def __init__(self, phrases: Iterable[str], lexicon: Lexicon) -> None:
        self._contractions = lexicon.contractions
        segments = dict.fromkeys(segment for text in phrases for segment in segments_of(text, lexicon))
        self._segments = tuple(segments)
        words = sorted({word for segment in segments for choices, _ in segment.places for word in choices})
        self._number = {word: number for number, word in enumerate(words)}
        self._keys = [sound(word) for word in words]
        self._lay_out()

    def _lay_out(self) -> None:
        """All required places in a row: their choices as word numbers, their lengths, and where each segment starts."""
        choices: list[int] = []
        places: list[int] = []
        letters: list[float] = []
        starts: list[int] = []
        for segment in self._segments:
            starts.append(len(places))
            for words, optional in segment.places:
                if not optional:
                    places.append(len(choices))
                    letters.append(sum(map(len, words)) / len(words))
                    choices += [self._number[word] for word in words]
        self._choices, self._places, self._starts = np.array(choices), np.array(places), np.array(starts)
        self._letters = np.array(letters, np.float32)
        self._total = np.add.reduceat(self._letters, self._starts) if starts else self._letters

    def near(self, words: Sequence[Word]) -> list[NearMiss]:
        """What may have been said in a turn in place of the words there, the likest first."""
        norms = [plain_norms(word.text, self._contractions) for word in words]
        found: dict[tuple[int, int, tuple[str, ...]], NearMiss] = {}
        for miss in self._near(norms):
            change = _changed(norms, miss)
            replaced = tuple(norm for at in range(change.start, change.end) for norm in norms[at])
            for way in _ways(change, replaced) if change.said and replaced else ():
                if apart(_key(way.said), _key(replaced)) <= REPLACED_APART_MAX:
                    key = (way.start, way.end, way.said)
                    found[key] = min(found.get(key, way), way, key=lambda each: each.apart)
        return sorted(found.values(), key=lambda each: (each.apart, each.start, each.said))

    def _near(self, norms: Sequence[tuple[str, ...]]) -> Iterator[NearMiss]:
        keys = [_key(each) for each in norms]
        if not self._segments or not any(keys):
            return
        alike = self._alike(keys)
        edges = [0]
        for key in keys:
            edges.append(edges[-1] + len(key))
        stream, tried = "".join(keys), set[tuple[str, ...]]()
        for number in self._covered(alike):
            said = self._said(self._segments[number], alike)
            if said in tried:
                continue
            tried.add(said)
            key = _key(said)
            found = fuzz.partial_ratio_alignment(key, stream, score_cutoff=MIN_RATIO)
            if found is None:
                continue
            span = (found.dest_start, found.dest_end) if len(key) <= len(stream) else (0, len(stream))
            distance, start, end = _fitted(key, stream, edges, span)
            if distance <= APART_MAX:
                yield NearMiss(start, end, said, self._segments[number], distance)

    def _alike(self, keys: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """For each word of the book how like it the likest word, or two words in one, of a turn is (0..1)."""
        units = [*filter(None, keys), *(one + other for one, other in pairwise(keys))]
        table = process.cdist(
            units, self._keys, scorer=Levenshtein.normalized_similarity, dtype=np.float32, score_cutoff=MIN_ALIKE
        )
        return np.asarray(table.max(axis=0))

    def _covered(self, alike: np.ndarray[Any, np.dtype[np.float32]]) -> list[int]:
        """Numbers of the segments of which enough resembles some word of the turn."""
        places = np.maximum.reduceat(alike[self._choices], self._places)
        covered = np.add.reduceat(places * self._letters, self._starts) / self._total
        return [int(number) for number in np.nonzero(covered >= MIN_COVERED)[0]]

    def _said(self, segment: Segment, alike: np.ndarray[Any, np.dtype[np.float32]]) -> tuple[str, ...]:
        """The choices that resemble words of the turn most."""
        said: list[str] = []
        for choices, optional in segment.places:
            word = max(choices, key=lambda choice: alike[self._number[choice]])
            if not optional or alike[self._number[word]] >= OPTIONAL_ALIKE:
                said.append(word)
        return tuple(said)


def _fitted(key: str, stream: str, edges: Sequence[int], span: tuple[int, int]) -> tuple[float, int, int]:
    """The words around a stretch of sounds that lie nearest to a key: (how far apart, first word, behind the last)."""
    count = len(edges) - 1
    first = max(at for at in range(count) if edges[at] <= span[0])
    last = min((at for at in range(1, count + 1) if edges[at] >= span[1]), default=count)
    ranges = {
        (start, end)
        for start in (first - 1, first, first + 1)
        for end in (last - 1, last, last + 1)
        if 0 <= start < end <= count
    } or {(first, first + 1)}
    return min((apart(key, stream[edges[start] : edges[end]]), start, end) for start, end in ranges)


def _changed(norms: Sequence[tuple[str, ...]], miss: NearMiss) -> NearMiss:
    """The near miss without the words at its ends that stand there already."""
    first, last, start, end = 0, len(miss.said), miss.start, miss.end
    while start < end and norms[start] and miss.said[first : first + len(norms[start])] == norms[start]:
        first, start = first + len(norms[start]), start + 1
    while end > start and norms[end - 1] and miss.said[max(first, last - len(norms[end - 1])) : last] == norms[end - 1]:
        last, end = last - len(norms[end - 1]), end - 1
    return replace(miss, start=start, end=end, said=miss.said[first:last])


def _ways(miss: NearMiss, replaced: tuple[str, ...]) -> list[NearMiss]:
    """The same with another choice at one of the places too, those that sound most like the words replaced."""
    heard, mine = _key(replaced), apart(_key(miss.said), _key(replaced))
    others = sorted(
        (apart(_key(said), heard), said)
        for at, word in enumerate(miss.said)
        for choice in miss.segment.choices(word)
        for said in [(*miss.said[:at], choice, *miss.said[at + 1 :])]
        if said not in (miss.said, replaced)
    )
    # What of the phrase stands there already lies no further apart for another choice.
    ways = [replace(miss, said=said, apart=max(miss.apart, miss.apart + far - mine)) for far, said in others[:WAYS]]
    return [miss, *ways]


def _key(words: Sequence[str]) -> str:
    return "".join(map(sound, words))


def segments_of(text: str, lexicon: Lexicon) -> list[Segment]:
    """The stretches of a phrase between its gaps, open places and blanks, as far as they tell enough."""
    runs: list[list[Element]] = [[]]
    for element in compile_phrase(text, lexicon).elements:
        if element.gap:
            runs.append([])
        if any("*" in choice or "{" in choice for choice in element.choices):
            runs.append([])
        else:
            runs[-1].append(element)
    found = []
    for run in runs:
        while run and run[0].optional:
            run = run[1:]
        while run and run[-1].optional:
            run = run[:-1]
        if _tells_enough(run, lexicon):
            found.append(Segment(tuple((element.choices, element.optional) for element in run)))
    return found


def _tells_enough(run: Sequence[Element], lexicon: Lexicon) -> bool:
    required = [element for element in run if not element.optional]
    if sum(min(map(len, element.choices)) for element in required) < MIN_LETTERS:
        return False
    telling = sum(not lexicon.function_words.issuperset(element.choices) for element in required)
    return telling > 0 and len(required) >= MIN_WORDS
