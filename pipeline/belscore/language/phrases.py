"""Find phrases in tokens, tolerant of wrong, missing and extra words. How they are written: `phrase_notation`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from belscore.errors import RuleError
from belscore.language.alignment import (
    LOST_FIRST_WORD,
    LOST_FUNCTION_WORD,
    LOST_KEY_WORD,
    LOST_NEGATION,
    LOST_WORD,
    Element,
    Heard,
    Need,
    Places,
    align,
    losses_of,
    may_be_heard,
    places_of,
)
from belscore.language.commonness import Commonness
from belscore.language.lexicon import Lexicon
from belscore.language.nearness import WordIndex
from belscore.language.phrase_groups import Group, Inventory, Sieve
from belscore.language.phrase_notation import Place, places_in
from belscore.language.tokens import Passage, Utterance

__all__ = ["Element", "Inventory", "Match", "Phrase", "PhraseFinder", "compile_phrase"]

# What a phrase of so many required words may deviate in all, in hundredths of a word; see `alignment`.
BUDGETS = {1: 0, 2: 0, 3: 35, 4: 60}
LONG_BUDGET = 110
DOUBT_MARGIN = 50
# A phrase of fewer content words does not survive the loss of one.
MIN_CONTENT_WORDS = 3
# A phrase of one word is taken for a similar one only when it is this long.
LONG_WORD_LETTERS = 7


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase; `text` is how it was written.

    needs   : the elements that may not be absent, those likely to be missed first
    budget  : what it may deviate, in hundredths of a word
    missing : how many telling words may be nowhere: those of required places that are no function words; all required
              ones when there is none else
    exact   : similar words do not count
    losses  : what losing so many of the first elements costs
    """

    text: str
    elements: tuple[Element, ...]
    needs: tuple[Need, ...]
    budget: int
    missing: int
    exact: bool
    losses: tuple[int, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "losses", losses_of(self.elements))

    @property
    def words(self) -> frozenset[str]:
        """All words the phrase can be said with."""
        return frozenset(choice.strip("*") for element in self.elements for choice in element.choices)

    def limit(self, *, doubtful: bool) -> int:
        """What a match may deviate in all, in hundredths of a word."""
        return self.budget + (DOUBT_MARGIN if doubtful and len(self.elements) > 1 else 0)

    def anchors(self, common: Commonness, *, doubtful: bool) -> frozenset[str] | None:
        """Words of which at least one is heard wherever the phrase is, as rare as can be; None when it can do without.

        common : how common words are
        """
        limit = self.limit(doubtful=doubtful)
        options = [need.choices for need in self._kept(limit)]
        places = [element for element in self.elements if element.telling and "*" not in element.choices]
        least = min((element.lost for element in places), default=LOST_WORD)
        missing = min(self.missing, limit // least)
        if len(places) > missing:
            rarest = sorted((element.choices for element in places), key=common.of)[: missing + 1]
            options.append(frozenset(word for choices in rarest for word in choices))
        return min(options, key=common.of, default=None)

    def beside(self, word: str, limit: int, common: Commonness) -> frozenset[str] | None:
        """Words of another place than that of `word` of which one is heard wherever the phrase is; None for none such.

        limit  : what a match may deviate in all, in hundredths of a word
        common : how common words are
        """
        others = [need.choices for need in self._kept(limit) if word not in need.choices]
        return min(others, key=common.of, default=None)

    def _kept(self, limit: int) -> list[Need]:
        """The places that cannot be lost without more than the phrase may deviate."""
        needs = [need for need in self.needs if "*" not in need.choices]
        return [need for need in needs if need.lost > limit or (need.telling and self.missing < 1)]


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
    """Read a phrase as it is written in rules. Raises RuleError for an empty one or a stray bracket."""
    places = places_in(text, lexicon)
    required = [place for place in places if not place.optional]
    if not required:
        do = "leave one word without brackets"
        raise RuleError(f"phrase `{text}` has no required word", where=str(lexicon.folder.parent), do=do)
    cost = _Losses(required, lexicon)
    elements = tuple(_element(p.choices, p.optional, p.gap, cost.of(p), cost.telling(p)) for p in places)
    budget = BUDGETS.get(len(required), LONG_BUDGET)
    telling = sum(element.telling for element in elements)
    missing = min((budget + DOUBT_MARGIN) // LOST_WORD, telling - 1)
    exact = len(required) == 1 and len(places[0].choices[0]) < LONG_WORD_LETTERS
    # A reading begins with the first place, unless that may be absent.
    needs = tuple(
        _need(e.choices, e.lost if at else LOST_FIRST_WORD, e.telling)
        for at, e in enumerate(elements)
        if not e.optional
    )
    ordered = tuple(sorted(needs, key=lambda need: (-need.lost, -min(map(len, need.choices)))))
    return Phrase(text, elements, ordered, budget, missing, exact)


# Phrases share these: a rule set has thousands that differ in a word or two.
_element = lru_cache(maxsize=20_000)(Element)


@lru_cache(maxsize=20_000)
def _need(choices: tuple[str, ...], lost: int, telling: bool) -> Need:
    return Need(frozenset(choices), lost, telling)


class _Losses:
    """What may be lost of a phrase: function words, and one word of its content where at least two more are left."""

    def __init__(self, required: Sequence[Place], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._bare = all(map(self._is_function_word, required))
        self._content = sum(lexicon.idle.isdisjoint(place.choices) for place in required)

    def _is_function_word(self, place: Place) -> bool:
        return self._lexicon.function_words.issuperset(place.choices)

    def telling(self, place: Place) -> bool:
        """Required and no function word; any required one where the phrase has nothing but function words."""
        return not place.optional and (self._bare or not self._is_function_word(place))

    def of(self, place: Place) -> int:
        if self._lexicon.negations.issuperset(place.choices):
            return LOST_NEGATION
        if self._is_function_word(place):
            return LOST_FUNCTION_WORD
        carries = self._lexicon.idle.isdisjoint(place.choices) and self._content < MIN_CONTENT_WORDS
        return LOST_KEY_WORD if carries else LOST_WORD


class PhraseFinder:
    """Finds compiled phrases in utterances; keeps the word lists that say what a lost or extra word costs."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._index = WordIndex(lexicon.negating_prefixes)
        self._index.add(("*",))
        self._groups: dict[tuple[str, ...], Group] = {}
        # The same by the identity of the tuple, which the group keeps: hashing a long one takes longer than most finds.
        self._by_identity: dict[int, Group] = {}
        self._inventories: dict[int, Inventory] = {}

    def find(
        self,
        texts: Iterable[str],
        utterance: Utterance,
        *,
        doubtful: bool = False,
        blanks: Mapping[str, str] | None = None,
    ) -> list[Match]:
        """All matches of any of the phrases, best first at each place, in order of place.

        doubtful : also give matches that deviate more than their phrase allows, marked as such
        blanks   : the word that stands for each `{blank}` of the phrases
        """
        group = self._by_identity.get(id(texts))
        if group is None or group.texts is not texts:
            group = self._group(texts)
        heard = utterance.notes.get(self)  # the most frequent call of all: nothing is called that need not be
        if not isinstance(heard, Heard) or heard.size < group.size:
            heard = self._heard(utterance, group.size)
        if blanks:
            heard = heard.with_blanks(blanks)
        sieve = group.wide if doubtful else group.sieve
        if sieve.anchors.isdisjoint(heard.reach):
            return []
        known = heard.found.get(sieve)
        if known is None:
            known = heard.found[sieve] = _matches(sieve, utterance, heard)
            if len(known) > 1:
                known.sort(key=lambda match: (match.start, match.cost, match.start - match.end))
        return known[:]

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

    def _group(self, texts: Iterable[str]) -> Group:
        group = self._by_identity.get(id(texts))
        if group is not None and group.texts is texts:
            return group
        key = tuple(texts)
        group = self._groups.get(key)
        if group is None:
            phrases = [compile_phrase(text, self._lexicon) for text in key]
            group = Group(key, phrases, self._lexicon.common)
            self._groups[key] = self._by_identity[id(key)] = group
            self._index.add(c for phrase in phrases for element in phrase.elements for c in element.choices)
            group.size = self._index.size
        return group

    def inventory(self, lists: Mapping[str, tuple[str, ...]]) -> Inventory:
        """The lists, to be looked through at once by `likely`: the same inventory for the same mapping."""
        known = self._inventories.get(id(lists))
        if known is None or known.lists is not lists:
            known = Inventory(lists, {name: self._group(texts) for name, texts in lists.items()})
            self._inventories[id(lists)] = known
        return known

    def likely(self, inventory: Inventory, utterance: Utterance) -> set[str]:
        """Names of the lists that may have a phrase in the utterance; those of the others have none."""
        heard = self._heard(utterance, inventory.size)
        return set().union(*[inventory.by_anchor[word] for word in inventory.anchors & heard.reach])

    def _heard(self, utterance: Utterance, size: int) -> Heard:
        """The words of the utterance as all phrases see them that were added before the index had this size."""
        heard = utterance.notes.get(self)
        if not isinstance(heard, Heard) or heard.size < size:
            heard = utterance.notes[self] = Heard(utterance, self._index, self._lexicon)
        return heard


def _matches(sieve: Sieve, utterance: Utterance, heard: Heard) -> list[Match]:
    reach = heard.reach
    matches: list[Match] = []
    for phrase, limit in sieve.candidates(reach):
        if not may_be_heard(phrase.needs, reach, limit, phrase.missing):
            continue
        places = places_of(phrase.elements, heard, exact=phrase.exact)
        for start, end, cost in _readings(phrase, places, heard, limit):
            probability = min([token.probability for token in utterance.tokens[start:end]])
            matches.append(Match(phrase, utterance, start, end, cost / LOST_WORD, probability, cost > phrase.budget))
    return matches


def _readings(phrase: Phrase, places: list[Places], heard: Heard, limit: int) -> list[tuple[int, int, int]]:
    """Where the phrase can be read, from left to right without overlap: (start, end, cost)."""
    readings: list[tuple[int, int, int]] = []
    done = 0
    for start in _starts(phrase.elements, places):
        if start < done:
            continue
        found = align(phrase.elements, phrase.losses, places, heard, start, limit)
        if found is not None:
            done, cost = found
            readings.append((start, done, cost))
    return readings


def _starts(elements: Sequence[Element], places: list[Places]) -> list[int]:
    """Tokens a reading can begin with: those of the first element that may not be absent, and of any before it."""
    if not elements[0].optional:
        return [at for at, _ in places[0]]
    starts: set[int] = set()
    for element, found in zip(elements, places, strict=True):
        starts.update(at for at, _ in found)
        if not element.optional:
            break
    return sorted(starts)
