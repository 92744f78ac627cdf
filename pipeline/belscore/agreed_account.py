"""An account of what happened, in whatever words, that the caller only agrees with: a summary as well.

`hij stond klaar en werd door niemand opgehaald` shares no word with `mijn vader wachtte op het busje en dat kwam niet`.
That the caller says `precies` to it tells that it is the same story.
"""

from __future__ import annotations

from collections.abc import Sequence

from belscore.asking import is_participle
from belscore.language.tokens import Utterance
from belscore.solutions import tells_past
from belscore.view import CallView

LEXICON = "luisteren"
# Words of substance, other than what one thinks of it, that an account has; fewer in a long one. Own values.
ACCOUNT_WORDS = 3
ACCOUNT_LONG = 8
# `uur` and `arm` are words of substance here: a lost story is told in short words.
MIN_LETTERS = 3
# `nee, niemand` and no more.
ECHO_WORDS = 4


def agreed_account(view: CallView, utterance: Utterance, told: Sequence[str]) -> bool:
    """What was, told to a caller who agrees: fully, or with a yes where the caller is spoken of or a word is theirs.

    told : the words of the utterance that are no question, offer, reproach or defence
    """
    if not told or not happened(view, told):
        return False
    answer = answer_to(view, utterance)
    substance = _substance(view, told) - view.lexicon.words(LEXICON, "said_of_it")
    enough = ACCOUNT_WORDS - (len(told) >= ACCOUNT_LONG)
    if answer is None or len(substance) < enough:
        return False
    if view.finder.any(view.lexicon.list(LEXICON, "looked_up"), utterance):
        return False
    if says_so_too(view, utterance, told):
        return True
    story = {norm for u in view.of("caller") if u.index < utterance.index for norm in u.norms}
    near = not substance.isdisjoint(story) or not view.lexicon.words(LEXICON, "to_caller").isdisjoint(told)
    return near and _nods(view, answer)


def answer_to(view: CallView, utterance: Utterance) -> Utterance | None:
    """The caller's next turn."""
    return next((u for u in view.utterances[utterance.index + 1 :] if u.tokens and u.role == "caller"), None)


def asks_further(view: CallView, utterance: Utterance, told: Sequence[int]) -> bool:
    """`... Kan dat op dit nummer?` - `ja`: behind what was told stands a question, and that is what is answered.

    told : places of the words that are no question
    """
    answer = answer_to(view, utterance)
    if answer is None or agrees_fully(view, answer) or not told:
        return False
    low, high = utterance.sentence_of(len(utterance.tokens) - 1)
    return utterance.tokens[high - 1].after == "?" and low > max(told)


def agrees_fully(view: CallView, answer: Utterance) -> bool:
    """`precies`, `zo is het`: what hardly answers anything but an account."""
    return view.finder.any(view.lexicon.list(LEXICON, "agrees"), answer)


def says_so_too(view: CallView, utterance: Utterance, told: Sequence[str]) -> bool:
    """The caller agrees fully; to what was not so with a no as well: `niemand hielp u` - `nee, niemand`."""
    answer = answer_to(view, utterance)
    if answer is None:
        return False
    negative = view.lexicon.negations | view.lexicon.words(LEXICON, "denies", "negative")
    said = negative.intersection(told)
    again = said.intersection(answer.norms) or view.lexicon.words(LEXICON, "denies").intersection(answer.norms[:1])
    return agrees_fully(view, answer) or bool(said and again and len(answer.norms) <= ECHO_WORDS)


def happened(view: CallView, told: Sequence[str]) -> bool:
    """Words that tell what was: `stond`, `werd opgehaald`; not what should have been: `had gebeld moeten worden`."""
    due, had, still = (view.lexicon.words(LEXICON, "happened", key) for key in ("due", "had", "still"))
    if not due.isdisjoint(told) and not had.isdisjoint(told) and still.isdisjoint(told):
        # "die had er moeten zijn, en u moest er zelf achter komen": the rest may tell what was
        return tells_past(view, [norm for norm in told if norm not in had])
    if tells_past(view, told) or not view.lexicon.words(LEXICON, "happened", "past").isdisjoint(told):
        return True
    done, ought = view.lexicon.words(LEXICON, "happened"), view.lexicon.words(LEXICON, "happened", "ought")
    return (
        not done.isdisjoint(told) and ought.isdisjoint(told) and any(is_participle(view.lexicon, norm) for norm in told)
    )


def denied(view: CallView, utterance: Utterance, told: Sequence[str]) -> bool:
    """The caller's answer begins with a no, and what was told was no denial itself."""
    answer = answer_to(view, utterance)
    if answer is None or answer.norms[0] not in view.lexicon.words(LEXICON, "denies") or agrees_fully(view, answer):
        return False
    negative = view.lexicon.negations | view.lexicon.words(LEXICON, "denies", "negative")
    return negative.isdisjoint(told)


def _nods(view: CallView, answer: Utterance) -> bool:
    """It begins or ends with a yes that takes up no offer."""
    nods = view.lexicon.words(LEXICON, "nods")
    accepts = view.lexicon.words(LEXICON, "nods", "accepts")
    return not nods.isdisjoint((answer.norms[0], answer.norms[-1])) and accepts.isdisjoint(answer.norms)


def _substance(view: CallView, norms: Sequence[str]) -> frozenset[str]:
    idle = view.lexicon.idle
    return frozenset(norm for norm in norms if norm not in idle and (len(norm) >= MIN_LETTERS or norm.isdigit()))
