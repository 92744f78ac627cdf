"""Check kind `greeting`: the call opens with a greeting, the organisation and the agent's own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.language.name_words import SAME_NAME, name_similarity
from belscore.language.tokens import Utterance
from belscore.opening import is_organisation, opening_turns, own_name
from belscore.rule_schema import Greeting
from belscore.view import CallView, turn_evidence

ELEMENTS = ("greeting", "organisation", "name")
# A name lost in recognition leaves words the recogniser was this unsure of.
LOST_PROBABILITY = 0.35
MIN_LOST_WORDS = 2
# A greeting opens the call and is long: even half misheard it is told from other words.
MIN_GREETING_LETTERS = 9
MISHEARD_GREETING = 0.65
MISHEARD_REACH = 3


@dataclass(slots=True)
class _Words:
    """The words of one opening turn, struck off as they are explained."""

    utterance: Utterance
    free: set[int]

    def take(self, start: int, end: int) -> None:
        self.free -= set(range(start, end))


def greeting(_params: Greeting, view: CallView) -> Outcome:
    """fail names what is missing; a part that may have been lost in recognition makes it unsure."""
    opening = opening_turns(view)
    if not opening:
        return not_applicable("no_agent")
    found = _elements(view, opening)
    missing = [element for element in ELEMENTS if element not in found]
    quotes = [turn_evidence(utterance) for utterance in opening]
    if not missing:
        return _by_formula(view, opening)
    if not view.crisp(opening) or _may_hide(view, opening, missing):
        return unsure("words_uncertain", *quotes)
    return failed(*quotes, variant="_".join(missing), values={"quote": opening[0].turn.text})


def _by_formula(view: CallView, opening: Sequence[Utterance]) -> Outcome:
    """All parts are there; with a profile that fixes the greeting, it has to be that one, give or take a word."""
    quotes = [turn_evidence(utterance) for utterance in opening]
    formula = formula_phrase(view.profile.formula) if view.profile else ""
    if not formula or any(view.finder.any((formula,), utterance) for utterance in opening):
        return passed(*quotes)
    if view.recognised:
        return unsure("words_close", *quotes)
    return failed(*quotes, variant="formula", values={"quote": opening[0].turn.text})


def formula_phrase(formula: str) -> str:
    """The fixed greeting of a profile as a phrase: its words, with `...` kept where the name is said.

    >>> formula_phrase("Goedemorgen, praktijk De Linde, u spreekt met ...")
    'goedemorgen praktijk de linde u spreekt met'
    """
    words = [word if word == "..." else "".join(ch for ch in word if ch.isalnum()) for word in formula.lower().split()]
    while words and words[-1] == "...":
        words.pop()
    return " ".join(word for word in words if word)


def _elements(view: CallView, opening: Sequence[Utterance]) -> set[str]:
    found: set[str] = set()
    pieces = [_Words(utterance, set(range(len(utterance.tokens)))) for utterance in opening]
    for words in pieces:
        _strike_offers(view, words)
        if _greeting(view, words):
            found.add("greeting")
        name = own_name(view, words.utterance)
        if name is not None:
            words.take(name.start, name.end)
            found.add("name")
    if any(_organisation(view, words) for words in pieces):
        found.add("organisation")
    if "name" not in found and any(_bare_name(view, words) for words in pieces):
        found.add("name")
    return found | _profiled(view, opening)


def _strike_offers(view: CallView, words: _Words) -> None:
    for match in view.finder.find(view.lexicon.list("begroeting", "offers"), words.utterance):
        words.take(match.start, match.end)


def _greeting(view: CallView, words: _Words) -> bool:
    found = view.finder.find(view.lexicon.list("begroeting", "greetings"), words.utterance)
    for match in found:
        words.take(match.start, match.end)
    first = next((at for at, norm in enumerate(words.utterance.norms) if norm not in view.lexicon.fillers), None)
    if first is not None and words.utterance.norms[first] in view.lexicon.list("begroeting", "greetings", "first"):
        words.take(first, first + 1)
        return True
    return bool(found) or (view.recognised and _misheard_greeting(view, words))


def _misheard_greeting(view: CallView, words: _Words) -> bool:
    """`schoedemorgen`: the first long word sounds like a greeting."""
    greetings = [
        g for g in view.lexicon.list("begroeting", "greetings") if g.isalpha() and len(g) >= MIN_GREETING_LETTERS
    ]
    for at, norm in enumerate(words.utterance.norms[:MISHEARD_REACH]):
        if len(norm) >= MIN_GREETING_LETTERS and any(
            Levenshtein.normalized_similarity(norm, greeting) >= MISHEARD_GREETING for greeting in greetings
        ):
            words.take(at, at + 1)
            return True
    return False


def _organisation(view: CallView, words: _Words) -> bool:
    """A word that names an organisation, or words that nothing else explains."""
    norms = words.utterance.norms
    functions = view.lexicon.words("begroeting", "functions")
    if any(is_organisation(view, norms[at]) and norms[at] not in functions for at in words.free):
        return True
    if any(norms[at] in functions for at in words.free):
        return False
    return bool(_unexplained(view, words))


def _unexplained(view: CallView, words: _Words) -> list[list[int]]:
    """Runs of words that are no greeting, offer, own name or idle word, cut at punctuation."""
    utterance = words.utterance
    idle = view.lexicon.words("namen", "not_names") | view.lexicon.idle
    runs: list[list[int]] = []
    for at in sorted(words.free):
        if utterance.norms[at] in idle or len(utterance.norms[at]) < 2:
            continue
        if runs and at == runs[-1][-1] + 1 and not utterance.tokens[at - 1].after:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _bare_name(view: CallView, words: _Words) -> bool:
    """`Goedemorgen, tandartspraktijk De Vries, Anja`: a part of its own beside the organisation's."""
    utterance = words.utterance
    runs = _unexplained(view, words)
    named = [run for run in runs if any(is_organisation(view, utterance.norms[at]) for at in run)]
    lone = [run for run in runs if run not in named and len(run) <= 2]
    separate = [run for run in lone if run[0] == 0 or utterance.tokens[run[0] - 1].after]
    return bool(named) and bool(separate)


def _profiled(view: CallView, opening: Sequence[Utterance]) -> set[str]:
    """What the practice's own names, from the profile or the call's metadata, add."""
    profile = view.profile
    practices = [*(profile.practice if profile else ()), *(profile.departments if profile else ())]
    practices += [view.call.practice] if view.call.practice else []
    agents = [*(profile.agents if profile else ()), *([view.call.agent] if view.call.agent else [])]
    found: set[str] = set()
    for key, texts in (("organisation", practices), ("name", agents)):
        words = {w for text in texts for w in text.lower().split() if len(w) > 2} - view.lexicon.function_words
        said = [norm for utterance in opening for norm in utterance.norms]
        if any(name_similarity(word, norm) >= SAME_NAME for word in words for norm in said):
            found.add(key)
    return found


def _may_hide(view: CallView, opening: Sequence[Utterance], missing: Sequence[str]) -> bool:
    """The missing part may be among the words the recogniser was unsure of, or those nothing explains."""
    if not view.recognised:
        return False
    if missing != ["name"]:
        return True  # a greeting or a practice said otherwise than expected, or misheard
    words = [token for utterance in opening for token in utterance.tokens if token.norm not in view.lexicon.fillers]
    return sum(token.probability < LOST_PROBABILITY for token in words) >= MIN_LOST_WORDS
