"""Telephone numbers, BSN and numbers of policies and patients, whole or in pieces over turns. Words: `privacy.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from rapidfuzz.distance import Levenshtein
from stdnum.nl import bsn

from belscore.call import Role
from belscore.language.tokens import Utterance
from belscore.redaction.digits import DigitReader, Run
from belscore.redaction.found import Found, Kind
from belscore.redaction.heard import Heard

REGION = "NL"
BSN_DIGITS = 9
# A number that was asked for has at least so many digits; what has fewer is a quantity.
LEAST_DIGITS: dict[Kind, int] = {"phone": 6, "bsn": 6, "policy": 4, "patient": 4, "iban": 7, "number": 7}
# Said again, so many digits are the same number; heard wrong, so much of it is still the same.
MIN_AGAIN_DIGITS = 4
MIN_BEGUN_DIGITS = 2
SAME_NUMBER = 0.8
_CODE_LETTERS = 3
_SERVICE = re.compile(r"0(800|90[069])\d{4}(\d{3})?|140\d{2,3}|116\d{3}|112")
# A turn with at most so many other words says a number and nothing else.
_OTHER_WORDS = 2
# Digits so close behind the words that announce them are what was announced.
_CUE_REACH = 4
# So many turns without a number may follow a question for one: "even kijken hoor".
_PATIENCE = 3


class _Cue(NamedTuple):
    start: int
    kind: Kind
    is_some: bool


@dataclass
class _Open:
    """A number that was asked for or announced, and what was said of it since."""

    kind: Kind
    turn: int
    at: int
    runs: list[tuple[Role, Run]] = field(default_factory=list)
    misses: int = 0


class NumberFinder:
    """Reads the call from its first turn to its last: who asks for which number, and what digits follow."""

    def __init__(self, heard: Heard, digits: DigitReader, taken: frozenset[tuple[int, int]]) -> None:
        """taken : (turn, token) of what others found: no part of a number"""
        self._heard, self._digits, self._taken = heard, digits, taken
        self._chain = heard.words("chain") | heard.words("chain", "joiners") | heard.lexicon.fillers
        self._found: list[Found] = []
        self._open: _Open | None = None
        self._left: list[Run] = []

    def find(self) -> list[Found]:
        for utterance in self._heard.utterances:
            self._hear(utterance)
        self._close()
        self._found += self._ends()
        return [*self._found, *self._again()]

    def _hear(self, utterance: Utterance) -> None:
        runs = [run for run in self._digits.runs(utterance) if not self._is_taken(run)]
        cues = self._cues(utterance)
        says_numbers = False
        events: list[_Cue | Run] = [*cues, *runs]
        for event in sorted(events, key=lambda each: each.start):
            if isinstance(event, _Cue):
                self._announce(event, utterance)
            elif not is_service(event.digits) and not self._is_ours(utterance, event):
                says_numbers |= self._take(event, utterance)
        runs = [run for run in runs if not is_service(run.digits) and not self._is_ours(utterance, run)]
        if runs and cues and not says_numbers and len(runs[-1].digits) >= LEAST_DIGITS[cues[-1].kind]:
            self._keep(cues[-1].kind, [(utterance.role, runs[-1])])  # "304558812 is mijn polisnummer"
        if self._open is not None and not says_numbers:
            self._wait(utterance, has_cue=bool(cues))

    def _is_taken(self, run: Run) -> bool:
        return any((run.turn, at) in self._taken for at in range(run.start, run.end))

    def _cues(self, utterance: Utterance) -> list[_Cue]:
        found: list[_Cue] = []
        covered: set[int] = set()
        kinds: tuple[tuple[str, Kind], ...] = (
            ("bsn", "bsn"), ("iban", "iban"), ("policy", "policy"), ("patient", "patient"), ("phone", "phone"),
            ("some", "phone"),
        )  # fmt: skip
        for name, kind in kinds:
            for match in self._heard.cues("asks", utterance, name):
                if covered.isdisjoint(range(match.start, match.end)):
                    covered |= set(range(match.start, match.end))
                    found.append(_Cue(match.start, kind, name == "some"))
        return found

    def _announce(self, cue: _Cue, utterance: Utterance) -> None:
        now = self._open
        if now is not None and (cue.is_some or now.kind == cue.kind):
            now.turn, now.at = utterance.index, cue.start
            return
        self._close()
        self._open = _Open(cue.kind, utterance.index, cue.start)

    def _take(self, run: Run, utterance: Utterance) -> bool:
        """Whether the run was taken for part of a number."""
        now = self._open
        if is_phone(run.digits):
            if now is None or now.kind not in ("phone", "number"):
                self._keep("phone", [(utterance.role, run)])
                return True
        elif now is None:
            return self._take_alone(run, utterance)
        assert now is not None
        near = now.turn == utterance.index and run.start - now.at <= _CUE_REACH and len(run.digits) > 1
        if len(run.digits) < LEAST_DIGITS[now.kind] and not near and not self._says_digits_only(utterance):
            self._left.append(run)
            return False
        now.runs.append((utterance.role, run))
        now.turn, now.at, now.misses = utterance.index, run.start, 0
        return True

    def _take_alone(self, run: Run, utterance: Utterance) -> bool:
        """Digits nobody announced: a BSN, so many that they identify something, or the first of a number in pieces."""
        if len(run.digits) == BSN_DIGITS and bsn.is_valid(run.digits):
            self._keep("bsn", [(utterance.role, run)])
        elif len(run.digits) >= LEAST_DIGITS["number"]:
            self._keep("phone" if run.digits.startswith("0") else "number", [(utterance.role, run)])
        elif len(run.digits) > 1 and self._says_digits_only(utterance):
            self._open = _Open("number", utterance.index, run.start, [(utterance.role, run)])
        else:
            self._left.append(run)
            return False
        return True

    def _wait(self, utterance: Utterance, *, has_cue: bool) -> None:
        assert self._open is not None
        if has_cue or all(norm in self._chain for norm in utterance.norms):
            return
        self._open.misses += 1
        if self._open.runs or self._open.misses > _PATIENCE:
            self._close()

    def _says_digits_only(self, utterance: Utterance) -> bool:
        said = {at for run in self._digits.runs(utterance) for at in range(run.start, run.end)}
        other = [at for at, norm in enumerate(utterance.norms) if at not in said and norm not in self._chain]
        return len(other) <= _OTHER_WORDS

    def _is_ours(self, utterance: Utterance, run: Run) -> bool:
        """The practice's own number, which everybody knows."""
        if utterance.role == "caller":
            return False
        low, high = utterance.sentence_of(run.start)
        return any(low <= match.start < high for match in self._heard.cues("own", utterance))

    # What was said, as numbers

    def _close(self) -> None:
        if self._open is not None and self._open.runs:
            self._keep(self._open.kind, self._open.runs)
        self._open = None

    def _keep(self, kind: Kind, runs: list[tuple[Role, Run]]) -> None:
        wholes = [run.digits for _, run in runs if len(run.digits) >= BSN_DIGITS]
        parts = [(role, run.digits) for role, run in runs if len(run.digits) < BSN_DIGITS]
        wholes += [
            "".join(said for by, said in parts if by == role) for role in dict.fromkeys(role for role, _ in runs)
        ]
        longest = max(wholes, key=len)
        if kind == "number":
            phone = next((each for each in wholes if is_phone(each)), "")
            kind = "phone" if phone or longest.startswith("0") else kind
        if len(longest) < LEAST_DIGITS[kind]:
            return
        for _, run in runs:
            value = next((each for each in sorted(wholes, key=len) if run.digits in each), run.digits)
            start = self._with_letters(run) if kind in ("policy", "patient") else run.start
            self._found.append(Found(kind, run.turn, start, run.end, run.digits, value))

    def _with_letters(self, run: Run) -> int:
        """`HK 4410`: where a number begins that letters stand in front of."""
        before = self._heard.utterances[run.turn].tokens[run.start - 1] if run.start else None
        is_code = before is not None and len(before.text) <= _CODE_LETTERS and before.text.isupper()
        return run.start - 1 if is_code and before is not None and not before.after else run.start

    def _ends(self) -> Iterator[Found]:
        """`eindigt op achtenzeventig`."""
        for utterance in self._heard.utterances:
            for cue in self._heard.cues("chain", utterance, "ends"):
                runs = self._digits.runs(utterance)
                run = next((each for each in runs if 0 <= each.start - cue.end <= 1), None)
                for first in runs:  # "nul zes achtendertig, eindigend op vierentwintig"
                    if first.digits.startswith("0") and 0 <= cue.start - first.end <= 1 and not self._is_taken(first):
                        yield Found("phone", first.turn, first.start, first.end, first.digits, first.digits)
                if run is not None and not self._is_taken(run) and not self._is_ours(utterance, run):
                    known = (each for each in self._found if _are_last(run.digits, each.value))
                    whole = next(known, None)
                    kind = whole.kind if whole is not None else "phone"
                    value = whole.value if whole is not None else run.digits
                    yield Found(kind, run.turn, run.start, run.end, run.digits, value)

    def _again(self) -> Iterator[Found]:
        """Digits of a known number that somebody says once more, and those of one that is begun and begun again."""
        for run in self._left:
            begun = run.digits.startswith("0") and len(run.digits) >= MIN_BEGUN_DIGITS
            here = (each for each in self._found if begun and each.turn == run.turn and each.kind == "phone")
            if (whole := next(here, None)) is not None:
                yield Found("phone", run.turn, run.start, run.end, run.digits, whole.value)
            elif len(run.digits) >= MIN_AGAIN_DIGITS:
                same = next((each for each in self._found if is_same(run.digits, each.value)), None)
                if same is not None:
                    yield Found(same.kind, run.turn, run.start, run.end, run.digits, same.value)


