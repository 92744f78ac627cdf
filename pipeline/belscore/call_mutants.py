"""Mutants of whole calls: for each verdict on a sample, the changes after which it should be another one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from belscore import mutations
from belscore.call import Call, Role, Span, Turn, merge_spans
from belscore.checks.outcome import Outcome
from belscore.engine import judge
from belscore.experiment import followed
from belscore.notation import spread_words
from belscore.remedy import advise
from belscore.rulebook import Rule, RuleSet
from belscore.samples import Sample
from belscore.scorecard import Evidence, Verdict
from belscore.view import CallView

Change = Literal["removed", "given_to_caller", "misheard", "planted", "advised", "retimed"]
# Kinds in which something said is the fault; a call passes them by not saying it.
FAULT_SAID = (
    "addresses_formally", "asks_again", "avoids", "avoids_before", "counts_name", "short_answers", "steers",
)  # fmt: skip
# Kinds that judge when or how fast, not which words.
TIMED = (
    "greeting_rate", "hears_out", "overlap", "rate", "rate_change", "rings", "silence",
)  # fmt: skip
# Kinds to which a sound counts whatever it was.
BY_SOUND = ("listening_signals",)
# Their first evidence is what was agreed, not what is judged.
AGREED_FIRST = ("repeats_value",)
# Twice as fast, and at under two thirds of the pace.
FASTER, SLOWER = 0.5, 1.7
CUT_IN_LEAST_S, CUT_IN_OVERLAP_S, CUT_IN_AT = 2.5, 1.2, (0.5, 0.8)
INTERRUPTIONS = 3
OTHER_HOURS = (6, 12, 18)
PARTIES: tuple[Role, Role] = ("caller", "agent")
# Longer than any rule allows, and shorter than any rule minds.
LONG_SILENCE_S, SHORT_SILENCE_S = 30.0, 1.0
LONG_RING_S, SHORT_RING_S = 60.0, 3.0
SHORT_HOLD_S = 20.0
ROUNDING_S = 1e-6

ChangeWords = Callable[[Call, Sequence[Evidence]], Call | None]
# The words are not there, are not the agent's, or are not understood.
UNSAID: Mapping[Change, ChangeWords] = {
    "removed": mutations.without,
    "given_to_caller": mutations.said_by_caller,
    "misheard": mutations.misheard,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A sample changed in one respect, and whether the verdict on a rule changed with it.

    quote   : the words that were changed, for people; "" where it was the timing
    verdict : before the change
    got     : what the changed call gets; of several places to make the change the first that tells
    """

    sample: Sample
    rule_id: str
    change: Change
    quote: str
    verdict: Verdict
    got: Verdict
    killed: bool

    @property
    def name(self) -> str:
        """How a sample's file names the mutant."""
        return f"{self.rule_id}:{self.change}"

    @property
    def excuse(self) -> str:
        """Why the sample's file says that this one may survive; "" when it does not."""
        return self.sample.expected.survivors.get(self.name, "")

    @property
    def survives(self) -> bool:
        """The verdict did not change, and nobody said why that would be right."""
        return not (self.killed or self.excuse)


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule's outcome on a sample."""

    sample: Sample
    view: CallView
    rule: Rule
    outcome: Outcome


def find_mutants(calls: Sequence[tuple[Sample, Call]], rules: RuleSet) -> Iterator[Mutant]:
    """Every mutant of every sample, in their order and that of the rules.

    A verdict of `pass` or `fail` has at least one, apart from passes by silence of which no sample shows the fault.
    """
    judged: list[Judged] = []
    for sample, call in calls:
        view = CallView(call, rules.knowledge)
        judged += [Judged(sample, view, rule, judge(rule, view)) for rule in rules.rules]
    scenes = _scenes(judged)
    for each in judged:
        if each.outcome.verdict in ("pass", "fail"):
            yield from _mutants(each, scenes.get(each.rule.id, ()))


