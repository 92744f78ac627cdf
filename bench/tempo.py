"""Speaking rate against known text: bench/tempo.py FOLDER... [--calls FOLDER] [--noise DBOV] [--leak DB].

A folder holds recordings with their truth beside them: NAME.wav with NAME.json as bench/hearing.py reads it, or a
sample (NAME.mp3 and others) with NAME.call. The true rate is that of the syllables in the text over the time spoken:
the spans of the truth, or for a sample its turns without pauses, by the level of the sound. Turns that are cut off are
left out, since their text is longer than what is heard. --calls reads the call JSON that `belscore transcribe` wrote
earlier in place of transcribing; --noise adds white noise and --leak each channel to the other, for the nuclei alone.

Prints for each channel the true articulation rate in syllables per second and four errors in per cent: of the rate from
the recogniser's words over the same turns, of the rate on the scorecard (all turns), of the speaking rate (pauses
included) on it, and of the rate from the syllable nuclei. Then a JSON: mean, mean size, 90th percentile and greatest
size of the errors, the nuclei apart for the recordings that their bounds were fitted on (every other one) and those
held out, and on how many channels words and nuclei disagree so far that a verdict would be `unsure`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples, decode
from belscore.call import Call, Role, Span
from belscore.call_json import parse_call_json
from belscore.inputs import AUDIO_SUFFIXES
from belscore.language.numbers import NumberReader
from belscore.notation import parse_call
from belscore.rulebook import load_rules
from belscore.tempo import MIN_PAUSE_S, Articulation, Tempo, syllables_of
from belscore.vad import detect
from belscore.waveform import measure_sound

PARTIES: tuple[Role, Role] = ("agent", "caller")
# Fewer syllables than this on a channel say nothing of a rate.
MIN_SYLLABLES = 25
# A true turn is looked for in the recogniser's words with this much around it.
EDGE_S = 0.2
# In a sample speech is what lies less than this under the loud part of its turn: with the noise of its line that comes
# to 97 % of the time without pauses that the synthesiser was given, `speech_spans` to 104 %.
GATE_DB = 25.0


@dataclass(frozen=True, slots=True)
class Said:
    """A turn that is known: its text and the spans in which it is heard."""

    text: str
    span: Span
    speech: tuple[Span, ...]

    @property
    def around(self) -> Span:
        return Span(self.span.start_s - EDGE_S, self.span.end_s + EDGE_S)


@dataclass(frozen=True, slots=True)
class Row:
    """One channel: the true rate in syllables per second, and the errors of the measured ones as shares."""

    name: str
    true_sps: float
    words: float
    card: float
    speaking: float
    nuclei: float
    disputed: bool
    fitted: bool
    clean: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--calls", type=Path, nargs="*", default=[], help="folders with call JSON of the recordings")
    parser.add_argument("--noise", type=float, default=None)
    parser.add_argument("--leak", type=float, default=None)
    args = parser.parse_args()
    numbers = load_rules().knowledge.values.numbers
    rows: list[Row] = []
    for folder in args.folders:
        for index, path in enumerate(_recordings(folder)):
            rows += _rows(path, args, numbers, fitted=index % 2 == 0)
    for row in rows:
        errors = "".join(f"{100 * error:+8.1f}" for error in (row.words, row.card, row.speaking, row.nuclei))
        print(f"{row.name:34}{row.true_sps:6.2f}{errors}{'  disputed' if row.disputed else ''}")
    print(json.dumps(_summary(rows)))


def _recordings(folder: Path) -> list[Path]:
    """The stereo recordings with a truth; on one channel the text does not say who is who."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in AUDIO_SUFFIXES)
    return [path for path in found if _truth_of(path) and "mono" not in path.stem]


def _truth_of(path: Path) -> Path | None:
    return next((file for file in (path.with_suffix(".json"), path.with_suffix(".call")) if file.exists()), None)


def _rows(path: Path, args: argparse.Namespace, numbers: NumberReader, *, fitted: bool) -> Iterator[Row]:
    recording = decode(path)
    truth, clean = _known(path, recording)
    call = _call(path, args.calls)
    if args.noise is not None or args.leak is not None:
        call = replace(call, sound=_sound(_spoiled(recording, args.noise, args.leak), _names(path)))
    for role in PARTIES:
        said = truth[role]
        count = sum(_syllables(turn.text, numbers) for turn in said)
        if count < MIN_SYLLABLES:
            continue
        true_sps = count / sum(span.duration_s for turn in said for span in turn.speech)
        rates = Articulation(call, role, numbers)
        here = [rates.tempo(turn.around) for turn in said]
        whole = rates.tempo()
        yield Row(
            f"{path.stem} {role}",
            true_sps,
            (_mean(here, "rate_sps") or 0) / true_sps - 1,
            (whole.rate_sps or 0) / true_sps - 1,
            (rates.speaking().rate_sps or 0) * sum(turn.span.duration_s for turn in said) / count - 1,
            (_mean(here, "heard_sps") or 0) / true_sps - 1,
            whole.disputed,
            fitted,
            clean,
        )


