"""Where words lie in the recording, from times that cross-attention gives too early and silence cut out of a chunk."""

from __future__ import annotations

import pytest

from belscore.call import Span, Word
from belscore.chunks import Chunk, Piece
from belscore.placing import ATTENTION_EARLY_S, FIRST_WORD_MAX_S, LAST_WORD_MAX_S, SAID_THERE_S, in_order, place

# Two stretches of speech, 0.25 to 1.75 and 2.25 to 4.75 s on the axis of the chunk; 28 s of silence were cut out.
CHUNK = Chunk(0, (Piece(Span(10.0, 12.0), 0.0), Piece(Span(40.0, 43.0), 2.0)))
SPEECH = (Span(10.25, 11.75), Span(40.25, 42.75))
EARLY = ATTENTION_EARLY_S


def times(words: list[Word]) -> list[tuple[float, float]]:
    return [(word.start_s, word.end_s) for word in words]


def test_words_inside_a_stretch_are_moved_by_what_attention_is_early() -> None:
    words = [Word("het", 2.3, 2.6), Word("is", 2.6, 3.0), Word("zo", 3.0, 3.2), Word("klaar", 3.2, 4.6)]
    _, first, second, _ = times(place(words, CHUNK, SPEECH))
    assert (*first, *second) == pytest.approx((40.6 + EARLY, 41.0 + EARLY, 41.0 + EARLY, 41.2 + EARLY))


def test_the_first_and_the_last_word_reach_to_the_edges_of_their_stretch() -> None:
    words = [Word("ja", 0.3, 0.6), Word("hoor.", 0.6, 1.3), Word("Dag", 2.4, 4.4)]
    placed = times(place(words, CHUNK, SPEECH))
    assert (placed[0][0], placed[1][1]) == (10.25, 11.75)
    assert placed[2] == (40.25, 42.75)


def test_a_first_word_far_behind_the_edge_keeps_its_start() -> None:
    word = Word("ja", 2.25 + FIRST_WORD_MAX_S, 4.0)
    assert place([word], CHUNK, SPEECH)[0].start_s == pytest.approx(40.25 + FIRST_WORD_MAX_S + EARLY)


def test_a_last_word_far_before_the_edge_keeps_its_end() -> None:
    word = Word("ja", 2.3, 4.75 - LAST_WORD_MAX_S - 2 * EARLY)
    assert place([word], CHUNK, SPEECH)[0].end_s == pytest.approx(42.75 - LAST_WORD_MAX_S - EARLY)


@pytest.mark.parametrize(
    ("words", "start_s"),
    [
        pytest.param([Word("zo.", 1.2, 1.6), Word("Maar", 1.7, 2.4)], 40.25, id="sentence starts after the pause"),
        pytest.param([Word("en", 1.2, 1.4), Word("klaar.", 1.45, 2.3)], 11.45 + EARLY, id="sentence ends before it"),
        pytest.param([Word("en", 1.2, 1.4), Word("dan", 1.7, 2.9)], 40.25, id="more of it lies after the pause"),
        pytest.param([Word("en", 1.2, 1.4), Word("dan", 1.35, 2.32)], 40.25, id="it lasts into what follows"),
    ],
)
def test_a_word_across_a_cut_lands_on_the_right_side(words: list[Word], start_s: float) -> None:
    assert place(words, CHUNK, SPEECH)[-1].start_s == pytest.approx(start_s)


def test_a_word_that_hardly_lasts_into_the_next_stretch_was_said_before_the_pause() -> None:
    end_s = 2.25 + SAID_THERE_S - EARLY - 0.01
    placed = place([Word("en", 1.2, 1.4), Word("dan", 1.35, end_s)], CHUNK, SPEECH)
    assert placed[-1].end_s == 11.75


def test_a_word_of_no_length_at_an_edge_stays_inside_its_stretch() -> None:
    placed = place([Word("ja", 1.2, 1.74), Word("ja", 1.74, 1.74)], CHUNK, SPEECH)
    assert all(10.25 <= start_s <= end_s <= 11.75 for start_s, end_s in times(placed))


def test_a_word_far_from_all_speech_is_left_out() -> None:
    chunk = Chunk(0, (Piece(Span(0.0, 20.0), 0.0),))
    assert place([Word("spook", 10.0, 10.4)], chunk, [Span(1.0, 2.0), Span(18.0, 19.0)]) == []


def test_words_without_letters_are_left_out() -> None:
    assert place([Word("***", 0.5, 0.9)], CHUNK, SPEECH) == []


def test_probabilities_survive_placing() -> None:
    assert place([Word("ja", 0.5, 0.7, 0.25)], CHUNK, SPEECH)[0].probability == 0.25


def test_words_do_not_overlap_each_other() -> None:
    words = in_order([Word("b", 0.4, 0.9), Word("a", 0.0, 0.5)])
    assert [(word.text, word.start_s, word.end_s) for word in words] == [("a", 0.0, 0.5), ("b", 0.5, 0.9)]
