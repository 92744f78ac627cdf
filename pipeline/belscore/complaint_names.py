"""Where the name of the agent or of the caller stands in the words of a call, so that it can be left out of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal

from belscore.language.caller_names import CallerName
from belscore.language.name_words import MAYBE_SAME_NAME, name_similarity, phonetic_key
from belscore.language.names import SPELLED, NameMention
from belscore.language.tokens import Utterance, fold
from belscore.opening import opening_turns, own_name
from belscore.view import CallView

Party = Literal["agent", "caller"]

# Names of fewer letters sound like too many words: Bos, boos.
MIN_SOUND_LETTERS = 4
# So many letters one behind the other spell something.
SPELLED_LETTERS = 3
# "Jansens", "Anja's".
GENITIVES = ("", "s", "'s")


@dataclass(frozen=True, slots=True)
class SpokenName:
    """A name as it was said, or as the metadata have it: then `utterance` is None."""

    text: str
    utterance: Utterance | None = None
    start: int = 0
    end: int = 0


class CallNames:
    """The names of both parties of one call, as far as they are known."""

    def __init__(self, view: CallView) -> None:
        self._view = view
        self._words = view.knowledge.names.words

    @cached_property
    def agent(self) -> SpokenName | None:
        """The agent's own name, by the metadata or else as the agent gives it."""
        if self._view.call.agent:
            return SpokenName(self._view.call.agent)
        return self._introduced

    @cached_property
    def caller(self) -> SpokenName | None:
        """The caller's name: the fullest of what the caller gave, else the first by which the agent speaks to them."""
        if self._view.caller_names:
            return _spoken(max(self._view.caller_names, key=lambda name: len(name.words)))
        called = [each for each in self._view.mentions if each.same == "yes" and not each.of_third]
        return _spoken(called[0]) if called else None

    @cached_property
    def _introduced(self) -> SpokenName | None:
        for utterance in opening_turns(self._view):
            place = own_name(self._view, utterance)
            if place is not None:
                text = utterance.quote(place.name_start, place.name_end).rstrip(".,?!")
                return SpokenName(text, utterance, place.name_start, place.name_end)
        return None

    def tokens(self, utterance: Utterance, party: Party) -> frozenset[int]:
        """Tokens of an utterance that are of a party's name; titles stay."""
        known = self._known(party)
        found = {at for span in self._spans(utterance, party) for at in range(*span)}
        found |= {at for at in range(len(utterance.tokens)) if self._is_name(utterance, at, known)}
        infixes = self._infixes(party)
        for at in sorted(found):
            low = at
            while infixes and low and at - low < len(infixes) and utterance.norms[low - 1] in infixes:
                low -= 1
            found |= set(range(low, at))
        if party == "caller" and self.caller is not None:
            found |= _spelled(utterance)
        return frozenset(at for at in found if utterance.norms[at] not in self._words.titles)

    def in_text(self, text: str, party: Party) -> list[tuple[int, int]]:
        """Characters of a text outside the call, such as the name of a department, that are of a party's name."""
        known, found, at = self._known(party), list[tuple[int, int]](), 0
        for word in text.split():
            start = text.index(word, at)
            at = start + len(word)
            if fold(word).strip(".,;:()'\"") in known:
                found.append((start, at))
        return found

    def _known(self, party: Party) -> frozenset[str]:
        """The words of a party's name, each as it is said with and without an s behind it."""
        return self._forms[party]

    @cached_property
    def _forms(self) -> dict[Party, frozenset[str]]:
        agent = [fold(word) for word in (self._view.call.agent or "").replace("-", " ").split()]
        if self._introduced is not None and self._introduced.utterance is not None:
            agent += self._introduced.utterance.norms[self._introduced.start : self._introduced.end]
        caller = [word for name in self._view.caller_names for word in name.words]
        if not caller and self.caller is not None and self.caller.utterance is not None:
            caller += self.caller.utterance.norms[self.caller.start : self.caller.end]
        bare: dict[Party, list[str]] = {"agent": agent, "caller": caller}
        return {
            party: frozenset(word + end for word in self._telling(words) for end in GENITIVES)
            for party, words in bare.items()
        }

    def _telling(self, words: Sequence[str]) -> list[str]:
        """Of a name the words that tell it: `van` does not, but all of `De Groot` does."""
        starts = self._view.lexicon.words("namen", "infix_starts")
        telling = [word for word in words if not self._words.is_particle(word)]
        return telling or [word for word in words if word not in starts]

    def _infixes(self, party: Party) -> frozenset[str]:
        """The tussenvoegsels of a party's name: without them `Van [naam]` would stand there."""
        if party == "agent":
            said = [fold(word) for word in (self._view.call.agent or "").split()]
        else:
            said = [norm for name in self._view.caller_names for norm in name.utterance.norms[name.start : name.end]]
        return frozenset(said) & self._words.infixes

    def _spans(self, utterance: Utterance, party: Party) -> Iterator[tuple[int, int]]:
        """What the readers of names take for the name: as it was given, said again, or misheard."""
        if party == "agent":
            if self._introduced is not None and self._introduced.utterance is utterance:
                yield self._introduced.start, self._introduced.end
            return
        yield from ((name.start, name.end) for name in self._view.caller_names if name.utterance is utterance)
        for mention in self._view.mentions:
            if mention.utterance is utterance and mention.same != "no":
                yield mention.start, mention.end
        known = [word for name in self._view.caller_names for word in name.words]
        for span in self._words.titled(utterance, cased=self._view.cased):
            if any(name_similarity(word, mine) >= MAYBE_SAME_NAME for word in span.words for mine in known):
                yield span.start, span.end

    def _is_name(self, utterance: Utterance, at: int, known: frozenset[str]) -> bool:
        """A word of the name, or one that sounds just like it; `bos` in a call that writes Bos is a wood."""
        token = utterance.tokens[at]
        norm = token.norm
        if norm not in known:
            if len(norm) < MIN_SOUND_LETTERS or norm in self._words.not_names:
                return False
            key = phonetic_key(norm)
            if not any(len(word) >= MIN_SOUND_LETTERS and phonetic_key(word) == key for word in known):
                return False
        return token.capital or not self._view.cased or norm not in self._view.lexicon.words("namen", "word_names")


def _spoken(name: CallerName | NameMention) -> SpokenName:
    return SpokenName(name.quote.rstrip(".,?!"), name.utterance, name.start, name.end)


def _spelled(utterance: Utterance) -> set[int]:
    """Tokens that spell something: `J-A-N-S-E-N`, `j a n s e n`."""
    found = {at for at, norm in enumerate(utterance.norms) if SPELLED.fullmatch(norm)}
    for single, group in groupby(range(len(utterance.norms)), lambda at: _is_letter(utterance.norms[at])):
        letters: Sequence[int] = list(group)
        if single and len(letters) >= SPELLED_LETTERS:
            found |= set(letters)
    return found


def _is_letter(norm: str) -> bool:
    return len(norm) == 1 and norm.isalpha()
