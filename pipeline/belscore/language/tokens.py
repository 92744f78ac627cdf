"""Split turns into normalised tokens that keep their time, certainty and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from belscore.call import Call, Role, Turn, Word

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_EDGE = re.compile(r"^[^\w'@+]+|[^\w']+$")
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})")
_SENTENCE_END = ".?!"


@dataclass(frozen=True, slots=True)
class Token:
    """A word as rules see it.

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
    """A turn and its tokens; `index` is its place in `Call.turns`, `norms` the norms of the tokens."""

    index: int
    turn: Turn
    tokens: tuple[Token, ...]
    norms: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "norms", tuple(token.norm for token in self.tokens))

    @property
    def role(self) -> Role:
        return self.turn.role

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
        start = at
        while start > 0 and self.tokens[start - 1].after not in _ENDS:
            start -= 1
        end = at
        while end < len(self.tokens) and self.tokens[end].after not in _ENDS:
            end += 1
        return start, min(end + 1, len(self.tokens))

    def addressed(self, at: int) -> str:
        """The name a sentence opens with, as in `Marit, kun jij even`: lower case; "" when it opens otherwise."""
        start, _ = self.sentence_of(at)
        token = self.tokens[start]
        return token.norm if token.capital and token.after == "," and start != at else ""

    def sentences(self) -> list[tuple[int, int]]:
        """Token ranges of all sentences in order."""
        ranges: list[tuple[int, int]] = []
        at = 0
        while at < len(self.tokens):
            start, end = self.sentence_of(at)
            ranges.append((start, end))
            at = end
        return ranges


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


def tokenise(call: Call, contractions: Mapping[str, Sequence[str]]) -> tuple[Utterance, ...]:
    """One utterance for every turn of the call, in its order.

    contractions : spoken or joined form -> the words it stands for, all lower case
    """
    return tuple(
        Utterance(index, turn, tuple(token for word in turn.words for token in _word_tokens(word, contractions)))
        for index, turn in enumerate(call.turns)
    )


def plain_norms(text: str, contractions: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The norms of a piece of text: how phrases of rules are brought to the form of tokens."""
    if text.isascii() and text.isalpha() and text.islower() and text not in contractions:
        return (text,)  # nearly every word of a rule: nothing to bring into form
    tokens = (_word_tokens(Word(word, 0.0, 0.0), contractions) for word in text.split())
    return tuple(token.norm for group in tokens for token in group)


def fold(text: str) -> str:
    """Lower case without accents: `één` -> `een`."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).lower())
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch))


def _word_tokens(word: Word, contractions: Mapping[str, Sequence[str]]) -> list[Token]:
    raw = word.text.strip().translate(_APOSTROPHES)
    tail = raw[len(raw.rstrip("\"')]}»”…,.;:?!-–")) :]
    after = next((ch for ch in tail if ch in "?!."), "")
    if not after:
        after = "," if any(ch in ",;:…" for ch in tail) else ""
    if "..." in tail or "…" in tail:
        after = ","  # a hesitation, no end of a sentence
    pieces = [piece for piece in _HYPHEN.split(raw) if piece]
    expanded = [(text, norm) for piece in pieces for text, norm in _expand(piece, contractions)]
    return [
        Token(
            text=text,
            norm=norm,
            start_s=word.start_s,
            end_s=word.end_s,
            probability=word.probability,
            after=after if at == len(expanded) - 1 else "",
            capital=text[:1].isupper(),
        )
        for at, (text, norm) in enumerate(expanded)
    ]


def _expand(piece: str, contractions: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    folded = fold(piece)
    for candidate in (folded.rstrip('.,;:?!"…-–)'), _EDGE.sub("", folded)):
        if candidate in contractions:
            return [(_EDGE.sub("", piece) or piece, norm) for norm in contractions[candidate]]
    norm = _EDGE.sub("", folded).strip("'")
    return [(_EDGE.sub("", piece), norm)] if norm else []
