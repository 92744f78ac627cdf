"""Where the agent puts the caller's story in own words."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from belscore.language.tokens import Utterance
from belscore.view import CallView

# Words of substance the summary shares with the caller's story. Two tell a summary from a courtesy.
MIN_SHARED_WORDS = 2
MIN_CONTENT_LETTERS = 4
SAME_STEM = 0.75


@dataclass(frozen=True, slots=True)
class Summary:
    """An utterance of the agent that summarises, and where in it the summary starts."""

    utterance: Utterance
    start: int

    @property
    def start_s(self) -> float:
        return self.utterance.tokens[self.start].start_s


def first_summary(view: CallView, since_s: float) -> Summary | None:
    """The first summary after `since_s`: a marker, and words of substance the caller said before."""
    markers = view.lexicon.list("luisteren", "summary")
    for utterance in view.spoken("agent"):
        if utterance.turn.start_s < since_s:
            continue
        story = content_words(view, [u for u in view.of("caller") if u.turn.start_s < utterance.turn.end_s])
        for match in view.finder.find(markers, utterance):
            needed = MIN_SHARED_WORDS - _confirmed(view, utterance)
            if shared(content_words(view, [utterance]), story) >= needed:
                return Summary(utterance, _start(utterance, match.start))
    return None


def _confirmed(view: CallView, utterance: Utterance) -> bool:
    """The caller's next turn agrees with what the agent put to them."""
    following = next((u for u in view.utterances[utterance.index + 1 :] if u.tokens and u.role == "caller"), None)
    return following is not None and view.finder.any(view.lexicon.list("luisteren", "confirms"), following)


def _start(utterance: Utterance, at: int) -> int:
    """A marker such as `klopt dat?` stands behind its summary: the summary starts with the turn's own first words."""
    start, _ = utterance.sentence_of(at)
    return 0 if start > 0 and at - start <= 1 else start


def content_words(view: CallView, utterances: list[Utterance]) -> frozenset[str]:
    """Words of substance: no function word, filler or listening signal, at least four letters, or a number."""
    idle = view.lexicon.idle
    return frozenset(
        norm
        for utterance in utterances
        for norm in utterance.norms
        if norm not in idle and (len(norm) >= MIN_CONTENT_LETTERS or norm.isdigit())
    )


def shared(one: frozenset[str], other: frozenset[str]) -> int:
    """How many words of the first are in the second, in the same or another form."""
    return sum(any(_same(mine, yours) for yours in other) for mine in one)


def _same(one: str, other: str) -> bool:
    if one == other or (min(len(one), len(other)) >= 5 and (one.startswith(other) or other.startswith(one))):
        return True
    return Levenshtein.normalized_similarity(one.removeprefix("ge"), other.removeprefix("ge")) >= SAME_STEM
