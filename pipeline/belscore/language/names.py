"""Where the agent uses the caller's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from belscore.language.caller_names import CallerName, CallerNames
from belscore.language.lexicon import Lexicon
from belscore.language.name_words import MAYBE_SAME_NAME, SAME_NAME, NameWords, name_similarity
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Passage, Utterance

Sameness = Literal["yes", "maybe", "no"]


@dataclass(frozen=True, slots=True)
class NameMention(Passage):
    """The agent says a name.

    kind  : "titled" (mevrouw Jansen), "bare" (Jansen, or the first name)
    same  : "yes" the caller's name, "maybe" perhaps another spelling of it, "no" another name
    """

    utterance: Utterance
    start: int
    end: int
    words: tuple[str, ...]
    kind: Literal["titled", "bare"]
    same: Sameness
    verifies: bool


class NameReader:
    """Finds who is calling and where that name is used, by the inventory in `rules/lexicon/namen.toml`."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder) -> None:
        self.words = NameWords(lexicon)
        self.callers = CallerNames(lexicon, finder, self.words)
        self._finder = finder
        self._verifies = lexicon.list("namen", "verifies")
        self._to_colleague = lexicon.list("namen", "to_colleague")
        self._word_names = lexicon.words("namen", "word_names")
        self._not_names = self.words.not_names | lexicon.words("namen", "before")
        self._informal = lexicon.words("aanspreekvorm", "stressed") | lexicon.words("aanspreekvorm", "unstressed")
        self._formal = lexicon.words("aanspreekvorm", "formal")

    def mentions(
        self, utterances: Iterable[Utterance], names: Sequence[CallerName], *, cased: bool, own: Iterable[str] = ()
    ) -> tuple[NameMention, ...]:
        """Where the agent says a name.

        names : the caller's; when empty, every titled name is taken as the caller's
        own   : words of the agent's own name and the practice's, which are nobody else's
        """
        own_words = frozenset(own)
        found: list[NameMention] = []
        for utterance in utterances:
            if utterance.role != "agent":
                continue
            titled = list(self.words.titled(utterance, cased=cased))
            for start, end, words in titled:
                same = self._sameness(words, names)
                if own_words.issuperset(words) and not any(own_words.issuperset(name.words) for name in names):
                    continue
                found.append(self._mention(utterance, start, end, words, "titled", same))
            taken = {at for start, end, _ in titled for at in range(start, end)}
            for at in self._bare(utterance, names, taken, own_words, cased):
                words = (utterance.norms[at],)
                found.append(self._mention(utterance, at, at + 1, words, "bare", "yes"))
        return tuple(sorted(found, key=lambda mention: (mention.start_s, mention.start)))

    def _bare(
        self,
        utterance: Utterance,
        names: Sequence[CallerName],
        taken: set[int],
        own: frozenset[str],
        cased: bool,
    ) -> list[int]:
        known = {word for name in names for word in name.words} - own
        found: list[int] = []
        for at, token in enumerate(utterance.tokens):
            if at in taken or token.norm not in known or (cased and not token.capital):
                continue
            if not cased and token.norm in self._word_names:
                continue
            if any(norm in self.words.professions for norm in utterance.norms[max(0, at - 3) : at]):
                continue
            if at - 1 in found:
                continue
            found.append(at)
        return found

    def _sameness(self, words: Sequence[str], names: Sequence[CallerName]) -> Sameness:
        if not names:
            return "yes"
        best = max(name_similarity(word, known) for word in words for name in names for known in name.words)
        if best >= SAME_NAME:
            return "yes"
        return "maybe" if best >= MAYBE_SAME_NAME else "no"

    def _mention(
        self,
        utterance: Utterance,
        start: int,
        end: int,
        words: tuple[str, ...],
        kind: Literal["titled", "bare"],
        same: Sameness,
    ) -> NameMention:
        return NameMention(utterance, start, end, words, kind, same, self._is_check(utterance, start, end, words))

    def _is_check(self, utterance: Utterance, start: int, end: int, words: Sequence[str]) -> bool:
        """The name is checked, spelled or told to a colleague rather than used."""
        sentence_start, sentence_end = utterance.sentence_of(start)
        sentence = utterance.norms[sentence_start:sentence_end]
        somebody = utterance.addressed(start)
        to_other = bool(somebody) and somebody not in self._not_names and somebody not in words
        if to_other and not self._informal.isdisjoint(sentence):
            return True
        letters = [norm for norm in sentence if len(norm) == 1 and norm not in self._formal]
        if len(letters) >= 2:
            return True
        if self._finder.find(self._to_colleague, utterance):
            return True
        for template in self._verifies:
            phrase = template.replace("{naam}", words[-1])
            for match in self._finder.find((phrase,), utterance):
                near = match.start < end + 2 and match.end > start - 2
                if match.cost < 0.6 and near and sentence_start <= match.start and match.end <= sentence_end:
                    return True
        return False
