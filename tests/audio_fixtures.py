"""Small recordings made on the fly: speech-like sound, noise, tones, music, and files in every format."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Recording
from belscore.call import Span

Sound = npt.NDArray[np.float64]
# Vowels as two formants in Hz (a, i, o, e), enough for a detector of speech.
_VOWELS = ((750, 1300), (300, 2200), (450, 850), (450, 1900))
_SYLLABLES_PER_S = 4.0


def silence(seconds: float, *, rate_hz: int = SAMPLE_RATE_HZ) -> Sound:
    return np.zeros(round(seconds * rate_hz))


def tone(seconds: float, hz: float, *, amplitude: float = 0.1, rate_hz: int = SAMPLE_RATE_HZ) -> Sound:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def noise(seconds: float, level_dbov: float, *, seed: int = 0) -> Sound:
    """White noise of the given RMS level."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.standard_normal(round(seconds * SAMPLE_RATE_HZ)) * 10 ** (level_dbov / 20))


def speech(seconds: float, *, pitch_hz: float = 120.0, level_dbov: float = -22.0, seed: int = 0) -> Sound:
    """Voice-like sound: a gliding pulse train through changing formants, four syllables a second, no pause."""
    rng = np.random.default_rng(seed)
    count = round(seconds * SAMPLE_RATE_HZ)
    at_s = np.arange(count) / SAMPLE_RATE_HZ
    pitch = pitch_hz * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * at_s + seed) + 0.05 * np.sin(2 * np.pi * 2.3 * at_s))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE_HZ
    syllable = np.minimum((at_s * _SYLLABLES_PER_S).astype(int), round(seconds * _SYLLABLES_PER_S) - 1)
    vowels = np.asarray(_VOWELS)[rng.integers(0, len(_VOWELS), round(seconds * _SYLLABLES_PER_S) + 1)]
    result = np.zeros(count)
    for harmonic in range(1, int(3400 / pitch_hz)):
        hz = harmonic * pitch
        gain = sum(np.exp(-(((hz - vowels[syllable, formant]) / 250) ** 2)) for formant in (0, 1))
        result += (gain + 0.02) * np.sin(harmonic * phase)
    result *= 0.35 + 0.65 * np.sin(np.pi * ((at_s * _SYLLABLES_PER_S) % 1)) ** 2
    return np.asarray(result * 10 ** (level_dbov / 20) / np.sqrt(np.mean(result**2)))


