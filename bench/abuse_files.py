"""Sound files of many encodings, and what damage or malice makes of them: bench/abuse.py and tests/test_abuse.py.

Every file follows from a seed, an encoding and a number, so that any of them can be made again alone.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from audio_fixtures import gsm_wav, speech, write

SEED_S = 1.5
# Name of the file, codec, sampling rate, channels.
ENCODINGS: Mapping[str, tuple[str, str, int, int]] = {
    "WAV 8 bits": ("a.wav", "pcm_u8", 8000, 1),
    "WAV 16 bits": ("a.wav", "pcm_s16le", 16_000, 2),
    "WAV 24 bits": ("a.wav", "pcm_s24le", 44_100, 2),
    "WAV float": ("a.wav", "pcm_f32le", 48_000, 1),
    "WAV A-law": ("a.wav", "pcm_alaw", 8000, 2),
    "WAV mu-law": ("a.wav", "pcm_mulaw", 8000, 1),
    "WAV GSM": ("a.wav", "gsm_ms", 8000, 1),
    "WAV MS ADPCM": ("a.wav", "adpcm_ms", 8000, 2),
    "WAV IMA ADPCM": ("a.wav", "adpcm_ima_wav", 8000, 1),
    "WAV G.726": ("a.wav", "g726", 8000, 1),
    "W64": ("a.w64", "pcm_s16le", 8000, 1),
    "AIFF": ("a.aiff", "pcm_s16be", 8000, 2),
    "AU": ("a.au", "pcm_mulaw", 8000, 1),
    "CAF": ("a.caf", "pcm_s16le", 8000, 1),
    "G.722": ("a.g722", "g722", 16_000, 1),
    "MP3": ("a.mp3", "libmp3lame", 8000, 2),
    "MP2": ("a.mp2", "mp2", 44_100, 1),
    "Ogg Vorbis": ("a.ogg", "vorbis", 44_100, 2),
    "Opus": ("a.opus", "libopus", 48_000, 2),
    "FLAC": ("a.flac", "flac", 16_000, 2),
    "AAC": ("a.aac", "aac", 16_000, 2),
    "M4A": ("a.m4a", "aac", 44_100, 2),
    "ALAC": ("a.m4a", "alac", 16_000, 2),
    "AMR": ("a.amr", "libopencore_amrnb", 8000, 1),
    "3GP": ("a.3gp", "libopencore_amrnb", 8000, 1),
    "WMA": ("a.wma", "wmav2", 44_100, 2),
    "WMA 1": ("a.wma", "wmav1", 22_050, 1),
    "MP4 video": ("a.mp4", "aac", 48_000, 2),
    "Matroska": ("a.mkv", "aac", 48_000, 2),
    "WebM": ("a.webm", "libopus", 48_000, 2),
    "AVI": ("a.avi", "libmp3lame", 44_100, 2),
    "MPEG-TS": ("a.ts", "aac", 48_000, 2),
}
_BIT_RATES = {"libopencore_amrnb": 12_200, "wmav1": 64_000, "wmav2": 96_000}

# Lengths, rates and channel counts that no recorder states.
_LIES = (0, 1, 2, 3, 64, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 192_000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF)
# Where containers state how long what follows is: in front of it (RIFF, AIFF, CAF) or behind it (MP4).
_LENGTH_AFTER = (b"RIFF", b"fmt ", b"data", b"fact", b"COMM", b"SSND", b"FORM", b"desc", b".snd")
_LENGTH_BEFORE = (b"ftyp", b"moov", b"mdat", b"trak", b"mdia", b"stbl", b"stsd", b"stts", b"stsc", b"stsz", b"stco")
_HEAD_BYTES = 512


def make_seed(encoding: str, folder: Path) -> bytes:
    """A file of SEED_S of speech-like sound in an encoding; an MP4 one has a video track too."""
    name, codec, rate_hz, channels = ENCODINGS[encoding]
    if codec == "gsm_ms":
        return gsm_wav([20 + number % 40 for number in range(round(SEED_S / 0.04))])
    at = np.linspace(0, round(SEED_S * 16_000) - 1, round(SEED_S * rate_hz))
    voices = [np.interp(at, np.arange(round(SEED_S * 16_000)), speech(SEED_S, seed=seed)) for seed in range(channels)]
    path = folder / f"{encoding.replace(' ', '-').replace('/', '-')}-{name}"
    write(path, codec, voices, rate_hz=rate_hz, bit_rate=_BIT_RATES.get(codec))
    if "video" in encoding:
        _add_video(path)
    return path.read_bytes()


def _add_video(path: Path) -> None:
    """Put a video track before the sound, as meeting tools do."""
    import av

    with av.open(str(path)) as sound, av.open(str(path.with_suffix(".both.mp4")), "w") as both:
        video = both.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        video.pix_fmt = "yuv420p"
        copy = both.add_stream_from_template(sound.streams.audio[0])
        for _ in range(round(SEED_S * 10)):
            both.mux(video.encode(av.VideoFrame(32, 32, "yuv420p")))
        both.mux(video.encode(None))
        for packet in sound.demux(sound.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = copy
                both.mux(packet)
    path.with_suffix(".both.mp4").replace(path)


def _flip_bits(data: bytearray, dice: random.Random, _: bytes) -> None:
    for _number in range(dice.choice((1, 4, 16, 64))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _flip_head(data: bytearray, dice: random.Random, _: bytes) -> None:
    for _number in range(dice.choice((1, 2, 4))):
        data[dice.randrange(min(len(data), _HEAD_BYTES))] ^= 1 << dice.randrange(8)


def _cut_off(data: bytearray, dice: random.Random, _: bytes) -> None:
    del data[dice.randrange(1, len(data)) :]


def _cut_out(data: bytearray, dice: random.Random, _: bytes) -> None:
    start, end = sorted(dice.randrange(1, len(data)) for _number in range(2))
    del data[start:end]


def _double(data: bytearray, dice: random.Random, _: bytes) -> None:
    start, end = sorted(dice.randrange(len(data)) for _number in range(2))
    at = dice.randrange(len(data))
    data[at:at] = data[start:end] * dice.choice((1, 2, 8))


def _zero(data: bytearray, dice: random.Random, _: bytes) -> None:
    start, end = sorted(dice.randrange(len(data)) for _number in range(2))
    data[start:end] = bytes(end - start)


def _scramble(data: bytearray, dice: random.Random, _: bytes) -> None:
    start = dice.randrange(len(data))
    end = min(len(data), start + dice.choice((4, 64, 1024)))
    data[start:end] = dice.randbytes(end - start)


def _lie(data: bytearray, dice: random.Random, _: bytes) -> None:
    """A field of the head gets a value that no recorder writes."""
    for _number in range(dice.choice((1, 1, 2, 3))):
        width = dice.choice((1, 2, 4, 8))
        value = dice.choice(_LIES) & (1 << 8 * width) - 1
        at = dice.randrange(4, min(len(data), _HEAD_BYTES))
        data[at : at + width] = value.to_bytes(width, dice.choice(("little", "big")))


def _endless(data: bytearray, dice: random.Random, _: bytes) -> None:
    """A stated length becomes 0xFFFFFFFF: that of a part the container names, or any four bytes."""
    found = [data.find(name) + 4 for name in _LENGTH_AFTER if name in data]
    found += [data.find(name) - 4 for name in _LENGTH_BEFORE if name in data]
    at = dice.choice(found) if found and dice.random() < 0.8 else dice.randrange(4, max(5, len(data) - 4))
    data[max(0, at) : max(0, at) + 4] = b"\xff" * 4


def _splice(data: bytearray, dice: random.Random, other: bytes) -> None:
    """The start of one file and the rest of another, of whatever encoding."""
    data[dice.randrange(1, len(data)) :] = other[dice.randrange(len(other)) :]


MUTATIONS: Mapping[str, Callable[[bytearray, random.Random, bytes], None]] = {
    "bits flipped": _flip_bits,
    "bits of the head flipped": _flip_head,
    "cut off": _cut_off,
    "cut out": _cut_out,
    "doubled": _double,
    "zeroed": _zero,
    "scrambled": _scramble,
    "lying head": _lie,
    "endless length": _endless,
    "spliced": _splice,
}


def mutant(seeds: Mapping[str, bytes], encoding: str, number: int, *, seed: int) -> tuple[str, bytes]:
    """A damaged file and the name of what was done to it; one in four is damaged twice."""
    dice = random.Random(f"{seed}/{encoding}/{number}")
    names = [dice.choice(list(MUTATIONS)) for _ in range(1 if dice.random() < 0.75 else 2)]
    data = bytearray(seeds[encoding])
    for name in names:
        MUTATIONS[name](data, dice, seeds[dice.choice(list(seeds))])
    return " + ".join(names), bytes(data)
