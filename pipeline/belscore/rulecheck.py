"""Check a rule set by itself: every example, the sentence to say instead, swapped roles, and the texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from belscore.call import Call
from belscore.call_mutants import FAULT_SAID, key_words
from belscore.drafts import Draft
from belscore.engine import judge, score_call
from belscore.errors import BelscoreError, RuleError
from belscore.experiment import followed
from belscore.mutations import swapped, without
from belscore.notation import parse_call
from belscore.remedy import advise
from belscore.rule_lint import Problem, problems
from belscore.rulebook import Rule, RuleSet
from belscore.scorecard import Finding, Verdict
from belscore.slots import is_filled
from belscore.view import CallView

_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was checked; `line` is where in the rule file it stands, 1 when nowhere in particular."""

    rule_id: str
    path: Path
    line: int
    name: str
    kind: Literal["open", "example", "mutation", "would_pass", "say_instead", "lint"]
    ok: bool
    message: str = ""


def check_rules(rules: RuleSet, only: Sequence[str] = ()) -> tuple[CheckResult, ...]:
    """Check all rules, or those named. Raises RuleError for a name the set does not have.

    open        : a key of a rule that is still to be filled in; the rest waits until it is
    example     : gets the verdict it states
    mutation    : a passing call with its roles swapped does not pass by the same words; a failing one with its
                  evidence taken out of the transcript fails no more
    say_instead : the recommended sentence, put into a failing example, makes it pass no worse
    would_pass  : a failing example in which its advice is followed passes
    lint        : what `rule_lint.problems` finds in the texts and phrases
    """
    drafts = {draft.path.stem: draft for draft in rules.drafts}
    for name in only:
        if name not in drafts:
            rules.rule(name)
    open_keys = [result for name, draft in drafts.items() if not only or name in only for result in _open(draft)]
    chosen = [rule for rule in rules.rules if not only or rule.id in only]
    return (*open_keys, *(result for rule in chosen for result in _check(rule, rules)))


def _open(draft: Draft) -> Iterator[CheckResult]:
    """Nothing else can be said of a rule before it is filled in."""
    for each in draft.open_keys:
        yield CheckResult(draft.path.stem, draft.path, each.line, each.key, "open", False, "is still to be filled in")


def _check(rule: Rule, rules: RuleSet) -> Iterator[CheckResult]:
    found = problems(rule, rules)
    yield from _lint(rule, found)
    if any(problem.fatal for problem in found):
        return
    for example in rule.examples:
        line = _line(rule.path, f'"{example.name}"')
        try:
            call = parse_call(example.call, source=f"{rule.path.name}: {example.name}")
        except BelscoreError as error:
            yield CheckResult(rule.id, rule.path, line, example.name, "example", False, str(error))
            continue
        finding = _judge(call, rule, rules)
        yield _example(rule, line, example.name, example.verdict, finding)
        yield from _mutations(rule, rules, line, example.name, call, finding)
        if finding.verdict == "fail":
            yield _would_pass(rule, rules, line, example.name, call)
    if rule.feedback.say_instead:
        yield _say_instead(rule, rules)


def _judge(call: Call, rule: Rule, rules: RuleSet) -> Finding:
    single = replace(rules, rules=(rule,))
    return score_call(call, rules=single).findings[0]


def _example(rule: Rule, line: int, name: str, verdict: Verdict, finding: Finding) -> CheckResult:
    ok = finding.verdict == verdict
    grounds = finding.reason or finding.feedback
    message = "" if ok else f"expected {verdict}, got {finding.verdict} ({grounds})"
    open_place = _PLACEHOLDER.search(finding.feedback)
    if ok and open_place:
        ok, message = False, f"feedback leaves {open_place[0]} open"
    return CheckResult(rule.id, rule.path, line, name, "example", ok, message)


# Rules on the agent's own measured speech: nothing to swap or remove in six lines of text.
_SOUND_KINDS = ("rate", "overlap")


