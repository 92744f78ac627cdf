"""Network tones, key presses, music of several styles, and what is not listened to in a hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from audio_fixtures import Sound, at, noise, recording, silence, speech, tone
from belscore.audio import SAMPLE_RATE_HZ, Samples
from belscore.call import Span, Word
from belscore.hearing import measure_recording
from belscore.level import bandwidth_hz, measure_sound
from belscore.vad import detect
from belscore.waiting import listen

DURATION_S = 30.0


def _with(*parts: tuple[float, Sound]) -> Sound:
    """Speech late in the recording, noise of the line, and the given sounds at their times."""
    sound = at([(22.0, 25.0)], DURATION_S) + noise(DURATION_S, -60)
    for start_s, part in parts:
        first = round(start_s * SAMPLE_RATE_HZ)
        sound[first : first + len(part)] += part
    return sound


def _beats(count: int, on_s: float, *, hz: float = 425.0) -> list[tuple[float, Sound]]:
    return [(2.0 + 2 * on_s * number, tone(on_s, hz)) for number in range(count)]


def _press(low_hz: float = 770.0, high_hz: float = 1336.0, seconds: float = 0.1) -> Sound:
    return tone(seconds, low_hz) + tone(seconds, high_hz)


def test_busy_tones_are_counted_and_are_no_speech() -> None:
    found = detect(recording(_with(*_beats(8, 0.5))))
    assert len(found.busy) == 8
    assert found.congestion == found.rings == ()
    assert all(span.start_s > 21 for span in found.speech[0])


def test_congestion_tones_are_counted_and_are_no_speech() -> None:
    found = detect(recording(_with(*_beats(12, 0.25, hz=450.0))))
    assert len(found.congestion) == 12
    assert found.busy == ()
    assert all(span.start_s > 21 for span in found.speech[0])


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_beeps_have_no_rhythm(count: int) -> None:
    assert detect(recording(_with(*_beats(count, 0.5)))).busy == ()


def test_special_information_tone_is_found_as_one() -> None:
    parts = np.concatenate([tone(0.33, hz) for hz in (950, 1400, 1800)])
    found = detect(recording(_with((3.0, parts), (7.0, parts))))
    assert [round(span.start_s, 1) for span in found.information] == [3.0, 7.0]
    assert all(span.duration_s == pytest.approx(0.99, abs=0.06) for span in found.information)


@pytest.mark.parametrize("low_hz", [697.0, 770.0, 852.0, 941.0])
@pytest.mark.parametrize("high_hz", [1209.0, 1336.0, 1477.0, 1633.0])
def test_every_key_is_found_and_is_no_speech(low_hz: float, high_hz: float) -> None:
    found = detect(recording(_with(*((5.0 + 0.2 * number, _press(low_hz, high_hz)) for number in range(5)))))
    assert len(found.dtmf) == 5
    assert all(span.start_s > 21 for span in found.speech[0])


def test_key_press_of_40_ms_is_found_wherever_it_falls() -> None:
    parts = [(3.0 + 0.2573 * number, _press(seconds=0.04)) for number in range(40)]
    assert len(detect(recording(_with(*parts))).dtmf) >= 38


def test_two_tones_off_the_keys_are_no_key_press() -> None:
    assert detect(recording(_with((5.0, _press(730.0, 1270.0))))).dtmf == ()


def test_speech_holds_no_tone() -> None:
    found = detect(recording(speech(20.0, pitch_hz=180) + noise(20.0, -60), speech(20.0, seed=3) + noise(20.0, -60)))
    assert found.busy == found.congestion == found.information == found.dtmf == found.rings == ()


def _plucked(hz: float, at_s: Sound) -> Sound:
    return sum((np.sin(2 * np.pi * hz * k * at_s) * np.exp(-(2 + k) * at_s) / k for k in range(1, 7)), 0 * at_s)


def _bowed(hz: float, at_s: Sound) -> Sound:
    vibrato = at_s + 0.0008 * np.sin(2 * np.pi * 5.5 * at_s) / 5.5
    return sum((np.sin(2 * np.pi * hz * k * vibrato) / k for k in range(1, 9)), 0 * at_s) * np.minimum(1, at_s / 0.08)


def _piano(hz: float, at_s: Sound) -> Sound:
    stretched = [k * np.sqrt(1 + 0.0004 * k**2) for k in range(1, 8)]
    return sum((np.sin(2 * np.pi * hz * k * at_s) * np.exp(-1.2 * k * at_s) / k for k in stretched), 0 * at_s)


def _piece(voice: Callable[[float, Sound], Sound], *, beat_s: float, drums: float, seed: int) -> Sound:
    """20 s of chords and a melody at -22 dBov; `drums` is how loud noise bursts on the beat are."""
    rng = np.random.default_rng(seed)
    result = silence(24.0)
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    for number in range(round(20.0 / beat_s)):
        first = round(number * beat_s * SAMPLE_RATE_HZ)
        length_s = beat_s * (4 if number % 4 == 0 else 1.5)
        at_s = np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        root = rng.choice(scale)
        for ratio in (1, 1.25, 1.5) if number % 4 == 0 else (2,):
            result[first : first + len(at_s)] += voice(root * ratio, at_s)
        beat = at_s[: SAMPLE_RATE_HZ // 8]
        result[first : first + len(beat)] += drums * rng.standard_normal(len(beat)) * np.exp(-40 * beat)
    result = result[: 20 * SAMPLE_RATE_HZ]
    return np.asarray(result * 10 ** (-22 / 20) / np.sqrt(np.mean(result**2)))


STYLES = {
    "plucked": (_plucked, 0.35, 0.0),
    "bowed": (_bowed, 0.5, 0.0),
    "piano": (_piano, 0.4, 0.0),
    "pop with drums": (_bowed, 0.3, 2.0),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", [0, 1])
def test_music_of_any_style_is_a_hold(style: str, seed: int) -> None:
    voice, beat_s, drums = STYLES[style]
    piece = _piece(voice, beat_s=beat_s, drums=drums, seed=seed)
    sound = np.concatenate([at([(1.0, 8.0)], 10.0), piece, at([(1.0, 5.0)], 10.0, seed=3)])
    found = detect(recording(sound + noise(40.0, -60)))
    held_s = sum(span.overlap_s(Span(10.0, 30.0)) for span in found.holds)
    assert held_s > 17.0
    assert sum(span.duration_s for span in found.holds) - held_s < 1.5
    assert sum(Span(12.0, 28.0).overlap_s(span) for span in found.speech[0]) < 2.0


@pytest.mark.parametrize("slope", [0, 1, 2])
def test_noise_that_comes_and_goes_is_no_music(slope: int) -> None:
    rng = np.random.default_rng(slope)
    count = 12 * SAMPLE_RATE_HZ
    hz = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ), 50)
    burst = np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) / hz**slope, count)
    burst *= 10 ** (-35 / 20) / np.sqrt(np.mean(burst**2))
    assert detect(recording(_with((4.0, burst)))).holds == ()


Spoken = list[tuple[Sequence[Samples], Sequence[Sequence[Span]]]]


def _listen(agent: Sound, caller: Sound, said: str) -> tuple[Spoken, float, tuple[Span, ...]]:
    """What the recogniser is given when the agent's first speech says `said`; seconds dropped; holds."""
    sides = recording(agent, caller)
    given: Spoken = []

    def transcribe(sounds: Sequence[Samples], spans: Sequence[Sequence[Span]]) -> list[list[Word]]:
        given.append((sounds, spans))
        words = [
            Word(word, 1.0 + 0.3 * number, 1.3 + 0.3 * number)
            for number, word in enumerate(said.split())
            if len(given) == 1
        ]
        return [words, []]

    heard = listen(sides, detect(sides), transcribe, agent_channel="left")
    return given, heard.dropped_s, heard.found.holds


