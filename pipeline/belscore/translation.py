"""A rule set in another language: titles, reasons and feedback for an agent or coach who does not read Dutch.

What to say to a caller stays Dutch, and so does everything that is matched: no verdict depends on the language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from belscore.rule_schema import English, Remedy, WouldPass
from belscore.rulebook import Rule, RuleSet
from belscore.scorecard import Language


@dataclass(frozen=True, slots=True)
class RuleTitle:
    """What a rule and its section are called."""

    title: str
    section: str


def titles_in(rules: RuleSet, language: Language) -> Mapping[str, RuleTitle]:
    """Title and section of each rule that has texts in this language, by id; none in Dutch, which calls carry."""
    if language == "nl":
        return {}
    told = in_language(rules, language)
    sections = {section.id: section.title for section in told.sections}
    return {
        rule.id: RuleTitle(rule.title, sections.get(rule.section, rule.section))
        for rule in told.rules
        if rule.en is not None
    }


def in_language(rules: RuleSet, language: Language) -> RuleSet:
    """The rule set with its texts in a language; a rule or section without them keeps the Dutch ones."""
    if language == rules.language:
        return rules
    if language == "nl":
        raise ValueError("load the rule set again for its Dutch texts")
    sections = tuple(replace(each, title=each.english or each.title) for each in rules.sections)
    return replace(rules, rules=tuple(_english(rule) for rule in rules.rules), sections=sections, language=language)


def _english(rule: Rule) -> Rule:
    texts = rule.en
    if texts is None:
        return rule
    feedback = rule.feedback.model_copy(
        update={"passed": texts.passed, "fail": texts.fail, "variants": rule.feedback.variants | texts.variants}
    )
    return replace(
        rule, title=texts.title, why=texts.why, feedback=feedback, would_pass=_would_pass(rule.would_pass, texts)
    )


def _would_pass(dutch: WouldPass, texts: English) -> WouldPass:
    english = texts.would_pass
    variants = {name: _text(each, english.variants.get(name, "")) for name, each in dutch.variants.items()}
    return dutch.model_copy(update={"text": english.text or dutch.text, "variants": variants})


def _text(remedy: Remedy, text: str) -> Remedy:
    return remedy.model_copy(update={"text": text or remedy.text})
