"""Other rules for the calls in the store: their transcripts judged again without their sound, and what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from belscore.errors import BelscoreError
from belscore.scorecard import Finding, Scorecard, Verdict
from belscore.store import audit
from belscore.store.calls import Judged, unpack_call, unpack_card
from belscore.store.database import Store
from belscore.store.rescored import Choice, StoredCall, due, replace_cards, stored_calls
from belscore.store.rule_sets import keep_rules

if TYPE_CHECKING:
    from belscore.profile import Profile
    from belscore.rulebook import RuleSet

# Calls in one transaction: about a second of writing, in which no other writer gets in.
BLOCK = 250
# Calls that a worker gets at a time: enough that it has work while a block is written.
_PART = 25
_AHEAD = 3
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """Where rules and profile lie, in a form that can be sent to another process; None for those that come along."""

    rules_folder: Path | None = None
    profile: Path | None = None

    def load(self) -> tuple[RuleSet, Profile | None]:
        """Raises RuleError when they are not valid."""
        from belscore.rulebook import load_rules

        rules = load_rules(self.rules_folder)
        if self.profile is None:
            return rules, None
        from belscore.profile import load_profile

        return rules, load_profile(self.profile, rules)


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict that became another one; None on the side whose rules have no such rule."""

    rule_id: str
    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True, slots=True)
class Example:
    """One call of a change; the findings are None where there is none, or the one before can no longer be read."""

    call_id: int
    source: str
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A call whose score became another one; 0..100, None where nothing could be judged."""

    call_id: int
    source: str
    before: float | None
    after: float | None


@dataclass(slots=True)
class Rescoring:
    """What judging again did, or would do.

    judged             : calls that were judged again
    as_before          : calls that had been judged by these rules already
    without_transcript : calls whose transcript is gone, left as they were
    left               : calls that others changed while they were judged, left to a next run
    failed             : calls that could not be judged, by their error
    changes            : how many calls each change occurs in; `examples` has the first few of each
    changed_calls      : calls with any change of a verdict
    moved              : calls whose score changed
    """

    judged: int = 0
    as_before: int = 0
    without_transcript: int = 0
    left: list[int] = field(default_factory=list)
    failed: list[BelscoreError] = field(default_factory=list)
    changes: Counter[VerdictChange] = field(default_factory=Counter)
    examples: dict[VerdictChange, list[Example]] = field(default_factory=dict)
    changed_calls: int = 0
    moved: list[Moved] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All calls that were chosen."""
        return self.judged + self.as_before + self.without_transcript + len(self.left) + len(self.failed)

    def add(self, call: StoredCall, card: Scorecard) -> None:
        """Count what a new scorecard of a call changes."""
        before = call.verdicts
        after = {finding.rule_id: finding for finding in card.findings}
        self.judged += 1
        if call.score != card.score:
            self.moved.append(Moved(call.id, call.source, call.score, card.score))
        changed = [
            VerdictChange(rule_id, before.get(rule_id), after[rule_id].verdict if rule_id in after else None)
            for rule_id in dict.fromkeys((*after, *before))
            if rule_id not in after or before.get(rule_id) != after[rule_id].verdict
        ]
        self.changed_calls += bool(changed)
        for change in changed:
            self.changes[change] += 1
            examples = self.examples.setdefault(change, [])
            if len(examples) < EXAMPLES:
                earlier = _earlier_finding(call, change.rule_id)
                examples.append(Example(call.id, call.source, earlier, after.get(change.rule_id)))


def _earlier_finding(call: StoredCall, rule_id: str) -> Finding | None:
    if call.card is None:
        return None
    try:
        return unpack_card(call.card, where=f"call {call.id}").finding(rule_id)
    except (KeyError, ValueError, BelscoreError):
        # A damaged scorecard, or one of another form: it is replaced anyway.
        return None


