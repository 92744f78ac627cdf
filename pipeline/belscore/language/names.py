"""Where the agent uses the caller's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from belscore.language.caller_names import CallerName, CallerNames
from belscore.language.lexicon import Lexicon
from belscore.language.name_words import MAYBE_SAME_NAME, SAME_NAME, NameSpan, NameWords, name_similarity
from belscore.language.phrases import Match, PhraseFinder
from belscore.language.tokens import Passage, Token, Utterance

Sameness = Literal["yes", "maybe", "no"]


@dataclass(frozen=True, slots=True)
class NameMention(Passage):
    """The agent says a name.

    kind  : "titled" (mevrouw Jansen), "bare" (Jansen, or the first name)
    same  : "yes" the caller's name, "maybe" perhaps another spelling of it, "no" another name
    of_third : spoken of, not to: "voor mevrouw Jansen", "doet u Karin de groeten"
    """

    utterance: Utterance
    start: int
    end: int
    words: tuple[str, ...]
    kind: Literal["titled", "bare"]
    same: Sameness
    verifies: bool
    of_third: bool


# How far in front of a name stands who bears it: "uw dochter Lisa de Boer".
KIN_REACH = 2
# "dokter Jan de Boer": so far in front of a name stands what its bearer is.
PROFESSION_REACH = 3
# "hoe oud bent u", "sinds wanneer bent u": so far in front of the verb the question word stands.
QUESTION_REACH = 3
# "waar in de gang was het": what is asked for stands between them.
NOUN_REACH = 6
# Where the name stands in the phrases that check one.
BLANK = "{naam}"
# "er even bij": so far in front of a preposition stands what it goes with.
STRANDED_REACH = 3
# So many words of one letter may follow each other: "o 't".
LETTER_WORDS = 2
# "B-O-E-R".
SPELLED = re.compile(r"\w(-\w)+")


class NameReader:
    """Finds who is calling and where that name is used, by the inventory in `rules/lexicon/namen.toml`."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder) -> None:
        self.words = NameWords(lexicon)
        self.callers = CallerNames(lexicon, finder, self.words)
        self._finder = finder
        self._verifies = lexicon.list("namen", "verifies")
        self._verifies_last = lexicon.list("namen", "verifies", "last")
        self._verifies_exactly = lexicon.list("namen", "verifies", "exactly")
        self._verifies_closed = lexicon.list("namen", "verifies", "closed")
        self._open_words = lexicon.words("vragen", "open")
        self._behind_check = lexicon.list("namen", "verifies", "behind")
        self._to_colleague = lexicon.list("namen", "to_colleague")
        self._word_names = lexicon.words("namen", "word_names")
        self._spoken_of = lexicon.words("namen", "spoken_of")
        self._objects = frozenset(lexicon.list("namen", "spoken_of", "objects"))
        self._doing = frozenset(lexicon.list("namen", "spoken_of", "doing"))
        self._pronominal = frozenset(lexicon.list("namen", "spoken_of", "stranded_by"))
        self._relation = lexicon.words("namen", "relation")
        self._men = frozenset(lexicon.list("namen", "relation", "men"))
        self._women = frozenset(lexicon.list("namen", "relation", "women"))
        self._men_titles = frozenset(lexicon.list("namen", "titles", "men"))
        self._women_titles = frozenset(lexicon.list("namen", "titles", "women"))
        self._not_names = self.words.not_names | lexicon.words("namen", "before")
        self._vocabulary = lexicon.vocabulary
        self._informal = lexicon.informal
        self._formal = lexicon.words("aanspreekvorm", "formal")
        self._hails = frozenset(word for phrase in lexicon.list("begroeting", "greetings") for word in phrase.split())
        self._hails |= frozenset(lexicon.list("begroeting", "greetings", "first"))
        self._firsts = frozenset(lexicon.list("namen", "with", "firsts"))
        self._subjects = lexicon.words("vragen", "subjects")

    def mentions(
        self, utterances: Iterable[Utterance], names: Sequence[CallerName], *, cased: bool, own: Iterable[str] = ()
    ) -> tuple[NameMention, ...]:
        """Where the agent says a name.

        names : the caller's; when empty, every titled name is taken as the caller's
        own   : words of the agent's own name and the practice's, which are nobody else's
        """
        own_words = frozenset(own)
        known = frozenset(word for name in names for word in name.words)
        found: list[NameMention] = []
        for utterance in utterances:
            if utterance.role != "agent":
                continue
            titled = list(self.words.titled(utterance, cased=cased))
            if not cased:
                titled = [_up_to_known(utterance, span, known) for span in titled]
            for start, end, words in titled:
                same = self._sameness(words, names)
                if own_words.issuperset(words) and not any(own_words.issuperset(name.words) for name in names):
                    continue
                found.append(self._mention(utterance, NameSpan(start, end, words), "titled", same, known))
            taken = {at for start, end, _ in titled for at in range(start, end)}
            for at in self._bare(utterance, names, taken, own_words, cased):
                words = (utterance.norms[at],)
                found.append(self._mention(utterance, NameSpan(at, at + 1, words), "bare", "yes", known))
        return tuple(sorted(found, key=lambda mention: (mention.start_s, mention.start)))

    def _bare(
        self,
        utterance: Utterance,
        names: Sequence[CallerName],
        taken: set[int],
        own: frozenset[str],
        cased: bool,
    ) -> list[int]:
        known = frozenset(word for name in names for word in name.words) - own
        found: list[int] = []
        for at, token in enumerate(utterance.tokens):
            if at in taken or token.norm not in known or (cased and not token.capital):
                continue
            everyday = token.norm in self._not_names or (not cased and token.norm in self._word_names)
            if everyday and not self._is_said_as_name(utterance, at, cased):
                continue
            if self._bears_profession(utterance, at, known, cased):
                continue
            if at - 1 in found or (cased and self._bears_other_name(utterance, at, known)):
                continue
            found.append(at)
        return found

    def _bears_profession(self, utterance: Utterance, at: int, known: frozenset[str], cased: bool) -> bool:
        """`dokter Jan de Boer`; in `de dokter kijkt ernaar, Saskia` she is spoken to."""
        for place in range(at - 1, max(-1, at - 1 - PROFESSION_REACH), -1):
            token = utterance.tokens[place]
            if token.norm in self.words.professions:
                return not token.after or token.after == "."  # "dr."
            named = token.capital if cased else token.norm not in self._not_names | self._vocabulary
            if token.after or not (named or token.norm in self.words.infixes | known):
                return False
        return False

    def _is_said_as_name(self, utterance: Utterance, at: int, cased: bool) -> bool:
        """Of Ben Visser and mevrouw Vrijdag: `dag Ben` and `mevrouw vrijdag` name them, `daar ben ik` does not."""
        before, behind = utterance.norms[max(0, at - 1) : at], utterance.norms[at + 1 : at + 2]
        if before and before[0] in self.words.titles:
            return not utterance.tokens[at - 1].after
        if cased:
            apart = utterance.tokens[at].norm in self._firsts and utterance.tokens[at].after != ""
            return apart or utterance.sentence_of(at)[0] < at
        return bool(before) and before[0] in self._hails and self._subjects.isdisjoint(behind)

    def _sameness(self, words: Sequence[str], names: Sequence[CallerName]) -> Sameness:
        if not names:
            return "yes"
        best = max(name_similarity(word, known) for word in words for name in names for known in name.words)
        if best >= SAME_NAME:
            return "yes"
        return "maybe" if best >= MAYBE_SAME_NAME else "no"

    def _bears_other_name(self, utterance: Utterance, at: int, known: frozenset[str]) -> bool:
        """`Lisa de Boer` when Karin de Boer calls."""
        while at and utterance.norms[at - 1] in self.words.infixes:
            at -= 1
        token = utterance.tokens[at - 1] if at else None
        if token is None or not token.capital or token.after or token.norm in known | self._not_names:
            return False
        return utterance.sentence_of(at)[0] < at - 1

    def _is_of_kin(self, utterance: Utterance, span: NameSpan) -> bool:
        """`uw man, meneer De Boer, komt`: the title fits the relative right before it, and the sentence goes on."""
        start, end, _ = span
        title = utterance.norms[start]
        if end >= len(utterance.tokens) or utterance.tokens[end - 1].after in (".", "!", "?"):
            return False
        kin = self._men if title in self._men_titles else self._women if title in self._women_titles else self._relation
        return any(norm in kin for norm in utterance.norms[max(0, start - KIN_REACH) : start])

    def _mention(
        self,
        utterance: Utterance,
        span: NameSpan,
        kind: Literal["titled", "bare"],
        same: Sameness,
        known: frozenset[str],
    ) -> NameMention:
        start, end, words = span
        third = self._is_spoken_of(utterance, span, kind) or self._is_of_kin(utterance, span)
        checked = self._is_check(utterance, span, kind) or self._to_other(utterance, span, known)
        return NameMention(utterance, start, end, words, kind, same, checked, third)

    def _is_spoken_of(self, utterance: Utterance, span: NameSpan, kind: Literal["titled", "bare"]) -> bool:
        at = span.start
        particles = self.words.infixes - self._spoken_of
        while kind == "bare" and at and (utterance.norms[at - 1] in particles or _is_initial(utterance.tokens[at - 1])):
            at -= 1
        if not at or utterance.tokens[at - 1].after:
            return False
        before = utterance.norms[at - 1]
        if self._is_stranded(utterance, at - 1, span.end):
            return False
        if before in self._objects and not self._doing.isdisjoint(utterance.norms[max(0, at - 3) : at - 2]):
            return False  # "doet u dat mevrouw Zandstra"
        return before in self._spoken_of or (kind == "bare" and before in self._formal)

    def _is_stranded(self, utterance: Utterance, at: int, end: int) -> bool:
        """`ik zoek hem er even bij mevrouw Broeders`: the preposition goes with `er`, and the name ends the turn."""
        return end == len(utterance.tokens) and not self._pronominal.isdisjoint(
            utterance.norms[max(0, at - STRANDED_REACH) : at]
        )

    def _to_other(self, utterance: Utterance, span: NameSpan, known: frozenset[str]) -> bool:
        """Said to a colleague who was spoken to by name: `Petra, heb jij de lijst? Het gaat om meneer Bakker.`"""
        if self.words.is_address(utterance, span.start, span.end):
            return False
        to_other = False
        for start, end in utterance.sentences():
            if start > span.start:
                break
            sentence = utterance.norms[start:end]
            somebody = utterance.addressed(end - 1)
            if somebody and somebody not in self._not_names | known and not self._informal.isdisjoint(sentence):
                to_other = True
            elif not self._formal.isdisjoint(sentence):
                to_other = False
        return to_other

    def _spells(self, norms: Sequence[str]) -> bool:
        """Letters one by one; `'s ochtends of 's middags`, `'t`, `'k` and `o` are words."""
        letters = [len(norm) == 1 and norm not in self._formal for norm in norms]
        surely = sum(letter and norm not in self.words.no_initials for letter, norm in zip(letters, norms, strict=True))
        longest = max(len(row) for row in "".join("x" if letter else " " for letter in letters).split(" "))
        return surely > 1 or longest > (1 if surely else LETTER_WORDS)

    def _is_check(self, utterance: Utterance, span: NameSpan, kind: Literal["titled", "bare"]) -> bool:
        """The name is checked, spelled or told to a colleague rather than used.

        In `dag meneer Timmer is dat Timmer met een m` it is used first: the check names it by itself.
        """
        start, end, words = span
        sentence_start, sentence_end = utterance.sentence_of(start)
        sentence = utterance.norms[sentence_start:sentence_end]
        if self._spells(sentence) or any(SPELLED.fullmatch(norm) for norm in sentence):
            return True
        if self._finder.find(self._to_colleague, utterance):
            return True
        checks = list(self._finder.find(self._verifies, utterance, blanks={BLANK: words[-1]}))
        last = self._finder.find(self._verifies_last, utterance, blanks={BLANK: words[-1]})
        exactly = self._finder.find(self._verifies_exactly, utterance, blanks={BLANK: words[-1]})
        closed = [(match, QUESTION_REACH) for match in exactly if match.cost == 0]
        was_it = self._finder.find(self._verifies_closed, utterance, blanks={BLANK: words[-1]})
        closed += [(match, NOUN_REACH) for match in was_it]
        open_words = [at for at in range(sentence_start, start) if utterance.norms[at] in self._open_words]
        checks += [m for m, reach in closed if not any(m.start - reach <= at < m.start for at in open_words)]
        checks += [m for m in last if m.end >= sentence_end or utterance.norms[m.end] in self._behind_check]
        return any(
            match.cost < 0.6
            and match.start < end + 2
            and match.end > start - 2
            and sentence_start <= match.start
            and match.end <= sentence_end
            and (kind == "bare" or not self._names_again(match, span))
            for match in checks
        )

    def _names_again(self, match: Match, span: NameSpan) -> bool:
        """What checks the name stands behind the mention and holds the name once more."""
        return match.start >= span.end and span.words[-1] in match.utterance.norms[match.start : match.end]


def _is_initial(token: Token) -> bool:
    """`B. de Haan`."""
    return len(token.norm) == 1 and token.after == "."


def _up_to_known(utterance: Utterance, span: NameSpan, known: frozenset[str]) -> NameSpan:
    """`dag mevrouw nowak slecht is het niet`: without capitals a name ends with the last word the caller gave."""
    start, end, words = span
    last = max((at for at in range(start, end) if utterance.norms[at] in known), default=end - 1)
    if last + 1 == end:
        return span
    kept = tuple(word for word in words if word in utterance.norms[start : last + 1])
    return NameSpan(start, last + 1, kept) if kept else span
