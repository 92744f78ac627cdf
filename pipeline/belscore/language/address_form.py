"""A je, jij, jou or jouw that can address the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from belscore.language.tokens import Utterance

Strength = Literal["strong", "weak"]


@dataclass(frozen=True, slots=True)
class AddressForm:
    """A je, jij, jou or jouw of the agent to the caller.

    strength : "strong" addresses the caller; "weak" may speak of people in general
    """

    utterance: Utterance
    at: int
    strength: Strength

    @property
    def span(self) -> tuple[int, int]:
        """Tokens to quote: a few words around the pronoun."""
        start, end = self.utterance.sentence_of(self.at)
        return max(start, self.at - 4), min(end, self.at + 5)

    @property
    def probability(self) -> float:
        return self.utterance.tokens[self.at].probability
