"""Word probabilities: the curve, its neighbours, and the default model's own."""

from __future__ import annotations

import pytest

from belscore.call import Word
from belscore.confidence import Calibration, calibrated, features, logit
from belscore.model_manifest import load_manifest

AS_IT_IS = Calibration(bias=0.0, own=1.0, neighbours=0.0)


def words(*probabilities: float) -> list[Word]:
    return [Word(f"w{at}", float(at), at + 0.5, probability) for at, probability in enumerate(probabilities)]


def probabilities(calibration: Calibration | None, *given: float) -> list[float]:
    return [word.probability for word in calibrated(words(*given), calibration)]


def test_a_model_that_was_not_measured_keeps_its_probabilities() -> None:
    assert calibrated(words(0.3, 0.9), None) == tuple(words(0.3, 0.9))


def test_the_curve_of_no_change_changes_nothing_but_the_ends() -> None:
    assert probabilities(AS_IT_IS, 0.3, 0.9) == pytest.approx([0.3, 0.9])
    assert probabilities(AS_IT_IS, 0.0, 1.0) == pytest.approx([0.01, 0.995])


def test_a_word_among_garbled_ones_is_believed_less() -> None:
    curve = Calibration(bias=0.0, own=1.0, neighbours=0.5)
    (_, among_garbled, _), (_, among_sure, _) = probabilities(curve, 0.2, 0.8, 0.2), probabilities(curve, 0.9, 0.8, 0.9)
    assert among_garbled < 0.8 < among_sure


def test_three_words_on_either_side_are_neighbours_and_none_beyond() -> None:
    logits = [9.0, 1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, -9.0]
    assert features(logits)[4] == pytest.approx((0.0, 21 / 6))
    assert features([2.0]) == [(2.0, 2.0)]


def test_no_words_no_trouble() -> None:
    assert calibrated([], AS_IT_IS) == ()


def test_text_and_times_stay() -> None:
    before = words(0.3, 0.9)
    after = calibrated(before, Calibration(-0.6, 0.8, 0.5))
    assert [(word.text, word.start_s, word.end_s) for word in after] == [
        (word.text, word.start_s, word.end_s) for word in before
    ]


def test_the_default_model_has_a_calibration_that_keeps_the_order() -> None:
    manifest = load_manifest()
    calibration = manifest.calibration_of(manifest.entry(manifest.default).weights_sha256)
    assert calibration is not None
    assert calibration.own > 0
    assert calibration.neighbours > 0
    assert manifest.calibration_of("0" * 64) is None


def test_logit_turns_probability_into_odds() -> None:
    assert logit(0.5) == 0.0
    assert logit(0.9) == pytest.approx(2.1972, abs=1e-4)
    assert logit(0.0) == logit(0.01) == pytest.approx(-logit(0.99))