def _mutations(rule: Rule, rules: RuleSet, line: int, name: str, call: Call, finding: Finding) -> Iterator[CheckResult]:
    kind = rule.check.kind
    if kind in _SOUND_KINDS or not finding.evidence:
        return
    quoted = [each for each in key_words(kind, finding.evidence) if each.role == "agent"]
    if finding.verdict == "fail" and kind in FAULT_SAID:
        mutant = without(call, quoted)
        yield _mutation(rule, rules, line, f"{name}: without the faulty words", mutant, lambda got: got != "fail")
    if finding.verdict == "pass" and kind not in FAULT_SAID:
        mutant = without(call, quoted)
        yield _mutation(rule, rules, line, f"{name}: without the key words", mutant, lambda got: got != "pass")
        yield _mutation(rule, rules, line, f"{name}: roles swapped", swapped(call), lambda got: got != "pass")


def _would_pass(rule: Rule, rules: RuleSet, line: int, name: str, call: Call) -> CheckResult:
    """The advice leaves no slot open, and a call in which it is followed passes."""
    view = CallView(call, rules.knowledge)
    outcome = judge(rule, view)
    advice = advise(rule, outcome, view, rules.language)
    message = ""
    if not is_filled(f"{advice.text} {advice.say}"):
        message = f"`{advice.text}` leaves a slot open"
    tried = rule.would_pass.place is not None and (advice.say or advice.place == "leave")
    better = followed(call, advice, outcome) if tried else None
    if not message and better is not None:
        got = judge(rule, CallView(better, rules.knowledge)).verdict
        message = "" if got == "pass" else f"`{advice.text or advice.say}`, followed, is judged {got}"
    return CheckResult(rule.id, rule.path, line, name, "would_pass", not message, message)


def _mutation(
    rule: Rule, rules: RuleSet, line: int, name: str, mutant: Call | None, survives: Callable[[Verdict], bool]
) -> CheckResult:
    if mutant is None:
        return CheckResult(rule.id, rule.path, line, name, "mutation", True)
    got = _judge(mutant, rule, rules).verdict
    message = "" if survives(got) else f"the verdict stays {got}"
    return CheckResult(rule.id, rule.path, line, name, "mutation", survives(got), message)


def _say_instead(rule: Rule, rules: RuleSet) -> CheckResult:
    """Put in place of the agent's faulty turn, the sentence must not fail: in some failing example it passes."""
    line = _line(rule.path, "say_instead")
    said = rule.feedback.say_instead
    for example in rule.examples:
        if example.verdict != "fail":
            continue
        call = parse_call(example.call, source=example.name)
        for index, turn in enumerate(call.turns):
            if turn.role != "agent":
                continue
            lines = example.call.strip().splitlines()
            mutant = _with_turn(lines, index, call, said)
            if mutant is not None and _judge(mutant, rule, rules).verdict == "pass":
                return CheckResult(rule.id, rule.path, line, "say_instead", "say_instead", True)
    message = f"`{said}` makes no failing example pass"
    return CheckResult(rule.id, rule.path, line, "say_instead", "say_instead", False, message)


def _with_turn(lines: Sequence[str], index: int, call: Call, said: str) -> Call | None:
    turn = call.turns[index]
    changed = replace(turn, text=said, words=parse_call(f"{turn.start_s}-{turn.end_s} agent {said}").turns[0].words)
    turns = (*call.turns[:index], changed, *call.turns[index + 1 :])
    return replace(call, turns=turns) if lines else None


def _lint(rule: Rule, found: Sequence[Problem]) -> Iterator[CheckResult]:
    for each in found:
        line = _line(rule.path, each.needle) if each.needle else 1
        yield CheckResult(rule.id, rule.path, line, "texts", "lint", False, each.message)
    if not found:
        yield CheckResult(rule.id, rule.path, 1, "texts", "lint", True)


def _line(path: Path, needle: str) -> int:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RuleError(f"cannot be read ({error.strerror})", where=str(path), do="restore the file") from None
    return next((number for number, text in enumerate(lines, start=1) if needle in text), 1)
