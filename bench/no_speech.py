"""Words found where nobody speaks: bench/no_speech.py [--music FOLDER ...] [--plain] [--length 60].

Sounds of a line without a voice (silence, noises, hum, clicks, breath-like bursts, tones, key presses, a fax, chords
and melodies), at several levels, through A-law at 8 kHz. Each goes three ways: through the program (`found`), through
its recogniser as if every second had been taken for speech (`forced`, which tests the gates alone), and, with --plain,
through faster-whisper's `transcribe` with its defaults. Every count must be zero but that of --plain. --music takes
folders of real hold music, see bench/tones.py. Prints the words of every sound that has any, then one JSON.

--speech FOLDER [--noise -40] goes through recordings of calls instead, noise put over them, and tells which words are
left out for the company they keep (`strays`), and the most such company that other words have.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt  # type: ignore[import-untyped]

import tones
from belscore.audio import SAMPLE_RATE_HZ as RATE_HZ
from belscore.audio import Recording, decode
from belscore.call import Span
from belscore.decoder import Recogniser
from belscore.inputs import AUDIO_SUFFIXES
from belscore.models import find_model
from belscore.strays import Heard, nobody_share, strays
from belscore.transcribe import load_model, recognise
from belscore.vad import channel_spans, detect
from wer import plain_words

Sound = npt.NDArray[np.float64]
LEVELS_DBOV = (-20.0, -35.0, -50.0)
# The recogniser's own window, so that forced pieces are as long as it takes.
FORCED_S = 25.0


def noise(size: int, rng: np.random.Generator, slope: float = 0.0) -> Sound:
    """Noise whose power falls by `slope` times the frequency: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    return np.asarray(np.fft.irfft(spectrum / np.maximum(hz, 20.0) ** (slope / 2), size))


def bursts(size: int, rng: np.random.Generator, low_hz: float, high_hz: float, on_s: float, period_s: float) -> Sound:
    """Noise in a band that swells and falls, as breath, wind on a microphone, or paper does."""
    band = sosfilt(butter(4, [low_hz, high_hz], "bandpass", fs=RATE_HZ, output="sos"), rng.standard_normal(size))
    phase = (np.arange(size) / RATE_HZ) % period_s
    return np.asarray(band * np.where(phase < on_s, np.sin(np.pi * phase / on_s) ** 2, 0.0))


def clicks(size: int, rng: np.random.Generator) -> Sound:
    """Keys of a keyboard: 4 to 8 a second, each 5 ms."""
    sound = np.zeros(size)
    at_s = 0.0
    while at_s < size / RATE_HZ - 0.1:
        first = round(at_s * RATE_HZ)
        length = round(0.005 * RATE_HZ)
        sound[first : first + length] += rng.standard_normal(length) * np.exp(-np.arange(length) / 20)
        at_s += rng.uniform(0.12, 0.25)
    return sound


def tone(size: int, *hz: float, on_s: float = 1e9, period_s: float = 1e9) -> Sound:
    at_s = np.arange(size) / RATE_HZ
    return np.asarray(np.sum([np.sin(2 * np.pi * each * at_s) for each in hz], axis=0) * ((at_s % period_s) < on_s))


def melody(size: int, rng: np.random.Generator, beat_s: float, voices: int) -> Sound:
    """Notes of a scale with overtones and a decay, one or several at a time."""
    sound = np.zeros(size)
    scale_hz = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
    length = round(2 * beat_s * RATE_HZ)
    at_s = np.arange(length) / RATE_HZ
    for first in range(0, size - length, round(beat_s * RATE_HZ)):
        for hz in rng.choice(scale_hz, voices, replace=False):
            overtones = sum(np.sin(2 * np.pi * hz * number * at_s) / number**1.5 for number in range(1, 6))
            sound[first : first + length] += overtones * np.exp(-at_s / beat_s)
    return sound


