"""What the caller asked for and the agent took on in so many words as `komt voor elkaar`, without saying what.

Words: `granted` in `rules/lexicon/afspraken.toml`.
"""

from __future__ import annotations

from belscore.content import content_words, shared
from belscore.cues_in_turns import exactly
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import CallView

# A request of fewer words of substance asks for nothing that could be said again.
MIN_REQUEST_WORDS = 2
# Of more words than this a sentence says more than that it will be done.
BARE_TOKENS = 6
# The request lies so many turns of the caller back at most.
REQUEST_TURNS = 2


def granted_bare(view: CallView) -> Match | None:
    """Where the agent takes on the caller's last request and no turn of theirs says what it was; None elsewhere."""
    data, cancel = view.lexicon.table("afspraken", "granted"), view.knowledge.situations["afspraak"]["cancel"]
    for answer in view.of("agent"):
        taken = [match for match in exactly(view, data["words"], answer) if _is_bare(match)]
        agreed = taken or [match for match in exactly(view, data["cancelling"], answer) if _is_bare(match)]
        request = next((u for u in _asked_before(view, answer) if _requests(view, u)), None) if agreed else None
        if request is not None and (taken or view.finder.any(cancel, request)):
            asked = content_words(view, [request])
            later = [u for u in view.of("agent") if u.index > request.index]
            stated = [u for u in later if u.tokens and u.tokens[-1].after != "?"]
            told = shared(content_words(view, stated), asked) or any(map(view.values, later))
            told = told or any(view.finder.any(cancel, u) for u in later)
            if len(asked) >= MIN_REQUEST_WORDS and not told and not view.finder.any(data["greetings"], request):
                return agreed[0]
    return None


def _requests(view: CallView, utterance: Utterance) -> bool:
    """`kunt u mijn verwijzing doorsturen?`, `ik heb weer naalden nodig`."""
    data = view.lexicon.table("afspraken", "granted")
    for verbs, asks in ((data["doing"], data["asks"]), (data["done"], (*data["asks"], *data["asks_passive"]))):
        places = [at for at, norm in enumerate(utterance.norms) if norm in verbs]
        asked = exactly(view, asks, utterance) if places else []
        if any(match.end <= at < utterance.sentence_of(match.start)[1] for match in asked for at in places):
            return True
    return view.finder.any(data["requests"], utterance)


def _is_bare(match: Match) -> bool:
    low, high = match.utterance.sentence_of(match.start)
    return high - low <= BARE_TOKENS and match.utterance.tokens[high - 1].after != "?"


def _asked_before(view: CallView, answer: Utterance) -> list[Utterance]:
    """The caller's last turns, the one right before first: between them the agent asked what was needed."""
    before = [u for u in view.of("caller") if u.index < answer.index and u.tokens][-REQUEST_TURNS:]
    if not before or before[-1].index != answer.index - 1:
        return []
    between = [u for u in view.of("agent") if before[0].index < u.index < before[-1].index]
    return before[::-1] if all(view.asking.questions(u) for u in between) else before[-1:]
