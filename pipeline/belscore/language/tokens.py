"""Split turns into normalised tokens that keep their time, certainty and punctuation."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from belscore.call import Call, Role, Turn, Word

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_EDGE = re.compile(r"^[^\w'@+]+|[^\w']+$")
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})")
_SENTENCE_END = ".?!"


class Token(NamedTuple):
    """A word as rules see it; a tuple, which is made in a third of the time: a call has hundreds.

    text    : as transcribed, without punctuation around it
    norm    : lower case, no accents, contractions written out (one word can give several tokens)
    after   : the punctuation behind it that ends a clause or sentence: "", ",", ".", "?" or "!"
    capital : written with a capital
    """

    text: str
    norm: str
    start_s: float
    end_s: float
    probability: float
    after: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Utterance:
    """A turn and its tokens.

    index : its place in `Call.turns`
    role  : who says it
    norms : the norms of the tokens
    ends  : the tokens that end a sentence
    notes : what a reader worked out of the words and wants to keep, by reader
    """

    index: int
    turn: Turn
    tokens: tuple[Token, ...]
    role: Role = field(init=False, compare=False, repr=False)
    norms: tuple[str, ...] = field(init=False, compare=False)
    ends: tuple[int, ...] = field(init=False, compare=False, repr=False)
    notes: dict[object, object] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", self.turn.role)
        object.__setattr__(self, "norms", tuple([token.norm for token in self.tokens]))
        object.__setattr__(self, "ends", tuple([at for at, token in enumerate(self.tokens) if token.after in _ENDS]))

    def quote(self, start: int, end: int) -> str:
        """The words of tokens start..end as transcribed."""
        words: list[str] = []
        last: tuple[float, str] | None = None
        for token in self.tokens[start:end]:
            key = (token.start_s, token.text)
            if key != last:
                words.append(token.text + token.after)
            last = key
        return " ".join(words).rstrip(",")

    def sentence_of(self, at: int) -> tuple[int, int]:
        """Token range of the sentence that holds token `at`; the whole turn where nothing is punctuated."""
        place = bisect_left(self.ends, at)
        start = self.ends[place - 1] + 1 if place else 0
        return start, self.ends[place] + 1 if place < len(self.ends) else len(self.tokens)

    def addressed(self, at: int) -> str:
        """The name a sentence opens with, as in `Marit, kun jij even`: lower case; "" when it opens otherwise."""
        start, _ = self.sentence_of(at)
        token = self.tokens[start]
        return token.norm if token.capital and token.after == "," and start != at else ""

    def sentences(self) -> list[tuple[int, int]]:
        """Token ranges of all sentences in order."""
        edges = [0, *[end + 1 for end in self.ends]]
        if edges[-1] < len(self.tokens):
            edges.append(len(self.tokens))
        return list(pairwise(edges))


def stops_of(tokens: Sequence[Token], ends: Sequence[int]) -> list[bool]:
    """For each token whether a sentence ends with it; nowhere when the words, and so the marks, were recognised.

    ends : the tokens that end a sentence by their marks
    """
    stops = [False] * len(tokens)
    if ends and not any(token.probability < 1.0 for token in tokens):
        for at in ends:
            stops[at] = True
    return stops


def part(utterance: Utterance, start: int, end: int) -> Utterance:
    """The utterance cut down to tokens start..end; the same one for the same tokens, with the notes made of it."""
    known = utterance.notes.get((start, end))
    if not isinstance(known, Utterance):
        known = utterance.notes[start, end] = Utterance(utterance.index, utterance.turn, utterance.tokens[start:end])
    return known


def last_before(turns: Sequence[Utterance], index: int) -> Utterance | None:
    """The last of these turns with words that stands before the one with this index; None for none."""
    return next((turn for turn in reversed(turns) if turn.index < index and turn.tokens), None)


class Passage:
    """Base of values that lie in tokens start..end (exclusive) of an utterance: their words and times."""

    __slots__ = ()

    utterance: Utterance
    start: int
    end: int

    @property
    def quote(self) -> str:
        return self.utterance.quote(self.start, self.end)

    @property
    def start_s(self) -> float:
        return self.utterance.tokens[self.start].start_s

    @property
    def end_s(self) -> float:
        return self.utterance.tokens[self.end - 1].end_s


_ENDS = frozenset(_SENTENCE_END)


class Contractions(dict[str, tuple[str, ...]]):
    """Spoken or joined forms -> the words they stand for, all lower case. Told apart by identity and never changed."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def tokenise(call: Call, contractions: Contractions) -> tuple[Utterance, ...]:
    """One utterance for every turn of the call, in its order."""
    return tuple(Utterance(index, turn, _tokens(turn.words, contractions)) for index, turn in enumerate(call.turns))


def plain_norms(text: str, contractions: Contractions) -> tuple[str, ...]:
    """The norms of a piece of text: how phrases of rules are brought to the form of tokens."""
    if text.isascii() and text.isalpha() and text.islower() and text not in contractions:
        return (text,)  # nearly every word of a rule: nothing to bring into form
    return tuple(form.norm for word in text.split() for form in _forms(word, contractions))


def fold(text: str) -> str:
    """Lower case without accents: `één` -> `een`."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).lower())
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch))


class _Form(NamedTuple):
    """What a token is but for its time and certainty; the fields are those of `Token`."""

    text: str
    norm: str
    after: str
    capital: bool


def _tokens(words: Iterable[Word], contractions: Contractions) -> tuple[Token, ...]:
    return tuple(
        [
            Token(text, norm, word.start_s, word.end_s, word.probability, after, capital)
            for word in words
            for text, norm, after, capital in _forms(word.text, contractions)
        ]
    )


@lru_cache(maxsize=50_000)
def _forms(word: str, contractions: Contractions) -> tuple[_Form, ...]:
    raw = word.strip().translate(_APOSTROPHES)
    tail = raw[len(raw.rstrip("\"')]}»”…,.;:?!-–")) :]
    after = next((ch for ch in tail if ch in "?!."), "")
    if not after:
        after = "," if any(ch in ",;:…" for ch in tail) else ""
    if "..." in tail or "…" in tail:
        after = ","  # a hesitation, no end of a sentence
    pieces = [piece for piece in _HYPHEN.split(raw) if piece]
    expanded = [(text, norm) for piece in pieces for text, norm in _expand(piece, contractions)]
    last = len(expanded) - 1
    return tuple(
        _Form(text, norm, after if at == last else "", text[:1].isupper()) for at, (text, norm) in enumerate(expanded)
    )


def _expand(piece: str, contractions: Contractions) -> list[tuple[str, str]]:
    folded = fold(piece)
    for candidate in (folded.rstrip('.,;:?!"…-–)'), _EDGE.sub("", folded)):
        if candidate in contractions:
            return [(_EDGE.sub("", piece) or piece, norm) for norm in contractions[candidate]]
    norm = _EDGE.sub("", folded).strip("'")
    return [(_EDGE.sub("", piece), norm)] if norm else []