def music(seconds: float, *, level_dbov: float = -22.0, seed: int = 0) -> Sound:
    """Chords of decaying notes on a scale, two and a half a second."""
    rng = np.random.default_rng(seed)
    result = np.zeros(round((seconds + 2) * SAMPLE_RATE_HZ))
    at_s = np.arange(round(0.6 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    for start in np.arange(0, seconds, 0.4):
        root = rng.choice([262, 294, 330, 349, 392, 440])
        for ratio in (0.5, 1, 1.25, 1.5):
            note = sum(np.sin(2 * np.pi * root * ratio * k * at_s) / k for k in range(1, 6))
            first = round(start * SAMPLE_RATE_HZ)
            result[first : first + len(at_s)] += note * np.exp(-1.5 * at_s)
    result = result[: round(seconds * SAMPLE_RATE_HZ)]
    return np.asarray(result * 10 ** (level_dbov / 20) / np.sqrt(np.mean(result**2)))


def at(spans: Sequence[tuple[float, float]], duration_s: float, *, seed: int = 0, pitch_hz: float = 120.0) -> Sound:
    """Speech in the given spans, digital silence elsewhere."""
    result = silence(duration_s)
    for number, (start_s, end_s) in enumerate(spans):
        part = speech(end_s - start_s, seed=seed + number, pitch_hz=pitch_hz)
        first = round(start_s * SAMPLE_RATE_HZ)
        result[first : first + len(part)] = part
    return result


def recording(*channels: Sound) -> Recording:
    """A decoded recording of the given channels."""
    arrays = tuple(channel.astype(np.float32) for channel in channels)
    return Recording("test.wav", arrays, 8000, "pcm_alaw", round(len(arrays[0]) / SAMPLE_RATE_HZ, 3), 0.0, 0.0)


def share_within(spans: Sequence[Span], truth: Sequence[tuple[float, float]], duration_s: float) -> float:
    """F1 of speech per 10 ms."""
    seen, real = (np.zeros(round(duration_s * 100), np.bool_) for _ in range(2))
    for grid, row in ((seen, spans), (real, truth)):
        for start_s, end_s in row:
            grid[round(start_s * 100) : round(end_s * 100)] = True
    return float(2 * (seen & real).sum() / max(1, seen.sum() + real.sum()))


def write(
    path: Path, codec: str, sound: Sound | Sequence[Sound], *, rate_hz: int = 8000, bit_rate: int | None = None
) -> Path:
    """Encode channels, given at `rate_hz`, to a file whose container follows from its name.

    Raises av.FFmpegError where the build lacks the encoder.
    """
    import av
    from av.audio.stream import AudioStream

    channels = [sound] if isinstance(sound, np.ndarray) else list(sound)
    layout = {1: "mono", 2: "stereo", 3: "3.0"}[len(channels)]
    values = (np.clip(np.stack(channels), -1, 1) * 32_767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(values.T.reshape(1, -1).copy(), format="s16", layout=layout)
    frame.rate, frame.pts = rate_hz, 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, AudioStream)
        context = stream.codec_context
        assert context is not None
        if bit_rate:
            context.bit_rate = bit_rate
        if codec == "vorbis":
            context.options = {"strict": "experimental"}
        context.open()
        fifo = av.AudioFifo()
        for part in av.AudioResampler(format=context.format, layout=layout, rate=rate_hz).resample(frame):
            fifo.write(part)
        while (block := fifo.read(context.frame_size or 1024)) is not None:
            container.mux(stream.encode(block))
        if (rest := fifo.read()) is not None:
            container.mux(stream.encode(rest))
        container.mux(stream.encode(None))
    return path


def _gsm_frame(loudness: int) -> list[int]:
    """260 bits of a GSM 06.10 frame of 20 ms, least significant bit first, as WAV packs them; `loudness` 0..63."""
    bits: list[int] = []

    def put(value: int, width: int) -> None:
        bits.extend(value >> place & 1 for place in range(width))

    for width in (6, 6, 5, 5, 4, 4, 3, 3):
        put(1 << (width - 1), width)
    for pulse in range(4):
        put(40, 7)
        put(0, 2)
        put(pulse % 4, 2)
        put(loudness, 6)
        for place in range(13):
            put(7 if place % 2 else 0, 3)
    return bits


def gsm_wav(loudness: Sequence[int]) -> bytes:
    """A WAV file of GSM 06.10, as no encoder of PyAV makes it: each loudness 0..63 for 40 ms, a block of two frames."""
    blocks = b""
    for each in loudness:
        bits = np.array([*_gsm_frame(each), *_gsm_frame(each)], np.uint8)
        blocks += np.packbits(bits, bitorder="little").tobytes()
    head = struct.pack("<HHIIHHHH", 0x31, 1, 8000, 1625, 65, 0, 2, 320)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"fact" + struct.pack("<II", 4, 320 * len(loudness))
    body += b"data" + struct.pack("<I", len(blocks)) + blocks
    return b"RIFF" + struct.pack("<I", len(body)) + body


# Bytes of a frame of 20 ms behind its head (3GPP TS 26.101 and 26.201): the fullest mode, that of silence, and nothing.
_AMR_HEADS = {"nb": (b"#!AMR\n", {7: 31, 8: 5, 15: 0}), "wb": (b"#!AMR-WB\n", {8: 60, 9: 5, 15: 0})}


def amr(band: Literal["nb", "wb"], modes: Sequence[int], *, seed: int = 0) -> bytes:
    """A file of AMR with a frame for each mode, as phones that send nothing in silence make it; the rest is chance."""
    head, sizes = _AMR_HEADS[band]
    rng = np.random.default_rng(seed)
    return head + b"".join(bytes([mode << 3 | 4]) + rng.bytes(sizes[mode]) for mode in modes)


def with_picture(path: Path, sound: Path, seconds: int) -> Path:
    """A video of the sound, with a picture a second; the container follows from its name."""
    import av

    with av.open(str(path), "w") as container, av.open(str(sound)) as source:
        track = container.add_stream_from_template(source.streams.audio[0])
        picture = container.add_stream("mpeg4", rate=1)
        picture.width = picture.height = 32
        picture.pix_fmt = "yuv420p"
        packets = [packet for _ in range(seconds) for packet in picture.encode(av.VideoFrame(32, 32, "yuv420p"))]
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = track
                packets.append(packet)
        for packet in sorted([*packets, *picture.encode(None)], key=lambda each: (each.dts or 0) * each.time_base):
            container.mux(packet)
    return path
