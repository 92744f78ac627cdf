"""The facts of a call with a complaint, line by line, for whoever handles it: who said what, when, and what is open.

Everything said stands in it once, as it was said. Nothing in it judges: no verdict, no score, no rule, and no word on
how anybody felt but their own. What of it is shared is for the practice to choose, see `complaint_choices`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from belscore.call import Call, Role
from belscore.complaint_dates import named_days
from belscore.complaint_names import CallNames, Party, SpokenName
from belscore.complaint_quotes import Mask, Quote, quote_of, trimmed
from belscore.complaint_sorting import Piece, SectionId, Sorter, tells_past
from belscore.complaint_texts import say, texts, written_day
from belscore.errors import BelscoreError
from belscore.redaction.transcript import tokens_of_others
from belscore.roles import MIN_ROLE_CONFIDENCE
from belscore.scorecard import Scorecard, clock
from belscore.terms import Term
from belscore.view import CallView

if TYPE_CHECKING:
    from belscore.rulebook import RuleSet

SECTIONS: tuple[SectionId, ...] = ("call", "told", "answered", "promised", "asked", "open", "other")
# In hexadecimal digits: two lines of a call of a thousand share an id once in two million calls.
ID_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Note:
    """What belongs to a line: the day that is meant by words in it, or the term of a promise.

    text  : with `{}` in it where the words stand
    needs : ids of the lines it was taken from; it is shown only where all of them are
    """

    text: str
    words: Quote
    needs: tuple[str, ...] = ()

    def shown(self, shared: frozenset[str]) -> str:
        return self.text.format(self.words.shown(shared))


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said, or that is known of the call.

    id       : the same as long as section, time, speaker and words are
    number   : its place in the file, from 1
    label    : what kind of thing it is, in Dutch; "" where the section says it all
    start_s  : from the start of the recording; None for what is known of the call as a whole
    who      : who said it, in Dutch, with a mark where that is doubtful; "" with `start_s` None
    doubtful : a word in it was recognised with a low probability, and is marked
    """

    id: str
    number: int
    section: SectionId
    label: str
    start_s: float | None
    who: str
    quote: Quote
    doubtful: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def time(self) -> str:
        return "" if self.start_s is None else clock(self.start_s)


@dataclass(frozen=True, slots=True)
class ComplaintFile:
    """All lines of a call, in the order of SECTIONS and within those of time; `source` names the call, never shared."""

    source: str
    lines: tuple[Line, ...]


def complaint_file(call: Call, card: Scorecard, rules: RuleSet) -> ComplaintFile:
    """The lines of a call in which a complaint is heard.

    card : the call's own, by the same rules

    Raises BelscoreError when no complaint is heard in the call.
    """
    if "klacht" not in card.situations:
        raise BelscoreError("no complaint is heard in this call", where=call.source, do="name a call with a complaint")
    return _Builder(call, card, rules).file()


@dataclass(frozen=True, slots=True)
class _Fact:
    """What is known of the call as a whole; `key` names its label."""

    key: str
    text: str

    @property
    def id(self) -> str:
        return _id("call", "", self.key, self.text)


