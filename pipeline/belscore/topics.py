"""Whether two calls of one caller are about the same thing, by the words of substance in their questions.

Words: `lexicon/belnotitie.toml`. Meant for calls of one caller only: of two callers the same words say nothing.
"""

from __future__ import annotations

from belscore.language.lexicon import Lexicon
from belscore.language.tokens import fold, plain_norms
from belscore.rulebook import default_lexicon
from belscore.scorecard import Scorecard
from belscore.summary import shared

LEXICON = "belnotitie"
MIN_LETTERS = 3
# The shorter question has this share of its telling words in common with the other. Set on the development half of
# tests/ledger/topics.txt (bench/topics.py).
MIN_SHARE = 0.3


def topic_key(card: Scorecard, lexicon: Lexicon | None = None) -> frozenset[str]:
    """What a call is about: content words of the caller's question, or where it was not understood of the promises.

    lexicon : that of the default rules when None
    Empty when nothing is known of it.
    """
    names = frozenset(fold(card.log.caller_name or "").split())
    texts = [card.log.question] if card.log.question else [entry.about for entry in card.ledger if entry.about]
    return frozenset().union(*(topic_words(text, lexicon, names) for text in texts))


def topic_words(text: str, lexicon: Lexicon | None = None, names: frozenset[str] = frozenset()) -> frozenset[str]:
    """The words of a question that say what it is about: no function words, times, numbers or names.

    >>> sorted(topic_words("Ik bel nog eens over de uitslag van mijn bloedonderzoek."))
    ['bloedonderzoek', 'uitslag']
    """
    known = lexicon or default_lexicon()
    out = known.words(LEXICON, "topic") | known.idle | names
    norms = plain_norms(" ".join(word.strip(".,;:?!…") for word in text.split()), known.contractions)
    return frozenset(norm for norm in norms if len(norm) >= MIN_LETTERS and norm not in out and not norm.isdigit())


def same_topic(one: frozenset[str], other: frozenset[str], lexicon: Lexicon | None = None) -> bool:
    """Whether two keys of one caller are surely about one matter; False when either is empty.

    Words that are in so many calls (`afspraak`, `recept`) count only where neither question has any other.
    """
    known = lexicon or default_lexicon()
    common = known.words(LEXICON, "topic_common")
    telling, others = one - common, other - common
    if not telling and not others:
        return bool(one) and one == other
    fewer, more = sorted((telling, others), key=len)
    return bool(fewer) and shared(fewer, more) >= max(1.0, MIN_SHARE * len(fewer))
