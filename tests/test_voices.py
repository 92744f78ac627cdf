"""Voices on one channel: the encoder's arithmetic, what is heard of a voice, and who is given which words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import lfilter  # type: ignore[import-untyped]

from belscore import listening, voices
from belscore.audio import Recording, Samples, decode
from belscore.call import Call, Span, Turn, Word
from belscore.models import find_encoder
from belscore.mono import _parts, _stretches, split_voices
from belscore.notation import parse_call
from belscore.pitch import HOP_S, log_pitch
from belscore.rulebook import load_rules
from belscore.speaker_encoder import MELS, SIZE, WEIGHTS, Array, Encoder, load_encoder, mel_powers
from belscore.third_voice import announced, name_third_voices, speech_by_role
from belscore.vad import speech_spans
from belscore.view import CallView
from belscore.voice_features import Pieces, describe
from belscore.voices import add_third, sequence, tell_apart

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "calls"
RATE_HZ = 16_000


def timbre(rng: np.random.Generator, formant_hz: float, duration_s: float) -> Samples:
    """Noise with one resonance: a stand-in for a voice."""
    radius, angle = 0.97, 2 * np.pi * formant_hz / RATE_HZ
    noise = rng.standard_normal(round(duration_s * RATE_HZ))
    sound = lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], noise)
    return np.asarray(sound / np.abs(sound).max() * 0.3, np.float32)


def two_timbres(order: list[int], each_s: float) -> Samples:
    rng = np.random.default_rng(3)
    return np.concatenate([timbre(rng, (700.0, 1400.0)[who], each_s) for who in order])


def encoder_of(folder: Path) -> tuple[Encoder, Array]:
    """An encoder with small random weights, and those weights as they lie in the file."""
    count = 4 * SIZE * (MELS + SIZE + 4 * SIZE) + 6 * 4 * SIZE + SIZE * SIZE + SIZE
    flat = (np.random.default_rng(1).standard_normal(count) * 0.05).astype("<f4")
    flat.tofile(folder / WEIGHTS)
    return load_encoder(folder), flat


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def by_the_book(flat: Array, piece: Array) -> Array:
    """The same network written out as in the definition of an LSTM, from PyTorch's flat weights."""
    at, flow = 0, list(piece)
    biases = flat[4 * SIZE * (MELS + 5 * SIZE) :]
    for layer, width in enumerate((MELS, SIZE, SIZE)):
        of_input = flat[at : at + 4 * SIZE * width].reshape(4 * SIZE, width)
        of_state = flat[at + 4 * SIZE * width :][: 4 * SIZE * SIZE].reshape(4 * SIZE, SIZE)
        at += 4 * SIZE * (width + SIZE)
        bias = biases[8 * SIZE * layer :][: 8 * SIZE].reshape(2, -1).sum(axis=0)
        state = cell = np.zeros(SIZE, np.float32)
        states = []
        for frame in flow:
            entry, forget, new, out = np.split(of_input @ frame + of_state @ state + bias, 4)
            cell = sigmoid(forget) * cell + sigmoid(entry) * np.tanh(new)
            state = sigmoid(out) * np.tanh(cell)
            states.append(state)
        flow = states
    linear = biases[6 * 4 * SIZE :]
    raw = np.maximum(0, linear[: SIZE * SIZE].reshape(SIZE, SIZE) @ flow[-1] + linear[SIZE * SIZE :])
    return np.asarray(raw / np.linalg.norm(raw), np.float32)


def test_the_encoder_computes_the_network_whatever_else_is_in_the_batch(tmp_path: Path) -> None:
    encoder, flat = encoder_of(tmp_path)
    rng = np.random.default_rng(2)
    pieces = [rng.random((frames, MELS), np.float32) for frames in (7, 20, 12)]
    found = encoder.embed(pieces)
    for piece, vector in zip(pieces, found, strict=True):
        np.testing.assert_allclose(vector, by_the_book(flat, piece), atol=1e-5)


