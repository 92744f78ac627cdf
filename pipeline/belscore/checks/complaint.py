"""Check kinds on handling a complaint: `hears_out`, `says_before`, `summarises`, `answers_request`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from belscore.call import Span
from belscore.checks.avoids import start_of, story_start
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.checks.overlap import announced
from belscore.cues_in_turns import clear_of, exactly
from belscore.endings import cut_off
from belscore.language.phrases import Match
from belscore.language.tokens import Passage, Utterance
from belscore.rule_complaint import AnswersRequest, HearsOut, SaysBefore, Summarises
from belscore.scorecard import Evidence, Interruption
from belscore.solutions import find_solutions
from belscore.statements import MAX_COST, StatementReader, quoted
from belscore.summary import first_account
from belscore.view import CallView, due_evidence, evidence, turn_evidence

# Own values: a story has so many words, and a word of displeasure comes at most so many floors of the caller later.
STORY_WORDS = 20
STORY_FLOORS = 3
# "ik wil geen officiële klacht indienen": so close behind the refusal stands what is refused.
DECLINE_REACH = 2


def hears_out(params: HearsOut, view: CallView) -> Outcome:
    """One unannounced interruption of the caller's first account is enough to fail."""
    if view.call.channels == "mixed":
        return unsure("channels_mixed")
    account = _account(view)
    found = [
        each
        for each in view.taking.interruptions_by("agent")
        if account.start_s <= each.start_s < account.end_s and not announced(params.announced, view, each)
    ]
    if not found:
        return passed()
    if "klacht" in view.situations.doubtful:
        return unsure("situation_doubtful", _words_at(view, found[0]))
    return failed(*(_words_at(view, each) for each in found), values={"count": str(len(found))})


def _account(view: CallView) -> Span:
    """The floors in which the caller first tells the complaint.

    From the floor with the first cue (with the one before it, when the agent cut that one short) to its end; an
    account that was interrupted goes on in the caller's next floor. A story that the agent cut short comes first, when
    no solution lies between it and the cue: what is wrong is often told before a word of displeasure.
    """
    start_s = start_of(view, "complaint")
    floors = sorted(view.taking.floors.get("caller", ()))
    at = next((i for i, floor in enumerate(floors) if floor.end_s > start_s), None)
    if at is None:
        return Span(start_s, start_s)
    cuts = [each.start_s for each in view.taking.interruptions_by("agent")]
    first = last = at
    while first > 0 and _cut(floors[first - 1], cuts):
        first -= 1
    while last + 1 < len(floors) and _cut(floors[last], cuts):
        last += 1
    earlier = next((i for i in range(max(0, first - STORY_FLOORS), first) if _cut(floors[i], cuts)), first)
    if earlier < first and _is_story(view, floors[earlier]):
        offers = [each.utterance.turn.start_s for each in find_solutions(view, floors[earlier].end_s) if each.firm]
        first = earlier if min(offers, default=start_s) >= start_s else first
    return Span(floors[first].start_s, floors[last].end_s)


def _cut(floor: Span, cuts: Sequence[float]) -> bool:
    return any(floor.start_s <= cut < floor.end_s for cut in cuts)


def _is_story(view: CallView, floor: Span) -> bool:
    turns = [u for u in view.of("caller") if u.turn.span.overlap_s(floor) > 0]
    return sum(len(u.tokens) for u in turns) >= STORY_WORDS


def _words_at(view: CallView, interruption: Interruption) -> Evidence:
    """The agent's turn that interrupts; the place alone where no words are known."""
    span = Span(interruption.start_s, interruption.end_s)
    turns = [u for u in view.of("agent") if u.turn.span.overlap_s(span) > 0]
    return turn_evidence(turns[-1]) if turns else due_evidence("agent", span)


def says_before(params: SaysBefore, view: CallView) -> Outcome:
    """The phrase comes before or in the turn that offers the first solution."""
    turns = _told_to(view)
    if not turns:
        return not_applicable("no_agent")
    said = _first_said(params, view, turns)
    found = said[0] if said else None
    offers = find_solutions(view, start_of(view, "complaint"))
    solution = next((each for each in offers if each.firm and not each.vague), None)
    if found is not None:
        late = solution is not None and found.utterance.index > solution.utterance.index
        if late and solution is not None:
            if not view.crisp([u for u in turns if u.index <= solution.utterance.index]):
                return unsure("words_uncertain", solution.evidence, quoted(found))
            return failed(solution.evidence, quoted(found), variant="late", values={"quote": found.quote})
        return passed(*(quoted(each) for each in said), values={"quote": found.quote})
    near = view.finder.first(params.any_of, turns, doubtful=True) if view.recognised else None
    if near is not None and near.doubtful:
        return unsure("words_close", evidence(near))
    echoing = view.echo((*params.any_of, *params.cries), turns)
    if echoing is not None:
        return unsure("words_close", turn_evidence(echoing))
    return _missing(view, turns)


