"""Where in a turn somebody says their own name. Inventory: `rules/lexicon/namen.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from belscore.language.lexicon import Lexicon
from belscore.language.name_words import NameSpan, NameWords
from belscore.language.phrases import Match, PhraseFinder
from belscore.language.tokens import Utterance

MIN_GREETING_LETTERS = 7
SAME_GREETING = 0.8
# "Anja Van der Molen-de Groot is mijn naam": so many tokens in front of "is mijn naam" can be the name.
NAME_TOKENS = 6
# Behind the words that invite to speak no more than an address follows.
PROMPT_REACH = 4
# "met de dochter van mevrouw Jansen, Anja": so far behind "met" the caller's own name can begin.
KIN_REACH = 9


@dataclass(frozen=True, slots=True)
class Listening:
    """What is known about the turn a name is looked for in.

    asked : the agent had just asked for the name
    opens : the turn is where a caller introduces themselves: the first, or right behind a mere greeting
    cased : names are written with capitals
    own   : words of the agent's own name
    """

    asked: bool
    opens: bool
    cased: bool
    own: frozenset[str]


class Introductions:
    """Reads the ways in which callers give their name."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder, words: NameWords) -> None:
        self._finder = finder
        self._words = words
        self._before = lexicon.words("namen", "before")
        self._greeting_heads = lexicon.list("namen", "before", "heads")
        self._greeting_tails = lexicon.list("namen", "before", "tails")
        self._long_greetings = tuple(word for word in self._before if len(word) >= MIN_GREETING_LETTERS)
        self._misheard_title = lexicon.list("namen", "misheard_title")
        self._with = lexicon.words("namen", "with")
        self._firsts = frozenset((norm,) for norm in lexicon.list("namen", "with", "firsts"))
        self._here = frozenset(lexicon.list("namen", "with", "here"))
        self._other_titles = frozenset(lexicon.list("namen", "with", "titles"))
        self._myself = frozenset(lexicon.list("namen", "with", "myself"))
        self._lead_ins = frozenset(lexicon.list("namen", "with", "leads"))
        self._joined = frozenset(lexicon.list("namen", "with", "joined"))
        self._speaks = lexicon.words("namen", "speaks")
        self._cues = lexicon.list("namen", "cues")
        self._cues_weak = lexicon.list("namen", "cues_weak")
        self._cues_behind = lexicon.list("namen", "cues_behind")
        self._cues_behind_first = lexicon.list("namen", "cues_behind", "first")
        self._of_third = lexicon.words("namen", "of_third")
        self._relation = lexicon.words("namen", "relation")
        self._answer_leads = lexicon.words("namen", "answer_leads")
        self._followers = lexicon.words("namen", "followers")
        self._origins = frozenset(lexicon.list("namen", "cues_weak", "origins"))
        self._prompts = lexicon.list("namen", "prompts")
        self._fillers = lexicon.fillers
        self._empty = self._before | lexicon.fillers

    def find(self, utterance: Utterance, known: Listening) -> NameSpan | None:
        """The name the speaker gives as their own; None when none is given."""
        return (
            self._in_front(utterance, known)
            or self._behind_with(utterance, known)
            or self._behind_cue(utterance, known)
            or self._bare(utterance, known)
        )

    def prompts(self, utterance: Utterance) -> bool:
        """An agent's turn after which callers introduce themselves: a greeting, an offer to help, a mere "ja?"."""
        if self._empty.issuperset(utterance.norms):
            return True
        last = len(utterance.tokens) - PROMPT_REACH  # "ik wil u helpen, maar dat lukt niet zolang ...": no prompt
        return any(match.end >= last for match in self._finder.find(self._prompts, utterance))

    # "met Jansen"

    def _behind_with(self, utterance: Utterance, known: Listening) -> NameSpan | None:
        tokens, norms = utterance.tokens, utterance.norms
        for at, norm in enumerate(norms):
            if norm not in self._with or tokens[at].after or not self._opens(utterance, at, known):
                continue
            start = at + 1
            if tuple(norms[start : start + 2]) == self._misheard_title:
                start += 2
            elif self._is_titled_otherwise(utterance, start, known):
                start += 1
            read = self._behind_kin(utterance, start, known) or self._read(utterance, start, known)
            if read is None and norms[start : start + 1] and norms[start] in self._myself:
                start += 1
                while start < len(tokens) and norms[start] in self._lead_ins:
                    start += 1
                read = self._words.read_name(tokens, start, cased=known.cased)
                if read and not known.cased and len(read.words) < 2:
                    read = None
            sure = read and (norm not in self._here or self._is_sure(utterance, read, known))
            place = tokens[start].norm in self._words.places if start < len(tokens) else False
            aside = read and (self._is_organisation(utterance, read) or self._is_joined(utterance, read))
            if aside or (read and self._is_begun_anew(utterance, read.end)):
                continue
            if read and (sure or (not known.cased and not place and self._closes(utterance, read.end))):
                return self._in_full(utterance, read, known)
        return None

    def _is_begun_anew(self, utterance: Utterance, end: int) -> bool:
        """`met Bernd, eh, met Bernard Kloosterman`: what stands behind the hesitation counts."""
        norms = utterance.norms
        return len(norms) > end + 2 and norms[end] in self._fillers and norms[end + 1] in self._with - self._here

    def _is_titled_otherwise(self, utterance: Utterance, at: int, known: Listening) -> bool:
        """`mit vrouw Huizinga oet Winschoten`: the word stands for mevrouw, with a name behind it and no article."""
        if utterance.norms[at : at + 1] == () or utterance.norms[at] not in self._other_titles:
            return False
        read = self._words.read_name(utterance.tokens, at + 1, cased=known.cased)
        return read is not None and (known.cased or self._closes(utterance, read.end))

    def _read(self, utterance: Utterance, start: int, known: Listening) -> NameSpan | None:
        """The name at `start`; of `met ben visser` the first name too."""
        read = self._words.read_name(utterance.tokens, start, cased=known.cased)
        if read is not None or utterance.norms[start : start + 1] not in self._firsts:
            return read
        first = utterance.tokens[start]
        if known.cased and first.capital and first.after:  # "met Wil."
            return NameSpan(start, start + 1, (first.norm,))
        rest = self._words.read_name(utterance.tokens, start + 1, cased=known.cased)
        return None if rest is None else NameSpan(start, rest.end, (utterance.norms[start], *rest.words))

    def _behind_kin(self, utterance: Utterance, start: int, known: Listening) -> NameSpan | None:
        """`met de zoon van meneer Bos, Wouter Bos`: the name that stands apart is the caller's own."""
        if self._relation.isdisjoint(utterance.norms[start : start + 2]):
            return None
        for at in range(start + 2, min(start + KIN_REACH, len(utterance.tokens))):
            read = self._words.read_name(utterance.tokens, at, cased=known.cased)
            if not (read and utterance.tokens[at - 1].after and self._has_capitals(utterance, read, known)):
                continue
            if read.words[0] in utterance.norms[start:at]:  # "de vrouw van Jan, Jan Bos"
                continue
            if len(read.words) > 1 or self._closes(utterance, read.end):  # not "'t Gaait om mien man"
                return read
        return None

    def _in_full(self, utterance: Utterance, read: NameSpan, known: Listening, end: int | None = None) -> NameSpan:
        """`Bond, James Bond`: the second, longer form of the name when it follows.

        end : the token behind the cue, where that stands behind the name: `Rob hier, Rob Veldman`
        """
        end = read.end if end is None else end
        if end >= len(utterance.tokens) or not utterance.tokens[end - 1].after:
            return read
        again = self._words.read_name(utterance.tokens, end, cased=known.cased)
        longer = again is not None and len(again.words) > len(read.words) and set(read.words) <= set(again.words)
        if again is not None and not longer and known.cased:  # "Hennie Dag": a name that is an everyday word
            following = utterance.tokens[again.end : again.end + 1]
            if again.words == read.words and following and following[0].capital:
                return NameSpan(again.start, again.end + 1, (*again.words, following[0].norm))
        return again if again is not None and longer else read

    def _opens(self, utterance: Utterance, at: int, known: Listening) -> bool:
        """Nothing but greetings stands between the start of the sentence (or "spreekt") and token `at`."""
        start, _ = utterance.sentence_of(at)
        before = list(utterance.norms[start:at])
        if before and before[-1] in self._speaks:
            return True
        while before:
            norm = before.pop()
            asked = known.asked and norm in self._answer_leads
            if norm in self._lead_ins or asked or self.is_greeting(norm) or norm in known.own:
                if len(norm) >= MIN_GREETING_LETTERS and self.is_greeting(norm):
                    return True
                continue
            # "Poehpoeh, met Jansen": a word that stands apart at the head of the call greets or cries out
            if known.opens and known.cased and not before and utterance.tokens[start].after:
                return True
            # "Joepie Wilma, Stronks hier": in front of the agent's name any one word greets
            if known.opens and not before and utterance.norms[start + 1] in known.own:
                return True
            # "dag Marieke, met Jansen": whoever is greeted
            greeted = bool(before) and self.is_greeting(before[-1]) and norm not in self._words.not_names
            if not greeted or (known.cased and not utterance.tokens[start + len(before)].capital):
                return False
        return True

    def is_greeting(self, norm: str) -> bool:
        """A word that can stand before the name, also in dialect or misheard: `goeiemorge`."""
        if norm in self._before:
            return True
        if norm.startswith(self._greeting_heads) and norm.endswith(self._greeting_tails):
            return True
        if len(norm) < MIN_GREETING_LETTERS:
            return False
        return any(Levenshtein.normalized_similarity(norm, known) >= SAME_GREETING for known in self._long_greetings)

    # "Jansen is de naam", "Jansen hier"

    def _in_front(self, utterance: Utterance, known: Listening) -> NameSpan | None:
        for match in self._finder.find(self._cues_behind, utterance):
            read = self._ending_at(utterance, match, known) if match.cost == 0 else None
            if read is not None:
                return self._in_full(utterance, read, known, match.end)
        for match in self._finder.find(self._cues_behind_first, utterance):
            read = self._ending_at(utterance, match, known) if match.cost == 0 else None
            if read is not None and self._opens(utterance, read.start, known):
                closes = self._closes(utterance, match.end)
                if closes or self._has_capitals(utterance, read, known) or self._is_titled(utterance, read):
                    return self._in_full(utterance, read, known, match.end)
        return None

    def _ending_at(self, utterance: Utterance, cue: Match, known: Listening) -> NameSpan | None:
        """The longest name that ends where the cue begins."""
        for start in range(max(0, cue.start - NAME_TOKENS), cue.start):
            read = self._words.read_name(utterance.tokens, start, cased=known.cased)
            if read is None or read.end != cue.start or self._is_organisation(utterance, read):
                continue
            if not known.own.issuperset(read.words):
                return read
        return None

    # "mijn naam is Jansen", "ik ben Karin"

    def _behind_cue(self, utterance: Utterance, known: Listening) -> NameSpan | None:
        for cues, weak in ((self._cues, False), (self._cues_weak, True)):
            for match in self._finder.find(cues, utterance):
                if match.cost or (match.start and utterance.norms[match.start - 1] in self._of_third):
                    continue
                if _ends_another(utterance, match):
                    continue
                read = self._words.read_name(utterance.tokens, match.end, cased=known.cased)
                if read is None and known.opens:  # "ik ben zijn vrouw, Anneke Verbeek"
                    read = self._behind_kin(utterance, match.end, known)
                    read = None if read and self._is_titled(utterance, read) else read  # "van uw patiënt, mevrouw Bos"
                if read is None or self._is_organisation(utterance, read):
                    continue
                if not weak or self._is_sure(utterance, read, known):
                    return self._in_full(utterance, read, known)
                if known.asked and not known.cased and self._closes(utterance, read.end):
                    return read
        return None

    # "Jansen"

    def _bare(self, utterance: Utterance, known: Listening) -> NameSpan | None:
        """A bare name: as the answer to the agent's question, or behind the greeting of an early turn."""
        if not (known.opens or known.asked):
            return None
        at = 0
        tokens = utterance.tokens
        while at < len(tokens) and tokens[at].norm not in self._words.titles:
            norm = tokens[at].norm
            lead = self.is_greeting(norm) or (known.asked and norm in self._answer_leads)
            if not lead and not (norm in known.own and at):
                break
            at += 1
        read = self._words.read_name(tokens, at, cased=known.cased)
        if read is None or (tokens[at].norm in self._with and not tokens[at].capital):
            return None
        if self._is_organisation(utterance, read):
            return None
        titled, capitals = self._is_titled(utterance, read), self._has_capitals(utterance, read, known)
        closes = self._closes(utterance, read.end)
        if known.asked and (titled or closes or capitals):
            return self._in_full(utterance, read, known)
        ends_here = read.end == len(tokens) or tokens[read.end - 1].after in (",", ".", "!")
        if titled:
            return read if closes else None
        greets = not at and read.end < len(tokens) and tokens[read.end].norm in self._long_greetings
        if not known.cased:
            ends_here = sure = read.end == len(tokens) or greets
        else:
            sure = capitals
        return read if known.opens and ends_here and sure else None

    # Signs

    def _closes(self, utterance: Utterance, end: int) -> bool:
        """Nothing is said of the name: it ends the clause, or the speaker goes on about themselves or spells it."""
        if end >= len(utterance.tokens) or utterance.tokens[end - 1].after:
            return True
        following = utterance.norms[end]
        return following in self._followers or len(following) == 1 or self._words.is_number(following)

    def _is_organisation(self, utterance: Utterance, read: NameSpan) -> bool:
        """`met Buurtzorg`: who calls, but no name to address anybody by."""
        return not self._is_titled(utterance, read) and self._words.is_organisation(read.words[0])

    def _is_joined(self, utterance: Utterance, read: NameSpan) -> bool:
        """`met Ingrid erbij`: in whose company, and not who calls."""
        tokens = utterance.tokens[read.end : read.end + 1]
        return bool(tokens) and not utterance.tokens[read.end - 1].after and tokens[0].norm in self._joined

    def _is_titled(self, utterance: Utterance, read: NameSpan) -> bool:
        return any(token.norm in self._words.titles for token in utterance.tokens[read.start : read.end])

    def _has_capitals(self, utterance: Utterance, read: NameSpan, known: Listening) -> bool:
        particles = self._words.infixes | self._words.titles
        tokens = utterance.tokens[read.start : read.end]
        return known.cased and all(token.capital or token.norm in particles for token in tokens)

    def _is_sure(self, utterance: Utterance, read: NameSpan, known: Listening) -> bool:
        """Behind a cue that much else can follow: "ik ben in Utrecht", "hier doet het pijn"."""
        if self._is_titled(utterance, read):
            return True
        first = utterance.tokens[read.start]
        return first.capital and first.norm not in self._origins and self._has_capitals(utterance, read, known)


def _ends_another(utterance: Utterance, match: Match) -> bool:
    """`ik heb het doosje hier. Apixaban, vijf milligram`: the words close a sentence that says something else."""
    low, high = utterance.sentence_of(match.start)
    return low < match.start and match.end == high
