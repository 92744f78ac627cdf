"""What pieces of one recording sound like: numbers to tell voices apart by, within that recording alone.

A piece is summed up by the vector of the speaker encoder, its mean cepstrum (timbre and the colour of the line), its
pitch and its level. Each group of numbers is brought to the few directions in which the pieces of the recording differ
most. All of it is dropped once the words have their speakers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Samples
from belscore.call import Span
from belscore.pitch import HOP_S as PITCH_HOP_S
from belscore.pitch import log_pitch
from belscore.speaker_encoder import HOP_S, WINDOW_FRAMES, Encoder, at_level, mel_powers

Vectors = npt.NDArray[np.float64]

# A piece counts in proportion to its length, up to a window; a shorter one than this says nothing.
LEAST_S = 0.3
# Directions kept of the encoder's vectors and of the cepstra beside them; set on recorded talks, new mixes of their
# voices and the samples (`make bench-voices`). Where there is no encoder the cepstra have to tell more.
ENCODER_AXES = 10
CEPSTRUM_AXES = 4
CEPSTRUM_ALONE_AXES = 8
_CEPSTRA = 19
# Bands up to 3.9 kHz, the top of the telephone band.
_BANDS = 27
# Frames this far under the loudest of a piece are pauses.
_RANGE_DB = 25.0
_FLOOR = 1e-9
_QUIETEST = 1e-5
# Pitch is taken from at least this much voiced sound.
_VOICED_S = 0.08


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Pieces of speech as numbers.

    views  : (n, axes) per way of looking (encoder, cepstrum, pitch, level), each with a spread of 1 on its first axis
    owner  : (n,) index of the span that the piece was cut for
    weight : (n,) 0..1, how much a piece says
    coded  : (n, SIZE) the encoder's vectors; None without it
    """

    views: tuple[Vectors, ...]
    owner: npt.NDArray[np.intp]
    weight: Vectors
    coded: Vectors | None = None


def describe(samples: Samples, spans: Sequence[Span], within: Sequence[Span], encoder: Encoder | None) -> Pieces:
    """Numbers for spans of speech.

    samples : (n,) the channel at 16 kHz
    spans   : in each of them one voice is taken to speak
    within  : for each span what surrounds it in the same breath; short spans are looked at with some of it
    encoder : None leaves the timbre to the cepstrum
    """
    powers = mel_powers(samples)
    windows = [_windows(span, around, len(powers)) for span, around in zip(spans, within, strict=True)]
    owner = np.repeat(np.arange(len(spans)), [len(own) for own in windows])
    # Short spans of one breath may have the same window: it is looked at once.
    cuts = list(dict.fromkeys(window for own in windows for window in own))
    place = {window: index for index, window in enumerate(cuts)}
    of_piece = [place[window] for own in windows for window in own]
    lengths_s = np.array([(last - first) * HOP_S for first, last in cuts])[of_piece]
    levels = np.array([_rms(samples, first, last) for first, last in cuts])
    cepstra = np.array([_mean_cepstrum(powers[first:last]) for first, last in cuts])[of_piece]
    cepstrum_axes = CEPSTRUM_ALONE_AXES if encoder is None else CEPSTRUM_AXES
    views = [_main_axes(cepstra / (cepstra.std(axis=0) + _FLOOR), cepstrum_axes)]
    coded: Vectors | None = None
    if encoder is not None:
        sounds = [at_level(powers[first:last], level) for (first, last), level in zip(cuts, levels, strict=True)]
        coded = encoder.embed(sounds)[of_piece].astype(np.float64)
        views.insert(0, _main_axes(coded, ENCODER_AXES))
    views.append(_main_axes(_pitches(samples, cuts)[of_piece], 1))
    views.append(_main_axes(20 * np.log10(np.maximum(levels[of_piece], _QUIETEST))[:, None], 1))
    weight = np.where(lengths_s >= LEAST_S, np.minimum(1.0, lengths_s / (WINDOW_FRAMES * HOP_S)), 0.0)
    return Pieces(tuple(views), owner, weight, coded)


def _windows(span: Span, around: Span, count: int) -> list[tuple[int, int]]:
    """First and last frame of the windows for a span: one of full length where the breath allows it, more if long."""
    least, most = round(around.start_s / HOP_S), min(count, round(around.end_s / HOP_S))
    first, last = max(least, round(span.start_s / HOP_S)), min(most, round(span.end_s / HOP_S))
    if last - first > WINDOW_FRAMES:
        number = -(-(last - first) // WINDOW_FRAMES)
        step = (last - first - WINDOW_FRAMES) / (number - 1)
        starts = [first + round(step * index) for index in range(number)]
        return [(start, start + WINDOW_FRAMES) for start in starts]
    start = max(least, (first + last - WINDOW_FRAMES) // 2)
    stop = min(most, start + WINDOW_FRAMES)
    start = max(least, stop - WINDOW_FRAMES)
    # A span of no length at the very end still is a frame.
    start = max(0, min(start, count - 1))
    return [(start, max(stop, start + 1))]


def _rms(samples: Samples, first: int, last: int) -> float:
    hop = round(HOP_S * SAMPLE_RATE_HZ)
    part = samples[first * hop : max(last * hop, first * hop + 1)]
    return float(np.sqrt(np.mean(part.astype(np.float64) ** 2))) if len(part) else 0.0


def _mean_cepstrum(powers: npt.NDArray[np.float32]) -> Vectors:
    """(_CEPSTRA,) mean cepstrum of the sounding frames, without the first coefficient, which is loudness."""
    bands = np.log(powers[:, :_BANDS] + _FLOOR)
    level = bands.max(axis=1)
    heard = bands[level >= level.max() - _RANGE_DB * np.log(10) / 10]
    mean: Vectors = _cosines() @ heard.mean(axis=0).astype(np.float64)
    return mean


def _cosines() -> Vectors:
    """(_CEPSTRA, _BANDS) the discrete cosine transform without its constant row."""
    order = np.arange(1, _CEPSTRA + 1)[:, None]
    table: Vectors = np.cos(np.pi * order * (np.arange(_BANDS) + 0.5) / _BANDS)
    return table


def _pitches(samples: Samples, cuts: Sequence[tuple[int, int]]) -> Vectors:
    """(n, 1) median pitch of each piece; where none is heard the median of all, which says nothing."""
    pitch = log_pitch(samples)
    scale = HOP_S / PITCH_HOP_S
    values = np.full(len(cuts), np.nan)
    for index, (first, last) in enumerate(cuts):
        part = pitch[round(first * scale) : round(last * scale)]
        voiced = part[~np.isnan(part)]
        if len(voiced) * PITCH_HOP_S >= _VOICED_S:
            values[index] = np.median(voiced)
    heard = values[~np.isnan(values)]
    return np.where(np.isnan(values), np.median(heard) if len(heard) else 0.0, values)[:, None]


def _main_axes(vectors: Vectors, axes: int) -> Vectors:
    """(n, axes) along the directions of the greatest spread (principal components), the first with spread 1."""
    centred = vectors - vectors.mean(axis=0)
    turned: Vectors = centred @ np.linalg.svd(centred, full_matrices=False)[2][:axes].T
    spread: float = turned[:, 0].std()
    return turned / spread if spread > _FLOOR else np.zeros_like(turned)
