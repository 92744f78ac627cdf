"""Check kind `greeting`: the call opens with a greeting, the organisation and the agent's own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.checks.own_practice import says_formula, says_name
from belscore.language.tokens import Token, Utterance
from belscore.opening import is_organisation, lone_greetings, opening_turns, own_name
from belscore.rule_schema import Greeting
from belscore.tempo import is_measured
from belscore.view import MIN_PROBABILITY, CallView, turn_evidence

ELEMENTS = ("greeting", "organisation", "name")
# Three in four words at this probability are right (bench/wer.py); a name is misheard more often than other words.
SURE_PROBABILITY = 0.7
LONG_WORD_LETTERS = 10
# First words lie within 0.1 s of the start of their turn (bench/wer.py, p90 of `starts`); a greeting takes longer.
LOST_EDGE_S = 0.3
# Nobody talks sooner to whom takes up the telephone: the gap between speakers is 0.2 s even where the end of a turn can
# be foreseen (SPEECH.md 2.1).
SOONEST_S = 0.25
# An organisation stands this close behind `u spreekt met`: `met de praktijk`, `met het team van de apotheek`.
NAME_REACH = 5
# A greeting opens the call and is long: even half misheard it is told from other words.
MIN_GREETING_LETTERS = 9
MISHEARD_GREETING = 0.65
MISHEARD_REACH = 3
# So much alike it is one anywhere in the turn: "goeedemiddag".
SURE_GREETING = 0.85
# "polikliniek oogheelkunde": so many words may follow on the organisation's before one may be the agent's name.
ORGANISATION_WORDS = 1


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
    found, unexplained = _elements(view, opening)
    missing = [element for element in ELEMENTS if element not in found]
    quotes = [turn_evidence(utterance) for utterance in opening]
    if not missing:
        return _by_formula(view, opening)
    if _begins_late(view):
        return unsure("starts_late", *quotes)
    if not view.whole(opening) or _may_hide(view, unexplained) or _edge_lost(view, opening, missing):
        return unsure("words_uncertain", *quotes)
    return failed(*quotes, variant="_".join(missing), values={"quote": opening[0].turn.text})


def _begins_late(view: CallView) -> bool:
    """The caller talks as the recording begins: whatever the agent said before is not on it."""
    first = next((u for u in view.utterances if u.role in ("agent", "caller") and u.tokens), None)
    late = first is not None and first.role == "caller" and first.turn.start_s < SOONEST_S
    return late and is_measured(view.call)


def _by_formula(view: CallView, opening: Sequence[Utterance]) -> Outcome:
    """All parts are there; with a profile that fixes the greeting, it has to be that one, give or take a word."""
    quotes = [turn_evidence(utterance) for utterance in opening]
    profile = view.profile
    if profile is None or not profile.formula:
        return passed(*quotes)
    if says_formula(view, opening, profile.formula, (*profile.practice, *profile.departments)):
        return passed(*quotes)
    if view.recognised:
        return unsure("words_close", *quotes)
    return failed(*quotes, variant="formula", values={"quote": opening[0].turn.text})


def _elements(view: CallView, opening: Sequence[Utterance]) -> tuple[set[str], list[Token]]:
    """The parts that are there, and the words of the opening that belong to no greeting, offer or own name."""
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
    left = [words.utterance.tokens[at] for words in pieces for at in sorted(words.free)]
    return _profiled(view, opening, found), left


def _strike_offers(view: CallView, words: _Words) -> None:
    for match in view.finder.find(view.lexicon.list("begroeting", "offers"), words.utterance):
        words.take(match.start, match.end)


def _greeting(view: CallView, words: _Words) -> bool:
    found = view.finder.find(view.lexicon.list("begroeting", "greetings"), words.utterance)
    for match in found:
        words.take(match.start, match.end)
    for at in (lone := lone_greetings(view, words.utterance)):
        words.take(at, at + 1)
    if lone:
        return True
    return bool(found) or (view.recognised and _misheard_greeting(view, words))


def _misheard_greeting(view: CallView, words: _Words) -> bool:
    """`schoedemorgen`: the first long word sounds like a greeting."""
    greetings = [
        g for g in view.lexicon.list("begroeting", "greetings") if g.isalpha() and len(g) >= MIN_GREETING_LETTERS
    ]
    for at, norm in enumerate(words.utterance.norms):
        least = MISHEARD_GREETING if at < MISHEARD_REACH else SURE_GREETING
        if len(norm) >= MIN_GREETING_LETTERS and any(
            Levenshtein.normalized_similarity(norm, greeting) >= least for greeting in greetings
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
    functions = view.lexicon.words("begroeting", "functions")
    named = {at for at in words.free if is_organisation(view, utterance.norms[at])}
    named -= {at for at in named if utterance.norms[at] in functions}  # "praktijkondersteuner Marja"
    lone = [run for run in runs if named.isdisjoint(run) and len(run) <= 2 and _maybe_name(view, utterance, run)]
    separate = [run for run in lone if _stands_apart(view, utterance, run[0]) or _of(view, utterance, run[-1], named)]
    if not named:  # "Goedemiddag, Lindeboom, Okke van Bree": two names apart
        return len(separate) > 1 and all(utterance.tokens[at].capital for run in separate for at in run)
    return bool(separate)


def _maybe_name(view: CallView, utterance: Utterance, run: Sequence[int]) -> bool:
    """`gipskamer` is none where names are written with capitals, nor what somebody does."""
    functions = view.lexicon.words("begroeting", "functions")
    called = [at for at in run if utterance.norms[at] not in functions]
    return bool(called) and (not view.cased or any(utterance.tokens[at].capital for at in called))


def _of(view: CallView, utterance: Utterance, last: int, named: set[int]) -> bool:
    """Without marks: `goedemorgen anja van de tandarts`."""
    behind = range(last + 2, last + 2 + NAME_REACH)
    if _is_long(utterance.tokens[last]):  # "opnameplanning van het ziekenhuis"
        return False
    return not view.punctuated and utterance.norms[last + 1 : last + 2] == ("van",) and not named.isdisjoint(behind)


def _stands_apart(view: CallView, utterance: Utterance, at: int) -> bool:
    """The part that token `at` is in begins with it, or with particles or what somebody does: `assistente Fenna`."""
    particles = view.knowledge.names.words.infixes | view.lexicon.words("begroeting", "functions")
    while at and not utterance.tokens[at - 1].after and utterance.norms[at - 1] in particles:
        at -= 1
    return at == 0 or utterance.tokens[at - 1].after != ""


def _profiled(view: CallView, opening: Sequence[Utterance], found: set[str]) -> set[str]:
    """The parts that are there by the practice's own names, from the profile or the call's metadata.

    Where a profile names the practice, another name or none is not enough; of recognised words it may be.
    """
    profile = view.profile
    own = (*profile.practice, *profile.departments) if profile else ()
    practices = (*own, *([view.call.practice] if view.call.practice else []))
    agents = (*(profile.agents if profile else ()), *([view.call.agent] if view.call.agent else []))
    named = set(found)
    if says_name(view, opening, practices):
        named.add("organisation")
    elif own and not view.recognised:
        named.discard("organisation")
    if says_name(view, opening, agents):
        named.add("name")
    return named


def _edge_lost(view: CallView, opening: Sequence[Utterance], missing: Sequence[str]) -> bool:
    """Sound before the first word where the greeting is missing; a name or an organisation that was begun."""
    if not view.recognised:
        return False
    first = opening[0]
    if "organisation" in missing and any(_unexplained(view, _unnamed(view, each)) for each in opening):
        return True
    if "greeting" in missing and first.tokens[0].start_s - first.turn.start_s > LOST_EDGE_S:
        return True
    if "name" not in missing:
        return False
    cues = view.lexicon.list("begroeting", "own_name", "cues")
    begun = view.echo(cues, opening) is not None or any(_name_garbled(view, utterance) for utterance in opening)
    return begun or any(_name_behind(view, utterance) for utterance in opening)


def _unnamed(view: CallView, utterance: Utterance) -> _Words:
    """The words of a turn without greeting, offer and own name."""
    words = _Words(utterance, set(range(len(utterance.tokens))))
    _strike_offers(view, words)
    _greeting(view, words)
    name = own_name(view, utterance)
    if name is not None:
        words.take(name.start, name.end)
    words.free -= {at for at in words.free if utterance.norms[at] in view.lexicon.words("begroeting", "functions")}
    return words


def _name_behind(view: CallView, utterance: Utterance) -> bool:
    """`mondzorg rivierenwijk joooost`: more words behind the organisation than its own name takes."""
    words = _unnamed(view, utterance)
    free = [at for run in _unexplained(view, words) for at in run]
    if not free:
        return False
    place = max((at for at in free if is_organisation(view, utterance.norms[at])), default=free[0])
    between = range(place, free[-1])
    apart = any(utterance.tokens[at].after or at not in words.free for at in between)
    return apart or sum(at > place for at in free) > ORGANISATION_WORDS


def _name_garbled(view: CallView, utterance: Utterance) -> bool:
    """Words that introduce a name, and behind them neither a name nor an organisation."""
    cues = (*view.lexicon.list("begroeting", "own_name", "cues"), *view.lexicon.list("begroeting", "own_name", "with"))
    last = max((match.end for match in view.finder.find(cues, utterance)), default=None)
    behind = utterance.norms[last : last + NAME_REACH] if last is not None else ()
    organisations = view.knowledge.names.words
    return last is not None and not any(organisations.is_organisation(norm, surname=True) for norm in behind)


def _may_hide(view: CallView, unexplained: Sequence[Token]) -> bool:
    """The missing part may be among words that nothing explains and the recogniser was not sure of."""
    idle = view.lexicon.idle
    return view.recognised and any(
        token.probability < (MIN_PROBABILITY if token.norm in idle or _is_long(token) else SURE_PROBABILITY)
        for token in unexplained
    )


def _is_long(token: Token) -> bool:
    """A long word is rarely heard where another was said, and names are seldom long."""
    return len(token.norm) >= LONG_WORD_LETTERS
