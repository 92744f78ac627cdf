"""The models that tell a caller's turns and whole calls: their files, their features, and what they know."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

import pytest

from belscore.errors import RuleError
from belscore.language.call_model import DIMENSIONS, CallModel, CallModels, Stack, as_weights, call_features
from belscore.language.situation_model import pack, read_situation_model
from belscore.language.turn_model import TurnModel, features
from belscore.rulebook import load_rules

PATH = Path("klacht.toml")


def a_model(**changes: object) -> dict[str, object]:
    return {"weights": pack(bytes(DIMENSIONS)), "scale": 0.1, "bias": -1.0, **changes}


def test_without_weights_the_bias_decides() -> None:
    model = read_situation_model(a_model(), PATH).turns
    assert model is not None
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
        read_situation_model(a_model(**broken), PATH)


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
    model = load_rules().knowledge.models["klacht"].turns
    assert model is not None
    probability = model.probability(turn.split())
    assert (probability > 0.6) if complaint else (probability < 0.4)


SAID = [("agent", ["dat", "spijt", "me"]), ("caller", ["niemand", "gebeld"])]


def test_a_word_weighs_by_who_says_it_and_by_the_word_before_it() -> None:
    agent, caller = call_features([("agent", ["spijt"])]), call_features([("caller", ["spijt"])])
    assert set(agent[0]).isdisjoint(caller[2])
    assert len(call_features([("agent", ["spijt", "me"])])[0]) == 3


def test_others_on_the_line_do_not_count() -> None:
    assert all(len(places) == 0 for places in call_features([("system", ["een", "ogenblik"])]))


def test_a_call_is_weighed_with_its_turns() -> None:
    stack = Stack(bias=0.5, alone=1.0, paired=2.0, call=3.0)
    model = CallModel(as_weights(bytes(DIMENSIONS)), 0.1, -1.0, stack)
    said = call_features(SAID)
    assert model.logit(said) == -1.0
    assert model.probability(model.logit(said), 0.25, 1.5) == pytest.approx(
        1 / (1 + math.exp(-(0.5 + 0.25 + 3.0 - 3.0)))
    )


def test_without_labelled_turns_the_words_of_the_call_decide() -> None:
    weights = bytearray(DIMENSIONS)
    said = call_features(SAID)
    weights[said[2][0]] = 20
    model = read_situation_model({"call": a_model(weights=pack(bytes(weights)))}, PATH)
    assert model.turns is None
    assert model.call is not None
    logit = -1.0 + 0.1 * 20 / math.sqrt(len(said[2]))
    assert model.call.probability(model.call.logit(said)) == pytest.approx(1 / (1 + math.exp(-logit)))


@pytest.mark.parametrize("stack", [{"bias": 1.0}, {"bias": "x", "alone": 1.0, "paired": 1.0, "call": 1.0}])
def test_a_model_of_calls_without_a_whole_stack_is_one_line(stack: dict[str, object]) -> None:
    with pytest.raises(RuleError, match="make turn-models"):
        read_situation_model(a_model(call=a_model(stack=stack)), PATH)


def test_models_side_by_side_find_the_same_as_alone() -> None:
    models = {name: model.call for name, model in load_rules().knowledge.models.items() if model.call is not None}
    said = call_features(SAID)
    together = CallModels(models)
    assert len(models) > 3
    for name, model in models.items():
        assert together.logits(said)[together.columns[name]] == pytest.approx(model.logit(said))
    assert CallModels({}).logits(said).shape == (0,)


def test_the_answers_of_the_agent_count() -> None:
    model = load_rules().knowledge.models["klacht"].call
    assert model is not None
    told = ("caller", ["ik", "zou", "gebeld", "worden"])
    taken_up = model.logit(call_features([told, ("agent", ["wat", "vervelend", "dat", "spijt", "mij", "excuses"])]))
    assert taken_up > model.logit(call_features([told, ("agent", ["dinsdag", "om", "tien", "uur", "schikt", "dat"])]))
