"""Whether two calls of one caller are about the same thing, by the words of substance in their questions.

Words: `lexicon/belnotitie.toml`. Meant for calls of one caller only: of two callers the same words say nothing.
"""

from __future__ import annotations

import re

from belscore.language.lexicon import Lexicon
from belscore.language.tokens import fold, plain_norms
from belscore.rulebook import default_lexicon
from belscore.scorecard import Scorecard

LEXICON = "belnotitie"
# `[naam 2]`: what stands in the place of a name says nothing of the topic.
_TAKEN_OUT = re.compile(r"\[[^\[\]]*\]")
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
    return key_of(frozenset().union(*(topic_words(text, lexicon, names) for text in texts)), lexicon)


def key_of(words: frozenset[str], lexicon: Lexicon | None = None) -> frozenset[str]:
    """Words of questions as a key, which can be compared as it is and when each of its parts is hashed.

    Words that are in so many calls (`afspraak`, `recept`) are left out, but where there are no others: then they are
    one part together, and only the same words are the same matter.
    """
    common = (lexicon or default_lexicon()).words(LEXICON, "topic_common")
    return words - common or frozenset({" ".join(sorted(words))} if words else ())


def topic_words(text: str, lexicon: Lexicon | None = None, names: frozenset[str] = frozenset()) -> frozenset[str]:
    """The words of a question that say what it is about: no function words, times, numbers or names.

    >>> sorted(topic_words("Ik bel nog eens over de uitslag van mijn bloedonderzoek."))
    ['bloedonderzoek', 'uitslag']
    """
    known = lexicon or default_lexicon()
    out = known.words(LEXICON, "topic") | known.idle | names
    said = _TAKEN_OUT.sub(" ", text)
    norms = plain_norms(" ".join(word.strip(".,;:?!…") for word in said.split()), known.contractions)
    return frozenset(norm for norm in norms if len(norm) >= MIN_LETTERS and norm not in out and not norm.isdigit())


def same_topic(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two keys of one caller are surely about one matter; False when either is empty."""
    return len(one & other) >= max(1.0, MIN_SHARE * min(len(one), len(other)))