def _are_last(digits: str, value: str) -> bool:
    """The last digits of a number, in order or not."""
    return sorted(digits) == sorted(value[-len(digits) :])


def is_same(digits: str, value: str) -> bool:
    """Whether digits are a number or a part of it, heard well or with a mistake."""
    return digits in value or Levenshtein.normalized_similarity(digits, value) >= SAME_NUMBER


def is_service(digits: str) -> bool:
    """Whether this is a number anybody may ring: 0800, 0900, 14 with an area code, 116, 112 (numbering plan, ACM)."""
    return _SERVICE.fullmatch(digits) is not None


@lru_cache(maxsize=4096)
def is_phone(digits: str) -> bool:
    """Whether these are the digits of a telephone number, as the Dutch numbering plan has them."""
    international = digits.startswith("31") and len(digits) > BSN_DIGITS
    try:
        number = phonenumbers.parse(f"+{digits}" if international else digits, REGION)
    except phonenumbers.NumberParseException:
        return False
    return len(digits) > BSN_DIGITS and phonenumbers.is_valid_number(number)


def taken_by(found: Iterable[Found]) -> frozenset[tuple[int, int]]:
    """The (turn, token) pairs that were found."""
    return frozenset((each.turn, at) for each in found for at in range(each.start, each.end))
