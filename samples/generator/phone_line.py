"""What the telephone does to the sound: its band, the handset's emphasis, noise, leak, music on hold."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

from script import LEGS, Leg, Line, other_leg
from speech import RATE_HZ
from timeline import RING_S, Timeline

PHONE_RATE_HZ = 8_000
_BAND_HZ = (300, 3_400)
_BAND_ORDER = 2
# A handset's microphone rises towards 3 kHz (the sending curve of ITU-T P.48); first-order, as strong as that rise.
_EMPHASIS = 0.8
_NOISE_COLOUR = 0.9  # line noise falls with frequency
_LEAK_DELAY_S = 0.004
_MUSIC_DBOV = -27.0
_RING_HZ = 425.0
_RING_DBOV = -24.0
_NOTE_S = 0.5
# A phrase of our own in C, notes in semitones from middle C; 0.5 s each, repeated until the hold ends.
_MELODY = (0, 4, 7, 12, 11, 7, 9, 5, 4, 7, 2, 5, 4, 0, 2, 7)
_MIDDLE_C_HZ = 261.63


def through_line(
    channels: dict[Leg, NDArray[np.float32]], timeline: Timeline, line: Line
) -> dict[Leg, NDArray[np.float32]]:
    """Both channels as recorded: mono float arrays at `PHONE_RATE_HZ`.

    channels : speech at `speech.RATE_HZ`
    timeline : its ring tones and the music on hold are heard on the agent's leg; a `quiet` hold leaves the noise
    """
    spoken = {leg: keep_level(to_band(channel), channel) for leg, channel in channels.items()}
    for start_s, end_s, filling in timeline.holds:
        if filling == "music":
            _add(spoken["agent"], start_s, _music(end_s - start_s))
    for start_s in timeline.rings:
        _add(spoken["agent"], start_s, _ring_tone())
    rng = np.random.default_rng(line.seed)
    heard: dict[Leg, NDArray[np.float32]] = {}
    for leg in LEGS:
        sound = spoken[leg].copy()
        if line.leak_db is not None:
            delay = round(_LEAK_DELAY_S * PHONE_RATE_HZ)
            sound[delay:] += spoken[other_leg(leg)][:-delay] * 10 ** (line.leak_db / 20)
        heard[leg] = np.clip(sound + _noise(len(sound), _level(channels[leg]) - line.snr_db, rng), -1, 1)
    return heard


def _add(channel: NDArray[np.float32], start_s: float, sound: NDArray[np.float32]) -> None:
    start = round(start_s * PHONE_RATE_HZ)
    channel[start : start + len(sound)] += sound


def _ring_tone() -> NDArray[np.float32]:
    time_s = np.arange(round(RING_S * PHONE_RATE_HZ)) / PHONE_RATE_HZ
    amplitude = np.sqrt(2) * 10 ** (_RING_DBOV / 20)
    return np.asarray(amplitude * np.sin(2 * np.pi * _RING_HZ * time_s), np.float32)


def to_band(sound: NDArray[np.float32], rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    narrow = soxr.resample(sound, rate_hz, PHONE_RATE_HZ)
    emphasised = signal.lfilter([1.0, -_EMPHASIS], [1.0], narrow)
    return np.asarray(signal.sosfilt(_band(), emphasised), np.float32)


def _band() -> NDArray[np.float64]:
    return np.asarray(signal.butter(_BAND_ORDER, _BAND_HZ, "band", fs=PHONE_RATE_HZ, output="sos"))


def keep_level(filtered: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(filtered * 10 ** ((_level(before) - _level(filtered)) / 20), np.float32)


def _level(sound: NDArray[np.float32]) -> float:
    active = sound[np.abs(sound) > 0.1 * np.abs(sound).max()]
    return float(10 * np.log10((active.astype(np.float64) ** 2).mean()))


def _noise(length: int, level_dbov: float, rng: np.random.Generator) -> NDArray[np.float32]:
    coloured = signal.lfilter([1.0], [1.0, -_NOISE_COLOUR], rng.standard_normal(length))
    noise = signal.sosfilt(_band(), coloured)
    return np.asarray(noise * (10 ** (level_dbov / 20) / noise.std()), np.float32)


def _music(duration_s: float) -> NDArray[np.float32]:
    """The melody on a plucked string of four partials over a held bass note."""
    note = np.arange(round(_NOTE_S * RATE_HZ)) / RATE_HZ
    count = round(duration_s / _NOTE_S) + 1
    notes = []
    for index in range(count):
        frequency_hz = _MIDDLE_C_HZ * 2 ** (_MELODY[index % len(_MELODY)] / 12)
        bass_hz = _MIDDLE_C_HZ * (1.0 if index // 4 % 2 == 0 else 2 ** (5 / 12))
        pluck = sum(np.sin(2 * np.pi * frequency_hz * partial * note) / partial for partial in (1, 2, 3, 4))
        notes.append(pluck * np.exp(-2.5 * note) + 0.6 * np.sin(2 * np.pi * bass_hz * note))
    music = np.concatenate(notes)[: round(duration_s * RATE_HZ)].astype(np.float32)
    banded = to_band(music)
    return np.asarray(banded * 10 ** ((_MUSIC_DBOV - _level(banded)) / 20), np.float32)