def rescore(
    store: Store,
    judged_by: JudgedBy,
    choice: Choice,
    *,
    actor: str,
    dry_run: bool = False,
    everything: bool = False,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Rescoring:
    """Judge stored calls again and replace their scorecards, `BLOCK` in a transaction.

    Stopped at any moment it leaves whole scorecards; run again it goes on with the calls that are still to be judged.

    actor      : who is named in the audit log
    dry_run    : write nothing
    everything : judge calls again too that were judged by these rules, such as by an earlier program or profile
    progress   : hears how many calls are done, and of how many

    Raises RuleError when rules or profile are not valid, BelscoreError when the store has no such calls.
    """
    from belscore.question_trees import trees_digest

    rules, profile = judged_by.load()
    counted = profile.applied(rules) if profile else rules
    trees = trees_digest(profile.trees) if profile else None
    with store.read() as connection:
        found = due(connection, choice, rules_digest=counted.digest, trees_digest=trees, everything=everything)
    if not found.call_ids and not found.as_before and not found.without_transcript:
        raise BelscoreError("has no such calls", where=store.name, do="name another --store, or other days")
    result = Rescoring(as_before=found.as_before, without_transcript=found.without_transcript)
    writer = None if dry_run else _Writer(store, counted, trees, actor, result)
    parts = _parts(store, found.call_ids)
    for part in _judged(parts, judged_by, min(jobs, -(-len(found.call_ids) // _PART))):
        for call, outcome in part:
            if isinstance(outcome, BelscoreError):
                result.failed.append(outcome)
            elif writer is None:
                result.add(call, outcome)
            else:
                writer.add(call, outcome)
        waiting = writer.waiting if writer else 0
        progress(result.judged + len(result.failed) + len(result.left) + waiting, len(found.call_ids))
    if writer is not None:
        writer.write()
    return result


class _Writer:
    """Gathers scorecards and writes them block by block, each with its note in the audit log."""

    def __init__(self, store: Store, rules: RuleSet, trees: str | None, actor: str, result: Rescoring) -> None:
        self._store, self._rules, self._trees, self._actor = store, rules, trees, actor
        self._result = result
        self._cards: list[tuple[StoredCall, Scorecard]] = []

    @property
    def waiting(self) -> int:
        return len(self._cards)

    def add(self, call: StoredCall, card: Scorecard) -> None:
        self._cards.append((call, card))
        if len(self._cards) >= BLOCK:
            self.write()

    def write(self) -> None:
        """One transaction; what is counted is what was kept."""
        block, self._cards = self._cards, []
        if not block:
            return
        with self._store.write() as connection:
            rule_set = keep_rules(connection, self._rules)
            judged = [(call, Judged(card, rule_set, self._trees)) for call, card in block]
            left = replace_cards(connection, judged)
            detail = {"rules": self._rules.digest, "trees": self._trees, "from": block[0][0].id, "to": block[-1][0].id}
            audit.note(connection, self._actor, "rescored", f"{len(block) - len(left)} calls", detail)
        self._result.left += left
        for call, card in block:
            if call.id not in left:
                self._result.add(call, card)


Outcome = tuple[StoredCall, Scorecard | BelscoreError]
# A call's id, transcript and scorecard.
_Asked = tuple[int, bytes, bytes | None]


def _parts(store: Store, call_ids: Sequence[int]) -> Iterator[list[StoredCall]]:
    for start in range(0, len(call_ids), _PART):
        with store.read() as connection:
            yield stored_calls(connection, call_ids[start : start + _PART])


def _judged(parts: Iterable[list[StoredCall]], judged_by: JudgedBy, jobs: int) -> Iterator[list[Outcome]]:
    """The calls with their new scorecards, part by part in the order they are done."""
    if jobs == 1:
        judge = make_judge(judged_by)
        for part in parts:
            yield [*zip(part, judge([_asked(call) for call in part]), strict=True)]
        return
    from belscore.worker_processes import Done, Told, Workers

    workers = Workers(make_judge, judged_by, count=jobs)
    under_way: dict[int, list[StoredCall]] = {}

    def results(until: int) -> Iterator[list[Outcome]]:
        while workers.under_way > until:
            for result in workers.results():
                if isinstance(result, Told):
                    continue
                outcomes = result.outcome if isinstance(result, Done) else result.how
                yield _together(under_way.pop(result.key), outcomes)

    try:
        for key, part in enumerate(parts):
            under_way[key] = part
            workers.submit(key, [_asked(call) for call in part])
            yield from results(_AHEAD * jobs)
        yield from results(0)
    finally:
        workers.close()


def _asked(call: StoredCall) -> _Asked:
    return call.id, call.transcript, call.card


def _together(calls: Sequence[StoredCall], outcomes: Sequence[Scorecard | BelscoreError] | str) -> list[Outcome]:
    if isinstance(outcomes, str):
        where = f"calls {calls[0].id} to {calls[-1].id}"
        do = "run again, with fewer --jobs when memory is short"
        return [(call, BelscoreError(f"the worker process {outcomes}", where=where, do=do)) for call in calls]
    return [*zip(calls, outcomes, strict=True)]


def make_judge(judged_by: JudgedBy) -> Callable[[Sequence[_Asked]], list[Scorecard | BelscoreError]]:
    """Read rules and profile once, for any number of calls. Raises RuleError."""
    from belscore.cli.group import as_belscore_error
    from belscore.cli.work import Collector
    from belscore.engine import score_call
    from belscore.redaction.held import keep_held

    rules, profile = judged_by.load()
    collector = Collector()

    def judge_one(call_id: int, body: bytes, before: bytes | None) -> Scorecard | BelscoreError:
        collector.spare_what_stays()
        where = f"call {call_id}"
        try:
            call = unpack_call(body, where=where)
            card = score_call(call, rules=rules, profile=profile)
            if not call.held or before is None:
                return card
            return keep_held(card, unpack_card(before, where=where), call, profile.applied(rules) if profile else rules)
        except Exception as error:
            return as_belscore_error(error, where=where)

    return lambda calls: [judge_one(*call) for call in calls]
