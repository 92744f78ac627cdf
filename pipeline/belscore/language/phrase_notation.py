"""Read phrases as they are written in rules.

A phrase is written as words. `a/b` is a choice at one place, each word of `(a b)` may be left out, `...` allows up to
GAP other words, `word*` matches any word that starts so, `*word` any that ends so, `*` any word at all; `{naam}` is
filled in by who looks. That is all: whatever needs more is a check kind, not a phrase.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from belscore.errors import RuleError
from belscore.language.lexicon import Lexicon
from belscore.language.tokens import Contractions, plain_norms

GAP = 5

_PART = re.compile(r"\([^()]*\)|\S+")
_BLANK = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Place:
    """What is written at one place of a phrase."""

    choices: tuple[str, ...]
    optional: bool
    gap: int


def places_in(text: str, lexicon: Lexicon) -> list[Place]:
    """The places of a phrase in order. Raises RuleError for a stray bracket, or what is no word."""
    places: list[Place] = []
    gap = 0
    for part in _PART.findall(text):
        if part == "...":
            gap = GAP
            continue
        optional = part.startswith("(") and part.endswith(")")
        for bare in (part[1:-1] if optional else part).split():
            if "(" in bare or ")" in bare or not bare.strip("/"):
                do = "write `(word)` for words that may be absent and `a/b` for a choice"
                raise RuleError(f"`{bare}` in phrase `{text}`", where=str(lexicon.folder.parent), do=do)
            places.extend(_places(bare, optional, gap, lexicon))
            gap = 0
    return places


def _places(bare: str, optional: bool, gap: int, lexicon: Lexicon) -> list[Place]:
    said = _choices(bare, lexicon.contractions)
    if not said:
        raise RuleError(f"`{bare}` is no word", where=str(lexicon.folder.parent), do="leave punctuation out of phrases")
    return [Place(choices, optional, gap if at == 0 else 0) for at, choices in enumerate(said)]


@lru_cache(maxsize=20_000)
def _choices(bare: str, contractions: Contractions) -> tuple[tuple[str, ...], ...]:
    """What may be said at the place a piece of a phrase stands for; at several for a contraction of several words."""
    if bare == "*" or _BLANK.fullmatch(bare):
        return ((bare,),)
    norms = [(choice, plain_norms(choice.strip("*"), contractions)) for choice in bare.split("/")]
    if len(norms) == 1 and len(norms[0][1]) > 1:
        return tuple((norm,) for norm in norms[0][1])
    choices = tuple(
        ("*" if choice.startswith("*") else "") + forms[0] + ("*" if choice.endswith("*") else "")
        for choice, forms in norms
        if forms
    )
    return (choices,) if choices else ()
