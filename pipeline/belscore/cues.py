"""Words that tell who works at the practice and who calls it, read from `rules/lexicon/rollen.toml`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from belscore.call import Call, Turn
from belscore.language.lexicon import Lexicon
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Utterance, tokenise
from belscore.rulebook import default_lexicon

# The opening of a party: its first turns, in which it says who it is.
OPENING_TURNS = 2

Side = Literal["agent", "caller"]


@dataclass(frozen=True, slots=True)
class Cue:
    """One group of phrases: whom it speaks for, how strongly, how many hits count, and whether only at the opening."""

    name: str
    sign: int
    weight: float
    most: int
    opening: bool
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pronouns:
    """Words that address the other and words about oneself, with the weight and bound of their ratio."""

    addressing: frozenset[str]
    own: frozenset[str]
    weight: float
    most: float


class Cues:
    """The inventory, ready to look for."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._finder = PhraseFinder(lexicon)
        self._cues = tuple(
            Cue(
                name=name,
                sign=1 if table["side"] == "agent" else -1,
                weight=float(table["weight"]),
                most=int(table["most"]),
                opening=table.get("place") == "opening",
                phrases=tuple(table["phrases"]),
            )
            for name, table in lexicon.table("rollen", "cues").items()
        )
        pronouns = lexicon.table("rollen", "pronouns")
        self._pronouns = Pronouns(
            frozenset(pronouns["addressing"]), frozenset(pronouns["own"]), pronouns["weight"], pronouns["most"]
        )
        self.first_speaker_weight = float(lexicon.table("rollen", "first_speaker")["weight"])
        self._outbound = lexicon.list("rollen", "outbound", "phrases")
        self._handing_over = lexicon.list("rollen", "handing_over", "phrases")

    def utterances(self, turns: Sequence[Turn]) -> tuple[Utterance, ...]:
        """Turns as normalised tokens."""
        duration_s = max((turn.end_s for turn in turns), default=0.0)
        return tokenise(Call("", duration_s, tuple(turns)), self._lexicon.contractions)

    def leaning(self, utterances: Sequence[Utterance]) -> float:
        """How much one party sounds like the agent: above zero agent, below zero caller.

        utterances : all turns of that party, in order
        """
        return sum(self._leaning_of(cue, utterances) for cue in self._cues) + self._pronoun_leaning(utterances)

    def turn_leaning(self, utterance: Utterance, *, opening: bool) -> float:
        """The same for a single turn, without pronouns.

        opening : whether the turn stands at the beginning of the call
        """
        return sum(
            cue.sign * cue.weight
            for cue in self._cues
            if (opening or not cue.opening) and self._finder.any(cue.phrases, utterance)
        )

    def _leaning_of(self, cue: Cue, utterances: Sequence[Utterance]) -> float:
        where = utterances[:OPENING_TURNS] if cue.opening else utterances
        hits = sum(self._finder.any(cue.phrases, utterance) for utterance in where)
        return cue.sign * cue.weight * min(hits, cue.most)

    def _pronoun_leaning(self, utterances: Sequence[Utterance]) -> float:
        norms = [norm for utterance in utterances for norm in utterance.norms]
        addressing = sum(norm in self._pronouns.addressing for norm in norms)
        own = sum(norm in self._pronouns.own for norm in norms)
        # One added to each keeps a party that says neither at zero.
        ratio = math.log((addressing + 1) / (own + 1))
        return max(-self._pronouns.most, min(self._pronouns.most, self._pronouns.weight * ratio))

    def calls_out(self, utterances: Sequence[Utterance]) -> bool:
        """Whether the agent says in the first turns that the practice is calling."""
        return any(self._finder.any(self._outbound, utterance) for utterance in utterances[:OPENING_TURNS])

    def hands_over(self, utterance: Utterance) -> bool:
        """Whether words hand the caller over to somebody else."""
        return self._finder.any(self._handing_over, utterance)


@cache
def load_cues() -> Cues:
    """The inventory that comes with the rules. Raises RuleError when the lexicon cannot be read."""
    return Cues(default_lexicon())
