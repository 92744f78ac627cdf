"""Digits as people say and write them: `nul zes`, `vierendertig`, `dubbel zes`, `drie keer nul`, `06-12345678`."""

from __future__ import annotations

import re
from typing import NamedTuple

from belscore.language.tokens import Token, Utterance
from belscore.redaction.heard import Heard

_WRITTEN = re.compile(r"\+?\d[\d\-./]*\d|\d|\+\d+")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[.:u]([0-5]\d)u?")
_DATE = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]('?\d{2}|\d{4})")
# So many words may stand between two parts of one number: "nul zes, eh, twaalf".
_MAX_BETWEEN = 2
# "vijfmaal de nul": nobody counts further.
_MOST_TIMES = 5
# A full stop behind so many digits ends the number; before that a recogniser puts them anywhere.
_WHOLE_DIGITS = 9
# A Dutch telephone number has so many, the first a nought.
_PHONE_DIGITS = 10


class Piece(NamedTuple):
    """Tokens start..end that say some digits."""

    start: int
    end: int
    digits: str


class Run(NamedTuple):
    """Pieces of one number in tokens start..end of an utterance."""

    turn: int
    start: int
    end: int
    digits: str
    pieces: tuple[Piece, ...]


class DigitReader:
    """Reads digits in the utterances of one call."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._cardinal = heard.numbers.cardinal
        self._double = frozenset(heard.lexicon.table("waarden", "number_strings")["double"])
        self._months = frozenset(heard.lexicon.table("waarden", "months"))
        self._joiners = heard.words("chain", "joiners")
        self._fillers = heard.lexicon.fillers | self._joiners
        self._times = heard.words("chain", "times")
        self._times_joined = heard.lexicon.list("privacy", "chain", "times_joined")
        self._units = heard.words("units")
        self._plus = heard.words("chain", "plus")
        self._article = str(heard.lexicon.table("waarden", "clock")["article"])
        self._known: dict[int, tuple[Run, ...]] = {}

    def runs(self, utterance: Utterance) -> tuple[Run, ...]:
        """All numbers of an utterance, of one digit or more, without amounts, clock times and written dates."""
        known = self._known.get(utterance.index)
        if known is None:
            known = self._known[utterance.index] = tuple(self._read(utterance))
        return known

    def piece(self, utterance: Utterance, at: int) -> Piece | None:
        """The digits that tokens from `at` on say; None where they say none."""
        norms, tokens = utterance.norms, utterance.tokens
        norm = norms[at]
        following = norms[at + 1] if at + 1 < len(norms) else ""
        if norm in self._double and len(self._digit(following)) == 1:
            return Piece(at, at + 2, self._digit(following) * 2)
        several = self._several(norms, at)
        if several is not None:
            return several
        if following in self._joiners and at + 2 < len(norms) and norms[at + 2] in self._heard.numbers.tens:
            unit = self._heard.numbers.units.get(norm, 0)
            if 0 < unit < 10 and not tokens[at].after:
                return Piece(at, at + 3, str(unit + self._heard.numbers.tens[norms[at + 2]]))
        if _WRITTEN.fullmatch(norm):
            if _DATE.fullmatch(norm) or (_CLOCK.fullmatch(norm) and not self._goes_on(utterance, at)):
                return None
            return Piece(at, at + 1, re.sub(r"\D", "", norm))
        value = self._cardinal(norm)
        if value is None:
            return None
        if 100 <= value <= 900 and value % 100 == 0 and following.isalpha():
            rest = self._cardinal(following)
            if rest is not None and 10 <= rest < 100 and not tokens[at].after:
                return Piece(at, at + 2, str(value + rest))
        return Piece(at, at + 1, str(value))

    def _goes_on(self, utterance: Utterance, at: int) -> bool:
        return at + 1 < len(utterance.norms) and utterance.norms[at + 1].isdigit() and not utterance.tokens[at].after

    def _digit(self, norm: str) -> str:
        value = self._cardinal(norm) if norm else None
        return str(value) if value is not None and value < 10 else ""

    def _several(self, norms: tuple[str, ...], at: int) -> Piece | None:
        """`driemaal vijf`, `drie keer (de) nul`."""
        joined = next((tail for tail in self._times_joined if norms[at].endswith(tail)), "")
        count = self._cardinal(norms[at].removesuffix(joined)) if joined else self._cardinal(norms[at])
        place = at + 1
        if not joined:
            if norms[place : place + 1] == () or norms[place] not in self._times:
                return None
            place += 1
        if norms[place : place + 1] and norms[place] in self._heard.words("dates", "articles"):
            place += 1
        digit = self._digit(norms[place]) if place < len(norms) else ""
        counts_things = place + 1 < len(norms) and norms[place + 1] in self._units
        if count is None or not 2 <= count <= _MOST_TIMES or not digit or counts_things:
            return None
        return Piece(at, place + 1, digit * count)

    def _read(self, utterance: Utterance) -> list[Run]:
        runs: list[Run] = []
        current: list[Piece] = []
        at = 0
        blocked = self._clocks(utterance)
        while at < len(utterance.tokens):
            piece = None if at in blocked else self.piece(utterance, at)
            if piece is not None and utterance.norms[piece.end : piece.end + 1] and self._is_day(utterance, piece):
                piece = None
            if piece is None:
                at += 1
                continue
            if current and not self._belongs(utterance, current, piece):
                runs += self._trimmed(utterance, current)
                current = []
            current.append(piece)
            at = piece.end
        return [*runs, *self._trimmed(utterance, current)]

    def _clocks(self, utterance: Utterance) -> frozenset[int]:
        values = self._heard.view.values(utterance)
        return frozenset(at for value in values if value.kind == "clock" for at in range(value.start, value.end))

    def _is_day(self, utterance: Utterance, piece: Piece) -> bool:
        """`3 mei`."""
        is_month = utterance.norms[piece.end] in self._months
        return is_month and len(piece.digits) <= 2 and not utterance.tokens[piece.end - 1].after

    def _belongs(self, utterance: Utterance, current: list[Piece], piece: Piece) -> bool:
        between = range(current[-1].end, piece.start)
        if len(between) > _MAX_BETWEEN or any(utterance.norms[at] not in self._fillers for at in between):
            return False
        after = utterance.tokens[current[-1].end - 1].after
        said = sum(len(each.digits) for each in current)
        return after not in ("?", "!") and not (after == "." and said >= _WHOLE_DIGITS)

    def _trimmed(self, utterance: Utterance, pieces: list[Piece]) -> list[Run]:
        """The run without an amount behind it (`06 12345678 twee keer`) and without articles at its edges."""
        tokens = utterance.tokens
        while pieces and self._is_amount(utterance, pieces) and not _is_whole(pieces):
            pieces = pieces[:-1]
        while pieces and self._is_article(tokens, pieces[-1]) and self._has_noun(tokens, pieces[-1].end):
            pieces = pieces[:-1]
        while len(pieces) == 1 and self._is_article(tokens, pieces[0]):
            pieces = []
        if not pieces:
            return []
        digits = "".join(each.digits for each in pieces)
        start = pieces[0].start
        start -= start > 0 and utterance.norms[start - 1] in self._plus
        return [Run(utterance.index, start, pieces[-1].end, digits, tuple(pieces))]

    def _is_amount(self, utterance: Utterance, pieces: list[Piece]) -> bool:
        last = pieces[-1]
        if utterance.tokens[last.end - 1].after or last.end >= len(utterance.norms):
            return False
        return utterance.norms[last.end] in self._units and len(last.digits) < 4

    def _is_article(self, tokens: tuple[Token, ...], piece: Piece) -> bool:
        """`een` without accents."""
        return piece.end == piece.start + 1 and tokens[piece.start].text.lower() == self._article

    def _has_noun(self, tokens: tuple[Token, ...], end: int) -> bool:
        return end < len(tokens) and not tokens[end - 1].after and len(tokens[end].norm) > 1


def _is_whole(pieces: list[Piece]) -> bool:
    """`nul zes ... vierenzestig over een been`: with the last piece it is a whole telephone number, so no amount."""
    digits = "".join(each.digits for each in pieces)
    return len(digits) == _PHONE_DIGITS and digits.startswith("0")
