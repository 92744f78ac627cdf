"""What is wrong with a rule's texts and phrases before a single call is judged by it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from belscore.errors import RuleError
from belscore.language.phrases import compile_phrase
from belscore.notation import parse_call
from belscore.rule_schema import English
from belscore.rulebook import Rule, RuleSet
from belscore.scorecard import Verdict
from belscore.slots import SLOTS
from belscore.view import CallView

MIN_EXAMPLES: Mapping[Verdict, int] = {"pass": 2, "fail": 2}
MIN_EXAMPLES_IN_ALL = 5
NEAR_MISS = "bijna"
_SLOT = re.compile(r"\{(\w*)\}")
# Any word stands for `*` in a phrase that is tried on itself.
_ANY_WORD = "iets"
_OPTIONAL = re.compile(r"\([^()]*\)")
GAP_MARK = "..."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong.

    needle : text that stands where it is, "" for nowhere in particular
    fatal  : no call can be judged by the rule before it is mended
    """

    message: str
    needle: str = ""
    fatal: bool = False


def problems(rule: Rule, rules: RuleSet) -> tuple[Problem, ...]:
    """All there is to mend in a rule's own file."""
    return (
        *_examples(rule),
        *_source(rule, rules),
        *_english(rule),
        *_slots(rule),
        *_sentences(rule, rules),
        *_phrases(rule, rules),
    )


def _examples(rule: Rule) -> Iterator[Problem]:
    counts = Counter(example.verdict for example in rule.examples)
    for verdict, least in MIN_EXAMPLES.items():
        if counts[verdict] < least:
            yield Problem(f"has {counts[verdict]} `{verdict}` examples, needs {least}")
    if len(rule.examples) < MIN_EXAMPLES_IN_ALL:
        yield Problem(f"has {len(rule.examples)} examples, needs {MIN_EXAMPLES_IN_ALL} with a near miss among them")
    if not any(NEAR_MISS in example.name for example in rule.examples):
        yield Problem(f"has no near-miss example: name one `{NEAR_MISS}: ...`")
    for name, count in Counter(example.name for example in rule.examples).items():
        if count > 1:
            yield Problem(f"{count} examples are named `{name}`", f'"{name}"')


def _source(rule: Rule, rules: RuleSet) -> Iterator[Problem]:
    if not rule.source.quote.strip():
        yield Problem("has no source quote", "quote")
    for document in rule.source.document.split(";"):
        if rules.documents and document.strip() not in rules.documents:
            yield Problem(f"document `{document.strip()}` is not among `documents` of sections.toml", "document")


def _english(rule: Rule) -> Iterator[Problem]:
    """Every Dutch text has its English one, with the same slots."""
    if rule.en is None:
        yield Problem("has no English texts: add a table [en]")
        return
    for key, dutch, english in _pairs(rule, rule.en):
        if dutch and not english:
            yield Problem(f"{key} has no English text", "[en")
        elif english and not dutch:
            yield Problem(f"{key} is English only", "[en")
        elif slots := _open(dutch) ^ _open(english):
            yield Problem(f"{key} has the slots {', '.join(sorted(slots))} in one language only", "[en")


def _pairs(rule: Rule, en: English) -> Iterator[tuple[str, str, str]]:
    feedback, would_pass = rule.feedback, rule.would_pass
    yield "title", rule.title, en.title
    yield "why", rule.why, en.why
    yield "pass", feedback.passed, en.passed
    yield "fail", feedback.fail, en.fail
    for name in sorted({*feedback.variants, *en.variants}):
        yield f"variants.{name}", feedback.variants.get(name, ""), en.variants.get(name, "")
    yield "would_pass.text", would_pass.text, en.would_pass.text
    dutch = {name: each.text for name, each in would_pass.variants.items()}
    for name in sorted({*dutch, *en.would_pass.variants}):
        yield f"would_pass.variants.{name}", dutch.get(name, ""), en.would_pass.variants.get(name, "")


def _open(text: str) -> frozenset[str]:
    return frozenset(_SLOT.findall(text))


def _slots(rule: Rule) -> Iterator[Problem]:
    """A sentence to say takes known slots, or those that the check fills and feedback quotes."""
    feedback = rule.feedback
    quoted = frozenset().union(*(_open(text) for text in (feedback.fail, feedback.passed, *feedback.variants.values())))
    for each in (rule.would_pass, *rule.would_pass.variants.values()):
        for text in each.say:
            for slot in sorted(_open(text) - SLOTS - quoted):
                yield Problem(f"{{{slot}}} is no slot that a sentence can take", text)


def _sentences(rule: Rule, rules: RuleSet) -> Iterator[Problem]:
    """What is recommended to say keeps to u."""
    remedies = (rule.would_pass, *rule.would_pass.variants.values())
    said = [rule.feedback.say_instead, *(text for each in remedies for text in each.say)]
    for text in said:
        bare = _SLOT.sub("", text).strip()
        if not bare:
            continue
        view = CallView(parse_call(f"0-5 agent {bare}"), rules.knowledge)
        if rules.knowledge.address.informal_uses(view.utterances, callers=frozenset()):
            yield Problem(f"`{text}` says je to the caller", text)


def _phrases(rule: Rule, rules: RuleSet) -> Iterator[Problem]:
    for key, phrases in _lists(rule.check):
        for phrase, count in Counter(phrases).items():
            if count > 1:
                yield Problem(f"check.{key}: `{phrase}` stands there {count} times", f'"{phrase}"')
            if phrase != phrase.lower():
                yield Problem(f"check.{key}: `{phrase}` is not in lower case", f'"{phrase}"')
                continue
            try:
                lost = unreachable(phrase, rules)
            except (RuleError, ValueError):
                yield Problem(f"check.{key}: `{phrase}` can not be read as a phrase", f'"{phrase}"', fatal=True)
                continue
            if lost is not None:
                yield Problem(f"check.{key}: `{phrase}` can never be found, as in `{lost}`", f'"{phrase}"')


def _lists(parameters: BaseModel, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lists of phrases among the parameters of a check, with their keys."""
    for name in type(parameters).model_fields:
        value = getattr(parameters, name)
        if isinstance(value, BaseModel):
            yield from _lists(value, f"{path}{name}.")
        elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
            yield f"{path}{name}", value
        elif isinstance(value, tuple):
            for each in value:
                if isinstance(each, BaseModel):
                    yield from _lists(each, f"{path}{name}.")


def unreachable(text: str, rules: RuleSet) -> str | None:
    """A way to say the phrase in the words it is written with that does not match it: normalising changes them."""
    compile_phrase(text, rules.knowledge.lexicon)
    for said in _ways(text):
        view = CallView(parse_call(f"0-9 agent {said}"), rules.knowledge)
        found = rules.knowledge.finder.find((text,), view.utterances[0])
        if not any(match.cost == 0 for match in found):
            return said
    return None


def _ways(text: str) -> Iterator[str]:
    """The phrase said with each of its choices, the optional words left out.

    >>> list(_ways("fijn/mooi dat u (even) wacht*"))
    ['fijn dat u wacht', 'mooi dat u wacht']
    """
    places = [part.split("/") for part in _OPTIONAL.sub(" ", text).split() if part != GAP_MARK]
    for way in range(max((len(choices) for choices in places), default=0)):
        yield " ".join(choices[way % len(choices)].strip("*") or _ANY_WORD for choices in places)
