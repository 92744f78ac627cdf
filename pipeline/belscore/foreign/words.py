"""From segments to words with times and a probability each: what is no speech goes, what is not told is filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from belscore import syllables
from belscore.call import Word
from belscore.foreign.belief import Belief
from belscore.foreign.segments import Segment, Timed
from belscore.gates import is_subtitle_line, repeats, words_of
from belscore.tempo import MAX_SYLLABLE_S

# Words that may well be others: below what any verdict rests on (`view.MIN_PROBABILITY`).
DOUBTFUL = 0.3
# Where a speaker is told of this share of the segments, the tool does not know whose the others are; where of fewer, a
# name stands only where the speaker changes. Own value.
TOLD_OF_EACH = 0.8
# In a gap this long something may have been said that the tool left out: below what a silence is held against anybody
# (`checks.silence.SURE_PROBABILITY`).
GAP_S = 5.0
BEFORE_GAP = 0.6
# A segment without length gets that of ordinary talk: 4.2 syllables a second (SPEECH.md 1.1).
_SYLLABLE_S = 0.24
# Words may lie this far outside their segment.
_OUTSIDE_MAX_S = 1.0
_UNREADABLE = "\ufffd"
_OPENING, _CLOSING = ("[", "*", "♪"), ("]", "*", "♪")


@dataclass(frozen=True, slots=True)
class Said:
    """A word.

    speaker : what the tool calls who said it; None where it tells of no word
    opens   : the first of its segment
    """

    word: Word
    speaker: str | None
    opens: bool = False


def read_words(segments: Sequence[Segment]) -> list[Said]:
    """All that was said, in the order of the segments; the words of one speaker never run back in time.

    Annotations such as "[muziek]" and lines that recognisers invent are left out. In doubt are the words of a segment
    with an annotation among them, of one that repeats itself, and of one whose speaker is not told while others' are.
    """
    kept = [
        cleaned for segment in sorted(segments, key=lambda each: each.start_s) if (cleaned := _cleaned(segment)).lines
    ]
    whole = _with_lengths(_with_speakers(kept))
    belief = Belief()
    timed = [said for segment in whole for said in _timed(segment, belief.of(segment.words, segment.probability))]
    return _believed_less_at_gaps(_in_order(timed))


def _cleaned(segment: Segment) -> Segment:
    """The segment without annotations; without any words where it is an annotation or an invention as a whole."""
    text = segment.text
    if is_subtitle_line(text) or (text.startswith("(") and text.rstrip(".").endswith(")")):
        return replace(segment, lines=())
    words = tuple(_spoken(segment.words))
    poor = len(words) < sum(_is_spoken(word.text) for word in segment.words) or repeats(words_of(text))
    words = tuple(doubted(word) if poor or _UNREADABLE in word.text else word for word in words)
    return replace(segment, lines=(words,) if words else ())


def _spoken(words: Sequence[Timed]) -> Iterator[Timed]:
    """The words outside annotations; a mark that stands alone belongs to the word before it."""
    inside = False
    last: Timed | None = None
    for word in words:
        text = word.text.rstrip(".,;:?!")
        opens = not inside and text.startswith(_OPENING)
        if inside or opens:
            inside = not (text.endswith(_CLOSING) and (inside or len(text) > 1))
        elif _is_spoken(word.text):
            if last is not None:
                yield last
            last = word
        elif last is not None and word.text in (".", ",", "?", "!"):
            last = replace(last, text=last.text + word.text)
    if last is not None:
        yield last


def _is_spoken(text: str) -> bool:
    return any(map(str.isalnum, text))


def doubted(word: Timed) -> Timed:
    return replace(word, probability=DOUBTFUL if word.probability is None else min(word.probability, DOUBTFUL))


def _with_speakers(segments: Sequence[Segment]) -> list[Segment]:
    """Segments of which each word has a speaker, or none has: who spoke last, where it is not told."""
    told = [next((word.speaker for word in segment.words if word.speaker), None) for segment in segments]
    if not any(told):
        return list(segments)
    guessing = sum(map(bool, told)) >= TOLD_OF_EACH * len(told)
    speaker = next(name for name in told if name)
    filled = []
    for segment, own in zip(segments, told, strict=True):
        words = segment.words if own or not guessing else tuple(map(doubted, segment.words))
        speaker = own or speaker
        spoken = []
        for word in words:
            speaker = word.speaker or speaker
            spoken.append(replace(word, speaker=speaker))
        filled.append(replace(segment, lines=(tuple(spoken),)))
    return filled


def _with_lengths(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Segments with an end behind their start, and before the next one of the same speaker."""
    following: dict[str | None, float] = {}
    changed = []
    for segment in reversed(segments):
        words = segment.words
        end_s = segment.end_s
        if end_s <= segment.start_s:
            end_s = segment.start_s + _SYLLABLE_S * sum(map(_weight, words))
        until_s = following.get(words[0].speaker, end_s)
        if segment.start_s < until_s < end_s:
            end_s = until_s
        following[words[0].speaker] = segment.start_s
        changed.append(replace(segment, end_s=end_s))
    return reversed(changed)