@pytest.mark.parametrize("tone_hz", [300.0, 1000.0, 3000.0])
def test_a_tone_lies_in_the_mel_band_around_it(tone_hz: float) -> None:
    powers = mel_powers(np.sin(2 * np.pi * tone_hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32))
    assert powers.shape == (101, MELS)
    bend = 15 + 27 * np.log(8) / np.log(6.4)
    mel = tone_hz * 3 / 200 if tone_hz <= 1000 else 15 + 27 * np.log(tone_hz / 1000) / np.log(6.4)
    assert powers[50].argmax() == pytest.approx(mel / bend * (MELS + 1) - 1, abs=0.6)


def test_pitch_is_heard_without_its_fundamental() -> None:
    at = np.arange(RATE_HZ) / RATE_HZ
    sound = sum(np.sin(2 * np.pi * 120.0 * order * at) for order in range(3, 20)) / 20
    pitch = log_pitch(np.asarray(sound, np.float32))
    assert len(pitch) == round(1 / HOP_S)
    assert 2 ** np.nanmedian(pitch) == pytest.approx(120.0, rel=0.03)


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(4).standard_normal(RATE_HZ).astype(np.float32)
    assert np.isnan(log_pitch(noise)).mean() > 0.9


def test_the_sequence_has_the_probabilities_of_all_paths_added_up() -> None:
    scores, steps = np.array([[1.0, -1.0], [0.2, 0.5], [-1.0, 0.3]]), np.array([0.0, -0.7, 1.2])
    weights = {
        path: np.exp(
            sum(scores[place, state] for place, state in enumerate(path))
            + sum(
                (steps[place] if before != state else 0.0) - np.log1p(np.exp(steps[place]))
                for place, (before, state) in enumerate(pairwise(path), start=1)
            )
        )
        for path in product((0, 1), repeat=3)
    }
    likely, fit = sequence(scores[None], steps)
    total = sum(weights.values())
    assert fit[0] == pytest.approx(np.log(total))
    for place in range(3):
        share = sum(weight for path, weight in weights.items() if path[place] == 0) / total
        assert likely[0, place, 0] == pytest.approx(share)


def test_two_timbres_are_told_apart() -> None:
    order = [0, 1, 1, 0, 1, 0, 0, 1, 0, 1]
    spans = [Span(1.5 * at, 1.5 * (at + 1)) for at in range(len(order))]
    pieces = describe(two_timbres(order, 1.5), spans, spans, None)
    likely = tell_apart(pieces, np.zeros((len(order), 2)), [0.0] * len(order))
    assert list(likely.argmax(axis=1)) in (order, [1 - who for who in order])


def test_what_is_said_names_the_voices() -> None:
    order = [0, 1, 1, 0, 1, 0, 0, 1, 0, 1]
    spans = [Span(1.5 * at, 1.5 * (at + 1)) for at in range(len(order))]
    pieces = describe(two_timbres(order, 1.5), spans, spans, None)
    scores = np.zeros((len(order), 2))
    scores[1] = (-2.0, 2.0)
    assert list(tell_apart(pieces, scores, [0.0] * len(order)).argmax(axis=1)) == order
    assert list(tell_apart(pieces, -scores, [0.0] * len(order)).argmax(axis=1)) == [1 - who for who in order]


