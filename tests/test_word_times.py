"""The measurement of word times: what it takes for truth, and how it counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import spoken_words
import word_times
from belscore.call import Turn, Word
from speak import _module, missing_programs
from spoken_words import SpokenWord

RATE_HZ = 16_000


def spoken(text: str, start_s: float, end_s: float, before_s: float | None = 0.0) -> SpokenWord:
    return SpokenWord(Word(text, start_s, end_s), before_s, 0.0)


def test_only_words_heard_rightly_are_compared() -> None:
    true = [spoken("Goedemorgen,", 0.0, 0.7), spoken("met", 0.7, 0.9), spoken("Anja.", 0.9, 1.3)]
    heard = [Word("goedemorgen", 0.1, 0.7), Word("mijn", 0.7, 0.9), Word("Anja", 0.9, 1.3)]
    assert [(a.word.text, b.text) for a, b in word_times.pairs(true, heard)] == [
        ("Goedemorgen,", "goedemorgen"),
        ("Anja.", "Anja"),
    ]


def test_a_word_written_as_several_is_not_compared() -> None:
    true = [spoken("KNO-arts", 0.0, 0.7), spoken("hier", 0.7, 0.9)]
    assert [b.text for _, b in word_times.pairs(true, [Word("KNO-arts", 0.0, 0.7), Word("hier", 0.7, 0.9)])] == ["hier"]


def test_shares_and_errors_are_counted_by_place() -> None:
    found = [
        (spoken("ja", 1.0, 2.0, None), Word("ja", 1.1, 1.8)),
        (spoken("ja", 3.0, 4.0, word_times.PAUSE_S), Word("ja", 3.2, 4.1)),
    ]
    figures = word_times.figures(found)
    assert (figures["start_near"], figures["end_near"], figures["both_near"]) == (0.5, 0.5, 0.0)
    assert {name: row["median_s"] for name, row in figures["starts"].items()} == {"turn": 0.1, "pause": 0.2}


def test_the_dip_is_where_sound_is_lowest_around_word_starts() -> None:
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    sound = (0.1 * np.sin(2 * np.pi * 200 * time_s)).astype(np.float32)
    for start_s in (0.53, 1.33):
        sound[round(start_s * RATE_HZ) :][:160] *= 0.01
    assert word_times.dip_s(word_times.levels_around(sound, [0.5, 1.3])) == 0.03


def test_words_behind_a_gap_and_doubtful_ones_have_no_dip() -> None:
    words = [Word("a", 0.0, 0.4), Word("b", 0.4, 0.6), Word("c", 0.9, 1.0), Word("d", 1.0, 1.2, 0.2)]
    assert word_times.following(words) == [0.4]


@dataclass(frozen=True)
class Phone:
    symbol: str
    duration_ms: float
    token: int | None = None


def test_words_last_from_their_first_sound_to_their_last() -> None:
    phones = [Phone("j", 100, 0), Phone("a", 200), Phone("_", 300), Phone("_", 50), Phone("O", 150, 1), Phone("k", 50)]
    first, second = spoken_words._words(["ja,", "ook"], phones)
    assert (first.word, second.word) == (Word("ja,", 0.0, 0.3), Word("ook", 0.65, 0.85))
    assert (first.pause_before_s, second.pause_before_s, second.pause_behind_s) == (None, 0.35, None)
    assert first.pause_behind_s == pytest.approx(0.35)


def test_a_word_run_together_with_the_next_one_is_left_out() -> None:
    phones = [Phone("I", 100, 0), Phone("n", 100), Phone("h", 100, 2), Phone("Y", 100)]
    assert [each.word.text for each in spoken_words._words(["in", "'t", "huis"], phones)] == ["huis"]


@pytest.mark.skipif(missing_programs() is not None, reason="needs espeak-ng, MBROLA and its voices")
def test_spoken_words_fill_the_sound_and_pauses_are_silent() -> None:
    text = "Goedemorgen, met meneer De Vries. Om 10 uur, of zo'n beetje."
    voice = _module("script").Voice()
    sound, words = spoken_words.say(Turn("agent", 0.0, 1.0, text, ()), voice)
    assert [each.word.text for each in words] == text.split()
    assert words[-1].word.end_s == pytest.approx(len(sound) / RATE_HZ, abs=0.01)
    pauses = [each for each in words if (each.pause_behind_s or 0.0) >= word_times.PAUSE_S]
    assert [each.word.text for each in pauses] == ["Goedemorgen,", "Vries."]
    for each in pauses:
        start_s, behind_s = each.word.end_s, each.pause_behind_s or 0.0
        inside = sound[round((start_s + 0.03) * RATE_HZ) : round((start_s + behind_s - 0.03) * RATE_HZ)]
        assert np.sqrt((inside**2).mean()) < 0.1 * np.sqrt((sound**2).mean())
