"""Who is calling: the name the caller gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from belscore.language.lexicon import Lexicon
from belscore.language.name_words import NameSpan, NameWords
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Passage, Utterance

EARLY_TURNS = 3
MIN_GREETING_LETTERS = 7
SAME_GREETING = 0.8
# How far before a name a word of kinship makes it somebody else's.
RELATION_REACH = 4


@dataclass(frozen=True, slots=True)
class CallerName(Passage):
    """A name the caller gave. `words` are its parts without title and tussenvoegsels, in order."""

    utterance: Utterance
    start: int
    end: int
    words: tuple[str, ...]


class CallerNames:
    """Finds the caller's name."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder, words: NameWords) -> None:
        self._finder = finder
        self._words = words
        self._before = lexicon.words("namen", "before")
        self._long_greetings = tuple(word for word in self._before if len(word) >= MIN_GREETING_LETTERS)
        self._misheard_title = lexicon.list("namen", "misheard_title")
        self._with = lexicon.words("namen", "with")
        self._speaks = lexicon.words("namen", "speaks")
        self._cues = lexicon.list("namen", "cues")
        self._cues_weak = lexicon.list("namen", "cues_weak")
        self._relation = lexicon.words("namen", "relation")
        self._asks_name = lexicon.list("namen", "asks_name")

    def find(
        self, utterances: Sequence[Utterance], *, cased: bool, own: frozenset[str] = frozenset()
    ) -> tuple[CallerName, ...]:
        """The names the caller gives, in order. Empty when the name is never given.

        own : words of the agent's own name, which a caller may use to greet them
        """
        found: list[CallerName] = []
        callers = [utterance for utterance in utterances if utterance.role == "caller"]
        asked = False
        for utterance in utterances:
            if utterance.role == "agent":
                asked = self.asks_name(utterance)
            if utterance.role != "caller":
                continue
            early = utterance in callers[:EARLY_TURNS]
            read = self._stated(utterance, utterance is callers[0], cased) or self._opening(
                utterance, early and not found, asked, cased
            )
            if read is not None and not self._of_other(utterance, read.start) and not own.issuperset(read.words):
                found.append(CallerName(utterance, *read))
        return tuple(found) or self._echoed(utterances, callers[: EARLY_TURNS + 1], cased, own)

    def asks_name(self, utterance: Utterance) -> bool:
        return self._finder.any(self._asks_name, utterance)

    def _stated(self, utterance: Utterance, early: bool, cased: bool) -> NameSpan | None:
        """Behind "met", "mijn naam is" and the like."""
        norms = utterance.norms
        for at, norm in enumerate(norms):
            if norm not in self._with:
                continue
            read = self._words.read_name(utterance.tokens, self._past_misheard_title(norms, at + 1), cased=cased)
            if read and (self._opens(utterance, at) or (early and self._has_title(utterance, read))):
                return read
        for cues, weak in ((self._cues, False), (self._cues_weak, True)):
            for match in self._finder.find(cues, utterance):
                if match.cost:
                    continue
                read = self._words.read_name(utterance.tokens, match.end, cased=cased)
                if read and (not weak or self._sure_name(utterance, read, cased)):
                    return read
        return None

    def _past_misheard_title(self, norms: Sequence[str], at: int) -> int:
        """Recognisers write "m'n vrouw" for "mevrouw"."""
        return at + 2 if tuple(norms[at : at + 2]) == self._misheard_title else at

    def _has_title(self, utterance: Utterance, read: NameSpan) -> bool:
        return any(token.norm in self._words.titles for token in utterance.tokens[read.start : read.end])

    def _sure_name(self, utterance: Utterance, read: NameSpan, cased: bool) -> bool:
        tokens = utterance.tokens[read.start : read.end]
        titled = any(token.norm in self._words.titles for token in tokens)
        return titled or (cased and all(token.capital or token.norm in self._words.infixes for token in tokens))

    def _opens(self, utterance: Utterance, at: int) -> bool:
        """Only greetings and hesitations stand between the start of the sentence (or "spreekt") and token `at`."""
        start, _ = utterance.sentence_of(at)
        before = utterance.norms[start:at]
        if before and before[-1] in self._speaks:
            return True
        return all(self._is_greeting(norm) for norm in before)

    def _is_greeting(self, norm: str) -> bool:
        """A word that can stand before the name, also in dialect or misheard: `goeiemorge`."""
        if norm in self._before:
            return True
        if len(norm) < MIN_GREETING_LETTERS:
            return False
        return any(Levenshtein.normalized_similarity(norm, known) >= SAME_GREETING for known in self._long_greetings)

    def _opening(self, utterance: Utterance, early: bool, asked: bool, cased: bool) -> NameSpan | None:
        """A bare name: as the answer to the agent's question, or behind the greeting of an early turn."""
        if not (early or asked):
            return None
        at = 0
        tokens = utterance.tokens
        while at < len(tokens) and self._is_greeting(tokens[at].norm) and tokens[at].norm not in self._words.titles:
            at += 1
        read = self._words.read_name(tokens, at, cased=cased)
        if read is None or (utterance.turn.words and tokens[at].norm in self._with):
            return None
        titled = any(token.norm in self._words.titles for token in tokens[read.start : read.end])
        ends_here = read.end == len(tokens) or tokens[read.end - 1].after in (",", ".", "!")
        particles = self._words.infixes | self._words.titles
        certain_case = cased and all(t.capital or t.norm in particles for t in tokens[read.start : read.end])
        if asked and (titled or ends_here or certain_case):
            return read
        if early and (titled or ends_here) and (certain_case or titled or (not cased and read.end == len(tokens))):
            return read
        return None

    def _of_other(self, utterance: Utterance, start: int) -> bool:
        """`met de dochter van mevrouw Jansen`, `voor mijn moeder`."""
        before = utterance.norms[max(0, start - RELATION_REACH) : start]
        return any(norm in self._relation for norm in before) and not self._with.isdisjoint(before[:2])

    def _echoed(
        self, utterances: Sequence[Utterance], callers: Sequence[Utterance], cased: bool, own: frozenset[str]
    ) -> tuple[CallerName, ...]:
        """A name the agent uses with a title and the caller said before, in whatever form."""
        for utterance in utterances:
            if utterance.role != "agent":
                continue
            for start, _, words in self._words.titled(utterance, cased=cased):
                for caller in callers:
                    if own.issuperset(words) or caller.turn.start_s > utterance.tokens[start].start_s:
                        continue
                    for at, norm in enumerate(caller.norms):
                        if len(norm) > 2 and norm not in self._words.not_names and norm == words[-1]:
                            return (CallerName(caller, at, at + 1, words),)
        return ()