@pytest.mark.parametrize("better", [0, 1])
def test_of_two_outcomes_the_one_with_voices_farther_apart_is_taken(
    better: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    voice = np.arange(40) // 4 % 2
    views = tuple(2.0 * voice[:, None] - 1 + rng.normal(0, 0.5, (40, axes)) for axes in (4, 2, 1, 1))
    pieces = Pieces(views, np.arange(40), np.ones(40))
    right = np.column_stack([1.0 - voice, voice])
    half_right = np.where(np.arange(40)[:, None] < 10, 1 - right, right)
    outcomes = [right, half_right][:: 1 if better else -1]
    # In turn: by all axes, by the widest ones, and by all axes from there.
    given = iter([outcomes[1], outcomes[0], outcomes[0]])
    monkeypatch.setattr(voices, "_fitted", lambda *_: next(given))
    assert tell_apart(pieces, np.zeros((40, 2)), [0.0] * 40) is right


def test_too_little_speech_leaves_it_to_the_words() -> None:
    spans = [Span(0.0, 1.0), Span(1.0, 2.0)]
    scores = np.array([[1.0, -1.0], [-2.0, 2.0]])
    likely = tell_apart(describe(two_timbres([0, 1], 1.0), spans, spans, None), scores, [0.0, 0.0])
    np.testing.assert_allclose(likely, sequence(scores[None], np.zeros(2))[0][0])


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.3])
def test_hardly_any_sound_is_no_obstacle(seconds: float) -> None:
    samples = np.zeros(round(seconds * RATE_HZ), np.float32)
    words = [Word("ja", 0.0, 0.2), Word("dag", 0.2, 0.3)]
    turns, _ = split_voices(words, samples)
    assert [word for turn in turns for word in turn.words] == words


def test_a_change_of_speaker_without_a_pause_is_found() -> None:
    order = [0] * 4 + [1] * 4 + [0] * 4 + [1] * 4
    words = [Word("la", 0.3 * at, 0.3 * (at + 1)) for at in range(5 * len(order))]
    turns, _ = split_voices(words, two_timbres(order, 1.5))
    assert [round(turn.start_s) for turn in turns] == [0, 6, 12, 18]


def test_a_turn_reaches_to_the_end_of_its_sound() -> None:
    words = [Word("goedemorgen.", 0.0, 0.6), Word("dag.", 2.0, 2.1)]
    turns, _ = split_voices(words, speech=[Span(0.0, 1.0), Span(2.0, 4.0)])
    assert [turn.end_s for turn in turns] == [1.0, 2.1 + 0.8]


def test_speech_without_words_is_given_to_its_voice() -> None:
    order = [0, 1, 1, 0, 1, 0, 0, 1]
    speech = [Span(1.5 * at, 1.5 * (at + 1) - 0.4) for at in range(len(order))]
    words = [Word("la", span.start_s, span.end_s) for at, span in enumerate(speech) if at not in (4, 6)]
    turns, _ = split_voices(words, two_timbres(order, 1.5), speech=speech)
    first, other = turns[0].role, turns[1].role
    assert [(turn.role, turn.start_s, turn.text) for turn in turns] == [
        (first, 0.0, "la"),
        (other, 1.5, "la la"),
        (first, 4.5, "la"),
        (other, 6.0, "…"),
        (first, 7.5, "la"),
        (other, 10.5, "la"),
    ]
    assert turns[3].words == ()
    assert turns[4].end_s == speech[6].end_s


def test_speech_without_words_is_no_turn_where_the_sound_is_not_there() -> None:
    turns, _ = split_voices([Word("la", 0.0, 1.0)], speech=[Span(0.0, 1.0), Span(3.0, 6.0)])
    assert [turn.text for turn in turns] == ["la"]


def test_a_turn_without_words_is_not_whole() -> None:
    said = Turn("agent", 0.0, 1.0, "ja", (Word("ja", 0.0, 1.0, 0.9),))
    unheard = Turn("caller", 1.0, 3.0, "…", ())
    view = CallView(Call("x", 3.0, (said, unheard)), load_rules().knowledge)
    assert view.whole(view.utterances[:1])
    assert not view.whole(view.utterances)


def test_long_stretches_are_cut_and_no_word_is_lost() -> None:
    words = [Word("la", 0.25 * at, 0.25 * (at + 1)) for at in range(30)]
    parts = _parts(_stretches(words), ())
    assert [word for part in parts for word in part.words] == words
    assert all(0.6 <= part.span.duration_s <= 1.3 for part in parts)


