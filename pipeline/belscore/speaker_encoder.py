"""A speaker encoder: what half a second to two of speech sounds like, as a vector.

The network and its features are those of Resemblyzer 0.1.4 (Apache-2.0), trained as in Wan et al. 2018, "Generalized
end-to-end loss for speaker verification": three LSTM layers over mel powers, the last state through a linear layer.
Vectors of one recording are compared with each other and then dropped; none is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Samples

Array = npt.NDArray[np.float32]

WEIGHTS = "weights.f32"
MELS = 40
HOP_S = 0.01
# The length of the pieces that the network was trained on.
WINDOW_FRAMES = 160
SIZE = 256
_LAYERS = 3
_GATES = 4 * SIZE
_FFT = round(0.025 * SAMPLE_RATE_HZ)
_HOP = round(HOP_S * SAMPLE_RATE_HZ)
_BLOCK_FRAMES = 6000
# Pieces that go through the network together: 0.04 GB of states.
_BATCH = 256
# Frames whose input is multiplied at once: larger matrices take less time for the same.
_STEPS = 8
# Batches that are worked on at the same time.
_THREADS = 2
# Root mean square that Resemblyzer brings speech to: -30 dB relative to full scale.
_LEVEL = 10 ** (-30 / 20)
_QUIETEST = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Weights of the input (f, 4 * SIZE) and of the state (SIZE, 4 * SIZE), and the sum of both biases (4 * SIZE,)."""

    of_input: Array
    of_state: Array
    bias: Array


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """The network, ready to run."""

    layers: tuple[_Layer, ...]
    linear: Array
    bias: Array

    def embed(self, pieces: Sequence[Array]) -> Array:
        """(n, SIZE) vectors of length 1, none of their values negative.

        pieces : (frames, MELS) mel powers each, at most WINDOW_FRAMES of them, at the level that `at_level` gives
        """
        vectors = np.zeros((len(pieces), SIZE), np.float32)
        longest_first = np.argsort([-len(piece) for piece in pieces], kind="stable")
        # numpy lets go of the interpreter while it multiplies: two cores take half the time each.
        count = max(_THREADS, -(-len(pieces) // _BATCH))
        batches = [batch for first in range(count) if len(batch := longest_first[first::count])]
        with ThreadPoolExecutor(_THREADS) as pool:
            for batch, found in zip(
                batches, pool.map(lambda batch: self._vectors(pieces, batch), batches), strict=True
            ):
                vectors[batch] = found
        return vectors

    def _vectors(self, pieces: Sequence[Array], chosen: npt.NDArray[np.intp]) -> Array:
        raw = np.maximum(self._last_states([pieces[index] for index in chosen]) @ self.linear.T + self.bias, 0)
        found: Array = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), _QUIETEST)
        return found

    def _last_states(self, pieces: Sequence[Array]) -> Array:
        """(n, SIZE) state of the last layer after the last frame of each piece; longest pieces first."""
        lengths = np.array([len(piece) for piece in pieces])
        flow = np.zeros((lengths[0], len(pieces), MELS), np.float32)
        for index, piece in enumerate(pieces):
            flow[: len(piece), index] = piece
        running = [int((lengths > step).sum()) for step in range(lengths[0])]
        state = np.zeros((len(pieces), SIZE), np.float32)
        for layer in self.layers:
            flow, state = _through(layer, flow, running)
        return state


def _through(layer: _Layer, flow: Array, running: Sequence[int]) -> tuple[Array, Array]:
    """All states (frames, n, SIZE) of one layer, and the last one of each piece (n, SIZE).

    running : how many pieces still go on at each frame
    """
    count = flow.shape[1]
    state, cell = np.zeros((count, SIZE), np.float32), np.zeros((count, SIZE), np.float32)
    states = np.zeros((len(flow), count, SIZE), np.float32)
    for step, on in enumerate(running):
        if step % _STEPS == 0:
            several = flow[step : step + _STEPS, :on].reshape(-1, flow.shape[2])
            entering = (several @ layer.of_input + layer.bias).reshape(-1, on, _GATES)
        gates = entering[step % _STEPS, :on]
        gates += state[:on] @ layer.of_state
        np.tanh(gates, out=gates)
        # The weights of the three gates are halved in `_layer`: a sigmoid is (1 + tanh(x / 2)) / 2.
        gates[:, : 3 * SIZE] *= 0.5
        gates[:, : 3 * SIZE] += 0.5
        entry, forget, out = (gates[:, at * SIZE : (at + 1) * SIZE] for at in range(3))
        cell[:on] = forget * cell[:on] + entry * gates[:, 3 * SIZE :]
        state[:on] = out * np.tanh(cell[:on])
        states[step, :on] = state[:on]
    return states, state


