"""Whether the caller invites the agent to say je. Inventory: `rules/lexicon/aanspreekvorm.toml`."""

from __future__ import annotations

from typing import Literal

from belscore.language.lexicon import Lexicon
from belscore.language.phrases import Match, PhraseFinder
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
        self._names = lexicon.list("aanspreekvorm", "permits_doubtful")
        self._says = lexicon.list("aanspreekvorm", "permits_doubtful", "says")
        self._skips = lexicon.list("aanspreekvorm", "permits_doubtful", "skips")
        self._idle = lexicon.idle | lexicon.words("vragen", "open")
        self._leads = lexicon.words("vragen", "leads")
        self._verbs = lexicon.words("vragen", "verbs") | lexicon.words("aanspreekvorm", "finite")
        self._permits = lexicon.list("aanspreekvorm", "permits")
        self._exactly = lexicon.list("aanspreekvorm", "permits", "exactly")
        self._open_words = lexicon.words("vragen", "open")
        self._none, self._saying, self._between = named("none"), named("saying"), named("between")
        self._needless, self._allowed, self._own = named("needless"), named("allowed"), named("own")
        self._urged = named("urged")
        self._finite = lexicon.words("aanspreekvorm", "finite")
        self._formal = lexicon.words("aanspreekvorm", "formal")
        self._informal = lexicon.informal
        self._forms = self._formal | self._informal
        self._negations = lexicon.negations

    def permits(self, utterance: Utterance) -> bool:
        """Whether a turn of the caller allows je."""
        exactly = [match for match in self._finder.find(self._exactly, utterance) if match.cost == 0]
        matches = (*self._finder.find(self._permits, utterance), *exactly)
        if any(not self._has_subject(match) for match in matches):
            return True
        return any(self._allows(utterance, at) for at, norm in enumerate(utterance.norms) if norm in self._forms)

    def _has_subject(self, match: Match) -> bool:
        """Je is who does it, and no word spoken of: `hoe zeg je dat`, `zeg maar je weet wel`."""
        utterance, start, end = match.utterance, match.start, match.end
        norms, tokens = utterance.norms, utterance.tokens
        if norms[start] not in self._saying:
            return False
        asks = start > 0 and norms[start - 1] in self._open_words and not tokens[start - 1].after
        ends = norms[end - 1] in self._informal and end < len(norms) and not tokens[end - 1].after
        goes_on = ends and norms[end] in self._verbs - self._between
        return asks or goes_on

    def offers_name(self, utterance: Utterance) -> bool:
        """`zeg maar Kees`, but not `hij draait zeg maar rondjes` nor `zeg maar wanneer`."""
        tokens, norms = utterance.tokens, utterance.norms
        written = any(token.capital or token.after for token in tokens)
        for match in self._finder.find(self._names, utterance):
            if match.cost > 0:
                continue
            start, end = match.start, match.end
            while norms[end - 1] in self._skips and end < len(tokens):  # "zeg maar gewoon Kees"
                end += 1
            name = tokens[end - 1]
            if norms[start] not in self._says:
                return True
            low, _ = utterance.sentence_of(start)
            opens = start == low or tokens[start - 1].after != "" or norms[start - 1] in self._leads
            # Without marks a name or half a clause may stand in front: "met oldenburger zeg maar kees".
            told = start > low and norms[start - 1] in self._verbs
            if (opens and name.capital) if written else (not told and name.norm not in self._idle):
                return True
        return False

    def _allows(self, utterance: Utterance, at: int) -> bool:
        """The form at this token is spoken of as a word, and u is needless or je allowed."""
        norm, (low, high) = utterance.norms[at], utterance.sentence_of(at)
        if not self._is_named(utterance, at, low, high):
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
        who = self._forms.intersection(utterance.norms[max(low, at - ALLOWED_REACH) : at])
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
