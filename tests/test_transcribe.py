"""Transcription: chunks and their times, gates, second tries; and with the model, silence and noise."""

from __future__ import annotations

from collections.abc import Sequence
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
    task = _Task(chunk, silence(0.0), silence(0.0), (Span(10.0, 14.0), Span(18.0, 20.0), Span(40.5, 44.5)))
    assert unheard_s(task, [Word("a", 0.0, 3.5), Word("b", 8.0, 10.0), Word("c", 10.5, 14.5)]) == 0.5
    assert unheard_s(task, [Word("a", 0.0, 4.0), Word("b", 8.0, 10.0)]) == 4.0
    assert unheard_s(task, []) == 10.0


def test_a_long_loop_compresses_too_well() -> None:
    assert "loop" in failures(said("de koeien van de weg en " * 12), 30.0)


class ScriptedSound(Encoded):
    """Encoder output that is nothing but its lengths."""

    def select(self, rows: Sequence[int]) -> Encoded:
        return ScriptedSound(None, tuple(self.frames[row] for row in rows))


class Scripted:
    """A recogniser that says what it is told for each chunk length (in tenths of seconds), try after try.

    encoded : the lengths of the sounds it was given; asked : lengths of what it decoded, and whether loops were refused
    """

    workers = 2
    calibration = None

    def __init__(self, script: dict[int, list[Decoded]]) -> None:
        self.script = script
        self.encoded: list[int] = []
        self.asked: list[tuple[int, bool]] = []

    def encode(self, sounds: Sequence[Samples]) -> Encoded:
        frames = tuple(round(len(sound) / RATE_HZ * 10) for sound in sounds)
        self.encoded.extend(frames)
        return ScriptedSound(None, frames)

    def decode(
        self, encoded: Encoded, *, avoid_loops: bool = False, hotwords: Sequence[str] = ()
    ) -> tuple[Hypothesis, ...]:
        assert hotwords == ()
        self.asked.extend((frames, avoid_loops) for frames in encoded.frames)
        return tuple(Hypothesis((1,), self.script[frames].pop(0)) for frames in encoded.frames)

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
    scripted = Scripted({40: [LOOP], 15: [said("goedemorgen")], 25: [said("met Jansen")]})
    assert heard(scripted, [Span(1.0, 2.0), Span(60.0, 62.0)]) == "goedemorgen met Jansen"


def test_a_piece_that_fails_is_heard_as_it_came_and_then_with_loops_refused() -> None:
    scripted = Scripted({25: [LOOP, LOOP, said("dat is goed")]})
    assert heard(scripted, [Span(1.0, 3.0)]) == "dat is goed"
    assert scripted.asked == [(25, False), (25, False), (25, True)]
    assert scripted.encoded == [25, 25]  # without the noise and as it came; the third try needs no new one


def test_only_the_pieces_that_fail_are_tried_again() -> None:
    scripted = Scripted({40: [LOOP], 15: [LOOP, said("goedemorgen")], 25: [said("met Jansen")]})
    assert heard(scripted, [Span(1.0, 2.0), Span(60.0, 62.0)]) == "goedemorgen met Jansen"
    assert scripted.asked == [(40, False), (25, False), (15, False), (15, False)]


def test_a_piece_that_keeps_failing_is_dropped() -> None:
    assert heard(Scripted({25: [LOOP, LOOP, LOOP]}), [Span(1.0, 3.0)]) == ""


def test_an_unlikely_text_is_kept_when_nothing_better_comes() -> None:
    doubtful = said("dat is wel zo", -1.3)
    assert heard(Scripted({25: [doubtful, LOOP, LOOP]}), [Span(1.0, 3.0)]) == "dat is wel zo"


def test_where_the_model_hears_nobody_it_is_not_asked_again() -> None:
    scripted = Scripted({25: [said("MUZIEK.", -0.5, 0.8)]})
    assert heard(scripted, [Span(1.0, 3.0)]) == ""
    assert scripted.asked == [(25, False)]


def test_words_of_two_channels_stay_apart() -> None:
    scripted = Scripted({15: [said("links")], 25: [said("rechts")]})
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
