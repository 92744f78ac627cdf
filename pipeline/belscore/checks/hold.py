"""Check kinds `hold_request` and `hold_length`: how a caller is put on hold, and how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.call import Span
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.holds import Hold
from belscore.language.tokens import Utterance
from belscore.rule_service import HoldLength, HoldRequest
from belscore.scorecard import Measured
from belscore.view import MIN_PROBABILITY, CallView, due_evidence, evidence, turn_evidence

# A measured "ja" that was not transcribed lies this far into the gap at most.
LATE_REACTION_S = 2.5
# The caller may answer before the request is quite done.
EARLY_REACTION_S = 0.6
# An offer to call back counts from this many turns before the request on, and in the first turn back.
OFFER_TURNS = 6


def hold_request(params: HoldRequest, view: CallView) -> Outcome:
    """Every hold is asked for politely and the caller reacts; the worst one decides."""
    outcomes = [_requested(params, view, hold) for hold in view.situations.holds]
    for verdict in ("fail", "unsure", "pass"):
        for outcome in outcomes:
            if outcome.verdict == verdict:
                return outcome
    return not_applicable("situation_wachtstand")


def _requested(params: HoldRequest, view: CallView, hold: Hold) -> Outcome:
    request = hold.request
    values = {"quote": request.quote, "hold_s": f"{hold.span.duration_s:.0f}"}
    if _is_curt(params, view, hold):
        if request.probability < MIN_PROBABILITY or not view.legible([request.utterance]):
            return unsure("words_uncertain", evidence(request))
        return failed(evidence(request), variant="curt", values=values)
    if _reacted(view, hold):
        return passed(evidence(request), values=values)
    if view.recognised and (view.call.speech is None or view.call.channels == "mixed"):
        return unsure("reaction_unheard", evidence(request))
    return failed(evidence(request), due_evidence("caller", hold.span), values=values)


def _is_curt(params: HoldRequest, view: CallView, hold: Hold) -> bool:
    """`wacht even` and no more: nothing polite and no reason in the turn."""
    if not view.finder.any(params.curt, hold.request.utterance):
        return False
    return not view.finder.any((*params.polite, *params.reason), hold.request.utterance)


def _reacted(view: CallView, hold: Hold) -> bool:
    asked = hold.request.utterance
    since_s = asked.turn.end_s - EARLY_REACTION_S
    said = any(
        u.turn.end_s > since_s and u.turn.start_s < hold.span.start_s and u.index != asked.index
        for u in view.of("caller")
    )
    if said or view.call.speech is None:
        return said
    window = Span(since_s, max(since_s, hold.span.start_s) + LATE_REACTION_S)
    return any(span.end_s > window.start_s and span.start_s < window.end_s for span in view.call.speech_of("caller"))


def hold_length(params: HoldLength, view: CallView) -> Outcome:
    """Only holds longer than the bound are judged; holds that follow on each other are one."""
    joined = _joined(view.situations.holds)
    long = [holds for holds in joined if _length_s(view, holds) > params.longest_s]
    if not long:
        return not_applicable("hold_short")
    for holds in long:
        length_s = _length_s(view, holds)
        measured = Measured(round(length_s, 1), "s", f"hoogstens {params.longest_s:.0f} s zonder bericht")
        values = {"hold_s": f"{length_s:.0f}"}
        check_ins = [u for hold in holds for u in hold.check_ins] + [hold.back for hold in holds[:-1] if hold.back]
        offer = view.finder.first(params.offers, _around(view, holds))
        if check_ins and offer is None and not view.legible(check_ins):  # whatever was said may have ended the wait
            return unsure("words_uncertain", turn_evidence(check_ins[0]), measured=measured)
        if not check_ins and offer is None:
            span = Span(holds[0].span.start_s, holds[-1].span.end_s)
            if view.call.times == "text":
                return unsure("times_unmeasured", due_evidence("agent", span), measured=measured)
            around = _around(view, holds)
            clear = view.legible(around) and view.crisp([holds[0].request.utterance])
            if not clear or view.echo(params.offers, around) or view.unheard_s("agent", span) > 0:
                return unsure("words_uncertain", due_evidence("agent", span), measured=measured)
            return failed(due_evidence("agent", span), values=values, measured=measured)
    quote = (
        turn_evidence(check_ins[0]) if check_ins else evidence(offer) if offer else due_evidence("agent", holds[0].span)
    )
    return passed(quote, values=values, measured=measured)


def _joined(holds: Sequence[Hold]) -> list[list[Hold]]:
    """Holds in which the agent came back only to ask for more patience."""
    joined: list[list[Hold]] = []
    for hold in holds:
        last = joined[-1][-1].back if joined else None
        if last is not None and hold.request.utterance.index == last.index:
            joined[-1].append(hold)
        else:
            joined.append([hold])
    return joined


def _length_s(view: CallView, holds: Sequence[Hold]) -> float:
    span = Span(holds[0].span.start_s, holds[-1].span.end_s)
    music_s = sum(hold.duration_s for hold in view.call.holds if hold.overlap_s(span) > 0)
    return max(span.duration_s, music_s)


def _around(view: CallView, holds: Sequence[Hold]) -> list[Utterance]:
    request, back = holds[0].request, holds[-1].back
    first = request.utterance.index - OFFER_TURNS
    last = back.index if back is not None else len(view.utterances)
    return [u for u in view.of("agent") if first <= u.index <= last]
