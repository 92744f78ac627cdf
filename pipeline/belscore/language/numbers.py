"""Dutch number words and digits as integers, and back for counting syllables."""

from __future__ import annotations

import re
from functools import lru_cache

from belscore.language.lexicon import Lexicon
from belscore.language.tokens import fold

_ORDINAL_DIGITS = re.compile(r"^(\d{1,2})(?:e|de|ste)$")
_HUNDRED, _THOUSAND = "honderd", "duizend"


class NumberReader:
    """Reads one word as a number, by the inventory of the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        units = {str(word): int(value) for word, value in lexicon.table("waarden", "units").items()}
        tens = {str(word): int(value) for word, value in lexicon.table("waarden", "tens").items()}
        ordinals = {str(word): int(value) for word, value in lexicon.table("waarden", "ordinals").items()}
        below_ten = {word: value for word, value in units.items() if 0 < value < 10}
        compound = {f"{unit}en{ten}": low + high for unit, low in below_ten.items() for ten, high in tens.items()}
        self.units = units
        self.tens = tens
        self._below_hundred = {**units, **tens, **compound}
        self._ordinals = {**ordinals, **{f"{word}ste": value for word, value in {**tens, **compound}.items()}}
        self._words = {value: word for word, value in reversed(list(self._below_hundred.items()))}

    def cardinal(self, norm: str) -> int | None:
        """`vierentwintig` -> 24, `14` -> 14; None for anything else.

        >>> from belscore.rulebook import default_lexicon
        >>> reader = NumberReader(default_lexicon())
        >>> [reader.cardinal(word) for word in ("vierenzestig", "tweehonderdtachtig", "negentienvierenvijftig", "de")]
        [64, 280, 1954, None]
        """
        if norm.isascii() and norm.isdigit():
            return int(norm) if len(norm) <= 12 else None
        return self._cardinal_word(norm)

    def ordinal(self, norm: str) -> int | None:
        """`dertiende`, `13e` and `13de` -> 13."""
        match = _ORDINAL_DIGITS.match(norm)
        return int(match[1]) if match else self._ordinals.get(norm)

    @lru_cache(maxsize=4096)  # noqa: B019 one reader lives as long as its rule set
    def _cardinal_word(self, norm: str) -> int | None:
        known = self._below_hundred.get(norm)
        if known is not None:
            return known
        for word, factor in ((_THOUSAND, 1000), (_HUNDRED, 100)):
            if word in norm:
                return self._around(norm, word, factor)
        for cut in range(4, len(norm) - 2):  # a year: negentien + vierenvijftig
            century, rest = self._below_hundred.get(norm[:cut]), self._below_hundred.get(norm[cut:])
            if century is not None and rest is not None and 10 < century < 21 and rest > 9:
                return century * 100 + rest
        return None

    def _around(self, norm: str, word: str, factor: int) -> int | None:
        head, _, tail = norm.partition(word)
        tail = tail.removeprefix("en") if tail.removeprefix("en") in self._below_hundred else tail
        high = 1 if not head else self._cardinal_word(head)
        low = 0 if not tail else self._cardinal_word(tail)
        return None if high is None or low is None else high * factor + low

    def spell_out(self, norm: str) -> str:
        """Digits as the words one would say, for counting syllables: `45` -> `vijfenveertig`; other text unchanged.

        Clock times give hour and minutes; long digit strings are read digit by digit.
        """
        text = fold(norm)
        parts = re.findall(r"\d+|[^\d\W]+", text)
        return " ".join(self._spell_part(part) if part.isdigit() else part for part in parts)

    def _spell_part(self, digits: str) -> str:
        value = int(digits)
        if len(digits) <= 2 and not (digits.startswith("0") and len(digits) == 2):
            return self._words[value]
        if len(digits) == 3 and value >= 100:
            high, low = divmod(value, 100)
            head = "" if high == 1 else self._words[high]
            return f"{head}{_HUNDRED}" + (f" {self._words[low]}" if low else "")
        if len(digits) == 4 and 1100 <= value < 2000 and value % 100:
            return f"{self._words[value // 100]} {self._words[value % 100]}"
        return " ".join(self._words[int(digit)] for digit in digits)
