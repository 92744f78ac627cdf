"""Verdicts that rest on the very words that were taken out, so that made-up ones cannot give them.

Such a verdict stays with a rule that still checks the same. A rule that was changed since is unsure there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from belscore.call import Call
from belscore.rulebook import Rule, RuleSet
from belscore.scorecard import Finding, Scorecard, coverage_of, score_of

REASON = "words_redacted"


def holds(rule_ids: Iterable[str], rules: RuleSet) -> tuple[tuple[str, str], ...]:
    """Rules with what each of them checks, as `Call.held` has them."""
    return tuple((rule_id, checks(rules.rule(rule_id))) for rule_id in rule_ids)


def checks(rule: Rule) -> str:
    """A digest of what a rule checks and when it applies; its texts and weight do not count."""
    told = f"{rule.applies.model_dump_json()}\0{rule.check.model_dump_json()}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def unsure(card: Scorecard, call: Call, reason: str) -> Scorecard:
    """The scorecard of a call that was judged by made-up words, without the verdicts those cannot give."""
    held = dict(call.held)
    return with_findings(card, {each.rule_id: _unsure(each, reason) for each in card.findings if each.rule_id in held})


def _unsure(finding: Finding, reason: str) -> Finding:
    return replace(finding, verdict="unsure", reason=reason, feedback="", evidence=(), measured=None, would_pass="")  # nosec B106 - a verdict


def keep_held(card: Scorecard, before: Scorecard, call: Call, rules: RuleSet) -> Scorecard:
    """The scorecard of a second judging, with the findings of the first where those are held and the rule is the same.

    before : what the call was judged to when its words were all there
    """
    known = {each.rule_id: each for each in before.findings}
    now = {rule.id: rule for rule in rules.rules if not rule.off}
    same = {rule_id for rule_id, digest in call.held if rule_id in now and checks(now[rule_id]) == digest}
    return with_findings(card, {rule_id: known[rule_id] for rule_id in same if rule_id in known})


def with_findings(card: Scorecard, findings: Mapping[str, Finding]) -> Scorecard:
    """The scorecard with other findings for some rules, added up again."""
    if not findings:
        return card
    new = tuple(
        replace(findings[old.rule_id], weight=old.weight, section=old.section) if old.rule_id in findings else old
        for old in card.findings
    )
    sections = tuple(
        replace(section, score=score_of([each for each in new if each.section == section.id]))
        for section in card.sections
    )
    return replace(card, findings=new, sections=sections, score=score_of(new), coverage=coverage_of(new))
