"""Noise of the line turned down before recognition: less noise between words, the voice as it was."""

from __future__ import annotations

import numpy as np
import pytest

from belscore.call import Span
from belscore.denoise import FLOOR, reduce_noise

RATE_HZ = 16_000
SPEECH = (Span(1.0, 2.0), Span(3.0, 4.5))
Samples = np.ndarray[tuple[int], np.dtype[np.float32]]


def voice() -> Samples:
    """Harmonics of 120 Hz, as a vowel has them, in the speech spans and silence elsewhere."""
    at_s = np.arange(5 * RATE_HZ) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * 120 * harmonic * at_s) / harmonic for harmonic in range(1, 12))
    speaks = np.any([(at_s >= span.start_s) & (at_s < span.end_s) for span in SPEECH], axis=0)
    return np.asarray(0.1 * tone * speaks, np.float32)


def noise(level: float, seed: int = 1) -> Samples:
    return np.asarray(level * np.random.default_rng(seed).standard_normal(5 * RATE_HZ), np.float32)


def power(samples: Samples, span: Span) -> float:
    return float(np.mean(np.square(samples[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)])))


def test_noise_between_the_words_goes_down_to_the_floor() -> None:
    before = voice() + noise(0.01)
    after = reduce_noise(before, SPEECH)
    between = Span(2.2, 2.8)
    assert power(after, between) == pytest.approx(FLOOR**2 * power(before, between), rel=0.25)


@pytest.mark.parametrize("level", [0.003, 0.01, 0.03])
def test_what_is_left_lies_nearer_to_the_voice(level: float) -> None:
    clean, noisy = voice(), voice() + noise(level)
    after = reduce_noise(noisy, SPEECH)
    for span in SPEECH:
        assert power(after - clean, span) < 0.6 * power(noisy - clean, span)


def test_a_clean_voice_stays_as_it_is() -> None:
    clean = voice() + noise(1e-5)
    after = reduce_noise(clean, SPEECH)
    for span in SPEECH:
        assert power(after - clean, span) < 1e-4 * power(clean, span)


@pytest.mark.parametrize("spans", [(Span(0.0, 5.0),), (Span(0.3, 4.8),)])
def test_without_noise_alone_to_measure_nothing_is_changed(spans: tuple[Span, ...]) -> None:
    samples = voice() + noise(0.01)
    assert reduce_noise(samples, spans) is samples


@pytest.mark.parametrize("count", [0, 1, 400, 513, 70_001])
def test_the_length_stays(count: int) -> None:
    samples = np.resize(noise(0.01), count)
    assert len(reduce_noise(samples, ())) == count


def test_digital_silence_gives_no_nonsense() -> None:
    samples = voice()
    assert np.all(np.isfinite(reduce_noise(samples, SPEECH)))
    assert not np.any(reduce_noise(np.zeros(5 * RATE_HZ, np.float32), SPEECH))
