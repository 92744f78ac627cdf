"""A scorecard that was made in Dutch, for who reads English.

Its call is judged once more by the rules with their English texts. Where that gives the same verdict the texts fit;
where rules or program changed since, the finding keeps its Dutch texts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from belscore.call import Call
from belscore.errors import BelscoreError
from belscore.profile import Profile
from belscore.rulebook import RuleSet
from belscore.scorecard import Finding, QuestionFinding, Scorecard
from belscore.translation import in_language


@dataclass(frozen=True, slots=True)
class Translated:
    """A scorecard in the language of its reader; `dutch` has the ids of rules whose texts stayed Dutch."""

    card: Scorecard
    dutch: Collection[str]


def in_english(call: Call | None, card: Scorecard, rules: RuleSet, profile: Profile | None) -> Translated:
    """A card with its texts in English as far as there are any; verdicts, evidence and score are those of the card.

    call  : its transcript; None when that is gone: then findings stay Dutch
    rules : in Dutch, as the profile makes them
    """
    from belscore.engine import score_call

    english = in_language(rules, "en")
    known = {rule.id for rule in english.rules if rule.en is not None}
    fresh: Scorecard | None = None
    if call is not None:
        try:
            fresh = score_call(call, rules=english, profile=profile)
        except BelscoreError:
            # What was judged before can still be read.
            fresh = None
    titles = {section.id: section.title for section in english.sections}
    sections = tuple(replace(each, title=titles.get(each.id, each.title)) for each in card.sections)
    by_rule = {each.rule_id: each for each in fresh.findings} if fresh else {}
    findings = tuple(
        _finding(each, by_rule.get(each.rule_id) if each.rule_id in known else None) for each in card.findings
    )
    dutch = {old.rule_id for old, new in zip(card.findings, findings, strict=True) if new is old}
    english_card = replace(card, language="en", sections=sections, findings=findings)
    if fresh is not None:
        asked = {(each.tree, each.item): each for each in fresh.questions}
        questions = tuple(_question(each, asked.get((each.tree, each.item))) for each in card.questions)
        told = fresh.remarks if len(fresh.remarks) == len(card.remarks) else card.remarks
        english_card = replace(english_card, questions=questions, remarks=told)
    return Translated(english_card, frozenset(dutch))


def _finding(stored: Finding, fresh: Finding | None) -> Finding:
    """The stored finding itself where there are no texts that fit."""
    if fresh is None or fresh.verdict != stored.verdict:
        return stored
    return replace(
        stored,
        title=fresh.title,
        feedback=fresh.feedback,
        reason=fresh.reason,
        why=fresh.why,
        would_pass=fresh.would_pass,
    )


def _question(stored: QuestionFinding, fresh: QuestionFinding | None) -> QuestionFinding:
    if fresh is None or fresh.verdict != stored.verdict:
        return stored
    return replace(stored, reason=fresh.reason)
