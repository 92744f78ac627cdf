"""Times of recognised words against the times at which they were spoken: `python bench/word_times.py [FOLDER ...]`.

FOLDER holds `.call` texts (default: the samples and the labelled dialogues). Of each, --calls N are taken at even steps
and spoken three times by spoken_words.py, which knows when each word begins and ends: over a good line, with more noise
and with leak. They are heard and recognised as a recording is. Rightly heard words are those that lie beside the same
word in jiwer's alignment. Prints for each line, and for all, the share of these words whose start, end and both lie
within 150 ms of the truth, and the signed errors by the place of the word: at the edge of a turn, beside a pause of
0.15 s and more in it, or between other words. Recordings are kept in build/word-times.

With --talks FOLDER it measures recorded talks with known turns (NAME.wav, NAME.json) instead: where the sound of a turn
falls 10, 20 and 30 dB under its loud part for good, and where its last word ends, both from the end the truth gives it.
`dip_s`, on both, is where the mean level is lowest within 70 ms of the starts of words that follow another one: what
there is to compare with where single words have no truth.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from numpy.typing import NDArray

from belscore.audio import SAMPLE_RATE_HZ, Samples, decode
from belscore.call import Call, Word
from belscore.decoder import Recogniser
from belscore.models import find_model
from belscore.notation import parse_call
from belscore.transcribe import load_model, recognise
from belscore.vad import channel_spans
from speak import missing_programs
from spoken_words import Line, SpokenWord, speak_words
from wer import ROLES, Channel, matches, normalise, spread

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "samples" / "calls", ROOT / "tests" / "dialogues")
KEPT = ROOT / "build" / "word-times"
LINES = {"good line": Line(28.0), "noise": Line(15.0), "leak": Line(28.0, -20.0)}
NEAR_S = 0.15
# A silence this long inside a turn is a pause; shorter ones are glottal stops.
PAUSE_S = 0.15
DECAYS_DB = (10, 20, 30)
FRAME_S = 0.01
DIP_S = 0.07
# Words over this probability are right more often than not (bench/wer.py), and so they lie where they were said.
SURE = 0.6
Levels = NDArray[np.float64]
Pair = tuple[SpokenWord, Word]


def pairs(spoken: Sequence[SpokenWord], heard: Sequence[Word]) -> Iterator[Pair]:
    """Each rightly heard word beside the one that was spoken; what is written as several words is left out."""
    said = [(part, each) for each in spoken for part in normalise(each.word.text)]
    found = [(part, word) for word in heard for part in normalise(word.text)]
    if not said or not found:
        return
    out = jiwer.process_words(" ".join(part for part, _ in said), " ".join(part for part, _ in found))
    for chunk in out.alignments[0]:
        if chunk.type == "equal":
            places = range(chunk.ref_start_idx, chunk.ref_end_idx), range(chunk.hyp_start_idx, chunk.hyp_end_idx)
            for at, other in zip(*places, strict=True):
                true, word = said[at][1], found[other][1]
                if len(normalise(true.word.text)) == len(normalise(word.text)) == 1:
                    yield true, word


def place(pause_s: float | None) -> str:
    if pause_s is None:
        return "turn"
    return "pause" if pause_s >= PAUSE_S else "word"


def figures(found: Sequence[Pair]) -> dict[str, Any]:
    """Shares within NEAR_S and signed errors; `starts` and `ends` by what lies before and behind the word."""
    starts = np.array([word.start_s - true.word.start_s for true, word in found])
    ends = np.array([word.end_s - true.word.end_s for true, word in found])
    near = np.abs(starts) <= NEAR_S, np.abs(ends) <= NEAR_S
    by_place: dict[str, dict[str, list[float]]] = {"starts": defaultdict(list), "ends": defaultdict(list)}
    for (true, _), start, end in zip(found, starts, ends, strict=True):
        by_place["starts"][place(true.pause_before_s)].append(float(start))
        by_place["ends"][place(true.pause_behind_s)].append(float(end))
    return {
        "words": len(found),
        "start_near": round(float(near[0].mean()), 3),
        "end_near": round(float(near[1].mean()), 3),
        "both_near": round(float((near[0] & near[1]).mean()), 3),
        **{side: {name: spread(errors) for name, errors in sorted(sides.items())} for side, sides in by_place.items()},
    }


def measure(folders: Sequence[Path], count: int, skip: int, recogniser: Recogniser) -> dict[str, dict[str, Any]]:
    found: dict[str, list[Pair]] = {name: [] for name in LINES}
    spoken_levels, heard_levels = list[Levels](), list[Levels]()
    said = 0
    for name, call in chosen(folders, count, skip):
        for line, settings in LINES.items():
            spoken = speak_words(name, call, settings, KEPT)
            for true, (samples, words) in zip(spoken.words, heard(spoken.path, recogniser), strict=True):
                found[line] += pairs(true, words)
                said += len(true)
                inner = [each.word.start_s for each in true if place(each.pause_before_s) == "word"]
                spoken_levels += levels_around(samples, inner)
                heard_levels += levels_around(samples, following(words))
    everything = [pair for each in found.values() for pair in each]
    rows = {name: figures(each) for name, each in found.items()}
    dips = {"spoken": dip_s(spoken_levels), "heard": dip_s(heard_levels)}
    return {**rows, "all": {"spoken": said, **figures(everything), "dip_s": dips}}


def heard(path: Path, recogniser: Recogniser) -> list[tuple[Samples, tuple[Word, ...]]]:
    """The channels of a recording with the words recognised in each."""
    recording = decode(path)
    words = recognise(recording.channels, channel_spans(recording), recogniser)
    return list(zip(recording.channels, words, strict=True))


def following(words: Sequence[Word]) -> list[float]:
    """Starts of words that follow another one without a gap, of those that are likely right."""
    sure = [(before, word) for before, word in pairwise(words) if min(before.probability, word.probability) > SURE]
    return [word.start_s for before, word in sure if word.start_s - before.end_s < 2 * FRAME_S]


def levels_around(samples: Samples, starts_s: Sequence[float]) -> list[Levels]:
    """Levels in dB of the frames around each time, as far as the recording reaches."""
    level_db, reach = levels(samples), round(DIP_S / FRAME_S)
    middles = [round(start_s / FRAME_S) for start_s in starts_s]
    cuts = [level_db[middle - reach : middle + reach + 1] for middle in middles if middle >= reach]
    return [cut for cut in cuts if len(cut) == 2 * reach + 1]


def dip_s(found: Sequence[Levels]) -> float | None:
    if not found:
        return None
    return round((int(np.mean(found, axis=0).argmin()) - round(DIP_S / FRAME_S)) * FRAME_S, 2)


def levels(samples: Samples) -> Levels:
    hop = round(FRAME_S * SAMPLE_RATE_HZ)
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop).astype(np.float64)
    result: Levels = 10 * np.log10((frames**2).mean(axis=1) + 1e-12)
    return result


def chosen(folders: Sequence[Path], count: int, skip: int) -> Iterator[tuple[str, Call]]:
    """Stereo calls of each folder at even steps; `skip` begins later, for other calls than those of another run."""
    for folder in folders:
        calls = [(path.stem, parse_call(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.call"))]
        stereo = [(name, call) for name, call in calls if call.channels == "separate"]
        step = max(1, len(stereo) // count)
        yield from stereo[skip::step][:count]


def talks(folder: Path, recogniser: Recogniser) -> dict[str, dict[str, Any]]:
    """Where the sound of whole turns and their last words end, against the end that the truth gives them."""
    falls: dict[str, list[float]] = defaultdict(list)
    around: list[Levels] = []
    for path in sorted(folder.glob("*.wav")):
        turns = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["turns"]
        for role, (samples, words) in zip(ROLES, heard(path, recogniser), strict=True):
            around += levels_around(samples, following(words))
            own = [turn for turn in turns if turn["role"] == role]
            for turn, first, last, word in matches(Channel(path.stem, own, words)):
                if turn is not None and word is not None and first:
                    falls["first word starts"].append(word.start_s - turn["start_s"])
                if turn is None or word is None or not last or not turn["complete"]:
                    continue
                for depth_db, end_s in zip(DECAYS_DB, decay(samples, turn["start_s"], turn["end_s"]), strict=True):
                    falls[f"sound {depth_db} dB down"].append(end_s - turn["end_s"])
                    falls[f"last word ends, from {depth_db} dB down"].append(word.end_s - end_s)
                falls["last word ends"].append(word.end_s - turn["end_s"])
    return {**{name: spread(errors) for name, errors in falls.items()}, "dip": {"dip_s": dip_s(around)}}


def decay(samples: Samples, start_s: float, end_s: float) -> list[float]:
    """When the sound of a turn is for the last time so far under its loud part (95th percentile of its frames)."""
    level_db = levels(samples[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)])
    loud_db = float(np.percentile(level_db, 95))
    return [start_s + (int(np.flatnonzero(level_db > loud_db - down)[-1]) + 1) * FRAME_S for down in DECAYS_DB]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=list(FOLDERS))
    parser.add_argument("--calls", type=int, default=8, help="calls of each folder")
    parser.add_argument("--skip", type=int, default=0, help="calls of each folder to begin after")
    parser.add_argument("--talks", type=Path, help="recorded talks to measure instead")
    parser.add_argument("--model", help="name or folder of the speech model; the best one present when left out")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.talks is None and (missing := missing_programs()):
        parser.error(missing)
    recogniser = load_model(find_model(options.model), threads=options.threads)
    if options.talks is not None:
        rows = talks(options.talks, recogniser)
    else:
        rows = measure(options.folders, options.calls, options.skip, recogniser)
    for name, row in rows.items():
        print(json.dumps({"of": name, **row}))


if __name__ == "__main__":
    main()
