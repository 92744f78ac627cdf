"""The practice's own names and fixed greeting, from its profile, in words that a recogniser may have misspelt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from belscore.language.name_words import SAME_NAME, name_similarity
from belscore.language.tokens import Utterance, plain_norms
from belscore.opening import is_organisation
from belscore.view import CallView

# A recogniser writes a name in one word more or fewer: `bakhuis`, `bak huis`.
EXTRA_WORDS = 1
GAP = "..."


def says_name(view: CallView, utterances: Sequence[Utterance], names: Iterable[str]) -> bool:
    """Whether one of the names is said: its own words, without `praktijk` and articles, in about those sounds."""
    return any(_says(utterance, telling_words(view, name)) for name in names for utterance in utterances)


def telling_words(view: CallView, name: str) -> list[str]:
    """The words that tell a practice from others; all of them for `Tandartspraktijk`."""
    norms = _norms(view, name)
    idle = view.lexicon.function_words | view.knowledge.names.words.infixes
    own = [norm for norm in norms if not is_organisation(view, norm) and norm not in idle]
    return own or norms


def _norms(view: CallView, text: str) -> list[str]:
    return [norm for word in text.split() for norm in plain_norms(word, view.lexicon.contractions)]


def _says(utterance: Utterance, words: Sequence[str]) -> bool:
    """Some run of about as many words sounds like these, written as one."""
    wanted = "".join(words)
    for length in range(max(1, len(words) - EXTRA_WORDS), len(words) + EXTRA_WORDS + 1):
        for start in range(len(utterance.norms) - length + 1):
            if name_similarity("".join(utterance.norms[start : start + length]), wanted) >= SAME_NAME:
                return True
    return False


def says_formula(view: CallView, utterances: Sequence[Utterance], formula: str, names: Sequence[str]) -> bool:
    """Whether the fixed greeting is said, give or take a word; the practice's name in it may be misspelt."""
    phrase = formula_phrase(formula)
    if any(view.finder.any((phrase,), utterance) for utterance in utterances):
        return True
    without = _without_names(view, phrase, names)
    if without in ("", phrase) or not says_name(view, utterances, names):
        return False
    return any(view.finder.any((without,), utterance) for utterance in utterances)


def formula_phrase(formula: str) -> str:
    """The fixed greeting of a profile as a phrase: its words, with `...` kept where the name is said.

    >>> formula_phrase("Goedemorgen/goedemiddag, praktijk De Linde, u spreekt met ...")
    'goedemorgen/goedemiddag praktijk de linde u spreekt met'
    """
    words = [word if word == GAP else _plain(word) for word in formula.lower().split()]
    while words and words[-1] == GAP:
        words.pop()
    return " ".join(word for word in words if word)


def _plain(word: str) -> str:
    return "".join(ch for ch in word if ch.isalnum() or ch == "/").strip("/")


def _without_names(view: CallView, phrase: str, names: Sequence[str]) -> str:
    """The phrase with a gap for each of the names; "" when nothing else is in it."""
    words = phrase.split()
    for name in sorted(names, key=len, reverse=True):
        own = _norms(view, name)
        for at in range(len(words) - len(own) + 1):
            if words[at : at + len(own)] == own:
                words[at : at + len(own)] = [GAP]
                break
    while words and words[-1] == GAP:
        words.pop()
    while words and words[0] == GAP:
        words.pop(0)
    return " ".join(words)
