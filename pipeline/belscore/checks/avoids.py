"""Check kind `avoids`: from the start of a complaint or an outburst on, some things are not said."""

from __future__ import annotations

from collections.abc import Iterator

from belscore.agreed_account import agrees_fully, answer_to
from belscore.checks.outcome import Outcome, failed, passed, unsure
from belscore.content import content_words, shared
from belscore.insults import insults_back
from belscore.language.tokens import Utterance, part
from belscore.rule_complaint import Avoids, Since
from belscore.statements import MAX_COST, Said, StatementReader
from belscore.summary import sums_up
from belscore.view import MIN_PROBABILITY, CallView

# A cover counts when it shares words with the phrase or stands right beside it.
COVER_REACH = 1
# How far in front of the fault a marker of quoting may stand where nothing is punctuated.
QUOTE_REACH = 12
# The agent takes leave in one of so many last turns.
LEAVING_TURNS = 2
# A contradiction begins the caller's answer, behind a word or three: `ja maar ik was wel thuis`.
REBUT_REACH = 3


def avoids(params: Avoids, view: CallView) -> Outcome:
    """fail quotes what was said; words of little certainty make it unsure."""
    since_s = story_start(view) if params.since == "complaint" else start_of(view, params.since)
    utterances = [u for u in view.of("agent") if u.turn.start_s >= since_s]
    said = [each for utterance in utterances for each in _faults(params, view, utterance)]
    if not said:
        return passed() if view.legible(utterances) else unsure("words_uncertain")
    sure = [each for each in said if each.probability >= MIN_PROBABILITY]
    if not sure:
        return unsure("words_uncertain", said[0].evidence)
    situation = {"complaint": "klacht", "aggression": "agressie"}[params.since]
    if situation in view.situations.doubtful:
        return unsure("situation_doubtful", sure[0].evidence)
    return failed(*(each.evidence for each in sure), values={"quote": sure[0].evidence.quote.rstrip(".,?!")})


def start_of(view: CallView, since: Since) -> float:
    """When the caller's first words of complaint or aggression begin, in seconds."""
    cues = view.situations.complaint if since == "complaint" else view.situations.aggression
    return min(cue.utterance.turn.start_s for cue in cues)


def story_start(view: CallView) -> float:
    """When the caller first speaks, in seconds: a complaint is often told before its first sure cue."""
    callers = view.spoken("caller")
    return callers[0].turn.start_s if callers else 0.0


def _faults(params: Avoids, view: CallView, utterance: Utterance) -> list[Said]:
    groups = (*params.statements, *params.disputed) if _rebutted(params, view, utterance) else params.statements
    found = [*_phrases(params, view, utterance), *StatementReader(view, groups).find(utterance)]
    if params.insults:
        data = view.knowledge.situations["agressie"]
        found += [Said(utterance, match.start, match.end) for match in insults_back(view, data, utterance)]
    if not found:
        return []
    covers = [(m.start, m.end) for m in view.finder.find(params.not_with, utterance) if m.cost == 0]
    covers += _parting(params, view, utterance)
    quoting = [(m.start, m.end) for m in view.finder.find(params.quoting, utterance)]
    closing = [(m.start, m.end) for m in view.finder.find(params.closing, utterance)]
    kept = [
        each
        for each in sorted(found, key=lambda each: (each.start, -each.end))
        if not any(low - COVER_REACH < each.end and each.start < high + COVER_REACH for low, high in covers)
        and not _quoted(each, quoting)
        and not any(_closes(each, start, end) for start, end in closing)
    ]
    return _first_of_overlapping([each for each in kept if not _retold(params, view, each)])


def _parting(params: Avoids, view: CallView, utterance: Utterance) -> list[tuple[int, int]]:
    """`rustig aan, en een fijne middag`: said in leave-taking to a caller who no longer rages, it tells nobody off."""
    before = [u for u in view.spoken("caller") if u.index < utterance.index][-1:]
    raging = any(cue.utterance in before for cue in view.situations.aggression)
    if raging or utterance not in view.spoken("agent")[-LEAVING_TURNS:]:
        return []
    leave = max((match.start for match in view.finder.find(params.leave, utterance)), default=0)
    return [(m.start, m.end) for m in view.finder.find(params.kindly, utterance) if m.end <= leave]


def _rebutted(params: Avoids, view: CallView, utterance: Utterance) -> bool:
    """The caller's answer begins by contradicting: `jawel, ik stond er wel`."""
    if not params.rebuts:
        return False
    answer = answer_to(view, utterance)
    return answer is not None and any(
        match.cost == 0 and match.start <= REBUT_REACH for match in view.finder.find(params.rebuts, answer)
    )


def _retold(params: Avoids, view: CallView, said: Said) -> bool:
    """`uw bitje is dus door onze assistent weggegooid` - `precies`: what the caller told, put back to them.

    It is when the turn sums up and the caller agrees fully, or when one of both holds and the words of substance of the
    fault are the caller's own; and none of `params.general` makes it a habit.
    """
    utterance = said.utterance
    if not params.general or view.finder.any(params.general, utterance):
        return False
    answer = answer_to(view, utterance)
    agreed, summed = answer is not None and agrees_fully(view, answer), sums_up(view, utterance)
    if answer is None or not (agreed or summed):
        return False
    sentence = utterance.norms[slice(*utterance.sentence_of(said.start))]
    if agreed and summed and not view.lexicon.words("luisteren", "to_caller").isdisjoint(sentence):
        return True  # an account of what happened to the caller, who agrees with it
    story = content_words(view, [u for u in view.of("caller") if u.index < utterance.index])
    told = content_words(view, [part(utterance, said.start, said.end)])
    return bool(told) and 2 * shared(told, story) >= len(told)


def _phrases(params: Avoids, view: CallView, utterance: Utterance) -> Iterator[Said]:
    negations = view.lexicon.negations
    idle = view.lexicon.interjections
    for match in view.finder.find(params.phrases, utterance):
        denied = not negations.isdisjoint(utterance.norms[match.start : match.end])
        if match.cost > MAX_COST or denied == negations.isdisjoint(match.phrase.words):
            continue
        yield Said(utterance, match.start, match.end)
    for match in view.finder.find(params.opening, utterance):
        start, _ = utterance.sentence_of(match.start)
        if match.cost == 0 and all(norm in idle for norm in utterance.norms[start : match.start]):
            yield Said(utterance, match.start, match.end)


def _quoted(said: Said, quoting: list[tuple[int, int]]) -> bool:
    """The agent tells what the caller said: `u zegt dat mijn collega het vergeten is`."""
    low, _ = said.utterance.sentence_of(said.start)
    return any(
        (low <= end <= said.start + 1 and said.start - end <= QUOTE_REACH) or start <= said.start < end < said.end
        for start, end in quoting
    )


def _closes(said: Said, start: int, end: int) -> bool:
    """The marker stands at the end of the sentence, or is the whole of the next one: `..., zegt u`, `Klopt dat?`."""
    _, high = said.utterance.sentence_of(said.end - 1)
    if start == high:
        return end == said.utterance.sentence_of(start)[1]
    inside = (
        start > said.end - 1 and said.utterance.tokens[start - 1].after == said.utterance.tokens[end - 1].after == ","
    )
    return start < high == end or inside


def _first_of_overlapping(said: list[Said]) -> list[Said]:
    kept: list[Said] = []
    for each in said:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept
