"""Whether the caller invites the agent to say je. Inventory: `rules/lexicon/aanspreekvorm.toml`."""

from __future__ import annotations

from typing import Literal

from belscore.language.lexicon import Lexicon
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Utterance

Permission = Literal["yes", "doubtful"]

# What is allowed or needless stands so near to the form it is about: "je hoeft tegen mij echt geen u te zeggen".
ALLOWED_REACH = 7


class PermissionReader:
    """Finds the words by which a caller allows je: set phrases, or a sentence about u and je as words."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder) -> None:
        def named(key: str) -> frozenset[str]:
            return frozenset(lexicon.list("aanspreekvorm", "named", key))

        self._finder = finder
        self._permits = lexicon.list("aanspreekvorm", "permits")
        self._exactly = lexicon.list("aanspreekvorm", "permits", "exactly")
        self._none, self._saying, self._between = named("none"), named("saying"), named("between")
        self._needless, self._allowed, self._own = named("needless"), named("allowed"), named("own")
        self._urged = named("urged")
        self._finite = lexicon.words("aanspreekvorm", "finite")
        self._formal = lexicon.words("aanspreekvorm", "formal")
        self._informal = lexicon.words("aanspreekvorm", "stressed") | lexicon.words("aanspreekvorm", "unstressed")
        self._negations = lexicon.negations

    def permits(self, utterance: Utterance) -> bool:
        """Whether a turn of the caller allows je."""
        exactly = self._finder.find(self._exactly, utterance)
        if self._finder.any(self._permits, utterance) or any(match.cost == 0 for match in exactly):
            return True
        return any(self._allows(utterance, at) for at in range(len(utterance.tokens)))

    def _allows(self, utterance: Utterance, at: int) -> bool:
        """The form at this token is spoken of as a word, and u is needless or je allowed."""
        norm, (low, high) = utterance.norms[at], utterance.sentence_of(at)
        if norm not in self._formal | self._informal or not self._is_named(utterance, at, low, high):
            return False
        near = utterance.norms[max(low, at - ALLOWED_REACH) : min(high, at + ALLOWED_REACH + 1)]
        if not self._own.isdisjoint(utterance.norms[max(low, at - 2) : at]):
            return False  # "dat kan ik u zeggen", "mag ik je zeggen"
        denied = not self._negations.isdisjoint(near)
        if norm in self._formal:
            none = at > low and utterance.norms[at - 1] in self._none
            subject = at > low and utterance.norms[at - 1] in self._finite  # "kunt u zeggen of het niet morgen kan"
            needless = self._needless | self._urged if none else self._needless
            return denied and not subject and not needless.isdisjoint(near)
        who = (self._formal | self._informal).intersection(utterance.norms[max(low, at - ALLOWED_REACH) : at])
        return not denied and bool(who) and not self._allowed.isdisjoint(near)

    def _is_named(self, utterance: Utterance, at: int, low: int, high: int) -> bool:
        """`geen u`, `u (tegen mij te) zeggen`: the word, not the person."""
        norms = utterance.norms
        if at > low and norms[at - 1] in self._none:
            return True
        behind = at + 1
        while behind < high and norms[behind] in self._between:
            behind += 1
        return behind < high and norms[behind] in self._saying
