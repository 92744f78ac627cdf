"""The term of a promise: a moment or length of time that binds, or words that only sound like one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Literal

from belscore.asking import is_participle
from belscore.diary import joined
from belscore.handed_terms import clauses, contact_before, own_clause, since_contrast
from belscore.language.moments import Moment
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.loose_terms import left_open, on_other_business, said_alone, unheard_by
from belscore.view import MIN_PROBABILITY, CallView

# Without punctuation a term lies at most this many words before or behind the promise it belongs to.
REACH_BEFORE = 10
REACH_BEHIND = 14
# The caller's question after the term, and the agent's answer to it, come this many turns later at most.
ANSWER_TURNS = 6

# `vandaag of morgen?`: of so few words with a moment it asks when.
SHORT_QUESTION = 4

# `anders belt u ons volgende week`: so close behind it a term is the caller's.
CALLER_CALLS_REACH = 3

# Words around a promise in which a term lost in recognition would have stood.
LOST_REACH = 8

TermKind = Literal["hard", "at_once", "soft", "open", "none"]


@dataclass(frozen=True, slots=True)
class Term:
    """What binds a promise, and the tokens that say so; `utterance` is None when nothing is said.

    kind : hard binds; soft only sounds so; at_once is `zo direct`; open waits for an event
    """

    kind: TermKind
    utterance: Utterance | None = None
    start: int = 0
    end: int = 0

    @property
    def quote(self) -> str:
        return self.utterance.quote(self.start, self.end) if self.utterance is not None else ""


class TermReader:
    """Reads the terms of one call by the inventory in `rules/lexicon/termijnen.toml`."""

    def __init__(self, view: CallView) -> None:
        lexicon = view.lexicon
        self._view = view
        self._hard = lexicon.list("termijnen", "hard")
        self._caller_calls = lexicon.list("termijnen", "caller_calls")
        self._not_own = lexicon.words("termijnen", "not_own")
        self._own_behind_van = lexicon.words("termijnen", "not_own", "own_behind_van")
        self._passive = lexicon.words("termijnen", "past", "passive")
        self._past = lexicon.words("termijnen", "past")
        self._about = lexicon.words("termijnen", "about")
        self._taken_up = self._about | lexicon.words("termijnen", "about", "goes_on")
        self._contacts = lexicon.words("termijnen", "about", "contacts")
        self._appointments = lexicon.words("termijnen", "about", "appointments")
        self._joins = lexicon.words("termijnen", "about", "joins")
        self._when = lexicon.list("vragen", "when")
        self._asking = view.asking

    def term_of(self, promise: Match) -> Term:
        """The strongest term said with a promise, in its sentence, just before it, or in answer to `wanneer?`."""
        own = self.own_term(promise)
        if own.kind == "hard":
            return own
        for other in (self._introduced(promise), self._answered(promise), self._asked_for(promise)):
            if other is not None:
                return other
        return own

    def own_term(self, promise: Match) -> Term:
        """The term in the promise's own sentence; none is what the agent hands it on at before `zo snel mogelijk`."""
        low, high = self._window(promise)
        own = self._in_tokens(promise.utterance, low, high)
        timed = own.kind == "hard" and own.end <= promise.end
        clause = own_clause(self._view, promise, (own.start, own.end)) if timed else None
        rest = own if clause is None else self._in_tokens(promise.utterance, clause[0], high)
        return rest if rest.kind == "soft" or (clause is not None and clause[1]) else own

    def unanswered(self, promise: Match) -> bool:
        """The caller does not ask behind it when that will be."""
        later = self._view.utterances[promise.utterance.index + 1 : promise.utterance.index + 1 + ANSWER_TURNS]
        return not any(utterance.role == "caller" and self._asks_when(utterance, promise) for utterance in later)

    def hard_in(self, utterance: Utterance, start: int = 0, end: int | None = None) -> Term | None:
        """The first binding term in a stretch of an utterance; None when there is none."""
        stop = len(utterance.tokens) if end is None else end
        found = [(m.start, m.end) for m in self._view.finder.find(self._hard, utterance) if m.cost <= 0.3]
        found += [
            (moment.start, moment.end)
            for moment in self._view.moments(utterance)
            if (moment.has_clock and not self._counts(moment)) or moment.has_day or moment.daypart is not None
        ]
        for first, last in sorted(found):
            if first < start or last > stop or self._told_length(utterance, first, last):
                continue
            if self._binds(utterance, first, last):
                return Term("hard", utterance, first, last)
        return None

    def _counts(self, moment: Moment) -> bool:
        """`tussen twee gesprekken door`: a stretch with a beginning only is a count of something."""
        between = self._view.lexicon.table("waarden", "clock")["between"]
        if moment.bound != between:
            return False
        opened = [each for each in joined(self._view, moment.utterance) if each.bound == between]
        return len(opened) == 1 and opened[0].until_min is None

    def _window(self, promise: Match) -> tuple[int, int]:
        start, end = promise.utterance.sentence_of(promise.start)
        start = max(since_contrast(self._view, promise), start, promise.start - REACH_BEFORE)
        return start, min(max(end, promise.end), promise.end + REACH_BEHIND)

    def _in_tokens(self, utterance: Utterance, start: int, end: int) -> Term:
        hard = self.hard_in(utterance, start, end)
        if hard is not None:
            return hard
        stretch = part(utterance, start, end)
        kinds: tuple[TermKind, ...] = ("soft", "open", "at_once")  # `ik ga er direct achteraan; zodra ik iets weet`
        for kind in kinds:
            found = self._view.finder.find(self._view.lexicon.list("termijnen", kind), stretch)
            if kind == "soft":  # `zo gauw de dokter terug is` waits, `gauw` in it promises nothing
                waits = self._view.finder.find(self._view.lexicon.list("termijnen", "open"), stretch)
                found = [m for m in found if not any(w.start < m.start and m.end <= w.end for w in waits)]
            if found:
                best = min(found, key=lambda match: match.cost)
                return Term(kind, utterance, start + best.start, start + best.end)
        return Term("none")

    def _binds(self, utterance: Utterance, first: int, last: int) -> bool:
        """Not `van maandag`, `gisteren om tien`, `vandaag nog niet`; no greeting; nor where the caller is to call."""
        norms = utterance.norms
        for call in self._view.finder.find(self._caller_calls, utterance):
            if 0 <= first - call.end <= CALLER_CALLS_REACH or call.start <= first < call.end:
                return False
        if self._denied(utterance, last):
            return False
        low, high = utterance.sentence_of(first)
        before = norms[max(low, first - 3) : first]
        passive = not self._passive.isdisjoint(norms[low:high])  # "u wordt vanmiddag gebeld"
        beside = (*before, *norms[first:last], *norms[last : last + 1])
        if any(norm in self._past and not (passive and is_participle(self._view.lexicon, norm)) for norm in beside):
            return False
        if (
            before
            and before[-1] in self._not_own
            and not any(norm in ("loop", "eind", "einde", "begin") for norm in before)
        ):
            return before[-1] == "van" and not self._own_behind_van.isdisjoint((norms[first], *before[-2:-1]))
        return "tot" not in before[-1:]  # `tot morgen`, `tot vijf uur bereikbaar`

    def _denied(self, utterance: Utterance, last: int) -> bool:
        """Right behind the moment a negation: `vandaag nog niet`."""
        if utterance.tokens[last - 1].after:
            return False
        negations, idle = self._view.lexicon.negations, self._view.lexicon.idle
        behind = utterance.norms[last : last + 2]
        denied = any(norm in negations and idle.issuperset(behind[:at]) for at, norm in enumerate(behind))
        return denied and not unheard_by(self._view, utterance, last)

    def _told_length(self, utterance: Utterance, first: int, last: int) -> bool:
        """`ik noteer dat hij twee weken moe is`, `al vier dagen`: time that has passed, or a state."""
        if not self._bare(utterance, first, last):
            return False
        low, _ = utterance.sentence_of(first)
        before = utterance.norms[low:first]
        passed, tells, whom = (self._of_lengths(key) for key in ("passed", "tells", "whom"))
        if not passed.isdisjoint(before[-2:]):
            return True
        return any(one in tells and other in whom for one, other in pairwise(before))

    def _bare(self, utterance: Utterance, first: int, last: int) -> bool:
        """`twee weken`: a count and a unit, with nothing in front that makes it a term, as `binnen` does."""
        lengths = self._view.lexicon.words("termijnen", "lengths")
        before = utterance.norms[max(0, first - 1) : first]
        counted = utterance.norms[last - 1] in lengths and not any(
            moment.start <= first < moment.end for moment in self._view.moments(utterance)
        )
        return counted and self._of_lengths("ahead").isdisjoint((*before, utterance.norms[first]))

    def _of_lengths(self, key: str) -> frozenset[str]:
        return self._view.lexicon.words("termijnen", "lengths", key)

    def _feared(self, term: Term) -> bool:
        """`als het maar niet weer vier dagen wordt`: what the caller fears; `niet langer dan` bounds."""
        utterance = term.utterance
        if utterance is None or not self._bare(utterance, term.start, term.end):
            return False
        low, _ = utterance.sentence_of(term.start)
        opens = [at for at in range(low, term.start) if utterance.norms[at] in self._view.lexicon.negations]
        return bool(opens) and self._of_lengths("bounds").isdisjoint(utterance.norms[opens[-1] : term.start])

    def _introduced(self, promise: Match) -> Term | None:
        """The moment stands in the sentence before: `de dokter is er morgen weer. Dan belt hij u.`"""
        start, _ = promise.utterance.sentence_of(promise.start)
        if start == 0:
            return None
        opening, _ = promise.utterance.sentence_of(start - 1)
        own = promise.utterance.norms[start : promise.start]
        linked = "dan" in own or "dan" in promise.utterance.norms[promise.start : promise.end]
        return self.hard_in(promise.utterance, opening, start) if linked else None

    def _answered(self, promise: Match) -> Term | None:
        """Later words of the agent that give the term: to a `wanneer?` of the caller, or about the same call."""
        utterances = self._view.utterances
        before = utterances[promise.utterance.index - 1]
        if before.role == "caller" and not self._contacts.isdisjoint(before.norms) and self._asks_when(before):
            replied = self._after_refusal(promise.utterance)  # "begin van de middag, want hij belt u zelf"
            if replied is not None:
                return replied
        asked = False
        for utterance in utterances[promise.utterance.index + 1 :]:
            if utterance.role == "caller":
                asked = self._asks_when(utterance, promise)
                continue
            if utterance.role != "agent":
                continue
            near = utterance.index - promise.utterance.index <= ANSWER_TURNS
            hard = self._after_refusal(utterance) if asked and near else self._about_it(utterance)
            if hard is not None:
                return hard
        _, end = promise.utterance.sentence_of(promise.start)
        later = [(a, b) for a, b in promise.utterance.sentences() if a >= end]
        about = (at for at in later if not self._taken_up.isdisjoint(promise.utterance.norms[slice(*at)]))
        places = chain(((promise.utterance, *at) for at in about), said_alone(self._view, promise))
        return next((hard for place in places if (hard := self.hard_in(*place)) is not None), None)

    def _about_it(self, utterance: Utterance) -> Term | None:
        """A promise said again, with its term."""
        again = (self.own_term(p) for p in self._view.situations.promises if p.utterance.index == utterance.index)
        return next((term for term in again if term.kind == "hard"), None)

    def put_off(self, promise: Match) -> Term | None:
        """The agent's answer to a `wanneer?` behind a promise, where it binds to nothing."""
        place = left_open(self._view, promise, lambda utterance: self._asks_when(utterance, promise))
        return Term("soft", *place) if place and self._after_refusal(place[0]) is None else None

    def _asks_when(self, utterance: Utterance, promise: Match | None = None) -> bool:
        """Whether the caller asks when, and of nothing else than of a promise."""
        if promise is not None and on_other_business(self._view, promise, utterance):
            return False
        if self._view.finder.any(self._when, utterance):
            return True
        about = len(utterance.tokens) <= SHORT_QUESTION or not self._about.isdisjoint(utterance.norms)
        named = about and self.hard_in(utterance) is not None
        return named and bool(self._asking.questions(utterance))

    def _asked_for(self, promise: Match) -> Term | None:
        """The caller named the moment, before (`kunt u morgen bellen?`) or after (`ik ben vanmiddag thuis`)."""
        index, refused = promise.utterance.index, self._view.lexicon.list("termijnen", "refused")
        if self._view.finder.any(refused, promise.utterance) or self.put_off(promise) is not None:
            return None
        nearby = self._view.utterances[max(0, index - 2) : index + 3]
        for utterance in [u for u in nearby if u.role == "caller" and not on_other_business(self._view, promise, u)]:
            about = self._contacts if utterance.index < index else self._about
            if not about.isdisjoint(utterance.norms) and (hard := self._of_no_appointment(utterance)) is not None:
                return hard
        return self.granted(promise)

    def granted(self, promise: Match) -> Term | None:
        """`ja graag, maar wel voor zes uur`, to which the agent says yes, or which they say again."""
        view, index = self._view, promise.utterance.index
        following = (each for each in view.utterances[index + 1 : index + 1 + ANSWER_TURNS] if each.tokens)
        reply, answer = next(following, None), next(following, None)
        if reply is None or answer is None or (reply.role, answer.role) != ("caller", "agent"):
            return None
        long = any(q.end - q.start >= SHORT_QUESTION for q in self._asking.questions(reply))  # not "kan dat vrijdag?"
        other = (long and self._taken_up.isdisjoint(reply.norms)) or on_other_business(view, promise, reply)
        hard = None if other else self._of_no_appointment(reply)
        if hard is None or view.finder.any(view.lexicon.list("termijnen", "refused"), answer):
            return None
        words = (view.knowledge.situations["terugbellen"][key] for key in ("affirms", "agrees"))
        says_yes = any(view.finder.any(each, answer) for each in words)
        agrees = says_yes and view.lexicon.negations.isdisjoint(answer.norms)
        return hard if agrees or self.hard_in(answer) is not None else None

    def terms_of(self, promises: Sequence[Match]) -> list[tuple[Match, Term]]:
        """Each promise with its term. Where one waits for no moment, a moment in a clause of its own binds none."""
        terms = [(promise, self.term_of(promise)) for promise in promises]
        answered = next((soft for promise in promises if (soft := self.put_off(promise))), None)
        if answered is None and not any(self.own_term(promise).kind == "soft" for promise in promises):
            return terms
        loose = [term for _, term in terms if any(self.apart(promise, term) for promise in promises)]
        terms = [(promise, self._unbound(promise) if term in loose else term) for promise, term in terms]
        return [(promise, answered if answered and term.kind == "none" else term) for promise, term in terms]

    def _unbound(self, promise: Match) -> Term:
        own = self.own_term(promise)
        behind = self.hard_in(promise.utterance, own.end, self._window(promise)[1]) if own.kind == "hard" else own
        return behind or Term("none")

    def apart(self, promise: Match, term: Term) -> bool:
        """`in de avond bij mevrouw Wiegers, en de zuster belt u`: the term stands in a clause before it."""
        utterance = term.utterance
        if utterance is None or utterance.index != promise.utterance.index or term.end > promise.start:
            return False
        return not self._joins.isdisjoint(utterance.norms[term.end : promise.start + 1])

    def _of_no_appointment(self, utterance: Utterance) -> Term | None:
        """A binding term in a clause that is not about an appointment: not `mijn afspraak is vrijdag, belt u mij?`."""
        for start, end in clauses(utterance):
            if self._appointments.isdisjoint(utterance.norms[start:end]):
                hard = self.hard_in(utterance, start, end)
                if hard is None or self._is_choice(hard) or self._feared(hard):
                    continue
                if contact_before(self._view, utterance, (start, hard.start), end):
                    return hard
        return None

    def _is_choice(self, term: Term) -> bool:
        """`half twee dan maar, en waarom ben ik niet gebeld?`: with it the caller takes the appointment."""
        appointment, utterance = self._view.situations.appointment, term.utterance
        if appointment is None or utterance is None or utterance.index != appointment.agreed_at:
            return False
        agreed = appointment.moment
        named = [moment for moment in self._view.moments(utterance) if moment.start <= term.start < moment.end]
        return any(
            moment.clock_min == agreed.clock_min if moment.has_clock else moment.weekday == agreed.weekday is not None
            for moment in named
        )

    def _after_refusal(self, utterance: Utterance) -> Term | None:
        """The term in an answer to `wanneer?`; `durf ik niet te zeggen, het is vol vandaag` gives none."""
        refused = self._view.finder.find(self._view.lexicon.list("termijnen", "refused"), utterance)
        if not refused:
            return self.hard_in(utterance)
        turned = self._view.lexicon.words("termijnen", "refused", "turns")
        behind = [at for at in range(refused[-1].end, len(utterance.tokens)) if utterance.norms[at] in turned]
        return self.hard_in(utterance, behind[0]) if behind else None


def may_hide_term(view: CallView, promise: Match) -> bool:
    """Whether a doubtful word beside a promise could have been its term."""
    near = promise.utterance.tokens[max(0, promise.start - LOST_REACH) : promise.end + LOST_REACH]
    return view.recognised and any(token.probability < MIN_PROBABILITY for token in near)
