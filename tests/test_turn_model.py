"""The model that tells a caller's turns: its file, its features, and what it knows of complaints."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

import pytest

from belscore.errors import RuleError
from belscore.language.turn_model import DIMENSIONS, TurnModel, features, pack, read_turn_model
from belscore.rulebook import load_rules

PATH = Path("klacht.toml")


def a_model(**changes: object) -> dict[str, object]:
    return {"weights": pack(bytes(DIMENSIONS)), "scale": 0.1, "bias": -1.0, **changes}


def test_without_weights_the_bias_decides() -> None:
    model = read_turn_model(a_model(), PATH)
    assert model.probability(["goedemorgen"]) == pytest.approx(1 / (1 + math.exp(1)))
    assert model.probability([]) == pytest.approx(1 / (1 + math.exp(1)))


def test_a_weight_counts_by_the_root_of_how_many_features_there_are() -> None:
    words, letters = features(["ja"])
    weights = array("b", bytes(DIMENSIONS))
    for place in words | letters:
        weights[place] = 10
    model = TurnModel(weights, 0.1, 0.0)
    logit = sum(len(group) * 1.0 / math.sqrt(len(group)) for group in (words, letters))
    assert model.probability(["ja"]) == pytest.approx(1 / (1 + math.exp(-logit)))


def test_words_in_other_places_and_misheard_ones_share_features() -> None:
    one, other = features(["niemand", "gebeld"]), features(["gebelt", "niemand"])
    assert len(one[0] & other[0]) == 1
    assert len(one[1] & other[1]) > len(one[1]) / 2


@pytest.mark.parametrize("broken", [{"weights": "x"}, {"weights": pack(b"12")}, {"scale": "groot"}, {"bias": None}])
def test_a_broken_file_is_one_line(broken: dict[str, object]) -> None:
    with pytest.raises(RuleError, match="make turn-models"):
        read_turn_model(a_model(**broken), PATH)


@pytest.mark.parametrize(
    ("turn", "complaint"),
    [
        ("ik zou dinsdag een telefoontje krijgen over de uitslag en ik heb tot nu toe van niemand iets gehoord", True),
        ("jullie hebben mijn moeder drie kwartier op de gang laten staan zonder dat er iemand kwam kijken", True),
        ("ik wou graag even weten of de uitslag van dinsdag al binnen is", False),
        ("ik heb zelf verkeerd gekeken dus ik moet de afspraak van morgen helaas verzetten", False),
    ],
)
def test_the_shipped_model_tells_a_told_complaint_from_a_question(turn: str, complaint: bool) -> None:
    probability = load_rules().knowledge.models["klacht"].probability(turn.split())
    assert (probability > 0.6) if complaint else (probability < 0.4)
