"""Words among sounds that are nobody's: believed or not for the company they keep."""

from __future__ import annotations

import pytest

from belscore.call import Span
from belscore.strays import Heard, strays


def nobody(start_s: float, speech_s: float = 3.0) -> Heard:
    return Heard(Span(start_s, start_s + speech_s), speech_s, -2.1, words=0, worthless=True)


def said(start_s: float, speech_s: float, log_probability: float, words: int) -> Heard:
    return Heard(Span(start_s, start_s + speech_s), speech_s, log_probability, words, worthless=False)


MUSIC = [nobody(start_s) for start_s in range(0, 60, 4)]


@pytest.mark.parametrize(
    "stray",
    [said(31.0, 0.4, -0.27, 1), said(31.0, 2.7, -1.5, 10), said(31.0, 0.2, -0.81, 3)],
    ids=["short", "unlikely", "both"],
)
def test_a_few_words_amid_sounds_of_nobody_are_strays(stray: Heard) -> None:
    assert strays([*MUSIC, stray]) == [len(MUSIC)]


def test_a_likely_sentence_amid_music_is_believed() -> None:
    assert strays([*MUSIC, said(31.0, 4.0, -0.4, 12)]) == []


def test_a_short_answer_is_believed_where_others_were_understood() -> None:
    talk = [said(start_s, 3.0, -0.5, 8) for start_s in range(0, 60, 8)]
    assert strays([*talk, nobody(5.0), nobody(13.0), said(31.0, 0.4, -1.3, 1)]) == []


def test_music_a_minute_away_is_no_company() -> None:
    assert strays([*MUSIC, said(140.0, 0.4, -0.9, 1)]) == []


def test_what_failed_in_doubt_counts_as_speech() -> None:
    doubted = [Heard(Span(at, at + 3.0), 3.0, -1.2, words=0, worthless=False) for at in range(0, 60, 4)]
    assert strays([*doubted, said(31.0, 0.4, -0.9, 1)]) == []
