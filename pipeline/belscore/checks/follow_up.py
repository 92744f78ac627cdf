"""Check kind `follow_up`: what happens after the call is said, and when."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.agreements import handed_on, misdialled
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.checks.questions import ENDINGS
from belscore.cues_in_turns import clear_of
from belscore.handed_terms import since_contrast
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.rule_service import FollowUp
from belscore.scorecard import Evidence
from belscore.terms import Term, TermReader, may_hide_term
from belscore.upcoming import events, looked_up
from belscore.view import MIN_PROBABILITY, CallView, evidence

# An agent whom the caller left after so many more turns had the time to say when.
ENOUGH_TURNS = 2
# The negation of what happens at a moment stands so close behind it: `die komt vandaag niet`.
DENIED_REACH = 1


def follow_up(params: FollowUp, view: CallView) -> Outcome:
    """Promises and tasks need their moment; an appointment has one, and so has `belt u morgen weer` or a delivery."""
    outcome = _followed_up(params, view)
    if outcome.reason == "nothing_pending" and view.likeness.may_agree(view.situations.ids):
        return unsure("agreement_likely")
    return outcome


def _followed_up(params: FollowUp, view: CallView) -> Outcome:
    reader = view.terms
    promised = reader.terms_of(view.situations.promises)
    pending = promised + [(match, reader.term_of(match)) for match in _tasks(params, view)]
    # What the caller waits for is the answer: when the form is mailed does not say when the answer comes.
    timed = [match for match, term in promised or pending if _binds(view, term)]
    if not promised and not timed:
        timed = [match for match, _ in pending if _at_this_moment(view, match)]
    booked = _booked(view)
    calls_again = [m for m in _timed(params.calls_again, view, reader) if not _promised(view, m)]
    happens = [m for m in _timed(params.happens, view, reader) if not (_habitual(view, m) or _denied(view, m, reader))]
    again = [*calls_again, *happens]
    again += [m for m in view.find(params.kept, view.of("agent")) if _until(view, m)]
    again += [m for m in view.find(params.sets_out, view.of("agent")) if _sets_out(params, view, m)]
    if not pending:
        good = [] if misdialled(view) else [*booked, *(evidence(match) for match in again), *events(view)]
        return passed(good[0], values={"quote": good[0].quote}) if good else not_applicable("nothing_pending")
    if timed:
        return passed(evidence(timed[0]), values={"quote": timed[0].quote})
    since_s = min(match.start_s for match, _ in pending)
    later = [u for u in view.spoken("agent") if u.turn.start_s > since_s]
    for reason, holds in ENDINGS:
        if holds(view) and not (reason == "caller_hung_up" and len(later) >= ENOUGH_TURNS):
            return not_applicable(reason)
    left = any(reader.put_off(match) for match, _ in promised)  # "wanneer?" - "zo snel mogelijk": no other moment is it
    settled = calls_again if left else [*again, *_timed(params.settles, view, reader)]
    good = [evidence(match) for match in settled]
    good += [event for match, _ in pending if not left for event in _right_behind(view, match)]
    if good:
        return passed(good[0], values={"quote": good[0].quote})
    match, term = pending[-1]
    if booked and not view.situations.promises:
        return passed(booked[0], values={"quote": booked[0].quote})
    if any(each.kind == "open" and not _cut_short(each, pending) for _, each in pending):
        return unsure("term_open", evidence(match))
    if match.probability < MIN_PROBABILITY or (term.kind == "none" and any(may_hide_term(view, m) for m, _ in pending)):
        return unsure("words_uncertain", evidence(match))
    return failed(evidence(match), values={"quote": match.quote, "term": term.quote})


def _sets_out(params: FollowUp, view: CallView, match: Match) -> bool:
    """`u mag meteen hierheen komen`: as things are, and not `als het erger wordt, moet u direct komen`."""
    sentence = part(match.utterance, *match.utterance.sentence_of(match.start))
    negations = view.lexicon.negations
    if view.finder.any(params.supposes, sentence) or not negations.isdisjoint(sentence.norms):
        return False
    if sentence.tokens[-1].after == "?":  # `kunt u binnen een half uur hierheen komen?` - `Mijn man haalt de auto.`
        reply = next((u for u in view.of("caller") if u.index > match.utterance.index), None)
        refuses = negations | view.lexicon.words("einde", "refusals")
        if reply is None or view.asking.questions(reply) or not refuses.isdisjoint(reply.norms):
            return False
    soon = view.finder.any(view.lexicon.list("termijnen", "hard", "ahead"), sentence)
    return soon or _at_this_moment(view, match)


def _until(view: CallView, match: Match) -> bool:
    """`die plek hou ik tot vijf uur voor u vast`: a moment in its sentence."""
    low, high = match.utterance.sentence_of(match.start)
    return any((m.has_clock or m.has_day) and low <= m.start < high for m in view.moments(match.utterance))


def _cut_short(term: Term, pending: Sequence[tuple[Match, Term]]) -> bool:
    """`zo gauw` as far as one task reaches, in `zo gauw ze even kan` of another."""
    soft = [other for _, other in pending if other.kind == "soft" and other.utterance is term.utterance]
    return any(other.start <= term.start and term.end <= other.end for other in soft)


def _habitual(view: CallView, match: Match) -> bool:
    """`op donderdag loopt het altijd uit, dat komt door de planning`: how it goes in general."""
    piece = part(match.utterance, *match.utterance.sentence_of(match.start))
    return not view.lexicon.words("termijnen", "habit").isdisjoint(piece.norms)


def _denied(view: CallView, match: Match, reader: TermReader) -> bool:
    """`die zijn er vandaag niet`: not at that moment, unless another follows behind the negation: `maar morgen wel`."""
    utterance = match.utterance
    _, high = utterance.sentence_of(match.start)
    term = reader.hard_in(utterance, since_contrast(view, match), high)
    if term is None:
        return False
    start, end = min(match.start, term.start), min(max(match.end, term.end) + DENIED_REACH, high)
    negated = [at for at in range(start, end) if utterance.norms[at] in view.lexicon.negations]
    return bool(negated) and reader.hard_in(utterance, negated[-1], high) is None


def _promised(view: CallView, match: Match) -> bool:
    """The words are those of a promise: in `zij belt u` the practice calls."""
    beside = [promise for promise in view.situations.promises if promise.utterance.index == match.utterance.index]
    return not clear_of([match], beside)


def _right_behind(view: CallView, task: Match) -> list[Evidence]:
    """`die stuur ik er heen. Over tien minuten stapt ze in`: what happens in the sentence behind a task, and when."""
    _, end = task.utterance.sentence_of(task.start)
    if task in view.situations.promises or end >= len(task.utterance.tokens):
        return []
    low, high = (task.utterance.tokens[at] for at in (end, task.utterance.sentence_of(end)[1] - 1))
    return [event for event in events(view, ahead_only=True) if low.start_s <= event.start_s <= high.end_s]


def _booked(view: CallView) -> list[Evidence]:
    """The moment of the appointment."""
    appointment = view.situations.appointment
    if appointment is None:
        return []
    moment = appointment.moment
    return [Evidence(moment.utterance.role, moment.start_s, moment.end_s, moment.quote)]


def _binds(view: CallView, term: Term) -> bool:
    return term.kind == "hard" or (term.kind == "at_once" and "wachtstand" in view.situations)


def _at_this_moment(view: CallView, task: Match) -> bool:
    """`ik stuur nu een ambulance`, `dan mail ik nu de nota naar u toe`: its clause says that it is done at once."""
    words = (*view.lexicon.list("termijnen", "now"), *view.lexicon.list("termijnen", "now", "while_said"))
    spans = [(m.start, m.end) for m in view.finder.find(words, task.utterance)]
    return any(
        _one_clause(view, task.utterance, *sorted(((start, end), (task.start, task.end)))) for start, end in spans
    )


def _one_clause(view: CallView, utterance: Utterance, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Nothing between two stretches of a turn ends the clause."""
    if second[0] <= first[1]:
        return True
    ends = view.lexicon.words("termijnen", "clause_ends") | view.lexicon.negations
    marked = any(token.after for token in utterance.tokens[first[1] - 1 : second[0]])
    return not marked and ends.isdisjoint(utterance.norms[first[1] : second[0]])


def _tasks(params: FollowUp, view: CallView) -> list[Match]:
    """What the agent takes on for later; what the next words show to be done already is left out."""
    found: list[Match] = []
    handed = handed_on(view)
    while_held = {hold.request.utterance.index for hold in view.situations.holds if hold.back is not None}
    for utterance in view.of("agent"):
        if utterance.index in while_held:  # the agent did it and came back
            continue
        covers = view.finder.find(params.not_tasks, utterance)
        beside = [match for match in handed if match.utterance is utterance]
        for match in (*view.finder.find(params.tasks, utterance), *beside):
            start, end = utterance.sentence_of(match.start)
            covered = any(start <= cover.start < end and cover.cost < 0.5 for cover in covers)
            if not covered and utterance.tokens[end - 1].after != "?" and not looked_up(view, match):
                found.append(match)
    return found


def _timed(phrases: Sequence[str], view: CallView, reader: TermReader) -> list[Match]:
    """Where one of the phrases is said with its moment: `belt u maandag weer`, `het ligt morgen klaar`."""
    return [
        match
        for match in view.find(phrases, view.of("agent"))
        if reader.hard_in(match.utterance, since_contrast(view, match), match.utterance.sentence_of(match.start)[1])
        is not None
    ]