def made(size: int) -> Iterator[tuple[str, Sound]]:
    """The sounds by name, at no particular level."""
    rng = np.random.default_rng(0)
    makers: dict[str, Callable[[], Sound]] = {
        "white noise": lambda: noise(size, rng),
        "pink noise": lambda: noise(size, rng, 1),
        "brown noise": lambda: noise(size, rng, 2),
        "hum": lambda: tone(size, 50, 100, 150, 250),
        "breath": lambda: bursts(size, rng, 300, 2500, 1.2, 3.5),
        "wind": lambda: bursts(size, rng, 60, 500, 0.8, 1.1),
        "paper": lambda: bursts(size, rng, 1500, 3500, 0.25, 0.4),
        "keyboard": lambda: clicks(size, rng),
        "ring tone": lambda: tone(size, 425, on_s=1.0, period_s=5.0),
        "busy tone": lambda: tone(size, 425, on_s=0.5, period_s=1.0),
        "congestion tone": lambda: tone(size, 425, on_s=0.25, period_s=0.5),
        "dial tone": lambda: tone(size, 425),
        "key presses": lambda: tone(size, 770, 1336, on_s=0.1, period_s=0.4),
        "fax": lambda: tone(size, 1100, on_s=0.5, period_s=3.5),
        "alarm": lambda: tone(size, 800, on_s=0.3, period_s=0.6) + tone(size, 1000),
        "chord": lambda: tone(size, 262, 330, 392),
        "melody": lambda: melody(size, rng, 0.4, 1),
        "slow music": lambda: melody(size, rng, 1.1, 3),
        "fast music": lambda: melody(size, rng, 0.22, 2),
    }
    for name, make in makers.items():
        yield name, make()


def lines(duration_s: float, music: list[Path]) -> Iterator[tuple[str, Recording]]:
    """Every sound at every level on a quiet line, and silence."""
    size = round(duration_s * RATE_HZ)
    yield "silence", Recording("made", (np.zeros(size, np.float32),), 8000, "pcm_alaw", duration_s, 0.0, 0.0)
    yield "quiet line", tones.line([], duration_s, -65)
    played = [(path.stem, decode(path).channels[0][:size].astype(np.float64)) for path in music]
    for name, sound in [*made(size), *played]:
        power = np.sqrt(np.mean(sound**2)) + 1e-12
        for level_dbov in LEVELS_DBOV:
            line = tones.line([(0.0, sound / power * 10 ** (level_dbov / 20))], duration_s, -65)
            yield f"{name} at {level_dbov:g} dBov", line


def among_speech(folders: Sequence[Path], noise_dbov: float | None, recogniser: Recogniser) -> None:
    """What `strays` leaves out of calls in which people do speak."""
    shares: list[float] = []

    def watched(heard: Sequence[Heard]) -> list[int]:
        left_out = strays(heard)
        for place, each in enumerate(heard):
            if place in left_out:
                print(f"left out of {path.name} at {each.span.start_s:.1f} s: {each.words} words")
            elif each.words:
                shares.append(nobody_share(heard, each.span))
        return left_out

    with patch("belscore.transcribe.strays", watched):
        for path in sorted(path for folder in folders for path in folder.iterdir()):
            if path.suffix not in AUDIO_SUFFIXES:
                continue
            recording = decode(path)
            if noise_dbov is not None:
                rng = np.random.default_rng(0)
                over = [rng.standard_normal(len(each)) * 10 ** (noise_dbov / 20) for each in recording.channels]
                noisy = [(each + more).astype(np.float32) for each, more in zip(recording.channels, over, strict=True)]
                recording = replace(recording, channels=tuple(noisy))
            recognise(recording.channels, channel_spans(recording), recogniser)
    print(json.dumps({"noise_dbov": noise_dbov, "chunks": len(shares), "most_company": round(max(shares), 3)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--music", type=Path, nargs="*", default=[])
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--length", type=float, default=60.0, help="seconds of each sound")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--speech", type=Path, nargs="*", default=[])
    parser.add_argument("--noise", type=float, metavar="DBOV")
    given = parser.parse_args()
    files = find_model(None)
    recogniser = load_model(files, threads=given.threads)
    if given.speech:
        among_speech(given.speech, given.noise, recogniser)
        return
    music = sorted(path for folder in given.music for path in folder.glob("**/*.wav"))
    ways = ["found", "forced", *(["plain"] if given.plain else [])]
    words = dict.fromkeys(ways, 0)
    sounds = dict.fromkeys(ways, 0)
    count = 0
    for name, line in lines(given.length, music):
        count += 1
        whole = tuple(
            Span(start_s, min(start_s + FORCED_S, line.duration_s))
            for start_s in np.arange(0.0, line.duration_s, FORCED_S).tolist()
        )
        heard = {
            "found": recognise(line.channels, [detect(line).speech[0]], recogniser)[0],
            "forced": recognise(line.channels, [whole], recogniser)[0],
        }
        if given.plain:
            heard["plain"] = tuple(plain_words(line, files, given.threads)[0])
        for way, found in heard.items():
            words[way] += len(found)
            sounds[way] += bool(found)
            if found:
                print(f"{way}: {name}: {' '.join(word.text for word in found)[:120]}")
    print(json.dumps({"sounds": count, "seconds_each": given.length, "words": words, "sounds_with_words": sounds}))


if __name__ == "__main__":
    main()
