"""Speaking rate against known text: bench/tempo.py [FOLDER...] [--spoken N] [--calls FOLDER...].

A folder holds recordings with their truth beside them: NAME.wav with NAME.json as bench/hearing.py reads it, or a
sample (NAME.mp3 and others) with NAME.call. The true rate is that of the syllables in the text over the time spoken:
the spans of the truth, or for a sample its turns without pauses, by the level of the sound. Turns that are cut off are
left out, since their text is longer than what is heard. --spoken N adds N calls of the samples and N of the labelled
dialogues, spoken by spoken_words.py at five tempi over a good line, in noise and with leak: there the time spoken is
that of the synthesis, and no measurement. --calls reads the call JSON that `belscore transcribe` wrote earlier in place
of transcribing; --noise adds white noise and --leak each channel to the other, for the nuclei alone.

Prints for each channel the true articulation rate in syllables per second and six errors in per cent: of the rate over
the same turns, and what it comes from: the syllables of the recognised words and the seconds of the speech spans; of
the rate on the scorecard, which holds the turns that are cut off as well; of the speaking rate (pauses included) on it;
and of the rate from the syllable nuclei. Then a JSON for each set: mean, mean size, 90th percentile and greatest size
of the errors, the nuclei apart for the recordings that their bounds were fitted on (every other one) and those held
out, and on how many channels words and nuclei disagree so far that a verdict would be `unsure`. `loud` is the share of
the true time that lies less than GATE_DB under the loud part of its turn: dry speech fills its time, in a room the rest
is the sound dying away. Last, by the probability of their words, how far turns are off (root mean square, per cent) by
the words, by the nuclei and by the mean of both, the nuclei by their number per syllable in the set.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from belscore.call import Word
from belscore.language.numbers import NumberReader
from belscore.rulebook import load_rules
from belscore.syllables import spoken_counts
from belscore.tempo import Articulation, Tempo
from tempo_truth import Channel, Said, Spoiling, recorded, spoken

# Fewer syllables than this on a channel, and in a turn, say nothing of a rate.
MIN_SYLLABLES = 25
MIN_TURN_SYLLABLES = 4
# Turns by the mean probability of their words.
PROBABILITIES = (0.0, 0.35, 0.5, 0.65, 0.8, 1.01)
ERRORS = ("rate", "syllables", "seconds", "card", "speaking", "nuclei")


@dataclass(frozen=True, slots=True)
class Turned:
    """A turn: its syllables by the text, by the words (of mean probability 0..1) and by the nuclei."""

    true: int
    words: int
    nuclei: int
    probability: float


@dataclass(frozen=True, slots=True)
class Row:
    """One channel: the true rate in syllables per second, the errors of the measured ones as shares, by ERRORS."""

    name: str
    true_sps: float
    errors: tuple[float, ...]
    loud: float
    disputed: bool
    fitted: bool
    clean: bool
    turns: tuple[Turned, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--spoken", type=int, default=0)
    parser.add_argument("--calls", type=Path, nargs="*", default=[], help="folders with call JSON of the recordings")
    parser.add_argument("--noise", type=float, default=None)
    parser.add_argument("--leak", type=float, default=None)
    args = parser.parse_args()
    numbers = load_rules().knowledge.values.numbers
    rows: dict[str, list[Row]] = defaultdict(list)
    spoiling = Spoiling(args.noise, args.leak)
    sets = [(folder.name, recorded(folder, args.calls, spoiling)) for folder in args.folders]
    if args.spoken:
        sets.append(("spoken", spoken(args.spoken)))
    for name, found in sets:
        for index, (of, channels) in enumerate(found):
            several = f"{name}, {of}" if name == "spoken" else name
            for channel in channels:
                rows[several] += _rows(channel, numbers, fitted=index % 2 == 0 and name != "spoken")
    print(f"{'':34}{'true':>6}" + "".join(f"{name:>11}" for name in ERRORS))
    for row in (row for each in rows.values() for row in each):
        errors = "".join(f"{100 * error:+11.1f}" for error in row.errors)
        print(f"{row.name:34}{row.true_sps:6.2f}{errors}{'  disputed' if row.disputed else ''}")
    for name, each in rows.items():
        print(json.dumps({"set": name, **_summary(each)}))
    for name, each in rows.items():
        print(json.dumps({"set": name, "turns": _by_probability([turn for row in each for turn in row.turns])}))


def _rows(channel: Channel, numbers: NumberReader, *, fitted: bool) -> Iterator[Row]:
    said, role = channel.said, channel.role
    count = sum(_syllables(turn.text, numbers) for turn in said)
    if count < MIN_SYLLABLES:
        return
    speech_s = sum(span.duration_s for turn in said for span in turn.speech)
    rates = Articulation(channel.call, role, numbers)
    turns = [_turned(channel, turn, numbers) for turn in said]
    here, whole = [rates.tempo(turn.around) for turn in said], rates.tempo()
    spans = channel.call.speech_of(role)
    measured = (
        (_mean(here, "rate_sps") or 0) * speech_s / count,
        sum(turn.words for turn in turns) / count,
        sum(span.overlap_s(turn.around) for turn in said for span in spans) / speech_s,
        (whole.rate_sps or 0) * speech_s / count,
        (rates.speaking().rate_sps or 0) * sum(turn.span.duration_s for turn in said) / count,
        (_mean(here, "heard_sps") or 0) * speech_s / count,
    )
    errors = tuple(value - 1 for value in measured)
    loud = sum(turn.loud_s for turn in said) / speech_s
    name = f"{channel.name} {role}"
    yield Row(name, count / speech_s, errors, loud, whole.disputed, fitted, channel.clean, tuple(turns))


def _turned(channel: Channel, turn: Said, numbers: NumberReader) -> Turned:
    sound = channel.call.sound.get(channel.role)
    nuclei = sum(turn.around.start_s <= at_s < turn.around.end_s for at_s in sound.nuclei) if sound else 0
    words = [word for each in channel.call.turns_of(channel.role) for word in each.words if _in(word, turn)]
    counts = [spoken_counts(numbers)[word.text] for word in words]
    weighed = sum(word.probability * each for word, each in zip(words, counts, strict=True))
    return Turned(_syllables(turn.text, numbers), sum(counts), nuclei, weighed / max(1, sum(counts)))


def _in(word: Word, turn: Said) -> bool:
    return turn.around.start_s <= (word.start_s + word.end_s) / 2 <= turn.around.end_s


def _mean(tempos: Sequence[Tempo], rate: str) -> float | None:
    """Mean of a rate over stretches, by their time."""
    known = [(getattr(tempo, rate), tempo.speech_s) for tempo in tempos if getattr(tempo, rate) is not None]
    total_s = sum(speech_s for _, speech_s in known)
    return sum(sps * speech_s for sps, speech_s in known) / total_s if total_s else None


def _syllables(text: str, numbers: NumberReader) -> int:
    return sum(spoken_counts(numbers)[word] for word in text.split())


def _summary(rows: Sequence[Row]) -> dict[str, Any]:
    clean = [row for row in rows if row.clean]
    found = {name: _sizes([row.errors[at] for row in rows]) for at, name in enumerate(ERRORS)}
    nuclei = ERRORS.index("nuclei")
    return {
        "channels": len(rows),
        **found,
        "rate_clean": _sizes([row.errors[0] for row in clean]),
        "card_clean": _sizes([row.errors[ERRORS.index("card")] for row in clean]),
        "nuclei_fitted": _sizes([row.errors[nuclei] for row in rows if row.fitted]),
        "nuclei_held_out": _sizes([row.errors[nuclei] for row in rows if not row.fitted]),
        "loud_clean": round(float(np.mean([row.loud for row in clean])), 3) if clean else None,
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


def _by_probability(turns: Sequence[Turned]) -> dict[str, dict[str, float]]:
    """Of turns whose words have a like probability, how far each way of counting is off."""
    long = [turn for turn in turns if turn.true >= MIN_TURN_SYLLABLES]
    per_syllable = sum(turn.nuclei for turn in long) / max(1, sum(turn.true for turn in long)) or 1.0
    found: dict[str, dict[str, float]] = {}
    for low, high in pairwise(PROBABILITIES):
        some = [turn for turn in long if low <= turn.probability < high]
        true = np.array([turn.true for turn in some])
        words, nuclei = (np.array([getattr(turn, way) for turn in some]) for way in ("words", "nuclei"))
        ways = {"words": words, "nuclei": nuclei / per_syllable, "both": (words + nuclei / per_syllable) / 2}
        off = {way: round(100 * float(np.sqrt(np.mean((each / true - 1) ** 2))), 1) for way, each in ways.items()}
        found[f"{low:g}-{min(high, 1):g}"] = {"turns": len(some), **off} if some else {"turns": 0}
    return found


if __name__ == "__main__":
    main()
