"""Read a phrase in the words of an utterance: the way that deviates least.

Costs are whole hundredths of a word, so that their sums are exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from belscore.language.lexicon import Lexicon
from belscore.language.nearness import FUZZY_WORD, WordIndex, cost_of
from belscore.language.tokens import Utterance, stops_of

# What a deviation costs. Own values, set so that a phrase of five words survives one wrong word and one of three only a
# misspelt one; checked by the examples of the rules and by bench/dialogues.py.
EXTRA_WORD = 60
EXTRA_NEGATION = 300
LOST_FUNCTION_WORD = 50
LOST_WORD = 100
# More than any phrase may deviate, but not more than a doubtful match may: a word that carries the phrase.
LOST_KEY_WORD = 120
LOST_NEGATION = EXTRA_NEGATION
# More than any match may deviate: a reading begins with the first word of its phrase.
LOST_FIRST_WORD = 1000
# A phrase does not go on in the next sentence, unless nothing but interjections stands in front: "Ja. Dat begrijp ik."
EXTRA_SENTENCE_END = EXTRA_NEGATION
EXTRA_SENTENCE_END_IN_GAP = EXTRA_WORD

# Where a phrase word can be read: (token, cost), in order of token.
Places = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a phrase: its choices, whether it may be absent, and how many words may stand before it.

    lost    : what it costs when it is not there
    telling : its loss counts against the phrase's allowance of telling words
    """

    choices: tuple[str, ...]
    optional: bool
    gap: int
    lost: int
    telling: bool


class Heard:
    """The words of an utterance as phrases see them: what only few phrases come to ask is worked out when one does.

    reach : all phrase words that can be read in it
    size  : of the index when this was made
    found : what was looked for in it before, by who looks

    `skips`, `denials`, `stops` and `content` have one more than there are tokens, each of all tokens before one.
    """

    def __init__(self, utterance: Utterance, index: WordIndex, lexicon: Lexicon) -> None:
        # Not the utterance itself, whose notes keep this: what refers to itself stays until the collector finds it.
        self._norms, self._tokens, self._ends = utterance.norms, utterance.tokens, utterance.ends
        self._lexicon = lexicon
        self._readings = index.read_all(utterance.norms)
        self.reach: frozenset[str] = frozenset().union(*[reading.words for reading in self._readings])
        self.size = index.size
        self.found: dict[object, list[Any]] = {}
        self._with_blanks: dict[tuple[tuple[str, str], ...], Heard] = {}

    @cached_property
    def places(self) -> dict[str, list[tuple[int, int]]]:
        """Phrase word -> where it can be read."""
        places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for at, reading in enumerate(self._readings):
            exact, similar = (at, 0), (at, FUZZY_WORD)
            for word, cost in reading.near:
                places[word].append(similar if cost else exact)
        return places

    @cached_property
    def skips(self) -> tuple[int, ...]:
        """What skipping them costs."""
        fillers, negations = self._lexicon.fillers, self._lexicon.negations
        steps = [0 if n in fillers else EXTRA_NEGATION if n in negations else EXTRA_WORD for n in self._norms]
        return (0, *accumulate(steps))

    @cached_property
    def denials(self) -> tuple[int, ...]:
        """How many are negations."""
        negations = self._lexicon.negations
        return (0, *accumulate([norm in negations for norm in self._norms]))

    @cached_property
    def stops(self) -> tuple[int, ...]:
        """How many end a sentence; 0 where a recogniser put the marks."""
        return (0, *accumulate(stops_of(self._tokens, self._ends)))

    @cached_property
    def content(self) -> tuple[int, ...]:
        """How many are no interjections."""
        interjections = self._lexicon.interjections
        return (0, *accumulate([norm not in interjections for norm in self._norms]))

    def with_blanks(self, blanks: Mapping[str, str]) -> Heard:
        """The same with the places of the words that stand for the blanks of phrases."""
        key = tuple(blanks.items())
        known = self._with_blanks.get(key)
        if known is not None:
            return known
        places: dict[str, list[tuple[int, int]]] = {}
        for blank, word in blanks.items():
            costs = ((at, cost_of(word, norm)) for at, norm in enumerate(self._norms))
            if found := [(at, cost) for at, cost in costs if cost is not None]:
                places[blank] = found
        if not places:
            return self
        more = self._with_blanks[key] = copy(self)
        more.found, more._with_blanks = {}, {}
        more.places = {**self.places, **places}
        more.reach = self.reach.union(places)
        return more