class _Builder:
    """Makes the lines of one call."""

    def __init__(self, call: Call, card: Scorecard, rules: RuleSet) -> None:
        self._call = call
        self._view = CallView(call, rules.knowledge)
        self._names = CallNames(self._view)
        self._others = tokens_of_others(call)
        self._pieces = Sorter(self._view, card, rules).pieces()
        self._facts = list(self._known())
        self._fact_ids = {fact.key: fact.id for fact in self._facts}
        self._ids = _unique([self._id_of(piece) for piece in self._pieces])

    def file(self) -> ComplaintFile:
        lines = [*self._fact_lines(), *(self._line(at) for at in range(len(self._pieces)))]
        lines.sort(key=lambda line: (SECTIONS.index(line.section), -1.0 if line.start_s is None else line.start_s))
        return ComplaintFile(self._call.source, tuple(_numbered(lines)))

    # What is known of the call

    def _known(self) -> Iterator[_Fact]:
        call = self._call
        if call.started_at is not None:
            day, time = written_day(call.started_at.date()), call.started_at.strftime("%H.%M")
            yield _Fact("started", say("started").format(day, time))
        yield _Fact("duration", say("duration").format(clock(call.duration_s)))
        yield _Fact("direction", say(call.direction))
        for key, text in (("practice", call.practice), ("department", call.department)):
            if text:
                yield _Fact(key, text)
        names: tuple[tuple[Party, SpokenName | None], ...] = (
            ("agent", self._names.agent),
            ("caller", self._names.caller),
        )
        for party, name in names:
            if name is not None:
                yield _Fact(party, name.text)

    def _fact_lines(self) -> Iterator[Line]:
        for fact in self._facts:
            masks = [
                Mask(start, end, self._fact_ids.get(party, ""))
                for party in _PARTIES
                if fact.key in ("practice", "department")
                for start, end in self._names.in_text(fact.text, party)
            ]
            yield Line(fact.id, 0, "call", say(fact.key, "labels"), None, "", Quote(fact.text, tuple(masks)))

    # What was said

    def _line(self, at: int) -> Line:
        piece = self._pieces[at]
        quote = self._quote(piece, piece.start, piece.end)
        return Line(
            id=self._ids[at],
            number=0,
            section=piece.section,
            label=say(piece.label, "labels") if piece.label else "",
            start_s=piece.utterance.tokens[piece.start].start_s,
            who=self._who(piece.utterance.role),
            quote=quote,
            doubtful=say("doubt_mark") in quote.text,
            notes=(*self._term(at), *self._days(piece)),
        )

    def _quote(self, piece: Piece, start: int, end: int) -> Quote:
        hidden: dict[str, frozenset[int]] = {}
        for party in _PARTIES:
            needs = self._fact_ids.get(party, "")
            hidden[needs] = hidden.get(needs, frozenset()) | self._names.tokens(piece.utterance, party)
        parties = frozenset().union(*hidden.values())
        for placeholder, tokens in self._others.get(piece.utterance.index, {}).items():
            hidden[placeholder] = tokens - parties
        return quote_of(piece.utterance, start, end, hidden, self._view.lexicon.contractions)

    def _who(self, role: Role) -> str:
        sure = self._call.role_confidence >= MIN_ROLE_CONFIDENCE
        return say(role, "who") if sure else f"{say(role, 'who')} {say('doubt_mark')}"

    def _id_of(self, piece: Piece) -> str:
        start_s = piece.utterance.tokens[piece.start].start_s
        words = self._quote(piece, piece.start, piece.end).text
        return _id(piece.section, f"{start_s:.2f}", piece.utterance.role, words)

    def _term(self, at: int) -> Iterator[Note]:
        """The terms of a promise; said elsewhere, they are shown only where those words are shared too."""
        said = [(term, place) for term in self._pieces[at].terms for place in self._places(term)]
        for term, place in said:
            other = self._pieces[place]
            words = trimmed(self._quote(other, term.start, term.end))
            if other.agreed_at is not None:  # that one of several was taken is in the words that take it
                taken = [self._ids[i] for i, each in enumerate(self._pieces) if each.utterance.index == other.agreed_at]
                yield Note(say("agreed"), words, tuple(taken))
            elif place == at:
                yield Note(say("term"), words)
            else:
                time = clock(other.utterance.tokens[term.start].start_s)
                yield Note(say("term_at").format(time, "{}"), words, (self._ids[place],))

    def _places(self, term: Term) -> list[int]:
        """Which pieces hold the words of a term: one, or none when they run on from one into the next."""
        return [
            place
            for place, piece in enumerate(self._pieces)
            if piece.utterance is term.utterance and piece.start <= term.start and term.end <= piece.end
        ]

    def _days(self, piece: Piece) -> Iterator[Note]:
        """The days that are named; they tell when the call was, so they need the line that does."""
        utterance, start, end = piece.utterance, piece.start, piece.end
        past = tells_past(self._view, utterance, start, end)
        for day in named_days(self._view, utterance, start, end, past=past):
            words = trimmed(self._quote(piece, day.start, day.end))
            yield Note(say("resolved").format("{}", day.text), words, (self._fact_ids["started"],))


_PARTIES: tuple[Party, ...] = ("agent", "caller")


def section_title(section: SectionId) -> str:
    return str(texts()["sections"][section])


def _numbered(lines: Sequence[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines, start=1):
        yield replace(line, number=number)


def _id(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:ID_DIGITS]


def _unique(ids: Sequence[str]) -> list[str]:
    """Ids in their order; of the same words at the same time by the same speaker the second gets one of its own."""
    known: set[str] = set()
    found: list[str] = []
    for each in ids:
        while each in known:
            each = _id(each)
        known.add(each)
        found.append(each)
    return found
