"""IBAN, written or spelled out, and continued in the next turns. Words: `privacy.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban

from belscore.language.tokens import Utterance
from belscore.redaction.digits import DigitReader
from belscore.redaction.found import Found
from belscore.redaction.heard import PRIVACY, Heard

# Dutch: two of check and ten of account; the shortest account anybody has is not much shorter.
_MOST_DIGITS = 12
_LEAST_DIGITS = 6
_WRITTEN = re.compile(r"([a-z]{2})(\d{2})([a-z]{4})?(\d*)")
_WITH_BANK = re.compile(r"[a-z]{4}\d+")
_BANK_LETTERS = 4
_CONTINUED_TURNS = 6


class AccountFinder:
    """Finds account numbers by the country they begin with."""

    def __init__(self, heard: Heard, digits: DigitReader) -> None:
        self._heard, self._digits = heard, digits
        self._banks = heard.words("banks")
        self._countries = heard.lexicon.list(PRIVACY, "banks", "country")
        self._chain = heard.words("chain")
        self._between = heard.words("chain", "joiners") | heard.lexicon.fillers

    def find(self) -> list[Found]:
        found: list[Found] = []
        for utterance in self._heard.utterances:
            at = 0
            while at < len(utterance.norms):
                read = self._at(utterance, at)
                if read is None:
                    at += 1
                    continue
                said, end = read
                parts = [(utterance, at, end, said), *self._continued(utterance, said)]
                whole = "".join(part[3] for part in parts if part[0].role == utterance.role)
                at = end
                if _count(whole) >= _LEAST_DIGITS or iban.is_valid(whole):
                    found += [Found("iban", of.index, low, high, text, whole) for of, low, high, text in parts]
        return found

    def _at(self, utterance: Utterance, at: int) -> tuple[str, int] | None:
        """What is said of an account number from token `at` on, and where it ends."""
        norms = utterance.norms
        written = _WRITTEN.fullmatch(norms[at])
        if written and written[1] in self._countries and (written[3] or written[4] or self._is_code(utterance, at)):
            return self._rest(utterance, norms[at], at + 1)
        country = norms[at] if norms[at] in self._countries else "".join(norms[at : at + 2])
        start = at + (1 if norms[at] in self._countries else 2)
        known = country in self._countries and start < len(norms)
        if not known or not (start > at + 1 or self._is_code(utterance, at)):
            return None
        piece = self._digits.piece(utterance, start)
        if piece is None or len(piece.digits) < 1:
            return None
        said, end = self._rest(utterance, country, start)
        return (said, end) if _count(said) > 1 else None

    def _is_code(self, utterance: Utterance, at: int) -> bool:
        """`NL` is no other word; `de` and `be` are, but in capitals."""
        return utterance.tokens[at].text.isupper() or utterance.norms[at][:2] == self._countries[0]

    def _rest(self, utterance: Utterance, said: str, at: int) -> tuple[str, int]:
        norms, end = utterance.norms, at
        while at < len(norms):
            piece = self._digits.piece(utterance, at)
            norm = norms[at]
            if piece is not None:
                said, at = said + piece.digits, piece.end
                end = at
            elif norm in self._banks or _is_part(norm, utterance.tokens[at].text):
                said, at = said + norm, at + 1
                end = at
            elif norm in self._between:
                at += 1
            else:
                break
        return said, end

    def _continued(self, utterance: Utterance, said: str) -> Iterator[tuple[Utterance, int, int, str]]:
        """The digits in the turns behind it, the other's echo among them, while nothing else is said."""
        count = _count(said)
        for later in self._heard.utterances[utterance.index + 1 : utterance.index + 1 + _CONTINUED_TURNS]:
            runs = self._digits.runs(later)
            covered = {at for run in runs for at in range(run.start, run.end)}
            other = [at for at, norm in enumerate(later.norms) if at not in covered and norm not in self._chain]
            if count >= _MOST_DIGITS or len(other) > 1 or self._at_start(later):
                return
            for run in runs:
                yield later, run.start, run.end, run.digits
                if later.role == utterance.role:
                    count += len(run.digits)

    def _at_start(self, utterance: Utterance) -> bool:
        return any(self._at(utterance, at) is not None for at in range(len(utterance.norms)))


def _count(said: str) -> int:
    return sum(ch.isdigit() for ch in said)


def _is_part(norm: str, text: str) -> bool:
    """A letter, `ABNA`, `abna0417`."""
    if len(norm) == 1 or (len(text) == _BANK_LETTERS and text.isupper()):
        return norm.isalpha()
    return _WITH_BANK.fullmatch(norm) is not None
