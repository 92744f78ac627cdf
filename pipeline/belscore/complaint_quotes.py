"""Words of a call as a complaint file quotes them: literally, doubtful ones marked, names ready to be left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import chain

from belscore.complaint_texts import say
from belscore.language.tokens import Contractions, Utterance, plain_norms
from belscore.view import MIN_PROBABILITY

_WORD = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mask:
    """Characters start..end of a quote that are a name; `needs` is the id of the line that has to be shared for it.

    What identifies somebody who has no such line needs its own placeholder, `[telefoonnummer]`, which is never shared.
    """

    start: int
    end: int
    needs: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words as they were said, and where names stand in them."""

    text: str
    masks: tuple[Mask, ...] = ()

    def shown(self, shared: Set[str]) -> str:
        """The words, each name whose own line is not shared left out."""
        hidden = sorted((mask.start, mask.end, mask.needs) for mask in self.masks if mask.needs not in shared)
        parts: list[str] = []
        at = 0
        for start, end, needs in hidden:
            if start >= at:
                parts += [self.text[at:start], needs if needs.startswith("[") else say("name")]
            at = max(at, end)
        return "".join([*parts, self.text[at:]])


def quote_of(
    utterance: Utterance, start: int, end: int, hidden: Mapping[str, Set[int]], contractions: Contractions
) -> Quote:
    """Tokens start..end of an utterance.

    hidden : id of the line that a name needs -> tokens of the utterance that are of that name
    """
    words = utterance.turn.words
    of_token = list(
        chain.from_iterable(
            [place] * len(plain_norms(word.text.strip(), contractions)) for place, word in enumerate(words)
        )
    )
    low, high = of_token[start], of_token[end - 1] + 1
    names = {needs: {of_token[at] for at in tokens} for needs, tokens in hidden.items()}
    text = ""
    open_since: dict[str, tuple[int, int]] = {}
    masks: list[Mask] = []
    for place in range(low, high):
        lead, core, tail = _pieces(words[place].text)
        text += (" " if text else "") + lead
        begin = len(text)
        text += core
        for needs, places in names.items():
            if place in places:
                open_since[needs] = (open_since.get(needs, (begin, 0))[0], len(text))
            elif needs in open_since:
                masks.append(Mask(*open_since.pop(needs), needs))
        if words[place].probability < MIN_PROBABILITY:
            text += f" {say('doubt_mark')}"
        text += tail
    masks += [Mask(*span, needs) for needs, span in open_since.items()]
    return Quote(text, tuple(sorted(masks, key=lambda mask: mask.start)))


def trimmed(quote: Quote) -> Quote:
    """The quote without the punctuation that ends it."""
    return Quote(quote.text.rstrip(".,;:?!"), quote.masks)


def _pieces(word: str) -> tuple[str, str, str]:
    """The punctuation in front of a word, the word, and the punctuation behind it."""
    found = _WORD.match(" ".join(word.split()))
    assert found is not None  # the pattern takes any text
    return found[1], found[2], found[3]
