"""Phrases that resemble what was said but for one word: what a second look must not believe."""

from __future__ import annotations

import random
from collections.abc import Sequence

from belscore.language.tokens import plain_norms
from belscore.rulebook import default_lexicon
from sounds import Vocabulary

Phrase = tuple[str, ...]
# Forms of address that are swapped for each other: `wilt u` for `wil je`.
FORMS = {"u": "je", "uw": "je", "je": "u", "jij": "u", "jou": "u", "jouw": "uw"}
NEGATIONS = {"een": "geen", "geen": "een", "wel": "niet", "niet": "wel"}
NEGATION = "niet"


def minimal_pairs(phrase: Phrase, words: Vocabulary, every_word: Sequence[str], chance: random.Random) -> set[Phrase]:
    """The phrase with one word heard for another, swapped for any other, negated, left out, and in the other form.

    words      : what sounds like what
    every_word : lower case, to draw any other word from
    """

    def put(at: int, *others: str) -> Phrase:
        return (*phrase[:at], *others, *phrase[at + 1 :])

    places = range(len(phrase))
    found = {put(chance.choice(places), chance.choice(every_word))}
    for at in chance.sample(places, 2):
        other = words.alike(phrase[at], chance)
        found |= {put(at, other)} if other else set()
    form = next((at for at in places if phrase[at] in FORMS), None)
    found |= {put(form, FORMS[phrase[form]])} if form is not None else set()
    denied = next((at for at in places if phrase[at] in NEGATIONS), None)
    at = chance.choice(places[1:])
    found.add(put(denied, NEGATIONS[phrase[denied]]) if denied is not None else put(at, NEGATION, phrase[at]))
    if len(phrase) > 3:
        found.add(put(chance.choice(places)))
    return found - {phrase}


def norms(text: str) -> list[str]:
    """The words of a text in the form of those of phrases."""
    return list(plain_norms(text, default_lexicon().contractions))


def holds(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether a phrase stands in words; a compound counts however it is parted: `ter sprake`, `terspraken` do not."""
    joined, wanted = "".join(words), "".join(phrase)
    edges = {0}
    for word in words:
        edges.add(max(edges) + len(word))
    start = joined.find(wanted)
    while start >= 0:
        if start in edges and start + len(wanted) in edges:
            return True
        start = joined.find(wanted, start + 1)
    return False
