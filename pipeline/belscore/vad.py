"""Where somebody speaks on a channel: sound that stands out of the noise, and that WebRTC's detector calls voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples
from belscore.call import Span, merge_spans
from belscore.echo import without_echo
from belscore.leak import leak_floor
from belscore.lines import spectral_lines
from belscore.noise import (
    QUIET_SHARE,
    QUIET_SHARE_OF_TWO,
    SMOOTH_FRAMES,
    Mask,
    NoiseFloor,
    deviations,
    moving_mean,
    noise_floor,
)
from belscore.side_by_side import side_by_side
from belscore.signals import Signals, find_signals
from belscore.spectrum import HOP_S, Frames, Spectrum, spectrum
from belscore.tones import edges

# WebRTC's detector weighs absolute levels; it is given speech at the telephone network's own (RFC 7874: -22 dBov).
_VOICE_LEVEL_DBOV = -22.0
_VOICE_FRAME_S = 0.02
_VOICE_BLOCK = 3000
# A window of 40 ms sees a tone this long before it starts.
_TONE_EDGE_S = 0.03


@dataclass(frozen=True, slots=True)
class VadOptions:
    """How sound becomes speech spans.

    start_sigma     : a span must somewhere stand this many standard deviations out of the noise, over 150 ms
    continue_sigma  : and goes on as long as it stands this far out
    range_db        : what is this far under the loudest 0.2 s within `range_s` is breath or room, not speech
    merge_gap_s     : silences shorter than this are pauses inside speech (0.25 s, the convention of fluency research)
    min_span_s      : shorter sounds are clicks
    voice_mode      : 0..3, how strict WebRTC's detector is
    min_voice_share : share 0..1 of a span that WebRTC's detector must call voice
    """

    start_sigma: float = 5.0
    continue_sigma: float = 2.5
    range_db: float = 28.0
    range_s: float = 2.0
    merge_gap_s: float = 0.25
    min_span_s: float = 0.08
    voice_mode: int = 1
    min_voice_share: float = 0.3


DEFAULT_OPTIONS = VadOptions()


@dataclass(frozen=True, slots=True)
class Detection:
    """What a recording holds.

    speech     : spans of each channel
    holds      : music on any channel
    rings, busy, congestion : single bursts of network tones on any channel
    information: special information tones
    dtmf       : key presses
    signals    : what each channel carries that is nobody's speech
    """

    speech: tuple[tuple[Span, ...], ...]
    holds: tuple[Span, ...]
    rings: tuple[Span, ...]
    busy: tuple[Span, ...] = ()
    congestion: tuple[Span, ...] = ()
    information: tuple[Span, ...] = ()
    dtmf: tuple[Span, ...] = ()
    signals: tuple[Signals, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Channel:
    samples: Samples
    seen: Spectrum
    noise: NoiseFloor
    signals: Signals


def speech_spans(
    samples: Samples, *, rate_hz: int = SAMPLE_RATE_HZ, options: VadOptions = DEFAULT_OPTIONS
) -> tuple[Span, ...]:
    """Spans in which somebody speaks on one channel.

    samples : (n,) float32 in -1..1; another rate than SAMPLE_RATE_HZ is resampled

    Digital silence, steady noise, steady tones and music give none.
    """
    if rate_hz != SAMPLE_RATE_HZ:
        import soxr  # type: ignore[import-untyped]

        samples = soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)
    channel = _look(samples)
    return _spans(channel, channel.noise.power, options)


def channel_spans(recording: Recording, *, options: VadOptions = DEFAULT_OPTIONS) -> tuple[tuple[Span, ...], ...]:
    """Speech spans of each channel, without what leaks in from the other one."""
    return detect(recording, options=options).speech


def detect(recording: Recording, *, options: VadOptions = DEFAULT_OPTIONS) -> Detection:
    """Speech, hold music and network tones of a recording, in one pass over the sound."""
    quiet_share = QUIET_SHARE if len(recording.channels) > 1 else QUIET_SHARE_OF_TWO
    channels = side_by_side(partial(_look, quiet_share=quiet_share), recording.channels)
    if len(channels) > 1:
        channels = side_by_side(_cleaned, recording.channels, channels, channels[::-1])
    speech = []
    for index, channel in enumerate(channels):
        floor = channel.noise.power
        if len(channels) > 1:
            other = channels[1 - index]
            floor = floor + leak_floor(channel.seen.bands, channel.noise, other.seen.bands, other.noise)
        speech.append(_spans(channel, floor, options))
    signals = tuple(channel.signals for channel in channels)
    return Detection(
        speech=tuple(speech),
        holds=merge_spans([span for each in signals for span in each.music]),
        rings=merge_spans([span for each in signals for span in each.rings]),
        busy=merge_spans([span for each in signals for span in each.busy]),
        congestion=merge_spans([span for each in signals for span in each.congestion]),
        information=merge_spans([span for each in signals for span in each.information]),
        dtmf=merge_spans([span for each in signals for span in each.presses]),
        signals=signals,
    )


def _look(samples: Samples, quiet_share: float = QUIET_SHARE) -> _Channel:
    seen = spectrum(samples)
    return _Channel(samples, seen, noise_floor(seen.bands, quiet_share), find_signals(spectral_lines(samples)))


def _cleaned(samples: Samples, channel: _Channel, other: _Channel) -> _Channel:
    """The channel without the other party's voice, as far as that can be predicted."""
    cleaned = without_echo(samples, channel.seen.bands, other.samples, other.seen.bands, other.noise)
    if cleaned is None:
        return channel
    seen = spectrum(cleaned)
    return replace(channel, samples=cleaned, seen=seen, noise=noise_floor(seen.bands))


