"""Key presses on the line (DTMF, ITU-T Q.23): found so that they can be masked, never read.

Callers type dates of birth and citizen numbers; which key it was is neither kept nor reported.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from belscore.call import Span
from belscore.noise import Mask
from belscore.spectrum import Frames

LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
# Both lines together hold this share of the power in the telephone band; of speech no frame does (bench/tones.py).
_CLEAR_SHARE = 0.9
# The frames around one such frame, at the edges of the key press, belong to it from here on.
_EDGE_SHARE = 0.6
# Q.24: the high tone is at most 4 dB stronger than the low one, and 8 dB weaker; lines and codecs take their part.
_TWIST_DB = (-10.0, 6.0)
# A line of a 40 ms window reaches this many hertz to either side.
_REACH_HZ = 50.0
# Q.24: within 1.5 % a tone must be accepted, over 3.5 % off it must not.
_OFF = 0.025
MIN_PRESS_S = 0.04


def press_share(power: Frames, bins_hz: npt.NDArray[np.floating]) -> Frames:
    """(n,) share of the power that lies in the two lines of a key press; 0.0 where they are not a pair of Q.23.

    power   : (n, bins) spectra
    bins_hz : (bins,)
    """
    total = np.maximum(power.sum(axis=1), 1e-20)
    low, low_off = _strongest(power, bins_hz, LOW_HZ)
    high, high_off = _strongest(power, bins_hz, HIGH_HZ)
    twist_db = 10 * np.log10(np.maximum(high, 1e-20) / np.maximum(low, 1e-20))
    pair = (twist_db >= _TWIST_DB[0]) & (twist_db <= _TWIST_DB[1]) & (np.maximum(low_off, high_off) <= _OFF)
    return np.where(pair, (low + high) / total, np.float32(0)).astype(np.float32)


def _strongest(power: Frames, bins_hz: npt.NDArray[np.floating], tones_hz: tuple[float, ...]) -> tuple[Frames, Frames]:
    """Power of the strongest of some tones per frame, and how far its centre lies off, as a share of its frequency."""
    rows = np.arange(len(power))
    powers, off = [], []
    for hz in tones_hz:
        near = np.flatnonzero(np.abs(bins_hz - hz) <= _REACH_HZ)
        part = power[:, near]
        powers.append(part.sum(axis=1))
        off.append(np.abs(part @ bins_hz[near] / np.maximum(powers[-1], 1e-20) - hz) / hz)
    which = np.argmax(powers, axis=0)
    return np.asarray(np.array(powers)[which, rows], np.float32), np.asarray(np.array(off)[which, rows], np.float32)


def press_spans(share: Frames, loud: Mask, hop_s: float) -> tuple[Span, ...]:
    """Key presses of 40 ms or more.

    share : (n,) of `press_share`, per frame of `hop_s`
    loud  : (n,) frames that are no mere remains of a sound
    """
    from belscore.tones import edges

    found = []
    for first, last in edges((share >= _EDGE_SHARE) & loud):
        if share[first:last].max() >= _CLEAR_SHARE and (last - first) * hop_s >= MIN_PRESS_S:
            found.append(Span(round(first * hop_s, 2), round(last * hop_s, 2)))
    return tuple(found)
