"""Who is calling: the name the caller gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from belscore.language.introductions import Introductions, Listening
from belscore.language.lexicon import Lexicon
from belscore.language.name_words import NameSpan, NameWords
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Passage, Utterance, part

EARLY_TURNS = 3
# Behind a first word of a name the rest of it lies within so many: particles may stand between.
NAME_REACH = 4
# The agent greets somebody by name within so many turns, and so many words of one.
GREETING_TURNS = 2
GREETING_REACH = 4
# What stands between the words of a phrase: `is (weer) af/los`.
BETWEEN_WORDS = re.compile(r"[\s/().*]+")


@dataclass(frozen=True, slots=True)
class CallerName(Passage):
    """A name the caller gave.

    words    : its parts without title and tussenvoegsels, in order
    inferred : the caller did not introduce themselves by it: the agent's later use of the word tells it is a name
    """

    utterance: Utterance
    start: int
    end: int
    words: tuple[str, ...]
    inferred: bool = False


class CallerNames:
    """Finds the caller's name."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder, words: NameWords) -> None:
        self._finder = finder
        self._words = words
        self._introductions = Introductions(lexicon, finder, words)
        self._asks_name = lexicon.list("namen", "asks_name")
        self._on_whose = lexicon.list("namen", "asks_name", "on_whose")
        self._cues_offered = lexicon.list("namen", "cues_offered")
        self._asks_other = lexicon.list("namen", "asks_other")
        self._cues_weak = lexicon.list("namen", "cues_weak")
        self._cues_behind = (*lexicon.list("namen", "cues_behind"), *lexicon.list("namen", "cues_behind", "first"))
        self._with = lexicon.words("namen", "with")
        ailing = (*lexicon.list("problemen", "problem"), *lexicon.list("problemen", "perhaps"))
        self._ailing = frozenset(word for phrase in ailing for word in BETWEEN_WORDS.split(phrase))
        self._prefixes = lexicon.list("vragen", "participles", "prefixes")
        self._endings = lexicon.list("vragen", "participles", "endings")
        self._leads = lexicon.words("namen", "before")
        self._followers = lexicon.words("namen", "followers")
        self._no_surnames = self._followers | lexicon.words("namen", "never")
        self._speaks = lexicon.words("namen", "speaks")
        self._cries = lexicon.words("namen", "cries") | frozenset(lexicon.list("namen", "cries", "behind"))
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
            opens = not found and any(utterance is early for early in callers[:EARLY_TURNS])
            if opens and utterance is not callers[0] and agent is not None:
                opens = self._introductions.prompts(agent)
            asked = agent is not None and self.asks_name(agent)
            read = self._introductions.find(utterance, Listening(asked, opens, cased, own))
            first = cased and utterance is callers[0]
            if read is not None and own.issuperset(read.words):  # the agent's namesake, or the agent who is greeted
                read = read if self._is_titled_in(utterances, read.words[-1]) else None
            if read and found and agent is not None:
                other = asked and self.names_other(read, agent, found)
                other = other and not self._is_titled_in(utterances, read.words[0])
                read = None if other or (not asked and self._is_taken_up(read, utterance, agent)) else read
            if read and (asked or self._is_given(read, utterance, utterances, cased=first)):
                found.append(CallerName(utterance, *read))
            found += self._offered(utterance, utterances, cased)
        if len(found) > 1 and self._is_cry(found):
            del found[0]
        if found and self._is_lone(found[0]) and found[0].utterance is callers[0]:
            found[0] = self._behind_lone(found[0], utterances, Listening(False, True, cased, own)) or found[0]
        early = callers[: EARLY_TURNS + 1]
        greeted = self._greeted_first(found[:1], utterances, callers[:1], cased, own)
        return (
            tuple(self._with_surname(name, utterances) for name in (*greeted, *found))
            or self._greeted(utterances, early, cased, own)
            or self._echoed(utterances, early, cased, own)
            or self._everyday(utterances, early)
        )

    def _is_given(self, read: NameSpan, utterance: Utterance, utterances: Sequence[Utterance], *, cased: bool) -> bool:
        """A lone word that nothing introduces (`Rechts, onder in haar rug`), or an everyday one that something does
        (`met haast`), is a name where the agent says it too.

        cased : the word stands with its capital in the first words of the caller, where names are given
        """
        word = read.words[0]
        if len(read.words) > 1 or read.end - read.start > 1 or utterance is utterances[0]:
            return True
        ailing = word in self._ailing
        if self._is_introduced(read, utterance, ailing=ailing, cased=cased):
            return True
        later = [u for u in utterances[utterance.index + 1 :] if u.role == "agent"]
        if any(head == word and (greeted or not ailing) for greeted, head in map(self._head, later)):
            return True
        return self._is_titled_in(later, word)

    def _is_taken_up(self, read: NameSpan, utterance: Utterance, agent: Utterance) -> bool:
        """`met Ingrid, ja` behind `dan komt u met Ingrid`, `met Henk gaat het goed`: when the caller gave a name these
        introduce nobody.
        """
        said = utterance.norms[max(0, read.start - 1) : read.end]
        again = any(agent.norms[at : at + len(said)] == said for at in range(len(agent.norms)))
        behind = utterance.norms[read.end : read.end + 1]
        goes_on = bool(behind) and not utterance.tokens[read.end - 1].after and behind[0] not in self._followers
        return (again or (goes_on and agent.index + 1 == utterance.index)) and said[0] in self._with

    def _is_titled_in(self, utterances: Sequence[Utterance], word: str) -> bool:
        """`dag mevrouw Van Houten`: the agent addresses somebody so."""
        infixes, titles = self._words.infixes, self._words.titles
        for each in utterances:
            if each.role != "agent" or word not in each.norms:
                continue
            tokens = [token for token in each.tokens if token.norm not in infixes]
            if any(one.norm in titles and not one.after and other.norm == word for one, other in pairwise(tokens)):
                return True
        return False

    def _is_introduced(self, read: NameSpan, utterance: Utterance, *, ailing: bool, cased: bool) -> bool:
        """`Jansen, goedemorgen`, `Jansen is mijn naam`, `met Jansen`; of an everyday word only behind `u spreekt`."""
        front, behind = utterance.norms[: read.start], utterance.norms[read.end : read.end + 1]
        if not front and self.is_greeted_behind(CallerName(utterance, *read)):
            return True
        if (front and front[-1] not in self._leads) or not self._speaks.isdisjoint(front):
            return True
        if any(match.start == read.end for match in self._finder.find(self._cues_behind, utterance)):
            return True
        introduced = not self._with.isdisjoint(front)
        return not ailing and (introduced or (cased and self._followers.issuperset(behind)))

    def is_greeted_behind(self, name: CallerName) -> bool:
        """`Jansen, goedemorgen`: words that greet follow the name."""
        behind = name.utterance.norms[name.end : name.end + 1]
        return bool(behind) and self._introductions.is_greeting(behind[0]) and behind[0] not in self._cries

    def _is_cry(self, found: Sequence[CallerName]) -> bool:
        """`Jandorie, neem eens op`: of a bare first word the name given later has nothing."""
        first = found[0]
        return self._is_lone(first) and all(first.words[0] not in name.words for name in found[1:])

    def _is_lone(self, name: CallerName) -> bool:
        """One bare word at the head of a turn that goes on."""
        bare = name.start == 0 and name.end < len(name.utterance.tokens) and len(name.words) == 1
        return bare and name.utterance.tokens[0].norm == name.words[0]

    def _behind_lone(self, first: CallerName, utterances: Sequence[Utterance], known: Listening) -> CallerName | None:
        """`Jeuj, middag, Sjeng Wetzels`: behind a first word that the agent never says stands the name: in full behind
        a mark, or as the agent says it."""
        utterance, at = first.utterance, first.end
        later = [u for u in utterances[utterance.index + 1 :] if u.role == "agent"]
        if not utterance.tokens[at - 1].after or any(first.words[0] in u.norms for u in later):
            return None
        read = self._introductions.find(part(utterance, at, len(utterance.tokens)), known)
        if read is None or first.words[0] in read.words:
            return None
        if len(read.words) < 2 and not self._is_titled_in(later, read.words[-1]):
            return None
        return CallerName(utterance, at + read.start, at + read.end, read.words)

    def asks_name(self, utterance: Utterance) -> bool:
        """Whether the agent asks for the name of whoever is on the line."""
        asked = self._finder.find(self._asks_name, utterance)
        if not asked:
            return False
        others = [match for match in self._finder.find(self._asks_other, utterance) if match.cost == 0]
        return any(all(match.end <= other.start or other.end <= match.start for other in others) for match in asked)

    def names_other(self, read: NameSpan, agent: Utterance, known: Sequence[CallerName]) -> bool:
        """`op welke naam staat de scan?` - `Jip Koster` of meneer Koster: for whom the thing is, not who is calling."""
        if not self._finder.any(self._on_whose, agent):
            return False
        whole = any(len(n.words) > 1 or n.utterance.norms[n.start] in self._words.titles for n in known)
        given = {word for name in known for word in name.words}
        return read.words[0] not in given and (whole or len(read.words) > 1)

    def _offered(self, utterance: Utterance, utterances: Sequence[Utterance], cased: bool) -> list[CallerName]:
        """`zeg maar Kees`: a first name that the agent takes up in a later turn."""
        found: list[CallerName] = []
        cues = self._finder.find(self._cues_offered, utterance)
        if not cues:
            return found
        later = {norm for u in utterances[utterance.index + 1 :] if u.role == "agent" for norm in u.norms}
        for match in cues:
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
                            return (
                                CallerName(
                                    caller,
                                    at,
                                    at + 1,
                                    words if cased else words[:said],
                                    inferred=not (self._with & {*caller.norms[max(0, at - 1) : at]})
                                    and not self._introduces(caller, at),
                                ),
                            )
        return ()

    def _greeted_first(
        self,
        found: Sequence[CallerName],
        utterances: Sequence[Utterance],
        callers: Sequence[Utterance],
        cased: bool,
        own: frozenset[str],
    ) -> tuple[CallerName, ...]:
        """The name in the caller's first turn by which the agent greeted them, where they gave it once more later."""
        if not found or found[0].utterance is callers[0] or found[0].words[-1] not in callers[0].norms:
            return ()
        return self._echoed(utterances[: found[0].utterance.index], callers, cased, own)

    def _with_surname(self, name: CallerName, utterances: Sequence[Utterance]) -> CallerName:
        """`met dirk middag`, and the agent says `meneer middag`: a word of every day behind a first name."""
        tokens = name.utterance.tokens
        if name.end >= len(tokens) or tokens[name.end - 1].after or tokens[name.end].norm not in self._words.not_names:
            return name
        word = tokens[name.end].norm
        if word in self._no_surnames or not self._is_titled_in(utterances[name.utterance.index + 1 :], word):
            return name
        return replace(name, end=name.end + 1, words=(*name.words, word))

    def _everyday(self, utterances: Sequence[Utterance], callers: Sequence[Utterance]) -> tuple[CallerName, ...]:
        """`met Vrijdag`, and the agent says `mevrouw Vrijdag`: a word of every day that is all the caller says."""
        for caller in callers:
            front, word = caller.norms[:-1], caller.norms[-1] if caller.norms else ""
            alone = bool(front) and front[-1] in self._with and all(map(self._introductions.is_greeting, front[:-1]))
            if alone and self._is_titled_in(utterances[caller.index + 1 :], word):
                return (CallerName(caller, len(front), len(front) + 1, (word,)),)
        return ()

    def _introduces(self, caller: Utterance, at: int) -> bool:
        """`goedemiddag van beek ik heb een vraag`: between a greeting and what the caller has to say."""
        front = [norm for norm in caller.norms[:at] if norm not in self._words.infixes]
        greets = bool(front) and front[-1] in self._greetings and all(map(self._introductions.is_greeting, front))
        return greets and caller.norms[at + 1 : at + 2] in ((), ("ik",), ("wij",), ("we",))

    def _greeted(
        self, utterances: Sequence[Utterance], callers: Sequence[Utterance], cased: bool, own: frozenset[str]
    ) -> tuple[CallerName, ...]:
        """`ik ben sam de graaf`, and the agent says `dag sam`: the word behind the cue was a first name."""
        for caller in callers:
            answers = [u for u in utterances[caller.index + 1 :] if u.role == "agent"][:GREETING_TURNS]
            weak = [match.end for match in self._finder.find(self._cues_weak, caller) if match.cost == 0]
            greeted = frozenset(self._head(each)[1] for each in answers if self._head(each)[0])
            for at, norm in enumerate(caller.norms):
                if norm in own or not (at in weak or norm in greeted) or self._is_ordinary(norm):
                    continue
                if cased and not caller.tokens[at].capital:
                    continue
                read = self._words.read_name(caller.tokens, at, cased=False)
                if read is None or read.words[0] != norm or read.start != at:
                    continue
                if norm in greeted or any(self._head(each)[1] == norm for each in answers):
                    return (CallerName(caller, *read),)
        return ()

    def _is_ordinary(self, norm: str) -> bool:
        """`ik ben misselijk`, `ik ben verhuisd`: repeated by the agent these are no names."""
        return norm in self._ailing or (norm.startswith(self._prefixes) and norm.endswith(self._endings))

    def _head(self, utterance: Utterance) -> tuple[bool, str]:
        """`hoi sam`, `nee sam`, `sam hoe oud ben je`: whether it greets, and the first word that no lead-in is."""
        head = utterance.norms[:GREETING_REACH]
        at = next((at for at, norm in enumerate(head) if norm not in self._leads), None)
        return (False, "") if at is None else (at > 0 and head[at - 1] in self._greetings, head[at])