def test_a_missing_encoder_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.zeros(RATE_HZ, np.float32)
    recording = Recording("x.wav", (samples,), RATE_HZ, "pcm_s16le", 1.0, 0.0, 0.0)
    turns, confidence = split_voices([Word("ja", 0.0, 0.5)])
    parties = listening._Parties(turns, None, {"agent": 0, "caller": 0}, confidence, "inbound")
    monkeypatch.setattr(listening, "find_encoder", lambda: None)
    assert "ontbreekt" in listening._notes(recording, parties)[1]
    monkeypatch.setattr(listening, "find_encoder", lambda: Path())
    assert len(listening._notes(recording, parties)) == 1


@pytest.mark.model
@pytest.mark.parametrize("name", ["mono-afspraak.wav", "klacht-goed.wav", "boos-goed.wav"])
def test_voices_of_a_sample_are_told_apart(name: str) -> None:
    folder = find_encoder()
    assert folder is not None
    recording = decode(SAMPLES / name)
    samples = np.asarray(sum(recording.channels) / len(recording.channels), np.float32)
    truth = parse_call((SAMPLES / name).with_suffix(".call").read_text(encoding="utf-8"))
    said = [(word, turn.role) for turn in truth.turns for word in turn.words]
    said.sort(key=lambda pair: pair[0].start_s)
    turns, _ = split_voices(
        [word for word, _ in said], samples, speech=speech_spans(samples), encoder=load_encoder(folder)
    )
    given = {id(word): turn.role for turn in turns for word in turn.words}
    assert np.mean([given[id(word)] == role for word, role in said]) >= 0.95


class _Timbres(Encoder):
    """Stands in for the encoder: a vector that says which timbre a piece has."""

    def __init__(self) -> None:
        super().__init__((), np.zeros((0, 0), np.float32), np.zeros(0, np.float32))

    def embed(self, pieces: Sequence[Array]) -> Array:
        vectors = np.zeros((len(pieces), SIZE), np.float32)
        for vector, piece in zip(vectors, pieces, strict=True):
            vector[np.digitize(piece.sum(axis=0).argmax(), (16.5, 23.5))] = 1.0
        return vectors


def leg(order: list[int], callers_s: list[float]) -> tuple[tuple[Turn, ...], Samples]:
    """Turns of three seconds on the agent's leg, one after the other, with turns of the caller at the given times."""
    agent = [Turn("agent", 3.0 * at, 3.0 * at + 3, "la", ()) for at in range(len(order))]
    caller = [Turn("caller", at_s, at_s + 0.5, "ja", ()) for at_s in callers_s]
    return tuple(sorted([*agent, *caller], key=lambda turn: turn.start_s)), two_timbres(order, 3.0)


@pytest.mark.parametrize(
    ("order", "callers_s", "roles"),
    [
        ([1, 0, 0, 0], [6.2], ["system", "agent", "agent", "agent"]),
        ([1, 0, 0, 0], [3.2], ["agent"] * 4),
        ([0, 0, 0, 1], [3.2], ["agent", "agent", "agent", "colleague"]),
        ([0, 0, 1, 0], [3.2], ["agent"] * 4),
        ([0, 0, 0, 0], [6.2], ["agent"] * 4),
    ],
    ids=["announcement", "no greeting after it", "takes over", "in between", "one voice"],
)
def test_third_voices_are_named_at_the_edges_of_a_call(
    order: list[int], callers_s: list[float], roles: list[str]
) -> None:
    turns, samples = leg(order, callers_s)
    named = name_third_voices(turns, samples, _Timbres())
    assert [turn.role for turn in named if turn.role != "caller"] == roles


def test_speech_goes_with_the_voice() -> None:
    turns = (Turn("system", 0.0, 2.0, "la", ()), Turn("agent", 3.0, 4.0, "la", ()))
    spans = (Span(0.0, 2.0), Span(3.0, 4.0))
    assert speech_by_role(spans, turns) == {"agent": (spans[1],), "system": (spans[0],)}


