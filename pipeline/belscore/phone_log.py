"""Who called and why, in a line: the head of an entry in the phone log. Words: `belnotitie.toml`."""

from __future__ import annotations

from belscore.due import LEXICON
from belscore.language.tokens import Utterance, part
from belscore.ledger import number_given
from belscore.scorecard import CallLog
from belscore.view import CallView

MAX_QUESTION_CHARS = 120
# The reason to call is given in one of so many turns of the caller that say something.
QUESTION_TURNS = 5
MIN_CONTENT_LETTERS = 3
# "uit Gulpen", "van thuiszorg Nabij"; "de moeder van Pim": so short a sentence says who calls, not why.
FROM_TOKENS, RELATION_TOKENS = 4, 6


def log_of(view: CallView) -> CallLog:
    """The caller's name as they gave it, their question in a line, and whether a number was said."""
    names = view.caller_names
    name = names[0].quote.rstrip(".,?!") if names else None
    return CallLog(name, question_of(view), number_given(view))


def question_of(view: CallView) -> str | None:
    """The sentence that says why the caller calls, without name and greeting; None when none does.

    The first with a word of substance; in that turn one that asks or wants something comes before one that tells.
    """
    if view.call.direction == "outbound":
        return None
    cues = view.lexicon.list(LEXICON, "question", "cues")
    for utterance in view.spoken("caller")[:QUESTION_TURNS]:
        told = [(low, high) for low, high in _sentences(view, utterance) if _says_something(view, utterance, low, high)]
        asked = [(a, b) for a, b in told if view.finder.any(cues, part(utterance, a, b))]
        for low, high in (asked or told)[:1]:
            return shortened(utterance.quote(_start(view, utterance, low, high), high))
    return None


def _start(view: CallView, utterance: Utterance, low: int, high: int) -> int:
    """Where the question begins in a sentence too long for a line: at the words that ask or want."""
    if len(utterance.quote(low, high)) <= MAX_QUESTION_CHARS:
        return low
    wants = view.finder.find(view.lexicon.list(LEXICON, "question", "wants"), part(utterance, low, high))
    return low + next((match.start for match in wants if match.cost == 0), 0)


def shortened(text: str, limit: int = MAX_QUESTION_CHARS) -> str:
    """Text of at most `limit` characters, cut between words.

    >>> shortened("Ik bel over de rekening van maart", 20)
    'Ik bel over de …'
    """
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(",") + " …"


def _sentences(view: CallView, utterance: Utterance) -> list[tuple[int, int]]:
    """The sentences without the caller's name, and the greetings in front."""
    named = {at for name in view.caller_names if name.utterance.index == utterance.index
             for at in range(name.start, name.end)}  # fmt: skip
    openers = view.lexicon.words(LEXICON, "question", "openers")
    places = view.lexicon.words(LEXICON, "question", "places")
    found: list[tuple[int, int]] = []
    for low, high in utterance.sentences():
        start = max((at + 1 for at in named if low <= at < high), default=low)
        if low < start < high - 1 and utterance.norms[start] in places:
            start += 2  # "met Sjoukje Hoekema uit Drachten ik wil ..."
        while start < high and utterance.norms[start] in openers:
            start += 1
        if start < high:
            found.append((start, high))
    return found


def _says_something(view: CallView, utterance: Utterance, low: int, high: int) -> bool:
    if view.finder.any(view.lexicon.list(LEXICON, "question", "skips"), part(utterance, low, high)):
        return False
    bare = view.lexicon.words(LEXICON, "question", "bare") | view.lexicon.idle
    bare |= view.lexicon.words("namen", "relation") | view.lexicon.words("namen", "professions")
    norms = utterance.norms[low:high]
    content = [norm for norm in norms if norm not in bare and len(norm) >= MIN_CONTENT_LETTERS and not norm.isdigit()]
    comes_from = norms[0] in view.lexicon.list(LEXICON, "question", "from") and len(norms) <= FROM_TOKENS
    # "de moeder van Pim"
    relation = not view.lexicon.words("namen", "relation").isdisjoint(norms) and len(content) <= 1
    return bool(content) and not comes_from and not (relation and len(norms) <= RELATION_TOKENS)
