"""Names that are spelled: `J-A-N-S-E-N`, `j a n s e n`, `de S van Simon`. Words: `privacy.toml`."""

from __future__ import annotations

from belscore.language.names import SPELLED
from belscore.language.tokens import Utterance
from belscore.redaction.found import Found
from belscore.redaction.heard import PRIVACY, Heard

# So many letters one behind the other spell something.
_LEAST_LETTERS = 3
# "M R I", "G G D".
_ABBREVIATION = 4


class SpellingFinder:
    """Finds letters that are named one by one, where a name is known or asked for."""

    def __init__(self, heard: Heard, taken: frozenset[tuple[int, int]]) -> None:
        """taken : (turn, token) of what others found"""
        self._heard, self._taken = heard, taken
        self._around = frozenset(heard.lexicon.list(PRIVACY, "spelling", "said_around"))
        self._alphabet = heard.words("spelling")

    def find(self) -> list[Found]:
        found: list[Found] = []
        for utterance in self._heard.utterances:
            says, asked = self._heard.says("asks", utterance, "name"), self._heard.asked("asks", utterance, "name")
            at = 0
            while at < len(utterance.norms):
                end = self._end(utterance, at)
                free = not any((utterance.index, place) in self._taken for place in range(at, end))
                if end > at and free and (says or asked or self._is_spelled_only(utterance, at, end)):
                    said = "".join(utterance.norms[at:end]).replace("-", "")
                    found.append(Found("name", utterance.index, at, end, said, said))
                at = max(end, at + 1)
        return found

    def _is_spelled_only(self, utterance: Utterance, at: int, end: int) -> bool:
        """More letters than any abbreviation has, or what they spell is said as well."""
        letters = [norm for norm in utterance.norms[at:end] if len(norm) == 1]
        said = "".join(letters) or utterance.norms[at].replace("-", "")
        return len(said) > _ABBREVIATION or any(said in each.norms for each in self._heard.utterances)

    def _end(self, utterance: Utterance, at: int) -> int:
        """Where the letters from token `at` on end, with the words that explain them; `at` where nothing is spelled."""
        norms = utterance.norms
        if SPELLED.fullmatch(norms[at]):
            return at + 1
        place, last, letters = at, at, 0
        while place < len(norms):
            is_letter = len(norms[place]) == 1 and norms[place].isalpha()
            explains = letters > 0 and norms[place] in self._alphabet
            if not (is_letter or explains or (letters and norms[place] in self._around)):
                break
            letters += is_letter
            place += 1
            last = place if is_letter or explains else last
        return last if letters >= _LEAST_LETTERS else at
