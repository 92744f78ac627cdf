"""Check kind `transfer_fallback`: what the agent offers when the colleague does not answer."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.cues_in_turns import clear_of, exactly
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.rule_transfer import TransferFallback
from belscore.view import MIN_PROBABILITY, CallView, evidence, turn_evidence

# An agent who is back after so long has tried: twice ringing, by the signals of the rule on answering.
ALONE_S = 10.0
# One who offers a note has when it rang once: 1 s on and 4 s off, by the same signals.
RANG_S = 5.0
# Back again they tell within so many turns what is to be done.
BACK_TURNS = 2


def _came_back(params: TransferFallback, view: CallView, attempt: int) -> Outcome:
    """In whatever words nobody answered: no colleague speaks, and the agent is back after a gap.

    They make an offer, or leave the caller to try again.
    """
    spoken = [u for u in view.utterances if u.index > attempt and u.tokens]
    at_s = view.utterances[attempt].turn.end_s
    for at, utterance in enumerate(spoken):
        if utterance.role == "colleague":
            break
        alone_s = utterance.turn.start_s - at_s
        if utterance.role == "agent" and alone_s >= RANG_S:
            rest = [each for each in spoken[at:] if each.role == "agent"]
            promise = next((m for m in view.situations.promises if m.utterance.index >= utterance.index), None)
            good = view.finder.first((*params.offers, *params.notes), rest) or promise
            if any(each.role == "colleague" for each in spoken[at:]):
                break
            if good is not None:
                return passed(turn_evidence(utterance), evidence(good), values={"quote": good.quote})
            put_off = _put_off(params, view, rest) if alone_s >= ALONE_S else None
            if put_off is None or view.echo(params.offers, rest) is not None or not view.legible(rest):
                break
            return failed(evidence(put_off), values={"quote": put_off.quote})
        at_s = max(at_s, utterance.turn.end_s)
    return not_applicable("colleague_answered")


def _offer(params: TransferFallback, view: CallView, attempt: int, failed_at: int) -> Match | None:
    """What the agent offers; words that may be of other things only until the caller takes up something new."""
    turns = [u for u in view.of("agent") if u.index >= attempt]
    firm = view.finder.first(params.offers, turns)
    if firm is not None:
        return firm
    callers = (u for u in view.of("caller") if u.index > failed_at and exactly(view, params.new_subject, u))
    other = next((u.index for u in callers if not _asks_for_it(params, view, u)), None)
    return view.finder.first(params.notes, [u for u in turns if other is None or u.index < other])


def _asks_for_it(params: TransferFallback, view: CallView, utterance: Utterance) -> bool:
    """The caller asks for a note or a call-back; not `even opschrijven`, of what they note themselves."""
    if view.finder.any(params.offers, utterance):
        return True
    return bool(view.finder.find(params.notes, utterance)) and bool(view.asking.questions(utterance))


def _refused(params: TransferFallback, view: CallView, asked: Utterance) -> bool:
    """`kunt u niks doorgeven?` - `nee, dat wordt lastig`, `dat werkt hier meestal niet`."""
    answer = next((u for u in view.utterances[asked.index + 1 :] if u.tokens), None)
    if answer is None or answer.role != "agent":
        return False
    return answer.norms[0] in view.lexicon.words("einde", "refusals") or bool(exactly(view, params.refuses, answer))


def _put_off(params: TransferFallback, view: CallView, back: Sequence[Utterance]) -> Match | None:
    """Where the caller is left to try again, soon after an agent is back who speaks of whoever is not there."""
    first = back[0]
    if frozenset(params.absent).isdisjoint(first.norms) or view.finder.any(params.answers, first):
        return None
    return next((match for each in back[:BACK_TURNS] for match in exactly(view, params.puts_off, each)), None)


def transfer_fallback(params: TransferFallback, view: CallView) -> Outcome:
    """After `neemt niet op` an offer to call back or to leave a note; another person on the line will do too."""
    transfers = view.situations.transfers
    if not transfers:
        return not_applicable("situation_doorverbinden")
    attempt = transfers[0].utterance.index
    told = [m for m in view.find(params.no_answer, view.of("agent")) if m.utterance.index >= attempt]
    told = [m for m in told if clear_of([m], exactly(view, params.not_absent, m.utterance))]
    if not told:
        return _came_back(params, view, attempt)
    failed_at = told[0].utterance.index
    offer = _offer(params, view, attempt, failed_at)
    promise = next((m for m in view.situations.promises if m.utterance.index >= attempt), None)
    other = next((m for m in transfers if m.utterance.index > failed_at), None)
    good = offer or promise or other
    if good is not None:
        return passed(evidence(told[0]), evidence(good), values={"quote": good.quote})
    later = [u for u in view.of("colleague") if u.index > failed_at]
    if later:
        return passed(evidence(told[0]), turn_evidence(later[0]), values={"quote": later[0].turn.text})
    asked = any(
        _asks_for_it(params, view, u) and not _refused(params, view, u)
        for u in view.of("caller")
        if u.index >= failed_at
    )
    after = [u for u in view.of("agent") if u.index >= failed_at]
    helped = view.finder.first(params.helps, after)
    if helped is not None and not any(exactly(view, params.puts_off, each) for each in after):
        return passed(evidence(told[0]), evidence(helped), values={"quote": helped.quote})
    close = view.echo(params.offers, after) is not None
    if asked:
        return unsure("note_unclear", evidence(told[0]))
    if close or told[0].probability < MIN_PROBABILITY or not view.legible(after):
        return unsure("words_uncertain", evidence(told[0]))
    return failed(evidence(told[0]), values={"quote": told[0].quote})