def _spans(channel: _Channel, floor: Frames, options: VadOptions) -> tuple[Span, ...]:
    seen = channel.seen
    if not len(seen.bands):
        return ()
    quick, slow = deviations(seen.bands, floor, channel.noise.quiet)
    open_ = _within_range(seen.power, options)
    for span in (*channel.signals.tones, *channel.signals.music):
        open_[round((span.start_s - _TONE_EDGE_S) / HOP_S) : round((span.end_s + _TONE_EDGE_S) / HOP_S)] = False
    frames = _hysteresis(
        open_ & (np.maximum(quick, slow) > options.continue_sigma), open_ & (slow > options.start_sigma)
    )
    candidates = _runs(frames, round(options.merge_gap_s / HOP_S), round(options.min_span_s / HOP_S))
    if not candidates:
        return ()
    voice = _voice_frames(channel.samples, seen, frames, options.voice_mode)
    kept = [(first, last) for first, last in candidates if voice[first:last].mean() >= options.min_voice_share]
    return tuple(Span(round(first * HOP_S, 2), round(last * HOP_S, 2)) for first, last in kept)


def _within_range(power: Frames, options: VadOptions) -> Mask:
    """Frames not too far under the loudest 0.2 s around them."""
    from scipy.ndimage import maximum_filter1d  # type: ignore[import-untyped]

    level = moving_mean(power, SMOOTH_FRAMES)
    peak = maximum_filter1d(moving_mean(power, 21), 2 * round(options.range_s / HOP_S) + 1)
    result: Mask = level > peak * 10 ** (-options.range_db / 10)
    return result


def _hysteresis(goes_on: Mask, starts: Mask) -> Mask:
    """Runs of frames that go on, and start somewhere."""
    result = np.zeros(len(goes_on), np.bool_)
    for first, last in edges(goes_on):
        result[first:last] = starts[first:last].any()
    return result


def _runs(mask: Mask, gap: int, least: int) -> list[tuple[int, int]]:
    """Runs of True, joined over gaps shorter than `gap`, at least `least` long (all in frames)."""
    joined: list[tuple[int, int]] = []
    for first, last in edges(mask):
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
    flags = np.zeros(len(seen.bands) + 2, np.bool_)
    for first in range(0, len(samples) // step, _VOICE_BLOCK):
        part = samples[first * step : min(first + _VOICE_BLOCK, len(samples) // step) * step]
        blocks = np.clip(part * (gain * 32_767), -32_768, 32_767).astype("<i2").reshape(-1, step)
        for index, block in enumerate(blocks, first):
            if detector.is_speech(block.tobytes(), SAMPLE_RATE_HZ):
                flags[2 * index : 2 * index + 2] = True
    return flags[: len(seen.bands)]