def _mean(tempos: Sequence[Tempo], rate: str) -> float | None:
    """Mean of a rate over stretches, by their time."""
    known = [(getattr(tempo, rate), tempo.speech_s) for tempo in tempos if getattr(tempo, rate) is not None]
    total_s = sum(speech_s for _, speech_s in known)
    return sum(sps * speech_s for sps, speech_s in known) / total_s if total_s else None


def _syllables(text: str, numbers: NumberReader) -> int:
    return sum(syllables_of(word, numbers) for word in text.split())


def _call(path: Path, folders: Sequence[Path]) -> Call:
    known = next((file for folder in folders if (file := folder / f"{path.stem}.json").exists()), None)
    if known is not None:
        return parse_call_json(known.read_bytes(), source=str(known))
    from belscore.listening import transcribe_file

    agent_left = _names(path)[0] == "agent"
    return transcribe_file(path, model="base", agent_channel="left" if agent_left else "right")


def _names(path: Path) -> tuple[Role, Role]:
    """Who is on the left and who on the right channel; a sample says so in its first line."""
    sample = path.with_suffix(".call")
    right = sample.exists() and "on the right" in sample.read_text(encoding="utf-8").split("\n", 1)[0]
    return ("caller", "agent") if right else PARTIES


def _known(path: Path, recording: Recording) -> tuple[dict[Role, list[Said]], bool]:
    """What each party says, and whether the channels are clean: no leak, and noise 30 dB or more under the speech."""
    file = path.with_suffix(".json")
    if file.exists():
        truth = json.loads(file.read_text(encoding="utf-8"))
        whole = [turn for turn in truth["turns"] if turn["complete"]]
        said = {
            role: [
                Said(turn["text"], Span(turn["start_s"], turn["end_s"]), tuple(Span(*span) for span in turn["speech"]))
                for turn in whole
                if turn["role"] == role
            ]
            for role in PARTIES
        }
        return said, truth["noise_db"] >= 30 and not truth["leak_db"]
    call = parse_call(path.with_suffix(".call").read_text(encoding="utf-8"))
    names = _names(path)
    return {
        role: [
            Said(turn.text, turn.span, spans)
            for turn in call.turns_of(role)
            if (spans := _loud(recording.channels[names.index(role)], turn.span))
        ]
        for role in PARTIES
    }, True


def _loud(samples: Samples, span: Span) -> tuple[Span, ...]:
    """A turn without its pauses, by the level over 30 ms."""
    hop = SAMPLE_RATE_HZ // 100
    sound = samples[round(span.start_s * SAMPLE_RATE_HZ) : round(span.end_s * SAMPLE_RATE_HZ)].astype(np.float64)
    power = (sound[: len(sound) // hop * hop].reshape(-1, hop) ** 2).mean(axis=1)
    if len(power) < 3:
        return ()
    level_db = 10 * np.log10(np.convolve(power, np.ones(3) / 3, "same") + 1e-12)
    loud = np.flatnonzero(level_db > np.percentile(level_db, 95) - GATE_DB)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > MIN_PAUSE_S * 100) + 1)
    return tuple(Span(span.start_s + int(part[0]) / 100, span.start_s + (int(part[-1]) + 1) / 100) for part in parts)


def _spoiled(recording: Recording, noise_dbov: float | None, leak_db: float | None) -> Recording:
    channels = list(recording.channels)
    if leak_db is not None and len(channels) > 1:
        gain = np.float32(10 ** (leak_db / 20))
        channels = [channels[0] + gain * channels[1], channels[1] + gain * channels[0]]
    if noise_dbov is not None:
        rng = np.random.default_rng(0)
        gain = np.float32(10 ** (noise_dbov / 20))
        channels = [channel + gain * rng.standard_normal(len(channel), np.float32) for channel in channels]
    return replace(recording, channels=tuple(channels))


def _sound(recording: Recording, names: Sequence[Role]) -> Any:
    return measure_sound(recording.channels, detect(recording).speech, names)


def _summary(rows: Sequence[Row]) -> dict[str, Any]:
    clean = [row for row in rows if row.clean]
    return {
        "channels": len(rows),
        "words": _sizes([row.words for row in rows]),
        "words_clean": _sizes([row.words for row in clean]),
        "card": _sizes([row.card for row in rows]),
        "card_clean": _sizes([row.card for row in clean]),
        "speaking_clean": _sizes([row.speaking for row in clean]),
        "nuclei_fitted": _sizes([row.nuclei for row in rows if row.fitted]),
        "nuclei_held_out": _sizes([row.nuclei for row in rows if not row.fitted]),
        "disputed": f"{sum(row.disputed for row in rows)}/{len(rows)}",
    }


def _sizes(errors: Sequence[float]) -> dict[str, float]:
    """Mean error, and mean, 90th percentile and greatest size, all in per cent."""
    values: npt.NDArray[np.float64] = 100 * np.array(errors)
    if not len(values):
        return {}
    size = np.abs(values)
    return {
        "bias": round(float(values.mean()), 1),
        "mean": round(float(size.mean()), 1),
        "p90": round(float(np.quantile(size, 0.9)), 1),
        "worst": round(float(size.max()), 1),
    }


if __name__ == "__main__":
    main()
