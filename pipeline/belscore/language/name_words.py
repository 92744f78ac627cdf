"""Read a name in tokens, and tell whether two names sound alike. Inventory: `rules/lexicon/namen.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from belscore.language.lexicon import Lexicon
from belscore.language.tokens import Token, Utterance

MAX_NAME_WORDS = 3
# Words shorter than this are no compound with a stem such as -zorg; with an ending such as -lijn names are longer.
MIN_STEM_LETTERS = 6
MIN_ENDING_LETTERS = 8
# Two spellings of one name: SPEECH.md 4.7 gives 0.85 on phonetic keys.
SAME_NAME = 0.85
# Below this two names are surely different; between the two it may be the recogniser's spelling.
MAYBE_SAME_NAME = 0.6

# Dutch spellings of one sound, written as one letter (SPEECH.md 4.7).
_SOUNDS = (
    (r"sch", "sg"), (r"ch", "g"), (r"ij|ei|ey|y", "j"), (r"ou|au|auw|ouw", "o"), (r"oe", "u"), (r"ck|c|q|k", "k"),
    (r"x", "ks"), (r"ph|v|f|w", "f"), (r"z|s", "s"), (r"dt|d|t", "t"), (r"th", "t"), (r"h", ""), (r"b|p", "p"),
    (r"ie|i", "i"), (r"(.)\1+", r"\1"),
)  # fmt: skip
INITIALS = re.compile(r"[a-z](\.[a-z])+")
_COMPILED = tuple((re.compile(pattern), sound) for pattern, sound in _SOUNDS)


class NameSpan(NamedTuple):
    """A name in tokens start..end (title and tussenvoegsels included); `words` are its parts without those."""

    start: int
    end: int
    words: tuple[str, ...]


@lru_cache(maxsize=4096)
def phonetic_key(name: str) -> str:
    """A rough key of how a Dutch name sounds: `janssen` and `jansen` share one."""
    for pattern, sound in _COMPILED:
        name = pattern.sub(sound, name)
    return name


def name_similarity(one: str, other: str) -> float:
    """0..1, how alike two names sound."""
    return JaroWinkler.similarity(phonetic_key(one), phonetic_key(other))


class NameWords:
    """Knows which words make a name."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.titles = lexicon.words("namen", "titles")
        self.professions = lexicon.words("namen", "professions")
        self.infixes = lexicon.words("namen", "infixes")
        self.not_names = lexicon.words("namen", "not_names") | lexicon.idle | lexicon.words("namen", "relation")
        self.not_names |= lexicon.words("namen", "cries")
        self._cry_tails = lexicon.list("namen", "cries", "tails")
        self._cry_heads = lexicon.list("namen", "cries", "heads")
        self._organisations = lexicon.words("begroeting", "organisation")
        self._stems = lexicon.list("begroeting", "organisation", "stems")
        self._things = tuple(lexicon.list("begroeting", "organisation", "things"))
        self._endings = lexicon.list("begroeting", "organisation", "endings")
        self._after_all_names = frozenset(lexicon.list("begroeting", "organisation", "names"))
        self._infix_names = frozenset(lexicon.list("namen", "infixes", "names"))
        self._infix_starts = lexicon.words("namen", "infix_starts")
        self._titled_starts = self._infix_starts | frozenset(lexicon.list("namen", "infix_starts", "behind_title"))
        self.places = lexicon.words("namen", "places")
        self._homes = frozenset(lexicon.list("namen", "places", "homes"))
        self._hesitations = lexicon.words("namen", "hesitations")
        self.no_initials = lexicon.words("namen", "no_initials")
        self._days = frozenset(lexicon.list("namen", "never", "days"))
        self._never = lexicon.words("namen", "never") | self._days
        self._around = lexicon.words("namen", "before") | lexicon.words("namen", "around_address")
        self._numbers = frozenset(lexicon.table("waarden", "units")) | frozenset(lexicon.table("waarden", "tens"))

    def is_organisation(self, norm: str, *, surname: bool = False) -> bool:
        """A word that names an organisation: listed, or made with a stem such as -praktijk.

        surname : it stands where a surname does, behind a title or a first name: "meneer Kamphuis"
        """
        if norm in self._organisations:
            return True
        if norm.endswith(self._things):
            return False
        if len(norm) >= MIN_STEM_LETTERS and (norm.startswith(self._stems) or norm.endswith(self._stems)):
            return True
        if surname:
            return False
        named = norm in self._after_all_names
        return len(norm) >= MIN_ENDING_LETTERS and norm.endswith(self._endings) and not named

    def is_number(self, norm: str) -> bool:
        return norm in self._numbers

    def is_particle(self, norm: str) -> bool:
        """A title, a profession or a tussenvoegsel: part of a name, no name by itself."""
        return norm in self.titles or norm in self.infixes or norm in self.professions

    def read_name(self, tokens: Sequence[Token], at: int, *, cased: bool) -> NameSpan | None:
        """The name from token `at` on, title first; None when no name stands there."""
        start = at
        if tokens[at : at + 1] and tokens[at].norm in self._infix_starts:
            at += any(token.norm in self.titles for token in tokens[at + 1 : at + 2])  # "de heer Bos"
        while at < len(tokens) and (tokens[at].norm in self.titles or tokens[at].norm in self._hesitations):
            if tokens[at].after in (".", "?", "!"):
                return None
            at += 1
        titled = any(token.norm in self.titles for token in tokens[start:at])
        while at + 1 < len(tokens) and self._is_initial(tokens[at], cased=cased):
            at += 1
        words: list[str] = []
        end = at
        while at < len(tokens) and len(words) < MAX_NAME_WORDS:
            token = tokens[at]
            if self._is_infix(tokens, at, first=not words, titled=titled, cased=cased):
                at += 1
                if token.norm in self._infix_names:  # "sander klein de vader van mila"
                    words.append(token.norm)
                    end = at
                continue
            inside = at > 0 and tokens[at - 1].after not in (".", "?", "!")
            if not self._is_name_word(token, first=not words, titled=titled, cased=cased, inside=inside):
                break
            words.append(token.norm)
            at += 1
            end = at
            if token.after:
                break
        return NameSpan(start, end, tuple(words)) if words else None

    def _is_initial(self, token: Token, *, cased: bool) -> bool:
        """`J.` in front of a surname."""
        if cased and token.capital and token.after == "." and len(token.norm) == 1:
            return True
        single = len(token.norm) == 1 or INITIALS.fullmatch(token.norm) is not None
        return single and token.norm.isascii() and token.norm not in self.no_initials and (token.capital or not cased)

    def _is_home(self, tokens: Sequence[Token], at: int) -> bool:
        """`Gerrits uit Druten` is from there; `Toon in 't Veld` is called so."""
        following = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        return tokens[at].norm in self._homes and following not in self.infixes

    def _is_infix(self, tokens: Sequence[Token], at: int, *, first: bool, titled: bool, cased: bool) -> bool:
        starts = self._titled_starts if titled else self._infix_starts
        known = starts if first else self.infixes
        if tokens[at].norm not in known or tokens[at].after or at + 1 >= len(tokens):
            return False
        if not first and self._is_home(tokens, at):
            return False
        following = tokens[at + 1]
        named = cased and following.capital and following.norm not in self._never
        opens = first and not (at and tokens[at - 1].norm in self.infixes)
        if opens and tokens[at].norm in self.places and not named:  # "meneer in principe"
            return following.norm in self.infixes
        return named or following.norm in self.infixes or following.norm not in self.not_names

    def _is_name_word(self, token: Token, *, first: bool, titled: bool, cased: bool, inside: bool) -> bool:
        norm = token.norm
        if len(norm) < 2 or not norm.replace("'", "").isalpha():
            return False
        if cased and token.capital and inside and norm not in self._never:
            return True
        if cased and token.capital and inside and norm in self._days and (titled or not first):
            return True  # "mevrouw Vrijdag": a day has no capital
        if norm in self.not_names or norm in self.professions or self.is_number(norm):
            return False
        if norm.endswith(self._cry_tails) or norm.startswith(self._cry_heads):
            return False
        if self.is_organisation(norm, surname=titled or not first):
            return False
        return not cased or token.capital or (first and titled)

    def is_address(self, utterance: Utterance, start: int, end: int) -> bool:
        """Tokens start..end speak to somebody: apart from the sentence, or behind no more than a greeting."""
        tokens = utterance.tokens
        first = utterance.sentence_of(start)[0]
        led = all(norm in self._around for norm in utterance.norms[first:start])
        closed = end >= len(tokens) or tokens[end - 1].after != ""
        return led or (closed and tokens[start - 1].after != "") or (end >= len(tokens) and not tokens[-1].after)

    def titled(self, utterance: Utterance, *, cased: bool) -> Iterable[NameSpan]:
        for at, token in enumerate(utterance.tokens):
            if token.norm not in self.titles or token.after in (".", "?", "!"):
                continue
            if at and utterance.norms[at - 1] in self.titles | {"spreekt"}:
                continue
            following = utterance.tokens[at + 1 : at + 2]
            if token.after and cased and following and not following[0].capital:  # "meneer, op deze manier"
                continue
            read = self.read_name(utterance.tokens, at, cased=cased)
            if read is not None:
                yield read