def _mutants(each: Judged, scenes: Sequence[Sequence[Turn]]) -> Iterator[Mutant]:
    """The changes that fit a verdict, tried."""
    kind, passes = each.rule.check.kind, each.outcome.verdict == "pass"
    if kind in TIMED or kind == "daypart" or (kind == "hold_length" and not passes):
        # A wait that was shortened is none; anything else that no longer applies was not put to the test.
        vain = {each.outcome.verdict} if kind == "hold_length" else {each.outcome.verdict, "not_applicable"}
        yield from _tried(each, "retimed", _retimed(each), lambda got: got not in vain)
    if passes and kind in FAULT_SAID:
        yield from _tried(each, "planted", _planted(each, scenes), lambda got: got == "fail")
    elif kind not in TIMED and (passes or kind in (*FAULT_SAID, "daypart")):
        for change, change_words in UNSAID.items():
            if not (change == "misheard" and kind in BY_SOUND):
                yield from _worn_down(each, change, change_words)
    if not passes and kind not in TIMED:
        yield from _tried(each, "advised", _advised(each), lambda got: got == "pass")


def _tried(each: Judged, change: Change, calls: Iterable[Call], kills: Callable[[Verdict], bool]) -> Iterator[Mutant]:
    """One mutant for a change that can be made in several places: it must tell in one of them."""
    verdicts = []
    for call in calls:
        verdicts.append(judge(each.rule, CallView(call, each.view.knowledge)).verdict)
        if kills(verdicts[-1]):
            break
    if verdicts:
        yield _mutant(each, change, each.outcome.evidence, verdicts[-1], killed=kills(verdicts[-1]))


def _worn_down(each: Judged, change: Change, change_words: ChangeWords) -> Iterator[Mutant]:
    """The words that a verdict rests on are changed, then those it rests on without them, until it rests on none.

    Who says goodbye twice has said goodbye when one is taken away; not when both are.
    """
    call, outcome = each.view.call, each.outcome
    changed: list[Evidence] = []
    while outcome.verdict == each.outcome.verdict:
        key = [quoted for quoted in _key(each.rule, outcome, change) if not _lies_in(quoted, changed)]
        mutated = change_words(call, key) if key else None
        if mutated is None:
            break
        changed, call = [*changed, *key], mutated
        outcome = judge(each.rule, CallView(call, each.view.knowledge))
    killed = outcome.verdict != each.outcome.verdict
    rests_on_caller = change == "given_to_caller" and not _key(each.rule, outcome, change)
    if changed and (killed or not rests_on_caller):
        yield _mutant(each, change, changed, outcome.verdict, killed=killed)


def _key(rule: Rule, outcome: Outcome, change: Change) -> list[Evidence]:
    """The words that an outcome rests on: the agent's, and where there are none of those the caller's."""
    quoted = [each for each in key_words(rule.check.kind, outcome.evidence) if each.quote]
    by_agent = [each for each in quoted if each.role == "agent"]
    return by_agent or ([] if change == "given_to_caller" else quoted)


def _lies_in(quoted: Evidence, others: Sequence[Evidence]) -> bool:
    """Whether all of it was changed already."""
    return any(
        quoted.role == other.role
        and other.start_s - ROUNDING_S <= quoted.start_s
        and quoted.end_s <= other.end_s + ROUNDING_S
        for other in others
    )


