"""Check kinds `offers_solution` and `announces_check`: what the agent does, and whether it is checked afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from belscore.asides import aside_of, for_complaint
from belscore.checks.avoids import start_of, story_start
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.cues_in_turns import clear_of, exactly
from belscore.endings import cut_off
from belscore.language.tokens import Utterance
from belscore.rule_complaint import AnnouncesCheck, OffersSolution
from belscore.scorecard import Evidence
from belscore.solutions import Solution, find_solutions
from belscore.statements import StatementReader
from belscore.view import CallView, evidence, turn_evidence

# Of words from here on nine in ten are right (bench/wer.py).
SURE_WORD = 0.9
# `een ogenblik`: so few words behind a transfer are no talk any more.
HOLD_WORDS = 3
LEXICON = "oplossing"


def offers_solution(params: OffersSolution, view: CallView) -> Outcome:
    """fail is `vague` when all the agent offers is to hand it on."""
    since_s = story_start(view) if params.since == "complaint" else start_of(view, params.since)
    if params.since == "complaint" and _taken_over(view, since_s):
        return not_applicable("taken_over")
    turns = [u for u in view.spoken("agent") if u.turn.start_s >= since_s]
    if not turns:
        return not_applicable("no_agent")
    found = find_solutions(view, since_s)
    if params.since == "complaint":
        found = _less_beside(view, found)
    found = [each for each in found if not _dares(params, view, each)]
    clear = [each for each in found if not each.vague]
    if clear:
        return passed(*_unique(clear), values={"quote": clear[0].evidence.quote})
    taken_on = view.situations.transfers if params.since == "aggression" else ()
    instead = [*view.find(params.also, turns), *(match for match in taken_on if match.start_s >= since_s)]
    if instead:
        return passed(evidence(instead[0]), values={"quote": instead[0].quote})
    if cut_off(view):
        return not_applicable("cut_off")
    if not view.clear(turns):
        return unsure("words_uncertain")
    situation = "klacht" if params.since == "complaint" else "agressie"
    cues = view.situations.complaint if params.since == "complaint" else view.situations.aggression
    if situation in view.situations.doubtful:
        return unsure("situation_doubtful", evidence(cues[0]))
    if found:
        return failed(found[0].evidence, variant="vague", values={"quote": found[0].evidence.quote})
    return failed(evidence(cues[0]))


def _dares(params: OffersSolution, view: CallView, found: Solution) -> bool:
    """`straks sta ik bij je voor de deur` - `komt u maar, ik zit hier tot vijf uur`: it answers a threat."""
    if not params.dares:
        return False
    said = [m for m in exactly(view, params.dares, found.utterance) if m.start < found.end and found.start < m.end]
    before = [u for u in view.spoken("caller") if u.index < found.utterance.index][-1:]
    return bool(said) and any(view.finder.any(params.comes, u) for u in before)


def _less_beside(view: CallView, found: list[Solution]) -> list[Solution]:
    """Without what was offered for another matter, where nothing offered before the complaint can have been for it."""
    aside = aside_of(view)
    if aside is None:
        return found
    before = [s for s in found if s.utterance.index < aside.start.index and s.firm and not s.vague]
    if any(not any(s.start <= moment.start < s.end for moment in view.moments(s.utterance)) for s in before):
        return found
    return for_complaint(view, aside, found)


def _taken_over(view: CallView, since_s: float) -> bool:
    """A colleague speaks after the complaint, or the agent's part ends in the transfer."""
    if any(u.turn.start_s >= since_s for u in view.of("colleague")):
        return True
    turns = view.spoken("agent")
    hold_on = view.lexicon.words(LEXICON, "hold_on")
    while turns[1:] and len(turns[-1].norms) <= HOLD_WORDS and not hold_on.isdisjoint(turns[-1].norms):
        turns = turns[:-1]  # "een ogenblik"
    return any(u.index in _transferred(view) for u in turns[-1:])


def _transferred(view: CallView) -> frozenset[int]:
    return frozenset(match.utterance.index for match in view.situations.transfers)


def _unique(found: list[Solution]) -> Iterator[Evidence]:
    seen: set[tuple[float, float]] = set()
    for each in found:
        quote = each.evidence
        if (quote.start_s, quote.end_s) not in seen:
            seen.add((quote.start_s, quote.end_s))
            yield quote


def announces_check(params: AnnouncesCheck, view: CallView) -> Outcome:
    """A contact with the caller and its purpose, close together in one turn.

    An agent who calls says first what for, and that is no check of what the caller complains about then.
    """
    since_s = start_of(view, "complaint") if view.call.direction == "outbound" else story_start(view)
    if _taken_over(view, since_s):
        return not_applicable("taken_over")
    turns = [u for u in view.spoken("agent") if u.turn.start_s >= since_s]
    if not turns:
        return not_applicable("no_agent")
    reader = StatementReader(view, params.statements)
    found = next((quote for u in turns if (quote := _check_in(params, view, reader, u)) is not None), None)
    if found is not None:
        return passed(found, values={"quote": found.quote})
    if cut_off(view):
        return not_applicable("cut_off")
    half = _half_heard(params, view, turns)
    if half is not None:
        return unsure("words_close", turn_evidence(half))
    if not view.clear(turns):
        return unsure("words_uncertain")
    if "klacht" in view.situations.doubtful:
        return unsure("situation_doubtful", evidence(view.situations.complaint[0]))
    return failed(evidence(view.situations.complaint[0]))


def _half_heard(params: AnnouncesCheck, view: CallView, turns: Sequence[Utterance]) -> Utterance | None:
    """The turn with the purpose of a check, where the contact itself may have been misheard; or an echo of one."""
    for utterance in turns:
        doubtful = any(token.probability < SURE_WORD for token in utterance.tokens)
        if view.recognised and doubtful and view.finder.any(params.purpose, utterance):
            return utterance
    return view.echo(params.purpose, turns)


def _check_in(params: AnnouncesCheck, view: CallView, reader: StatementReader, utterance: Utterance) -> Evidence | None:
    covers = exactly(view, params.not_with, utterance)
    for contact in clear_of(view.finder.find(params.contact, utterance), covers):
        for purpose in clear_of(view.finder.find(params.purpose, utterance), covers):
            gap = max(purpose.start - contact.end, contact.start - purpose.end)
            other = purpose.start < contact.start and utterance.norms[purpose.start] in params.inner
            if gap <= params.within and not other:
                start, end = min(contact.start, purpose.start), max(contact.end, purpose.end)
                tokens = utterance.tokens[start:end]
                return Evidence("agent", tokens[0].start_s, tokens[-1].end_s, utterance.quote(start, end))
    said = clear_of(reader.find(utterance), covers)
    return said[0].evidence if said else None
