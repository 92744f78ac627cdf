"""The quick alignment of phrases against a slow one that tries every reading."""

from __future__ import annotations

import random

import pytest

from belscore.call import Call, Turn, Word
from belscore.language.alignment import EXTRA_NEGATION, EXTRA_WORD, LOST_WORD, Element
from belscore.language.phrases import Phrase, PhraseFinder, compile_phrase
from belscore.language.tokens import Utterance
from belscore.rulebook import default_lexicon
from belscore.view import CallView, Knowledge

LEXICON = default_lexicon()
KNOWLEDGE = Knowledge(LEXICON, {})
# Words of content, with a misspelt one; a function word, a filler and a negation.
WORDS = ("rekening", "rekenig", "afspraak", "dokter", "telefoon", "u", "even", "niet")
PARTS = (*WORDS, "rekening/afspraak", "(dokter)", "(u)", "... telefoon", "... afspraak", "tele*", "... u")


def slow(phrase: Phrase, norms: tuple[str, ...], start: int, limit: int) -> tuple[int, int] | None:
    """(end, cost) of the cheapest reading from token `start` on, by trying all; of those the shortest."""
    first = next(at for at, element in enumerate(phrase.elements) if not element.optional)
    found: list[tuple[int, int]] = []

    def walk(at: int, token: int, gap: int, spent: int) -> None:
        if spent > limit:
            return
        if at == len(phrase.elements):
            found.append((spent, token))
            return
        element = phrase.elements[at]
        room = element.gap if gap < 0 else gap
        if token < len(norms) and (cost := reads(element, norms[token], phrase.exact)) is not None:
            walk(at + 1, token + 1, -1, spent + cost)
        if start < token < len(norms):
            walk(at, token + 1, max(0, room - 1), spent + skips(norms[token], room))
        if element.optional or at > first:
            walk(at + 1, token, gap, spent + (0 if element.optional else element.lost))

    walk(0, start, -1, 0)
    best = min(((cost, end) for cost, end in found if end > start), default=None)
    return None if best is None else (best[1], best[0])


def reads(element: Element, norm: str, exact: bool) -> int | None:
    near = {("rekening", "rekenig"), ("rekenig", "rekening")} if not exact else set()
    costs = [0 for choice in element.choices if choice == norm or (choice == "tele*" and norm == "telefoon")]
    costs += [30 for choice in element.choices if (choice, norm) in near]
    return min(costs, default=None)


def skips(norm: str, room: int) -> int:
    if norm in LEXICON.negations:
        return EXTRA_NEGATION
    return 0 if room > 0 or norm in LEXICON.fillers else EXTRA_WORD


def like(phrase: Phrase, chance: random.Random) -> tuple[str, ...]:
    """Words of the phrase with some lost and some put in between, and a few more behind."""
    norms: list[str] = []
    for element in phrase.elements:
        if chance.random() < 0.8:
            norms.append(chance.choice(element.choices).replace("tele*", "telefoon"))
        if chance.random() < 0.3:
            norms.append(chance.choice(WORDS))
    return (*norms, *chance.choices(WORDS, k=chance.randint(1, 4)))


def utterance_of(norms: tuple[str, ...]) -> Utterance:
    words = tuple(Word(norm, at, at + 1) for at, norm in enumerate(norms))
    turn = Turn("agent", 0, len(norms), " ".join(norms), words)
    return CallView(Call("x", 99.0, (turn,)), KNOWLEDGE).utterances[0]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("doubtful", [False, True])
def test_the_quick_alignment_finds_what_the_slow_one_finds(seed: int, doubtful: bool) -> None:
    chance = random.Random(seed)
    finder = PhraseFinder(LEXICON)
    found = 0
    for _ in range(800):
        text = " ".join(chance.choices(WORDS, k=1) + chance.choices(PARTS, k=chance.randint(1, 5)))
        text = f"({text.split()[0]}) {text}" if chance.random() < 0.2 else text
        phrase = compile_phrase(text, LEXICON)
        limit = phrase.limit(doubtful=doubtful)
        norms = like(phrase, chance)
        expected, start = [], 0
        while start < len(norms):
            best = slow(phrase, norms, start, limit)
            if best is not None:
                expected.append((start, best[0], best[1] / LOST_WORD))
            start = start + 1 if best is None else best[0]
        matches = finder.find((text,), utterance_of(norms), doubtful=doubtful)
        assert [(m.start, m.end, m.cost) for m in matches] == expected, (text, norms)
        found += len(matches)
    assert found > 300  # the comparison is about something