def _caller_power(given: Spoken, start_s: float, end_s: float) -> float:
    first, last = round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ)
    return max(float(np.mean(sounds[1][first:last] ** 2)) for sounds, _ in given)


AGENT = [(1.0, 4.0), (24.0, 28.0)]
CALLER = [(12.0, 15.0)]


def test_caller_is_not_listened_to_while_music_plays() -> None:
    agent = at(AGENT, 45.0) + noise(45.0, -60)
    agent[4 * SAMPLE_RATE_HZ : 24 * SAMPLE_RATE_HZ] += _piece(_piano, beat_s=0.4, drums=0.0, seed=0)
    caller = at(CALLER, 45.0, seed=9, pitch_hz=200) + noise(45.0, -60, seed=1)
    given, dropped_s, _ = _listen(agent, caller, "Goedemorgen met de praktijk")
    assert _caller_power(given, 12.0, 15.0) == 0.0
    assert dropped_s == pytest.approx(3.0, abs=0.2)
    hearing = measure_recording(recording(agent, caller), agent_channel="left")
    assert hearing.speech["caller"] == ()
    assert any("wachtende beller is niet beluisterd" in note for note in hearing.quality.notes)


def test_caller_is_not_listened_to_in_silence_after_a_hold_phrase() -> None:
    caller = at(CALLER, DURATION_S, seed=9, pitch_hz=200) + noise(DURATION_S, -60, seed=1)
    agent = at(AGENT, DURATION_S) + noise(DURATION_S, -60)
    given, dropped_s, holds = _listen(agent, caller, "Heeft u een momentje alstublieft ik zoek het op")
    assert _caller_power(given, 12.0, 15.0) == 0.0
    assert dropped_s == pytest.approx(3.0, abs=0.2)
    assert [(round(span.start_s), round(span.end_s)) for span in holds] == [(4, 24)]


