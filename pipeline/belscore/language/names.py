"""Who is calling, and where the agent uses that name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import JaroWinkler, Levenshtein

from belscore.language.lexicon import Lexicon
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Token, Utterance

MAX_NAME_WORDS = 3
# Two spellings of one name: SPEECH.md 4.7 gives 0.85 on phonetic keys.
SAME_NAME = 0.85
# Below this two names are surely different; between the two it may be the recogniser's spelling.
MAYBE_SAME_NAME = 0.6
EARLY_TURNS = 3
MIN_GREETING_LETTERS = 7
SAME_GREETING = 0.8

# Dutch spellings of one sound, written as one letter (SPEECH.md 4.7).
_SOUNDS = (
    (r"sch", "sg"), (r"ch", "g"), (r"ij|ei|ey|y", "j"), (r"ou|au|auw|ouw", "o"), (r"oe", "u"), (r"ck|c|q|k", "k"),
    (r"x", "ks"), (r"ph|v|f|w", "f"), (r"z|s", "s"), (r"dt|d|t", "t"), (r"th", "t"), (r"h", ""), (r"b|p", "p"),
    (r"ie|i", "i"), (r"(.)\1+", r"\1"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), sound) for pattern, sound in _SOUNDS)


@dataclass(frozen=True, slots=True)
class CallerName:
    """A name the caller gave. `words` are its parts without title and tussenvoegsels, in order."""

    utterance: Utterance
    start: int
    end: int
    words: tuple[str, ...]

    @property
    def quote(self) -> str:
        return self.utterance.quote(self.start, self.end)


@dataclass(frozen=True, slots=True)
class NameMention:
    """The agent says a name.

    kind  : "titled" (mevrouw Jansen), "bare" (Jansen, or the first name)
    same  : "yes" the caller's name, "maybe" perhaps another spelling of it, "no" another name
    """

    utterance: Utterance
    start: int
    end: int
    words: tuple[str, ...]
    kind: Literal["titled", "bare"]
    same: Literal["yes", "maybe", "no"]
    verifies: bool

    @property
    def start_s(self) -> float:
        return self.utterance.tokens[self.start].start_s

    @property
    def end_s(self) -> float:
        return self.utterance.tokens[self.end - 1].end_s

    @property
    def quote(self) -> str:
        return self.utterance.quote(self.start, self.end)


def phonetic_key(name: str) -> str:
    """A rough key of how a Dutch name sounds: `janssen` and `jansen` share one."""
    for pattern, sound in _COMPILED:
        name = pattern.sub(sound, name)
    return name


def name_similarity(one: str, other: str) -> float:
    """0..1, how alike two names sound."""
    return JaroWinkler.similarity(phonetic_key(one), phonetic_key(other))


class NameReader:
    """Finds names by the inventory in `rules/lexicon/namen.toml`."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder) -> None:
        self._finder = finder
        self.titles = lexicon.words("namen", "titles")
        self._professions = lexicon.words("namen", "professions")
        self._infixes = lexicon.words("namen", "infixes")
        self._infix_starts = lexicon.words("namen", "infix_starts")
        self._before = lexicon.words("namen", "before")
        self._long_greetings = tuple(word for word in self._before if len(word) >= MIN_GREETING_LETTERS)
        self._cues = lexicon.list("namen", "cues")
        self._cues_weak = lexicon.list("namen", "cues_weak")
        self._relation = lexicon.words("namen", "relation")
        self._asks_name = lexicon.list("namen", "asks_name")
        self._verifies = lexicon.list("namen", "verifies")
        self._to_colleague = lexicon.list("namen", "to_colleague")
        self._not_names = lexicon.words("namen", "not_names") | lexicon.idle
        self._pronouns = lexicon.words("namen", "never")
        self._word_names = lexicon.words("namen", "word_names")
        self._numbers = frozenset(lexicon.table("waarden", "units")) | frozenset(lexicon.table("waarden", "tens"))

    def is_particle(self, norm: str) -> bool:
        """A title, a profession or a tussenvoegsel: part of a name, no name by itself."""
        return norm in self.titles or norm in self._infixes or norm in self._professions

    # Reading a name

    def read_name(self, tokens: Sequence[Token], at: int, *, cased: bool) -> tuple[int, int, tuple[str, ...]] | None:
        """A name from token `at` on: (start of the name with its title, end, words without title and infixes)."""
        start = at
        while at < len(tokens) and tokens[at].norm in self._titles_and_hesitations:
            if tokens[at].after in (".", "?", "!"):
                return None
            at += 1
        titled = any(token.norm in self.titles for token in tokens[start:at])
        words: list[str] = []
        end = at
        while at < len(tokens) and len(words) < MAX_NAME_WORDS:
            token = tokens[at]
            if self._is_infix(tokens, at, first=not words):
                at += 1
                continue
            inside = at > 0 and tokens[at - 1].after not in (".", "?", "!")
            if not self._is_name_word(token, first=not words, titled=titled, cased=cased, inside=inside):
                break
            words.append(token.norm)
            at += 1
            end = at
            if token.after:
                break
        return (start, end, tuple(words)) if words else None

    @property
    def _titles_and_hesitations(self) -> frozenset[str]:
        return self.titles | {"eh", "uh", "ehm", "uhm", "euh"}

    def _is_infix(self, tokens: Sequence[Token], at: int, *, first: bool) -> bool:
        known = self._infix_starts if first else self._infixes
        if tokens[at].norm not in known or tokens[at].after or at + 1 >= len(tokens):
            return False
        following = tokens[at + 1]
        return following.norm in self._infixes or following.norm not in self._not_names

    def _is_name_word(self, token: Token, *, first: bool, titled: bool, cased: bool, inside: bool) -> bool:
        norm = token.norm
        if len(norm) < 2 or not norm.replace("'", "").isalpha():
            return False
        if cased and token.capital and inside and norm not in self._pronouns:
            return True
        if norm in self._not_names or norm in self._numbers or norm in self._professions:
            return False
        return not cased or token.capital or (first and titled)

    # The caller

    def caller_names(
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
            read = self._stated(utterance, cased) or self._opening(utterance, early and not found, asked, cased)
            if read is not None and not self._of_other(utterance, read[0]) and not own.issuperset(read[2]):
                found.append(CallerName(utterance, *read))
        return tuple(found) or self._echoed(utterances, callers[: EARLY_TURNS + 1], cased, own)

    def asks_name(self, utterance: Utterance) -> bool:
        return self._finder.any(self._asks_name, utterance)

    def _stated(self, utterance: Utterance, cased: bool) -> tuple[int, int, tuple[str, ...]] | None:
        """Behind "met", "mijn naam is" and the like."""
        norms = utterance.norms
        for at, norm in enumerate(norms):
            if norm == "met" and self._opens(utterance, at):
                read = self.read_name(utterance.tokens, at + 1, cased=cased)
                if read:
                    return read
        for cues, weak in ((self._cues, False), (self._cues_weak, True)):
            for match in self._finder.find(cues, utterance):
                if match.cost:
                    continue
                read = self.read_name(utterance.tokens, match.end, cased=cased)
                if read and (not weak or self._sure_name(utterance, read, cased)):
                    return read
        return None

    def _sure_name(self, utterance: Utterance, read: tuple[int, int, tuple[str, ...]], cased: bool) -> bool:
        tokens = utterance.tokens[read[0] : read[1]]
        titled = any(token.norm in self.titles for token in tokens)
        return titled or (cased and all(token.capital or token.norm in self._infixes for token in tokens))

    def _opens(self, utterance: Utterance, at: int) -> bool:
        """Only greetings and hesitations stand between the start of the sentence (or "spreekt") and token `at`."""
        start, _ = utterance.sentence_of(at)
        before = utterance.norms[start:at]
        if before and before[-1] in ("spreekt", "spreek"):
            return True
        return all(self._is_greeting(norm) for norm in before)

    def _is_greeting(self, norm: str) -> bool:
        """A word that can stand before the name, also in dialect or misheard: `goeiemorge`."""
        if norm in self._before:
            return True
        if len(norm) < MIN_GREETING_LETTERS:
            return False
        return any(Levenshtein.normalized_similarity(norm, known) >= SAME_GREETING for known in self._long_greetings)

    def _opening(
        self, utterance: Utterance, early: bool, asked: bool, cased: bool
    ) -> tuple[int, int, tuple[str, ...]] | None:
        """A bare name: as the answer to the agent's question, or behind the greeting of an early turn."""
        if not (early or asked):
            return None
        at = 0
        tokens = utterance.tokens
        while at < len(tokens) and self._is_greeting(tokens[at].norm) and tokens[at].norm not in self.titles:
            at += 1
        read = self.read_name(tokens, at, cased=cased)
        if read is None or (utterance.turn.words and tokens[at].norm == "met"):
            return None
        titled = any(token.norm in self.titles for token in tokens[read[0] : read[1]])
        ends_here = read[1] == len(tokens) or tokens[read[1] - 1].after in (",", ".", "!")
        certain_case = cased and all(
            token.capital or token.norm in self._infixes | self.titles for token in tokens[read[0] : read[1]]
        )
        if asked and (titled or ends_here or certain_case):
            return read
        if early and (titled or ends_here) and (certain_case or titled or (not cased and read[1] == len(tokens))):
            return read
        return None

    def _of_other(self, utterance: Utterance, start: int) -> bool:
        """`met de dochter van mevrouw Jansen`, `voor mijn moeder`."""
        before = utterance.norms[max(0, start - 4) : start]
        return any(norm in self._relation for norm in before) and "met" in before[:2]

    def _echoed(
        self, utterances: Sequence[Utterance], callers: Sequence[Utterance], cased: bool, own: frozenset[str]
    ) -> tuple[CallerName, ...]:
        """A name the agent uses with a title and the caller said before, in whatever form."""
        for utterance in utterances:
            if utterance.role != "agent":
                continue
            for start, _, words in self._titled(utterance, cased):
                for caller in callers:
                    if own.issuperset(words) or caller.turn.start_s > utterance.tokens[start].start_s:
                        continue
                    for at, norm in enumerate(caller.norms):
                        if len(norm) > 2 and norm not in self._not_names and norm == words[-1]:
                            return (CallerName(caller, at, at + 1, words),)
        return ()

    # The agent

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
            titled = list(self._titled(utterance, cased))
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

    def _titled(self, utterance: Utterance, cased: bool) -> Iterable[tuple[int, int, tuple[str, ...]]]:
        for at, token in enumerate(utterance.tokens):
            if token.norm not in self.titles or token.after in (".", "?", "!"):
                continue
            if at and utterance.norms[at - 1] in self.titles | {"spreekt"}:
                continue
            read = self.read_name(utterance.tokens, at, cased=cased)
            if read is not None:
                yield at, read[1], read[2]

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
            if any(norm in self._professions for norm in utterance.norms[max(0, at - 3) : at]):
                continue
            if at - 1 in found:
                continue
            found.append(at)
        return found

    def _sameness(self, words: Sequence[str], names: Sequence[CallerName]) -> Literal["yes", "maybe", "no"]:
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
        same: Literal["yes", "maybe", "no"],
    ) -> NameMention:
        return NameMention(utterance, start, end, words, kind, same, self._is_check(utterance, start, end, words))

    def _is_check(self, utterance: Utterance, start: int, end: int, words: Sequence[str]) -> bool:
        """The name is checked, spelled or told to a colleague rather than used."""
        sentence_start, sentence_end = utterance.sentence_of(start)
        letters = [norm for norm in utterance.norms[sentence_start:sentence_end] if len(norm) == 1 and norm != "u"]
        if len(letters) >= 2:
            return True
        if self._finder.find(self._to_colleague, utterance):
            return True
        for template in self._verifies:
            phrase = template.replace("{naam}", words[-1])
            for match in self._finder.find((phrase,), utterance):
                near = match.start < end + 2 and match.end > start - 2
                if match.cost < 0.6 and near and sentence_start <= match.start < sentence_end:
                    return True
        return False
