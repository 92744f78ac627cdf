"""`Tot` with a day or a time that takes no leave: until when something holds."""

from __future__ import annotations

from belscore.language.moments import Moment
from belscore.language.phrases import Match
from belscore.view import CallView

# So many words in front of a moment the word may stand: "tot en met maandag".
UNTIL_REACH = 2


def within_statement(until: str, view: CallView, match: Match | Moment) -> bool:
    """`het kan tot volgende week duren`, `tot dan moet u het zo doen`: until when something holds."""
    utterance = match.utterance
    tokens, norms = utterance.tokens, utterance.norms
    if not (until and view.punctuated):
        return False
    at = next((at for at in range(max(0, match.start - UNTIL_REACH), match.end) if norms[at] == until), None)
    if at is None:
        return False
    low = next((place for place in range(at, 0, -1) if tokens[place - 1].after), 0)
    high = next((place + 1 for place in range(match.end - 1, len(tokens)) if tokens[place].after), len(tokens))
    finite = view.lexicon.words("aanspreekvorm", "finite") | view.lexicon.words("vragen", "verbs")
    covered = {place for moment in view.moments(utterance) for place in range(moment.start, moment.end)}
    light = view.lexicon.idle | view.lexicon.interjections | view.lexicon.words("namen", "titles")
    light |= view.lexicon.words("termijnen", "clause_ends") | view.lexicon.words("aanspreekvorm", "prepositions")
    behind = [place for place in range(match.end, high) if place not in covered]
    if not behind or norms[behind[0]] in light - finite or tokens[behind[0]].capital:
        return False
    return norms[behind[0]] in finite or not finite.isdisjoint(norms[low:at])
