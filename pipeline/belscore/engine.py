"""The rule engine: a call and a rule set in, a scorecard out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from belscore.agent_likeness import second_opinion
from belscore.call import Call
from belscore.checks import CHECKS, Outcome
from belscore.endings import exempt
from belscore.hours import Hours, remarks
from belscore.language.tokens import Utterance
from belscore.ledger import ledger_of
from belscore.measures import measure
from belscore.outcome import outcome_of
from belscore.phone_log import log_of
from belscore.remedy import advise, missing
from belscore.roles import MIN_ROLE_CONFIDENCE
from belscore.rulebook import Rule, RuleSet, load_rules
from belscore.scorecard import CallInfo, Finding, Language, QuestionFinding, Scorecard, Section, coverage_of, score_of
from belscore.situations import ORDER
from belscore.slots import fill, local
from belscore.tree_verdicts import finding_of, judge_trees
from belscore.view import CallView

if TYPE_CHECKING:
    from belscore.profile import Profile
    from belscore.second_look import Oracle

# Below this certainty about who is the agent not even a pass is to be trusted.
MIN_ROLE_CONFIDENCE_PASS = 0.3


def score_call(
    call: Call, *, rules: RuleSet | None = None, profile: Profile | None = None, oracle: Oracle | None = None
) -> Scorecard:
    """Judge a call by every rule of a set.

    rules   : the rules that come with belscore by default
    profile : the practice's own names, greeting and hours, and how its rules count
    oracle  : the sound of the call, for a second look at what fails or is unsure; None asks what was kept of it with
              the call, if anything

    Reads no audio and loads no model of its own. Findings come in rulebook order, one for each rule.
    """
    if call.removed:
        from belscore.redaction.rejudging import judge_redacted

        return judge_redacted(call, lambda each: score_call(each, rules=rules, profile=profile, oracle=oracle), rules)
    rule_set = rules or load_rules()
    if profile is not None:
        rule_set = profile.applied(rule_set)
    view = CallView(call, rule_set.knowledge, profile)
    hours = profile.hours.hours if profile and profile.hours else None
    judged = [(rule, judge(rule, view)) for rule in rule_set.rules]
    if oracle is None and call.listened:
        from belscore.second_look_kept import kept_oracle

        oracle = kept_oracle(call.listened)
    if oracle is not None:
        from belscore.second_look import look_again

        judged = look_again(judged, view, judge, oracle, rule_set.reasons["second_look"])
    findings = tuple(_finding(rule, outcome, view, rule_set) for rule, outcome in judged)
    sections = tuple(
        Section(section.id, section.title, score_of([f for f in findings if f.section == section.id]))
        for section in rule_set.sections
        if any(finding.section == section.id for finding in findings)
    )
    log = log_of(view)
    card = Scorecard(
        call=_info(call, hours),
        score=score_of(findings),
        coverage=coverage_of(findings),
        sections=sections,
        situations=tuple(each for each in ORDER if each in view.situations or each in view.likeness.likely),
        outcome=outcome_of(view),
        ledger=ledger_of(view, hours, log.question),
        findings=findings,
        measures=measure(view),
        log=log,
        rules_digest=rule_set.digest,
        engine=call.engine,
        language=rule_set.language,
        remarks=remarks(view, hours, rule_set.remarks) if hours and rule_set.remarks else (),
        questions=_questions(profile, view, rule_set) if profile and profile.trees else (),
    )
    _let_go(view)
    return card


def _let_go(view: CallView) -> None:
    """Take apart what was worked out of a call: it refers to itself all over, and going through thousands of such
    values to find them no longer in use takes the garbage collector a tenth of all time."""
    for utterance in view.utterances:
        _forget(utterance)
    vars(view).clear()


def _forget(utterance: Utterance) -> None:
    """Drop the notes of an utterance, and those of its parts."""
    parts = [note for note in utterance.notes.values() if isinstance(note, Utterance)]
    utterance.notes.clear()
    for each in parts:
        _forget(each)


def _questions(profile: Profile, view: CallView, rules: RuleSet) -> tuple[QuestionFinding, ...]:
    return tuple(
        finding_of(tree, item, _doubted(outcome, view.call.role_confidence), rules.reasons)
        for tree, item, outcome in judge_trees(profile.trees, view)
    )


def _info(call: Call, hours: Hours | None) -> CallInfo:
    in_hours = hours.is_open(call.started_at) if hours and call.started_at else None
    return CallInfo(
        call.source, call.duration_s, call.started_at, call.direction, call.agent, call.department, call.channels,
        in_hours,
    )  # fmt: skip


def judge(rule: Rule, view: CallView) -> Outcome:
    """What one rule's check says of a call."""
    if rule.off:
        return Outcome("not_applicable", reason="off_in_profile")
    applies = rule.applies
    if applies.direction is not None and view.call.direction != applies.direction:
        return Outcome("not_applicable", reason="direction")
    uncued = applies.situation is not None and applies.situation not in view.situations
    if uncued and applies.situation not in view.likeness.likely:
        return Outcome("not_applicable", reason=f"situation_{applies.situation}")
    for exemption in applies.unless:
        if exempt(view, exemption):
            return Outcome("not_applicable", reason=exemption)
    if uncued:
        return Outcome("unsure", reason="situation_likely")
    outcome = second_opinion(rule, CHECKS[rule.check.kind](rule.check, view), view)
    if outcome.verdict == "fail" and applies.situation in view.situations.doubtful:
        outcome = replace(outcome, verdict="unsure", reason="situation_doubtful", variant="")
    return _doubted(outcome, view.call.role_confidence)


def _doubted(outcome: Outcome, role_confidence: float) -> Outcome:
    """A verdict on the agent is unsure where it is unsure who the agent is."""
    bound = {"fail": MIN_ROLE_CONFIDENCE, "pass": MIN_ROLE_CONFIDENCE_PASS}.get(outcome.verdict, 0.0)
    if role_confidence >= bound:
        return outcome
    return replace(outcome, verdict="unsure", reason="roles_uncertain", variant="")


def _finding(rule: Rule, outcome: Outcome, view: CallView, rules: RuleSet) -> Finding:
    advice = advise(rule, outcome, view, rules.language) if outcome.verdict == "fail" else None
    return Finding(
        rule_id=rule.id,
        section=rule.section,
        verdict=outcome.verdict,
        title=rule.title,
        weight=rule.weight,
        feedback=_feedback(rule, outcome, rules.language),
        reason=rules.reasons.get(outcome.reason, outcome.reason) if outcome.reason is not None else None,
        evidence=outcome.evidence,
        measured=outcome.measured,
        say_instead=advice.say if advice else rule.feedback.say_instead,
        why=rule.why,
        would_pass=advice.text if advice else missing(outcome, rules.needs),
    )


def _feedback(rule: Rule, outcome: Outcome, language: Language) -> str:
    text = {"pass": rule.feedback.passed, "fail": rule.feedback.variants.get(outcome.variant, rule.feedback.fail)}
    values = {key: local(value.rstrip(".,"), language) for key, value in outcome.values.items()}
    return fill(text.get(outcome.verdict, ""), lambda key: values.get(key, ""))
