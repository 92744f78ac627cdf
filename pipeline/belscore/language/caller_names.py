"""Who is calling: the name the caller gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.language.introductions import Introductions, Listening
from belscore.language.lexicon import Lexicon
from belscore.language.name_words import NameWords
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Passage, Utterance

EARLY_TURNS = 3
# Behind a first word of a name the rest of it lies within so many: particles may stand between.
NAME_REACH = 4
# The agent greets somebody by name within so many turns, and so many words of one.
GREETING_TURNS = 2
GREETING_REACH = 4


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
        self._introductions = Introductions(lexicon, finder, words)
        self._asks_name = lexicon.list("namen", "asks_name")
        self._cues_offered = lexicon.list("namen", "cues_offered")
        self._asks_other = lexicon.list("namen", "asks_other")
        self._cues_weak = lexicon.list("namen", "cues_weak")
        self._greetings = frozenset(
            (*lexicon.words("begroeting", "greetings"), *lexicon.list("begroeting", "greetings", "first"))
        )

    def find(
        self, utterances: Sequence[Utterance], *, cased: bool, own: frozenset[str] = frozenset()
    ) -> tuple[CallerName, ...]:
        """The names the caller gives, in order. Empty when the name is never given.

        own : words of the agent's own name, which a caller may use to greet them
        """
        found: list[CallerName] = []
        callers = [utterance for utterance in utterances if utterance.role == "caller"]
        agent: Utterance | None = None
        for utterance in utterances:
            if utterance.role == "agent":
                agent = utterance
            if utterance.role != "caller":
                continue
            prompted = utterance is callers[0] or agent is None or self._introductions.prompts(agent)
            opens = prompted and not found and utterance in callers[:EARLY_TURNS]
            asked = agent is not None and self.asks_name(agent)
            read = self._introductions.find(utterance, Listening(asked, opens, cased, own))
            if read is not None and not own.issuperset(read.words):
                found.append(CallerName(utterance, *read))
            found += self._offered(utterance, utterances, cased)
        if len(found) > 1 and self._is_cry(found):
            del found[0]
        early = callers[: EARLY_TURNS + 1]
        return tuple(found) or self._greeted(utterances, early, own) or self._echoed(utterances, early, cased, own)

    def _is_cry(self, found: Sequence[CallerName]) -> bool:
        """`Jandorie, neem eens op`: of a bare first word the name given later has nothing."""
        first = found[0]
        bare = first.start == 0 and first.end < len(first.utterance.tokens) and len(first.words) == 1
        bare = bare and first.utterance.tokens[0].norm == first.words[0]
        return bare and all(first.words[0] not in name.words for name in found[1:])

    def asks_name(self, utterance: Utterance) -> bool:
        """Whether the agent asks for the name of whoever is on the line."""
        others = [match for match in self._finder.find(self._asks_other, utterance) if match.cost == 0]
        return any(
            all(match.end <= other.start or other.end <= match.start for other in others)
            for match in self._finder.find(self._asks_name, utterance)
        )

    def _offered(self, utterance: Utterance, utterances: Sequence[Utterance], cased: bool) -> list[CallerName]:
        """`zeg maar Kees`: a first name that the agent takes up in a later turn."""
        later = {norm for u in utterances[utterance.index + 1 :] if u.role == "agent" for norm in u.norms}
        found: list[CallerName] = []
        for match in self._finder.find(self._cues_offered, utterance):
            at = match.end
            if match.cost or at >= len(utterance.tokens) or utterance.tokens[at - 1].after:
                continue
            token = utterance.tokens[at]
            known = token.norm in self._words.not_names or self._words.is_particle(token.norm)
            if token.norm in later and not known and (token.capital or not cased):
                found.append(CallerName(utterance, at, at + 1, (token.norm,)))
        return found

    def _echoed(
        self, utterances: Sequence[Utterance], callers: Sequence[Utterance], cased: bool, own: frozenset[str]
    ) -> tuple[CallerName, ...]:
        """A name the agent addresses the caller by and the caller said before, in whatever form."""
        for utterance in utterances:
            if utterance.role != "agent":
                continue
            for start, end, words in self._words.titled(utterance, cased=cased):
                if own.issuperset(words) or not self._words.is_address(utterance, start, end):
                    continue
                for caller in callers:
                    if caller.turn.start_s > utterance.tokens[start].start_s:
                        continue
                    for at, norm in enumerate(caller.norms):
                        if len(norm) > 2 and norm not in self._words.not_names and norm in words:
                            said = words.index(norm) + 1
                            while said < len(words) and words[said] in caller.norms[at + 1 : at + 1 + NAME_REACH]:
                                said += 1  # "mevrouw nowak slecht is het niet": the name ends where the caller's did
                            return (CallerName(caller, at, at + 1, words if cased else words[:said]),)
        return ()

    def _greeted(
        self, utterances: Sequence[Utterance], callers: Sequence[Utterance], own: frozenset[str]
    ) -> tuple[CallerName, ...]:
        """`ik ben sam de graaf`, and the agent says `dag sam`: the word behind the cue was a first name."""
        for caller in callers:
            answers = [u for u in utterances[caller.index + 1 :] if u.role == "agent"][:GREETING_TURNS]
            for match in self._finder.find(self._cues_weak, caller):
                read = self._words.read_name(caller.tokens, match.end, cased=False) if match.cost == 0 else None
                if read is None or read.words[0] in own:
                    continue
                first = read.words[0]
                if caller.norms[read.start] == first and any(self._greets(each, first) for each in answers):
                    return (CallerName(caller, *read),)
        return ()

    def _greets(self, utterance: Utterance, norm: str) -> bool:
        """`hoi sam`: right behind a greeting at the head of the turn."""
        head = utterance.norms[:GREETING_REACH]
        return any(head[at - 1] in self._greetings and head[at] == norm for at in range(1, len(head)))
