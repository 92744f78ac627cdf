"""Echoes: words so much like a phrase, by their letters, that the phrase may have been said there.

A recogniser that takes `tot ziens` for `dood ziens`, that joins words or splits them, keeps most of the letters. An
echo proves nothing: it is a reason not to say that the phrase was missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod

from rapidfuzz import fuzz, process

from belscore.language.lexicon import Lexicon
from belscore.language.phrases import Element, compile_phrase
from belscore.language.tokens import Utterance

# Own values, set with `make bench-rules`. Shorter phrases are met by chance in any turn, and so are looser likenesses;
# a word of which less is left has left no echo.
MIN_LETTERS = 7
SAME_LETTERS = 78.0
SAME_WORD = 60.0
# A word the recogniser gave this much was hardly another: of those above six in seven are right (bench/wer.py).
SURE = 0.8
# Of a phrase with more ways to say it, each word is looked for in one of them.
MAX_SPELLINGS = 200


class EchoFinder:
    """Looks for echoes of phrases; the spellings of each group of phrases are made once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._groups: dict[tuple[str, ...], _Spellings] = {}

    def any(self, texts: Iterable[str], utterance: Utterance) -> bool:
        """Whether some words of the turn, not all of them sure, look like one of the phrases."""
        return _echoes(self._spellings(tuple(texts)), utterance)

    def _spellings(self, texts: tuple[str, ...]) -> _Spellings:
        if texts not in self._groups:
            found = {words for text in texts for words in _spelled(compile_phrase(text, self._lexicon).elements)}
            self._groups[texts] = _Spellings(words for words in found if len("".join(words)) >= MIN_LETTERS)
        return self._groups[texts]


class _Spellings:
    """Rows of words by the number of tokens that a recogniser may have made of them: one fewer to one more.

    letters : number of tokens -> the letters of each row, in the order of `words`
    """

    def __init__(self, rows: Iterable[tuple[str, ...]]) -> None:
        self.words: dict[int, list[tuple[str, ...]]] = {}
        for words in sorted(rows):
            for size in range(max(1, len(words) - 1), len(words) + 2):
                self.words.setdefault(size, []).append(words)
        self.letters = {size: ["".join(words) for words in rows] for size, rows in self.words.items()}


def echoes_words(words: Sequence[str], utterance: Utterance) -> bool:
    """Whether some words of the turn, not all of them sure, look like these, which are in the form of tokens."""
    return len("".join(words)) >= MIN_LETTERS and _echoes(_Spellings([tuple(words)]), utterance)


def _echoes(spellings: _Spellings, utterance: Utterance) -> bool:
    for size, letters in spellings.letters.items():
        rows = spellings.words[size]
        for window in _doubtful_windows(utterance, size):
            alike = process.extract_iter(window, letters, scorer=fuzz.ratio, score_cutoff=SAME_LETTERS)
            if any(_keeps_words(rows[at], window) for _, _, at in alike):
                return True
    return False


def _doubtful_windows(utterance: Utterance, size: int) -> Sequence[str]:
    """The letters of each run of so many tokens that holds a doubtful one; worked out once for an utterance."""
    known = utterance.notes.get((_doubtful_windows, size))
    if not isinstance(known, tuple):
        known = utterance.notes[_doubtful_windows, size] = tuple(_windows(utterance, size))
    return known


def _windows(utterance: Utterance, size: int) -> Iterator[str]:
    doubtful = [token.probability < SURE for token in utterance.tokens]
    for start in range(len(doubtful) - size + 1):
        if True in doubtful[start : start + size]:
            yield "".join(utterance.norms[start : start + size])


def _keeps_words(words: Sequence[str], window: str) -> bool:
    return all(fuzz.partial_ratio(word, window) >= SAME_WORD for word in words)


def _spelled(elements: Sequence[Element]) -> list[tuple[str, ...]]:
    """The words of a phrase without those that may be absent; none of one that leaves words open."""
    required = [element.choices for element in elements if not element.optional]
    if any(element.gap for element in elements) or any("*" in "".join(choices) for choices in required):
        return []
    if prod(map(len, required)) <= MAX_SPELLINGS:
        return list(product(*required))
    most = max(map(len, required))
    return [tuple(choices[at % len(choices)] for choices in required) for at in range(most)]
