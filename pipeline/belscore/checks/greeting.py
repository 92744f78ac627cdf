"""Check kind `greeting`: the call opens with a greeting, the organisation and the agent's own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.language.names import name_similarity
from belscore.language.tokens import Utterance
from belscore.rule_schema import Greeting
from belscore.scorecard import Evidence
from belscore.view import CallView, turn_evidence

ELEMENTS = ("greeting", "organisation", "name")
MAX_GREETING_TURNS = 3
SHORT_CALLER_TURN_TOKENS = 3
SAME_NAME = 0.85


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
        return passed(*quotes)
    if not view.legible(opening) or _may_hide(view, opening, missing):
        return unsure("words_uncertain", *quotes)
    return failed(*quotes, variant="_".join(missing), values={"quote": opening[0].turn.text})


def opening_turns(view: CallView) -> list[Utterance]:
    """The agent's turns before the caller's first real turn; the agent's first turn when there are none."""
    signals = view.lexicon.words("namen", "before") | view.lexicon.fillers
    opening: list[Utterance] = []
    for utterance in view.utterances:
        if utterance.role == "caller" and utterance.tokens:
            short = len(utterance.tokens) <= SHORT_CALLER_TURN_TOKENS and all(n in signals for n in utterance.norms)
            if opening and not short:
                break
            if not short and not any(u.role == "agent" for u in view.utterances[: utterance.index]):
                continue
        elif utterance.role == "agent" and utterance.tokens:
            opening.append(utterance)
            if len(opening) == MAX_GREETING_TURNS:
                break
    real = next(
        (u for u in view.utterances if u.role == "caller" and u.index < (opening[0].index if opening else 0)), None
    )
    return opening[:1] if real is not None and len(real.tokens) > SHORT_CALLER_TURN_TOKENS else opening


def _elements(view: CallView, opening: Sequence[Utterance]) -> set[str]:
    found: set[str] = set()
    pieces = [_Words(utterance, set(range(len(utterance.tokens)))) for utterance in opening]
    for words in pieces:
        _strike_offers(view, words)
        if _greeting(view, words):
            found.add("greeting")
    for words in pieces:
        if _own_name(view, words):
            found.add("name")
    for words in pieces:
        if _organisation(view, words):
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
    return bool(found)


def _own_name(view: CallView, words: _Words) -> bool:
    """`u spreekt met Anja`, `met Anja`, `Anja hier`; not `met de praktijk`, `met de balie`."""
    utterance = words.utterance
    cues = [(m.start, m.end) for m in view.finder.find(view.lexicon.list("begroeting", "own_name", "cues"), utterance)]
    plain = set(view.lexicon.list("begroeting", "own_name", "with"))
    cues += [(at, at + 1) for at, norm in enumerate(utterance.norms) if norm in plain]
    for start, end in sorted(cues, key=lambda cue: cue[1], reverse=True):
        if start not in words.free and end - 1 not in words.free:
            continue
        name = _name_at(view, utterance, end)
        if name is not None:
            words.take(start, name)
            return True
    for match in view.finder.find(view.lexicon.list("begroeting", "own_name", "behind"), utterance):
        before = match.start - 1
        if (
            match.cost == 0
            and before >= 0
            and before in words.free
            and not _is_organisation(view, utterance.norms[before])
        ):
            words.take(before, match.end)
            return True
    return False


def _name_at(view: CallView, utterance: Utterance, at: int) -> int | None:
    """Where the name from token `at` on ends; None when an organisation or a function stands there."""
    tokens = utterance.tokens
    articles = set(view.lexicon.list("begroeting", "organisation", "articles"))
    functions = view.lexicon.words("begroeting", "functions")
    while at < len(tokens) and tokens[at].norm in view.lexicon.fillers | view.knowledge.names.titles:
        at += 1
    if at >= len(tokens) or tokens[at].norm in functions:
        return None
    if tokens[at].norm in articles and at + 1 < len(tokens):
        following = tokens[at + 1].norm
        if following in functions or _is_organisation(view, following):
            return None
    elif _is_organisation(view, tokens[at].norm):
        return None
    read = view.knowledge.names.read_name(tokens, at, cased=False)
    if read is None:
        return None
    end = read[1]
    for place in range(at, end):
        if tokens[place].norm == "van" and place > at and not _van_surname(view, utterance, place):
            return place
        if place > at and _is_organisation(view, tokens[place].norm):
            return place
        if tokens[place].after and place + 1 < end:
            return place + 1
    return end


def _van_surname(view: CallView, utterance: Utterance, van: int) -> bool:
    following = utterance.norms[van + 1] if van + 1 < len(utterance.tokens) else ""
    return following in view.lexicon.words("begroeting", "van_surnames")


def _organisation(view: CallView, words: _Words) -> bool:
    """A word that names an organisation, or words that nothing else explains."""
    norms = words.utterance.norms
    functions = view.lexicon.words("begroeting", "functions")
    if any(_is_organisation(view, norms[at]) and norms[at] not in functions for at in words.free):
        return True
    if any(norms[at] in functions for at in words.free):
        return False
    idle = view.lexicon.words("namen", "not_names") | view.lexicon.idle
    rest = [at for at in sorted(words.free) if norms[at] not in idle and len(norms[at]) > 1]
    if not rest:
        return False
    parts = _runs(words.utterance, rest)
    return bool(parts)


def _runs(utterance: Utterance, places: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for at in places:
        if runs and at == runs[-1][-1] + 1 and not utterance.tokens[at - 1].after:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _bare_name(view: CallView, words: _Words) -> bool:
    """`Goedemorgen, tandartspraktijk De Vries, Anja`: a part of its own beside the organisation's."""
    utterance = words.utterance
    idle = view.lexicon.words("namen", "not_names") | view.lexicon.idle
    rest = [at for at in sorted(words.free) if utterance.norms[at] not in idle and len(utterance.norms[at]) > 1]
    runs = _runs(utterance, rest)
    named = [run for run in runs if any(_is_organisation(view, utterance.norms[at]) for at in run)]
    lone = [run for run in runs if run not in named and len(run) <= 2]
    separate = [run for run in lone if run[0] == 0 or utterance.tokens[run[0] - 1].after]
    return bool(named) and bool(separate)


def _is_organisation(view: CallView, norm: str) -> bool:
    if norm in view.lexicon.words("begroeting", "organisation"):
        return True
    stems = view.lexicon.list("begroeting", "organisation", "stems")
    return len(norm) > 5 and any(norm.startswith(stem) or norm.endswith(stem) for stem in stems)


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
    """The missing part may be one of the words the recogniser was unsure of."""
    if not view.recognised:
        return False
    doubtful = [t for u in opening for t in u.tokens if t.probability < 0.35 and t.norm not in view.lexicon.fillers]
    return len(doubtful) >= 2 and "name" in missing


def opening_evidence(view: CallView) -> tuple[Evidence, ...]:
    return tuple(turn_evidence(utterance) for utterance in opening_turns(view))