def test_caller_is_listened_to_when_nobody_said_wait() -> None:
    caller = at(CALLER, DURATION_S, seed=9, pitch_hz=200) + noise(DURATION_S, -60, seed=1)
    agent = at(AGENT, DURATION_S) + noise(DURATION_S, -60)
    given, dropped_s, holds = _listen(agent, caller, "Vertelt u eens wat er precies aan de hand is")
    assert (dropped_s, holds) == (0.0, ())
    assert [span for _, spans in given for span in spans[1]] == list(detect(recording(agent, caller)).speech[1])


def test_caller_who_tells_a_story_is_listened_to_at_once() -> None:
    caller = at([(4.4, 20.0)], DURATION_S, seed=9, pitch_hz=200) + noise(DURATION_S, -60, seed=1)
    given, dropped_s, _ = _listen(
        at(AGENT, DURATION_S) + noise(DURATION_S, -60), caller, "Een momentje zegt u het maar"
    )
    assert len(given) == 1
    assert dropped_s == 0.0


def test_key_presses_never_reach_the_recogniser() -> None:
    caller = _with(*((10.0 + 0.2 * number, _press()) for number in range(5)))
    given, _, _ = _listen(at(AGENT, DURATION_S) + noise(DURATION_S, -60), caller, "Toetst u het nummer")
    assert _caller_power(given, 10.0, 11.0) < 1e-4


def test_quality_says_noise_bandwidth_and_dc() -> None:
    spans = (Span(1.0, 4.0), Span(6.0, 9.0))
    sound = at([(1.0, 4.0), (6.0, 9.0)], 10.0) + noise(10.0, -55) + 0.03
    measured = measure_sound(sound.astype(np.float32), spans)
    assert measured.dc == pytest.approx(0.03, abs=0.001)
    assert measured.noise_dbov == pytest.approx(-55.0, abs=0.5)
    assert measured.level_dbov == pytest.approx(-22.0, abs=0.7)
    assert measured.snr_db == pytest.approx(33.0, abs=1.0)


@pytest.mark.parametrize("highest_hz", [2000, 3400, 7000])
def test_bandwidth_is_where_the_speech_ends(highest_hz: int) -> None:
    sound = noise(4.0, -25)
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ) > highest_hz] = 0
    samples = np.fft.irfft(spectrum).astype(np.float32)
    assert bandwidth_hz(samples, [Span(0.0, 4.0)]) == pytest.approx(highest_hz, abs=200)
