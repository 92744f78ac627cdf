"""Waits: the agent asks the caller to wait, and a gap follows. Inventory: `rules/situations/wachtstand.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from belscore.call import Span
from belscore.cues_in_turns import uncovered
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

MIN_GAP_S = 3.0
# How long after the request the gap may begin: the caller's "ja hoor" lies in between.
MAX_REQUEST_TO_GAP_S = 6.0
SHORT_REPLY_TOKENS = 12
# Whatever the agent says in a wait, behind which it goes on for so long, is a check-in. Own value: twice the silence
# that wants an announcement (rule tempo-stilte).
WAIT_GOES_ON_S = 20.0
# One extra word or one lost function word: in written words a request has the rest.
MAX_REQUEST_COST = 0.6
# Who is back says so with the first words.
BACK_TOKENS = 10
# What the agent says to a colleague, or of the look-up, before the gap: behind it nobody speaks for so long.
ASIDE_GAP_S = 10.0
# Own value: so long a silence behind words that leave the caller somewhere is no typing.
LEFT_GAP_S = 15.0


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait: the request, the gap (with check-ins inside), and the first turn afterwards.

    back : the agent's first turn after the wait; None when the call ends in it
    """

    request: Match
    span: Span
    check_ins: tuple[Utterance, ...]
    back: Utterance | None


def find_holds(view: CallView, data: Mapping[str, Any], transfers: Sequence[Match]) -> list[Hold]:
    """Waits the agent asked for, in order; gaps split by a check-in are one.

    transfers : the gap behind these is no wait
    """
    transferring = {match.utterance.index for match in transfers}
    holds: list[Hold] = []
    for request in _requests(view, data):
        if request.utterance.index in transferring or (holds and request.start_s < holds[-1].span.end_s):
            continue
        hold = _Wait(view, data, request).follow()
        if hold is not None:
            holds.append(hold)
    return holds


