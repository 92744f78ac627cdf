"""Find phrases in tokens, tolerant of wrong, missing and extra words.

A phrase is written as words. `a/b` is a choice at one place, each word of `(a b)` may be left out, `...` allows up to
GAP other words, `word*` matches any word that starts so, `*` any word at all. That is all: whatever needs more is a
check kind, not a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from belscore.errors import RuleError
from belscore.language.lexicon import Lexicon
from belscore.language.nearness import WordIndex, word_cost
from belscore.language.tokens import Passage, Utterance, plain_norms

GAP = 5
# What a deviation costs, in words. Own values, set so that a phrase of five words survives one wrong word and one of
# three only a misspelt one; checked by the examples of the rules and by bench/dialogues.py.
EXTRA_WORD = 0.6
EXTRA_NEGATION = 3.0
LOST_FUNCTION_WORD = 0.5
LOST_WORD = 1.0
BUDGETS = {1: 0.0, 2: 0.0, 3: 0.35, 4: 0.6}
LONG_BUDGET = 1.1
DOUBT_MARGIN = 0.5


_PART = re.compile(r"\([^()]*\)|\S+")


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a phrase: its choices, whether it may be absent, and how many words may stand before it."""

    choices: tuple[str, ...]
    optional: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase; `text` is how it was written.

    telling : choices of the required places that are no function words; of all required ones when there is none else
    """

    text: str
    elements: tuple[Element, ...]
    budget: float
    telling: tuple[frozenset[str], ...]

    @property
    def words(self) -> frozenset[str]:
        """All words the phrase can be said with."""
        return frozenset(choice.rstrip("*") for element in self.elements for choice in element.choices)

    def may_occur(self, reach: frozenset[str]) -> bool:
        """Cheap sieve: enough of the telling words are within reach."""
        missing = sum(choices.isdisjoint(reach) for choices in self.telling if "*" not in choices)
        return missing < len(self.telling) and missing * LOST_WORD <= self.budget + DOUBT_MARGIN


@dataclass(frozen=True, slots=True)
class Match(Passage):
    """Where a phrase was found: tokens start..end (exclusive) of an utterance.

    cost        : 0.0 for the very words; the deviation in words otherwise
    probability : lowest recognition probability of the matched tokens
    doubtful    : found only with more deviation than the phrase allows
    """

    phrase: Phrase
    utterance: Utterance
    start: int
    end: int
    cost: float
    probability: float
    doubtful: bool


def compile_phrase(text: str, lexicon: Lexicon) -> Phrase:
    """Read a phrase in the notation of the module. Raises RuleError for an empty one or a stray bracket."""
    elements: list[Element] = []
    gap = 0
    for part in _PART.findall(text):
        if part == "...":
            gap = GAP
            continue
        optional = part.startswith("(") and part.endswith(")")
        for bare in (part[1:-1] if optional else part).split():
            if "(" in bare or ")" in bare or not bare.strip("/"):
                do = "write `(word)` for words that may be absent and `a/b` for a choice"
                raise RuleError(f"`{bare}` in phrase `{text}`", where=str(lexicon.folder.parent), do=do)
            elements.extend(_elements(bare, optional, gap, lexicon))
            gap = 0
    required = sum(not element.optional for element in elements)
    if not required:
        do = "leave one word without brackets"
        raise RuleError(f"phrase `{text}` has no required word", where=str(lexicon.folder.parent), do=do)
    places = [frozenset(element.choices) for element in elements if not element.optional]
    telling = tuple(place for place in places if not place <= lexicon.function_words) or tuple(places)
    return Phrase(text, tuple(elements), BUDGETS.get(required, LONG_BUDGET), telling)


def _elements(bare: str, optional: bool, gap: int, lexicon: Lexicon) -> list[Element]:
    if bare == "*":
        return [Element((bare,), optional, gap)]
    norms = [(choice, plain_norms(choice.rstrip("*"), lexicon.contractions)) for choice in bare.split("/")]
    if len(norms) == 1 and len(norms[0][1]) > 1:  # a contraction that stands for several words
        return [Element((norm,), optional, gap if at == 0 else 0) for at, norm in enumerate(norms[0][1])]
    choices = tuple(forms[0] + ("*" if choice.endswith("*") else "") for choice, forms in norms if forms)
    return [Element(choices, optional, gap)]


class PhraseFinder:
    """Finds compiled phrases in utterances; keeps the word lists that say what a lost or extra word costs."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._groups: dict[tuple[str, ...], tuple[tuple[Phrase, ...], WordIndex]] = {}

    def _group(self, texts: tuple[str, ...]) -> tuple[tuple[Phrase, ...], WordIndex]:
        """Phrases in the order given and the index of their telling words, made once for each group."""
        group = self._groups.get(texts)
        if group is None:
            phrases = tuple(compile_phrase(text, self._lexicon) for text in texts)
            index = WordIndex(word for phrase in phrases for choices in phrase.telling for word in choices)
            group = self._groups[texts] = (phrases, index)
        return group

    def find(self, texts: Iterable[str], utterance: Utterance, *, doubtful: bool = False) -> list[Match]:
        """All matches of any of the phrases, best first at each place, in order of place.

        doubtful : also give matches that deviate more than their phrase allows, marked as such
        """
        phrases, index = self._group(tuple(texts))
        norms = utterance.norms
        reach = index.reach(norms)
        matches = [
            match
            for phrase in phrases
            if phrase.may_occur(reach)
            for match in self._find_phrase(phrase, utterance, norms, doubtful)
        ]
        return sorted(matches, key=lambda match: (match.start, match.cost, match.start - match.end))

    def first(self, texts: Iterable[str], utterances: Iterable[Utterance], *, doubtful: bool = False) -> Match | None:
        """The first match in the utterances; a sure one goes before a doubtful one of the same utterance."""
        wanted = tuple(texts)
        for utterance in utterances:
            found = self.find(wanted, utterance, doubtful=doubtful)
            if found:
                return min(found, key=lambda match: match.doubtful)
        return None

    def any(self, texts: Iterable[str], utterance: Utterance) -> bool:
        return bool(self.find(texts, utterance))

    def _find_phrase(self, phrase: Phrase, utterance: Utterance, norms: Sequence[str], doubtful: bool) -> list[Match]:
        limit = phrase.budget + (DOUBT_MARGIN if doubtful and len(phrase.elements) > 1 else 0.0)
        matches: list[Match] = []
        start = 0
        while start < len(norms):
            best = self._match_from(phrase, norms, start, limit)
            if best is None:
                start += 1
                continue
            end, cost = best
            probability = min(token.probability for token in utterance.tokens[start:end])
            matches.append(Match(phrase, utterance, start, end, cost, probability, cost > phrase.budget))
            start = end
        return matches

    def _match_from(self, phrase: Phrase, norms: Sequence[str], start: int, limit: float) -> tuple[int, float] | None:
        """Best way to read the phrase from token `start` on: (end, cost), or None over the limit."""
        elements = phrase.elements
        fuzzy = sum(not element.optional for element in elements) > 1 or len(elements[0].choices[0]) >= 7
        memo: dict[tuple[int, int, int], tuple[float, int] | None] = {}

        def walk(at: int, token: int, gap: int) -> tuple[float, int] | None:
            if at == len(elements):
                return 0.0, token
            key = (at, token, gap)
            if key in memo:
                return memo[key]
            memo[key] = None
            element = elements[at]
            room = max(gap, element.gap if gap < 0 else 0)
            options: list[tuple[float, int]] = []
            if token < len(norms):
                cost = min(
                    (c for choice in element.choices if (c := word_cost(choice, norms[token], fuzzy)) is not None),
                    default=None,
                )
                if cost is not None and (rest := walk(at + 1, token + 1, -1)) is not None:
                    options.append((cost + rest[0], rest[1]))
                if at > 0 and (step := self._skip_cost(norms[token], room)) is not None:
                    rest = walk(at, token + 1, max(0, room - 1))
                    if rest is not None:
                        options.append((step + rest[0], rest[1]))
            lost = 0.0 if element.optional else self._lost_cost(element)
            if (at > 0 or element.optional) and lost <= limit and (rest := walk(at + 1, token, gap)) is not None:
                options.append((lost + rest[0], rest[1]))
            best = min(options, default=None)
            memo[key] = best if best is not None and best[0] <= limit else None
            return memo[key]

        found = walk(0, start, -1)
        if found is None or found[1] <= start:
            return None
        return found[1], round(found[0], 3)

    def _skip_cost(self, norm: str, room: int) -> float | None:
        if room > 0 or norm in self._lexicon.fillers:
            return 0.0
        return EXTRA_NEGATION if norm in self._lexicon.negations else EXTRA_WORD

    def _lost_cost(self, element: Element) -> float:
        function_word = all(choice in self._lexicon.function_words for choice in element.choices)
        return LOST_FUNCTION_WORD if function_word else LOST_WORD