class Need(NamedTuple):
    """A place of a phrase that may not be absent: its choices, what its loss costs, and whether it is telling."""

    choices: frozenset[str]
    lost: int
    telling: bool


def may_be_heard(needs: Iterable[Need], reach: frozenset[str], limit: int, missing: int) -> bool:
    """Whether not too much of the phrase is nowhere in the utterance; `missing` of the telling places may be.

    reach : all phrase words that can be read in the utterance
    """
    for choices, lost, telling in needs:
        if choices.isdisjoint(reach):
            limit -= lost
            missing -= telling
            if limit < 0 or missing < 0:
                return False
    return True


def places_of(elements: Iterable[Element], heard: Heard, *, exact: bool) -> list[Places]:
    """Where each element can be read; `exact` leaves out similar words."""
    known = heard.places
    found: list[Places] = []
    for element in elements:
        if len(element.choices) == 1:
            places: Places = known.get(element.choices[0], ())
        else:
            places = _merged([known[choice] for choice in element.choices if choice in known])
        found.append([place for place in places if not place[1]] if exact else places)
    return found


def _merged(rows: list[list[tuple[int, int]]]) -> Places:
    """The places of several choices, the cheapest of each token."""
    if len(rows) < 2:
        return rows[0] if rows else ()
    best: dict[int, int] = {}
    for row in rows:
        for at, cost in row:
            best[at] = min(cost, best.get(at, cost))
    return sorted(best.items())


def losses_of(elements: Iterable[Element]) -> tuple[int, ...]:
    """For each number of elements what losing so many of the first ones costs."""
    return (0, *accumulate(0 if element.optional else element.lost for element in elements))


def align(
    elements: Sequence[Element],
    lost: Sequence[int],
    places: Sequence[Places],
    heard: Heard,
    start: int,
    limit: int,
) -> tuple[int, int] | None:
    """The best reading that begins with the word at token `start`: (end, cost), or None over the limit.

    lost : what losing all elements before each costs, as `losses_of` gives it

    The first element that may not be absent is never lost, nor is a word skipped before one was read.
    """
    ways: list[tuple[int, int, int]] = []  # last element read, its token, the cost so far
    opening = True
    for at, element in enumerate(elements):
        if not opening:  # what is over the limit with what it has lost by now stays so
            ways = [way for way in ways if way[2] + lost[at] - lost[way[0] + 1] <= limit]
            if not ways:
                return None
        reached: list[tuple[int, int, int]] = []
        for token, cost in places[at]:
            if token <= start:
                if opening and token == start:
                    reached.append((at, token, cost))
                continue
            over = limit - cost + 1
            least = over
            for last, end, spent in ways:
                total = spent + lost[at] - lost[last + 1]
                if end < token and total < least:
                    total += _between(elements, last, at, heard, start, end, token)
                    least = min(least, total)
            if least < over:
                reached.append((at, token, cost + least))
        ways += reached
        opening = opening and element.optional
    ends = [(spent + lost[-1] - lost[last + 1], token + 1) for last, token, spent in ways]
    best = min(ends, default=None)
    return None if best is None or best[0] > limit else (best[1], best[0])


def _between(elements: Sequence[Element], last: int, at: int, heard: Heard, start: int, end: int, token: int) -> int:
    """What stands between two tokens that were read costs, less the words that a gap there allows.

    last, at : the elements read at `end` and at `token`
    """
    gap = elements[at].gap if at == last + 1 else max([element.gap for element in elements[last + 1 : at + 1]])
    cost = 0
    if token > end + 1 + gap:
        skips = heard.skips
        cost = skips[token] - skips[end + 1 + gap]
    if gap and token > end + 1:
        denials = heard.denials
        cost += EXTRA_NEGATION * (denials[min(end + 1 + gap, token)] - denials[end + 1])
    stops = heard.stops
    if stops[token] > stops[end] and heard.content[token] > heard.content[start]:
        cost += EXTRA_SENTENCE_END_IN_GAP if gap else EXTRA_SENTENCE_END
    return cost
