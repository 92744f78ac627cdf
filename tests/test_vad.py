"""Speech spans on sound made for the purpose: voice-like sound, noise, tones, music, leak."""

from __future__ import annotations

import numpy as np
import pytest

from audio_fixtures import at, music, noise, recording, share_within, silence, speech, tone
from belscore.active_level import active_level
from belscore.audio import SAMPLE_RATE_HZ
from belscore.call import Span
from belscore.hearing import measure_recording
from belscore.listening import without_idle_channel
from belscore.side_by_side import side_by_side
from belscore.vad import channel_spans, detect, speech_spans

SPOKEN = [(1.0, 4.0), (5.0, 6.5), (8.0, 12.0), (14.0, 14.6)]
ANSWERED = [(4.2, 4.9), (6.6, 7.8), (12.3, 13.8), (15.0, 17.0)]
DURATION_S = 18.0


def _f1(found: tuple[Span, ...], truth: list[tuple[float, float]]) -> float:
    return share_within(found, truth, DURATION_S)


@pytest.mark.parametrize("noise_dbov", [-70, -52, -42])
@pytest.mark.parametrize("pitch_hz", [100, 210])
def test_speech_is_found_over_noise(noise_dbov: float, pitch_hz: float) -> None:
    sound = at(SPOKEN, DURATION_S, pitch_hz=pitch_hz) + noise(DURATION_S, noise_dbov)
    assert _f1(speech_spans(sound.astype(np.float32)), SPOKEN) > 0.95


@pytest.mark.parametrize("gain_db", [-25, 6])
def test_level_does_not_matter(gain_db: float) -> None:
    sound = (at(SPOKEN, DURATION_S) + noise(DURATION_S, -55)) * 10 ** (gain_db / 20)
    assert _f1(speech_spans(sound.astype(np.float32)), SPOKEN) > 0.95


