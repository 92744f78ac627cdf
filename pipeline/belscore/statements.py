"""Statements put together from word classes: who, and what of them. Classes and statements are lexicon data.

A statement names its parts, each a class or several (`a|b`), that stand in one sentence in the order written. `unless`
names classes that, in it or close beside it, make it something else. What can be said in too many ways for a list of
phrases is written so: any colleague with any failing, any reproach to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from math import inf
from typing import Any
from weakref import WeakKeyDictionary

from belscore.errors import RuleError
from belscore.language.phrases import Inventory, PhraseFinder
from belscore.language.tokens import Passage, Utterance
from belscore.scorecard import Evidence
from belscore.view import CallView

LEXICON = "uitspraken"
# Own value: between two parts of a Dutch clause stand about so many words, unless the statement says otherwise.
WITHIN = 5
# What makes a statement something else stands in it or at most so many words beside it.
BESIDE = 3
# One word misspelt and no more.
MAX_COST = 0.3
# The class of names of persons, which no list holds: a capital inside a call that writes names with capitals.
NAMED = "naam"

_Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Said(Passage):
    """Tokens start..end (exclusive) of an utterance that make a statement."""

    utterance: Utterance
    start: int
    end: int

    @property
    def probability(self) -> float:
        """The lowest recognition probability of its tokens."""
        return min(token.probability for token in self.utterance.tokens[self.start : self.end])

    @property
    def evidence(self) -> Evidence:
        return quoted(self)


@dataclass(frozen=True, slots=True)
class Statement:
    """parts : choices of classes, in order; within : words between two parts; any_order : in whatever order

    told   : holds in no question: `heeft mijn collega dat niet genoteerd?` only asks
    beside : how far beside it a class of `unless` may stand
    """

    parts: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]
    within: int
    any_order: bool
    told: bool
    beside: int


def quoted(passage: Passage) -> Evidence:
    """The words and time of a phrase or statement."""
    return Evidence(passage.utterance.role, passage.start_s, passage.end_s, passage.quote)


@dataclass(frozen=True, slots=True)
class _Notes:
    """What was found in an utterance: tokens of classes by name, and of statements by groups.

    likely : classes that may stand in it
    """

    likely: set[str]
    spans: dict[str, _Spans] = field(default_factory=dict)
    found: dict[tuple[str, ...], _Spans] = field(default_factory=dict)


class StatementReader:
    """Finds the statements of some groups in the utterances of a call."""

    def __init__(self, view: CallView, groups: Sequence[str]) -> None:
        self._view = view
        self._groups = tuple(groups)

    def find(self, utterance: Utterance) -> list[Said]:
        """All statements in order of place."""
        notes = utterance.notes.get(StatementReader)
        if not isinstance(notes, _Notes):
            inventory = _inventories(self._view).classes
            notes = utterance.notes[StatementReader] = _Notes({NAMED, *self._view.finder.likely(inventory, utterance)})
        if self._groups not in notes.found:
            notes.found[self._groups] = self._look(utterance, notes)
        return [Said(utterance, start, end) for start, end in notes.found[self._groups]]

    def _look(self, utterance: Utterance, notes: _Notes) -> _Spans:
        found: set[tuple[int, int]] = set()
        for statement in _statements(self._view, self._groups).of(notes.likely):
            if self._stands(statement, utterance, notes.spans):
                for low, high in utterance.sentences():
                    found.update(self._holds(statement, utterance, notes.spans, low, high))
        return sorted(found)

    def _stands(self, statement: Statement, utterance: Utterance, spans: dict[str, _Spans]) -> bool:
        """Whether each of its parts stands somewhere in the utterance."""
        for part in statement.parts:
            for name in part:
                if self._spans(name, utterance, spans):
                    break
            else:
                return False
        return True

    def _holds(
        self, statement: Statement, utterance: Utterance, spans: dict[str, _Spans], low: int, high: int
    ) -> Iterator[tuple[int, int]]:
        if statement.told and utterance.tokens[high - 1].after == "?":
            return

        def standing(names: Sequence[str]) -> _Spans:
            return [
                (start, end)
                for name in names
                for start, end in self._spans(name, utterance, spans)
                if low <= start and end <= high
            ]

        for start, end in _joined(statement, [standing(part) for part in statement.parts]):
            near = max(low, start - statement.beside), min(high, end + statement.beside)
            if not any(near[0] <= at and stop <= near[1] for at, stop in standing(statement.unless)):
                yield start, end

    def _spans(self, name: str, utterance: Utterance, known: dict[str, _Spans]) -> _Spans:
        if name not in known:
            if name == NAMED:
                known[name] = _named(self._view, utterance)
            else:
                phrases = self._view.lexicon.list(LEXICON, "classes", name)
                matches = self._view.finder.find(phrases, utterance)
                known[name] = [(match.start, match.end) for match in matches if match.cost <= MAX_COST]
        return known[name]


class _Sieve:
    """Statements by the classes of one part each: the part that is seldom heard."""

    def __init__(self, statements: Sequence[Statement], classes: Inventory) -> None:
        self._statements = statements
        # Numbers of statements, each with the classes of its other parts.
        self._by_class: dict[str, list[tuple[int, tuple[tuple[str, ...], ...]]]] = {}

        def size(part: tuple[str, ...]) -> float:
            return sum(inf if name == NAMED else classes.shares[name] for name in part)

        for number, statement in enumerate(statements):
            rarest, *others = sorted(statement.parts, key=size)
            for name in rarest:
                self._by_class.setdefault(name, []).append((number, tuple(others)))
        self._classes = frozenset(self._by_class)

    def of(self, likely: Set[str]) -> list[Statement]:
        """Those of which every part may be among these classes."""
        found: set[int] = set()
        for name in self._classes.intersection(likely):
            for number, others in self._by_class[name]:
                for part in others:
                    if likely.isdisjoint(part):
                        break
                else:
                    found.add(number)
        return [self._statements[number] for number in found]


@dataclass(frozen=True, slots=True)
class _Inventories:
    """Of a rule set: the classes, and the statements by groups."""

    classes: Inventory
    statements: dict[tuple[str, ...], _Sieve] = field(default_factory=dict)


_INVENTORIES: WeakKeyDictionary[PhraseFinder, _Inventories] = WeakKeyDictionary()


def _inventories(view: CallView) -> _Inventories:
    """Read once for a rule set, and kept as long as its phrase finder."""
    known = _INVENTORIES.get(view.finder)
    if known is None:
        names = view.lexicon.table(LEXICON, "classes")
        classes = view.finder.inventory({name: view.lexicon.list(LEXICON, "classes", name) for name in names})
        known = _INVENTORIES[view.finder] = _Inventories(classes)
    return known


def _statements(view: CallView, groups: tuple[str, ...]) -> _Sieve:
    known = _inventories(view).statements
    if groups not in known:
        tables = view.lexicon.table(LEXICON, "statements")
        statements = [_read(view, each) for group in groups for each in tables[group]]
        known[groups] = _Sieve(statements, _inventories(view).classes)
    return known[groups]


def _read(view: CallView, table: Mapping[str, Any]) -> Statement:
    parts = tuple(tuple(part.split("|")) for part in table["parts"])
    unless = tuple(table.get("unless", ()))
    classes = view.lexicon.table(LEXICON, "classes")
    for name in (*(name for part in parts for name in part), *unless):
        if name not in classes and name != NAMED:
            where = str(view.lexicon.folder / f"{LEXICON}.toml")
            raise RuleError(f"no class `{name}`", where=where, do="add it to [classes]")
    within, beside = int(table.get("within", WITHIN)), int(table.get("beside", BESIDE))
    any_order, told = bool(table.get("any_order", False)), bool(table.get("told", False))
    return Statement(parts, unless, within, any_order, told, beside)


def _joined(statement: Statement, parts: Sequence[_Spans]) -> Iterator[tuple[int, int]]:
    """Where one span of each part stands close enough to the next."""
    if not all(parts):
        return
    orders = [parts, list(reversed(parts))] if statement.any_order else [parts]
    for ordered in orders:
        chains = list(ordered[0])
        for spans in ordered[1:]:
            chains = [(start, stop) for start, end in chains for at, stop in spans if 0 <= at - end <= statement.within]
        yield from chains


def _named(view: CallView, utterance: Utterance) -> _Spans:
    """Names of persons other than the caller and the agent."""
    if not view.cased:
        return []
    known = {word for name in view.caller_names for word in name.words} | view.own_names
    verbs = (view.lexicon.words("vragen", "verbs"), view.lexicon.words(LEXICON, "classes", "vergeetwerk"))
    return [
        (at, at + 1)
        for at, token in enumerate(utterance.tokens)
        if token.capital
        and token.norm not in known
        and token.norm not in view.lexicon.idle
        # The first word of a sentence has its capital anyway: it is a name where a verb follows.
        and (
            utterance.sentence_of(at)[0] != at
            or any(not words.isdisjoint(utterance.norms[at + 1 : at + 2]) for words in verbs)
        )
    ]
