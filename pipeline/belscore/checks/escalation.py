"""Check kinds `sets_limit` and `rate_change`: how the agent meets insults and threats."""

from __future__ import annotations

from belscore.call import Span
from belscore.checks.avoids import start_of
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.cues_in_turns import clear_of, exactly
from belscore.language.phrases import Match
from belscore.language.tokens import Passage, Utterance
from belscore.rule_complaint import RateChange, SetsLimit
from belscore.scorecard import Measured
from belscore.situations import aggression_cues
from belscore.statements import StatementReader, quoted
from belscore.view import CallView, evidence, turn_evidence


def sets_limit(params: SetsLimit, view: CallView) -> Outcome:
    """Applies when the caller goes on after the agent's answer to the first outburst."""
    first, again = _outbursts(view)
    if again is None:
        return _limited_again(params, view)
    turns = [u for u in view.of("agent") if u.turn.start_s >= first.utterance.turn.start_s]
    later = [u for u in turns if u.turn.start_s >= again.utterance.turn.start_s]
    limits = _limits(params, view, turns)
    announced = view.find(params.announces, turns)
    if not limits and not announced:
        if not later:
            return not_applicable("no_agent")
        if not view.crisp(turns):
            return unsure("words_uncertain", evidence(again))
        if "agressie" in view.situations.doubtful:
            return unsure("situation_doubtful", evidence(again))
        hint = view.finder.first(params.hints, later)
        if hint is not None and not exactly(view, params.not_with, hint.utterance):
            return unsure("limit_unclear", evidence(hint))
        return failed(evidence(again), *(turn_evidence(u) for u in later[:1]), values={"quote": again.quote})
    unannounced = not announced and _hangs_up(view, again)
    if unannounced or (not limits and _only_hangs_up(view, announced)):
        return failed(turn_evidence(turns[-1]), variant="hung_up")
    said = [*limits, *announced]
    return passed(*(quoted(each) for each in said), values={"quote": said[0].quote})


def _limited_again(params: SetsLimit, view: CallView) -> Outcome:
    """Rough words that alone are no outburst: where the agent takes both turns with them for abuse, it went on.

    Each of two turns of the caller with an answer between them has such words, or gets the behaviour named for answer,
    and at least once it is named.
    """
    agents, rough = view.spoken("agent"), {cue.utterance.index for cue in aggression_cues(view)}
    limits = {limit.utterance.index: limit for limit in reversed(_limits(params, view, agents))}
    answers = [next((u.index for u in agents if u.index > each.index), -1) for each in view.spoken("caller")]
    abused = {
        answer: each.index
        for each, answer in zip(view.spoken("caller"), answers, strict=True)
        if answer >= 0 and (each.index in rough or answer in limits)
    }
    named = [limits[answer] for answer in sorted(abused) if answer in limits]
    if len(abused) < 2 or not named:
        return not_applicable("single_outburst")
    return passed(*(quoted(each) for each in named), values={"quote": named[0].quote})


def _outbursts(view: CallView) -> tuple[Match, Match | None]:
    """The first outburst and the next one behind a turn of the agent; None when there is none."""
    first = view.situations.aggression[0]
    answer = next((u for u in view.of("agent") if u.turn.start_s > first.utterance.turn.start_s), None)
    if answer is None:
        return first, None
    cues = aggression_cues(view)
    return first, next((cue for cue in cues if cue.utterance.turn.start_s >= answer.turn.start_s), None)


def _limits(params: SetsLimit, view: CallView, turns: list[Utterance]) -> list[Passage]:
    """Where the agent names the behaviour, less what a cover makes something else."""
    reader = StatementReader(view, params.statements)
    found: list[Passage] = []
    for utterance in turns:
        said: list[Passage] = [*view.finder.find(params.any_of, utterance), *reader.find(utterance)]
        found += clear_of(said, exactly(view, params.not_with, utterance))
    return found


def _hangs_up(view: CallView, again: Match) -> bool:
    """The agent ended the call, as the metadata say, and the caller's last words were still aggressive."""
    if view.call.ended_by != "agent":
        return False
    callers = view.spoken("caller")
    last = aggression_cues(view)[-1]
    return bool(callers) and last.utterance.index == callers[-1].index and last.start_s >= again.start_s


def _only_hangs_up(view: CallView, announced: list[Match]) -> bool:
    """`ik hang op` as the last that is said is the end itself: no warning that leaves the caller a choice."""
    last = next((u for u in reversed(view.utterances) if u.tokens), None)
    if last is None or last.role != "agent":
        return False
    conditions = view.lexicon.words("einde", "conditions")
    return all(
        match.utterance.index == last.index and conditions.isdisjoint(match.utterance.norms) for match in announced
    )


def rate_change(params: RateChange, view: CallView) -> Outcome:
    """The agent's articulation rate after the outburst against the one before it."""
    if view.call.times != "sound":
        return unsure("times_unmeasured")
    at_s = start_of(view, "aggression")
    before = view.tempo("agent", Span(0.0, at_s))
    after = view.tempo("agent", Span(at_s, view.call.duration_s))
    if before.rate_sps is None or after.rate_sps is None or not before.rate_sps:
        return unsure("too_little_speech_around")
    change = after.rate_sps / before.rate_sps - 1.0
    limit = f"hoogstens {round(100 * params.most)} % sneller"
    measured = Measured(round(100 * change, 1), "%", limit)
    if min(before.speech_s, after.speech_s) < params.min_speech_s:
        return unsure("too_little_speech_around", measured=measured)
    values = {"change": str(abs(round(100 * change)))}
    if before.disputed or after.disputed:
        return unsure("rate_disagrees", measured=measured)
    if change <= params.most:
        return passed(values=values, measured=measured)
    if view.recognised and change <= params.most + params.margin:
        return unsure("rate_near_bound", measured=measured)
    return failed(values=values, measured=measured)
