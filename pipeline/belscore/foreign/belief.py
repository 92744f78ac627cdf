"""How far words are believed of which a tool does not say how sure it is.

Somewhere among them are words that were misheard, and nothing says where. So among the words of content that share is
taken to be in doubt, at even distances, and besides them every name and number: those are misheard most, and verdicts
hang on them one by one. Measured with bench/foreign.py: against one probability for all words, which the verdicts
either all believe or all doubt, precision of `fail` is kept where words are misheard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.foreign.segments import Timed
from belscore.language.tokens import fold
from belscore.rulebook import default_lexicon

# What a tool does not tell at all: the largest models have 24 to 26 % of the words of Dutch telephone talk wrong
# (SPEECH.md 5).
UNTOLD = 0.75
# A word that no verdict rests on (`view.MIN_PROBABILITY` is 0.5).
IN_DOUBT = 0.45
# A recogniser is never certain, and what it makes is not read as a written text is.
MOST = 0.99
_SENTENCE_END = (".", "?", "!")


@dataclass(slots=True)
class Belief:
    """Gives words a probability each, from the first segment of a transcript to the last.

    owed : words of content that should have been in doubt by now and were not; half a one to begin with, so that the
           greeting is doubted no more and no less than what follows
    """

    owed: float = 0.5

    def of(self, words: Sequence[Timed], of_segment: float | None) -> list[float]:
        """Probabilities 0..1 of the words of a segment: their own, else by that of the segment or by UNTOLD.

        Where most words have their own, as in WhisperX all but numbers do, the others get the mean of those.
        """
        own = [word.probability for word in words if word.probability is not None]
        told = 2 * len(own) > len(words)
        mean = sum(own) / len(own) if told else UNTOLD if of_segment is None else of_segment
        found = []
        for at, word in enumerate(words):
            if word.probability is not None or told:
                found.append(min(MOST, mean if word.probability is None else word.probability))
            else:
                found.append(min(mean, IN_DOUBT if self._doubts(words, at, mean) else MOST))
        return found

    def _doubts(self, words: Sequence[Timed], at: int, mean: float) -> bool:
        bare = fold(words[at].text).strip(".,;:?!\"'()")
        if bare in default_lexicon().idle:
            return False
        if any(map(str.isdigit, bare)) or _is_name(words, at):
            return True
        self.owed += 1.0 - mean
        due = self.owed >= 1.0
        self.owed -= due
        return due


def _is_name(words: Sequence[Timed], at: int) -> bool:
    """Written with a capital inside a sentence."""
    return at > 0 and words[at].text[:1].isupper() and not words[at - 1].text.endswith(_SENTENCE_END)
