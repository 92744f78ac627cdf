"""What the caller tells that is a problem. Inventory: `rules/lexicon/problemen.toml`."""

from __future__ import annotations

from belscore.call_likeness import weigh
from belscore.cues_in_turns import MAX_COVER_COST, clear_of
from belscore.frames import frames_of
from belscore.language.phrases import Match, Phrase
from belscore.language.tokens import Utterance, part
from belscore.statements import Said
from belscore.view import CallView

LEXICON = "problemen"
# A problem is told with all its words, one of them misspelt at most: "kan niet in de rij" is not "kan er niet in".
MAX_CUE_COST = 0.35
# `niks kapot`, `niet erg gevallen`.
NEGATION_REACH = 2
# A story has so many words of its own besides greeting and name.
STORY_WORDS = 2


def told(view: CallView, key: str) -> list[Match]:
    """Where the caller says one of the words and no other phrase makes it something else."""
    phrases = view.lexicon.list(LEXICON, key)
    covers = view.lexicon.list(LEXICON, "not")
    found: list[Match] = []
    frames = frames_of(view.lexicon.tables[LEXICON], view.finder, view.lexicon)
    for utterance in view.of("caller"):
        said = [match for match in view.finder.find(phrases, utterance) if match.cost <= MAX_CUE_COST]
        said += [match for match in frames.find(utterance).get(key, []) if not _across(view, match)]
        if not said:
            continue
        covered = [cover for cover in view.finder.find(covers, utterance) if cover.cost < MAX_COVER_COST]
        found += clear_of([match for match in said if _present(view, match)], covered)
    return sorted(found, key=lambda match: match.start_s)


def _across(view: CallView, match: Match) -> bool:
    """`hij ziet niks meer, maar eten kan hij nog`: the denial stands in front of what can be done all the same."""
    norms = match.utterance.norms[match.start : match.end]
    but = view.lexicon.list(LEXICON, "not", "but")
    at = next((at for at, norm in enumerate(norms) if norm in but), None)
    negations = view.lexicon.negations
    return at is not None and not negations.isdisjoint(norms[:at]) and negations.isdisjoint(norms[at:])


def likely_told(view: CallView) -> tuple[list[Match], bool]:
    """Where a problem is told for certain by all the words of the call, and whether those leave it doubtful."""
    words = weigh(view, view.lexicon.tables[LEXICON])
    return ([], False) if words == "refute" else (told(view, "problem"), words == "doubt")


def maybe_told(view: CallView) -> list[Match]:
    """Where what the caller says may be a problem; all the words of the call can refute it."""
    return [] if weigh(view, view.lexicon.tables[LEXICON]) == "refute" else told(view, "perhaps")


def unnamed(view: CallView) -> list[Said]:
    """The caller's first turns in a call whose words together tell of a problem, whatever each says."""
    likely = view.likeness.of(LEXICON)
    if likely is None or likely < view.lexicon.table(LEXICON, "evidence")["opens"]:
        return []
    return [Said(turn, 0, len(turn.tokens)) for turn in view.spoken("caller")[:1]]


def _present(view: CallView, match: Match) -> bool:
    """Now and the caller's own: not `niks kapot`, not `de pijn is weg`, not `wat kost een gebroken kies`."""
    utterance = match.utterance
    negations = view.lexicon.negations
    before = utterance.norms[max(0, match.start - NEGATION_REACH) : match.start]
    if not negations.isdisjoint(before) and negations.isdisjoint(match.phrase.words):
        return False
    if _denied_behind(view, match):
        return False
    if _calls_off(view, utterance):
        return False
    low, high = utterance.sentence_of(match.start)
    sentence = part(utterance, low, high)
    if view.finder.any(view.lexicon.list(LEXICON, "information"), sentence):
        return False
    relative = view.lexicon.words(LEXICON, "past", "relative")
    past = view.finder.find(view.lexicon.list(LEXICON, "past"), sentence)
    over = any(relative.isdisjoint(utterance.norms[match.end : low + each.start]) for each in past)
    if over and view.finder.any(view.lexicon.list(LEXICON, "past", "recovered"), sentence):
        return False
    return not over or not view.lexicon.words(LEXICON, "past", "again").isdisjoint(sentence.norms)


def _calls_off(view: CallView, utterance: Utterance) -> bool:
    """`ik moet morgen afzeggen, mijn zus is gevallen`: in this turn, or in the one before it, and nothing sooner."""
    words, wants = view.lexicon.list(LEXICON, "calls_off"), view.lexicon.list(LEXICON, "calls_off", "wants")
    callers = view.of("caller")
    at = callers.index(utterance)
    said = callers[max(0, at - 1) : at + 1]
    off = any(match.cost <= MAX_CUE_COST for u in said for match in view.finder.find(words, u))
    return off and not any(view.finder.any(wants, u) for u in said)


def _denied_behind(view: CallView, match: Match) -> bool:
    """`koorts heb ik al een week niet meer`, not `pijn heb ik, ik kan er niet van slapen`."""
    utterance, fronted = match.utterance, view.lexicon.table(LEXICON, "fronted")
    _, high = utterance.sentence_of(match.end - 1)
    if utterance.norms[match.end - 1] in fronted["verbs"] or match.end >= high:
        return False
    if utterance.tokens[match.end - 1].after or utterance.norms[match.end] not in fronted["verbs"]:
        return False
    for at in range(match.end, high):
        if utterance.norms[at] in fronted["clauses"]:
            return False
        if utterance.norms[at] in view.lexicon.negations:
            return True
        if utterance.tokens[at].after:
            return False
    return False


def pitied(view: CallView) -> list[Match]:
    """What the caller comes with, when they merely tell it and the agent feels sorry: `dat is lastig`, `wat naar`.

    Whoever asks, wants or announces something says so; who only tells how things are tells what is wrong.
    """
    if view.call.direction == "outbound":  # whoever was called comes with nothing
        return []
    if weigh(view, view.lexicon.tables[LEXICON]) == "refute":
        return []
    reader = view.asking
    wishes, sorry = view.lexicon.list(LEXICON, "wishes"), view.lexicon.list(LEXICON, "sorry")
    story: list[Utterance] = []
    for utterance in view.utterances:
        if utterance.role == "caller" and utterance.tokens:
            if view.finder.any(wishes, utterance) or reader.questions(utterance) or reader.indirect(utterance):
                return []
            story.append(utterance)
        elif utterance.role == "agent" and any(_is_story(view, each) for each in story):
            if any(match.cost == 0 for match in view.finder.find(sorry, utterance)):
                return [_whole(max(story, key=lambda each: len(each.tokens)))]
            if utterance.index not in view.hums:
                return []
    return []


def _is_story(view: CallView, utterance: Utterance) -> bool:
    names = {word for name in view.caller_names for word in name.words}
    empty = (names, view.lexicon.idle, view.lexicon.words("vragen", "leads"))
    return sum(not any(norm in words for words in empty) for norm in utterance.norms) >= STORY_WORDS


def _whole(utterance: Utterance) -> Match:
    """All words of a turn."""
    probability = min(token.probability for token in utterance.tokens)
    phrase = Phrase("", (), (), 0, 0, exact=True)
    return Match(phrase, utterance, 0, len(utterance.tokens), 0.0, probability, doubtful=False)
