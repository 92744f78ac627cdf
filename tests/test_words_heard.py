"""Quick ways to read words and turns against the slow ones, and that nothing of a scored call is left behind."""

from __future__ import annotations

import gc
import random
import string
from array import array

import pytest
from rapidfuzz.distance import Levenshtein

from belscore import load_rules, parse_call, score_call
from belscore.language.call_model import DIMENSIONS
from belscore.language.nearness import FUZZY_WORD, LETTERS_A_SLIP, MIN_FUZZY_LETTERS, WordIndex
from belscore.language.turn_model import TurnModel

CALL = """
0.5-3.5 agent  Goedemorgen, huisartsenpraktijk de Linde, u spreekt met Fenna.
4.0-9.0 caller Met Haddad. Ik wacht al drie weken op de uitslag en niemand heeft mij teruggebeld.
9.5-15.0 agent  Wat vervelend, mevrouw Haddad. Ik zoek het uit en bel u vanmiddag voor vier uur terug.
15.5-19.0 caller Dat is goed, dank u wel.
"""


def slipped(word: str, chance: random.Random) -> str:
    """The word with up to three letters more, less or other."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(word))
        letter = chance.choice(string.ascii_lowercase)
        word = chance.choice(
            (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :])
        )
    return word


@pytest.mark.parametrize("seed", range(5))
def test_every_word_that_differs_in_few_enough_letters_is_found(seed: int) -> None:
    chance = random.Random(seed)
    words = sorted({"".join(chance.choices("abc", k=chance.randint(4, 16))) for _ in range(400)})
    index = WordIndex()
    index.add(words)
    for norm in (slipped(word, chance) for word in words):
        similar = {
            word
            for word in words
            if word != norm
            and min(len(word), len(norm)) >= MIN_FUZZY_LETTERS
            and Levenshtein.distance(word, norm) <= max(len(word), len(norm)) // LETTERS_A_SLIP
        }
        assert {word for word, cost in index.read(norm).near if cost == FUZZY_WORD} == similar


def test_words_added_later_are_found_as_those_added_at_once() -> None:
    words = ("afspraak", "afspraken", "afs*", "*spraak", "*")
    grown, whole = WordIndex(), WordIndex()
    for word in words:
        grown.add((word,))
        grown.read("afspraal")
        grown.read("afspraak")
    whole.add(words)
    for norm in ("afspraal", "afspraak"):
        assert set(grown.read(norm).near) == set(whole.read(norm).near)
        assert grown.read(norm).words == whole.read(norm).words


@pytest.mark.parametrize(("one", "other"), [("niemand belt mij", "mij belt niemand terug"), ("ja", "ja"), ("", "nee")])
def test_two_turns_together_are_as_one_turn_of_their_words(one: str, other: str) -> None:
    chance = random.Random(1)
    model = TurnModel(array("b", (chance.randint(-99, 99) for _ in range(DIMENSIONS))), 0.01, -0.2)
    first, second = one.split(), other.split()
    together = model.probability_of_both(model.read(first), model.read(second))
    assert together == model.probability([*first, *second])


def test_nothing_of_a_scored_call_waits_for_the_collector() -> None:
    rules, call = load_rules(), parse_call(CALL)
    score_call(call, rules=rules)
    gc.collect()
    gc.disable()
    try:
        score_call(call, rules=rules)
        assert gc.collect() == 0
    finally:
        gc.enable()