def _timed(segment: Segment, probabilities: Sequence[float]) -> Iterator[Said]:
    """The words of a segment, those without times spread over the time that is left to them."""
    blocks = _blocks(segment)
    starts_s = [start_s for start_s, _ in blocks]
    ends_s = [*starts_s[1:], max(segment.end_s, starts_s[-1])]
    chances = iter(probabilities)
    opens = True
    for (start_s, block), end_s in zip(blocks, ends_s, strict=True):
        for word, (from_s, to_s) in zip(block, _spread(block, start_s, end_s), strict=True):
            placed = Word(word.text, round(from_s, 3), round(to_s, 3), next(chances))
            yield Said(placed, word.speaker, opens)
            opens = False


def _spread(words: Sequence[Timed], start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
    """Times of words of which at most the first one's end is known: the time there is by their syllables."""
    weights = [_weight(word) for word in words]
    first_end_s = words[0].end_s
    if first_end_s is not None and start_s < first_end_s <= end_s:
        first_end_s = min(first_end_s, start_s + MAX_SYLLABLE_S * weights[0])
        yield start_s, first_end_s
        start_s, weights = first_end_s, weights[1:]
    step_s = min(MAX_SYLLABLE_S, max(0.0, end_s - start_s) / max(1, sum(weights)))
    for weight in weights:
        yield start_s, start_s + weight * step_s
        start_s += weight * step_s


def _blocks(segment: Segment) -> list[tuple[float, list[Timed]]]:
    """Words parted before each of which the start is known, with the start; one that lies elsewhere is not believed."""
    blocks: list[tuple[float, list[Timed]]] = [(segment.start_s, [])]
    for word in segment.words:
        last_s = blocks[-1][0] if blocks[-1][1] else segment.start_s - _OUTSIDE_MAX_S
        start_s = word.start_s
        if start_s is not None and max(0.0, last_s) <= start_s <= segment.end_s + _OUTSIDE_MAX_S:
            blocks.append((start_s, [word]))
        else:
            blocks[-1][1].append(word if start_s is None else replace(word, end_s=None))
    return [block for block in blocks if block[1]]


def _weight(word: Timed) -> int:
    return max(1, syllables.count(word.text))


def _in_order(said: Sequence[Said]) -> list[Said]:
    """Words that start before the one ahead of them of the same speaker moved up to it."""
    at_s: dict[str | None, float] = {}
    ordered = []
    for each in said:
        start_s = max(each.word.start_s, at_s.get(each.speaker, 0.0))
        at_s[each.speaker] = start_s
        ordered.append(replace(each, word=replace(each.word, start_s=start_s, end_s=max(start_s, each.word.end_s))))
    return ordered


def _believed_less_at_gaps(said: Sequence[Said]) -> list[Said]:
    """The last word before each long gap, whoever speaks behind it, believed less."""
    by_time = sorted(range(len(said)), key=lambda index: said[index].word.start_s)
    changed = list(said)
    until_s, last = 0.0, -1
    for index in by_time:
        word = said[index].word
        if last >= 0 and word.start_s - until_s >= GAP_S:
            before = changed[last].word
            less = replace(before, probability=min(before.probability, BEFORE_GAP))
            changed[last] = replace(changed[last], word=less)
        if word.end_s >= until_s:
            until_s, last = word.end_s, index
    return changed