def test_other_sampling_rate_keeps_the_times() -> None:
    sound = (at(SPOKEN, DURATION_S) + noise(DURATION_S, -55))[::2].astype(np.float32)
    assert _f1(speech_spans(sound, rate_hz=SAMPLE_RATE_HZ // 2), SPOKEN) > 0.94


@pytest.mark.parametrize("noise_dbov", [-45, -36])
def test_two_parties_on_one_channel_leave_little_quiet(noise_dbov: float) -> None:
    turns = [(start, start + 2.7) for start in np.arange(0.5, 57.0, 3.0)]
    sound = at(turns[::2], 60.0, pitch_hz=110) + at(turns[1::2], 60.0, pitch_hz=210) + noise(60.0, noise_dbov)
    found = detect(recording(sound)).speech[0]
    assert share_within(found, turns, 60.0) > 0.94


def test_noise_that_sets_in_half_way_is_not_speech_for_long() -> None:
    sound = at([*SPOKEN, (40.0, 43.0)], 60.0)
    sound[30 * SAMPLE_RATE_HZ :] += noise(30.0, -45)
    found = speech_spans((sound + noise(60.0, -65)).astype(np.float32))
    assert sum(Span(44.0, 60.0).overlap_s(span) for span in found) < 1.0
    assert sum(Span(40.0, 43.0).overlap_s(span) for span in found) > 2.7


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(silence(20.0), id="digital silence"),
        pytest.param(noise(20.0, -40), id="quiet noise"),
        pytest.param(noise(20.0, -14), id="loud noise"),
        pytest.param(tone(20.0, 1000), id="steady tone"),
        pytest.param(tone(20.0, 50) + noise(20.0, -60), id="mains hum"),
        pytest.param(tone(20.0, 425) * (np.arange(20 * SAMPLE_RATE_HZ) // 8000 % 2), id="busy tone"),
        pytest.param(np.round(noise(20.0, -90) * 32_768) / 32_768, id="last bit"),
    ],
)
def test_what_is_no_speech_gives_no_span(sound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    assert speech_spans(sound.astype(np.float32)) == ()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_hold_music_is_a_hold_and_not_speech(seed: int) -> None:
    parts = [at([(1.0, 5.0), (6.0, 9.0)], 10.0), music(30.0, seed=seed), at([(1.0, 5.0)], 10.0, seed=3)]
    found = detect(recording(np.concatenate(parts) + noise(50.0, -60)))
    hold = max(found.holds, key=lambda span: span.duration_s)
    assert hold.start_s == pytest.approx(10.0, abs=1.5)
    assert hold.end_s == pytest.approx(40.0, abs=1.5)
    assert sum(Span(10.0, 40.0).overlap_s(span) for span in found.speech[0]) < 3.0
    assert sum(Span(0.0, 10.0).overlap_s(span) for span in found.speech[0]) > 6.5


def test_speech_without_a_pause_is_no_hold() -> None:
    found = detect(recording(np.concatenate([silence(2.0), speech(20.0), silence(2.0)]) + noise(24.0, -60)))
    assert found.holds == ()


def _ringing(*starts_s: float, burst_s: float = 1.0, hz: float = 425.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    sound = at([(22.0, 25.0)], 30.0) + noise(30.0, -60)
    for start_s in starts_s:
        first = round(start_s * SAMPLE_RATE_HZ)
        part = tone(burst_s, hz)
        sound[first : first + len(part)] += part
    return sound


def test_three_ring_tones_are_counted_and_are_not_speech() -> None:
    found = detect(recording(_ringing(0.3, 5.3, 10.3)))
    assert [round(ring.start_s, 1) for ring in found.rings] == [0.3, 5.3, 10.3]
    assert all(ring.duration_s == pytest.approx(1.0, abs=0.06) for ring in found.rings)
    assert all(span.start_s > 21 for span in found.speech[0])


def test_single_ring_tone_at_the_start_counts() -> None:
    assert len(detect(recording(_ringing(0.3))).rings) == 1


def test_busy_tone_is_no_ring_tone() -> None:
    assert detect(recording(_ringing(1.0, 2.0, 3.0, 4.0, 5.0, burst_s=0.5))).rings == ()


def test_tone_of_another_pitch_is_no_ring_tone() -> None:
    assert detect(recording(_ringing(0.3, 5.3, 10.3, hz=1000))).rings == ()


@pytest.mark.parametrize("leak_db", [-30, -20, -12])
@pytest.mark.parametrize("delay_s", [0.0, 0.03])
def test_leak_of_the_other_channel_is_no_speech(leak_db: float, delay_s: float) -> None:
    agent, caller = at(SPOKEN, DURATION_S), at(ANSWERED, DURATION_S, seed=20, pitch_hz=200)
    gain, lag = 10 ** (leak_db / 20), round(delay_s * SAMPLE_RATE_HZ)
    sides = recording(
        agent + gain * np.roll(caller, lag) + noise(DURATION_S, -60, seed=1),
        caller + gain * np.roll(agent, lag) + noise(DURATION_S, -60, seed=2),
    )
    left, right = channel_spans(sides)
    assert _f1(left, SPOKEN) > 0.93
    assert _f1(right, ANSWERED) > 0.93


def test_both_at_once_are_both_heard_in_spite_of_leak() -> None:
    agent, caller = at(SPOKEN, DURATION_S), at([(2.0, 3.4), (9.0, 11.0)], DURATION_S, seed=20, pitch_hz=200)
    left, right = channel_spans(recording(agent + 0.06 * caller, caller + 0.06 * agent + noise(DURATION_S, -60)))
    assert _f1(left, SPOKEN) > 0.95
    assert _f1(right, [(2.0, 3.4), (9.0, 11.0)]) > 0.93


def test_silent_channel_has_no_speech_and_is_named_in_the_notes() -> None:
    hearing = measure_recording(recording(at(SPOKEN, DURATION_S), silence(DURATION_S)), agent_channel="left")
    assert hearing.speech["caller"] == ()
    assert "geen spraak gevonden (beller)" in hearing.quality.notes
    assert "caller" not in hearing.quality.level_dbov


@pytest.mark.parametrize("side", [0, 1])
def test_both_voices_on_one_of_two_channels_are_one_channel(side: int) -> None:
    both, nobody = at([*SPOKEN, *ANSWERED], DURATION_S), noise(DURATION_S, -65)
    stereo = recording(*((both, nobody), (nobody, both))[side])
    one, found = without_idle_channel(stereo, detect(stereo))
    assert one.is_mixed
    assert one.channels[0] is stereo.channels[side]
    assert [len(each) for each in (found.speech, found.signals)] == [1, 1]


def test_caller_of_few_words_stays_a_party() -> None:
    stereo = recording(at(SPOKEN, DURATION_S), at([(4.2, 4.9), (6.8, 7.4)], DURATION_S, seed=9))
    assert without_idle_channel(stereo, detect(stereo))[0] is stereo


def test_level_is_that_of_the_speech_alone() -> None:
    spans = tuple(Span(*span) for span in SPOKEN)
    level_db, activity = active_level(at(SPOKEN, DURATION_S).astype(np.float32), spans) or (0.0, 0.0)
    # P.56 counts the hangover of 0.2 s behind each of the four spans as active.
    assert level_db == pytest.approx(-22.0, abs=0.5)
    assert activity == pytest.approx((9.1 + 4 * 0.25) / DURATION_S, abs=0.03)


def test_sides_keep_their_names_without_a_known_agent() -> None:
    sides = recording(at(SPOKEN, DURATION_S), at([(2.0, 3.9)], DURATION_S, seed=9))
    assert list(measure_recording(sides).to_dict()["speech"]) == ["left", "right"]
    assert list(measure_recording(sides, agent_channel="right").to_dict()["speech"]) == ["caller", "agent"]


@pytest.mark.parametrize("together_max_s", [0.0, 60.0])
def test_channels_side_by_side_come_back_in_order(monkeypatch: pytest.MonkeyPatch, together_max_s: float) -> None:
    monkeypatch.setattr("belscore.side_by_side._TOGETHER_MAX_S", together_max_s)
    channels = [silence(1.0), tone(1.0, 440.0)]
    assert side_by_side(lambda samples, name: (name, samples is channels[1]), channels, "ab") == [
        ("a", False),
        ("b", True),
    ]


def test_mixed_recording_tells_nothing_of_overlap() -> None:
    line = measure_recording(recording(at(SPOKEN, DURATION_S))).to_dict()
    assert list(line["speech"]) == ["mixed"]
    assert line["interruptions"] == line["overlaps"] == line["backchannels"] == []
