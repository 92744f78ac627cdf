"""Transcription: chunks and their times, gates, second tries; and with the model, silence and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from belscore import gates
from belscore.call import Span, Word
from belscore.chunks import CHUNK_MAX_S, RATE_HZ, Chunk, Piece, pack, parts
from belscore.decoder import Encoded, Hypothesis, Recogniser
from belscore.errors import ModelError
from belscore.gates import Decoded, failures
from belscore.models import find_model
from belscore.placing import in_order, place
from belscore.transcribe import _Task, load_model, recognise, unheard_s

Samples = np.ndarray[tuple[int], np.dtype[np.float32]]


def silence(duration_s: float) -> Samples:
    return np.zeros(round(duration_s * RATE_HZ), np.float32)


def covered(chunks: Sequence[Chunk], span: Span) -> float:
    return sum(piece.span.overlap_s(span) for chunk in chunks for piece in chunk.pieces)


def test_every_span_lies_in_exactly_one_chunk_and_no_chunk_is_too_long() -> None:
    spans = [Span(3.7 * index, 3.7 * index + 2.2) for index in range(40)]
    chunks = pack(spans, silence(150.0), channel=1)
    assert all(chunk.duration_s <= CHUNK_MAX_S for chunk in chunks)
    assert {chunk.channel for chunk in chunks} == {1}
    for span in spans:
        assert covered(chunks, span) == pytest.approx(span.duration_s)
    starts_s = [piece.span.start_s for chunk in chunks for piece in chunk.pieces]
    assert starts_s == sorted(starts_s)


def test_silence_between_distant_spans_is_left_out() -> None:
    (chunk,) = pack([Span(1.0, 2.0), Span(60.0, 61.0)], silence(90.0))
    assert chunk.duration_s == pytest.approx(3.0)
    assert len(chunk.samples(silence(90.0))) == 3 * RATE_HZ


def test_a_span_longer_than_a_window_is_cut_at_its_quietest_moment() -> None:
    samples = np.full(50 * RATE_HZ, 0.1, np.float32)
    samples[round(26.0 * RATE_HZ) : round(26.4 * RATE_HZ)] = 0.0
    chunks = pack([Span(0.5, 49.0)], samples)
    assert len(chunks) == 2
    assert 26.0 <= chunks[0].pieces[-1].span.end_s <= 26.4
    assert chunks[1].pieces[0].span.start_s == chunks[0].pieces[-1].span.end_s


def test_no_speech_gives_no_chunks() -> None:
    assert pack([], silence(5.0)) == ()


CHUNK = Chunk(0, (Piece(Span(10.0, 12.0), 0.0), Piece(Span(40.0, 43.0), 2.0)))
SPEECH = (Span(10.25, 11.75), Span(40.25, 42.75))


def test_times_are_mapped_back_to_the_recording() -> None:
    words = place([Word("een", 0.5, 0.9), Word("twee", 3.0, 3.4)], CHUNK, SPEECH)
    assert [(word.start_s, word.end_s) for word in words] == [(10.5, 10.9), (41.0, 41.4)]


@pytest.mark.parametrize(
    ("words", "start_s"),
    [
        pytest.param([Word("zo.", 1.2, 1.6), Word("Maar", 1.7, 2.4)], 40.25, id="sentence starts after the pause"),
        pytest.param([Word("en", 1.2, 1.4), Word("klaar.", 1.45, 2.3)], 11.45, id="sentence ends before the pause"),
        pytest.param([Word("en", 1.2, 1.4), Word("dan", 1.7, 2.9)], 40.25, id="more of it lies after the pause"),
    ],
)
def test_a_word_across_a_cut_lands_on_the_right_side(words: list[Word], start_s: float) -> None:
    assert place(words, CHUNK, SPEECH)[-1].start_s == pytest.approx(start_s)


def test_a_word_far_from_all_speech_is_left_out() -> None:
    chunk = Chunk(0, (Piece(Span(0.0, 20.0), 0.0),))
    assert place([Word("spook", 10.0, 10.4)], chunk, [Span(1.0, 2.0), Span(18.0, 19.0)]) == []


def test_words_without_letters_are_left_out() -> None:
    assert place([Word("***", 0.5, 0.9)], CHUNK, SPEECH) == []


def test_words_do_not_overlap_each_other() -> None:
    words = in_order([Word("b", 0.4, 0.9), Word("a", 0.0, 0.5)])
    assert [(word.text, word.start_s, word.end_s) for word in words] == [("a", 0.0, 0.5), ("b", 0.5, 0.9)]


def said(text: str, log_probability: float = -0.4, no_speech: float = 0.1) -> Decoded:
    return Decoded(text, log_probability, no_speech)


@pytest.mark.parametrize(
    ("decoded", "speech_s", "failed"),
    [
        (said("Goedemorgen, met de praktijk van tandarts De Vries."), 3.5, ()),
        (said("Ja, ja, ja hoor."), 1.2, ()),
        (said("Bedankt voor het wachten, mevrouw Jansen."), 2.5, ()),
        (said("en dan en dan en dan en dan en dan"), 3.0, ("repeated",)),
        (said("dat is de haaaaaaaaaaaaa"), 2.0, ("repeated",)),
        (said("Bedankt voor het kijken!"), 2.0, ("subtitle",)),
        (said("Ondertiteld door de gemeenschap"), 2.0, ("subtitle",)),
        (said("Het is waarschijnlijk zo.", -1.2), 2.0, ("unlikely",)),
        (said("Zeg het.", -1.2, 0.9), 2.0, ("unlikely", "no_speech")),
        (said("Zeg het.", -2.2), 2.0, ("hopeless",)),
        (said("Dit zijn veel te veel woorden voor zo weinig geluid, echt."), 0.8, ("too_fast",)),
        (said("Ja."), 9.0, ("too_little",)),
    ],
)
def test_gates(decoded: Decoded, speech_s: float, failed: tuple[str, ...]) -> None:
    assert failures(decoded, speech_s) == failed


def test_speech_without_a_word_for_longer_than_a_sentence_is_lost() -> None:
    text = said("Goedemorgen, met de praktijk van tandarts De Vries.")
    assert failures(text, 12.0, 3.2) == ("lost",)
    assert failures(text, 12.0, 2.8) == ()


def test_speech_between_words_is_counted_and_silence_is_not() -> None:
    chunk = Chunk(0, (Piece(Span(10.0, 20.0), 0.0), Piece(Span(40.0, 45.0), 10.0)))
    task = _Task(chunk, np.zeros(0, np.float32), (Span(10.0, 14.0), Span(18.0, 20.0), Span(40.5, 44.5)))
    assert unheard_s(task, [Word("a", 0.0, 3.5), Word("b", 8.0, 10.0), Word("c", 10.5, 14.5)]) == 0.5
    assert unheard_s(task, [Word("a", 0.0, 4.0), Word("b", 8.0, 10.0)]) == 4.0
    assert unheard_s(task, []) == 10.0


def test_a_long_loop_compresses_too_well() -> None:
    assert "loop" in failures(said("de koeien van de weg en " * 12), 30.0)


class Scripted:
    """A recogniser that says what it is told for each chunk length (in tenths of seconds) and temperature."""

    def __init__(self, script: dict[tuple[int, float], Decoded]) -> None:
        self.script = script
        self.asked: list[tuple[int, float]] = []

    def encode(self, sounds: Sequence[Samples]) -> Encoded:
        return Encoded(None, tuple(round(len(sound) / RATE_HZ * 10) for sound in sounds))

    def decode(
        self, encoded: Encoded, *, temperature: float = 0.0, hotwords: Sequence[str] = ()
    ) -> tuple[Hypothesis, ...]:
        assert hotwords == ()
        keys = [(frames, temperature) for frames in encoded.frames]
        self.asked.extend(keys)
        return tuple(Hypothesis((1,), self.script[key]) for key in keys)

    def align(self, _encoded: Encoded, hypotheses: Sequence[Hypothesis]) -> tuple[tuple[Word, ...], ...]:
        return tuple(
            tuple(
                Word(text, 0.3 + 0.1 * index, 0.4 + 0.1 * index) for index, text in enumerate(each.decoded.text.split())
            )
            for each in hypotheses
        )


def heard(scripted: Scripted, spans: Sequence[Span]) -> str:
    (words,) = recognise([silence(120.0)], [spans], cast(Recogniser, scripted))
    return " ".join(word.text for word in words)


LOOP = said("nee maar " * 20)


def test_a_chunk_that_loops_is_taken_apart_into_its_pieces() -> None:
    scripted = Scripted({(40, 0.0): LOOP, (15, 0.0): said("goedemorgen"), (25, 0.0): said("met Jansen")})
    assert heard(scripted, [Span(1.0, 2.0), Span(60.0, 62.0)]) == "goedemorgen met Jansen"


def test_a_piece_that_fails_is_decoded_at_rising_temperatures_until_it_is_believable() -> None:
    scripted = Scripted({(25, 0.0): LOOP, (25, 0.2): LOOP, (25, 0.4): said("dat is goed")})
    assert heard(scripted, [Span(1.0, 3.0)]) == "dat is goed"
    assert scripted.asked == [(25, 0.0), (25, 0.2), (25, 0.4)]


def test_a_piece_that_keeps_failing_is_dropped() -> None:
    scripted = Scripted({(25, temperature): LOOP for temperature in (0.0, 0.2, 0.4, 0.6)})
    assert heard(scripted, [Span(1.0, 3.0)]) == ""


def test_an_unlikely_text_is_kept_when_nothing_better_comes() -> None:
    doubtful = said("dat is wel zo", -1.3)
    script = {(25, temperature): LOOP for temperature in (0.2, 0.4, 0.6)}
    assert heard(Scripted({**script, (25, 0.0): doubtful}), [Span(1.0, 3.0)]) == "dat is wel zo"


def test_where_the_model_hears_nobody_it_is_not_asked_again() -> None:
    scripted = Scripted({(25, 0.0): said("MUZIEK.", -0.5, 0.8)})
    assert heard(scripted, [Span(1.0, 3.0)]) == ""
    assert scripted.asked == [(25, 0.0)]


def test_words_of_two_channels_stay_apart() -> None:
    scripted = Scripted({(15, 0.0): said("links"), (25, 0.0): said("rechts")})
    spans = [[Span(1.0, 2.0)], [Span(1.5, 3.5)]]
    left, right = recognise([silence(5.0)] * 2, spans, cast(Recogniser, scripted))
    assert [word.text for word in left] == ["links"]
    assert [word.text for word in right] == ["rechts"]
    assert 1.0 <= left[0].start_s <= 2.0


def test_taking_a_chunk_apart_keeps_its_places() -> None:
    assert [part.pieces[0].span for part in parts(CHUNK)] == [piece.span for piece in CHUNK.pieces]


def test_subtitle_lines_of_the_lexicon_are_written_as_they_are_matched() -> None:
    for pattern in gates._subtitle_patterns():
        line = pattern.removesuffix(" *")
        assert " ".join(gates.words_of(line)) == line


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    try:
        return load_model(find_model("base"), threads=1)
    except ModelError as error:
        pytest.skip(f"the model tests did not run: {error}")


def sounds_without_speech() -> dict[str, Samples]:
    rng = np.random.default_rng(0)
    time_s = np.arange(16 * RATE_HZ) / RATE_HZ
    ring = 0.3 * np.sin(2 * np.pi * 425 * time_s) * ((time_s % 5) < 1)
    chord = 0.1 * np.sin(2 * np.pi * np.outer([262, 330, 392], time_s)).sum(axis=0)
    made = {
        "silence": np.zeros(len(time_s)),
        "noise": 0.05 * rng.standard_normal(len(time_s)),
        "ring tone": ring,
        "chord": chord,
    }
    return {name: sound.astype(np.float32) for name, sound in made.items()}


@pytest.mark.model
@pytest.mark.parametrize("name", sounds_without_speech())
def test_no_words_where_nobody_speaks_even_if_taken_for_speech(name: str, recogniser: Recogniser) -> None:
    sound = sounds_without_speech()[name]
    (words,) = recognise([sound], [[Span(1.0, 6.0), Span(9.0, 14.0)]], recogniser)
    assert words == ()


@pytest.mark.model
def test_the_vocabulary_holds_dutch_letters_and_no_other_scripts(recogniser: Recogniser) -> None:
    tokenizer = recogniser._model.hf_tokenizer
    shut = set(recogniser._suppressed)
    assert not shut & set(
        tokenizer.encode(" Eén coördinator, € 12,50 – “geïnd” à la façade", add_special_tokens=False).ids
    )
    assert shut & set(tokenizer.encode("堂", add_special_tokens=False).ids)


@pytest.mark.model
def test_a_second_load_gives_the_same_recogniser(recogniser: Recogniser) -> None:
    assert load_model(find_model("base"), threads=1) is recogniser


def test_probabilities_survive_placing() -> None:
    word = Word("ja", 0.5, 0.7, 0.25)
    assert place([word], CHUNK, SPEECH)[0] == replace(word, start_s=10.5, end_s=10.7)
