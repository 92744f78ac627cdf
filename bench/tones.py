"""Network tones, key presses and hold music: bench/tones.py [--speech FOLDER ...] [--music FOLDER].

Found tones and music on made calls (A-law, 8 kHz, noise of three levels), and what is falsely found in recordings of
nothing but speech (--speech). --music takes a folder of real hold music, for example that of Debian's package
asterisk-moh-opsound-wav (CC BY-SA 3.0), unpacked with `dpkg-deb -x`; it is never part of the project.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Recording, decode
from belscore.call import Span
from belscore.vad import Detection, detect

Sound = npt.NDArray[np.float64]
NOISES_DBOV = (-65, -50, -40)
# Level of a tone and of music, as loud as speech.
LEVEL_DBOV = -22.0
PIECE_S = 30.0
AROUND_S = 12.0
KEYS_HZ = [(low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477, 1633)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speech", type=Path, nargs="*", default=[])
    parser.add_argument("--music", type=Path)
    args = parser.parse_args()
    for noise_dbov in NOISES_DBOV:
        print(json.dumps({"noise_dbov": noise_dbov, **_tones(noise_dbov)}))
    if args.music:
        _music(args.music, args.speech)
    _false(args.speech)


def _tone(seconds: float, *hz: float) -> Sound:
    at_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    total = np.sum([np.sin(2 * np.pi * each * at_s) for each in hz], axis=0)
    return np.asarray(total / np.sqrt(len(hz) / 2) * 10 ** (LEVEL_DBOV / 20))


def line(parts: list[tuple[float, Sound]], duration_s: float, noise_dbov: float) -> Recording:
    """The sounds at their times over noise, through A-law at 8 kHz (G.711)."""
    import soxr  # type: ignore[import-untyped]

    sound = np.random.default_rng(0).standard_normal(round(duration_s * SAMPLE_RATE_HZ)) * 10 ** (noise_dbov / 20)
    for start_s, part in parts:
        first = round(start_s * SAMPLE_RATE_HZ)
        sound[first : first + len(part)] += part
    narrow = np.clip(soxr.resample(sound, SAMPLE_RATE_HZ, 8000), -1, 1)
    size = np.log1p(87.6 * np.abs(narrow)) / np.log1p(87.6)
    coded = np.sign(narrow) * np.expm1(np.round(size * 127) / 127 * np.log1p(87.6)) / 87.6
    samples = soxr.resample(coded, 8000, SAMPLE_RATE_HZ).astype(np.float32)
    return Recording("made", (samples,), 8000, "pcm_alaw", duration_s, 0.0, 0.0)


def _tones(noise_dbov: float) -> dict[str, str]:
    """Found of made, per kind of tone."""
    rhythms = {"rings": (1.0, 5.0, 6), "busy": (0.5, 1.0, 20), "congestion": (0.25, 0.5, 20)}
    result = {}
    for hz in (425, 450):
        for name, (on_s, period_s, count) in rhythms.items():
            parts = [(3.3 + number * period_s, _tone(on_s, hz)) for number in range(count)]
            found = detect(line(parts, 45.0, noise_dbov))
            result[f"{name} {hz} Hz"] = f"{len(getattr(found, name))}/{count}"
    information = [(3.0 + 2.5 * at, np.concatenate([_tone(0.33, hz) for hz in (950, 1400, 1800)])) for at in range(8)]
    result["information"] = f"{len(detect(line(information, 30.0, noise_dbov)).information)}/8"
    for press_s in (0.04, 0.07, 0.1):
        presses = [(3.0 + 0.2573 * at, _tone(press_s, *KEYS_HZ[at % len(KEYS_HZ)])) for at in range(96)]
        result[f"dtmf {1000 * press_s:.0f} ms"] = f"{len(detect(line(presses, 30.0, noise_dbov)).dtmf)}/96"
    return result


def _music(folder: Path, speech: list[Path]) -> None:
    """Real music between two stretches of speech: how much of it is found, and how much too much."""
    talk = next(path for each in speech for path in sorted(each.glob("*.wav")))
    voice = decode(talk).channels[0][: round(AROUND_S * SAMPLE_RATE_HZ)].astype(np.float64)
    shares = []
    for path in sorted(folder.glob("**/*.wav")):
        sound = decode(path).channels[0]
        size = round(PIECE_S * SAMPLE_RATE_HZ)
        for first in range(5 * SAMPLE_RATE_HZ, len(sound) - size, 40 * SAMPLE_RATE_HZ):
            piece = sound[first : first + size].astype(np.float64)
            piece *= 10 ** (LEVEL_DBOV / 20) / np.sqrt(np.mean(piece**2) + 1e-12)
            parts = [(0.0, voice), (AROUND_S, piece), (AROUND_S + PIECE_S, voice)]
            found = detect(line(parts, 2 * AROUND_S + PIECE_S, -60))
            truth = Span(AROUND_S, AROUND_S + PIECE_S)
            held_s = sum(span.overlap_s(truth) for span in found.holds)
            spare_s = sum(span.duration_s for span in found.holds) - held_s
            shares.append((held_s / PIECE_S, spare_s))
            print(f"{path.stem} at {first // SAMPLE_RATE_HZ} s: {held_s / PIECE_S:.0%} found, {spare_s:.1f} s too much")
    print(json.dumps({"music_found": round(float(np.mean([share for share, _ in shares])), 3), "pieces": len(shares)}))


def _false(folders: list[Path]) -> None:
    """What is found in recordings of speech; samples with ring tones and hold music show theirs."""
    total = dict.fromkeys(("busy", "congestion", "information", "dtmf", "rings", "holds"), 0)
    duration_s = 0.0
    for path in sorted(path for folder in folders for path in folder.iterdir()):
        if path.suffix in (".call", ".toml", ".json"):
            continue
        recording = decode(path)
        found: Detection = detect(recording)
        duration_s += recording.duration_s
        seen = {name: len(getattr(found, name)) for name in total}
        total = {name: total[name] + seen[name] for name in total}
        if any(seen.values()):
            print(path.name, {name: count for name, count in seen.items() if count})
    print(json.dumps({"minutes": round(duration_s / 60, 1), **total}))


if __name__ == "__main__":
    main()
