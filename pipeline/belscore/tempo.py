"""Articulation and speaking rate: syllables per second of a speaker's time, without and with the pauses.

Where the sound was measured the time comes from it. A recogniser's own word times end early (bench/wer.py), and a rate
over them comes out a third too high (bench/tempo.py).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from belscore.call import ROLES, Call, Role, Span, Turn, Word, merge_spans
from belscore.language.numbers import NumberReader
from belscore.span_index import SpanIndex
from belscore.syllables import spoken_counts
from belscore.turns import EDGE_MAX_S

# SPEECH.md 1.2: a silence of this length inside a turn is a pause.
MIN_PAUSE_S = 0.25
# SPEECH.md 1.4: words below this probability are not counted, where there are no nuclei to count beside them.
MIN_PROBABILITY = 0.4
# Under this mean probability the words of a stretch are more likely wrong than right. Misheard words keep most of their
# syllables, so they count, but the nuclei count as much: turns at 0.35 to 0.5 are off by 16 % by their words, and by
# 14 % (34 recorded ones) or 10 % (41 in noise) by the mean of both; from 0.5 to 0.65 the words alone are better on
# either set (bench/tempo.py).
PROBABLE = 0.5
# How many nuclei a voice on a line has per syllable (0.8 to 1.2) takes this many syllables to tell: 15 or 50 in its
# place change the errors by less than 0.5 %.
MIN_PROBABLE_SYLLABLES = 25
# SPEECH.md 1.5: words and nuclei that differ more than this on the rate leave it open.
MAX_DISAGREEMENT = 0.25
# SPEECH.md 1.3: what is calm to listen to, in syllables per second; `rules/tempo` holds its verdict against the same.
CALM_SPS = (3.2, 5.8)
# Nobody takes longer over a syllable: a slow speaker needs 0.31 s, and the last one of a phrase grows by half.
MAX_SYLLABLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Tempo:
    """Syllables and the speaking time they were said in.

    syllables : no whole number where nuclei had a part in it
    heard_sps : the rate by the syllable nuclei in the sound of the same stretches; None where they were not measured
    words_sps : the rate by the words alone, where nuclei had a part in `syllables`
    """

    syllables: float
    speech_s: float
    heard_sps: float | None = None
    words_sps: float | None = None

    @property
    def rate_sps(self) -> float | None:
        """Syllables per second; None without speech."""
        return self.syllables / self.speech_s if self.speech_s > 0 else None

    @property
    def disputed(self) -> bool:
        """Whether the sound gives quite another rate than the words: one of them was heard wrong."""
        words_sps = self.words_sps or self.rate_sps
        if self.heard_sps is None or not words_sps:
            return False
        return abs(self.heard_sps / words_sps - 1) > MAX_DISAGREEMENT


def speech_time_s(call: Call, role: Role) -> float:
    """Seconds in which a role speaks, pauses left out as far as the sound was measured."""
    return sum(span.duration_s for span in speech_spans(call, role))


class Articulation:
    """Syllables and speaking time of a role, over the call or any stretch of it.

    Words inside overlap are left out with their share of the time. Stretches of doubtful words take the mean of what
    the words and the nuclei count; without nuclei such words are left out too. Pauses are left out as the sound shows
    them, else as the word times do; a written transcript has its turns without pauses.
    Definitions: SPEECH.md 1.2 (Verhoeven et al. 2004; Rosink et al. 2014).
    """

    def __init__(self, call: Call, role: Role, numbers: NumberReader) -> None:
        """numbers : spells digits out before they are counted"""
        others = [span for other in ROLES if other != role for span in speech_spans(call, other)]
        self._busy = SpanIndex(merge_spans(others))
        self._counts = spoken_counts(numbers)
        self._measured = is_measured(call)
        if self._measured:
            self._stretches = [
                part
                for turn, pieces in _turn_speech(call, role)
                for each in _stretches(turn, pieces)
                for part in _without_holes(each, [self._end_s(word) for word in each.words])
            ]
        else:
            self._stretches = [_Stretch(turn, turn.span, turn.words) for turn in call.turns_of(role) if turn.words]
        sound = call.sound.get(role) or call.sound.get("mixed")
        self._nuclei_s = sound.nuclei if sound is not None and self._measured else None
        self._nuclei_per_syllable = 1.0 if self._nuclei_s is None else self._calibrated()
        self._parts = [self._part(stretch) for stretch in self._stretches]

    def tempo(self, within: Span | None = None) -> Tempo:
        """Syllables and speaking time over the call or a part of it."""
        stretches, parts = self._stretches, self._parts
        if within is not None:
            cut = [_cut(stretch, within) for stretch in stretches]
            parts = [
                part if new is old else self._part(new)
                for part, old, new in zip(parts, stretches, cut, strict=True)
                if new.words
            ]
            stretches = [stretch for stretch in cut if stretch.words]
        return self._sum(stretches, parts)

    def by_turn(self) -> Iterator[tuple[Turn, Tempo]]:
        """Each turn with its own syllables and speaking time, in order."""
        for turn, parts in self._grouped():
            yield turn, self._sum([stretch for stretch, _ in parts], [part for _, part in parts])

    def speaking(self) -> Tempo:
        """Syllables and the time of the turns they were said in, their pauses included."""
        counted, time_s = 0.0, 0.0
        for turn, parts in self._grouped():
            kept, said = sum([part.kept for _, part in parts]), sum([part.said for _, part in parts])
            if kept:
                counted += sum([part.syllables for _, part in parts])
                time_s += (turn.end_s - turn.start_s) * kept / said
        return Tempo(counted, time_s)

    def _grouped(self) -> Iterator[tuple[Turn, list[tuple[_Stretch, _Part]]]]:
        pairs = zip(self._stretches, self._parts, strict=True)
        for _, group in groupby(pairs, key=lambda pair: id(pair[0].turn)):
            own = list(group)
            yield own[0][0].turn, own

    def _sum(self, stretches: Sequence[_Stretch], parts: Sequence[_Part]) -> Tempo:
        syllables, kept = sum([part.syllables for part in parts]), sum([part.kept for part in parts])
        speech_s = sum([part.speech_s for part in parts])
        return Tempo(
            syllables,
            speech_s,
            self._heard_sps([stretch for stretch, part in zip(stretches, parts, strict=True) if part.kept]),
            kept / speech_s if syllables != kept else None,
        )

    def _part(self, stretch: _Stretch) -> _Part:
        if not self._measured:
            return self._part_by_words(stretch.words)
        counted = self._counted(stretch.words)
        said = self._syllables(stretch.words)
        kept = said if counted is stretch.words else self._syllables(counted)
        if not kept:
            return _Part(0, 0.0, 0, said)
        syllables: float = kept
        if self._nuclei_s and self._probability(stretch) < PROBABLE:
            syllables = (kept + self._nuclei([stretch])[0] / self._nuclei_per_syllable) / 2
        return _Part(syllables, stretch.span.duration_s * kept / said, kept, said)

    def _calibrated(self) -> float:
        """Nuclei per syllable where the words are probable; 1.0 where those are too few to tell."""
        probable = [stretch for stretch in self._stretches if self._probability(stretch) >= PROBABLE]
        words = [word for stretch in probable for word in self._counted(stretch.words)]
        syllables, nuclei = self._syllables(words), self._nuclei(probable)[0]
        return nuclei / syllables if nuclei and syllables >= MIN_PROBABLE_SYLLABLES else 1.0

    def _probability(self, stretch: _Stretch) -> float:
        """Mean probability of the words of a stretch, by their syllables."""
        counts = [self._counts[word.text] for word in stretch.words]
        weighed = [count * word.probability for count, word in zip(counts, stretch.words, strict=True)]
        return sum(weighed) / max(1, sum(counts))

    def _syllables(self, words: Sequence[Word]) -> int:
        return sum([self._counts[word.text] for word in words])

    def _end_s(self, word: Word) -> float:
        """Where a word ends: a recogniser that loses words may give the last one before them all their time."""
        if word.end_s - word.start_s <= MAX_SYLLABLE_S:
            return word.end_s
        return min(word.end_s, word.start_s + MAX_SYLLABLE_S * max(1, self._counts[word.text]))

    def _counted(self, words: Sequence[Word]) -> Sequence[Word]:
        """The words that count: sure enough where there are no nuclei, and not inside overlap."""
        if self._nuclei_s is None:
            words = [word for word in words if word.probability >= MIN_PROBABILITY]
        if not words or not self._busy.meets(min([w.start_s for w in words]), max([w.end_s for w in words])):
            return words
        return [word for word in words if not self._busy.covers(word)]

    def _part_by_words(self, words: Sequence[Word]) -> _Part:
        said, kept, speech_s = 0, 0, 0.0
        for run in _runs(words):
            counted = self._counted(run)
            heard = self._syllables(run)
            said += heard
            kept += heard if len(counted) == len(run) else self._syllables(counted)
            speech_s = speech_s + sum([word.end_s - word.start_s for word in counted]) + _joints_s(run, counted)
        return _Part(kept, speech_s, kept, said)

    def _heard_sps(self, stretches: Sequence[_Stretch]) -> float | None:
        """Syllable nuclei per second of the stretches, without those in which others make sound."""
        if self._nuclei_s is None:
            return None
        nuclei, speech_s = self._nuclei(stretches)
        return nuclei / speech_s if speech_s > 0 else None

    def _nuclei(self, stretches: Sequence[_Stretch]) -> tuple[int, float]:
        """Syllable nuclei in the stretches, and their seconds, without those in which others make sound."""
        nuclei_s = self._nuclei_s or ()
        pieces = [piece for stretch in stretches for piece in self._busy.leaves(stretch.span)]
        counts = [bisect_left(nuclei_s, piece.end_s) - bisect_left(nuclei_s, piece.start_s) for piece in pieces]
        return sum(counts), sum([piece.duration_s for piece in pieces])


def is_measured(call: Call) -> bool:
    """Whether it is known from the sound, and not from word times alone, when somebody speaks."""
    return call.speech is not None or "mixed" in call.sound


def speech_spans(call: Call, role: Role) -> tuple[Span, ...]:
    """Speech spans of a role; on a mixed channel those of the channel, shared out by turns."""
    if call.speech is not None or not is_measured(call):
        return call.speech_of(role)
    return merge_spans([piece for _, pieces in _turn_speech(call, role) for piece in pieces])


def _turn_speech(call: Call, role: Role) -> Iterator[tuple[Turn, list[Span]]]:
    """The turns of a role, each with the pieces of speech in it."""
    spans = SpanIndex(merge_spans(call.sound["mixed"].speech if call.speech is None else call.speech.get(role, ())))
    for index, turn in enumerate(call.turns):
        if turn.role != role or not turn.words:
            continue
        end_s = turn.end_s
        if call.speech is None:
            # The last word of a turn ends early: the sound goes on until it stops or the next turn starts.
            stop_s = call.turns[index + 1].start_s if index + 1 < len(call.turns) else float("inf")
            end_s = max(end_s, min(spans.end_around_s(end_s), stop_s))
        yield turn, spans.inside(Span(turn.start_s, end_s))


class _Stretch(NamedTuple):
    """Words of a turn with the piece of speech they were said in."""

    turn: Turn
    span: Span
    words: Sequence[Word]


def _stretches(turn: Turn, pieces: Sequence[Span]) -> Iterator[_Stretch]:
    """The pieces of speech of a turn that hold words, each with its own; a word goes to the nearest piece."""
    words: list[list[Word]] = [[] for _ in pieces]
    at = 0
    for word in turn.words if pieces else ():
        middle_s = (word.start_s + word.end_s) / 2
        while at + 1 < len(pieces) and middle_s > (pieces[at].end_s + pieces[at + 1].start_s) / 2:
            at += 1
        words[at].append(word)
    for piece, own in zip(pieces, words, strict=True):
        if own:
            yield _Stretch(turn, piece, own)


def _without_holes(stretch: _Stretch, ends_s: Sequence[float]) -> Iterator[_Stretch]:
    """A stretch parted where sound goes on for long without a word: what was said there the recogniser lost.

    ends_s : where each word ends at the latest
    """
    start_s, first = stretch.span.start_s, 0
    if stretch.words[0].start_s - start_s >= EDGE_MAX_S:
        start_s = stretch.words[0].start_s - EDGE_MAX_S / 2
    starts_s = [*(word.start_s for word in stretch.words[1:]), stretch.span.end_s]
    for at, (word_end_s, after_s) in enumerate(zip(ends_s, starts_s, strict=True), start=1):
        hole = after_s - word_end_s >= EDGE_MAX_S
        if hole or at == len(ends_s):
            end_s = word_end_s + EDGE_MAX_S / 2 if hole else stretch.span.end_s
            yield _Stretch(stretch.turn, Span(start_s, end_s), stretch.words[first:at])
            start_s, first = after_s - EDGE_MAX_S / 2, at


def _cut(stretch: _Stretch, within: Span) -> _Stretch:
    """The stretch as it is when it lies inside, else what of it does."""
    if stretch.words[0].start_s >= within.end_s or stretch.words[-1].end_s <= within.start_s:
        return _Stretch(stretch.turn, within, ())
    words = [word for word in stretch.words if _inside(word, within)]
    if len(words) == len(stretch.words):
        return stretch
    span = Span(max(stretch.span.start_s, within.start_s), min(stretch.span.end_s, within.end_s))
    return _Stretch(stretch.turn, span, words)


class _Part(NamedTuple):
    """What counts of a stretch.

    syllables : as words, or words and nuclei, have them
    speech_s  : the speaking time they took
    kept, said: syllables of the words that count, and of all
    """

    syllables: float
    speech_s: float
    kept: int
    said: int


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
