"""A call as the finders see it: its words, the cues in them, and how they are written. Words: `privacy.toml`."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from belscore.call import Call
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.rulebook import default_lexicon
from belscore.view import CallView, Knowledge

if TYPE_CHECKING:
    from belscore.profile import Profile

PRIVACY = "privacy"


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """What is known of Dutch without any rule: the same for every rule set."""
    return Knowledge(default_lexicon(), {})


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every word that stands in a list of the lexicon, but for those of names: no words that only names are made of."""
    return default_lexicon().vocabulary | knowledge().names.words.not_names


class Heard:
    """The words of one call with what several finders ask of them."""

    def __init__(self, call: Call, profile: Profile | None = None) -> None:
        self.view = CallView(call, knowledge(), profile)
        self.lexicon = self.view.lexicon
        self.numbers = self.view.knowledge.values.numbers

    @cached_property
    def utterances(self) -> tuple[Utterance, ...]:
        return self.view.utterances

    @cached_property
    def written(self) -> bool:
        """Somebody or something put capitals in it: a name has one."""
        return any(token.capital and len(token.norm) > 1 for each in self.utterances for token in each.tokens)

    def words(self, table: str, name: str = "words") -> frozenset[str]:
        """A list of the lexicon as a set."""
        return frozenset(self.lexicon.list(PRIVACY, table, name))

    def cues(self, table: str, utterance: Utterance, name: str = "words") -> list[Match]:
        """Where phrases of the lexicon stand in an utterance; word for word where it was written, not recognised."""
        phrases = self.lexicon.list(PRIVACY, table, name)
        found = self.view.finder.find(phrases, utterance)
        return [match for match in found if match.cost == 0 or self.view.recognised]

    def says(self, table: str, utterance: Utterance, name: str = "words") -> bool:
        return bool(self.cues(table, utterance, name))

    def before(self, utterance: Utterance, turns: int = 2) -> list[Utterance]:
        """The last turns in front of one, the nearest first."""
        return [self.utterances[at] for at in range(utterance.index - 1, max(-1, utterance.index - 1 - turns), -1)]

    def asked(self, table: str, utterance: Utterance, name: str = "words", *, turns: int = 2) -> bool:
        """Whether somebody else asked for it just before."""
        others = (each for each in self.before(utterance, turns) if each.role != utterance.role)
        return any(self.says(table, each, name) for each in others)
