"""Where somebody speaks on a channel: sound that stands out of the noise, and that WebRTC's detector calls voice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples
from belscore.call import Span
from belscore.leak import leak_floor
from belscore.noise import SMOOTH_FRAMES, Mask, NoiseFloor, deviation, moving_mean, noise_floor
from belscore.spectrum import HOP_S, Frames, Spectrum, spectrum

# WebRTC's detector weighs absolute levels; it is given speech at the telephone network's own (RFC 7874: -22 dBov).
_VOICE_LEVEL_DBOV = -22.0
_VOICE_FRAME_S = 0.02


@dataclass(frozen=True, slots=True)
class VadOptions:
    """How sound becomes speech spans.

    start_sigma     : a span must somewhere stand this many standard deviations out of the noise
    continue_sigma  : and goes on as long as it stands this far out
    range_db        : what is this far under the loudest 0.2 s within `range_s` is breath or room, not speech
    merge_gap_s     : silences shorter than this are pauses inside speech (0.25 s, the convention of fluency research)
    min_span_s      : shorter sounds are clicks
    voice_mode      : 0..3, how strict WebRTC's detector is
    min_voice_share : share 0..1 of a span that WebRTC's detector must call voice
    """

    start_sigma: float = 5.0
    continue_sigma: float = 2.0
    range_db: float = 30.0
    range_s: float = 2.0
    merge_gap_s: float = 0.25
    min_span_s: float = 0.08
    voice_mode: int = 1
    min_voice_share: float = 0.3


def speech_spans(
    samples: Samples, *, rate_hz: int = SAMPLE_RATE_HZ, options: VadOptions = VadOptions()
) -> tuple[Span, ...]:
    """Spans in which somebody speaks on one channel.

    samples : (n,) float32 in -1..1; another rate than SAMPLE_RATE_HZ is resampled

    Digital silence, steady noise and steady tones give none.
    """
    if rate_hz != SAMPLE_RATE_HZ:
        import soxr  # type: ignore[import-untyped]

        samples = soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)
    seen = spectrum(samples)
    noise = noise_floor(seen.bands)
    return _spans(samples, seen, noise, noise.power, options)


def channel_spans(recording: Recording, *, options: VadOptions = VadOptions()) -> tuple[tuple[Span, ...], ...]:
    """Speech spans of each channel, without what leaks in from the other one."""
    seen = [spectrum(channel) for channel in recording.channels]
    noise = [noise_floor(each.bands) for each in seen]
    found = []
    for index, samples in enumerate(recording.channels):
        floor = noise[index].power
        if len(seen) > 1:
            other = 1 - index
            floor = floor + leak_floor(seen[index].bands, noise[index], seen[other].bands, noise[other])
        found.append(_spans(samples, seen[index], noise[index], floor, options))
    return tuple(found)


def _spans(samples: Samples, seen: Spectrum, noise: NoiseFloor, floor: Frames, options: VadOptions) -> tuple[Span, ...]:
    if not len(seen.bands):
        return ()
    score = deviation(seen.bands, floor, noise.quiet)
    loud = _within_range(seen.power, options)
    frames = _hysteresis(np.where(loud, score, -np.inf), options.start_sigma, options.continue_sigma)
    candidates = _runs(frames, round(options.merge_gap_s / HOP_S), round(options.min_span_s / HOP_S))
    if not candidates:
        return ()
    voice = _voice_frames(samples, seen, frames, options.voice_mode)
    kept = [(first, last) for first, last in candidates if voice[first:last].mean() >= options.min_voice_share]
    return tuple(Span(round(first * HOP_S, 2), round(last * HOP_S, 2)) for first, last in kept)


def _within_range(power: Frames, options: VadOptions) -> Mask:
    """Frames not too far under the loudest 0.2 s around them."""
    from scipy.ndimage import maximum_filter1d  # type: ignore[import-untyped]

    level = moving_mean(power, SMOOTH_FRAMES)
    peak = maximum_filter1d(moving_mean(power, 21), 2 * round(options.range_s / HOP_S) + 1)
    result: Mask = level > peak * 10 ** (-options.range_db / 10)
    return result


def _hysteresis(score: Frames, start: float, go_on: float) -> Mask:
    """Runs of frames over `go_on` that reach `start` somewhere."""
    result = np.zeros(len(score), np.bool_)
    for first, last in _edges(score > go_on):
        if score[first:last].max() > start:
            result[first:last] = True
    return result


def _edges(mask: Mask) -> list[tuple[int, int]]:
    steps = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in zip(steps[::2], steps[1::2], strict=True)]


def _runs(mask: Mask, gap: int, least: int) -> list[tuple[int, int]]:
    """Runs of True, joined over gaps shorter than `gap`, at least `least` long (all in frames)."""
    joined: list[tuple[int, int]] = []
    for first, last in _edges(mask):
        if joined and first - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return [(first, last) for first, last in joined if last - first >= least]


def _voice_frames(samples: Samples, seen: Spectrum, active: Mask, mode: int) -> Mask:
    """(n,) what WebRTC's detector calls voice, per frame of HOP_S."""
    import webrtcvad  # type: ignore[import-untyped]

    detector = webrtcvad.Vad(mode)
    step = round(_VOICE_FRAME_S * SAMPLE_RATE_HZ)
    gain = np.sqrt(10 ** (_VOICE_LEVEL_DBOV / 10) / max(float(seen.power[active].mean()), 1e-10))
    count = len(samples) // step
    flags = np.zeros(len(seen.bands) + 2, np.bool_)
    for index in range(count):
        block = np.clip(samples[index * step : (index + 1) * step] * (gain * 32_767), -32_768, 32_767)
        if detector.is_speech(block.astype("<i2").tobytes(), SAMPLE_RATE_HZ):
            flags[2 * index : 2 * index + 2] = True
    return flags[: len(seen.bands)]
