"""Into which section of a complaint file each sentence of a call belongs: by what it is, never by how well it was said.

Every word stands in one sentence and every sentence in one section; what nothing here knows is "other".
Inventory: `rules/lexicon/klachtdossier.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from belscore.asking import Question, is_participle
from belscore.content import content_words, shared
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.roles import MIN_ROLE_CONFIDENCE
from belscore.rule_complaint import AnswersRequest
from belscore.rulebook import RuleSet
from belscore.scorecard import Scorecard
from belscore.solutions import Solution, find_solutions
from belscore.statements import MAX_COST
from belscore.summary import MIN_SHARED_WORDS, Summary, first_account
from belscore.terms import Term
from belscore.view import MAX_DOUBTFUL_SHARE, MIN_PROBABILITY, CallView

LEXICON = "klachtdossier"
# A sentence of fewer words tells nothing by itself.
MIN_TOLD_TOKENS = 3
# A stretch of more words without a full stop tells more than it asks.
MAX_ASKING_TOKENS = 25
# A ledger entry starts where its words do; times are kept to some decimals.
SAME_TIME_S = 0.01

SectionId = Literal["call", "told", "answered", "promised", "asked", "open", "other"]
Label = Literal["", "appointment", "offered", "formal", "no_term", "unanswered", "unclear"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens start..end (exclusive) of an utterance: a sentence with the interjections in front of it.

    terms     : what binds a promise, and where that was said; none where nothing is promised, or by no day or time
    agreed_at : of moments offered for an appointment the index of the utterance that takes one, which `terms` is then
    """

    utterance: Utterance
    start: int
    end: int
    section: SectionId = "other"
    label: Label = ""
    terms: tuple[Term, ...] = ()
    agreed_at: int | None = None


