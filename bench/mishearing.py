"""Mishear the words of a call as a Dutch recogniser does on a telephone line. Seeded: the same in, the same out.

The constants were measured with `make bench-confusions` and the default model on the first twelve sample calls (2,104
words, 21 % misheard) and on four noisy recorded talks (1,757 words, 54 %).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from belscore.call import Call, Turn, Word
from belscore.language.lexicon import Lexicon
from belscore.rulebook import default_lexicon
from sounds import Vocabulary, vocabulary
from wer import normalise

CLASSES = ("function", "name", "number", "opens", "other")

# How much more often than the average word one of a class is misheard, and how many of those are lost altogether.
# Measured for numbers 0.7 to 0.9; they count in full, for much hangs on them.
MISHEARD = {"function": 0.7, "name": 1.4, "number": 1.0, "opens": 0.8, "other": 1.2}
LOST = {"function": 0.3, "name": 0.05, "number": 0.3, "opens": 0.2, "other": 0.17}
# Shares of the other misheard words: joined with the next, split in two, or (all the rest) taken for another word.
JOINED = 0.07
SPLIT = 0.08
# Of words taken for another one: a spelling that is no word at all, and for numbers another number.
NO_WORD = 0.5
OTHER_NUMBER = 0.1
# Words that nobody said, for each misheard word.
ADDED = 0.13
# Behind a misheard word another one is this much likelier than on average.
IN_A_ROW = 2.0
# Quantiles 0, 0.1, 0.25, 0.5, 0.75, 0.9 and 1 of the recognition probability where 21 % and where 54 % was misheard.
STEPS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
MEASURED_AT = (0.21, 0.54)
RIGHT = ((0.09, 0.58, 0.77, 0.92, 0.98, 0.99, 1.0), (0.06, 0.32, 0.55, 0.80, 0.94, 0.98, 1.0))
WRONG = ((0.06, 0.31, 0.44, 0.58, 0.77, 0.92, 1.0), (0.02, 0.15, 0.27, 0.44, 0.65, 0.84, 1.0))
# An added word takes this long; no more than the pause it fell into.
ADDED_S = 0.15
MIN_SPLIT_LETTERS = 5
MIN_PART_LETTERS = 2
# Letters that are written for each other where a word is misheard as none.
RESPELLED = (
    *(("v", "f"), ("z", "s"), ("g", "ch"), ("d", "t"), ("b", "p"), ("ei", "ij"), ("ou", "au"), ("ui", "eu")),
    *(("eu", "u"), ("oe", "o"), ("ie", "i"), ("aa", "a"), ("ee", "i"), ("oo", "o"), ("m", "n"), ("k", "t"), ("p", "k")),
    *(("l", "r"), ("w", "b"), ("h", ""), ("en", "e"), ("st", "s"), ("cht", "ch"), ("r", "")),
)


@cache
def _lexicon() -> Lexicon:
    return default_lexicon()


@cache
def _values() -> dict[str, int]:
    """Number words with their values."""
    return {word: int(value) for name in ("units", "tens") for word, value in _lexicon().table("waarden", name).items()}


@cache
def _number_words() -> frozenset[str]:
    names = ("ordinals", "weekdays", "months")
    more = (word for name in names for word in _lexicon().table("waarden", name))
    return frozenset(_values()) | frozenset(more) | {"half", "kwart", "over", "uur"}


def digits(word: str) -> str:
    """A number word as a recogniser may write it: `tien` is `10`, and no error."""
    return str(_values()[word]) if word in _values() else word


def word_class(raw: Sequence[str], at: int) -> str:
    """Which of CLASSES a word of a turn is in."""
    word = "".join(normalise(raw[at]))
    if word in _number_words() or any(ch.isdigit() for ch in word):
        return "number"
    if at and raw[at][:1].isupper() and raw[at - 1][-1:] not in ".?!":
        return "name"
    if at == 0:
        return "opens"
    return "function" if word in _lexicon().function_words else "other"


def known_words(calls: Iterable[Call]) -> Vocabulary:
    """What words are taken for: those of the calls and of the lexicon of the rules."""
    said = [normalise(turn.text) for call in calls for turn in call.turns]
    return vocabulary([*said, normalise(" ".join(_strings(_lexicon().tables)))])


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def misheard(call: Call, share: float, words: Vocabulary, seed: str, *, punctuation: bool = True) -> Call:
    """The call as a recogniser gives it that mishears about `share` (0..1) of the words.

    Turns keep their times and the sound its speech spans; a turn of which every word is lost goes.
    punctuation : False takes it away
    """
    chance = random.Random(f"{call.source} {share} {seed}")
    classes = [
        word_class([word.text for word in turn.words], at) for turn in call.turns for at in range(len(turn.words))
    ]
    mean = sum(MISHEARD[name] for name in classes) / max(1, len(classes))
    ear = _Ear(share, mean, words, chance)
    turns = []
    for turn in call.turns:
        heard = [_bare(word) for word in ear.hear(turn)] if not punctuation else ear.hear(turn)
        if heard:
            turns.append(replace(turn, words=tuple(heard), text=" ".join(word.text for word in heard)))
    speech = call.speech or {role: call.speech_of(role) for role in {turn.role for turn in call.turns}}
    return replace(call, turns=tuple(turns), speech=speech)


def _bare(word: Word) -> Word:
    return replace(word, text=word.text.strip(".,;:?!"))


@dataclass(slots=True)
class _Ear:
    """Hears turn after turn; `missed` tells whether the last word was misheard."""

    share: float
    mean: float
    words: Vocabulary
    chance: random.Random
    missed: bool = False

    def hear(self, turn: Turn) -> list[Word]:
        raw = [word.text for word in turn.words]
        heard: list[Word] = []
        at = 0
        while at < len(raw):
            word, name = turn.words[at], word_class(raw, at)
            at += 1
            self.missed = self.chance.random() < self._risk(name)
            if not self.missed:
                heard.append(replace(word, probability=self._probability(RIGHT)))
                continue
            following = turn.words[at] if at < len(raw) else None
            if self.chance.random() < LOST[name]:
                pass
            elif self.chance.random() < JOINED and following is not None:
                heard.append(self._joined(word, following))
                at += 1
            else:
                heard += self._other(word, name)
            if self.chance.random() < ADDED and following is not None:
                heard.append(self._added(word, following))
        return heard

    def _risk(self, name: str) -> float:
        """Chance 0..1 that the next word is misheard; such that errors lie in rows, and the share comes out."""
        high = min(self.share * IN_A_ROW, 0.95)
        low = self.share * (1 - high) / (1 - self.share)
        return min(0.95, (high if self.missed else low) * MISHEARD[name] / self.mean)

    def _probability(self, measured: tuple[Sequence[float], Sequence[float]]) -> float:
        clean, noisy = MEASURED_AT
        weight = min(1.0, max(0.0, (self.share - clean) / (noisy - clean)))
        drawn = self.chance.random()
        return round(
            float(
                sum(
                    part * np.interp(drawn, STEPS, row)
                    for part, row in zip((1 - weight, weight), measured, strict=True)
                )
            ),
            2,
        )

    def _joined(self, word: Word, following: Word) -> Word:
        text = _letters(word.text) + following.text.lower()
        return Word(text, word.start_s, following.end_s, self._probability(WRONG))

    def _other(self, word: Word, name: str) -> list[Word]:
        text, tail = _letters(word.text), word.text[len(word.text.rstrip(".,;:?!")) :]
        if len(text) >= MIN_SPLIT_LETTERS and self.chance.random() < SPLIT:
            return self._split(word, text, tail)
        other = None
        if name == "number" and text in _values() and self.chance.random() < OTHER_NUMBER:
            other = self.chance.choice([each for each in _values() if _values()[each] != _values()[text]])
        elif self.chance.random() >= NO_WORD:
            other = self.words.alike(text, self.chance)
        return [Word((other or self._respelled(text)) + tail, word.start_s, word.end_s, self._probability(WRONG))]

    def _split(self, word: Word, text: str, tail: str) -> list[Word]:
        places = range(MIN_PART_LETTERS, len(text) - MIN_PART_LETTERS + 1)
        known = [at for at in places if text[:at] in self.words and text[at:] in self.words]
        at = self.chance.choice(known or list(places))
        middle_s = word.start_s + (word.end_s - word.start_s) * at / len(text)
        return [
            Word(text[:at], word.start_s, middle_s, self._probability(WRONG)),
            Word(text[at:] + tail, middle_s, word.end_s, self._probability(WRONG)),
        ]

    def _respelled(self, text: str) -> str:
        """One or two spellings changed; a word in which none can be changed loses a letter or gets one."""
        for _ in range(self.chance.choice((1, 1, 2))):
            swaps = [(a, b) for pair in RESPELLED for a, b in (pair, pair[::-1]) if a and a in text]
            one, other = self.chance.choice(swaps) if swaps else ("", "")
            text = text.replace(one, other, 1) if one else text + "n"
        return text or "eh"

    def _added(self, word: Word, following: Word) -> Word:
        end_s = max(word.end_s, min(word.end_s + ADDED_S, following.start_s))
        text = self.chance.choice(sorted(_lexicon().function_words))
        return Word(text, word.end_s, end_s, self._probability(WRONG))


def _letters(text: str) -> str:
    return "".join(normalise(text))