def _requests(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    found = uncovered(view, data, "request", view.of("agent"))
    if not view.recognised:  # `hebt u een thermometer` lacks the `voor mij` that asks to wait
        found = [match for match in found if match.cost <= MAX_REQUEST_COST]
    seen = {match.utterance.index for match in found}
    for match in uncovered(view, data, "request_alone", view.of("agent")):
        utterance = match.utterance
        start, end = utterance.sentence_of(match.start)
        before, behind = utterance.norms[start : match.start], utterance.norms[match.end : end]
        alone = all(norm in view.lexicon.fillers for norm in (*before, *behind))
        if utterance.index not in seen and (alone or _ends_turn(data, utterance, match, before)):
            found.append(match)
            seen.add(utterance.index)
    found += [match for match in _told_by_gap(view, data) if match.utterance.index not in seen]
    return sorted(found, key=lambda match: match.start_s)


def _told_by_gap(view: CallView, data: Mapping[str, Any]) -> list[Match]:
    """Requests in whatever words, which the gap behind them and the agent who ends it show to be one."""
    found: list[Match] = []
    spoken = [u for u in view.utterances if u.role in ("agent", "caller") and u.tokens]
    for at, utterance in enumerate(spoken[1:], start=1):
        gap_s = utterance.turn.start_s - max(each.turn.end_s for each in spoken[max(0, at - 2) : at])
        if utterance.role != "agent" or gap_s < MIN_GAP_S:
            continue
        reply = spoken[at - 1] if spoken[at - 1].role == "caller" else None
        asked = spoken[at - 1] if reply is None else spoken[at - 2]
        if asked.role != "agent" or (reply is not None and _talks_of_more(view, reply)):
            continue
        thanks = view.finder.find(view.lexicon.list("wachten", "back"), utterance)
        if any(match.start < BACK_TOKENS for match in thanks):
            found += _asked_leave(view, data, asked) or _put_away(view, data, asked)
        elif gap_s >= LEFT_GAP_S:
            found += _put_away(view, data, asked)
    return found


def _talks_of_more(view: CallView, reply: Utterance) -> bool:
    """More than `doe maar rustig aan`, however many words that takes: the caller asks something too."""
    return len(reply.tokens) > SHORT_REPLY_TOKENS and bool(view.asking.questions(reply))


def _asked_leave(view: CallView, data: Mapping[str, Any], asked: Utterance) -> list[Match]:
    """`schikt het als ik u even parkeer?` before thanks for waiting: a question of yes or no put to the caller."""
    spans = [(q.start, q.end) for q in view.asking.questions(asked) if q.kind == "closed"]
    return [m for m in view.finder.find(data["addressed"], asked) if any(a <= m.start < b for a, b in spans)][:1]


def _put_away(view: CallView, data: Mapping[str, Any], asked: Utterance) -> list[Match]:
    """`dat vraag ik na, ik zet u zolang op de muziek`: where the caller is left, or hears what."""
    found: list[Match] = []
    for match in view.finder.find(data["meanwhile"], asked):
        low, high = asked.sentence_of(match.start)
        booked = view.finder.any(data["not_meanwhile"], part(asked, match.start, high))
        booked = booked or any(low <= moment.start < high for moment in view.moments(asked))
        if match.cost == 0 and not booked:
            found.append(match)
    opens = view.finder.find(data["request_opens"], asked) if not found else ()
    return (found or [match for match in opens if _opens_sentence(view, data, match)])[:1]


def _opens_sentence(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`ogenblik, die kast staat boven`: nothing but fillers in front of the words, and a comma behind them."""
    low, high = match.utterance.sentence_of(match.start)
    polite = match.end < high and match.utterance.norms[match.end] in data["behind_request"]
    alone = match.cost == 0 and bool(match.utterance.tokens[match.end if polite else match.end - 1].after)
    return alone and view.lexicon.fillers.issuperset(match.utterance.norms[low : match.start])


def _ends_turn(data: Mapping[str, Any], utterance: Utterance, match: Match, before: Sequence[str]) -> bool:
    """`dat moet ik de dokter vragen ogenblikje`: the last word, and not `op dit moment`."""
    behind = utterance.norms[match.end :]
    polite = frozenset(data["behind_request"])
    described = not frozenset(data["determiners"]).isdisjoint(before[-2:])
    described = described or not frozenset(data["no_request_before"]).isdisjoint(before[-1:])
    alone = match.end - match.start == 1 and utterance.norms[match.start] in data["request_last"]
    return alone and polite.issuperset(behind) and not described


@dataclass(slots=True)
class _Wait:
    """Follows the turns behind a request until the agent is back, or until it shows that there is no wait."""

    view: CallView
    data: Mapping[str, Any]
    request: Match
    start_s: float | None = None
    granted: bool = False
    check_ins: list[Utterance] = field(default_factory=list)

    def follow(self) -> Hold | None:
        at_s = self.request.utterance.turn.end_s
        aside = False
        for utterance in self.view.utterances[self.request.utterance.index + 1 :]:
            if utterance.role == "system" or utterance.turn.end_s <= at_s:
                continue
            if utterance.turn.start_s - at_s >= MIN_GAP_S and self.start_s is None:
                late = at_s - self._asked_s() > MAX_REQUEST_TO_GAP_S and not (aside or self.granted)
                if (late and not self._is_thanked(utterance)) or self._caller_goes_on(utterance, at_s):
                    return None
                self.start_s = at_s
            if self.start_s is None:
                if self._talks_on(utterance):
                    if aside or not self._is_aside(utterance):
                        return None
                    aside = True
            elif utterance.role == "agent":
                if not self._checks_in(utterance):
                    return self._ended(utterance.turn.start_s, utterance)
                self.check_ins.append(utterance)
            at_s = max(at_s, utterance.turn.end_s)
        return self._open_ended(at_s)

    def _is_thanked(self, utterance: Utterance) -> bool:
        """The agent ends the gap with thanks for waiting, however much came between the request and its start."""
        if utterance.role != "agent":
            return False
        thanks = self.view.finder.find(self.view.lexicon.list("wachten", "back"), utterance)
        return any(match.start < BACK_TOKENS for match in thanks)

    def _asked_s(self) -> float:
        """The end of the sentence that asks: `blijft u hangen, of zal ik u terugbellen?`"""
        utterance = self.request.utterance
        _, end = utterance.sentence_of(self.request.end - 1)
        return utterance.tokens[end - 1].end_s

    def _checks_in(self, utterance: Utterance) -> bool:
        """The wait goes on behind it: a gap until the agent's next turn, with no more than a short reaction before."""
        gap_s = self._gap_behind_s(utterance, reactions=True)
        back = self.view.finder.any(self.view.lexicon.list("wachten", "back"), utterance)
        if self.view.finder.any(self.data["check_in"], utterance):
            return not back if gap_s is None else gap_s >= MIN_GAP_S
        return not back and gap_s is not None and gap_s >= WAIT_GOES_ON_S

    def _caller_goes_on(self, utterance: Utterance, since_s: float) -> bool:
        """The caller breaks a short silence, and the agent answers at once: it was the caller who took their time."""
        if utterance.role != "caller" or utterance.turn.start_s - since_s >= WAIT_GOES_ON_S:
            return False
        if self.view.finder.any(self.data["calls_out"], utterance):
            return False
        answer = next((each for each in self.view.utterances[utterance.index + 1 :] if each.tokens), None)
        if answer is None or answer.role != "agent" or answer.turn.start_s - utterance.turn.end_s >= MIN_GAP_S:
            return False
        return not self.view.finder.any(self.view.lexicon.list("wachten", "back"), answer)

    def _is_aside(self, utterance: Utterance) -> bool:
        """`Petra, heb jij die lijst?` said away from the line: nobody answers, and the gap begins.

        Or `dan ga ik weer even weg`, to which the caller says no more than yes before a longer one.
        """
        if utterance.role != "agent":
            return False
        gap_s = self._gap_behind_s(utterance, reactions=False)
        if gap_s is not None and gap_s >= ASIDE_GAP_S:
            return True
        gap_s = self._gap_behind_s(utterance, reactions=True)
        brief = len(utterance.tokens) <= SHORT_REPLY_TOKENS and not self.view.asking.questions(utterance)
        return brief and gap_s is not None and gap_s >= WAIT_GOES_ON_S

    def _gap_behind_s(self, utterance: Utterance, *, reactions: bool) -> float | None:
        """How long nobody speaks before the agent goes on; None when the agent does not, or the caller talks.

        reactions : short ones of the caller may come first
        """
        at_s = utterance.turn.end_s
        for each in self.view.utterances[utterance.index + 1 :]:
            if each.role == "agent":
                return each.turn.start_s - at_s
            if each.role == "caller" and each.tokens and (not reactions or len(each.tokens) > SHORT_REPLY_TOKENS):
                return None
            at_s = max(at_s, each.turn.end_s)
        return None

    def _talks_on(self, utterance: Utterance) -> bool:
        """Before any gap: the agent says something else, or the caller more than a short answer."""
        if utterance.role == "agent":
            asks_again = self.view.finder.any(self.data["request"], utterance)
            return utterance.index not in self.view.hums and not asks_again
        if len(utterance.tokens) <= SHORT_REPLY_TOKENS:
            return False
        self.granted = self._grants(utterance)
        return not self.granted

    def _grants(self, utterance: Utterance) -> bool:
        """`nee hoor, ik blijf wel hangen, ik zit hier lekker met een kop thee`: behind it the gap begins.

        Of these three two are there: it asks nothing, the gap is long, the agent is back with thanks for the waiting.
        """
        gap_s = self._gap_behind_s(utterance, reactions=True)
        if gap_s is None or gap_s < MIN_GAP_S:
            return False
        back = next(u for u in self.view.utterances[utterance.index + 1 :] if u.role == "agent")
        thanked = self.view.finder.any(self.view.lexicon.list("wachten", "back"), back)
        long = gap_s >= LEFT_GAP_S
        return (thanked and long) or ((thanked or long) and not self.view.asking.questions(utterance))

    def _ended(self, end_s: float, back: Utterance | None) -> Hold:
        start_s = end_s if self.start_s is None else self.start_s
        return Hold(self.request, Span(start_s, end_s), tuple(self.check_ins), back)

    def _open_ended(self, at_s: float) -> Hold | None:
        """The call ends while the caller waits."""
        if self.start_s is not None:
            return self._ended(at_s, None)
        if self.view.call.duration_s - at_s >= MIN_GAP_S:
            self.start_s = at_s
            return self._ended(self.view.call.duration_s, None)
        return None