def _first_said(params: SaysBefore, view: CallView, turns: Sequence[Utterance]) -> list[Passage]:
    """The phrases and statements in the first turn that has any, in order."""
    reader, faults = StatementReader(view, params.statements), StatementReader(view, params.faults)
    for utterance in turns:
        said = [*_uncovered(view, params.any_of, params.not_with, [utterance]), *reader.find(utterance)]
        last = utterance is turns[-1]  # "sterkte ermee" is a farewell there
        if not (said or last or view.finder.any(params.belittles, utterance) or faults.find(utterance)):
            said = list(_uncovered(view, params.cries, params.not_with, [utterance]))
        if said:
            return sorted(said, key=lambda each: (each.start, -each.end))
    return []


def _told_to(view: CallView) -> list[Utterance]:
    """The agent's turns from the caller's first words on."""
    since_s = story_start(view)
    return [u for u in view.spoken("agent") if u.turn.start_s >= since_s]


def _uncovered(
    view: CallView, phrases: Sequence[str], covers: Sequence[str], turns: Sequence[Utterance]
) -> Iterator[Match]:
    """Matches that no cover overlaps, in order."""
    for utterance in turns:
        yield from clear_of(view.finder.find(phrases, utterance), exactly(view, covers, utterance) if covers else ())


def _missing(view: CallView, turns: Sequence[Utterance]) -> Outcome:
    """Nothing was said: no fault where the recording stops, or where the words are too poor to tell."""
    if cut_off(view):
        return not_applicable("cut_off")
    if not view.clear(turns):
        return unsure("words_uncertain")
    if "klacht" in view.situations.doubtful:
        return unsure("situation_doubtful", evidence(view.situations.complaint[0]))
    return failed(evidence(view.situations.complaint[0]))


def summarises(_params: Summarises, view: CallView) -> Outcome:
    """A marked summary, or a sentence to the caller that holds enough of the story."""
    turns = _told_to(view)
    if not turns:
        return not_applicable("no_agent")
    summary = first_account(view, turns[0].turn.start_s)
    if summary is not None:
        return passed(turn_evidence(summary.utterance))
    echoing = view.echo(view.lexicon.list("luisteren", "summary"), turns)
    return unsure("words_close", turn_evidence(echoing)) if echoing is not None else _missing(view, turns)


def answers_request(params: AnswersRequest, view: CallView) -> Outcome:
    """Not asked: not applicable. Asked, the agent names an answer at any time."""
    callers = view.of("caller")
    requests = _uncovered(view, params.asked, params.threats, callers)
    reader = StatementReader(view, params.statements)
    said: Iterator[Passage] = chain(
        (match for match in requests if match.cost <= MAX_COST), *(reader.find(caller) for caller in callers)
    )
    asked = next((each for each in said if not _declined(params, view, each)), None)
    hinted = view.finder.first(params.hinted, callers)
    if asked is None and hinted is None:
        return not_applicable("not_asked")
    agents = view.of("agent")
    found = list(_uncovered(view, params.answers, params.refusals, agents))
    since = min(each.utterance.index for each in (asked, hinted) if each is not None)
    found = [each for each in found if not _leads_past(params, view, each, since)]
    repeated = _asked_again(params, view, found)
    asked = repeated or asked
    if found and repeated is None:
        return passed(*(evidence(match) for match in found), values={"quote": found[0].quote})
    if asked is None:
        return not_applicable("not_asked")
    if cut_off(view):
        return not_applicable("cut_off")
    later = [u for u in agents if u.index > asked.utterance.index]
    if not later:
        return not_applicable("no_agent")
    if not view.crisp(later):
        return unsure("words_uncertain", quoted(asked))
    return failed(quoted(asked), turn_evidence(later[0]), values={"quote": later[0].turn.text})


def _declined(params: AnswersRequest, view: CallView, said: Passage) -> bool:
    """`ik wil geen officiële klacht indienen`: told, not asked."""
    low, high = said.utterance.sentence_of(said.start)
    if said.utterance.tokens[high - 1].after == "?":
        return False
    found = view.finder.find(params.declines, said.utterance)
    near = [m for m in found if low <= m.start and m.end <= said.end and m.cost == 0]
    return any(said.start < m.end or said.start - m.end < DECLINE_REACH for m in near)


def _leads_past(params: AnswersRequest, view: CallView, match: Match, since: int) -> bool:
    """`de teamleider belt u`: somebody to talk to, before it was asked or with the caller talked out of it."""
    utterance = match.utterance
    if not _is_weak(params, view, match):
        return False
    low, high = utterance.sentence_of(match.start)
    if any(low <= each.start < high for each in view.finder.find(params.where_to, utterance)):
        return False
    later = (each for each in view.of("agent") if each.index > since)
    return utterance.index < since or any(view.finder.any(params.dissuades, each) for each in later)


def _is_weak(params: AnswersRequest, view: CallView, match: Match) -> bool:
    weak = view.finder.find(params.weak, match.utterance)
    return any(each.start <= match.start and match.end <= each.end for each in weak)


def _asked_again(params: AnswersRequest, view: CallView, found: Sequence[Match]) -> Match | None:
    """`De teamleider belt u.` - `En die officiële klacht dan?`: a request behind nothing but weak answers."""
    if not all(_is_weak(params, view, match) for match in found):
        return None
    last = max((match.utterance.index for match in found), default=len(view.utterances))
    for utterance in view.of("caller"):
        if utterance.index > last:
            again = list(view.finder.find(params.again, utterance))
            again += view.finder.find(params.asked, utterance) if view.asking.questions(utterance) else []
            if again:
                return again[0]
    return None
