"""Check kind `silence`: no long silence that nobody announced."""

from __future__ import annotations

from belscore.call import Span
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.cues_in_turns import clear_of, exactly
from belscore.diary import alternatives
from belscore.language.tokens import Utterance, last_before
from belscore.rule_service import Silence
from belscore.scorecard import Evidence, Measured
from belscore.view import CallView

# Reactions of so few words to an announcement leave it standing: "ja hoor, doet u maar rustig aan".
REACTION_TOKENS = 12
# So many when they ask nothing: the agent is still looking.
LONG_REACTION_TOKENS = 25
# An assent has no more words: "ja hoor, dat is goed".
ASSENT_TOKENS = 6
# Words that may follow on the caller's "even kijken" before it is no longer what the turn ends with.
LAST_TOKENS = 3
# So far before "wachten" a negation takes it back: "u hoeft daar niet op te wachten".
NEGATION_REACH = 3
# "u kunt het zelf opzoeken".
THEIRS_REACH = 3
# One misheard word before the silence may have been the announcement.
SURE_PROBABILITY = 0.65


def silence(params: Silence, view: CallView) -> Outcome:
    """The longest unannounced silence between the agent's first words and the last ones of the call."""
    agents = view.of("agent")
    if not agents:
        return not_applicable("no_agent")
    if view.call.times == "text":  # a line of text may stand through a silence, or be gone before its last word
        return unsure("times_unmeasured")
    long = [s for s in view.taking.silences if s.duration_s > params.longest_s and s.start_s >= agents[0].turn.start_s]
    limit = f"hoogstens {params.longest_s:.0f} s"
    unannounced = [span for span in long if not _exempt(params, view, span)]
    longest_s = max((span.duration_s for span in unannounced), default=0.0)
    measured = Measured(round(longest_s, 1), "s", limit)
    if not unannounced:
        return passed(measured=measured)
    span = max(unannounced, key=lambda each: each.duration_s)
    place = Evidence("agent", span.start_s, span.end_s, "")
    before = [u for u in view.utterances if u.turn.start_s <= span.start_s][-2:]
    doubtful = view.recognised and any(t.probability < SURE_PROBABILITY for u in before for t in u.tokens)
    if doubtful or not view.legible(before):
        return unsure("words_uncertain", place, measured=measured)
    return failed(place, values={"seconds": f"{span.duration_s:.0f}"}, measured=measured)


def _exempt(params: Silence, view: CallView, span: Span) -> bool:
    if any(_shares(span, hold.span) for hold in view.situations.holds) or _on_hold(view, span):
        return True
    aggression = view.situations.aggression
    if aggression and aggression[0].start_s <= span.start_s:
        return True
    before = [u for u in view.utterances if u.tokens and u.turn.start_s < span.start_s]
    after = next((u for u in view.utterances if u.tokens and u.turn.end_s > span.end_s), None)
    if not before or before[-1].role in ("colleague", "system") or (after and after.role in ("colleague", "system")):
        return True
    return _caller_asked(params, view, before, after) or _agent_announced(params, view, before, after)


def _shares(span: Span, hold: Span) -> bool:
    return span.overlap_s(hold) >= 0.5 * span.duration_s


def _on_hold(view: CallView, span: Span) -> bool:
    """Music fills most of it."""
    return sum(span.overlap_s(hold) for hold in view.call.holds) >= 0.5 * span.duration_s


def _caller_asked(params: Silence, view: CallView, before: list[Utterance], after: Utterance | None) -> bool:
    """The caller fetches something or thinks: said in the last turn, or the caller breaks the silence again."""
    last = before[-1]
    callers = [u for u in before[-2:] if u.role == "caller"]
    if any(view.finder.any(params.asks_time, utterance) for utterance in callers):
        return True
    # What the agent asked takes the caller this long to find.
    if last.role == "agent" and last.tokens[-1].after == "?" and after is not None and after.role == "caller":
        return True
    if _went_for_it(params, view, before, after):
        return True
    ends = [m for u in callers for m in view.finder.find(params.asks_time_last, u) if u is last]
    breaks = after is not None and after.role == "caller"
    return any(breaks or len(match.utterance.tokens) - match.end <= LAST_TOKENS for match in ends)


