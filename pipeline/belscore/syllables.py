"""Count the syllables of Dutch words by their vowel groups.

Pyphen misses word-initial single-vowel syllables (SPEECH.md 1.4), hence this counter. Written forms only:
digits must be spelled out first (`belscore.language.numbers.spell_out`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from belscore.language.numbers import NumberReader

# Longest first; a diaeresis starts a syllable of its own, so those letters are only in the single class.
_NUCLEUS = re.compile(r"aai|ooi|oei|eeu|ieuw|ieu|aa|ee|oo|uu|eu|ui|oe|ie|ĳ|ei|ou|au|[aeiouyàáâäèéêëìíîïòóôöùúûü]")
# Spoken otherwise than written: a glide where the spelling has two nuclei, or the other way round.
_EXCEPTIONS = {
    "patiënt": 2, "patiënten": 3, "station": 2, "stations": 2, "museum": 3, "musea": 3,
    "hm": 1, "mm": 1, "hmm": 1, "mhm": 2, "pst": 1, "sst": 1, "tv": 2, "bsn": 3, "ggd": 3, "ggz": 3, "sms": 3,
}  # fmt: skip
_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=8192)
def count(word: str) -> int:
    """Syllables in one written word; 0 for a token without letters.

    >>> [count(word) for word in ("goedemorgen", "ogenblik", "tandartspraktijk", "'t", "14")]
    [4, 3, 4, 1, 0]
    """
    letters = "".join(ch for ch in word.lower() if ch.isalpha()).replace("ij", "ĳ")
    if not letters:
        return 0
    known = _EXCEPTIONS.get(letters.replace("ĳ", "ij"))
    return known if known is not None else max(1, len(_NUCLEUS.findall(letters)))


class SpokenCounts(dict[str, int]):
    """Syllables of transcribed words, digits as one would say them: each is counted when it is first asked for."""

    MOST = 50_000

    def __init__(self, numbers: NumberReader) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, text: str) -> int:
        if len(self) >= self.MOST:
            self.clear()
        spoken = text if _DIGIT.search(text) is None else self._numbers.spell_out(text)
        found = self[text] = sum(map(count, spoken.replace("-", " ").split()))
        return found


# The counts of each rule set are kept together.
spoken_counts = lru_cache(maxsize=8)(SpokenCounts)