def key_words(kind: str, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """The part of a verdict's evidence that is judged."""
    return evidence[1:] if kind in AGREED_FIRST and len(evidence) > 1 else evidence


def _mutant(each: Judged, change: Change, quoted: Sequence[Evidence], got: Verdict, *, killed: bool) -> Mutant:
    quote = " / ".join(word.quote for word in quoted if word.quote)
    return Mutant(each.sample, each.rule.id, change, quote, each.outcome.verdict, got, killed)


def _advised(each: Judged) -> Iterator[Call]:
    advice = advise(each.rule, each.outcome, each.view, "nl")
    better = followed(each.view.call, advice, each.outcome)
    if better is not None:
        yield better


def _scenes(judged: Sequence[Judged]) -> Mapping[str, list[list[Turn]]]:
    """For each rule the faults that samples show: the turns they lie in, each with what the caller said before it."""
    scenes: dict[str, list[list[Turn]]] = {}
    for each in judged:
        if each.outcome.verdict != "fail" or each.rule.check.kind not in FAULT_SAID:
            continue
        turns = each.view.call.turns
        scene: list[Turn] = []
        for index, turn in enumerate(turns):
            quoted = any(
                word.role == "agent" and turn.role == "agent" and turn.start_s <= word.start_s < turn.end_s
                for word in each.outcome.evidence
            )
            if quoted:
                scene += [before for before in turns[max(0, index - 1) : index] if before.role == "caller"]
                scene.append(turn)
        scenes.setdefault(each.rule.id, []).append(mutations.in_a_row(scene))
    return scenes


def _planted(each: Judged, scenes: Sequence[Sequence[Turn]]) -> Iterator[Call]:
    """The fault of another sample, at each place between two turns in turn."""
    call = each.view.call
    if each.rule.check.kind == "counts_name":
        yield from _named_often(each, each.rule.check.apart_s)
        return
    places = [gap.start_s for gap in _gaps(call, Span(0.0, call.duration_s))]
    for scene in scenes:
        yield from (mutations.planted(call, scene, at_s) for at_s in places)


def _named_often(each: Judged, apart_s: float) -> Iterator[Call]:
    """The caller's name as it was said in the call, once more between each two turns."""
    said = next((word.quote for word in each.outcome.evidence if word.quote), "")
    length_s = apart_s + 1.0
    turn = Turn("agent", 0.0, length_s, said, spread_words(said, 0.0, length_s))
    call = each.view.call
    for gap in reversed(list(_gaps(call, Span(0.0, call.duration_s))) if said else []):
        call = mutations.planted(call, [turn], gap.start_s)
        yield call


def _retimed(each: Judged) -> Iterator[Call]:
    """The same words at other times."""
    call, fails, kind = each.view.call, each.outcome.verdict == "fail", each.rule.check.kind
    whole = Span(0.0, call.duration_s)
    if kind == "daypart" and call.started_at is not None:
        yield from (replace(call, started_at=call.started_at + timedelta(hours=hours)) for hours in OTHER_HOURS)
    elif kind == "rings":
        yield replace(call, ring_s=SHORT_RING_S if fails else LONG_RING_S)
    elif kind in ("rate", "greeting_rate"):
        yield from (mutations.warped(call, whole, factor) for factor in (FASTER, SLOWER))
    elif kind == "rate_change":
        ends = [turn.end_s for turn in call.turns_of("caller")]
        factor = SLOWER if fails else FASTER
        yield from (mutations.warped(call, Span(end_s, call.duration_s), factor) for end_s in ends)
    elif kind in ("overlap", "hears_out"):
        yield from [mutations.heard_out(call, each.outcome.evidence)] if fails else _interruptions(call)
    elif kind == "hold_length":
        for hold in each.view.situations.holds:
            yield mutations.warped(call, hold.span, SHORT_HOLD_S / hold.span.duration_s)
    elif kind == "silence":
        yield from _silences(each)


def _interruptions(call: Call) -> Iterator[Call]:
    """The agent cuts in on each turn of the caller in turn, and on the longest one time after time."""
    for turn in call.turns_of("caller"):
        for at in CUT_IN_AT if turn.end_s - turn.start_s >= CUT_IN_LEAST_S else ():
            cut = mutations.cut_in(call, turn, at, CUT_IN_OVERLAP_S)
            if cut is not None:
                yield cut
    longest = [max(call.turns_of(role), key=lambda turn: turn.end_s - turn.start_s) for role in PARTIES]
    told = mutations.in_a_row(longest)
    once = mutations.cut_in(replace(call, turns=tuple(told)), told[0], CUT_IN_AT[0], CUT_IN_OVERLAP_S)
    assert once is not None
    for gap in list(_gaps(call, Span(0.0, call.duration_s)))[1:2]:
        again = call
        for _ in range(INTERRUPTIONS):
            again = mutations.planted(again, once.turns, gap.start_s)
        yield again


def _silences(each: Judged) -> Iterator[Call]:
    call = each.view.call
    if each.outcome.verdict == "fail":
        for quoted in each.outcome.evidence:
            span = Span(quoted.start_s, quoted.end_s)
            yield mutations.warped(call, span, SHORT_SILENCE_S / max(span.duration_s, SHORT_SILENCE_S))
        return
    yield from (
        mutations.warped(call, gap, LONG_SILENCE_S / gap.duration_s) for gap in _gaps(call, Span(0.0, call.duration_s))
    )


def _gaps(call: Call, inside: Span) -> Iterator[Span]:
    """Where nobody speaks between two turns."""
    spoken = merge_spans([turn.span for turn in call.turns])
    for before, after in pairwise(spoken):
        if inside.start_s <= before.end_s + ROUNDING_S and after.start_s <= inside.end_s + ROUNDING_S:
            yield Span(before.end_s, after.start_s)
