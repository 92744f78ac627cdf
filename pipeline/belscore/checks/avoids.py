"""Check kind `avoids`: from the start of a complaint or an outburst on, some things are not said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from belscore.checks.outcome import Outcome, failed, passed, unsure
from belscore.language.tokens import Utterance
from belscore.rule_complaint import Avoids, Since, WordPair
from belscore.scorecard import Evidence
from belscore.view import MIN_PROBABILITY, CallView

# A cover counts when it shares words with the phrase or stands right beside it.
COVER_REACH = 1
# How far in front of the fault a marker of quoting may stand where nothing is punctuated.
QUOTE_REACH = 12
# One word misspelt and no more: a fault is not read out of half a phrase.
MAX_COST = 0.3


@dataclass(frozen=True, slots=True)
class _Said:
    """Tokens start..end of an utterance that break the rule."""

    utterance: Utterance
    start: int
    end: int

    @property
    def probability(self) -> float:
        return min(token.probability for token in self.utterance.tokens[self.start : self.end])

    @property
    def evidence(self) -> Evidence:
        tokens = self.utterance.tokens[self.start : self.end]
        quote = self.utterance.quote(self.start, self.end)
        return Evidence(self.utterance.role, tokens[0].start_s, tokens[-1].end_s, quote)


def avoids(params: Avoids, view: CallView) -> Outcome:
    """fail quotes what was said; words of little certainty make it unsure."""
    since_s = start_of(view, params.since)
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


def _faults(params: Avoids, view: CallView, utterance: Utterance) -> list[_Said]:
    found = [*_phrases(params, view, utterance)]
    found += [each for pair in params.pairs for each in _paired(pair, view, utterance)]
    covers = [(m.start, m.end) for m in view.finder.find(params.not_with, utterance) if m.cost == 0]
    quoting = [(m.start, m.end) for m in view.finder.find(params.quoting, utterance)]
    kept = [
        each
        for each in sorted(found, key=lambda each: (each.start, -each.end))
        if not any(low - COVER_REACH < each.end and each.start < high + COVER_REACH for low, high in covers)
        and not _quoted(each, quoting)
    ]
    return _first_of_overlapping(kept)


def _phrases(params: Avoids, view: CallView, utterance: Utterance) -> Iterator[_Said]:
    negations = view.lexicon.negations
    for match in view.finder.find(params.phrases, utterance):
        denied = not negations.isdisjoint(utterance.norms[match.start : match.end])
        if match.cost > MAX_COST or denied == negations.isdisjoint(match.phrase.words):
            continue
        yield _Said(utterance, match.start, match.end)
    for match in view.finder.find(params.opening, utterance):
        start, _ = utterance.sentence_of(match.start)
        idle = view.lexicon.fillers | view.lexicon.words("luisteren", "backchannels")
        if match.cost == 0 and all(norm in idle for norm in utterance.norms[start : match.start]):
            yield _Said(utterance, match.start, match.end)


def _paired(pair: WordPair, view: CallView, utterance: Utterance) -> Iterator[_Said]:
    ones = [m for m in view.finder.find(pair.one, utterance) if m.cost == 0]
    if not ones:
        return
    others = [m for m in view.finder.find(pair.other, utterance) if m.cost == 0]
    for one in ones:
        low, high = utterance.sentence_of(one.start)
        for other in others:
            gap = max(other.start - one.end, one.start - other.end)
            if low <= other.start < high and 0 <= gap <= pair.within:
                yield _Said(utterance, min(one.start, other.start), max(one.end, other.end))


def _quoted(said: _Said, quoting: list[tuple[int, int]]) -> bool:
    """The agent tells what the caller said: `u zegt dat mijn collega het vergeten is`."""
    low, _ = said.utterance.sentence_of(said.start)
    return any(low <= end <= said.start + 1 and said.start - end <= QUOTE_REACH for _, end in quoting)


def _first_of_overlapping(said: list[_Said]) -> list[_Said]:
    kept: list[_Said] = []
    for each in said:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept
