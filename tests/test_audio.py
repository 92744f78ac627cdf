"""Decoding: every format, damage of every kind, and errors that say what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from audio_fixtures import amr, gsm_wav, noise, silence, speech, tone, with_picture, write
from belscore.audio import SAMPLE_RATE_HZ, DecodeLimits, decode
from belscore.errors import AudioError
from belscore.inputs import AUDIO_SUFFIXES

FORMATS = [
    ("pcm8.wav", "pcm_u8", 8000),
    ("pcm16.wav", "pcm_s16le", 8000),
    ("pcm24.wav", "pcm_s24le", 44_100),
    ("pcm32.wav", "pcm_s32le", 16_000),
    ("float.wav", "pcm_f32le", 48_000),
    ("alaw.wav", "pcm_alaw", 8000),
    ("mulaw.wav", "pcm_mulaw", 8000),
    ("adpcm.wav", "adpcm_ms", 8000),
    ("call.mp3", "libmp3lame", 8000),
    ("music.mp3", "libmp3lame", 44_100),
    ("call.opus", "libopus", 48_000),
    ("call.ogg", "vorbis", 44_100),
    ("call.flac", "flac", 16_000),
    ("call.m4a", "aac", 44_100),
    ("video.mp4", "aac", 48_000),
    ("meeting.webm", "libopus", 48_000),
    ("call.mkv", "aac", 48_000),
    ("call.aac", "aac", 48_000),
    ("call.wma", "wmav2", 44_100),
]
MONO_FORMATS = [
    ("phone.amr", "libopencore_amrnb", 8000),
    ("voip.wav", "g722", 16_000),
    ("voip.g722", "g722", 16_000),
    ("dect.wav", "g726", 8000),
]


def _tones(seconds: float, rate_hz: int) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """300 Hz left for the first half, 700 Hz right for the second."""
    half = round(seconds * rate_hz) // 2
    left, right = tone(seconds, 300, rate_hz=rate_hz), tone(seconds, 700, rate_hz=rate_hz)
    left[half:], right[:half] = 0, 0
    return [left, right]


def _power(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]], start_s: float, end_s: float) -> float:
    part = samples[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)].astype(np.float64)
    return float(np.mean(part**2))


@pytest.mark.parametrize(("name", "codec", "rate_hz"), FORMATS, ids=[row[0] for row in FORMATS])
def test_stereo_format_keeps_channels_times_and_level(name: str, codec: str, rate_hz: int, tmp_path: Path) -> None:
    path = write(
        tmp_path / name, codec, _tones(4.0, rate_hz), rate_hz=rate_hz, bit_rate=96_000 if "wma" in name else None
    )
    recording = decode(path)
    assert len(recording.channels) == 2
    assert recording.source_rate_hz == rate_hz
    assert recording.duration_s == pytest.approx(4.0, abs=0.12)
    assert recording.lost_s == 0.0
    left, right = recording.channels
    assert left.dtype == np.float32
    assert _power(left, 0.3, 1.8) == pytest.approx(0.005, rel=0.2)
    assert _power(right, 2.2, 3.7) == pytest.approx(0.005, rel=0.2)
    assert _power(left, 2.2, 3.7) < 5e-5
    assert _power(right, 0.3, 1.8) < 5e-5


def test_folder_shows_what_can_be_decoded() -> None:
    assert {Path(name).suffix for name, *_ in FORMATS + MONO_FORMATS} <= AUDIO_SUFFIXES


@pytest.mark.parametrize(("name", "codec", "rate_hz"), MONO_FORMATS, ids=[row[0] for row in MONO_FORMATS])
def test_mono_format_keeps_times_and_level(name: str, codec: str, rate_hz: int, tmp_path: Path) -> None:
    sound = tone(4.0, 600, rate_hz=rate_hz)
    sound[: 2 * rate_hz] = 0
    bit_rate = 12_200 if "amr" in name else None
    recording = decode(write(tmp_path / name, codec, sound, rate_hz=rate_hz, bit_rate=bit_rate))
    assert recording.is_mixed
    assert recording.duration_s == pytest.approx(4.0, abs=0.05)
    assert _power(recording.channels[0], 2.2, 3.8) == pytest.approx(0.005, rel=0.6)
    assert _power(recording.channels[0], 0.2, 1.8) < 5e-5


def test_gsm_in_a_wav_file_keeps_times_and_loudness(tmp_path: Path) -> None:
    path = tmp_path / "gsm.wav"
    path.write_bytes(gsm_wav([0] * 50 + [40] * 50))
    recording = decode(path)
    assert recording.codec == "gsm_ms"
    assert recording.duration_s == pytest.approx(4.0, abs=0.05)
    assert recording.lost_s == 0.0
    assert _power(recording.channels[0], 0.1, 1.9) < 1e-4 < 1e-3 < _power(recording.channels[0], 2.1, 3.9)


@pytest.mark.parametrize(("band", "speaking", "silent"), [("nb", 7, 8), ("wb", 8, 9)])
def test_phone_that_sends_nothing_in_silence_keeps_the_times(
    band: Literal["nb", "wb"], speaking: int, silent: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.amr"
    pause = [silent, *[15] * 7] * 25
    path.write_bytes(amr(band, [*[speaking] * 100, *pause, *[speaking] * 100]))
    recording = decode(path)
    assert recording.codec == f"amr_{band}"
    assert recording.duration_s == pytest.approx(0.02 * 400, abs=0.01)
    assert recording.lost_s == 0.0
    loud = [_power(recording.channels[0], *part) for part in ((0.5, 1.5), (6.5, 7.5))]
    assert _power(recording.channels[0], 3.0, 5.0) < min(loud) / 3  # noise of comfort


@pytest.mark.parametrize("codec", ["adpcm_ms", "adpcm_ima_wav", "pcm_alaw"])
def test_whole_wav_misses_nothing(codec: str, tmp_path: Path) -> None:
    # Each block of ADPCM starts with some bytes that hold no samples.
    path = write(tmp_path / "a.wav", codec, np.resize(noise(10.0, -30), 480_000))
    assert decode(path).lost_s == 0.0


def test_picture_that_goes_on_when_the_sound_has_ended_misses_nothing(tmp_path: Path) -> None:
    sound = write(tmp_path / "a.mka", "libopus", noise(4.0, -30), rate_hz=16_000)
    recording = decode(with_picture(tmp_path / "a.mkv", sound, 9))
    assert recording.duration_s == pytest.approx(4.0, abs=0.05)
    assert recording.lost_s == 0.0


def test_cut_off_video_tells_what_is_missing(tmp_path: Path) -> None:
    sound = write(tmp_path / "a.mka", "libopus", np.resize(noise(10.0, -30), 160_000), rate_hz=16_000)
    path = with_picture(tmp_path / "a.mkv", sound, 10)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    recording = decode(path)
    assert 3.0 < recording.duration_s < 7.0
    assert recording.duration_s + recording.lost_s == pytest.approx(10.0, abs=0.6)


def test_resampling_keeps_a_tone_and_adds_nothing_above_the_band(tmp_path: Path) -> None:
    samples = decode(write(tmp_path / "a.wav", "pcm_s16le", tone(2.0, 1000, rate_hz=8000))).channels[0]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    assert hz[int(spectrum.argmax())] == pytest.approx(1000, abs=1)
    assert spectrum[hz > 4200].sum() / spectrum.sum() < 1e-7


DAMAGED = [
    ("call.mp3", "libmp3lame", 8000, 767),
    ("call.opus", "libopus", 48_000, 900),
    ("call.flac", "flac", 16_000, 1500),
    ("call.m4a", "aac", 44_100, 2500),
    ("call.aac", "aac", 48_000, 2500),
    ("meeting.webm", "libopus", 48_000, 900),
    ("adpcm.wav", "adpcm_ima_wav", 8000, 2100),
]


@pytest.mark.parametrize(("name", "codec", "rate_hz", "broken"), DAMAGED, ids=[row[0] for row in DAMAGED])
def test_broken_packets_become_silence_and_later_sound_stays_in_place(
    name: str, codec: str, rate_hz: int, broken: int, tmp_path: Path
) -> None:
    sound = noise(10.0, -30)[: 10 * rate_hz] if rate_hz <= SAMPLE_RATE_HZ else np.resize(noise(10.0, -30), 10 * rate_hz)
    sound[8 * rate_hz :] = 0
    path = write(tmp_path / name, codec, sound, rate_hz=rate_hz)
    whole = decode(path)
    data = bytearray(path.read_bytes())
    middle = len(data) * 2 // 5
    data[middle : middle + broken] = np.random.default_rng(1).bytes(broken)
    path.write_bytes(data)
    damaged = decode(path)
    assert 0.02 < damaged.lost_s < 3.0
    assert damaged.duration_s == pytest.approx(whole.duration_s, abs=0.1)
    step = SAMPLE_RATE_HZ // 100
    frames = np.abs(damaged.channels[0][: 8 * SAMPLE_RATE_HZ]).reshape(-1, step)
    silent = np.flatnonzero(frames.max(axis=1) < 0.002)
    assert len(silent) / 100 == pytest.approx(damaged.lost_s, abs=0.1)
    ends = [np.flatnonzero(np.abs(each.channels[0]) > 0.01)[-1] / SAMPLE_RATE_HZ for each in (whole, damaged)]
    assert ends[1] == pytest.approx(ends[0], abs=0.1)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.wav", "pcm_alaw", 8000),
        ("a.wav", "adpcm_ms", 8000),
        ("a.mp3", "libmp3lame", 8000),
        ("a.flac", "flac", 16_000),
        ("a.webm", "libopus", 48_000),
    ],
)
def test_truncated_file_gives_what_is_there_and_tells_what_is_not(
    name: str, codec: str, rate_hz: int, tmp_path: Path
) -> None:
    path = write(tmp_path / name, codec, np.resize(noise(10.0, -30), 10 * rate_hz), rate_hz=rate_hz)
    data, whole = path.read_bytes(), decode(path)
    path.write_bytes(data[: len(data) * 6 // 10])
    recording = decode(path)
    assert 5.0 < recording.duration_s < 6.5
    assert recording.duration_s + recording.lost_s == pytest.approx(whole.duration_s, abs=0.1)


def test_same_sound_on_both_channels_is_mixed(tmp_path: Path) -> None:
    voice = speech(3.0)[::2]
    assert decode(write(tmp_path / "a.wav", "pcm_alaw", [voice, 0.5 * voice])).is_mixed


def test_mp3_of_one_sound_on_both_channels_is_mixed(tmp_path: Path) -> None:
    voice = speech(3.0)[::2]
    assert decode(write(tmp_path / "a.mp3", "libmp3lame", [voice, voice])).is_mixed


@pytest.mark.parametrize("gain", [-1.0, 0.3])
def test_coded_mono_of_another_polarity_or_level_is_mixed(gain: float, tmp_path: Path) -> None:
    voice = np.concatenate([speech(4.0, seed=seed, level_dbov=-25.0)[::2] for seed in range(3)])
    assert decode(write(tmp_path / "a.mp3", "libmp3lame", [voice, gain * voice], bit_rate=24_000)).is_mixed


def test_soft_caller_beside_a_loud_leak_is_not_mixed(tmp_path: Path) -> None:
    agent, caller = (np.concatenate([silence(2.0), speech(4.0, seed=seed)])[::2] for seed in (0, 1))
    sides = [agent, 0.5 * agent + 0.05 * caller[::-1]]
    assert not decode(write(tmp_path / "a.wav", "pcm_alaw", sides)).is_mixed


def test_leak_of_6_db_both_ways_is_not_mixed(tmp_path: Path) -> None:
    one, other = speech(3.0)[::2], speech(3.0, seed=5, pitch_hz=190)[::2]
    assert not decode(write(tmp_path / "a.wav", "pcm_alaw", [one + 0.5 * other, other + 0.5 * one])).is_mixed


def test_silent_channel_stays_a_channel(tmp_path: Path) -> None:
    recording = decode(write(tmp_path / "a.wav", "pcm_s16le", [speech(2.0)[::2], silence(1.0)]))
    assert len(recording.channels) == 2
    assert not recording.channels[1].any()


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_alaw", "pcm_mulaw"])
def test_clipping_is_the_share_of_samples_at_full_scale(codec: str, tmp_path: Path) -> None:
    square = np.where(np.arange(16_000) % 4 == 0, 1.0, 0.1)
    assert decode(write(tmp_path / "a.wav", codec, square)).clipped == pytest.approx(0.25, abs=0.001)


def _error(path: Path, **limits: float) -> str:
    with pytest.raises(AudioError) as caught:
        decode(path, limits=DecodeLimits(**limits))  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "; " in message
    assert "\n" not in message
    return message


def test_missing_file(tmp_path: Path) -> None:
    assert "no such file" in _error(tmp_path / "no.wav")


def test_folder(tmp_path: Path) -> None:
    assert "is no file" in _error(tmp_path)


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"")
    assert "is empty" in _error(path)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.g722", "a.m3u8"])
def test_text_renamed_to_sound(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("Beste collega, hierbij de opname van maandag, één gesprek.\n" * 40, encoding="utf-8")
    assert "is text" in _error(path)


def test_noise_renamed_to_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(bytes(range(256)) * 40)
    assert "no sound file" in _error(path)


def test_video_without_sound(tmp_path: Path) -> None:
    import av

    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode(None))
    assert "holds no sound" in _error(path)


def test_codec_outside_the_list(tmp_path: Path) -> None:
    assert "not supported" in _error(write(tmp_path / "a.mkv", "eac3", tone(1.0, 300, rate_hz=48_000), rate_hz=48_000))


def test_too_short(tmp_path: Path) -> None:
    assert "0.2 s is no call" in _error(write(tmp_path / "a.wav", "pcm_s16le", tone(0.2, 300, rate_hz=8000)))


def test_too_long(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le", tone(8.0, 300, rate_hz=8000))
    assert "longer than the limit" in _error(path, max_duration_s=6.0)


def test_three_channels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le", [tone(1.0, hz, rate_hz=8000) for hz in (300, 400, 500)])
    assert "has 3 channels" in _error(path)


def test_decoder_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le", tone(1.0, 300, rate_hz=8000))
    assert "took over 0.01 s" in _error(path, timeout_s=0.01)


def test_decoder_without_memory_is_an_error_not_a_crash(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le", tone(1.0, 300, rate_hz=8000))
    assert "; " in _error(path, memory_bytes=80 * 1024**2)


def test_name_that_looks_like_an_address_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.wav", "pcm_s16le", tone(1.0, 300, rate_hz=8000)).rename(tmp_path / "tcp:a.wav")
    assert decode(Path("tcp:a.wav")).duration_s == pytest.approx(1.0)


def test_killed_program_leaves_no_file_and_no_decoder_behind(tmp_path: Path) -> None:
    pipe = tmp_path / "slow.wav"
    write(pipe, "pcm_s16le", noise(600.0, -30)[: 600 * 8000])
    script = f"from pathlib import Path; from belscore.audio import decode; decode(Path({str(pipe)!r}))"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    program = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(scratch)})
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
    child = ""
    while not child and program.poll() is None:
        child = children.read_text().strip()
    assert child, "the decoder never started"
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert list(scratch.iterdir()) == []
    for _ in range(10_000):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            break
    else:
        pytest.fail("the decoder outlived the program")