@cache
def load_encoder(folder: Path) -> Encoder:
    """Read the weights that `models.find_encoder` found: float32 in the order of PyTorch's flat LSTM weights."""
    flat = np.fromfile(folder / WEIGHTS, "<f4").astype(np.float32)
    matrices: list[tuple[Array, Array]] = []
    at = 0
    for width in (MELS, *[SIZE] * (_LAYERS - 1)):
        middle, end = at + _GATES * width, at + _GATES * (width + SIZE)
        matrices.append((flat[at:middle].reshape(_GATES, width), flat[middle:end].reshape(_GATES, SIZE)))
        at = end
    biases = flat[at : at + 2 * _LAYERS * _GATES].reshape(_LAYERS, 2, _GATES).sum(axis=1)
    at += 2 * _LAYERS * _GATES
    layers = tuple(_layer(*pair, bias) for pair, bias in zip(matrices, biases, strict=True))
    return Encoder(layers, flat[at : at + SIZE * SIZE].reshape(SIZE, SIZE), flat[at + SIZE * SIZE :])


def _layer(of_input: Array, of_state: Array, bias: Array) -> _Layer:
    """PyTorch's order (input, forget, cell, output) with the cell put last, and the three gates halved."""
    order = np.r_[0 : 2 * SIZE, 3 * SIZE : 4 * SIZE, 2 * SIZE : 3 * SIZE]
    half = np.where(np.arange(_GATES) < 3 * SIZE, np.float32(0.5), np.float32(1.0))
    return _Layer(
        np.ascontiguousarray((of_input[order] * half[:, None]).T),
        np.ascontiguousarray((of_state[order] * half[:, None]).T),
        bias[order] * half,
    )


def mel_powers(samples: Samples) -> Array:
    """(n, MELS) mel powers per frame of HOP_S of a channel at 16 kHz; frame i is centred on i * HOP_S.

    As librosa's `melspectrogram` with Resemblyzer's settings: Hann window of 25 ms, no logarithm.
    """
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FFT) / _FFT)).astype(np.float32)
    weights = _mel_weights().T
    padded = np.pad(samples, _FFT // 2)
    count = 1 + len(samples) // _HOP
    powers = np.empty((count, MELS), np.float32)
    for first in range(0, count, _BLOCK_FRAMES):
        last = min(count, first + _BLOCK_FRAMES)
        block = padded[first * _HOP : (last - 1) * _HOP + _FFT]
        frames = np.lib.stride_tricks.sliding_window_view(block, _FFT)[::_HOP]
        powers[first:last] = (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2).astype(np.float32) @ weights
    return powers


def at_level(powers: Array, rms: float) -> Array:
    """Mel powers of a piece as they would be at the level that the network was trained on.

    rms : root mean square of the piece's samples
    """
    return powers * np.float32((_LEVEL / max(rms, _QUIETEST)) ** 2)


def _mel_weights() -> Array:
    """(MELS, bins) triangles on Slaney's mel scale (linear under 1 kHz, then logarithmic), each with area 1."""
    bend_hz, per_mel_hz, step = 1000.0, 200.0 / 3, np.log(6.4) / 27
    bend = bend_hz / per_mel_hz
    top = bend + np.log(SAMPLE_RATE_HZ / 2 / bend_hz) / step
    mels = np.linspace(0.0, top, MELS + 2)
    edges = np.where(mels < bend, mels * per_mel_hz, bend_hz * np.exp(step * (mels - bend)))[:, None]
    bins = np.linspace(0.0, SAMPLE_RATE_HZ / 2, _FFT // 2 + 1)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles: Array = (np.maximum(0.0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])).astype(np.float32)
    return triangles