@pytest.mark.parametrize(
    ("voices", "count"),
    [([0, 0, 1, 2, 1, 2], 2), ([0, 1, 2, 1, 2, 0], 0), ([0, 0, 0, 0, 1, 2], 0), ([1, 1, 1, 1], 0)],
    ids=["not heard again", "comes back", "most of the call", "one voice"],
)
def test_an_opening_voice_that_is_not_heard_again_is_an_announcement(voices: list[int], count: int) -> None:
    spans = [Span(2.0 * at, 2.0 * at + 2) for at in range(len(voices))]
    assert announced(spans, np.arange(len(voices)), np.eye(SIZE)[voices]) == count


def _spoken(texts: Sequence[str], each_s: float) -> list[Word]:
    """Each text fills its share of the time, and is parted from the next by a sentence's end."""
    return [
        Word(word, each_s * (at + place / len(text.split())), each_s * (at + (place + 1) / len(text.split())))
        for at, text in enumerate(texts)
        for place, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("second", "order", "first_role"),
    [
        ("Goedemorgen, waarmee kan ik u helpen?", [1, 0, 0, 0], "system"),
        ("Goedemorgen, ik wil graag een afspraak maken.", [1, 0, 0, 0], "agent"),
        ("Goedemorgen, waarmee kan ik u helpen?", [1, 0, 0, 1], "agent"),
    ],
    ids=["announcement", "the caller answers", "comes back"],
)
def test_an_announcement_on_one_channel_is_named_when_it_is_certain(
    second: str, order: list[int], first_role: str
) -> None:
    words = _spoken(["Welkom bij de praktijk.", second, "Dat is goed hoor.", "Tot ziens dan maar."], 3.0)
    turns, _ = split_voices(words, two_timbres(order, 3.0), encoder=_Timbres())
    assert turns[0].role == first_role
    assert sorted((word for turn in turns for word in turn.words), key=lambda word: word.start_s) == words


HANDED_OVER = "Dan verbind ik u door met de administratie."


@pytest.mark.parametrize(
    ("handed", "order", "colleague_at"),
    [
        (HANDED_OVER, [0, 1, 0, 1, 2, 1, 2, 1], [4, 6]),
        (HANDED_OVER, [0, 1, 0, 1, 2, 1, 0, 1], []),
        (HANDED_OVER, [0, 1, 0, 1, 0, 1, 0, 1], []),
        ("Dan zet ik dat hier even voor u op papier.", [0, 1, 0, 1, 2, 1, 2, 1], []),
    ],
    ids=["another voice", "the agent comes back after it", "only the agent is back", "nothing is handed over"],
)
def test_a_colleague_on_one_channel_is_another_voice_after_a_transfer(
    handed: str, order: list[int], colleague_at: list[int]
) -> None:
    texts = [
        "Goedemorgen, waarmee kan ik u helpen?",
        "Ik bel over mijn rekening van vorige maand.",
        handed,
        "Dat is goed hoor, dank u wel.",
        "Goedemorgen, u spreekt met de administratie.",
        "Ja, ik heb een vraag over mijn rekening.",
        "Waar gaat het over, mevrouw, precies?",
        "Over mijn rekening dus, die klopt niet.",
    ]
    rng = np.random.default_rng(3)
    samples = np.concatenate([timbre(rng, (500.0, 1400.0, 2600.0)[who], 3.0) for who in order])
    words = _spoken(texts, 3.0)
    turns, _ = split_voices(words, samples, encoder=_Timbres())
    given = [next(turn.role for turn in turns if turn.start_s <= 3.0 * at + 1.5 <= turn.end_s) for at in range(8)]
    assert [at for at, role in enumerate(given) if role == "colleague"] == colleague_at
    assert given[:4] == ["agent", "caller", "agent", "caller"]
    assert sorted((word for turn in turns for word in turn.words), key=lambda word: word.start_s) == words


def test_a_third_voice_needs_enough_speech() -> None:
    pieces = Pieces((np.zeros((2, 1)),), np.arange(2), np.ones(2))
    assert add_third(pieces, np.zeros((2, 3)), [0.0, 0.0], np.full((2, 2), 0.5), np.ones(2, np.bool_)) is None
