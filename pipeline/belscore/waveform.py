"""What is measured on the channels of a recording to travel with the call: nuclei for the tempo, peaks for pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from belscore.call import Sound, Span
from belscore.nuclei import syllable_nuclei
from belscore.side_by_side import side_by_side
from belscore.timeline import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from belscore.audio import Samples

# More points than a page has columns show nothing; a shorter stretch than this is under a pitch period or two.
MAX_PEAKS = 1200
_MIN_STRETCH_S = 0.02
_FULL_SCALE = 1000


def measure_sound(
    channels: Sequence[Samples],
    speech: Sequence[Sequence[Span]],
    names: Sequence[str],
    *,
    on_hold: Sequence[Span] = (),
) -> Mapping[str, Sound]:
    """What each channel sounds like, by its name (a role, or "mixed").

    channels : samples (n,) per channel at SAMPLE_RATE_HZ, -1..1
    speech   : speech spans per channel
    on_hold  : where nothing of the caller is kept, not even how loud it was
    """
    nuclei = side_by_side(syllable_nuclei, channels, speech)
    return {
        name: Sound(tuple(spans), found, peaks(samples, on_hold if name == "caller" else ()))
        for name, samples, spans, found in zip(names, channels, speech, nuclei, strict=True)
    }


def peaks(samples: Samples, left_out: Sequence[Span] = ()) -> tuple[int, ...]:
    """Greatest amplitude in each of at most MAX_PEAKS equal parts of a channel (n,), in thousandths of full scale.

    left_out : parts that touch these spans are 0
    """
    count = min(MAX_PEAKS, math.ceil(len(samples) / (_MIN_STRETCH_S * SAMPLE_RATE_HZ)))
    if not count:
        return ()
    starts = np.arange(count) * len(samples) // count
    highest, lowest = np.maximum.reduceat(samples, starts), np.minimum.reduceat(samples, starts)
    loudest = np.minimum(np.maximum(highest, -lowest), 1.0)
    per_s = count * SAMPLE_RATE_HZ / len(samples)
    for span in left_out:
        loudest[int(span.start_s * per_s) : math.ceil(span.end_s * per_s)] = 0
    return tuple(np.rint(_FULL_SCALE * loudest).astype(int).tolist())
