"""Check kind `asks_again`: the agent does not ask for a name the caller gave already."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.language.caller_names import CallerName
from belscore.language.name_words import SAME_NAME, name_similarity
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.rule_service import AsksAgain
from belscore.view import MIN_PROBABILITY, CallView, evidence

# Words after "uw naam was" that leave it a question; a name there makes it a check.
NAME_REACH = 4
COVER_REACH = 6


def asks_again(params: AsksAgain, view: CallView) -> Outcome:
    """A question for the name after it was given; one that the caller answers with another name was no repetition."""
    names = _own_names(view)
    if not names:
        return not_applicable("name_unknown")
    given = names[0]
    asked = [
        match for match in _questions(params, view) if _later(match, given) and not _repairs(params, view, match, given)
    ]
    for match in asked:
        forgot = view.finder.any(params.forgot, match.utterance)
        answer = _answer(view, match)
        known = [name for name in names if name.utterance.index < match.utterance.index]
        if not forgot and (_is_for_other(view, match, known, answer) or not _is_repeated(params, view, known, answer)):
            continue
        if min(match.probability, _probability(given)) < MIN_PROBABILITY:
            return unsure("words_uncertain", evidence(given), evidence(match))
        return failed(evidence(given), evidence(match), values={"name": given.quote, "quote": match.quote})
    return passed(values={"name": given.quote})


def _own_names(view: CallView) -> list[CallerName]:
    """Names given by the party that stays on the line: not the child's when a parent takes over."""
    child = view.child_turns
    names = list(view.caller_names)
    if child and len(child) < len(view.utterances):
        names = [name for name in names if name.utterance.index not in child] or names
    return names


def _questions(params: AsksAgain, view: CallView) -> list[Match]:
    found: list[Match] = []
    phrases = (*params.asks, *params.forgot)
    for utterance in view.of("agent"):
        asked = view.finder.find(phrases, utterance)
        if not asked:
            continue
        theirs = [match for match in view.finder.find(params.themselves, utterance) if match.cost == 0]
        covers = [
            match
            for match in view.finder.find(params.not_with, utterance)
            if match.cost < 0.5 and not any(match.start < own.end and own.start < match.end for own in theirs)
        ]
        for match in asked:
            near = any(c.start <= match.end + COVER_REACH and match.start - COVER_REACH <= c.end for c in covers)
            if not near and not _says_name(view, match):
                found.append(match)
    return found


def _says_name(view: CallView, match: Match) -> bool:
    """`uw naam was Jansen, hè?` checks the name instead of asking for it."""
    known = {word for name in view.caller_names for word in name.words}
    behind = match.utterance.norms[match.start : match.end + NAME_REACH]
    everyday = view.knowledge.names.words.not_names - known
    heard = [norm for norm in behind if len(norm) > 2 and norm not in everyday]
    return any(name_similarity(norm, word) >= SAME_NAME for norm in heard for word in known)


def _later(match: Match, given: CallerName) -> bool:
    return (
        match.utterance.index > given.utterance.index and match.start_s >= given.utterance.tokens[given.end - 1].end_s
    )


def _repairs(params: AsksAgain, view: CallView, match: Match, given: CallerName) -> bool:
    """In the very next turn the agent says that the name was not heard."""
    following = [u for u in view.spoken("agent") if u.index > given.utterance.index][:1]
    return match.utterance in following and view.finder.any(params.repair, match.utterance)


def _answer(view: CallView, match: Match) -> Sequence[Utterance]:
    """What the caller says next, or had said in overlap."""
    callers = [u for u in view.of("caller") if u.index > match.utterance.index]
    return callers[:1]


def _is_for_other(view: CallView, match: Match, names: Sequence[CallerName], answer: Sequence[Utterance]) -> bool:
    """`op welke naam staat de scan?` - `Jip Koster`, asked of meneer Koster."""
    words, callers = view.knowledge.names.words, view.knowledge.names.callers
    for utterance in answer:
        for at in range(len(utterance.tokens)):
            read = words.read_name(utterance.tokens, at, cased=view.cased)
            if read is not None:
                return callers.names_other(read, match.utterance, names)
    return False


def _is_repeated(params: AsksAgain, view: CallView, names: Sequence[CallerName], answer: Sequence[Utterance]) -> bool:
    """The caller says the same name again, or that it was said; more words behind a lone first name are news."""
    for utterance in answer:
        if view.finder.any(params.said, utterance):
            return True
        for at, norm in enumerate(utterance.norms):
            for name in names:
                everyday = norm in view.knowledge.names.words.not_names and norm not in name.words
                if len(norm) < 3 or everyday or all(name_similarity(norm, word) < SAME_NAME for word in name.words):
                    continue
                following = utterance.norms[at + 1] if at + 1 < len(utterance.tokens) else ""
                goes_on = following in view.knowledge.names.words.infixes and at + 2 < len(utterance.tokens)
                idle = following in view.lexicon.idle and not goes_on
                ends = not following or utterance.tokens[at].after != "" or idle
                if ends or len(name.words) > 1 or name.end - name.start > 1:
                    return True
    return False


def _probability(given: CallerName) -> float:
    return max(token.probability for token in given.utterance.tokens[given.start : given.end])
