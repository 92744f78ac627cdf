"""From tokens, in which finders think, to the words of a turn, which a transcript is made of."""

from __future__ import annotations

from belscore.language.tokens import Utterance, plain_norms
from belscore.redaction.found import Found
from belscore.redaction.heard import Heard


def places_of_tokens(utterance: Utterance, heard: Heard) -> list[int]:
    """For each token of an utterance which word of the turn it is of; a word can give several."""
    contractions = heard.lexicon.contractions
    words = utterance.turn.words
    counts = [len(plain_norms(word.text.strip(), contractions)) for word in words]
    if sum(counts) == len(utterance.tokens):
        return [place for place, count in enumerate(counts) for _ in range(count)]
    # Words of other programs may hold blanks: their tokens are known by their times.
    places: list[int] = []
    place = 0
    for token in utterance.tokens:
        while place < len(words) - 1 and (words[place].start_s, words[place].end_s) != (token.start_s, token.end_s):
            place += 1
        places.append(place)
    return places


def word_places(heard: Heard, found: Found) -> tuple[int, int]:
    """The words start..end (exclusive) of its turn that a stretch of tokens lies in."""
    places = places_of_tokens(heard.utterances[found.turn], heard)
    return places[found.start], places[found.end - 1] + 1