def _went_for_it(params: Silence, view: CallView, before: list[Utterance], after: Utterance | None) -> bool:
    """`dat zit in mijn tas, die staat boven`: the agent only says yes to it, and the caller is back with it."""
    if after is None or after.role != "caller" or view.asking.questions(after):
        return False
    last, told = before[-1], before[-2:-1]
    assents = last.role == "agent" and len(last.tokens) <= ASSENT_TOKENS
    return assents and any(u.role == "caller" and view.finder.any(params.goes_for, u) for u in told)


def _agent_announced(params: Silence, view: CallView, before: list[Utterance], after: Utterance | None) -> bool:
    """The agent's last words of substance announce it, and the caller only reacted since."""
    answers = [u.index for u in before if u.role == "caller" and u.index not in view.hums]
    goes_on = after is not None and after.role == "agent"
    asked = False
    for utterance in reversed(before):
        if utterance.role == "caller" and len(utterance.tokens) > REACTION_TOKENS:
            asks = any(token.after == "?" for token in utterance.tokens)
            if asks or len(utterance.tokens) > LONG_REACTION_TOKENS:
                return False
        if utterance.role != "agent":
            continue
        answered = goes_on and bool(answers) and answers[-1] > utterance.index
        if _announces(params, view, utterance, answered=answered) or _transfers(view, utterance):
            return True
        if view.finder.any(params.fetches, utterance):
            return True
        if utterance.index in view.hums:
            continue
        if asked or not view.finder.any(params.asks_data, utterance):
            return _being_transferred(params, view, before, utterance)
        asked = True
    return False


def _being_transferred(params: Silence, view: CallView, before: list[Utterance], told: Utterance) -> bool:
    """`zal ik u doorverbinden?` - `ja, graag` - `u hoort zo muziek`: the agent only tells how that goes."""
    if not view.situations.transfers or any(token.after == "?" for token in told.tokens):
        return False
    answer = last_before(before, told.index)
    if answer is None or answer.role != "caller" or len(answer.tokens) > ASSENT_TOKENS:
        return False
    tried = told.turn.start_s - answer.turn.end_s > params.longest_s
    offer = last_before(before, answer.index)
    return not tried and offer is not None and offer.role == "agent" and _transfers(view, offer)


def _announces(params: Silence, view: CallView, utterance: Utterance, *, answered: bool) -> bool:
    """The agent is about to do something, or asks the caller to wait; not "u hoeft niet te wachten".

    answered : the caller spoke since, and the agent breaks the silence
    """
    offered = _offer_begins(view, utterance) if answered else 0
    later = [*view.finder.find(params.not_now, utterance), *view.finder.find(params.asks_data, utterance)]
    theirs = view.finder.find(params.theirs, utterance)
    first_person = view.lexicon.words("aanspreekvorm", "speakers")
    for match in view.finder.find(params.announces, utterance):
        if match.end <= offered or any(match.start <= other.end and other.start <= match.end for other in later):
            continue
        own = not first_person.isdisjoint(utterance.norms[match.start : match.end])
        if own or not any(0 <= match.start - other.end <= THEIRS_REACH for other in theirs):
            return True
    idle = exactly(view, params.no_wait, utterance)
    for match in clear_of(view.finder.find(params.waits, utterance), idle):
        if match.end > offered and view.lexicon.negations.isdisjoint(
            utterance.norms[max(0, match.start - NEGATION_REACH) : match.start]
        ):
            return True
    return False


def _offer_begins(view: CallView, utterance: Utterance) -> int:
    """`we zoeken een andere dag. Ik heb dinsdag om tien uur of vrijdag om elf`: the look-up in front of it is over.

    The clause of the first of two times, if that clause proposes it; 0 when nothing is offered so.
    """
    clocks = [m for m in view.moments(utterance) if m.has_clock]
    if not clocks or not alternatives(view, utterance):
        return 0
    marks = [at + 1 for at in range(clocks[0].start) if utterance.tokens[at].after]
    start = marks[-1] if marks else 0
    proposes = view.finder.find(view.knowledge.situations["afspraak"]["proposes"], utterance)
    return start if any(start <= match.start < clocks[-1].end for match in proposes) else 0


def _transfers(view: CallView, utterance: Utterance) -> bool:
    return any(match.utterance.index == utterance.index for match in view.situations.transfers)
