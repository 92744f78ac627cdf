"""Words of substance, and how many of them two stretches of talk share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from belscore.language.tokens import Utterance
from belscore.view import CallView

MIN_CONTENT_LETTERS = 4
SAME_STEM = 0.75
# Words of so many letters are forms of one when one begins with the other.
MIN_BEGINNING_LETTERS = 5
# And when one of so many letters, in all and in one of its parts, ends with the other: `leefgeld`, `weggestuurd`.
MIN_COMPOUND_LETTERS = 7
MIN_FRONT_LETTERS = 4
MIN_TAIL_LETTERS = 5


def content_words(view: CallView, utterances: list[Utterance]) -> frozenset[str]:
    """Words of substance: no function word, filler or listening signal, at least four letters, or a number."""
    return frozenset().union(*[_words_of(view, utterance) for utterance in utterances])


def _words_of(view: CallView, utterance: Utterance) -> frozenset[str]:
    known = utterance.notes.get(_words_of)
    if not isinstance(known, frozenset):
        known = utterance.notes[_words_of] = content_of(view, utterance.norms)
    return known


def content_of(view: CallView, norms: Sequence[str]) -> frozenset[str]:
    """Of these words those of substance."""
    idle = view.lexicon.idle
    return frozenset(
        norm for norm in norms if norm not in idle and (len(norm) >= MIN_CONTENT_LETTERS or norm.isdigit())
    )


def shared(one: frozenset[str], other: frozenset[str]) -> int:
    """How many words of the first are in the second, in the same or another form."""
    return len(one) - len(_unshared(one, other))


def shared_in_sense(view: CallView, one: frozenset[str], other: frozenset[str], least: int = 1) -> int:
    """As `shared`, with `nota` for `rekening` and the like where at least so many are shared then."""
    left = _unshared(one, other)
    senses = view.lexicon.senses
    meant = frozenset().union(*[senses[word] for word in other if word in senses]) if left else frozenset()
    narrow, wider = len(one) - len(left), len(one) - len(_unshared(left, meant))
    return wider if wider >= least else narrow


def _unshared(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The words of the first that are not in the second, in no form."""
    missing = one - other
    if not missing or not other:
        return missing
    stems = [yours.removeprefix("ge") for yours in other]
    long = _Words.of([yours for yours in other if len(yours) >= MIN_BEGINNING_LETTERS])
    tails = _Words.of([yours for yours in other if len(yours) >= MIN_CONTENT_LETTERS])
    return frozenset(
        mine
        for mine in missing
        if not (_begins_alike(mine, long) or _ends_alike(mine, tails) or _has_stem(mine, stems))
    )


class _Words(NamedTuple):
    """Words, and the same in one text with spaces around each: what is in none of them is told without a loop."""

    each: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, words: Sequence[str]) -> _Words:
        return cls(tuple(words), f" {' '.join(words)} ")


def _begins_alike(mine: str, words: _Words) -> bool:
    """One of the words begins with this one, or the other way round."""
    if len(mine) < MIN_BEGINNING_LETTERS:
        return False
    return mine.startswith(words.each) or (
        f" {mine}" in words.text and any(yours.startswith(mine) for yours in words.each)
    )


def _ends_alike(mine: str, words: _Words) -> bool:
    """One is a compound of the other, or its separable verb."""
    if not mine.endswith(words.each) and f"{mine} " not in words.text:
        return False
    return any(
        (mine.endswith(yours) and _compound(mine, yours)) or (yours.endswith(mine) and _compound(yours, mine))
        for yours in words.each
    )


def _compound(whole: str, tail: str) -> bool:
    """Whether a word that ends with another can be made of it."""
    if len(whole) < MIN_COMPOUND_LETTERS or len(tail) < MIN_CONTENT_LETTERS:
        return False
    return len(tail) >= MIN_TAIL_LETTERS or len(whole) - len(tail) >= MIN_FRONT_LETTERS


def _has_stem(mine: str, stems: Sequence[str]) -> bool:
    stem, similarity = mine.removeprefix("ge"), Levenshtein.normalized_similarity
    if len(stem) >= MIN_BEGINNING_LETTERS and any(yours.startswith(stem) for yours in stems):
        return True
    # Forms of a verb begin alike: "gebeten" is not of "eten".
    stems = [yours for yours in stems if yours[:1] == stem[:1]]
    return process.extractOne(stem, stems, scorer=similarity, score_cutoff=SAME_STEM) is not None