class Sorter:
    """Sorts the sentences of one call."""

    def __init__(self, view: CallView, card: Scorecard, rules: RuleSet) -> None:
        self._view = view
        self._card = card
        self._checks = [rule.check for rule in rules.rules if isinstance(rule.check, AnswersRequest)]
        self._asking = view.asking
        self._terms = view.terms

    def pieces(self) -> list[Piece]:
        """All that was said, in order. Who said what must be sure for more than "other"."""
        spoken = [
            Piece(utterance, start, end)
            for utterance in self._view.utterances
            for start, end in _sentences(self._view, utterance)
        ]
        if self._view.call.role_confidence < MIN_ROLE_CONFIDENCE:
            return spoken
        return [self._sorted(piece) for piece in spoken]

    def _sorted(self, piece: Piece) -> Piece:
        utterance, start, end = piece.utterance, piece.start, piece.end

        def put(section: SectionId, label: Label = "", terms: tuple[Term, ...] = ()) -> Piece:
            return Piece(utterance, start, end, section, label, terms)

        tokens = utterance.tokens[start:end]
        if sum(token.probability < MIN_PROBABILITY for token in tokens) > MAX_DOUBTFUL_SHARE * len(tokens):
            return put("open", "unclear")
        if utterance.role == "caller":
            return put(*self._of_caller(utterance, start, end))
        if utterance.role not in ("agent", "colleague"):
            return piece
        sorted_piece = put(*self._of_practice(utterance, start, end))
        return self._with_appointment(sorted_piece)

    # The caller

    def _of_caller(self, utterance: Utterance, start: int, end: int) -> tuple[SectionId, Label]:
        stretch = part(utterance, start, end)
        if self._is_formal(stretch):
            return "asked", "formal"
        if end - start <= MAX_ASKING_TOKENS:
            if self._asks(utterance, start, end):
                return ("open", "unanswered") if self._unanswered(utterance) else ("asked", "")
            if self._says("wish", stretch) and not self._says("wish", stretch, "not"):
                return "asked", ""
        cue = any(
            match.utterance.index == utterance.index and start <= match.start and match.end <= end
            for match in self._view.situations.complaint
        )
        tells = end - start >= MIN_TOLD_TOKENS and self._is_past(utterance, start, end)
        return ("told" if cue or tells else "other"), ""

    def _is_formal(self, stretch: Utterance) -> bool:
        """The caller asks how to hand in a complaint, in words of the rule about that."""
        return any(
            match.cost <= MAX_COST for check in self._checks for match in self._view.finder.find(check.asked, stretch)
        )

    def _unanswered(self, utterance: Utterance) -> bool:
        """Nobody of the practice says a word after it, or the next words of theirs decline to say."""
        replies = [
            u
            for u in self._view.utterances
            if u.role in ("agent", "colleague") and u.tokens and u.turn.end_s > utterance.turn.end_s
        ]
        if not replies:
            return True
        reply = replies[0]
        declines = self._view.lexicon.list(LEXICON, "declines")
        refused = [match for match in self._view.finder.find(declines, reply) if match.cost <= MAX_COST]
        turned = self._view.lexicon.words("termijnen", "refused", "turns")
        sure = all(token.probability >= MIN_PROBABILITY for token in reply.tokens)
        return bool(refused) and sure and turned.isdisjoint(reply.norms[refused[-1].end :])

    # The practice

    def _of_practice(self, utterance: Utterance, start: int, end: int) -> tuple[SectionId, Label, tuple[Term, ...]]:
        promise = self._promise(utterance, start, end)
        if promise is not None:
            term = self._terms.term_of(promise)
            terms = self._terms_in(utterance, start, end) or ((term,) if term.kind == "hard" else ())
            return ("promised", "", terms) if terms else ("open", "no_term", ())
        if self._is_account(utterance, start, end):
            return "answered", "", ()
        if self._asks(utterance, start, end) or self._offers_moments(utterance, start, end):
            return "other", "", ()
        undertaken = [each for each in self._solutions if self._lies_in(each, utterance, start, end)]
        stretch = part(utterance, start, end)
        if undertaken and (terms := self._terms_in(utterance, start, end)):
            return "promised", "", terms
        past, courtesy = self._is_past(utterance, start, end), self._says("courtesy", stretch)
        if any(self._by_speaker(each) for each in undertaken) and not (past or courtesy):
            return ("other", "", ()) if self._is_no_promise(stretch) else ("open", "no_term", ())
        said = past or self._says("about", stretch) or self._answers(utterance, start, end)
        told = said and not courtesy and end - start >= MIN_TOLD_TOKENS
        return ("answered" if told else "other"), "", ()

    def _terms_in(self, utterance: Utterance, start: int, end: int) -> tuple[Term, ...]:
        """All days and times in the piece that can bind a promise, with the `voor` or `na` in front of them."""
        clock = self._view.lexicon.table("waarden", "clock")
        bounds = frozenset((*clock["bounds"], *clock["before_clock"]))
        joins = ((clock["and"],), (clock["or"],))
        found: list[Term] = []
        at = start
        while (term := self._terms.hard_in(utterance, at, end)) is not None:
            low = term.start
            while low > at and utterance.norms[low - 1] in bounds:
                low -= 1
            high = max(
                (each.end for each in self._view.moments(utterance) if each.start <= term.start < each.end),
                default=term.end,
            )
            at = min(max(high, term.end), end)
            joined = found and (low == found[-1].end or utterance.norms[found[-1].end : low] in joins)
            if joined:  # "tussen zes en zeven"
                found[-1] = replace(found[-1], end=at)
            else:
                found.append(replace(term, start=low, end=at))
        return tuple(found)

    def _is_no_promise(self, stretch: Utterance) -> bool:
        """`als het weer gebeurt, meld ik het`, a transfer now, and what the agent does to end the call."""
        transfers = {match.utterance.index for match in self._view.situations.transfers}
        if stretch.index in transfers:
            return True
        conditions = self._view.lexicon.words(LEXICON, "conditions")
        hangs_up = self._view.lexicon.list("einde", "agent_hangs_up")
        return not conditions.isdisjoint(stretch.norms) or self._view.finder.any(hangs_up, stretch)

    def _promise(self, utterance: Utterance, start: int, end: int) -> Match | None:
        """A promise of the ledger in the piece; its entry names the first of its turn, the others are as good.

        A bare `ja` while the caller speaks promises nothing.
        """
        turns = [
            promise.utterance.index
            for promise in self._view.situations.promises
            for entry in self._card.ledger
            if entry.kind == "promise" and abs(entry.start_s - promise.start_s) <= SAME_TIME_S
        ]
        if utterance.index not in turns or self._listens(utterance):
            return None
        found = [
            promise
            for promise in self._view.situations.promises
            if promise.utterance.index == utterance.index and start <= promise.start < end
            if not any(each.start <= promise.start < each.end for each in self._questions(utterance, start, end))
        ]
        return found[0] if found else None

    def _with_appointment(self, piece: Piece) -> Piece:
        """The piece that names the moment of the ledger's appointment, alone or among others to choose from."""
        appointment, utterance = self._view.situations.appointment, piece.utterance
        if appointment is None or not any(entry.kind == "appointment" for entry in self._card.ledger):
            return piece
        moment = appointment.moment
        if moment.utterance.index != utterance.index or not piece.start <= moment.start < piece.end:
            return piece
        named = [each for each in self._view.moments(utterance) if piece.start <= each.start < piece.end]
        if len(named) == 1 and not self._asks(utterance, piece.start, piece.end):
            return piece if piece.terms else replace(piece, section="promised", label="appointment")
        taken = (Term("hard", utterance, moment.start, min(moment.end, piece.end)),)
        return replace(piece, section="promised", label="offered", terms=taken, agreed_at=appointment.agreed_at)

    def _offers_moments(self, utterance: Utterance, start: int, end: int) -> bool:
        """Moments to choose from: none of them is promised yet."""
        appointment = self._view.situations.appointment
        offered = appointment.offered if appointment is not None else ()
        return any(each.utterance.index == utterance.index and start <= each.start < end for each in offered)

    def _listens(self, utterance: Utterance) -> bool:
        """A listening signal while the caller speaks."""
        span = utterance.turn.span
        return utterance.index in self._view.hums and any(u.turn.span.overlap_s(span) for u in self._view.of("caller"))

    def _lies_in(self, solution: Solution, utterance: Utterance, start: int, end: int) -> bool:
        """The practice says there what will be done; looking something up during the call is none of that."""
        return solution.firm and solution.utterance.index == utterance.index and start <= solution.start < end

    def _by_speaker(self, solution: Solution) -> bool:
        """`ik geef het door`: the speaker does it, and was not to have done it (`zouden wij bellen`)."""
        norms = solution.utterance.norms
        past = self._view.lexicon.words("oplossing", "past")
        speakers = self._view.lexicon.words("oplossing", "speakers")
        first, last = solution.utterance.sentence_of(solution.start)
        low = max(first, solution.start - 1)
        beside = norms[low : min(last, solution.end + 1)]
        does = self._view.lexicon.words(LEXICON, "no_promise").isdisjoint(norms[solution.start : solution.end])
        return does and past.isdisjoint(norms[low : solution.start]) and not speakers.isdisjoint(beside)

    def _is_account(self, utterance: Utterance, start: int, end: int) -> bool:
        """The piece tells the caller's story again: of the turn that does so, a sentence in words of that story."""
        account = self._account
        if account is None or account.utterance.index != utterance.index or account.start >= end:
            return False
        story = content_words(self._view, [u for u in self._view.of("caller") if u.index < utterance.index])
        names = {word for name in self._view.caller_names for word in name.words}
        told = content_words(self._view, [part(utterance, start, end)]) - names
        return not self._asks(utterance, start, end) and shared(told, story) >= MIN_SHARED_WORDS

    def _answers(self, utterance: Utterance, start: int, end: int) -> bool:
        """The turn follows a turn of the caller that ends in a question, listening signals between them or none.

        Not the sentence in it that says goodbye.
        """
        wishes = frozenset(self._view.lexicon.table("waarden", "days")["wishes"])
        names = {word for name in self._view.caller_names for word in name.words}
        told = content_words(self._view, [part(utterance, start, end)]) - names
        if not told or not wishes.isdisjoint(utterance.norms[start:end]):
            return False
        before = [
            u
            for u in self._view.utterances[: utterance.index]
            if u.tokens and (u.role != utterance.role or u.index not in self._view.hums)
        ]
        if not before or before[-1].role != "caller":
            return False
        asked = self._asking.questions(before[-1])
        return bool(asked) and asked[-1].end == len(before[-1].tokens)

    @cached_property
    def _account(self) -> Summary | None:
        callers = self._view.spoken("caller")
        return first_account(self._view, callers[0].turn.start_s) if callers else None

    # Either

    def _says(self, key: str, stretch: Utterance, name: str = "words") -> bool:
        """A phrase of a list stands there just as it is written."""
        phrases = self._view.lexicon.list(LEXICON, key, name)
        return any(match.cost == 0 for match in self._view.finder.find(phrases, stretch))

    def _asks(self, utterance: Utterance, start: int, end: int) -> bool:
        return bool(self._questions(utterance, start, end))

    def _questions(self, utterance: Utterance, start: int, end: int) -> list[Question]:
        """Questions with their mark; where nobody put marks, those with which the piece begins."""
        written = self._view.punctuated and not self._view.recognised
        leads = self._view.lexicon.words("vragen", "leads")
        return [
            question
            for question in self._asking.questions(utterance)
            if start <= question.start < end
            if question.marked or (not written and leads.issuperset(utterance.norms[start : question.start]))
        ]

    def _is_past(self, utterance: Utterance, start: int, end: int) -> bool:
        return tells_past(self._view, utterance, start, end)

    @cached_property
    def _solutions(self) -> list[Solution]:
        return find_solutions(self._view, 0.0)


def tells_past(view: CallView, utterance: Utterance, start: int, end: int) -> bool:
    """Whether tokens start..end hold a verb of what has happened: `was`, `heb ... gebeld`."""
    norms = utterance.norms[start:end]
    if not view.lexicon.words(LEXICON, "past").isdisjoint(norms):
        return True
    if view.lexicon.words(LEXICON, "past", "auxiliaries").isdisjoint(norms):
        return False
    known = view.lexicon.words(LEXICON, "past", "participles")
    none = view.lexicon.words(LEXICON, "past", "no_participles")
    return any(norm in known or (norm not in none and is_participle(view.lexicon, norm)) for norm in norms)


def _sentences(view: CallView, utterance: Utterance) -> list[tuple[int, int]]:
    """The sentences of an utterance; one of interjections alone goes with the next."""
    found: list[tuple[int, int]] = []
    idle = view.lexicon.interjections
    low: int | None = None
    for start, end in utterance.sentences() if utterance.tokens else []:
        first = start if low is None else low
        alone = all(norm in idle for norm in utterance.norms[start:end])
        asked = utterance.tokens[end - 1].after == "?"
        if alone and not asked and end < len(utterance.tokens):
            low = first
            continue
        found.append((first, end))
        low = None
    return found
