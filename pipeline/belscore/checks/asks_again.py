"""Check kind `asks_again`: the agent does not ask for a name the caller gave already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
# Without marks what is asked stands within so many words of the end of the turn.
LAST_WORDS = 8
# "mijn vader meneer Kuiper": so far in front of a name stands who bears it.
KIN_REACH = 3
# A question for the name and no more, whatever its mark.
SHORT_QUESTION = 5
# "uw eigen naam": so far in front of the word stands whose it is.
OWN_REACH = 2


def asks_again(params: AsksAgain, view: CallView) -> Outcome:
    """A question for the name after it was given; one that the caller answers with another name was no repetition."""
    names = _own_names(view)
    if not names:
        return not_applicable("name_unknown")
    first = names[0]
    names = [name for name in names if not (name.inferred and _is_of_kin(view, name))]
    given = names[0] if names else first
    asked = [
        match for match in _questions(params, view) if _later(match, given) and not _repairs(params, view, match, given)
    ]
    for match in asked:
        forgot = view.finder.any(params.forgot, match.utterance)
        answer = _answer(view, match)
        known = [name for name in names if name.utterance.index < match.utterance.index]
        if not forgot and (_is_for_other(view, match, known, answer) or not _is_repeated(params, view, known, answer)):
            continue
        if not forgot and (_may_be_kins(params, view, match, answer) or (match.cost and _is_said(match, known))):
            continue
        if min(match.probability, _probability(given)) < MIN_PROBABILITY:
            return unsure("words_uncertain", evidence(given), evidence(match))
        return failed(evidence(given), evidence(match), values={"name": given.quote, "quote": match.quote})
    hinted = next((m for m in _hinted(params, view, names) if not _repairs(params, view, m, given)), None)
    if hinted is not None:
        sure = min(hinted.probability, _probability(given)) >= MIN_PROBABILITY
        if not sure:
            return unsure("words_uncertain", evidence(given), evidence(hinted))
        return failed(evidence(given), evidence(hinted), values={"name": given.quote, "quote": hinted.quote})
    return passed(values={"name": given.quote})


def _own_names(view: CallView) -> list[CallerName]:
    """Names given by the party that stays on the line: not the child's when a parent takes over."""
    child = view.child_turns
    names = list(view.caller_names)
    if child and len(child) < len(view.utterances):
        names = [name for name in names if name.utterance.index not in child] or names
    return names


def _is_of_kin(view: CallView, name: CallerName) -> bool:
    """`ik bel voor mijn vader, meneer Kuiper`."""
    before = name.utterance.norms[max(0, name.start - KIN_REACH) : name.start]
    return not view.lexicon.words("namen", "relation").isdisjoint(before)


def _hinted(params: AsksAgain, view: CallView, names: Sequence[CallerName]) -> Iterator[Match]:
    """`even noteren, de naam was?` - `Mulder`: that the caller says the name again tells that it was asked for."""
    for at, answer in enumerate(view.utterances[1:]):
        agent = view.utterances[at]
        known = [name for name in names if name.utterance.index < at]
        if not known or (answer.role, agent.role) != ("caller", "agent") or not _opens_with(view, answer, known):
            continue
        count = len(agent.tokens)
        start = agent.sentence_of(count - 1)[0]
        last = start if view.punctuated else max(start, count - LAST_WORDS)
        short = agent.tokens[-1].after == "?" or count - start <= SHORT_QUESTION
        for match in _uncovered(params, view, agent, (*params.hints, *params.hints_last)):
            if _is_said(match, known) or not _is_repeated(params, view, known, (answer,)):
                continue
            asks = match.end == count or (match.phrase.text in params.hints and (short or _is_theirs(view, match)))
            if match.start >= last and asks and not _may_be_kins(params, view, match, (answer,)):
                yield match


def _may_be_kins(params: AsksAgain, view: CallView, match: Match, answer: Sequence[Utterance]) -> bool:
    """`voor mijn vrouw` - `de naam?` - `Mulder`: not `uw naam?`, nor where the caller says that it was given."""
    kin = view.lexicon.words("namen", "relation")
    if any(not kin.isdisjoint(each.norms) for each in answer):
        return True
    about = match.utterance.norms[match.start : match.end]
    which = view.lexicon.words("vragen", "open", "which")  # "op welke naam staat het": on that of whoever calls
    if _is_theirs(view, match) or set(params.hints).isdisjoint(about) or not which.isdisjoint(about):
        return False
    before = (each for each in view.of("caller") if each.index < match.utterance.index)
    told = any(not kin.isdisjoint(each.norms) for each in before)
    return told and not any(view.finder.any(params.said, each) for each in answer)


def _is_said(match: Match, names: Sequence[CallerName]) -> bool:
    """`dag meneer Jansen, ik kan uw naam niet vinden`: the turn itself says the name."""
    return any(not set(name.words).isdisjoint(match.utterance.norms) for name in names)


def _is_theirs(view: CallView, match: Match) -> bool:
    """`uw naam`, `uw eigen naam`, `hoe heet u`."""
    yours = view.lexicon.words("aanspreekvorm", "formal") | view.lexicon.words("aanspreekvorm", "stressed")
    yours |= view.lexicon.words("aanspreekvorm", "unstressed")
    return not yours.isdisjoint(match.utterance.norms[max(0, match.start - OWN_REACH) : match.end])


def _opens_with(view: CallView, answer: Utterance, names: Sequence[CallerName]) -> bool:
    """Behind `ja, met` or the like the answer begins with a name that was given; `Jansen, ja` confirms something."""
    words = view.knowledge.names.words
    leads = view.lexicon.words("namen", "answer_leads") | view.lexicon.words("namen", "before") | words.infixes
    known = {word for name in names for word in name.words}
    heads = (at for at, norm in enumerate(answer.norms) if norm in known or norm not in leads | words.titles)
    at = next(heads, None)
    if at is None or not view.lexicon.words("luisteren", "nods").isdisjoint(answer.norms[at + 1 :]):
        return False
    head = answer.norms[at]
    return len(head) > 2 and any(name_similarity(head, word) >= SAME_NAME for word in known)


def _questions(params: AsksAgain, view: CallView) -> list[Match]:
    phrases = (*params.asks, *params.forgot)
    return [match for utterance in view.of("agent") for match in _uncovered(params, view, utterance, phrases)]


def _uncovered(params: AsksAgain, view: CallView, utterance: Utterance, phrases: Sequence[str]) -> list[Match]:
    """Where a phrase asks for the name itself: not how it is spelled, nor for another's."""
    asked = view.finder.find(phrases, utterance)
    if not asked:
        return []
    theirs = [match for match in view.finder.find(params.themselves, utterance) if match.cost == 0]
    covers = [
        match
        for match in view.finder.find(params.not_with, utterance)
        if match.cost < 0.5 and not any(match.start < own.end and own.start < match.end for own in theirs)
    ]
    return [
        match
        for match in asked
        if not _says_name(view, match)
        and not any(
            c.start <= match.end + COVER_REACH
            and match.start - COVER_REACH <= c.end
            and not (match.start <= c.start and c.end <= match.end == len(utterance.tokens))  # "op naam van?"
            for c in covers
        )
    ]


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
                dated = view.knowledge.names.words.is_number(following)  # "Evers, drie mei zestig"
                ends = not following or utterance.tokens[at].after != "" or idle or dated
                if ends or (not goes_on and (len(name.words) > 1 or name.end - name.start > 1)):
                    return True
    return False


def _probability(given: CallerName) -> float:
    return max(token.probability for token in given.utterance.tokens[given.start : given.end])
