"""Level of the speech per voice, noise, bandwidth and clipping: what `Quality` says about the sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from belscore.active_level import active_level
from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples
from belscore.call import Quality, Span
from belscore.side_by_side import side_by_side
from belscore.signals import Signals
from belscore.spectrum import squared

# Flags for the reader, never a judgement of a person (SPEECH.md 3, levels).
LEVEL_RANGE_DBOV = (-36.0, -14.0)
MAX_CLIPPED = 0.001
MIN_SNR_DB = 15.0
MIN_LOST_S = 0.05
# A shift of -34 dBov is no rounding of a codec but a fault of the line or of the recorder.
MAX_DC = 0.02
_NO_SOUND_DBOV = -100.0
_STEP_S = 0.02
_BLOCK_STEPS = 3000
# A-law adds noise 38 dB under the sound (G.711), spread over the whole band: 45 dB under the loudest line and lower.
_BANDWIDTH_DB = 45.0
# Fricatives are seldom, and hold what lies highest.
_BANDWIDTH_PERCENTILE = 95
_BANDWIDTH_FRAME = 512
_BANDWIDTH_FRAMES_MAX = 2000
_BANDWIDTH_SMOOTH_BINS = 5


@dataclass(frozen=True, slots=True)
class Sound:
    """What one channel sounds like; None where there is nothing to measure it on.

    level_dbov   : active speech level (ITU-T P.56), dB relative to full scale; None without speech
    activity     : 0..1, share of the time that is active by P.56, music and tones left out
    noise_dbov   : median level of what is neither speech nor music nor tone
    bandwidth_hz : highest frequency at which the speech holds anything, at most 8000
    dc           : mean of the samples, full scale 1.0
    """

    level_dbov: float | None
    activity: float | None
    noise_dbov: float | None
    bandwidth_hz: int | None
    dc: float

    @property
    def snr_db(self) -> float | None:
        """How far the speech stands over the noise."""
        if self.level_dbov is None or self.noise_dbov is None:
            return None
        return round(self.level_dbov - self.noise_dbov, 1)


def measure_sound(samples: Samples, spans: tuple[Span, ...], signals: Signals | None = None) -> Sound:
    """Measure a channel.

    samples : (n,) at SAMPLE_RATE_HZ
    spans   : its speech
    signals : its tones and music
    """
    apart = (*signals.tones, *signals.music) if signals else ()
    active = active_level(samples, spans, apart)
    return Sound(
        level_dbov=round(max(active[0], _NO_SOUND_DBOV), 1) if active else None,
        activity=round(active[1], 3) if active else None,
        noise_dbov=noise_dbov(samples, (*spans, *apart)),
        bandwidth_hz=bandwidth_hz(samples, spans),
        dc=round(float(samples.mean(dtype=np.float64)), 5) if len(samples) else 0.0,
    )


def noise_dbov(samples: Samples, spans: Sequence[Span]) -> float | None:
    """Median level of the sound outside the spans, in 20 ms steps; None when nothing is left outside."""
    step = round(_STEP_S * SAMPLE_RATE_HZ)
    count = len(samples) // step
    outside = np.ones(count, np.bool_)
    for span in spans:
        outside[int(span.start_s / _STEP_S) : int(span.end_s / _STEP_S) + 1] = False
    if not outside.any():
        return None
    powers = [
        np.var(samples[at * step : min(at + _BLOCK_STEPS, count) * step].reshape(-1, step), axis=1)
        for at in range(0, count, _BLOCK_STEPS)
    ]
    return _decibel(float(np.median(np.concatenate(powers)[outside])))


def bandwidth_hz(samples: Samples, spans: Sequence[Span]) -> int | None:
    """Highest frequency, to 100 Hz, at which the speech holds something; None without speech."""
    from scipy.fft import rfft  # type: ignore[import-untyped]  # transforms rows side by side, in single precision

    starts = [
        at
        for span in spans
        for at in range(
            round(span.start_s * SAMPLE_RATE_HZ),
            min(round(span.end_s * SAMPLE_RATE_HZ), len(samples)) - _BANDWIDTH_FRAME + 1,
            _BANDWIDTH_FRAME,
        )
    ]
    if not starts:
        return None
    chosen = starts[:: -(-len(starts) // _BANDWIDTH_FRAMES_MAX)]
    shape = np.hanning(_BANDWIDTH_FRAME).astype(np.float32)
    frames = np.stack([samples[at : at + _BANDWIDTH_FRAME] for at in chosen]) * shape
    highest = np.percentile(squared(rfft(frames)), _BANDWIDTH_PERCENTILE, axis=0)
    smooth = np.convolve(highest, np.ones(_BANDWIDTH_SMOOTH_BINS) / _BANDWIDTH_SMOOTH_BINS, mode="same")
    held = np.flatnonzero(smooth >= smooth.max() * 10 ** (-_BANDWIDTH_DB / 10))
    return int(round(held[-1] * SAMPLE_RATE_HZ / _BANDWIDTH_FRAME, -2)) if smooth.max() > 0 else None


def _decibel(power: float) -> float:
    return round(max(10 * float(np.log10(power + 1e-12)), _NO_SOUND_DBOV), 1)


def measure_sounds(
    recording: Recording, speech: Mapping[str, tuple[Span, ...]], signals: Sequence[Signals] = ()
) -> dict[str, Sound]:
    """The sound of each voice.

    speech  : spans per voice, in the order of the channels
    signals : tones and music per channel
    """
    known = [*signals] if signals else [None] * len(recording.channels)
    return dict(zip(speech, side_by_side(measure_sound, recording.channels, speech.values(), known), strict=True))


def quality(
    recording: Recording,
    speech: Mapping[str, tuple[Span, ...]],
    signals: Sequence[Signals] = (),
    *,
    sounds: Mapping[str, Sound] | None = None,
) -> Quality:
    """Levels and remarks for a recording.

    speech  : spans per voice, in the order of the channels
    signals : tones and music per channel, which are neither speech nor noise
    sounds  : of `measure_sounds`, where they are known already
    """
    if sounds is None:
        sounds = measure_sounds(recording, speech, signals)
    notes: list[str] = []
    if recording.lost_s >= MIN_LOST_S:
        notes.append(f"{_number(recording.lost_s)} s van de opname is beschadigd of ontbreekt")
    if recording.clipped > MAX_CLIPPED:
        notes.append(f"{_number(100 * recording.clipped)} % van het geluid is overstuurd")
    for name, sound in sounds.items():
        notes += [f"{remark} ({_VOICES[name]})" for remark in _remarks(sound)]
    return Quality(
        lost_s=recording.lost_s,
        rate_hz=recording.source_rate_hz,
        level_dbov={name: sound.level_dbov for name, sound in sounds.items() if sound.level_dbov is not None},
        clipped=round(recording.clipped, 6),
        notes=tuple(notes),
    )


def _remarks(sound: Sound) -> list[str]:
    """What the reader should know about one channel, in Dutch."""
    if sound.level_dbov is None:
        return ["geen spraak gevonden"]
    remarks = []
    if not LEVEL_RANGE_DBOV[0] <= sound.level_dbov <= LEVEL_RANGE_DBOV[1]:
        remarks.append("zacht opgenomen" if sound.level_dbov < LEVEL_RANGE_DBOV[0] else "hard opgenomen")
    if sound.snr_db is not None and sound.snr_db < MIN_SNR_DB:
        remarks.append("veel ruis")
    if abs(sound.dc) > MAX_DC:
        remarks.append("gelijkspanning in de opname")
    return remarks


_VOICES = {
    "agent": "medewerker",
    "caller": "beller",
    "left": "linkerkanaal",
    "right": "rechterkanaal",
    "mixed": "beide stemmen",
}


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
